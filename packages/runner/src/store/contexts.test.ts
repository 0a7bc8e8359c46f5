/** @file Contexts of keywords in the store: beside a finished trial, replaced as a whole. */

import { expect, it } from "vitest";
import { claimTrials, finishTrials, openStore, planTrials, recordContexts } from "./index.ts";
import { recordDataset, recordEnvironment, recordExperiment, recordModel } from "./write.ts";

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
      ...{ layerIndex: null, layerMethod: null, token: "true", classifier: "lrp" },
      ...{ options: "", seed: 0, spec: "{}" },
    },
  ]);
  claimTrials(store, ["t"]);
  return store;
}

const rows = ({ sqlite }: ReturnType<typeof prepared>) =>
  sqlite.prepare("select label, keyword, layer, occurrences, words from contexts").all();
const one = {
  ...{ label: "a", keyword: "<b>", occurrences: 3 },
  words: [{ word: "d\u0000g", weight: 0.25 }],
};

it("keeps the contexts of the last time only", () => {
  using store = prepared();
  recordContexts(store, "t", { layer: 1, found: [one, { ...one, label: "b", words: [] }] });
  expect(rows(store).length).toBe(2);
  const scores = [{ metric: "accuracy", fold: 0, value: 1 }];
  const environment = recordEnvironment(store, { device: "cpu" });
  finishTrials(store, [{ id: "t", seconds: 1, environment, scores, summaries: [] }]);
  recordContexts(store, "t", { layer: 0, found: [one] });
  expect(rows(store)).toEqual([
    { label: "a", keyword: "<b>", layer: 0, occurrences: 3, words: '[["d\\u0000g",0.25]]' },
  ]);
});

it("refuses what is no number, and trials that it does not know", () => {
  using store = prepared();
  const broken = { ...one, words: [{ word: "x", weight: Number.NaN }] };
  expect(() => recordContexts(store, "t", { layer: 0, found: [one, broken] })).toThrow(
    /context of "<b>"\[0\]: expected a finite number/,
  );
  expect(() => recordContexts(store, "u", { layer: 0, found: [one] })).toThrow(/trial u is not in/);
  expect(rows(store)).toEqual([]);
});
