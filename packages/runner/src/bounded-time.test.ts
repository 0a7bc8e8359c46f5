import { expect, test } from "vitest";
import { boundedTime } from "./bounded-time.ts";

const late = (): never => {
  throw new Error("too late");
};

test("stops a regular expression that would try every way to divide a text", () => {
  const text = `${"a".repeat(60)}b`;
  expect(() => boundedTime(0.1, () => /^(a+)+$/.test(text), late)).toThrow("too late");
});

test("hands on what the work returns and throws, and goes on working after it was late", () => {
  expect(boundedTime(1, () => [1, 2], late)).toEqual([1, 2]);
  const endless = (): never => {
    for (;;);
  };
  expect(() => boundedTime(0.1, endless, late)).toThrow("too late");
  const wrong = (): never => {
    throw new RangeError("wrong");
  };
  expect(() => boundedTime(1, wrong, late)).toThrow(new RangeError("wrong"));
});

test("does not count time in which it had no processor", () => {
  const asleep = new Int32Array(new SharedArrayBuffer(4));
  let attempts = 0;
  const work = (): string => {
    if (attempts++ === 0) Atomics.wait(asleep, 0, 0, 600);
    for (let end = performance.now() + 50; performance.now() < end; );
    return "done";
  };
  expect(boundedTime(0.4, work, late)).toBe("done");
  expect(attempts).toBe(2);
});
