/** @file What the page of fine-tunings shows, worked out from the store: each training with its curves, its end, its place among the others. */

import {
  type CurveRow,
  fetchCurves,
  fetchFinalScores,
  fetchGuesses,
  fetchTrainings,
  fetchTuned,
  type TrainingRow,
  type TuningExperiment,
} from "./queries/finetuning.ts";
import type { Store } from "./store.ts";
import { type Ending, endingOf } from "./training-end.ts";

export type Training = {
  readonly id: string;
  readonly state: TrainingRow["state"];
  readonly ending: Ending | null;
  readonly dataset: string;
  readonly model: string;
  readonly head: string;
  readonly seed: number | null;
  /** Knobs on which the trainings shown differ: "learningRate=0.001 batchSize=32". */
  readonly knobs: string;
  readonly maxEpochs: number;
  readonly points: readonly CurveRow[];
  /** Evaluations so far, and the epochs and updates they stand after. */
  readonly latest: Place | null;
  /** The evaluation with the highest watched score of the validation rows. */
  readonly best: (Place & { readonly value: number }) | null;
  /** Final scores, by metric. */
  readonly scores: Readonly<Record<string, number>>;
  readonly seconds: number | null;
  readonly flags: readonly string[];
  /** The folder that became its checkpoint, as it was named; null where it is not known, or was removed. */
  readonly checkpoint: string | null;
  readonly command: string | null;
};

export type Place = { readonly evaluation: number; readonly epoch: number; readonly step: number };

export type Tuning = {
  readonly experiment: TuningExperiment;
  readonly experiments: readonly string[];
  readonly datasets: readonly string[];
  readonly dataset: string;
  readonly task: TrainingRow["task"];
  /** The score that decides: macro F1, or R² of a regression. */
  readonly watched: "macroF1" | "r2";
  /** Best first, then those without a score in the order planned. */
  readonly trainings: readonly Training[];
  readonly best: Training | null;
  /** The best guess on the rows of the final scores, by metric. */
  readonly guesses: readonly {
    readonly name: string;
    readonly metric: string;
    readonly value: number;
  }[];
  readonly pruning: string | null;
};

type Asked = { readonly experiment?: string | undefined; readonly dataset?: string | undefined };

/** The experiment asked for (the newest when none is), on one of its datasets; null where nothing was fine-tuned. */
export function reportTuning(store: Store, asked: Asked): Tuning | null {
  const experiments = fetchTuned(store);
  const experiment = experiments.find(({ name }) => name === asked.experiment) ?? experiments[0];
  if (experiment === undefined) return null;
  const rows = fetchTrainings(store, experiment.name);
  const datasets = [...new Set(rows.map(({ dataset }) => dataset))];
  const dataset = datasets.find((name) => name === asked.dataset) ?? datasets[0] ?? "";
  const own = rows.filter((row) => row.dataset === dataset);
  const task = own[0]?.task ?? "classification";
  const watched = task === "classification" ? "macroF1" : "r2";
  const trainings = readTrainings(store, { experiment, rows: own, watched });
  const best = trainings.find((training) => training.best !== null) ?? null;
  const split = own.find(({ id }) => id === best?.id)?.split ?? own[0]?.split ?? null;
  const { pruning } = JSON.parse(experiment.spec) as { pruning?: { kind?: string } | null };
  return {
    ...{ experiment, datasets, dataset, task, watched, trainings, best },
    experiments: experiments.map(({ name }) => name),
    guesses: split === null ? [] : fetchGuesses(store, split),
    pruning: pruning?.kind ?? null,
  };
}

type Wanted = {
  readonly experiment: TuningExperiment;
  readonly rows: readonly TrainingRow[];
  readonly watched: Tuning["watched"];
};

function readTrainings(store: Store, { experiment, rows, watched }: Wanted): readonly Training[] {
  const curves = byTrial(fetchCurves(store, experiment.name));
  const finals = byTrial(fetchFinalScores(store, experiment.name));
  const settings = rows.map(settingsOf);
  const varying = varyingKnobs(settings);
  const places = placesOf(experiment);
  const trainings = rows.map((row, i): Training => {
    const points = curves.get(row.key) ?? [];
    const { id, state, dataset, model, classifier: head, seed, seconds } = row;
    const flags = JSON.parse(row.flags ?? "[]") as string[];
    const place = places.get(id);
    return {
      ...{ id, state, dataset, model, head, seed, seconds, flags, points },
      ending: endingOf(row, flags, points),
      knobs: varying.map((name) => `${name}=${shown(settings[i]?.[name])}`).join(" "),
      maxEpochs: Number(settings[i]?.maxEpochs ?? 0),
      latest: points.at(-1) ?? null,
      best: bestOf(points, watched),
      scores: Object.fromEntries(
        (finals.get(row.key) ?? []).map(({ metric, value }) => [metric, value]),
      ),
      checkpoint: state === "done" ? (place?.out ?? null) : null,
      command: place?.command ?? null,
    };
  });
  const score = ({ best }: Training) => best?.value ?? -1e300;
  const ranked = trainings.toSorted((a, b) => score(b) - score(a));
  const { keep } = JSON.parse(experiment.spec) as { keep?: string };
  const over = rows.every(({ state }) => state === "done" || state === "failed");
  if (keep !== "best" || !over) return ranked;
  return ranked.map((one, i) => (i === 0 ? one : { ...one, checkpoint: null }));
}

/** Validation score of the best evaluation; of equals the first, as training keeps it. */
function bestOf(points: readonly CurveRow[], watched: string): Training["best"] {
  let best: CurveRow | null = null;
  for (const point of points) {
    if (point.part !== "validation" || point.metric !== watched) continue;
    if (best === null || point.value > best.value) best = point;
  }
  return best;
}

type Settings = Readonly<Record<string, unknown>>;

const settingsOf = ({ spec }: TrainingRow): Settings =>
  (JSON.parse(spec) as { settings?: Settings }).settings ?? {};

/** Shown as axes of their own, or without effect on what comes out. */
const apart = new Set(["pooling", "classificatorSize", "seed", "numWorkers"]);

function varyingKnobs(settings: readonly Settings[]): readonly string[] {
  const names = [...new Set(settings.flatMap((one) => Object.keys(one)))];
  return names.filter(
    (name) => !apart.has(name) && new Set(settings.map((one) => shown(one[name]))).size > 1,
  );
}

/** A value without spaces, which separate one knob from the next. */
const shown = (value: unknown): string =>
  typeof value === "string" ? value : JSON.stringify(value ?? null).replaceAll('"', "");

function placesOf({ spec }: TuningExperiment) {
  type Entry = { readonly id: string; readonly out?: string; readonly command?: string };
  const { trainings = [] } = JSON.parse(spec) as { trainings?: readonly Entry[] };
  return new Map(trainings.map((entry) => [entry.id, entry]));
}

function byTrial<Row extends { readonly trial: number }>(
  rows: readonly Row[],
): ReadonlyMap<number, readonly Row[]> {
  const groups = new Map<number, Row[]>();
  for (const row of rows) {
    const group = groups.get(row.trial);
    if (group) group.push(row);
    else groups.set(row.trial, [row]);
  }
  return groups;
}
