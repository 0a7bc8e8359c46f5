/** @file Fine-tunings and attributions on a cluster (fake programs, real tasks): the store of a run on this machine. */

import { readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, expect, it } from "vitest";
import type { AttributeExperiment } from "../packages/runner/src/attribute/experiment.ts";
import { runAttributions } from "../packages/runner/src/attribute/run-attributions.ts";
import { createInlineExecutor, type Executor } from "../packages/runner/src/executor.ts";
import { loadAnyExperiment } from "../packages/runner/src/experiment.ts";
import type { FinetuneExperiment } from "../packages/runner/src/finetune/experiment.ts";
import { runTrainings } from "../packages/runner/src/finetune/run-trainings.ts";
import { createLog } from "../packages/runner/src/log.ts";
import { runExperiment } from "../packages/runner/src/run.ts";
import { computeOnCluster } from "../packages/runner/src/slurm/compute-on-cluster.ts";
import { explainOnCluster } from "../packages/runner/src/slurm/explain-on-cluster.ts";
import { readSlurmSettings } from "../packages/runner/src/slurm/settings.ts";
import { readSubmission } from "../packages/runner/src/slurm/sweep.ts";
import { trainOnCluster } from "../packages/runner/src/slurm/train-on-cluster.ts";
import { tuneOnCluster } from "../packages/runner/src/slurm/tune-on-cluster.ts";
import { workShard } from "../packages/runner/src/slurm/work-shard.ts";
import { openStore, type RunOutcome } from "../packages/runner/src/store/index.ts";
import { createProcessExecutor } from "../packages/runner/src/supervisor/process-executor.ts";
import { fixtures } from "./golden.ts";
import { createFakeCluster, type FakeJob, type Fate, sweepOf } from "./slurm/fake-cluster.ts";
import { storeRows } from "./store-rows.ts";
import { base, inTurn, workFolder, writeRows } from "./tuning.ts";

const { path: folder, remove } = workFolder("slurm-kinds");
afterAll(remove);
const data = writeRows(join(folder, "rows.csv"), inTurn(120));
const here = process.cwd();
const served: { stop: () => Promise<void> }[] = [];
afterEach(async () => {
  for (const one of served.splice(0)) await one.stop();
  process.chdir(here);
});

type Where = "inline" | "local" | "cluster";
type Ran = { readonly outcome: RunOutcome; readonly lines: readonly string[] };

/** What a task prints, and the cluster's settings for quick looks. */
const logOf = (lines: string[]) => {
  const out = { write: (line: string) => lines.push(line) };
  return createLog({ out, live: { write: () => true } });
};
const settings = (name: string, more: readonly string[] = []) =>
  readSlurmSettings([
    ...[
      "poll=0.05",
      "pollMost=0.1",
      "bundle=0",
      "cpus=1",
      `folder=${join(folder, `jobs ${name}`)}`,
    ],
    ...more,
  ]);
const executors: Readonly<Record<Where, () => Executor>> = {
  inline: createInlineExecutor,
  local: () => createProcessExecutor(2),
  cluster: createInlineExecutor,
};

/** Runs an experiment file of any kind into a store and cache of its own. */
async function run(name: string, text: object, where: Where): Promise<Ran> {
  const file = join(folder, `${name}.json`);
  writeFileSync(file, JSON.stringify(text));
  const experiment = await loadAnyExperiment(file);
  const lines: string[] = [];
  const options = {
    ...{ store: storeOf(name), cache: join(folder, `cache-${name}`), device: "cpu" as const },
    ...{ workers: 1, failFast: false, command: "test", stop: new AbortController() },
    createExecutor: executors[where],
    log: logOf(lines),
  };
  const { cache } = options;
  const cluster = { settings: settings(name), device: "cpu" } as const;
  const on = where === "cluster";
  const outcome =
    "kind" in experiment
      ? experiment.kind === "finetune"
        ? await runTrainings(experiment as FinetuneExperiment, {
            ...options,
            ...(on && { compute: trainOnCluster(cluster) }),
          })
        : await runAttributions(experiment as AttributeExperiment, {
            ...options,
            ...(on && {
              tune: tuneOnCluster(cluster),
              compute: explainOnCluster({ ...cluster, cache }),
            }),
          })
      : await runExperiment(experiment, {
          ...options,
          ...(on && { compute: computeOnCluster(cluster) }),
        });
  return { outcome, lines };
}

const storeOf = (name: string): string => join(folder, `${name}.db`);

const resultsOf = (name: string) => storeRows(storeOf(name));

/** A healthy node, which may end a task as it likes. */
function node(lines: string[], stopFor: (job: FakeJob, task: number) => AbortController): Fate {
  return async (job, task) => {
    const stop = stopFor(job, task);
    for (const shard of readSubmission(job.submission).tasks[task]?.shards ?? []) {
      await workShard({
        ...{ shard, stop, folder: sweepOf(job), workers: 1, log: logOf(lines) },
        createExecutor: createInlineExecutor,
      });
    }
    return { state: stop.signal.aborted ? "PENDING" : "COMPLETED" };
  };
}

const never = (): AbortController => new AbortController();

const trainings = (name: string, more: object = {}) => ({
  ...{ kind: "finetune", name: "tune", datasets: data, models: base, maxEpochs: 3, batchSize: 4 },
  ...{ learningRate: [3e-3, 1e-3], checkpoints: join(folder, `made-${name}`), ...more },
});

it("trains to the same store and checkpoints inline, in workers and on a cluster", async () => {
  const cluster = createFakeCluster();
  served.push(cluster.serve(node([], never)));
  for (const where of ["inline", "local", "cluster"] as const) {
    const { outcome } = await run(where, trainings(where), where);
    expect(outcome).toBe("done");
  }
  const expected = resultsOf("inline");
  expect(expected.trials).toHaveLength(2);
  expect(expected.curves?.length).toBeGreaterThan(0);
  expect(expected.predictions).toHaveLength(2);
  expect(resultsOf("local")).toEqual(expected);
  expect(resultsOf("cluster")).toEqual(expected);
  expect(cluster.jobs()).toHaveLength(1);
  const ids = expected.trials!.map((row) => /\bid=(\w+)/.exec(row)![1]!);
  const best = (where: Where) => readlinkSync(join(folder, `made-${where}`, "best"));
  for (const id of ids) {
    const weights = (where: Where) =>
      readFileSync(join(folder, `made-${where}`, id, "model.safetensors"));
    expect(weights("cluster").equals(weights("inline"))).toBe(true);
  }
  expect(best("cluster")).toBe(best("inline"));
});

it("goes on from the saved state when a task is put back, and counts once", async () => {
  const cluster = createFakeCluster();
  const lines: string[] = [];
  const interrupted = new Set<string>();
  const once = (job: FakeJob, task: number): AbortController => {
    const stop = new AbortController();
    const place = `${job.id}_${task}`;
    if (interrupted.has(place)) return stop;
    interrupted.add(place);
    const begun = lines.length;
    const timer = setInterval(() => {
      // as the warning before a time limit: after the first evaluation
      if (!lines.slice(begun).some((line) => /^ +1\.00 /.test(line))) return;
      clearInterval(timer);
      stop.abort();
    }, 1);
    return stop;
  };
  served.push(cluster.serve(node(lines, once)));
  const { outcome } = await run(
    "again",
    trainings("again", { maxEpochs: 12, patience: 12 }),
    "cluster",
  );
  expect(outcome).toBe("done");
  await run("again-inline", trainings("again-inline", { maxEpochs: 12, patience: 12 }), "inline");
  expect(resultsOf("again")).toEqual(resultsOf("again-inline"));
  expect(lines.filter((line) => line.startsWith("goes on after update"))).toHaveLength(2);
});

it("brings a curve into the store while its task still trains, and ends with the store of a run here", async () => {
  const cluster = createFakeCluster();
  const lines: string[] = [];
  const seen: (readonly string[])[] = [];
  const fate: Fate = async (job, task) => {
    const stop = new AbortController();
    const begun = lines.length;
    const timer = setInterval(() => {
      if (lines.slice(begun).some((line) => /^ +1\.00 /.test(line))) stop.abort();
    }, 1);
    const first = seen.length === 0;
    await node(lines, () => (first ? stop : never()))(job, task);
    clearInterval(timer);
    if (!first) return { state: "COMPLETED" };
    while (seen.length === 0) {
      await sleep(20);
      using store = openStore(storeOf("live"), { readonly: true });
      const points = store.sqlite
        .prepare<[], string>(
          `select part || ' ' || metric || ' ' || evaluation from curves
           join trials on trials.key = curves.trial where state = 'running' order by 1`,
        )
        .pluck()
        .all();
      if (points.length > 0) seen.push(points);
    }
    return { state: "PENDING" };
  };
  served.push(cluster.serve(fate));
  const one = { learningRate: 3e-3, maxEpochs: 12, patience: 12 };
  expect((await run("live", trainings("live", one), "cluster")).outcome).toBe("done");
  await run("live-inline", trainings("live-inline", one), "inline");
  expect(seen[0]).toContain("validation accuracy 1");
  expect(seen[0]?.some((point) => point.endsWith(" 12"))).toBe(false);
  expect(resultsOf("live")).toEqual(resultsOf("live-inline"));
});

it("prunes by the curves that other tasks have left", async () => {
  const cluster = createFakeCluster();
  served.push(cluster.serve(node([], never)));
  const pruned = {
    ...{ learningRate: [3e-3, 1e-9, 1e-8], pruning: { kind: "median", startup: 1, warmup: 6 } },
    ...{ maxEpochs: 8, batchSize: 4, patience: 9, validFrac: 0.25, pooling: "mean" },
    dropout: { hidden: 0, attention: 0, head: 0 }, // so that the first one surely learns
  };
  await run("prune", trainings("prune", pruned), "cluster");
  await run("prune-inline", trainings("prune-inline", pruned), "inline");
  expect(resultsOf("prune")).toEqual(resultsOf("prune-inline"));
  expect(resultsOf("prune").trials?.some((row) => row.includes("pruned after"))).toBe(true);
});

it("a training that diverges fails alone, with the reason", async () => {
  const cluster = createFakeCluster();
  served.push(cluster.serve(node([], never)));
  const wild = { learningRate: [3e-3, 10], clipNorm: null, schedule: "constant", maxEpochs: 30 };
  const { outcome } = await run("wild", trainings("wild", wild), "cluster");
  const inline = await run("wild-inline", trainings("wild-inline", wild), "inline");
  expect(outcome).toBe(inline.outcome);
  expect(resultsOf("wild")).toEqual(resultsOf("wild-inline"));
});

it("explains to the same store, models that are fine-tuned first included", async () => {
  const cluster = createFakeCluster();
  served.push(cluster.serve(node([], never)));
  const text = (where: Where) => ({
    ...{ kind: "attribute", name: "why", datasets: { path: data, limit: 20 } },
    models: [join(fixtures, "bert-classification"), { base, maxEpochs: 1, batchSize: 4 }],
    ...{ methods: ["gradient", "lrp"], minTokens: 3, minCount: 1, checkedTexts: 1 },
    ...{ infidelityDraws: 2, report: join(folder, `report-${where}`) },
  });
  for (const where of ["inline", "local", "cluster"] as const) {
    const { outcome, lines } = await run(`why-${where}`, text(where), where);
    expect(outcome, lines.join("")).toBe("done");
  }
  const expected = resultsOf("why-inline");
  expect(expected.attributions?.length).toBe(2 * 3 * 20);
  expect(resultsOf("why-local")).toEqual(expected);
  expect(resultsOf("why-cluster")).toEqual(expected);
  const report = (where: Where) => readFileSync(join(folder, `report-${where}`, "report.json"));
  expect(report("cluster").equals(report("inline"))).toBe(true);
});

it("brings home what statistics found beside the scores", async () => {
  const cluster = createFakeCluster();
  served.push(cluster.serve(node([], never)));
  const probes = {
    ...{ name: "coded", datasets: [data], models: [base], classifiers: ["lda"] },
    poolers: [{ layer: "each", token: "mean" }],
    ...{ folds: { kind: "stratified", k: 3, seed: 1 }, statistics: { descriptionLength: 1 } },
  };
  await run("coded-cluster", probes, "cluster");
  await run("coded-inline", probes, "inline");
  expect(resultsOf("coded-cluster")).toEqual(resultsOf("coded-inline"));
  expect(resultsOf("coded-cluster").code_blocks?.length).toBeGreaterThan(0);
});
