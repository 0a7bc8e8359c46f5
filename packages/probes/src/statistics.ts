/** @file Means with intervals over folds, and the t distribution they need. */

/** Mean and spread of one score over folds; the interval is null where folds are too few for one. */
export type Summary = {
  readonly mean: number;
  /** Standard deviation over folds (n - 1); null for a single fold. */
  readonly std: number | null;
  readonly low: number | null;
  readonly high: number | null;
};

export type SummaryOptions = {
  /** Test rows divided by training rows of a fold, averaged over the folds. */
  readonly testToTrain: number;
  /** Probability that the interval covers the expected score. */
  readonly confidence?: number;
};

/**
 * Mean with the corrected resampled t interval of Nadeau and Bengio (2003): folds share training rows,
 * so their variance counts (1/k + test/train) times instead of 1/k.
 */
export function summarise(
  values: readonly number[],
  { testToTrain, confidence = 0.95 }: SummaryOptions,
): Summary {
  const k = values.length;
  if (k === 0) throw new Error("summarise: expected at least one value, got none");
  const mean = values.reduce((sum, value) => sum + value, 0) / k;
  if (k === 1) return { mean, std: null, low: null, high: null };
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (k - 1);
  const error = Math.sqrt(variance * (1 / k + testToTrain));
  const half = studentQuantile((1 + confidence) / 2, k - 1) * error;
  return { mean, std: Math.sqrt(variance), low: mean - half, high: mean + half };
}

/** P(T ≤ t) for Student's t with the given degrees of freedom. */
export function studentCdf(t: number, freedom: number): number {
  const tail = incompleteBeta(freedom / (freedom + t * t), freedom / 2, 0.5) / 2;
  return t > 0 ? 1 - tail : tail;
}

/** Quantiles found so far: a grid asks for the same one a hundred thousand times. */
const quantiles = new Map<string, number>();

/** The t with P(T ≤ t) = p, by bisection to rounding. */
export function studentQuantile(p: number, freedom: number): number {
  if (!(p > 0 && p < 1)) throw new Error(`student quantile: expected 0 < p < 1, got ${p}`);
  if (p < 0.5) return -studentQuantile(1 - p, freedom);
  const key = `${p} ${freedom}`;
  const known = quantiles.get(key);
  if (known !== undefined) return known;
  let low = 0;
  let high = 1;
  while (studentCdf(high, freedom) < p) high *= 2;
  for (let i = 0; i < 200 && high - low > 1e-15 * high; i++) {
    const middle = (low + high) / 2;
    if (studentCdf(middle, freedom) < p) low = middle;
    else high = middle;
  }
  quantiles.set(key, (low + high) / 2);
  return (low + high) / 2;
}

/** Regularised incomplete beta function I_x(a, b), by its continued fraction (DLMF 8.17.22). */
export function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
  const front = Math.exp(
    a * Math.log(x) + b * Math.log1p(-x) + logGamma(a + b) - logGamma(a) - logGamma(b),
  );
  // Lentz's method, with tiny standing in for zero.
  const tiny = 1e-300;
  let c = 1;
  let d = 1 / (1 - ((a + b) * x) / (a + 1) || tiny);
  let fraction = d;
  for (let m = 1; m < 1000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / (1 + even * d || tiny);
    c = 1 + even / c || tiny;
    fraction *= c * d;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / (1 + odd * d || tiny);
    c = 1 + odd / c || tiny;
    fraction *= c * d;
    if (Math.abs(c * d - 1) < 1e-16) break;
  }
  return (front * fraction) / a;
}

/** ln Γ(x) for x > 0: Stirling's series, after shifting x above 15. */
export function logGamma(x: number): number {
  let shift = 0;
  let z = x;
  for (; z < 15; z++) shift += Math.log(z);
  const w = 1 / (z * z);
  const series = 1 / 12 - w * (1 / 360 - w * (1 / 1260 - w * (1 / 1680 - w / 1188)));
  return (z - 0.5) * Math.log(z) - z + Math.log(2 * Math.PI) / 2 + series / z - shift;
}
