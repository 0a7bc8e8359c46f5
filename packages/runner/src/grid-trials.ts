/** @file The trials of a cell: the spec of each, written fast, and the id that is its hash. */

import { canonicalJson, shortHash } from "./canonical.ts";
import type { ClassifierSpec } from "./experiment/classifiers.ts";
import type { Experiment } from "./experiment/complete.ts";
import { type Pooling, tokenKey } from "./experiment/poolers.ts";
import { statisticsOfSpec } from "./experiment/statistics.ts";
import type { Cell, Grid, Trial } from "./grid.ts";

/** Raise it when the same spec would give other scores: trials made before are then made anew. */
const algorithmVersion = 1;

/** Every trial of a cell whose id is wanted; all when not said. */
export function* trialsOf(
  grid: Grid,
  cell: Cell,
  wanted: (id: string) => boolean = () => true,
): Generator<Trial> {
  const spec = specWriter(grid, cell);
  const ids = idsOf(grid, cell);
  const { dataset, model, encoding, pooling } = cell;
  for (const [i, classifier] of cell.classifiers.entries()) {
    const id = ids[i] ?? "";
    // Written out: spreading a record is several times slower, and this runs millions of times.
    if (wanted(id))
      yield { dataset, model, encoding, pooling, classifier, id, spec: spec(classifier) };
  }
}

type KnownIds = {
  readonly classifiers: readonly ClassifierSpec[];
  readonly ids: readonly string[];
};

/** Ids by encoding, then by pooling; of large grids the first ones only, so that memory stays bounded. */
type Remembered = { readonly cells: Map<string, Map<Pooling, KnownIds>>; count: number };
const mostRemembered = 250_000; // ids, 120 bytes each
const remembered = new WeakMap<Grid, Remembered>();

/** Ids of a cell's trials, in the order of its classifiers. A run asks three times, and hashing takes its time. */
export function idsOf(grid: Grid, cell: Cell): readonly string[] {
  const memory = remembered.get(grid) ?? { cells: new Map(), count: 0 };
  remembered.set(grid, memory);
  const known = memory.cells.get(cell.encoding)?.get(cell.pooling);
  if (known && sameItems(known.classifiers, cell.classifiers)) return known.ids;
  const spec = specWriter(grid, cell);
  const ids = cell.classifiers.map((classifier) => shortHash(spec(classifier)));
  if (known || memory.count + ids.length > mostRemembered) return ids;
  memory.count += ids.length;
  const ofEncoding = memory.cells.get(cell.encoding) ?? new Map<Pooling, KnownIds>();
  memory.cells.set(
    cell.encoding,
    ofEncoding.set(cell.pooling, { classifiers: cell.classifiers, ids }),
  );
  return ids;
}

function sameItems<Item>(a: readonly Item[], b: readonly Item[]): boolean {
  return a.length === b.length && a.every((item, i) => item === b[i]);
}

/** The canonical JSON of trials that differ in their classifier only; its key sorts first, the rest is written once. */
function specWriter({ experiment }: Grid, cell: Cell): (classifier: ClassifierSpec) => string {
  const { before, after } = sharedText(experiment);
  const pooling = {
    layers: cell.pooling.layers,
    layerMethod: cell.pooling.layerMethod,
    token: tokenKey(cell.pooling.token),
  };
  // Keys in the order of canonical JSON, so that it need not be written anew for every trial.
  const own =
    `"dataset":${JSON.stringify(cell.dataset.id)},${before},` +
    `"model":${JSON.stringify(cell.model.checkpoint.id)},"pooling":${canonicalJson(pooling)}`;
  return ({ key, seed = experiment.seed }) =>
    `{"classifier":${key},${own},"seed":${JSON.stringify(seed)},${after}`;
}

type SharedText = { readonly before: string; readonly after: string };
const sharedTexts = new WeakMap<Experiment, SharedText>();

/** What the specs of all trials of an experiment have in common, before and after what differs. */
function sharedText(experiment: Experiment): SharedText {
  const known = sharedTexts.get(experiment);
  if (known !== undefined) return known;
  const { folds, truncation, maxTokens, precision, statistics } = experiment;
  const first = { encoding: { truncation, maxTokens, precision }, folds, kind: "probe" };
  const last = { ...asked(statisticsOfSpec(statistics)), version: algorithmVersion };
  const made = {
    before: canonicalJson(first).slice(1, -1),
    after: canonicalJson(last).slice(1),
  };
  sharedTexts.set(experiment, made);
  return made;
}

const asked = (statistics: object) => (Object.keys(statistics).length === 0 ? {} : { statistics });
