/** @file How rows were divided: sizes of the parts of each fold. */

import type { Store } from "../store.ts";
import type { Scope } from "./scope.ts";

/** Rows of one fold by what they were used for. */
export type Sizes = {
  readonly fold: number;
  readonly train: number;
  readonly validation: number;
  readonly test: number;
};

/** Sizes of every fold of a split, counted from its roles. */
export function fetchSizesOfFolds(store: Store, split: string): readonly Sizes[] {
  const rows = store.all<{ fold: number; roles: Uint8Array }>(
    "select fold, roles from main.split_folds where split = ? order by fold",
    split,
  );
  return rows.map(({ fold, roles }) => {
    const counts = [0, 0, 0, 0];
    for (const role of roles) counts[role] = (counts[role] ?? 0) + 1;
    const [, train = 0, validation = 0, test = 0] = counts;
    return { fold, train, validation, test };
  });
}

/** Test rows per training row where a trial and its like were scored, the most of these splits: how much folds overlap. */
export function fetchTestShare(scope: Scope, trial: number, splits: string): number {
  const [kept] = scope.store.all<{ rows: number | null }>(
    "select json_extract(spec, '$.classifier.trainRows') as rows from main.trials where key = ?",
    trial,
  );
  const ids = splits.split(" ").map((code) => scope.words[Number(code)] ?? "");
  return Math.max(0, ...ids.map((id) => shareOf(scope.store, id, kept?.rows ?? null)));
}

function shareOf(store: Store, split: string, trainRows: number | null): number {
  const [first] = fetchSizesOfFolds(store, split);
  if (first !== undefined && first.train > 0) return first.test / (trainRows ?? first.train);
  const [known] = store.all<{ folds: number }>("select folds from main.splits where id = ?", split);
  const folds = known?.folds ?? 0;
  return folds > 1 ? 1 / (folds - 1) : 0; // imported results come without their rows
}
