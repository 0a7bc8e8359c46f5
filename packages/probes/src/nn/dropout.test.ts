/** @file Dropout: rate, scale, repeatability, and independence between rows, columns, places and steps. */

import { expect, it } from "vitest";
import {
  compile,
  evaluate,
  fill,
  gradients,
  input,
  reduceSum,
  scale,
  type Tensor,
} from "../graph/index.ts";
import { createDropout } from "./dropout.ts";

const seedNode = input("seed", [], "int32");
const seedOf = (seed: number): Tensor => ({ data: Int32Array.of(seed), shape: [] });

async function mask(
  shape: readonly number[],
  { rate, seed, place = 1 }: { rate: number; seed: number; place?: number },
): Promise<Float32Array> {
  const { drop } = createDropout({ hidden: rate, attention: 0, head: 0 }, seedNode);
  const places = Array.from({ length: place }, () => drop(fill(1, shape), "hidden").kept);
  const { m } = await evaluate({ m: places.at(-1)! }, { seed: seedOf(seed) });
  return m!.data as Float32Array;
}

/** Correlation of two 0/1 vectors, times √n: standard normal where they are independent. */
function zOfCorrelation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const n = a.length;
  let sa = 0;
  let sb = 0;
  let sab = 0;
  for (let i = 0; i < n; i++) {
    sa += a[i]!;
    sb += b[i]!;
    sab += a[i]! * b[i]!;
  }
  const [pa, pb] = [sa / n, sb / n];
  return ((sab / n - pa * pb) / Math.sqrt(pa * (1 - pa) * pb * (1 - pb))) * Math.sqrt(n);
}

it.each([0.1, 0.5])("drops a share of %f, in every row and column", async (rate) => {
  const [rows, columns] = [600, 512];
  const m = await mask([rows, columns], { rate, seed: 7 });
  const sums = { row: new Float64Array(rows), column: new Float64Array(columns) };
  let total = 0;
  m.forEach((kept, i) => {
    total += 1 - kept;
    sums.row[Math.floor(i / columns)]! += 1 - kept;
    sums.column[i % columns]! += 1 - kept;
  });
  const spread = Math.sqrt(rate * (1 - rate));
  expect(Math.abs(total / m.length - rate)).toBeLessThan((4 * spread) / Math.sqrt(m.length));
  // 5 standard deviations: about one row in two million would lie outside by chance.
  for (const sum of sums.row) {
    expect(Math.abs(sum / columns - rate)).toBeLessThan((5 * spread) / Math.sqrt(columns));
  }
  for (const sum of sums.column) {
    expect(Math.abs(sum / rows - rate)).toBeLessThan((5 * spread) / Math.sqrt(rows));
  }
});

it("decides elements independently: neighbours, rectangles, places and steps", async () => {
  const [rows, columns] = [512, 512];
  const rate = 0.3;
  const m = await mask([rows, columns], { rate, seed: 3 });
  const shifted = (by: number) => [m.slice(0, -by), m.slice(by)] as const;
  expect(Math.abs(zOfCorrelation(...shifted(1)))).toBeLessThan(4);
  expect(Math.abs(zOfCorrelation(...shifted(columns)))).toBeLessThan(4);
  // Products over rectangles (r, c), (r, c + 1), (r + 1, c), (r + 1, c + 1) average to zero.
  const spread = Math.sqrt(rate * (1 - rate));
  const z = m.map((kept) => (1 - kept - rate) / spread);
  let sum = 0;
  const count = (rows - 1) * (columns - 1);
  for (let r = 0; r + 1 < rows; r++) {
    for (let c = 0; c + 1 < columns; c++) {
      const i = r * columns + c;
      sum += z[i]! * z[i + 1]! * z[i + columns]! * z[i + columns + 1]!;
    }
  }
  expect(Math.abs(sum / Math.sqrt(count))).toBeLessThan(4);
  const otherPlace = await mask([rows, columns], { rate, seed: 3, place: 2 });
  const otherStep = await mask([rows, columns], { rate, seed: 4 });
  expect(Math.abs(zOfCorrelation(m, otherPlace))).toBeLessThan(4);
  expect(Math.abs(zOfCorrelation(m, otherStep))).toBeLessThan(4);
  expect(await mask([rows, columns], { rate, seed: 3 })).toEqual(m);
});

it("decides an element anew at each step, and its neighbours with no regard to it", async () => {
  const [rows, columns, steps] = [6, 7, 2000];
  const rate = 0.2;
  const dropped = Array.from({ length: rows * columns }, () => new Float32Array(steps));
  const { drop } = createDropout({ hidden: rate, attention: 0, head: 0 }, seedNode);
  const session = await compile({ m: drop(fill(1, [rows, columns]), "hidden").kept });
  for (let step = 0; step < steps; step++) {
    const { m } = await session.run({ seed: seedOf(Math.imul(step, 0x9e3779b1)) });
    (m!.data as Float32Array).forEach((kept, i) => {
      dropped[i]![step] = 1 - kept;
    });
  }
  await session.close();
  const spread = Math.sqrt(rate * (1 - rate) * steps);
  for (const [i, one] of dropped.entries()) {
    const sum = one.reduce((a, b) => a + b, 0);
    expect(Math.abs(sum - rate * steps)).toBeLessThan(4.5 * spread);
    for (const other of dropped.slice(0, i)) {
      expect(Math.abs(zOfCorrelation(one, other))).toBeLessThan(4.5); // 861 pairs
    }
    expect(Math.abs(zOfCorrelation(one.slice(1), one.slice(0, -1)))).toBeLessThan(4.5);
  }
});

it("divides what it keeps by what is left, and sends gradients the same way", async () => {
  const x = input("x", [4, 6]);
  const { dropout, drop } = createDropout({ hidden: 0.25, attention: 0, head: 0 }, seedNode);
  const y = dropout(x, "hidden");
  const [dx] = gradients(reduceSum(y), [x]);
  const feeds = { x: { data: new Float32Array(24).fill(3), shape: [4, 6] }, seed: seedOf(1) };
  const found = await evaluate({ y, dx: dx! }, feeds);
  const values = found.y!.data as Float32Array;
  for (const value of values) expect([0, 4]).toContain(Math.fround(value));
  const gradient = found.dx!.data as Float32Array;
  values.forEach((v, i) => {
    expect(gradient[i]).toBeCloseTo(v / 3, 6);
  });
  expect(dropout(x, "attention")).toBe(x); // no rate, no op
  const { kept, factor } = drop(x, "hidden");
  const [dKept] = gradients(reduceSum(scale(kept, factor)), [x]);
  const halves = await evaluate({ y: scale(kept, factor), dx: dKept! }, feeds);
  const whole = halves.y!.data as Float32Array;
  for (const value of whole) expect([0, 4]).toContain(Math.fround(value));
  expect(whole.map((value) => value / 3)).toEqual(halves.dx!.data);
});
