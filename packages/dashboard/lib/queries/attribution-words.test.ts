import { expect, test } from "vitest";
import { lowered } from "./attribution-words.ts";

test("asks for fewer occurrences where few words have enough", () => {
  expect(lowered(6, [9, 8, 7, 6, 6, 1])).toBe(6);
  expect(lowered(6, [9, 5, 5, 5, 5, 1])).toBe(5);
  expect(lowered(6, [3, 3, 2, 2, 2, 1])).toBe(2);
  expect(lowered(6, [1, 1])).toBe(1);
  expect(lowered(2, [9, 9, 9, 9, 1])).toBe(1);
});
