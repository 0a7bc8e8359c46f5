/** @file The runner's own cost: trivial trials through the whole runner, then the same grid again with nothing to do. */

import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { loadExperiment } from "../packages/runner/src/experiment.ts";
import { createLog } from "../packages/runner/src/log.ts";
import { runExperiment } from "../packages/runner/src/run.ts";
import { createProcessExecutor } from "../packages/runner/src/supervisor/process-executor.ts";
import { isMain } from "./options.ts";
import { printRows, type Row } from "./peer.ts";

type Options = {
  readonly trials: number;
  /** Texts of the dataset. */
  readonly rows?: number;
  readonly workers?: number;
  readonly bootstrap?: number;
  /** Kept, so that only the second run is measured when it is there already. */
  readonly folder?: string | undefined;
};

const model = new URL("../models/demo-bert", import.meta.url).pathname;
const tokens = 20;
const layers = 7;

/** Seconds of all trials and of a second run, and how the runner's memory grew. */
export async function measureRunner(options: Options): Promise<readonly Row[]> {
  const { workers = 2, folder: kept } = options;
  const folder = kept ?? mkdtempSync(join(tmpdir(), "probegrid-bench-"));
  mkdirSync(folder, { recursive: true });
  try {
    const file = writeExperiment(folder, options);
    const first = await run(folder, file, workers);
    const again = await run(folder, file, workers);
    const { trials, seconds, memory } = first;
    const each = `${((seconds / trials) * 1e3).toFixed(2)} ms each`;
    const store = megabytes(statSync(join(folder, "trivial.db")).size);
    const [middle = 0, end = 0] = [memory.at(Math.floor(memory.length / 2)), memory.at(-1)];
    console.log(
      `${trials} trivial trials: ${seconds.toFixed(1)} s, ${each}, store ${store}; ` +
        `the runner's memory ${megabytes(middle)} half way, ${megabytes(end)} at the end`,
    );
    console.log(`run again, all of them done: ${again.seconds.toFixed(2)} s`);
    return [
      {
        ...{ work: `${trials} trivial trials through the runner`, against: "the clock" },
        ...{ atLeast: "under 5 minutes", measured: `${seconds.toFixed(0)} s, ${each}` },
      },
      {
        ...{ work: "the same again, nothing to do", against: "the clock" },
        ...{ atLeast: "under 5 s", measured: `${again.seconds.toFixed(1)} s` },
      },
    ];
  } finally {
    if (kept === undefined) rmSync(folder, { recursive: true });
  }
}

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`;

/** Nearest centroid on a few rows: seeds change nothing but the ids of the trials. */
function writeExperiment(folder: string, { trials, rows = 40, bootstrap = 1000 }: Options): string {
  const lines = Array.from({ length: rows }, (_, i) =>
    JSON.stringify({
      text: i % 2 === 0 ? "the cat sees a dog" : "a dog saw the cat",
      label: i % 2,
    }),
  );
  writeFileSync(join(folder, "rows.jsonl"), lines.join("\n"));
  const file = join(folder, "trivial.json");
  const experiment = {
    ...{ name: "trivial", datasets: ["rows.jsonl"], models: [model] },
    poolers: Array.from({ length: tokens }, (_, i) => ({
      ...{ layer: "each", token: { quantile: i / tokens } },
    })),
    classifiers: ["nearest-centroid"],
    folds: { kind: "stratified", k: 10, seed: 1 },
    seeds: Array.from({ length: Math.ceil(trials / (tokens * layers)) }, (_, i) => i),
    statistics: { bootstrap },
  };
  writeFileSync(file, JSON.stringify(experiment));
  return file;
}

async function run(folder: string, file: string, workers: number) {
  const begun = performance.now();
  const memory: number[] = [];
  const watch = setInterval(() => memory.push(process.memoryUsage.rss()), 500);
  const silent = { write: () => true };
  const experiment = await loadExperiment(file);
  const outcome = await runExperiment(experiment, {
    ...{ store: join(folder, "trivial.db"), cache: join(folder, "cache"), device: "cpu", workers },
    createExecutor: () => createProcessExecutor(workers),
    log: createLog({ out: silent, live: silent }),
    stop: new AbortController(),
    ...{ failFast: false, command: "bench" },
  });
  clearInterval(watch);
  if (outcome !== "done") throw new Error(`bench: the run ended as ${outcome}`);
  const seconds = (performance.now() - begun) / 1000;
  return { seconds, memory, trials: experiment.classifiers.length * tokens * layers };
}

if (isMain(import.meta)) {
  const text = { type: "string" } as const;
  const { values } = parseArgs({
    options: { trials: text, rows: text, workers: text, bootstrap: text, folder: text },
  });
  const number = (name: "trials" | "rows" | "workers" | "bootstrap", otherwise: number) =>
    Number(values[name] ?? otherwise);
  printRows(
    await measureRunner({
      trials: number("trials", 100_000),
      rows: number("rows", 40),
      workers: number("workers", 2),
      bootstrap: number("bootstrap", 1000),
      folder: values.folder,
    }),
  );
}
