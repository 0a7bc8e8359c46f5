/** @file Which fold tests each row: by class, or by group. */

import { DataError } from "./array.ts";
import type { Rows } from "./folds.ts";
import { createRandom } from "./random.ts";

function requireK(k: number, rows: number): void {
  if (!Number.isInteger(k) || k < 2)
    throw new DataError(`folds: expected k of at least 2, got ${k}`);
  if (k > rows)
    throw new DataError(
      `folds: expected at most as many folds as rows, got k = ${k} for ${rows} rows`,
    );
}

/** Fold number of every row: the class counts of scikit-learn's StratifiedKFold, rows drawn by our seed. */
export function assignStratified(
  { k, seed }: { k: number; seed: number | string },
  rows: Rows,
): Uint32Array {
  const { targets, task, classes } = rows;
  requireK(k, targets.length);
  const random = createRandom(seed).fork("stratified");
  const fold = new Uint32Array(targets.length);
  if (task === "regression") {
    random.permutation(targets.length).forEach((row, i) => {
      fold[row] = i % k;
    });
    return fold;
  }
  // The sorted labels are dealt out like cards, so both the folds and the classes come out even.
  let dealt = 0;
  for (let label = 0; label < classes; label++) {
    const members = rowsWhere(targets, label);
    if (members.length === 0) continue;
    if (members.length < k) {
      throw new DataError(
        `folds: expected at least ${k} rows of every class for ${k} folds, got ${members.length} of class ${label}`,
      );
    }
    const order = random.permutation(members.length);
    order.forEach((member, i) => {
      fold[members[member]!] = (dealt + i) % k;
    });
    dealt += members.length;
  }
  return fold;
}

/** Fold number of every row: largest groups first, each where it keeps the class shares most even. */
export function assignGroups(
  { k, seed }: { k: number; seed: number | string },
  rows: Rows,
): Uint32Array {
  const { targets, task, groups } = rows;
  requireK(k, targets.length);
  if (!groups) throw new DataError("folds: grouped folds need groups, and the data has none");
  const classes = task === "regression" ? 1 : rows.classes;
  const classOf = (row: number) => (task === "regression" ? 0 : targets[row]!);
  const members = groupMembers(groups);
  if (members.length < k) {
    throw new DataError(
      `folds: expected at least ${k} groups for ${k} folds, got ${members.length}`,
    );
  }
  const shuffled = createRandom(seed).fork("grouped").permutation(members.length);
  const order = Array.from(shuffled, (i) => members[i]!).sort((a, b) => b.length - a.length);
  const totals = new Float64Array(classes);
  for (let row = 0; row < targets.length; row++) totals[classOf(row)]! += 1;
  const filled = new Float64Array(k * classes);
  const fold = new Uint32Array(targets.length);
  for (const group of order) {
    const counts = new Map<number, number>();
    for (const row of group) counts.set(classOf(row), (counts.get(classOf(row)) ?? 0) + 1);
    // Growth of Σ (share of class c in fold f)² if this group joined fold f.
    let best = 0;
    let least = Number.POSITIVE_INFINITY;
    for (let f = 0; f < k; f++) {
      let growth = 0;
      for (const [c, g] of counts)
        growth += (g * (2 * filled[f * classes + c]! + g)) / totals[c]! ** 2;
      if (growth < least - 1e-15) {
        least = growth;
        best = f;
      }
    }
    for (const [c, g] of counts) filled[best * classes + c]! += g;
    for (const row of group) fold[row] = best;
  }
  return fold;
}

/** Rows of each group, in the order in which groups first occur. */
export function groupMembers(groups: Int32Array): readonly (readonly number[])[] {
  const byGroup = new Map<number, number[]>();
  groups.forEach((group, row) => {
    const members = byGroup.get(group);
    if (members) members.push(row);
    else byGroup.set(group, [row]);
  });
  return [...byGroup.values()];
}

/** Rows that hold a value, ascending. */
export function rowsWhere(values: ArrayLike<number>, wanted: number): Uint32Array {
  const found: number[] = [];
  for (let i = 0; i < values.length; i++) if (values[i] === wanted) found.push(i);
  return Uint32Array.from(found);
}
