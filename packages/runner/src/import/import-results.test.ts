/** @file Importing published results: both log forms, bundles, repeats, damage, and a whole published grid. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openStore, readBestLayers, readResults, recordExperiment } from "../store/index.ts";
import { importResults } from "./import-results.ts";
import { parsePythonJson } from "./result-files.ts";

const fixtures = fileURLToPath(new URL("../../../../test/fixtures/r1/", import.meta.url));
let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "probegrid-import-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

it("keeps every fold value of both forms, and the losses", () => {
  using store = openStore(":memory:");
  const summary = importResults(store, fixtures, { experiment: "published" });
  // 1 + 1 + 1 single files and 4 in the bundle; scores: 6 + 9 + 2 + 4 x 6; losses: 6 of the single layer, 4 of the regression.
  expect(summary).toMatchObject({ trials: 7, added: 7, scores: 41, losses: 10, damaged: [] });
  const rows = [...readResults(store, "published")];
  const single = rows.filter(({ classifier }) => classifier === "single-layer");
  expect(single).toMatchObject([
    { metric: "accuracy", layer: 12, token: "quantile 0.5", values: [70 / 99, 73 / 99, 69 / 99] },
    { metric: "f1", values: [0.5, 0.25, 0.75], mean: 0.5, std: 0.25 },
  ]);
  const losses = store.sqlite.prepare(
    "select part, fold, epoch, value from losses order by part, fold, epoch",
  );
  expect(losses.raw().all()).toEqual([
    ["test", 1, 0, 0.1],
    ["test", 2, 0, 0.72],
    ["test", 2, 1, 0.62],
    ["train", 1, 0, 0.4],
    ["train", 1, 1, 0.3],
    ["train", 2, 0, 0.7],
    ["train", 2, 1, 0.6],
    ["train", 2, 2, 0.5],
    ["validation", 1, 0, 0.2],
    ["validation", 2, 0, 0.71],
  ]);
});

it("keeps no times, for nobody knows when and how long it was computed", () => {
  using store = openStore(":memory:");
  importResults(store, fixtures, { experiment: "published" });
  const times = store.sqlite.prepare(
    "select distinct state, startedAt, finishedAt, seconds from trials",
  );
  expect(times.raw().all()).toEqual([["done", null, null, null]]);
});

it("reads layers, quantiles and extend as that code meant them", () => {
  using store = openStore(":memory:");
  importResults(store, fixtures, { experiment: "published" });
  const points = store.sqlite.prepare(
    "select layer, layerIndex, layerMethod, token, options from trials order by layer, token",
  );
  expect(points.raw().all()).toEqual([
    ["1", 1, null, "first", ""],
    ["10", 10, null, "last", ""],
    ["10,11", null, "concat", "first", ""], // extend of the first form: side by side
    ["12", 12, null, "quantile 0.5", ""], // -1 of gpt2's 13 hidden states
    ["2", 2, null, "quantile 0.5", ""],
    ["9,10,11", null, "rows", "last", "trainRows=150"], // extend of the second form
    ["all", null, "mean", "last", ""],
  ]);
});

it("shows the best layer, with the interval of overlapping resamples", () => {
  using store = openStore(":memory:");
  importResults(store, join(fixtures, "bundle.json"), { experiment: "published" });
  const [best] = readBestLayers(store, "published").filter(({ token }) => token === "last");
  // 70, 73, 69 of 99: mean 0.7138; sd 0.021027; t(0.975, 2) = 4.302653; sqrt(1/3 + 2/7) = 0.786796.
  expect(best?.layer).toBe(10);
  expect(best?.mean).toBeCloseTo(212 / 297, 12);
  expect((best?.high ?? 0) - (best?.mean ?? 0)).toBeCloseTo(4.302653 * 0.0210267 * 0.786796, 5);
});

it("never believes the claimed size", () => {
  using store = openStore(":memory:");
  const { datasets } = importResults(store, fixtures, { experiment: "published" });
  expect(datasets[0]).toMatchObject({ claimedRows: 640, testRows: [{ rows: 99, trials: 5 }] });
  const rows = store.sqlite.prepare("select name, rows, length(targets) from datasets");
  expect(rows.raw().all()).toEqual([
    ["invention", 0, 0],
    ["scale", 0, 0],
  ]);
});

it("changes nothing when imported twice, and grows when more is imported", () => {
  using store = openStore(":memory:");
  importResults(store, join(fixtures, "bundle.json"), { experiment: "published" });
  const dump = () =>
    ["experiments", "datasets", "models", "trials", "scores", "summaries", "losses"].map((table) =>
      store.sqlite.prepare(`select * from ${table}`).raw().all(),
    );
  const before = dump();
  const again = importResults(store, join(fixtures, "bundle.json"), { experiment: "published" });
  expect(again.added).toBe(0);
  expect(dump()).toEqual(before);
  const more = importResults(store, join(fixtures, "first-form.json"), { experiment: "published" });
  expect(more.added).toBe(1);
  expect([...readResults(store, "published")]).toHaveLength(4 * 2 + 3);
});

it("names damaged files and keeps the others", () => {
  using store = openStore(":memory:");
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  const data = { Accuracy: [0.5, 0.25] };
  const metadata = { name: "a", task: "Classification", labels: { 0: "no", 1: "yes" } };
  const expdata = { model: "gpt2", classifier: "LDA", layer: 1, quantile: 1 };
  write("experiment_1.json", JSON.stringify({ metadata, expdata, data }));
  write("experiment_2.json", '{"metadata": {');
  write("experiment_3.json", JSON.stringify({ metadata, expdata: { model: "gpt2" }, data }));
  write("experiment_4.json", JSON.stringify({ metadata, expdata, data: { Accuracy: [] } }));
  write("experiment_10.json", JSON.stringify({ metadata, expdata, data: { ...data, F1: [1] } }));
  const { trials, damaged } = importResults(store, folder, { experiment: "published" });
  expect(trials).toBe(1);
  expect(damaged.map(({ reason }) => reason)).toEqual([
    expect.stringContaining("JSON"),
    "expdata.classifier: expected string, got nothing",
    "data: expected at least one fold, got none",
    "data: expected every metric to have a value for each fold, accuracy has 2, f1 1",
  ]);
  rmSync(join(folder, "experiment_1.json"));
  expect(() => importResults(store, folder, { experiment: "published" })).toThrow(/found none/);
});

it("says which fold has no number instead of inventing one", () => {
  using store = openStore(":memory:");
  const text =
    '{"metadata": {"name": "a NaN", "task": "Classification"}, "expdata": {"model": "other/model", ' +
    '"classifier": "LDA", "layer": -1}, "data": {"Accuracy": [0.5, 0.25], "F1": [NaN, 0.5]}}';
  writeFileSync(join(folder, "nan.json"), text);
  importResults(store, join(folder, "nan.json"), { experiment: "published" });
  const rows = [...readResults(store)];
  expect(rows).toMatchObject([
    { dataset: "a NaN", metric: "accuracy", layer: "last", values: [0.5, 0.25] },
    { metric: "f1", values: [0.5], low: null },
  ]);
  expect(store.sqlite.prepare("select flags from trials").pluck().get()).toBe(
    '["NaN: f1 of fold 0"]',
  );
  expect(parsePythonJson('{"a": "\\"NaN", "b": -Infinity}')).toEqual({ a: '"NaN', b: "-Infinity" });
});

it("refuses the name of an experiment that was run", () => {
  using store = openStore(":memory:");
  recordExperiment(store, { name: "mine", kind: "probe", spec: "{}" });
  expect(() => importResults(store, fixtures, { experiment: "mine" })).toThrow(
    'experiment "mine" was not imported, expected another name (--experiment)',
  );
});

it("imports a bundle of 858 experiments in seconds", () => {
  using store = openStore(join(folder, "store.db"));
  const loss = Array.from({ length: 600 }, (_, i) => 1 / (i + 1));
  const bundle = Array.from({ length: 858 }, (_, i) => [
    `experiment_${i}`,
    {
      metadata: { name: `set ${i % 5}`, task: "Classification", size: 8770 },
      expdata: {
        ...{ model: "gpt2", classifier: i % 2 ? "Single Layer" : "LDA" },
        ...{ layer: i % 13, quantile: (i % 4) / 4 },
      },
      data: {
        Accuracy: Array.from({ length: 25 }, (_, fold) => (800 + ((i * 7 + fold) % 300)) / 1355),
        F1: Array.from({ length: 25 }, (_, fold) => ((i + fold) % 100) / 101),
        ...(i % 2 && { "train loss": loss, "validation loss": [0.5], "test loss": [0.5] }),
      },
    },
  ]);
  writeFileSync(join(folder, "bundle.json"), JSON.stringify(Object.fromEntries(bundle)));
  const begun = performance.now();
  const { trials, scores, losses } = importResults(store, join(folder, "bundle.json"), {
    experiment: "published",
  });
  const seconds = (performance.now() - begun) / 1000;
  process.stdout.write(`858 experiments, ${losses} losses: ${seconds.toFixed(1)} s\n`);
  expect([trials, scores, losses]).toEqual([858, 858 * 50, 429 * 602]);
  expect(seconds).toBeLessThan(30);
});
