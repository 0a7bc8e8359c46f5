import { expect, test } from "vitest";
import { canonicalJson, shortHash } from "./canonical.ts";
import { noRates } from "./estimate.ts";
import { loadExperiment } from "./experiment.ts";
import { cellsOf, openGrid, pairsOf } from "./grid.ts";
import { trialsOf } from "./grid-trials.ts";
import { experimentFields, makeExperimentFolder } from "./make-experiment.ts";
import { planGrid, refuseOverfull } from "./plan.ts";

async function open(change: Readonly<Record<string, unknown>>) {
  const { write, places } = makeExperimentFolder();
  const grid = await openGrid(
    await loadExperiment(write("e.json", experimentFields(change))),
    places.cache,
  );
  const options = { cache: places.cache, done: new Set<string>(), rates: noRates, workers: 2 };
  return { grid, options, places };
}

/** Every trial, one by one. */
function enumerate({ grid }: Awaited<ReturnType<typeof open>>) {
  return [...pairsOf(grid)].flatMap((pair) =>
    [...cellsOf(grid, pair)].flatMap((cell) => [...trialsOf(grid, cell)]),
  );
}

const poolers = [
  { layer: "each", token: "mean" },
  { layer: -1, token: "mean" }, // the last of "each", counted once
  { layer: "every", layerMethod: "max", token: { quantile: 0.5 } },
];

test("counts what enumeration finds", async () => {
  const opened = await open({ poolers, classifiers: ["lda", "lda", { name: "logistic", c: 2 }] });
  const trials = enumerate(opened);
  const plan = planGrid(opened.grid, opened.options);
  expect(new Set(trials.map(({ id }) => id)).size).toBe((4 + 1) * 2);
  expect(plan).toMatchObject({ encodings: 1, trials: trials.length, folds: 3 * trials.length });
  expect(plan.cached).toEqual({ encodings: 0, trials: 0 });
});

test("writes the spec of every trial as canonical JSON, whatever is asked for", async () => {
  const opened = await open({
    ...{ poolers, classifiers: ["lda", { name: "logistic", c: 2 }], seeds: [3, 4] },
    ...{ trainSizes: [20, 30], statistics: { control: true, bootstrap: 50 }, maxTokens: 12 },
  });
  const trials = enumerate(opened);
  expect(trials).toHaveLength((4 + 1) * 2 * 2 * 2);
  for (const { spec, id } of trials) {
    expect(spec).toBe(canonicalJson(JSON.parse(spec)));
    expect(id).toBe(shortHash(spec));
  }
  expect(JSON.parse(trials[0]!.spec)).toMatchObject({
    ...{ classifier: { name: "lda", trainRows: 20 }, kind: "probe", seed: 3, version: 1 },
    ...{ encoding: { truncation: "end", maxTokens: 12, precision: "float32" } },
    ...{ folds: { kind: "stratified", k: 3, seed: 1 }, statistics: { control: true } },
    pooling: { layers: [0], layerMethod: null },
  });
});

test("counts done trials, and nothing more is to be written for them", async () => {
  const opened = await open({ poolers });
  const ids = enumerate(opened).map(({ id }) => id);
  const done = planGrid(opened.grid, { ...opened.options, done: new Set(ids.slice(0, 3)) });
  expect(done.cached.trials).toBe(3);
  const all = planGrid(opened.grid, { ...opened.options, done: new Set(ids) });
  expect(all.stages.probe).toEqual({ total: 5, cached: 5, bytes: 0, seconds: 0 });
});

test("knows how large the features will be", async () => {
  const { grid, options } = await open({ poolers });
  // 60 texts x 16 numbers of 4 bytes: the mean of 4 hidden states and a quantile of 4
  expect(planGrid(grid, options).stages.encode.bytes).toBe(60 * 16 * 4 * 8);
  const half = await open({ poolers, precision: "float16" });
  expect(planGrid(half.grid, half.options).stages.encode.bytes).toBe(60 * 16 * 2 * 8);
});

test("gives every trial an id that depends on everything it is made of", async () => {
  const ids = new Set<string>();
  for (const change of [
    {},
    { seed: 3 },
    { truncation: "front" },
    { folds: { kind: "stratified", k: 4, seed: 1 } },
    { classifiers: ["ridge"] },
    { poolers: [{ layer: "each", token: "max" }] },
    { datasets: [{ path: "texts.jsonl", limit: 50 }] },
  ]) {
    for (const { id } of enumerate(await open(change))) ids.add(id);
  }
  expect(ids.size).toBe(7 * 4);
  for (const { id } of enumerate(await open({ name: "other", question: "?" }))) ids.add(id);
  expect(ids.size).toBe(7 * 4); // names change nothing
});

test("plans a million trials in seconds, and refuses more than ten", async () => {
  const many = (from: number, count: number) =>
    Array.from({ length: count }, (_, i) => ({ name: "logistic", c: from + i }));
  const quantiles = Array.from({ length: 250 }, (_, i) => ({ token: { quantile: i / 250 } }));
  const { grid, options } = await open({ poolers: quantiles, classifiers: many(1, 1000) });
  const begun = performance.now();
  expect(planGrid(grid, { ...options, done: new Set(["none"]) }).trials).toBe(1_000_000);
  expect((performance.now() - begun) / 1000).toBeLessThan(20); // 2 s on an idle machine
  const huge = await open({ poolers: quantiles, classifiers: many(1, 10_001) });
  expect(() => planGrid(huge.grid, huge.options)).toThrow(
    'experiment "tiny": expected at most 10,000,000 trials, got 10,001,000',
  );
});

test("refuses a grid that does not fit on the disk", async () => {
  const { grid, options, places } = await open({});
  const plan = planGrid(grid, options);
  const encode = { ...plan.stages.encode, bytes: 1e18 };
  expect(() => refuseOverfull({ ...plan, stages: { ...plan.stages, encode } }, places)).toThrow(
    /experiment "tiny": its features need 1000 PB, the disk of .* has .* free/,
  );
});

test("leaves out classifiers that are not for a dataset's task, and says so", async () => {
  const datasets = [{ path: "texts.jsonl", task: "regression" }];
  const { grid, options } = await open({ datasets, classifiers: ["lda", "linear"] });
  expect(grid.notes).toEqual(["dataset texts is regression: without lda"]);
  expect(planGrid(grid, options).trials).toBe(4);
  await expect(open({ datasets, classifiers: ["lda"] })).rejects.toThrow(
    'classifiers: expected at least one for regression, the task of dataset "texts", got lda',
  );
});

test("says where in the file a dataset, a model or a layer is wrong", async () => {
  await expect(open({ datasets: ["none.csv"] })).rejects.toThrow(
    /e\.json: datasets\[0\]: dataset "none.csv": not found, looked for /,
  );
  await expect(open({ models: ["none"] })).rejects.toThrow(
    /e\.json: models\[0\]: model "none": not found/,
  );
  await expect(open({ poolers: [{ layer: 9 }] })).rejects.toThrow(
    'poolers[0].layer: model "bert" has 4 hidden states, expected 0 to 3 or -4 to -1, got 9',
  );
});

test("counts control tasks, permutations and online codes", async () => {
  const seconds = async (statistics: object) => {
    const { grid, options } = await open({ statistics });
    return planGrid(grid, options).stages.probe.seconds;
  };
  const plain = await seconds({});
  expect((await seconds({ permutations: 99 })) / plain).toBeCloseTo(100, 8);
  expect((await seconds({ control: true, descriptionLength: 2 })) / plain).toBeCloseTo(2.6, 8);
});
