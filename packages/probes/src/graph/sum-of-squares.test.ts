import { expect, it } from "vitest";
import { compileSumOfSquares } from "./sum-of-squares.ts";
import { wasmMemory } from "./wasm.ts";

it.each([1, 3, 4, 16_384, 16_388, 50_001])("adds the squares of %i numbers up", (n) => {
  const x = Float32Array.from({ length: n }, (_, i) =>
    Math.fround(Math.sin(i + 1) * 10 ** (i % 5)),
  );
  const exact = x.reduce((sum, value) => sum + value * value, 0);
  const memory = wasmMemory(4 * n + 64)!;
  const own = new Float32Array(memory.buffer, 16, n);
  own.set(x);
  const [apart, inPlace] = [compileSumOfSquares(null)(x), compileSumOfSquares(memory)(own)];
  expect(Math.abs(apart / exact - 1)).toBeLessThan(1e-12);
  expect(inPlace).toBe(apart);
});

it("is not finite where a number is not", () => {
  const sum = compileSumOfSquares(null);
  expect(sum(Float32Array.of(1, Number.NaN, 2, 3, 4))).toBeNaN();
  expect(sum(Float32Array.of(1, 2, 3, 4, Number.NEGATIVE_INFINITY))).toBe(Number.POSITIVE_INFINITY);
  expect(sum(new Float32Array())).toBe(0);
});
