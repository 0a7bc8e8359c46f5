/** @file Fine-tunings in worker processes: a killed or hanging worker costs nothing but time, and devices train side by side. */

import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openStore, readCurves } from "@probegrid/runner/store";
import { afterAll, expect, it, onTestFinished } from "vitest";
import { openCheckpoint } from "../packages/runner/src/checkpoint.ts";
import { loadDataset } from "../packages/runner/src/dataset.ts";
import { loadAnyExperiment } from "../packages/runner/src/experiment.ts";
import type { FinetuneExperiment } from "../packages/runner/src/finetune/experiment.ts";
import { runTrainings } from "../packages/runner/src/finetune/run-trainings.ts";
import { readSettings } from "../packages/runner/src/finetune/settings.ts";
import type { FinetuneLink } from "../packages/runner/src/jobs/finetune.ts";
import { createLog } from "../packages/runner/src/log.ts";
import { createProcessExecutor } from "../packages/runner/src/supervisor/process-executor.ts";
import { base, inTurn, workFolder, writeRows } from "./tuning.ts";

const { path: folder, remove } = workFolder("finetune-workers");
afterAll(remove);
const data = writeRows(join(folder, "rows.csv"), inTurn(160));

const places = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ device: "cpu", index }) as const);

/** Processes of workers that this process has started. */
function workers(): readonly number[] {
  const rows = execFileSync("ps", ["--ppid", String(process.pid), "-o", "pid=,args="], {
    encoding: "utf8",
  });
  const own = rows.split("\n").filter((row) => row.includes("worker-process"));
  return own.map((row) => Number.parseInt(row, 10));
}

type Run = {
  readonly count?: number;
  /** Hears each line that the run prints. */
  readonly hear?: (line: string, stop: AbortController) => void;
};

/** Runs an experiment of two learning rates in worker processes. */
async function run(name: string, { count = 1, hear = () => {} }: Run = {}) {
  const file = join(folder, `${name}.json`);
  const text = {
    ...{ kind: "finetune", name, datasets: data, models: base, maxEpochs: 4, batchSize: 4 },
    ...{ learningRate: [3e-3, 1e-3], checkpoints: join(folder, name) },
  };
  writeFileSync(file, JSON.stringify(text));
  const experiment = (await loadAnyExperiment(file)) as FinetuneExperiment;
  const store = join(folder, `${name}.db`);
  const stop = new AbortController();
  const lines: string[] = [];
  const out = {
    write: (line: string) => {
      lines.push(line);
      hear(line, stop);
    },
  };
  const outcome = await runTrainings(experiment, {
    ...{ store, cache: folder, device: "cpu" as const, stop, failFast: false, command: "test" },
    createExecutor: () => createProcessExecutor(count, { places: places(count), silence: 60 }),
    log: createLog({ out, live: { write: () => true } }),
  });
  using opened = openStore(store, { readonly: true });
  const trials = opened.sqlite.prepare("select id, state, error from trials order by key").all();
  const found = trials as { id: string; state: string; error: string | null }[];
  return {
    ...{ outcome, lines, trials: found },
    curves: found.map(({ id }) => readCurves(opened, id).length),
    weights: () => found.map(({ id }) => readFileSync(join(folder, name, id, "model.safetensors"))),
  };
}

let undisturbed: Awaited<ReturnType<typeof run>> | undefined;
const quiet = async () => {
  undisturbed ??= await run("quiet");
  return undisturbed;
};

it("trains two side by side, each with its curve, to the same bits", async () => {
  let most = 0;
  const both = await run("both", {
    count: 2,
    hear: () => {
      most = Math.max(most, workers().length);
    },
  });
  expect(both).toMatchObject({ outcome: "done", trials: [{ state: "done" }, { state: "done" }] });
  expect(most).toBe(2);
  const { weights, curves } = await quiet();
  expect(both.curves).toEqual(curves);
  expect(both.weights()).toEqual(weights());
  const id = both.trials[0]!.id.slice(0, 6);
  expect(both.lines.join("")).toContain(`train ${id}  train bert on rows`);
});

it("goes on from the saved state when its worker is killed, to the same bits", async () => {
  let training = "";
  const struck = new Set<string>();
  const killed = await run("killed", {
    hear: (line) => {
      if (line.startsWith("training ")) training = line;
      if (!/^ {2}2\.00/.test(line) || struck.has(training)) return; // the second epoch of each, once
      struck.add(training);
      for (const worker of workers()) process.kill(worker, "SIGKILL");
    },
  });
  expect(killed).toMatchObject({ outcome: "done", trials: [{ state: "done" }, { state: "done" }] });
  expect(killed.lines.filter((line) => line.startsWith("goes on after update"))).toHaveLength(2);
  const { weights, curves } = await quiet();
  expect(killed.curves).toEqual(curves);
  expect(killed.weights()).toEqual(weights());
});

it("fails a training whose worker is always lost, and goes on with the next", async () => {
  let trainings = 0;
  const { trials, outcome } = await run("lost", {
    hear: (line) => {
      if (line.startsWith("training ")) trainings += 1;
      if (trainings !== 1 || !line.startsWith("train bert on")) return;
      for (const worker of workers()) process.kill(worker, "SIGSEGV");
    },
  });
  expect(outcome).toBe("failed");
  expect(trials).toMatchObject([{ state: "failed" }, { state: "done" }]);
  expect(trials[0]!.error).toMatch(/worker was ended by SIGSEGV.*tried again alone/);
});

it("saves and stops when it is asked to, and goes on with the next run", async () => {
  const stopped = await run("stopped", {
    hear: (line, stop) => {
      if (/^ {2}2\.00/.test(line)) stop.abort();
    },
  });
  expect(stopped).toMatchObject({ outcome: "stopped", trials: [{ state: "pending" }, {}] });
  const again = await run("stopped");
  expect(again.outcome).toBe("done");
  expect(again.lines.filter((line) => line.startsWith("goes on after update"))).toHaveLength(1);
  expect(again.weights()).toEqual((await quiet()).weights());
});

/** A training by itself, as the executor takes it. */
async function trainAlone(name: string, link: Partial<FinetuneLink>, silence: number) {
  const executor = createProcessExecutor(1, { places: places(1), silence });
  onTestFinished(async () => await executor.close());
  const work = {
    checkpoint: await openCheckpoint(base),
    dataset: await loadDataset(data),
    settings: readSettings({ maxEpochs: 4, batchSize: 4, learningRate: 1e-3 }),
    pruning: { kind: "median", startup: 1, warmup: 1 } as const,
    ...{ out: join(folder, name), device: "cpu" as const, threads: 1 },
    save: { steps: null, seconds: 300 },
  };
  const { signal } = new AbortController();
  const whole = { tell: () => {}, ask: async () => null, signal, ...link };
  return await executor.run("finetune", work, { link: whole });
}

it("replaces a worker that lives and gets nowhere", async () => {
  const ask = async () => await new Promise<never>(() => {});
  await expect(trainAlone("stuck", { ask }, 5)).rejects.toThrow(
    "worker lived but told nothing for 5 s, and was replaced",
  );
});

it("ends a training whose news the runner can not keep", async () => {
  const tell: FinetuneLink["tell"] = ({ kind }) => {
    if (kind === "evaluation") throw new Error("no space left on the disk");
  };
  await expect(trainAlone("full", { tell }, 60)).rejects.toThrow("no space left on the disk");
  expect(workers()).toHaveLength(0);
});
