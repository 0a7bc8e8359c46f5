/** @file The points of a grid, made one at a time: a million of them cost no memory. */

import { type Fold, splitFolds } from "@probegrid/probes";
import { encodingId } from "./cache.ts";
import { idOf } from "./canonical.ts";
import { type Checkpoint, openCheckpoint } from "./checkpoint.ts";
import { type Dataset, loadDataset } from "./dataset.ts";
import { ExperimentError, messageOf } from "./errors.ts";
import type { ClassifierSpec } from "./experiment/classifiers.ts";
import type { Experiment } from "./experiment/complete.ts";
import type { Pooling } from "./experiment/poolers.ts";
import { tokenName } from "./experiment/vocabulary.ts";
import { formatCount } from "./format.ts";
import { type GridModel, openGridModel } from "./grid-model.ts";
import { makeRandomCheckpoint, randomModel } from "./random-checkpoint.ts";

/** An experiment with its datasets read and its checkpoints opened. */
export type Grid = {
  readonly experiment: Experiment;
  readonly datasets: readonly Dataset[];
  readonly models: readonly GridModel[];
  readonly classifiers: readonly ClassifierSpec[];
  /** Place in the experiment of each dataset and model, by id: what a part of the grid is opened from. */
  readonly places: ReadonlyMap<string, number>;
  /** How the rows of each dataset are divided, by dataset id. */
  readonly splits: ReadonlyMap<string, Split>;
  /** What the grid leaves out, and why. */
  readonly notes: readonly string[];
};

/** One division of a dataset; its id is the hash of the dataset and the fold spec. */
export type Split = { readonly id: string; readonly folds: readonly Fold[] };

/** One encoding and everything probed on it. */
export type Pair = {
  readonly dataset: Dataset;
  readonly model: GridModel;
  readonly encoding: string;
};

/** One feature matrix and the classifiers that are fitted on it. */
export type Cell = Pair & {
  readonly pooling: Pooling;
  readonly classifiers: readonly ClassifierSpec[];
};

/** One point of the grid. */
export type Trial = Pair & {
  readonly pooling: Pooling;
  readonly classifier: ClassifierSpec;
  readonly id: string;
  /** Canonical JSON that the id is the hash of. */
  readonly spec: string;
};

/** Reads the datasets and opens the checkpoints of an experiment. Equal ones count once. */
export async function openGrid(experiment: Experiment, cache: string): Promise<Grid> {
  const datasets = new Map<string, Dataset>();
  const splits = new Map<string, Split>();
  const places = new Map<string, number>();
  for (const [index, spec] of experiment.datasets.entries()) {
    const dataset = await named(experiment, `datasets[${index}]`, () =>
      loadDataset(spec, { from: experiment.folder }),
    );
    if (datasets.has(dataset.id)) continue;
    datasets.set(dataset.id, dataset);
    places.set(dataset.id, index);
    splits.set(
      dataset.id,
      await named(experiment, `datasets[${index}]`, async () => splitRows(experiment, dataset)),
    );
  }
  const models = new Map<string, GridModel>();
  for (const [index, folder] of experiment.models.entries()) {
    const opened = await named(experiment, `models[${index}]`, () =>
      openModel(folder, { from: experiment.folder, memory: cache }),
    );
    if (models.has(opened.id)) continue;
    places.set(opened.id, index);
    models.set(
      opened.id,
      await named(experiment, "", async () => openGridModel(experiment, opened)),
    );
  }
  const classifiers = new Map(
    experiment.classifiers.map((one) => [`${one.key} ${one.seed ?? experiment.seed}`, one]),
  );
  return {
    experiment,
    datasets: [...datasets.values()],
    models: [...models.values()],
    classifiers: [...classifiers.values()],
    ...{ places, splits },
    notes: [
      ...unfitting([...datasets.values()], [...classifiers.values()], experiment),
      ...unread([...models.values()], [...classifiers.values()], experiment),
    ],
  };
}

/** A checkpoint folder, or the untrained twin of one. */
async function openModel(
  name: string,
  options: { readonly from: string; readonly memory: string },
): Promise<Checkpoint> {
  const random = randomModel(name);
  if (random === undefined) return await openCheckpoint(name, options);
  const trained = await openCheckpoint(random.model, options);
  const { seed } = random;
  const folder = makeRandomCheckpoint(trained, { cache: options.memory, seed });
  return { ...(await openCheckpoint(folder, options)), name: `${trained.name}, ${seedText(seed)}` };
}

const seedText = (seed: number) => (seed === 0 ? "random weights" : `random weights ${seed}`);

/** Classifiers that are not for a dataset's task are left out; a dataset that keeps none is an error. */
function unfitting(
  datasets: readonly Dataset[],
  classifiers: readonly ClassifierSpec[],
  { source }: Experiment,
): readonly string[] {
  return datasets.flatMap(({ name, task }) => {
    const unfit = classifiers.filter(({ tasks }) => !tasks.includes(task)).map((one) => one.name);
    if (unfit.length === 0) return [];
    const names = [...new Set(unfit)].join(", ");
    if (unfit.length < classifiers.length) return [`dataset ${name} is ${task}: without ${names}`];
    throw new ExperimentError(
      `${source}: classifiers: expected at least one for ${task}, the task of dataset "${name}", got ${names}`,
    );
  });
}

/** Whether a classifier can read a pooling: attention is learned with a network, a mix needs layers side by side. */
export function reads(
  { needs, attends }: Pick<ClassifierSpec, "needs" | "attends">,
  { layerMethod, token }: Pooling,
): boolean {
  if (token.kind === "attention") return attends;
  return needs === null || (needs === "layers" && layerMethod === "concat");
}

/** Pairs of pooling and classifier that the grid leaves out; a classifier or pooling without any partner is an error. */
function unread(
  models: readonly GridModel[],
  classifiers: readonly ClassifierSpec[],
  { source }: Experiment,
): readonly string[] {
  const poolings = models.flatMap((model) => model.poolings);
  const alone = classifiers.find((one) => !poolings.some((pooling) => reads(one, pooling)));
  if (alone !== undefined) {
    const wanted =
      alone.needs === "layers"
        ? 'a pooler with layerMethod "concat", such as { layer: "every", layerMethod: "concat" }'
        : 'a pooler with another token than "attention", which only networks can learn';
    throw new ExperimentError(`${source}: poolers: classifier ${alone.name}: expected ${wanted}`);
  }
  const lone = poolings.find((pooling) => !classifiers.some((one) => reads(one, pooling)));
  if (lone !== undefined) {
    throw new ExperimentError(
      `${source}: classifiers: expected at least one for layer ${lone.layerName}, ${tokenText(lone)}, such as single-layer`,
    );
  }
  const left = new Map<string, Set<string>>();
  for (const pooling of poolings) {
    for (const one of classifiers.filter((classifier) => !reads(classifier, pooling))) {
      const where = one.needs === null ? tokenText(pooling) : "poolings of single vectors";
      left.set(where, (left.get(where) ?? new Set()).add(one.name));
    }
  }
  return [...left].map(([where, names]) => `${where}: without ${[...names].join(", ")}`);
}

const tokenText = ({ token }: Pooling) => (token.kind === "custom" ? token.name : tokenName(token));

/** Rows of all folds together: 400 MB of row numbers. */
const mostFoldRows = 1e8;

function splitRows(experiment: Experiment, dataset: Dataset): Split {
  const { folds } = experiment;
  const count = foldCount(experiment);
  const rows = dataset.texts.length;
  if (count > rows && count * rows > mostFoldRows) {
    const most = formatCount(Math.floor(mostFoldRows / rows));
    throw new Error(
      `folds: expected at most ${most} for ${formatCount(rows)} rows, got ${formatCount(count)}`,
    );
  }
  return {
    id: idOf({ dataset: dataset.id, folds }),
    folds: splitFolds(folds, { ...dataset, classes: dataset.labels?.length ?? 0 }),
  };
}

/** Every encoding of a grid. */
export function* pairsOf(grid: Grid): Generator<Pair> {
  const { truncation, maxTokens, precision } = grid.experiment;
  for (const dataset of grid.datasets) {
    for (const model of grid.models) {
      const key = { dataset: dataset.id, model: model.checkpoint.id };
      yield { dataset, model, encoding: encodingId({ ...key, truncation, maxTokens, precision }) };
    }
  }
}

/** Every feature matrix of a pair, with the classifiers that fit its dataset's task. */
export function* cellsOf(grid: Grid, pair: Pair): Generator<Cell> {
  const classifiers = grid.classifiers.filter((one) => one.tasks.includes(pair.dataset.task));
  for (const pooling of pair.model.poolings) {
    yield { ...pair, pooling, classifiers: classifiers.filter((one) => reads(one, pooling)) };
  }
}

/** How many folds each trial has. */
export function foldCount({ folds }: Experiment): number {
  if (folds.kind === "fixed") return 1;
  return folds.kind === "resampled" ? folds.n : folds.k * (folds.repeats ?? 1);
}

/** Says which file and which place in it an error is about. */
async function named<T>({ source }: Experiment, path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const where = path === "" ? source : `${source}: ${path}`;
    throw new ExperimentError(`${where}: ${messageOf(cause)}`, { cause });
  }
}
