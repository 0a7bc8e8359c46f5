/** @file What Compare says of a small store in which every number can be worked out by hand. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { finishTrials } from "../../runner/src/store/finish.ts";
import { exampleTrial, makeExample } from "../../runner/src/store/make-example.ts";
import { claimTrials, planTrials } from "../../runner/src/store/trials.ts";
import { recordDataset, recordSplit } from "../../runner/src/store/write.ts";
import { fetchCurve } from "./curve.ts";
import { csvOfFolds } from "./export-lines.ts";
import { type Scope, scopeOf } from "./queries/scope.ts";
import { fetchTrials } from "./queries/table.ts";
import { openStore } from "./store.ts";
import { starsOf } from "./verdict.ts";
import { loadView } from "./view.ts";

/** Of 40 rows in four folds of ten: how many each trial has right, fold by fold; its name is pooling and layer. */
const right: Readonly<Record<string, readonly number[]>> = {
  "mean 0": [4, 5, 3, 4],
  "mean 1": [9, 10, 9, 10],
  "mean 2": [8, 10, 9, 9],
  "cls 1": [5, 5, 5, 5],
};
const folder = mkdtempSync(join(tmpdir(), "probegrid-"));
let scope: Scope;

/** The trials above once for each seed; the dataset has a second split, of which nothing was made. */
function makeStore(name: string, seeds: readonly (number | null)[]): Scope {
  const file = join(folder, name);
  const { store, experiment, environment } = makeExample(0, file);
  recordDataset(store, {
    ...{ id: "dataset-2", name: "forty", path: "forty.jsonl", task: "classification" },
    labels: ["no", "yes"],
    targets: new Int32Array(40),
    findings: {},
  });
  const roles = [0, 1, 2, 3].map((fold) =>
    Uint8Array.from({ length: 40 }, (_, row) => (Math.floor(row / 10) === fold ? 3 : 1)),
  );
  recordSplit(store, { id: "split-2", dataset: "dataset-2", spec: {}, roles });
  const half = [Uint8Array.from({ length: 40 }, (_, row) => (row < 30 ? 3 : 1))];
  recordSplit(store, { id: "another", dataset: "dataset-2", spec: {}, roles: half });
  const point = { dataset: "dataset-2", split: "split-2", layerMethod: null };
  const named = seeds.flatMap((seed) =>
    Object.keys(right).map((name) => ({
      id: seed === null ? name : `${name} ${seed}`,
      name,
      seed,
    })),
  );
  const planned = named.map(({ id, name, seed }) => {
    const [token = "", layer] = name.split(" ");
    return exampleTrial(Number(layer), { ...point, id, token, seed });
  });
  planTrials(store, experiment, planned);
  claimTrials(
    store,
    named.map(({ id }) => id),
  );
  finishTrials(
    store,
    named.map(({ id, name }) => ({
      ...{ id, environment, seconds: 1 },
      scores: (right[name] ?? []).map((count, fold) => ({
        ...{ metric: "accuracy", fold, value: count / 10 },
      })),
      predictions: (right[name] ?? []).map((count, fold) => ({
        fold,
        predicted: Int32Array.from({ length: 10 }, (_, row) => (row < count ? 0 : 1)),
      })),
    })),
  );
  store.close();
  process.env.PROBEGRID_STORE = file;
  const opened = openStore();
  if (opened === null) throw new Error("internal: the store was not made");
  return scopeOf(opened, loadView({}), "accuracy");
}

beforeAll(() => {
  scope = makeStore("store.db", [null]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("tests layers and poolings on the same items, all p values adjusted together", () => {
  const { lines, tests } = fetchCurve(scope, loadView({}));
  // mean 1 has 38 of 40 right. mean 2 misses 2 more: p = 2 (1/2)² = 0.5. mean 0 misses 22 more: 2 (1/2)^22;
  // cls 1 misses 18 more: 2 (1/2)^18. Holm multiplies the three by 1, 3 and 2.
  expect(tests).toEqual({ tests: ["McNemar, exact"], count: 3 });
  const [mean, cls] = lines;
  expect(mean?.best.layer).toBe("1");
  expect(mean?.ties).toEqual(["2"]);
  expect(mean?.verdicts?.["2"]?.p).toBeCloseTo(0.5, 12);
  expect(mean?.verdicts?.["0"]?.p).toBeCloseTo(3 * 2 ** -21, 15);
  expect(mean?.behind).toBeNull();
  expect(cls?.behind?.p).toBeCloseTo(2 * 2 ** -17, 15);
  expect(starsOf(cls?.behind?.p ?? null)).toBe("***");
});

test("ends an interval where the metric ends", () => {
  // Mean 0.95, variance 0.01/3, four folds, test/train 1/3: 0.95 + 3.1824 sqrt(0.01/3 (1/4 + 1/3)) = 1.0903.
  const best = fetchCurve(scope, loadView({})).lines[0]?.best;
  expect(best?.high).toBe(1);
  expect(best?.low).toBeCloseTo(0.8097, 3);
});

test("says how far a trial is above layer 0, and sorts by it", () => {
  const view = loadView({ sort: "gain", order: "desc" });
  const { rows } = fetchTrials(scope, view, { offset: 0, limit: 10 });
  expect(rows.map(({ trial }) => trial)).toEqual(["mean 1", "mean 2", "mean 0", "cls 1"]);
  expect(rows.map(({ gain }) => gain)).toEqual([
    ...[expect.closeTo(0.55, 12), expect.closeTo(0.5, 12), 0, null],
  ]);
});

test("writes every fold of every trial", () => {
  const pieces = [...csvOfFolds(scope, loadView({}), ["accuracy"])].map((piece) =>
    Buffer.from(piece as string),
  );
  const csv = Buffer.concat(pieces).toString();
  expect(csv).toContain("trial,metric,fold 1,fold 2,fold 3,fold 4\r\n");
  for (const [id, counts] of Object.entries(right)) {
    const line = csv.split("\r\n").find((one) => one.startsWith(`${id},accuracy,`));
    expect(line?.split(",").slice(2).map(Number)).toEqual(counts.map((count) => count / 10));
  }
});

test("tests means over seeds on the folds that the trials were scored on", () => {
  const { lines } = fetchCurve(makeStore("seeds.db", [0, 1]), loadView({}));
  const [mean, cls] = lines;
  // Differences 0.1, 0, 0, 0.1 and, to cls, 0.4, 0.5, 0.4, 0.5; variance 0.01/3, test/train 1/3; 2 * scipy.stats.t.sf.
  expect(mean?.best.trials).toBe(2);
  expect(mean?.verdicts?.["2"]?.p).toBeCloseTo(0.3392540508564546, 10);
  expect(cls?.behind?.p).toBeCloseTo(0.00200546004855623, 10);
});
