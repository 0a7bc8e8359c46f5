import { expect, test } from "vitest";
import { makeExample } from "./make-example.ts";
import type { Store } from "./open.ts";
import { baselines, datasets, encodings, environments, experiments, splitFolds } from "./schema.ts";
import {
  foldRoles,
  recordBaselines,
  recordDataset,
  recordEncoding,
  recordEnvironment,
  recordExperiment,
  recordSplit,
} from "./write.ts";

const roles = (store: Store) => store.drizzle.select().from(splitFolds).all();

test("an experiment recorded again keeps its key and note, and takes the new grid", () => {
  const { store, experiment } = makeExample();
  store.drizzle.update(experiments).set({ note: "keep me" }).run();
  const again = { name: "layers", kind: "probe", spec: '{"k":5}', question: "Where?" } as const;
  expect(recordExperiment(store, again)).toBe(experiment);
  const rows = store.drizzle.select().from(experiments).all();
  expect(rows).toMatchObject([{ note: "keep me", spec: '{"k":5}', question: "Where?" }]);
  expect(recordExperiment(store, { ...again, name: "other" })).not.toBe(experiment);
});

test("the same dataset under another name is one row with the new name", () => {
  const { store } = makeExample();
  recordDataset(store, {
    ...{ id: "dataset-1", name: "renamed", path: "renamed.csv", task: "classification" },
    ...{ labels: ["negative", "positive"], targets: Int32Array.of(0, 1), findings: { empty: 1 } },
  });
  const rows = store.drizzle.select().from(datasets).all();
  expect(rows).toMatchObject([{ name: "renamed", rows: 6, labels: '["negative","positive"]' }]);
});

test("refuses a dataset with a target that is NaN, and names the row", () => {
  const { store } = makeExample();
  const dataset = {
    ...({ id: "dataset-2", name: "stars", path: "stars.csv", task: "regression" } as const),
    ...{ labels: null, targets: Float32Array.of(1, Number.NaN), findings: {} },
  };
  expect(() => recordDataset(store, dataset)).toThrow(
    "dataset stars: target[1]: expected a finite number, got NaN",
  );
  expect(store.drizzle.select().from(datasets).all()).toHaveLength(1);
});

test("the same environment is recorded once, whatever the order of its fields", () => {
  const { store, environment } = makeExample();
  expect(recordEnvironment(store, { device: "cpu", node: "20.20.2" })).toBe(environment);
  expect(recordEnvironment(store, { device: "cuda", node: "20.20.2" })).not.toBe(environment);
  expect(store.drizzle.select().from(environments).all()).toHaveLength(2);
});

test("an encoding that was made again has the newer measurement", () => {
  const { store, environment } = makeExample();
  const encoding = {
    ...{ id: "encoding-1", dataset: "dataset-1", model: "model-1", environment },
    ...{ texts: 6, tokens: 60, truncated: 0, bytes: 384 },
  };
  recordEncoding(store, { ...encoding, seconds: 2 });
  recordEncoding(store, { ...encoding, seconds: 1 });
  expect(store.drizzle.select().from(encodings).all()).toMatchObject([{ seconds: 1, tokens: 60 }]);
});

test("a split is stored once and can not be replaced by another", () => {
  const { store } = makeExample();
  const before = roles(store);
  const split = { id: "split-1", dataset: "dataset-1", spec: { k: 3 } };
  recordSplit(store, { ...split, roles: before.map((fold) => new Uint8Array(fold.roles)) });
  expect(roles(store)).toEqual(before);
  const other = before.map(() => Uint8Array.of(1, 1, 1, 3, 3, 3));
  expect(() => recordSplit(store, { ...split, roles: other })).toThrow(
    "split split-1 is stored with other folds and can not be changed",
  );
});

test("the first baseline stands, and an infinite one is refused", () => {
  const { store } = makeExample();
  const baseline = { name: "majority", metric: "accuracy", fold: 0 };
  recordBaselines(store, "split-1", [{ ...baseline, value: 0.5 }]);
  recordBaselines(store, "split-1", [{ ...baseline, value: 0.6 }]);
  expect(store.drizzle.select().from(baselines).all()).toEqual([
    { ...baseline, split: "split-1", value: 0.5 },
  ]);
  const infinite = [{ ...baseline, value: Number.NEGATIVE_INFINITY }];
  expect(() => recordBaselines(store, "split-1", infinite)).toThrow(
    "baseline majority: accuracy of fold 0: expected a finite number, got -Infinity",
  );
});

test("roles say for each row what a fold does with it", () => {
  const fold = {
    train: Uint32Array.of(0, 3),
    validation: Uint32Array.of(4),
    test: Uint32Array.of(1),
  };
  expect([...foldRoles(fold, 6)]).toEqual([1, 3, 0, 1, 2, 0]);
});
