/** @file Points and weights for integrals over [0, 1]. */

export const quadratures = ["gauss-legendre", "midpoint", "trapezoid"] as const;
export type Quadrature = (typeof quadratures)[number];

export type Rule = { readonly points: Float64Array; readonly weights: Float64Array };

/** A rule of n points (trapezoid: n >= 2, ends included). */
export const quadratureRules: { readonly [K in Quadrature]: (n: number) => Rule } = {
  "gauss-legendre": gaussLegendre,
  midpoint: (n) => ({
    points: Float64Array.from({ length: n }, (_, k) => (k + 0.5) / n),
    weights: new Float64Array(n).fill(1 / n),
  }),
  trapezoid: (n) => {
    const gaps = Math.max(n, 2) - 1;
    return {
      points: Float64Array.from({ length: gaps + 1 }, (_, k) => k / gaps),
      weights: Float64Array.from(
        { length: gaps + 1 },
        (_, k) => (k === 0 || k === gaps ? 0.5 : 1) / gaps,
      ),
    };
  },
};

/** Roots of the Legendre polynomial by Newton's method, moved from [-1, 1] to [0, 1]. */
function gaussLegendre(n: number): Rule {
  const points = new Float64Array(n);
  const weights = new Float64Array(n);
  for (let k = 0; k < n; k++) {
    let x = Math.cos((Math.PI * (n - k - 0.25)) / (n + 0.5)); // Tricomi's first guess
    let slope = 0;
    for (let step = 0; step < 100; step++) {
      const [value, before] = legendre(n, x);
      slope = (n * (x * value - before)) / (x * x - 1);
      const change = value / slope;
      x -= change;
      if (Math.abs(change) < 1e-15) break;
    }
    points[k] = (x + 1) / 2;
    weights[k] = 1 / ((1 - x * x) * slope * slope);
  }
  return { points, weights };
}

/** P_n(x) and P_(n-1)(x), by the three-term recurrence. */
function legendre(n: number, x: number): readonly [number, number] {
  let before = 1;
  let value = x;
  for (let k = 2; k <= n; k++) {
    const next = ((2 * k - 1) * x * value - (k - 1) * before) / k;
    before = value;
    value = next;
  }
  return n === 0 ? [1, 0] : [value, before];
}
