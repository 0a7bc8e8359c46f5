/** @file Which rows train, validate and test: as the files say, else seeded shares with every class in each. */

import { createRandom } from "@probegrid/probes";
import type { Dataset } from "../dataset.ts";
import { ExperimentError } from "../errors.ts";
import type { FinetuneSettings } from "./settings.ts";

export type Division = {
  readonly train: Uint32Array;
  readonly validation: Uint32Array;
  /** Rows of the final scores; those of `validation` where nothing was held back. */
  readonly test: Uint32Array;
  /** What a reader of the scores must know. */
  readonly warnings: readonly string[];
};

/** Divides rows; refuses data that nothing can be learned from. */
export function divideRows(
  dataset: Dataset,
  { validFrac, testFrac, seed }: Pick<FinetuneSettings, "validFrac" | "testFrac" | "seed">,
): Division {
  const { parts } = dataset;
  const ofPart = (part: number) => rowsWhere(dataset, (row) => parts?.[row] === part);
  let rest = parts === null ? rowsWhere(dataset, () => true) : ofPart(1);
  let test = ofPart(3);
  let validation = ofPart(2);
  const random = createRandom(seed);
  if (test.length === 0 && testFrac > 0) {
    [test, rest] = take(dataset, rest, { share: testFrac, random: random.fork("test") });
  }
  if (validation.length === 0 && validFrac > 0) {
    [validation, rest] = take(dataset, rest, {
      share: validFrac,
      random: random.fork("validation"),
    });
  }
  const scored = test.length > 0 ? test : validation;
  const division = { train: rest, validation, test: scored.length > 0 ? scored : rest };
  return { ...division, warnings: check(dataset, division) };
}

type Random = ReturnType<typeof createRandom>;

/** A share of the rows, class by class, identical texts together; and the rest. */
function take(
  dataset: Dataset,
  rows: Uint32Array,
  { share, random }: { readonly share: number; readonly random: Random },
): [Uint32Array, Uint32Array] {
  const classOf = (row: number): number => (dataset.labels === null ? 0 : dataset.targets[row]!);
  const members = new Map<number, number[]>();
  for (const row of rows) append(members, dataset.groups[row]!, row);
  const groups = [...members.values()];
  const sizes = new Map<number, number>();
  for (const row of rows) sizes.set(classOf(row), (sizes.get(classOf(row)) ?? 0) + 1);
  const wanted = new Map(
    [...sizes].map(([label, size]) => [
      label,
      size < 2 ? 0 : Math.max(1, Math.round(size * share)),
    ]),
  );
  const taken = new Set<number>();
  for (const index of random.permutation(groups.length)) {
    const group = groups[index]!;
    const label = classOf(group[0]!);
    const left = wanted.get(label)!;
    if (group.length > left) continue;
    for (const row of group) taken.add(row);
    wanted.set(label, left - group.length);
  }
  return [rows.filter((row) => taken.has(row)), rows.filter((row) => !taken.has(row))];
}

function append(map: Map<number, number[]>, key: number, value: number): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

function rowsWhere(dataset: Dataset, holds: (row: number) => boolean): Uint32Array {
  return Uint32Array.from(dataset.texts.keys()).filter(holds);
}

function check(
  { labels, targets, name }: Dataset,
  { train, validation, test }: Omit<Division, "warnings">,
): readonly string[] {
  if (train.length === 0) throw new ExperimentError(`dataset "${name}": no rows are left to train`);
  if (labels === null) return [];
  const present = (rows: Uint32Array) => new Set(Array.from(rows, (row) => targets[row]!));
  const trained = present(train);
  if (trained.size < 2) {
    const only = labels[[...trained][0]!];
    throw new ExperimentError(
      `dataset "${name}": expected training rows of at least two classes, all ${train.length} are "${only}"`,
    );
  }
  const missing = (rows: Uint32Array) =>
    rows.length === 0 ? [] : labels.filter((_, label) => !present(rows).has(label));
  const list = (names: readonly string[]) => names.map((one) => `"${one}"`).join(", ");
  const untrained = labels.filter((_, label) => !trained.has(label));
  const unvalidated = missing(validation);
  const untested = test === validation ? [] : missing(test);
  return [
    ...(untrained.length > 0
      ? [`no training row is ${list(untrained)}: it can not be learned`]
      : []),
    ...(unvalidated.length > 0
      ? [`no validation row is ${list(unvalidated)}: macro F1 does not count it`]
      : []),
    ...(untested.length > 0
      ? [`no test row is ${list(untested)}: macro F1 does not count it`]
      : []),
    ...(validation.length > 0 && test === validation
      ? ["scored on the validation rows, which also chose the epoch: give a test file or testFrac"]
      : []),
    ...(validation.length === 0 && test === train
      ? ["scored on the training rows: nothing was held back"]
      : []),
  ];
}
