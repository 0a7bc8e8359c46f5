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

/** Test rows per training row in the first fold of the datasets in view: how much folds overlap. */
export function fetchTestShare(scope: Scope, datasets: readonly string[]): number {
  const codes = datasets.map((name) => scope.codes.get(name) ?? -1);
  const [split] = scope.store.all<{ id: string; folds: number }>(
    `select s.id, s.folds from main.splits s join temp.names n on n.id = s.dataset
       where ${codes.length === 0 ? "true" : `n.code in (${codes.join(", ")})`}
       order by s.id limit 1`,
  );
  if (split === undefined) return 0;
  const [first] = fetchSizesOfFolds(scope.store, split.id);
  if (first !== undefined && first.train > 0) return first.test / first.train;
  return split.folds > 1 ? 1 / (split.folds - 1) : 0; // imported results come without their rows
}
