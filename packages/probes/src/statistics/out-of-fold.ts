/** @file Out-of-fold predictions: what a trial said of each item while the item was held out. */

/** Test rows of a fold with what was predicted for them. */
export type FoldPredictions = {
  readonly test: Uint32Array;
  /** Class numbers, or values for regression, in the order of the test rows. */
  readonly predicted: Int32Array | Float32Array;
  /** Score of class 1 per test row, binary tasks only. */
  readonly scores?: Float32Array | null;
};

export type OutOfFold = {
  /** Class number or value of every row of the dataset. */
  readonly targets: Int32Array | Float32Array;
  /** Number of classes; 0 for regression. */
  readonly classes: number;
  readonly folds: readonly FoldPredictions[];
};

/** Items that are alike to every metric: the same class, predicted the same way as often. */
export type ItemKind = {
  readonly truth: number;
  /** How many items are of this kind. */
  readonly size: number;
  /** How often an item of this kind is predicted as each class: [class, times]. */
  readonly predicted: readonly (readonly [label: number, times: number])[];
};

/** Groups the tested items of a classification; an item that several folds test brings all of its predictions. */
export function itemKinds({ targets, classes, folds }: OutOfFold): readonly ItemKind[] {
  const tested = timesTested(targets.length, folds);
  const cells = new Float64Array(classes * classes);
  const repeated = new Map<number, Map<number, number>>();
  for (const { test, predicted } of folds) {
    for (let i = 0; i < test.length; i++) {
      const row = test[i]!;
      if (tested[row] === 1) cells[targets[row]! * classes + predicted[i]!]! += 1;
      else {
        const counts = repeated.get(row) ?? new Map<number, number>();
        counts.set(predicted[i]!, (counts.get(predicted[i]!) ?? 0) + 1);
        repeated.set(row, counts);
      }
    }
  }
  const kinds: ItemKind[] = [];
  cells.forEach((size, cell) => {
    if (size === 0) return;
    kinds.push({ truth: Math.floor(cell / classes), size, predicted: [[cell % classes, 1]] });
  });
  const mixed = new Map<string, ItemKind>();
  for (const [row, counts] of repeated) {
    const predicted = [...counts].sort(([a], [b]) => a - b);
    const key = `${targets[row]} ${predicted.join(" ")}`;
    const size = (mixed.get(key)?.size ?? 0) + 1;
    mixed.set(key, { truth: targets[row]!, size, predicted });
  }
  return [...kinds, ...mixed.values()];
}

/** How many folds test each row. */
export function timesTested(rows: number, folds: readonly FoldPredictions[]): Uint16Array {
  const tested = new Uint16Array(rows);
  for (const { test, predicted } of folds) {
    if (test.length !== predicted.length) {
      throw new Error(
        `out-of-fold predictions: expected one per test row, got ${predicted.length} for ${test.length}`,
      );
    }
    for (const row of test) tested[row]! += 1;
  }
  return tested;
}
