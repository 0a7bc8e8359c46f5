/** @file Runs of a small grid on the fake cluster, and what they leave in the store. */

import { join } from "node:path";
import { createInlineExecutor } from "../../packages/runner/src/executor.ts";
import { loadExperiment } from "../../packages/runner/src/experiment.ts";
import { createLog } from "../../packages/runner/src/log.ts";
import {
  experimentFields,
  makeExperimentFolder,
} from "../../packages/runner/src/make-experiment.ts";
import { type Compute, runExperiment } from "../../packages/runner/src/run.ts";
import { computeOnCluster } from "../../packages/runner/src/slurm/compute-on-cluster.ts";
import { readSlurmSettings } from "../../packages/runner/src/slurm/settings.ts";
import { readSubmission } from "../../packages/runner/src/slurm/sweep.ts";
import { workShard } from "../../packages/runner/src/slurm/work-shard.ts";
import { openStore, readResults } from "../../packages/runner/src/store/index.ts";
import { type FakeJob, type Fate, sweepOf } from "./fake-cluster.ts";

type Options = { readonly compute?: Compute; readonly stop?: AbortController };
export type Places = { readonly store: string; readonly cache: string };
const quiet = { write: () => true };
/** Runs an experiment of probes; returns how it ended and what it printed. */
export async function run(file: string, places: Places, how: Compute | Options = {}) {
  const { compute, stop = new AbortController() } =
    typeof how === "function" ? { compute: how } : how;
  const written: string[] = [];
  const out = { write: (text: string) => written.push(text) };
  const outcome = await runExperiment(await loadExperiment(file), {
    ...{ ...places, stop, device: "cpu", workers: 1, failFast: false, command: "test" },
    ...(compute ? { compute } : {}),
    createExecutor: createInlineExecutor,
    log: createLog({ out, live: quiet }),
  });
  return { outcome, text: written.join("") };
}

/** The head with quick looks at the queue. */
export function onCluster(folder: string, ...more: readonly string[]): Compute {
  const settings = readSlurmSettings([
    ...["poll=0.05", "pollMost=0.1", "bundle=0", "cpus=1", `folder=${join(folder, "jobs here")}`],
    ...more,
  ]);
  return computeOnCluster({ settings, device: "cpu" });
}

/** What a healthy node does: the very code of `probegrid worker`, in this process. */
export const compute: Fate = async (job, task) => {
  await computeTask(job, task);
  return { state: "COMPLETED" };
};

/** Computes the shards of a task, and says nothing about it. */
export async function computeTask(job: FakeJob, task: number, stop = new AbortController()) {
  for (const shard of readSubmission(job.submission).tasks[task]?.shards ?? []) {
    await workShard({
      ...{ shard, stop, folder: sweepOf(job), workers: 1, task: `${job.id}_${task}` },
      createExecutor: createInlineExecutor,
      log: createLog({ out: quiet, live: quiet }),
    });
  }
}

/** Every row of results. */
export function results({ store: file }: Places) {
  using store = openStore(file, { readonly: true });
  return [...readResults(store)];
}

/** Two datasets, so that there are two shards, and the results of a run without a cluster. */
export async function makeGrid(change: Readonly<Record<string, unknown>> = {}) {
  const made = makeExperimentFolder();
  const other = makeExperimentFolder(40);
  const datasets = ["texts.jsonl", join(other.folder, "texts.jsonl")];
  const file = made.write(
    "e.json",
    experimentFields({ datasets, classifiers: ["lda", "ridge"], ...change }),
  );
  const places = { store: `${made.places.store}.local`, cache: `${made.places.cache}.local` };
  await run(file, places);
  return { ...made, file, expected: results(places) };
}
