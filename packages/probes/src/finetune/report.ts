/** @file How well predictions meet targets: accuracy, F1 of each class, confusion; errors for regression. */

export type ClassScores = {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  /** Rows that truly are of the class. */
  readonly support: number;
};

export type ClassificationReport = {
  readonly accuracy: number;
  /** Mean of the classes' F1, over classes that occur in targets or predictions (as scikit-learn). */
  readonly macroF1: number;
  readonly perClass: readonly ClassScores[];
  /** Counts by [true class][predicted class]. */
  readonly confusion: readonly (readonly number[])[];
};

export type RegressionReport = {
  readonly mse: number;
  readonly mae: number;
  /** 1 - squared error / variance of the targets; 0 where the targets do not vary. */
  readonly r2: number;
};

/** Compares class numbers. A class that is never predicted has precision 0; F1 is 0 where both are. */
export function reportClasses(
  predicted: ArrayLike<number>,
  targets: ArrayLike<number>,
  classes: number,
): ClassificationReport {
  const confusion = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (let i = 0; i < targets.length; i++) confusion[targets[i]!]![predicted[i]!]! += 1;
  const perClass = confusion.map((row, c): ClassScores => {
    const hits = row[c]!;
    const support = row.reduce((a, b) => a + b, 0);
    const claimed = confusion.reduce((sum, other) => sum + other[c]!, 0);
    return {
      precision: claimed === 0 ? 0 : hits / claimed,
      recall: support === 0 ? 0 : hits / support,
      f1: support + claimed === 0 ? 0 : (2 * hits) / (support + claimed),
      support,
    };
  });
  const seen = perClass.filter(
    ({ support }, c) => support > 0 || confusion.some((row) => row[c]! > 0),
  );
  const hits = confusion.reduce((sum, row, c) => sum + row[c]!, 0);
  return {
    accuracy: hits / Math.max(1, targets.length),
    macroF1: seen.reduce((sum, { f1 }) => sum + f1, 0) / Math.max(1, seen.length),
    perClass,
    confusion,
  };
}

/** Compares values. */
export function reportValues(
  predicted: ArrayLike<number>,
  targets: ArrayLike<number>,
): RegressionReport {
  const n = Math.max(1, targets.length);
  const mean = Array.from(targets).reduce((a, b) => a + b, 0) / n;
  let squares = 0;
  let absolutes = 0;
  let variation = 0;
  for (let i = 0; i < targets.length; i++) {
    const error = predicted[i]! - targets[i]!;
    squares += error * error;
    absolutes += Math.abs(error);
    variation += (targets[i]! - mean) ** 2;
  }
  return {
    mse: squares / n,
    mae: absolutes / n,
    r2: variation === 0 ? 0 : 1 - squares / variation,
  };
}

/** The class with the highest of each row's outputs; the first of equals. */
export function classesOf(outputs: Float32Array, classes: number): Int32Array {
  return Int32Array.from({ length: outputs.length / classes }, (_, row) => {
    let best = 0;
    for (let c = 1; c < classes; c++) {
      if (outputs[row * classes + c]! > outputs[row * classes + best]!) best = c;
    }
    return best;
  });
}

/** Softmax of each row of outputs: the probability the model gives each class. */
export function probabilitiesOf(outputs: Float32Array, classes: number): Float32Array {
  const probabilities = new Float32Array(outputs.length);
  for (let at = 0; at < outputs.length; at += classes) {
    const row = outputs.subarray(at, at + classes);
    const top = row.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
    const exponentials = row.map((x) => Math.exp(x - top));
    const sum = exponentials.reduce((a, b) => a + b, 0);
    exponentials.forEach((e, c) => {
      probabilities[at + c] = e / sum;
    });
  }
  return probabilities;
}

/** Mean loss of outputs, as training measures it but without smoothing and class weights. */
export function meanLoss(
  outputs: Float32Array,
  targets: ArrayLike<number>,
  classes: number | null,
): number {
  if (classes === null) return reportValues(outputs, targets).mse;
  let sum = 0;
  for (let row = 0; row < targets.length; row++) {
    const logits = outputs.subarray(row * classes, (row + 1) * classes);
    const top = logits.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
    const logSum = Math.log(logits.reduce((total, x) => total + Math.exp(x - top), 0));
    sum += top + logSum - logits[targets[row]!]!;
  }
  return sum / Math.max(1, targets.length);
}
