/** @file Mean, spread and interval of a score over the folds. */

/** Numbers that describe one metric of one trial; spread and interval are null where there is one fold. */
export type Summary = {
  readonly folds: number;
  readonly mean: number;
  /** Sample standard deviation, n - 1. */
  readonly std: number | null;
  /** 95 % interval of the mean. */
  readonly low: number | null;
  readonly high: number | null;
};

/**
 * Summary with the corrected resampled t interval of Nadeau and Bengio (2003): folds share training rows, so
 * the variance of the mean is std^2 (1/n + test/train); `testShare` is rows tested per row trained on.
 */
export function summarize(values: readonly number[], testShare: number): Summary {
  const folds = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / folds;
  if (folds < 2) return { folds, mean, std: null, low: null, high: null };
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const std = Math.sqrt(squares / (folds - 1));
  const margin = studentQuantile(folds - 1) * std * Math.sqrt(1 / folds + testShare);
  return { folds, mean, std, low: mean - margin, high: mean + margin };
}

const quantiles = new Map<number, number>();

/** The t that leaves 2.5 % on either side, by bisection over the angle of its distribution function. */
function studentQuantile(freedom: number): number {
  const known = quantiles.get(freedom);
  if (known !== undefined) return known;
  let low = 0;
  let high = Math.PI / 2;
  for (let step = 0; step < 60; step++) {
    const angle = (low + high) / 2;
    if (centralProbability(angle, freedom) < 0.95) low = angle;
    else high = angle;
  }
  const quantile = Math.sqrt(freedom) * Math.tan(low);
  quantiles.set(freedom, quantile);
  return quantile;
}

/** P(|T| < sqrt(freedom) tan(angle)): the finite series of Abramowitz and Stegun 26.7.3 and 26.7.4. */
function centralProbability(angle: number, freedom: number): number {
  const odd = freedom % 2 === 1;
  const squaredCosine = Math.cos(angle) ** 2;
  let term = odd ? Math.cos(angle) : 1;
  let sum = freedom === 1 ? 0 : term;
  for (let i = odd ? 2 : 1; i < freedom - 2; i += 2) {
    term *= squaredCosine * (i / (i + 1));
    sum += term;
  }
  const series = Math.sin(angle) * sum;
  return odd ? (2 / Math.PI) * (angle + series) : series;
}
