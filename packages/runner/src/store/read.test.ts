import { expect, test } from "vitest";
import { readBestLayers } from "./best.ts";
import { finishTrials } from "./finish.ts";
import { type Example, exampleTrial, makeExample } from "./make-example.ts";
import { doneTrials, readExperiments, readStatus } from "./read.ts";
import { readCommonPoint, readFoldResults, readResults } from "./results.ts";
import { claimTrials, failTrial, planTrials } from "./trials.ts";
import { recordBaselines, recordExperiment } from "./write.ts";

/** Finishes trials with these accuracies, three folds each. */
function finish({ store, environment }: Example, accuracies: Readonly<Record<string, number[]>>) {
  claimTrials(store, Object.keys(accuracies));
  finishTrials(
    store,
    Object.entries(accuracies).map(([id, values]) => ({
      ...{ id, environment, seconds: 1 },
      scores: values.flatMap((value, fold) => [
        { metric: "accuracy", fold, value },
        { metric: "loss", fold, value: 1 - value },
      ]),
    })),
  );
}

const third = 1 / 3;
const accuracies = {
  "trial-0": [0.5, 0.5, 0.5],
  "trial-1": [0.75, 1, third],
  "trial-2": [0.75, 0.75, 0.75],
};

test("a row per trial and metric, with every fold's value exactly", () => {
  const example = makeExample();
  finish(example, accuracies);
  const rows = [...readResults(example.store)];
  expect(rows.map(({ trial, metric }) => `${trial} ${metric}`)).toEqual([
    "trial-0 accuracy",
    "trial-0 loss",
    "trial-1 accuracy",
    "trial-1 loss",
    "trial-2 accuracy",
    "trial-2 loss",
  ]);
  const mean = (0.75 + 1 + third) / 3;
  expect(rows[2]).toMatchObject({ layer: 1, folds: 3, mean, values: [0.75, 1, third] });
  expect(Object.keys(rows[2] ?? {}).sort()).toEqual(
    [
      ...["trial", "experiment", "kind", "dataset", "model", "layer", "layerMethod", "token"],
      ...["classifier", "seed", "metric", "folds", "mean", "std", "low", "high", "values"],
      ...["itemScore", "itemLow", "itemHigh", "gainOverLayer0", "baselines", "flags"],
    ].sort(),
  );
  expect(rows[2]).toMatchObject({
    ...{ experiment: "layers", kind: "probe", dataset: "polarity", model: "demo-bert" },
    ...{ layerMethod: "mean", token: "mean", classifier: "lda" },
  });
});

test("records that were read are frozen", () => {
  const example = makeExample();
  finish(example, accuracies);
  const [row] = readResults(example.store);
  expect(Object.isFrozen(row) && Object.isFrozen(row?.values)).toBe(true);
  expect(Object.isFrozen(readExperiments(example.store)[0])).toBe(true);
});

test("by fold, a row for each value", () => {
  const example = makeExample();
  finish(example, accuracies);
  const rows = [...readFoldResults(example.store, "layers")];
  expect(rows).toHaveLength(3 * 2 * 3);
  expect(rows.slice(6, 9).map(({ fold, value }) => [fold, value])).toEqual([
    [0, 0.75],
    [1, 1],
    [2, third],
  ]);
});

test("streams through several pages, and only the experiment that was asked for", () => {
  const example = makeExample(1200);
  const ids = Array.from({ length: 1200 }, (_, layer) => `trial-${layer}`);
  finish(example, Object.fromEntries(ids.map((id) => [id, [0.5, 0.5, 0.5]])));
  const other = recordExperiment(example.store, { name: "other", kind: "probe", spec: "{}" });
  planTrials(example.store, other, [exampleTrial(7)]);
  const layers = [...readResults(example.store, "layers")].map((row) => row.layer);
  expect(new Set(layers).size).toBe(1200);
  expect(layers).toHaveLength(2400);
  expect([...readResults(example.store, "other")].map((row) => row.layer)).toEqual([7, 7]);
  expect([...readResults(example.store)]).toHaveLength(2402);
});

test("says what all rows share", () => {
  const example = makeExample(2);
  const { store, experiment } = example;
  const max = exampleTrial(0, { id: "max", token: "max" });
  planTrials(store, experiment, [exampleTrial(0), max]);
  finish(example, { "trial-0": [1, 1, 1], max: [1, 1, 1] });
  const { token, ...shared } = readCommonPoint(store);
  expect(token).toBe(undefined);
  expect(shared).toEqual({
    ...{ experiment: "layers", kind: "probe", dataset: "polarity", model: "demo-bert" },
    ...{ layerMethod: "mean", classifier: "lda", seed: "" },
  });
});

test("counts, best score and state of an experiment", () => {
  const example = makeExample(5);
  const { store } = example;
  expect(readExperiments(store)).toMatchObject([{ state: "planned", best: null }]);
  finish(example, accuracies);
  claimTrials(store, ["trial-3"]);
  failTrial(store, "trial-3", new Error("singular"));
  const [experiment] = readExperiments(store);
  expect(experiment?.counts).toEqual({ pending: 1, running: 0, done: 3, failed: 1, total: 5 });
  expect(experiment?.best).toMatchObject({ trial: "trial-2", metric: "accuracy", mean: 0.75 });
  claimTrials(store, ["trial-4"]);
  failTrial(store, "trial-4", "a worker was killed");
  expect(readExperiments(store)[0]?.state).toBe("failed");
  expect(readStatus(store).failures.map(({ trial, error }) => [trial, error])).toEqual([
    ["trial-4", "a worker was killed"],
    ["trial-3", "singular"],
  ]);
  expect([...doneTrials(store)].sort()).toEqual(["trial-0", "trial-1", "trial-2"]);
});

test("an experiment without trials, and one whose trials are all done", () => {
  const example = makeExample(3);
  recordExperiment(example.store, { name: "new", kind: "probe", spec: "{}" });
  finish(example, accuracies);
  expect(readExperiments(example.store).map(({ name, state }) => [name, state])).toEqual([
    ["new", "empty"],
    ["layers", "done"],
  ]);
});

test("the best layer of each line stands beside the strongest baseline", () => {
  const example = makeExample();
  const { store, experiment } = example;
  const all = exampleTrial(0, { id: "all", layer: "all", layerIndex: null });
  const cls = [0, 1].map((layer) => exampleTrial(layer, { id: `cls-${layer}`, token: "cls" }));
  planTrials(store, experiment, [0, 1, 2].map((layer) => exampleTrial(layer)).concat(cls, all));
  finish(example, {
    ...accuracies,
    "cls-0": [1, 1, 1],
    "cls-1": [1, 1, 1],
    all: [0.25, 0.5, 0.75],
  });
  recordBaselines(
    store,
    "split-1",
    [0.5, 0.25, 0.75].flatMap((value, fold) => [
      { name: "majority", metric: "accuracy", fold, value },
      { name: "random", metric: "accuracy", fold, value: value - 0.1 },
    ]),
  );
  const rows = readBestLayers(store, "layers");
  expect(rows.map(({ token, layer, layers, mean }) => [token, layer, layers, mean])).toEqual([
    ["mean", 2, 3, 0.75],
    ["cls", 0, 2, 1], // of two equal ones the lower
    ["mean", "all", 1, 0.5],
  ]);
  expect(rows[0]).toMatchObject({ baseline: 0.5, baselineName: "majority", metric: "accuracy" });
});

test("of a loss the lowest is best", () => {
  const example = makeExample();
  finish(example, accuracies);
  const [row] = readBestLayers(example.store, "layers", "loss");
  expect(row).toMatchObject({ layer: 2, metric: "loss", mean: 0.25, baseline: null });
});
