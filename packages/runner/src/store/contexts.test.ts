/** @file Contexts of keywords in the store: beside a finished trial, replaced as a whole. */

import { expect, it } from "vitest";
import { claimTrials, finishTrials, planTrials, recordContexts } from "./index.ts";
import { exampleTrial, makeExample } from "./make-example.ts";

function prepared() {
  const { store, experiment, environment } = makeExample(0);
  planTrials(store, experiment, [exampleTrial(0, { id: "t", kind: "attribute" })]);
  claimTrials(store, ["t"]);
  return { store, environment };
}

const rows = ({ sqlite }: ReturnType<typeof prepared>["store"]) =>
  sqlite.prepare("select label, keyword, layer, occurrences, words from contexts").all();
const one = {
  ...{ label: "a", keyword: "<b>", occurrences: 3 },
  words: [{ word: "d\u0000g", weight: 0.25 }],
};

it("keeps the contexts of the last time only", () => {
  const { store, environment } = prepared();
  recordContexts(store, "t", { layer: 1, found: [one, { ...one, label: "b", words: [] }] });
  expect(rows(store).length).toBe(2);
  const scores = [{ metric: "accuracy", fold: 0, value: 1 }];
  finishTrials(store, [{ id: "t", seconds: 1, environment, scores, summaries: [] }]);
  recordContexts(store, "t", { layer: 0, found: [one] });
  expect(rows(store)).toEqual([
    { label: "a", keyword: "<b>", layer: 0, occurrences: 3, words: '[["d\\u0000g",0.25]]' },
  ]);
});

it("refuses what is no number, and trials that it does not know", () => {
  const { store } = prepared();
  const broken = { ...one, words: [{ word: "x", weight: Number.NaN }] };
  expect(() => recordContexts(store, "t", { layer: 0, found: [one, broken] })).toThrow(
    /context of "<b>"\[0\]: expected a finite number/,
  );
  expect(() => recordContexts(store, "u", { layer: 0, found: [one] })).toThrow(/trial u is not in/);
  expect(rows(store)).toEqual([]);
});
