/** @file How rows are split into training, validation and test parts. */

import { DataError } from "./array.ts";
import { assignGroups, assignStratified, groupMembers, rowsWhere } from "./fold-assignment.ts";
import { createRandom, type Random } from "./random.ts";

/** Row numbers of one split, each list ascending. */
export type Fold = {
  readonly train: Uint32Array;
  readonly validation: Uint32Array;
  readonly test: Uint32Array;
};

/**
 * Ways to split:
 * - stratified: k folds, each with the class shares of the whole (plain k-fold for regression);
 * - grouped: k folds that never share a group, with class shares as even as the groups allow;
 * - resampled: n independent random splits (R1's), 70/10/20 unless said otherwise;
 * - fixed: one split, the parts that came with the data.
 * `validation` is the share of the k-fold training rows set aside for validation, none by default;
 * `repeats` divides anew so many times, each with a stream of its own, once by default.
 */
export type FoldSpec =
  | {
      readonly kind: "stratified";
      readonly k: number;
      readonly seed: number;
      readonly validation?: number;
      readonly repeats?: number;
    }
  | {
      readonly kind: "grouped";
      readonly k: number;
      readonly seed: number;
      readonly validation?: number;
      readonly repeats?: number;
    }
  | {
      readonly kind: "resampled";
      readonly n: number;
      readonly seed: number;
      readonly test?: number;
      readonly validation?: number;
    }
  | { readonly kind: "fixed" };

/** What is known of the rows to be split. */
export type Rows = {
  readonly task: "classification" | "regression";
  readonly targets: Int32Array | Float32Array;
  /** Number of classes, 0 for regression. */
  readonly classes: number;
  readonly groups?: Int32Array | null;
  /** 1 train, 2 validation, 3 test. */
  readonly parts?: Uint8Array | null;
};

/** Splits rows; the same spec and rows always give the same folds. */
export function splitFolds(spec: FoldSpec, rows: Rows): readonly Fold[] {
  requireClasses(rows);
  switch (spec.kind) {
    case "stratified":
      return repeatFolds(spec, (one) => fromAssignment(assignStratified(one, rows), one, rows));
    case "grouped":
      return repeatFolds(spec, (one) => fromAssignment(assignGroups(one, rows), one, rows));
    case "resampled":
      return resample(spec, rows.targets.length);
    case "fixed":
      return [fixedFold(rows)];
  }
}

/** The folds of every repeat after one another; the first repeat is the division that has no repeats. */
function repeatFolds(
  { repeats = 1, ...spec }: KFold,
  divide: (spec: KFold) => readonly Fold[],
): readonly Fold[] {
  return Array.from({ length: repeats }, (_, i) =>
    divide(i === 0 ? spec : { ...spec, seed: `${spec.seed} repeat ${i}` }),
  ).flat();
}

function requireClasses({ task, targets }: Rows): void {
  if (task === "regression") return;
  const present = new Set(targets);
  if (present.size < 2) {
    throw new DataError(
      `folds: expected at least 2 classes, got ${present.size} in ${targets.length} rows`,
    );
  }
}

type KFold = {
  readonly kind: string;
  readonly k: number;
  readonly seed: number | string;
  readonly validation?: number;
  readonly repeats?: number;
};

function fromAssignment(assigned: Uint32Array, spec: KFold, rows: Rows): readonly Fold[] {
  const random = createRandom(spec.seed).fork("validation");
  return Array.from({ length: spec.k }, (_, f) => {
    const test = rowsWhere(assigned, f);
    if (test.length === 0)
      throw new DataError(`folds: fold ${f} of ${spec.k} is empty, use fewer folds`);
    const rest = Uint32Array.from(assigned.keys()).filter((row) => assigned[row] !== f);
    if (!spec.validation) return { train: rest, validation: new Uint32Array(0), test };
    return {
      ...setAside(rest, spec.validation, {
        rows,
        random: random.fork(String(f)),
        grouped: spec.kind === "grouped",
      }),
      test,
    };
  });
}

type SetAside = { readonly rows: Rows; readonly random: Random; readonly grouped: boolean };

/** Takes about a share of the rows for validation: of every class, or whole groups. */
function setAside(
  from: Uint32Array,
  share: number,
  { rows, random, grouped }: SetAside,
): { train: Uint32Array; validation: Uint32Array } {
  const { targets, task, groups } = rows;
  const taken = new Set<number>();
  const wanted = Math.max(1, Math.floor(share * from.length));
  if (grouped && groups) {
    const members = groupMembers(Int32Array.from(from, (row) => groups[row]!));
    for (const i of random.permutation(members.length)) {
      if (taken.size >= wanted) break;
      for (const at of members[i]!) taken.add(from[at]!);
    }
  } else if (task === "regression") {
    for (const at of random.permutation(from.length).subarray(0, wanted)) taken.add(from[at]!);
  } else {
    for (let label = 0; label < rows.classes; label++) {
      const members = from.filter((row) => targets[row] === label);
      const count = Math.round(share * members.length);
      for (const at of random.permutation(members.length).subarray(0, count))
        taken.add(members[at]!);
    }
  }
  return {
    train: from.filter((row) => !taken.has(row)),
    validation: from.filter((row) => taken.has(row)),
  };
}

type Resampled = Extract<FoldSpec, { kind: "resampled" }>;

/** R1's folds: a fresh permutation each, ⌊test n⌋ and ⌊validation n⌋ rows, the rest train. */
function resample(
  { n, seed, test = 0.2, validation = 0.1 }: Resampled,
  rows: number,
): readonly Fold[] {
  if (!Number.isInteger(n) || n < 1)
    throw new DataError(`folds: expected n of at least 1, got ${n}`);
  const tests = Math.floor(test * rows);
  const validations = Math.floor(validation * rows);
  const trains = rows - tests - validations;
  if (tests < 1 || trains < 1) {
    throw new DataError(
      `folds: expected rows for training and testing, got ${trains} and ${tests} of ${rows}`,
    );
  }
  const random = createRandom(seed).fork("resampled");
  return Array.from({ length: n }, (_, i) => {
    const order = random.fork(String(i)).permutation(rows);
    return {
      train: order.slice(0, trains).sort(),
      validation: order.slice(trains, trains + validations).sort(),
      test: order.slice(trains + validations).sort(),
    };
  });
}

function fixedFold({ parts }: Rows): Fold {
  if (!parts)
    throw new DataError("folds: fixed folds need data that comes in parts, and this data does not");
  const fold = {
    train: rowsWhere(parts, 1),
    validation: rowsWhere(parts, 2),
    test: rowsWhere(parts, 3),
  };
  for (const name of ["train", "test"] as const) {
    if (fold[name].length === 0) throw new DataError(`folds: the fixed ${name} part has no rows`);
  }
  return fold;
}
