import { expect, test } from "vitest";
import { finishTrials } from "../store/finish.ts";
import { exampleTrial, makeExample } from "../store/make-example.ts";
import { claimTrials, planTrials } from "../store/trials.ts";
import { recordDataset, recordModel, recordSplit } from "../store/write.ts";
import { compareChosen, compareTrials, notDistinguishable } from "./compare.ts";

/** 40 rows of class 0 in four folds of ten; a trial is told by which rows it has right in each fold, and may name another model. */
function makeStore(right: Readonly<Record<string, readonly number[]>>) {
  const { store, experiment, environment } = makeExample(0);
  const rows = 40;
  recordDataset(store, {
    ...{ id: "dataset-2", name: "forty", path: "forty.jsonl", task: "classification" },
    labels: ["no", "yes"],
    targets: new Int32Array(rows),
    findings: {},
  });
  const roles = [0, 1, 2, 3].map((fold) =>
    Uint8Array.from({ length: rows }, (_, row) => (Math.floor(row / 10) === fold ? 3 : 1)),
  );
  recordSplit(store, { id: "split-2", dataset: "dataset-2", spec: {}, roles });
  recordModel(store, {
    ...{ id: "2222", name: "demo-bert", path: "other/demo-bert", architecture: "bert" },
    ...{ layers: 4, width: 16, parameters: 1000, dtype: "F32", bytes: 4000 },
  });
  const names = Object.keys(right);
  const point = { dataset: "dataset-2", split: "split-2", layerMethod: null };
  planTrials(
    store,
    experiment,
    names.map((name) => {
      const [token = "", layer = "", model = "model-1"] = name.split(" ");
      return exampleTrial(Number(layer), { ...point, id: name, token, model });
    }),
  );
  claimTrials(store, names);
  finishTrials(
    store,
    names.map((id) => ({
      ...{ id, environment, seconds: 1 },
      scores: (right[id] ?? []).map((count, fold) => ({
        ...{ metric: "accuracy", fold },
        value: count / 10,
      })),
      predictions: (right[id] ?? []).map((count, fold) => ({
        fold,
        predicted: Int32Array.from({ length: 10 }, (_, row) => (row < count ? 0 : 1)),
      })),
    })),
  );
  return store;
}

function keyOf({ sqlite }: ReturnType<typeof makeStore>, trial: string): number {
  return sqlite
    .prepare<[string], number>("select key from trials where id = ?")
    .pluck()
    .get(trial)!;
}

const right = {
  "mean 0": [4, 5, 3, 4],
  "mean 1": [9, 10, 9, 10],
  "mean 2": [8, 10, 9, 9],
  "cls 1": [5, 5, 5, 5],
};

test("tests every layer against the best one, and adjusts all tests together", () => {
  const comparison = compareTrials(makeStore(right), "layers");
  // mean 1 has 38 of 40 right. mean 2 misses 2 more: p = 2 (1/2)² = 0.5. mean 0 misses 22 more: 2 (1/2)^22.
  // cls 1 misses 18 more than mean 1: 2 (1/2)^18. Holm multiplies the three by 1, 3 and 2.
  expect(comparison.tests).toBe(3);
  const [mean, cls, poolings] = comparison.groups;
  expect(mean).toMatchObject({ over: "layers", test: "mcnemar", best: { trial: "mean 1" } });
  // 38 of 40 less the 16 of layer 0; cls has no layer 0.
  expect(mean?.best.gainOverLayer0).toBeCloseTo(22 / 40, 12);
  expect(mean?.others[1]?.gainOverLayer0).toBe(0);
  expect(comparison.groups[1]?.best.gainOverLayer0).toBe(null);
  expect(mean?.others.map(({ trial, p, adjusted }) => [trial, p, adjusted])).toEqual([
    ["mean 2", expect.closeTo(0.5, 12), expect.closeTo(0.5, 12)],
    ["mean 0", expect.closeTo(2 ** -21, 15), expect.closeTo(3 * 2 ** -21, 15)],
  ]);
  expect(mean?.others[0]).toMatchObject({ difference: expect.closeTo(0.05, 12), oddsRatio: 5 });
  expect(cls?.others).toEqual([]);
  expect(poolings).toMatchObject({ over: "poolings", best: { token: "mean", layer: 1 } });
  expect(poolings?.others.map(({ adjusted }) => adjusted)).toEqual([
    expect.closeTo(2 * 2 ** -17, 15),
  ]);
  expect(mean && notDistinguishable(mean).map(({ layer }) => layer)).toEqual([1, 2]);
});

test("tests the best of every model, told apart where two have one name", () => {
  const other = { "mean 1 2222": [5, 4, 5, 4], "cls 1 2222": [6, 5, 6, 5] };
  const { groups, tests } = compareTrials(makeStore({ ...right, ...other }), "layers");
  // As above, and the poolings of the second model and the two models.
  expect(tests).toBe(5);
  const [models] = groups.filter(({ over }) => over === "models");
  expect(models?.best).toMatchObject({ trial: "mean 1", model: "demo-bert (mode)" });
  // 22 of 40 right, 16 fewer than mean 1.
  expect(models?.others).toMatchObject([
    { trial: "cls 1 2222", difference: expect.closeTo(16 / 40, 12), distinguishable: true },
  ]);
  expect(models?.others[0]?.p).toBeCloseTo(2 * 2 ** -16, 15);
});

test("compares chosen trials, and adjusts their tests only", () => {
  const store = makeStore(right);
  const keys = store.sqlite
    .prepare<[], number>("select key from trials where id in ('mean 0', 'mean 1', 'mean 2')")
    .pluck()
    .all();
  const { groups, tests } = compareChosen(store, [keys, [999]]);
  // One line, so two tests: Holm doubles the smaller p, 2 (1/2)^22, and leaves 0.5.
  expect(tests).toBe(2);
  expect(groups).toHaveLength(1);
  expect(groups[0]?.best.trial).toBe("mean 1");
  expect(groups[0]?.others.map(({ adjusted }) => adjusted)).toEqual([
    expect.closeTo(0.5, 12),
    expect.closeTo(2 * 2 ** -21, 15),
  ]);
});

test("tests every chosen line against the best one", () => {
  const store = makeStore(right);
  const lines = [["mean 0", "mean 1"], ["cls 1"]].map((names) =>
    names.map((name) => keyOf(store, name)),
  );
  const { groups, tests } = compareChosen(store, lines);
  expect(tests).toBe(2);
  expect(groups.map(({ over, best }) => [over, best.trial])).toEqual([
    ["layers", "mean 1"],
    ["layers", "cls 1"],
    ["lines", "mean 1"],
  ]);
  expect(groups[2]?.others[0]).toMatchObject({ trial: "cls 1", distinguishable: true });
});

test("tests over folds take the shared training rows into account", () => {
  const store = makeStore(right);
  const { groups } = compareTrials(store, "layers", { test: "corrected-t", correction: "none" });
  // Differences of mean 1 and mean 2: 0.1, 0, 0, 0.1; mean 0.05, variance 0.01/3, test/train 1/3.
  // t = 0.05 / sqrt(0.01/3 (1/4 + 1/3)) = 1.1339 with 3 degrees of freedom; p by scipy: 2 * t.sf(1.133893, 3).
  const other = groups[0]?.others[0];
  expect(other?.p).toBeCloseTo(0.3392540508564546, 10);
  expect(other?.cohensD).toBeCloseTo(0.05 / Math.sqrt(0.01 / 3), 10);
});

test("refuses a test that does not fit, and names those that do", () => {
  const { store, experiment, environment } = makeExample(2);
  const trials = ["trial-0", "trial-1"];
  claimTrials(store, trials);
  const scores = [{ metric: "auc", fold: 0, value: 0.9 }];
  finishTrials(
    store,
    trials.map((id) => ({ id, environment, seconds: 1, scores })),
  );
  expect(experiment).toBe(1);
  expect(() => compareTrials(store, "layers", { metric: "auc", test: "mcnemar" })).toThrow(
    "test mcnemar: is not for auc, expected one of corrected-t, wilcoxon",
  );
  // One fold has a score and nothing was predicted: nothing can be tested, and nothing is claimed.
  const { groups, tests } = compareTrials(store, "layers", { metric: "auc" });
  expect(tests).toBe(0);
  expect(groups[0]?.others[0]).toMatchObject({ p: null, distinguishable: false });
});
