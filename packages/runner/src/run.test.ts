import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { createInlineExecutor, createThreadExecutor, type Executor } from "./executor.ts";
import { loadExperiment } from "./experiment.ts";
import { createLog } from "./log.ts";
import { experimentFields, makeExperimentFolder } from "./make-experiment.ts";
import { runExperiment } from "./run.ts";
import { openStore, readResults, readStatus } from "./store/index.ts";

type Places = { readonly store: string; readonly cache: string };
type Options = {
  readonly executor?: Executor;
  readonly stop?: AbortController;
  readonly failFast?: boolean;
};

/** Runs a file and returns how it ended and what was printed. */
async function run(file: string, places: Places, options: Options = {}) {
  const written: string[] = [];
  const sink = { write: (text: string) => written.push(text) };
  const executor = options.executor ?? createInlineExecutor();
  const outcome = await runExperiment(await loadExperiment(file), {
    ...places,
    device: "cpu",
    workers: executor.workers,
    createExecutor: () => executor,
    log: createLog({ out: sink, live: sink }),
    stop: options.stop ?? new AbortController(),
    failFast: options.failFast ?? false,
    command: "test",
  });
  return { outcome, text: written.join("") };
}

function results({ store: file }: Places) {
  using store = openStore(file, { readonly: true });
  return [...readResults(store)];
}

function states({ store: file }: Places) {
  using store = openStore(file, { readonly: true });
  const { done, failed, pending } = readStatus(store).experiments[0]!.counts;
  return { done, failed, pending };
}

const poolers = [
  { layer: "each", token: "mean" },
  { layer: "each", token: "last" },
  { layer: "all", layerMethod: "concat", token: "cls" },
];

test("encodes once for all poolings, probes every trial, and shows the best layers", async () => {
  const { write, places } = makeExperimentFolder();
  const file = write("e.json", experimentFields({ poolers, classifiers: ["lda", "ridge"] }));
  const { outcome, text } = await run(file, places);
  expect(outcome).toBe("done");
  expect(states(places)).toEqual({ done: (4 + 4 + 1) * 2, failed: 0, pending: 0 });
  expect(readdirSync(places.cache).filter((name) => name.endsWith(".safetensors"))).toHaveLength(1);
  expect(text).toMatch(/^texts +bert +mean +lda +\d of 4 +accuracy/m);
  expect(text).toMatch(/^texts +bert +cls, concat of layers +ridge +all +accuracy/m);
  const accuracies = results(places).filter(({ metric }) => metric === "accuracy");
  expect(accuracies).toHaveLength(18);
  expect(accuracies.every(({ values }) => values.length === 3)).toBe(true);
  const best = Math.max(...accuracies.flatMap((row) => (row.token === "mean" ? row.mean : [])));
  expect(best).toBeGreaterThan(0.65); // one word tells the class of four texts in five
});

test("does nothing when run again, and only what is new when the grid grows", async () => {
  const { write, places } = makeExperimentFolder();
  const small = write("small.json", experimentFields());
  await run(small, places);
  const first = results(places);
  const again = await run(small, places);
  expect(again.text).not.toMatch(/^(encode|probe) .* in /m);
  expect(results(places)).toEqual(first);

  const large = write("large.json", experimentFields({ poolers }));
  const { text } = await run(large, places);
  expect(text).toMatch(/^encode +encodings +1 +0 +1 /m); // its mean is there, last and cls are not
  expect(text).toMatch(/^probe +trials +9 +4 +5 /m);
  expect(readdirSync(places.cache).filter((name) => name.endsWith(".safetensors"))).toHaveLength(2);
  expect(results(places).slice(0, first.length)).toEqual(first);
});

test("gives the same scores in threads as in this one", { timeout: 120_000 }, async () => {
  const { write, places } = makeExperimentFolder();
  const fields = experimentFields({ poolers, classifiers: ["lda", "logistic", "single-layer"] });
  const file = write("e.json", fields);
  await run(file, places);
  const threads = {
    store: `${places.store}.threads`,
    cache: `${places.cache}.threads`,
  };
  await run(file, threads, { executor: createThreadExecutor(2) });
  expect(results(threads)).toEqual(results(places));
});

test("keeps a failed trial with its message, goes on, and tries it again next time", async () => {
  const { write, places } = makeExperimentFolder();
  const moody = (text: string) => `
    const moody = { name: "moody", fit: () => { ${text} } };
    export default ${JSON.stringify(experimentFields()).replace('["lda"]', '["lda", moody]')};`;
  const broken = write("broken.ts", moody('throw new Error("not today")'));
  const { outcome, text } = await run(broken, places);
  expect(outcome).toBe("failed");
  expect(text).toContain("probe   8 trials in");
  expect(text).toContain("4 failed");
  expect(states(places)).toEqual({ done: 4, failed: 4, pending: 0 });
  using store = openStore(places.store, { readonly: true });
  expect(readStatus(store).failures[0]?.error).toBe("not today");
  const once = await run(broken, places);
  expect(once.outcome).toBe("failed");
  expect(once.text).toContain("probe   4 trials in");
});

test("stops at the first failure with --fail-fast", async () => {
  const { write, places } = makeExperimentFolder();
  const fields = JSON.stringify(experimentFields()).replace('["lda"]', "[moody]");
  const file = write(
    "e.ts",
    `const moody = { name: "moody", fit: () => { throw new Error("no") } };\nexport default ${fields};`,
  );
  expect((await run(file, places, { failFast: true })).outcome).toBe("failed");
  const { failed, pending } = states(places);
  expect(failed).toBeGreaterThan(0);
  expect(pending).toBeGreaterThan(0);
});

test("finishes what is in flight when stopped, and ends with the same scores later", async () => {
  const { write, places } = makeExperimentFolder();
  const file = write("e.json", experimentFields({ poolers, classifiers: ["lda", "ridge"] }));
  const stop = new AbortController();
  const inline = createInlineExecutor();
  let jobs = 0;
  const executor: Executor = {
    ...inline,
    run: (kind, work) => {
      if (++jobs === 4) stop.abort();
      return inline.run(kind, work);
    },
  };
  const { outcome } = await run(file, places, { executor, stop });
  expect(outcome).toBe("stopped");
  expect(states(places).pending).toBeGreaterThan(0);
  expect((await run(file, places)).outcome).toBe("done");
  const other = makeExperimentFolder();
  const whole = other.write("e.json", experimentFields({ poolers, classifiers: ["lda", "ridge"] }));
  await run(whole, other.places);
  expect(results(places)).toEqual(results(other.places));
});

test("fails the trials of an encoding that can not be made, and goes on with the others", async () => {
  const { write, places } = makeExperimentFolder();
  const file = write("e.json", experimentFields());
  const inline = createInlineExecutor();
  const executor: Executor = {
    ...inline,
    run: (kind, work) =>
      kind === "encode" ? Promise.reject(new Error("no memory")) : inline.run(kind, work),
  };
  const { outcome } = await run(file, places, { executor });
  expect(outcome).toBe("failed");
  expect(states(places)).toEqual({ done: 0, failed: 4, pending: 0 });
  expect((await run(file, places)).outcome).toBe("done");
  expect(states(places)).toEqual({ done: 4, failed: 0, pending: 0 });
});

test("leaves with a clear error when the disk is full, and goes on when there is room", async () => {
  const { write, places } = makeExperimentFolder();
  const file = write("e.json", experimentFields());
  const inline = createInlineExecutor();
  const executor: Executor = {
    ...inline,
    run: () => Promise.reject(new Error("ENOSPC: no space left on device, write")),
  };
  await expect(run(file, places, { executor })).rejects.toThrow("ENOSPC");
  expect(states(places)).toEqual({ done: 0, failed: 0, pending: 4 });
  expect((await run(file, places)).outcome).toBe("done");
});

test("runs trials one by one when a worker dies, so that only the one that kills it fails", async () => {
  const { write, places } = makeExperimentFolder();
  const file = write("e.json", experimentFields({ classifiers: ["lda", "ridge"] }));
  const inline = createInlineExecutor();
  const executor: Executor = {
    ...inline,
    run: (kind, work) => {
      const trials = "trials" in work ? work.trials : [];
      const deadly = trials.some(({ classifier }) => classifier.name === "ridge");
      return deadly ? Promise.reject(new Error("worker exited")) : inline.run(kind, work);
    },
  };
  expect((await run(file, places, { executor })).outcome).toBe("failed");
  expect(states(places)).toEqual({ done: 4, failed: 4, pending: 0 });
});

test("probes layers as rows, attention and a mix of layers, each by the classifiers that can", async () => {
  const { write, places } = makeExperimentFolder();
  const fields = experimentFields({
    poolers: [
      { layer: "all", layerMethod: "rows", token: "mean" },
      { layer: "last", token: { attention: 6 } },
      { layer: "every", layerMethod: "concat", token: "mean" },
    ],
    classifiers: ["lda", { name: "single-layer", epochs: 5 }, { name: "scalar-mix", epochs: 5 }],
    statistics: { control: true, descriptionLength: 1, permutations: 2 },
  });
  const { outcome, text } = await run(write("e.json", fields), places);
  expect(outcome).toBe("done");
  expect(text).toContain("note: poolings of single vectors: without scalar-mix");
  expect(text).toContain("note: attention 6: without lda");
  const all = results(places);
  const trials = new Set(
    all.map(({ token, layerMethod, classifier }) => `${token} ${layerMethod} ${classifier}`),
  );
  expect([...trials].sort()).toEqual([
    "attention 6 null single-layer epochs=5",
    "mean concat lda",
    "mean concat scalar-mix epochs=5",
    "mean concat single-layer epochs=5",
    "mean rows lda",
    "mean rows single-layer epochs=5",
  ]);
  const mix = all.filter(({ classifier }) => classifier.startsWith("scalar-mix"));
  const weights = mix.filter(({ metric }) => metric.startsWith("layerWeight"));
  expect(weights.map(({ metric }) => metric)).toEqual([
    "layerWeight0",
    "layerWeight1",
    "layerWeight2",
    "layerWeight3",
  ]);
  for (const fold of [0, 1, 2]) {
    const values = weights.map((row) => row.values[fold] ?? 0);
    expect(values.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 6);
    const centre = mix.find(({ metric }) => metric === "centreOfGravity")?.values[fold];
    expect(centre).toBeCloseTo(
      values.reduce((sum, value, layer) => sum + layer * value, 0),
      5,
    );
  }
  const rows = all.find(
    ({ layerMethod, metric }) => layerMethod === "rows" && metric === "accuracy",
  );
  expect(rows?.flags.join()).toContain(
    "no description length: layers as rows would send each label several times",
  );
  const attention = all.find(
    ({ token, metric }) => token === "attention 6" && metric === "selectivity",
  );
  expect(attention?.folds).toBe(3);
});

test("says which pooler a classifier needs, and which classifier a pooler", async () => {
  const { write, places } = makeExperimentFolder();
  const mix = write("mix.json", experimentFields({ classifiers: ["scalar-mix"] }));
  await expect(run(mix, places)).rejects.toThrow(
    'poolers: classifier scalar-mix: expected a pooler with layerMethod "concat"',
  );
  const token = write("t.json", experimentFields({ poolers: [{ layer: 1, token: "attention" }] }));
  await expect(run(token, places)).rejects.toThrow(
    "poolers: classifier lda: expected a pooler with another token",
  );
});

test("stops trials that can no longer win, where that is asked for", async () => {
  const { write, places } = makeExperimentFolder();
  const idle = { name: "single-layer", epochs: 1, learningRate: 1e-9 };
  const fields = experimentFields({
    poolers: [{ layer: 0, token: "mean" }],
    classifiers: ["lda", idle],
    folds: { kind: "stratified", k: 6, seed: 1 },
    statistics: { stop: 0.5 },
  });
  const { outcome } = await run(write("e.json", fields), places);
  expect(outcome).toBe("done");
  const [best] = results(places);
  const stopped = results(places).filter(({ classifier }) => classifier.startsWith("single-layer"));
  const metrics = stopped.map(({ metric, folds }) => `${metric} ${folds}`);
  expect(metrics).toEqual(["stoppedAccuracy 3", "stoppedAfter 1", "stoppedP 1"]);
  expect(stopped[0]?.flags.join()).toMatch(
    `stopped after 3 of 6 folds: worse than ${best?.trial}, p 0.`,
  );
});
