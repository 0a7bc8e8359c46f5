/** @file The runner's own cost: trivial trials through the whole runner, then the same grid again with nothing to do. */

import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { loadExperiment } from "../packages/runner/src/experiment.ts";
import { createLog } from "../packages/runner/src/log.ts";
import { runExperiment } from "../packages/runner/src/run.ts";
import { createProcessExecutor } from "../packages/runner/src/supervisor/process-executor.ts";

const { values } = parseArgs({
  options: {
    trials: { type: "string", default: "100000" },
    rows: { type: "string", default: "40" },
    workers: { type: "string", default: "2" },
    bootstrap: { type: "string", default: "1000" },
    model: { type: "string", default: "models/demo-bert" },
    folder: { type: "string" }, // kept, so that only the second run is measured when it is there already
  },
});
const workers = Number(values.workers);
const folder = values.folder ?? mkdtempSync(join(tmpdir(), "probegrid-bench-"));
mkdirSync(folder, { recursive: true });
const tokens = 20;
const layers = 7;

/** Nearest centroid on a few rows: seeds change nothing but the ids of the trials. */
function writeExperiment(): string {
  const rows = Array.from({ length: Number(values.rows) }, (_, i) =>
    JSON.stringify({
      text: i % 2 === 0 ? "the cat sees a dog" : "a dog saw the cat",
      label: i % 2,
    }),
  );
  writeFileSync(join(folder, "rows.jsonl"), rows.join("\n"));
  const seeds = Math.ceil(Number(values.trials) / (tokens * layers));
  const file = join(folder, "trivial.json");
  const poolers = Array.from({ length: tokens }, (_, i) => ({
    ...{ layer: "each", token: { quantile: i / tokens } },
  }));
  const experiment = {
    ...{ name: "trivial", datasets: ["rows.jsonl"], models: [join(process.cwd(), values.model)] },
    ...{ poolers, classifiers: ["nearest-centroid"] },
    folds: { kind: "stratified", k: 10, seed: 1 },
    seeds: Array.from({ length: seeds }, (_, i) => i),
    statistics: { bootstrap: Number(values.bootstrap) },
  };
  writeFileSync(file, JSON.stringify(experiment));
  return file;
}

async function run(file: string): Promise<{ seconds: number; peak: number; trials: number }> {
  const begun = performance.now();
  let peak = 0;
  const watch = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss());
  }, 200);
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
  return { seconds, peak, trials: experiment.classifiers.length * tokens * layers };
}

try {
  const file = writeExperiment();
  const cpu = process.cpuUsage();
  const first = await run(file);
  const { user, system } = process.cpuUsage(cpu);
  const again = await run(file);
  const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`;
  console.log(
    `${first.trials} trivial trials: ${first.seconds.toFixed(1)} s, ${((first.seconds / first.trials) * 1e3).toFixed(2)} ms each ` +
      `(${((user + system) / 1e3 / first.trials).toFixed(2)} ms of the runner's own process), ` +
      `peak memory of the runner ${megabytes(first.peak)}, store ${megabytes(statSync(join(folder, "trivial.db")).size)}`,
  );
  console.log(`run again, all of them done: ${again.seconds.toFixed(2)} s`);
} finally {
  if (values.folder === undefined) rmSync(folder, { recursive: true });
}
