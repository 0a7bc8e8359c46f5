/** @file Attributions in the store: written while their trial runs, read back as they were. */

import { expect, it } from "vitest";
import {
  type AttributionRecord,
  attributedRows,
  claimTrials,
  openStore,
  planTrials,
  readAttributions,
  recordAttributions,
  recordDataset,
  recordExperiment,
  recordModel,
} from "./index.ts";

function prepared() {
  const store = openStore(":memory:", { runner: true });
  const key = recordExperiment(store, {
    ...{ name: "e", kind: "attribute", question: null, spec: "{}", source: null },
  });
  recordDataset(store, {
    ...{ id: "d", name: "d", path: "d", task: "classification", labels: ["a", "b"] },
    ...{ targets: Int32Array.of(0, 1), findings: {} },
  });
  recordModel(store, {
    ...{ id: "m", name: "m", path: "m", architecture: "bert", layers: 2, width: 4 },
    ...{ parameters: 1, dtype: "F32", revision: null, bytes: 4 },
  });
  planTrials(store, key, [
    {
      ...{ id: "t", kind: "attribute", dataset: "d", model: "m", split: null, layer: null },
      ...{ layerIndex: null, layerMethod: null, token: "predicted", classifier: "lrp" },
      ...{ options: "", seed: 0, spec: "{}" },
    },
  ]);
  return store;
}

const fine: AttributionRecord = {
  ...{ row: 1, target: "b", predicted: "a", tokens: ["[CLS]", "é"], words: Int32Array.of(-1, 0) },
  ...{ marks: ["cut"], error: null, logit: 1.5, residual: null, measures: { infidelity: 0.25 } },
  scores: Float32Array.of(0.5, -1),
  layers: [
    { layer: 1, scores: Float32Array.of(1, 2) },
    { layer: 2, scores: Float32Array.of(3, 4) },
  ],
};
const failed: AttributionRecord = {
  ...{ row: 0, target: "a", predicted: "", tokens: [], words: new Int32Array() },
  ...{ marks: [], error: "the text has only special tokens" },
};

it("reads rows back as they were written, in the order of the dataset", () => {
  using store = prepared();
  claimTrials(store, ["t"]);
  recordAttributions(store, "t", [fine, failed]);
  expect(attributedRows(store, "t")).toEqual(new Set([0, 1]));
  expect(readAttributions(store, "t")).toEqual([failed, fine]);
  expect(readAttributions(store, "t", 1)).toEqual([fine]);
});

it("keeps the first record of a row", () => {
  using store = prepared();
  claimTrials(store, ["t"]);
  recordAttributions(store, "t", [fine]);
  recordAttributions(store, "t", [{ ...fine, target: "other" } as AttributionRecord]);
  expect(readAttributions(store, "t")).toEqual([fine]);
});

it("refuses rows of a trial that does not run, and scores that are no numbers", () => {
  using store = prepared();
  expect(() => recordAttributions(store, "t", [fine])).toThrow(/trial t is pending/);
  claimTrials(store, ["t"]);
  const broken = { ...fine, scores: Float32Array.of(Number.NaN) } as AttributionRecord;
  expect(() => recordAttributions(store, "t", [broken])).toThrow(/score of row 1/);
});
