import { expect, test } from "vitest";
import { stackRows } from "./stacked-rows.ts";

test("trains on every layer of a text and tests its last one", () => {
  // Three texts in two layers: rows 0 to 2 are the first layer, 3 to 5 the second.
  const fold = {
    train: Uint32Array.of(0, 2),
    validation: Uint32Array.of(1),
    test: Uint32Array.of(1),
  };
  const targets = Int32Array.of(1, 0, 1);
  const found = stackRows({ targets, folds: [fold], control: Int32Array.of(0, 0, 1) }, 2);
  expect([...found.targets]).toEqual([1, 0, 1, 1, 0, 1]);
  expect([...(found.control ?? [])]).toEqual([0, 0, 1, 0, 0, 1]);
  expect(
    found.folds.map(({ train, validation, test }) => [[...train], [...validation], [...test]]),
  ).toEqual([[[0, 2, 3, 5], [4], [4]]]);
});

test("leaves single vectors alone", () => {
  const rows = { targets: Float32Array.of(0.5), folds: [], control: null };
  expect(stackRows(rows, 1)).toEqual(rows);
});
