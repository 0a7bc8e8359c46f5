import { expect, test } from "vitest";
import { nearestName, unknownName } from "./errors.ts";

const known = ["lda", "logistic", "ridge", "nearest-centroid", "gaussian-nb", "single-layer"];

test.each([
  ["logistc", "logistic"],
  ["LDA", "lda"],
  ["logreg", "logistic"],
  ["nearestCentroid", "nearest-centroid"],
  ["single_layer", "single-layer"],
  ["gaussian", "gaussian-nb"],
])("finds the name nearest to %s", (got, expected) => {
  expect(nearestName(got, known)).toBe(expected);
});

test("suggests nothing when nothing is near", () => {
  expect(nearestName("xyzzy", known)).toBeUndefined();
  expect(unknownName("classifier", "xyzzy", ["lda"])).toBe(
    'unknown classifier "xyzzy", expected one of lda',
  );
});
