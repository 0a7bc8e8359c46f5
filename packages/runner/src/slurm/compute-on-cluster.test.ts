import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { createFakeCluster, sweepOf } from "../../../../test/slurm/fake-cluster.ts";
import {
  compute,
  computeTask,
  makeGrid,
  onCluster,
  type Places,
  results,
  run,
} from "../../../../test/slurm/on-fake.ts";
import { createCache } from "../cache.ts";
import { loadExperiment } from "../experiment.ts";
import { openGrid, pairsOf } from "../grid.ts";
import { experimentFields, makeExperimentFolder, tinyBert } from "../make-experiment.ts";
import { openStore, readStatus } from "../store/index.ts";
import { takeRunnerLock } from "../store/lock.ts";
import { jobScript } from "./job-script.ts";
import { readResult, writeResult } from "./result-files.ts";
import { readShard } from "./shard.ts";
import { readSubmission } from "./sweep.ts";

const here = process.cwd();
const served: { stop: () => Promise<void> }[] = [];

afterEach(async () => {
  for (const one of served.splice(0)) await one.stop();
  process.chdir(here);
});

/** What stands behind the errors, each text once. */
function stacks({ store: file }: Places) {
  using store = openStore(file, { readonly: true });
  return store.sqlite
    .prepare("select distinct stack from trials where state = 'failed'")
    .pluck()
    .all();
}

function status({ store: file }: Places) {
  using store = openStore(file, { readonly: true });
  return readStatus(store);
}

test("submits one array, whose tasks give the table of a local run", async () => {
  const { file, folder, places, expected } = await makeGrid();
  const cluster = createFakeCluster();
  served.push(cluster.serve(compute));
  const settings = ["partition=gpu", "memory=2000", "minutes=33", "parallel=7", "gres=gpu:1"];
  const { outcome, text } = await run(file, places, onCluster(folder, ...settings));
  expect(outcome).toBe("done");
  expect(results(places)).toEqual(expected);
  expect(text).toContain("slurm: job 1 with 2 tasks");
  const [call, ...others] = cluster.calls("sbatch");
  expect(others).toEqual([]);
  expect(call?.args).toEqual([
    "--parsable",
    expect.stringMatching(/^--job-name=probegrid-[0-9a-f]{8}-0$/),
    "--array=0-1%7",
    "--requeue",
    "--open-mode=append",
    "--export=ALL",
    "--signal=B:USR2@120",
    "--time=33",
    "--cpus-per-task=1",
    "--mem=2000M",
    "--partition=gpu",
    "--gres=gpu:1",
    "--output=logs/%A_%a.log",
    "job.sh",
  ]);
  expect(cluster.jobs()[0]?.script).toBe(jobScript);
});

test("cuts arrays at MaxArraySize, each counting from 0, and shares out what may run at once", async () => {
  const { file, folder, places, expected } = await makeGrid({
    datasets: ["texts.jsonl", ...[20, 30, 40, 50].map((limit) => ({ path: "texts.jsonl", limit }))],
    classifiers: ["lda"],
  });
  const cluster = createFakeCluster({ maxArraySize: 2 });
  served.push(cluster.serve(compute));
  expect((await run(file, places, onCluster(folder, "parallel=6"))).outcome).toBe("done");
  expect(results(places)).toEqual(expected);
  const arrays = cluster.calls("sbatch").map(({ args }) => args[2]);
  expect(arrays).toEqual(["--array=0-1%2", "--array=0-1%3", "--array=0-0%6"]);
});

test("tries again when sbatch fails for a while, and gives up when it says why it never will", async () => {
  const { file, folder, places } = await makeGrid();
  const busy = {
    complaint: "sbatch: error: Batch job submission failed: Socket timed out on send/recv",
  };
  const cluster = createFakeCluster({ troubles: { sbatch: [busy, busy] } });
  served.push(cluster.serve(compute));
  const { outcome, text } = await run(file, places, onCluster(folder));
  expect(outcome).toBe("done");
  expect(cluster.calls("sbatch")).toHaveLength(3);
  expect(text).toContain("Socket timed out on send/recv; trying again");

  const again = await makeGrid();
  createFakeCluster({
    troubles: { sbatch: [{ complaint: "sbatch: error: invalid partition specified: nope" }] },
  });
  await expect(run(again.file, again.places, onCluster(again.folder))).rejects.toThrow(
    "sbatch: invalid partition specified: nope",
  );
});

test("finds a job by its name when the answer to its submission was lost", async () => {
  const { file, folder, places, expected } = await makeGrid();
  const lost = { complaint: "sbatch: error: Socket timed out on send/recv", submitted: true };
  const cluster = createFakeCluster({ troubles: { sbatch: [lost] } });
  served.push(cluster.serve(compute));
  expect((await run(file, places, onCluster(folder))).outcome).toBe("done");
  expect(cluster.calls("sbatch")).toHaveLength(1);
  expect(results(places)).toEqual(expected);
});

test("waits with what the queue takes no more of", async () => {
  const { file, folder, places, expected } = await makeGrid();
  const full = { complaint: "sbatch: error: QOSMaxSubmitJobPerUserLimit" };
  const cluster = createFakeCluster({ troubles: { sbatch: [full, full] } });
  served.push(cluster.serve(compute));
  expect((await run(file, places, onCluster(folder))).outcome).toBe("done");
  expect(results(places)).toEqual(expected);
  expect(cluster.calls("sbatch").map(({ args }) => args[2])).toEqual([
    ...["--array=0-1", "--array=0-0"], // both refused
    ...["--array=0-1"],
  ]);
});

test("asks for the limits of the account first, and submits no more than they leave", async () => {
  const { file, folder, places, expected } = await makeGrid({
    datasets: ["texts.jsonl", ...[20, 30, 40, 50].map((limit) => ({ path: "texts.jsonl", limit }))],
    classifiers: ["lda"],
  });
  const cluster = createFakeCluster({ maxSubmit: 2 });
  served.push(cluster.serve(compute));
  const { outcome, text } = await run(file, places, onCluster(folder));
  expect(outcome).toBe("done");
  expect(results(places)).toEqual(expected);
  expect(text).toContain(
    "the queue takes 2 of 5 tasks now: 2 at a time (MaxSubmitJobs), 0 in the queue",
  );
  for (const { tasks } of cluster.jobs()) expect(Object.keys(tasks).length).toBeLessThan(3);
  const asked = cluster.calls("sacctmgr")[0]?.args ?? [];
  expect(asked.slice(0, 5)).toEqual(["--noheader", "--parsable2", "show", "associations", "where"]);
});

test("a task waits for another process that makes the same encoding", async () => {
  const { file, folder, places, expected } = await makeGrid();
  const cluster = createFakeCluster();
  const experiment = await loadExperiment(file);
  const grid = await openGrid(experiment, places.cache);
  createCache(places.cache);
  const locks = [...pairsOf(grid)].map(({ encoding }) =>
    takeRunnerLock(join(places.cache, `${encoding}.safetensors`)),
  );
  let waited = 0;
  setTimeout(() => {
    waited = readdirSync(places.cache).filter((name) => /partial|journal/.test(name)).length;
    for (const lock of locks) lock.release();
  }, 3000);
  served.push(cluster.serve(compute));
  expect((await run(file, places, onCluster(folder))).outcome).toBe("done");
  expect(waited).toBe(0); // nobody had begun to write
  expect(results(places)).toEqual(expected);
});

test("a head that died goes on with the jobs there are, even one whose id it did not live to write", async () => {
  const { file, folder, places, expected } = await makeGrid();
  const cluster = createFakeCluster();
  const stop = new AbortController();
  setTimeout(() => stop.abort(), 1500);
  const first = await run(file, places, { compute: onCluster(folder), stop });
  expect(first.outcome).toBe("stopped");
  expect(first.text).toContain("jobs go on without this process");
  const [job] = cluster.jobs();
  const submission = readSubmission(job!.submission);
  writeFileSync(job!.submission, JSON.stringify({ ...submission, job: null }));
  served.push(cluster.serve(compute));
  const second = await run(file, places, onCluster(folder));
  expect(second.text).toContain("found job 1 by its name");
  expect(second.outcome).toBe("done");
  expect(cluster.calls("sbatch")).toHaveLength(1);
  expect(results(places)).toEqual(expected);
});

test("a job that Slurm forgot is no failure: what it left is recorded, what it did not is submitted again", async () => {
  const { file, folder, places, expected } = await makeGrid();
  const cluster = createFakeCluster();
  served.push(
    cluster.serve(async (job, task) => {
      if (job.id > 1 || task === 0) await computeTask(job, task);
      return { state: "FORGOTTEN" };
    }),
  );
  const { outcome, text } = await run(file, places, onCluster(folder));
  expect(outcome).toBe("done");
  expect(text).toContain("task 1_1 ended as UNKNOWN with 8 trials to go");
  expect(results(places)).toEqual(expected);
});

test("while squeue does not answer, the files alone say what is done", async () => {
  const { file, folder, places, expected } = await makeGrid();
  const down = { complaint: "slurm_load_jobs error: Unable to contact slurm controller" };
  const cluster = createFakeCluster({ troubles: { squeue: Array(1000).fill(down) } });
  served.push(cluster.serve(compute));
  expect((await run(file, places, onCluster(folder))).outcome).toBe("done");
  expect(results(places)).toEqual(expected);
});

test("waits for a task that was preempted and put back", async () => {
  const { file, folder, places, expected } = await makeGrid();
  const cluster = createFakeCluster();
  const seen = new Set<number>();
  served.push(
    cluster.serve(async (job, task) => {
      if (seen.has(task)) return await compute(job, task);
      seen.add(task);
      cluster.setTask(job.id, task, { state: "PREEMPTED" });
      await new Promise((resolve) => setTimeout(resolve, 400));
      return { state: "PENDING", reason: "BeginTime" };
    }),
  );
  expect((await run(file, places, onCluster(folder))).outcome).toBe("done");
  expect(cluster.calls("sbatch")).toHaveLength(1);
  expect(results(places)).toEqual(expected);
});

test("OUT_OF_MEMORY gets half the batch and twice the memory, NODE_FAIL another node, TIMEOUT two halves", async () => {
  const { file, folder, places, expected } = await makeGrid({ datasets: ["texts.jsonl"] });
  const cluster = createFakeCluster();
  const endings = ["OUT_OF_MEMORY", "NODE_FAIL", "TIMEOUT"];
  served.push(
    cluster.serve(async (job, task) => {
      const state = endings.shift();
      return state === undefined ? await compute(job, task) : { state };
    }),
  );
  expect((await run(file, places, onCluster(folder, "memory=1000", "minutes=20"))).outcome).toBe(
    "done",
  );
  expect(results(places)).toEqual(expected);
  const jobs = cluster.jobs();
  const option = (name: string) =>
    jobs.map(({ args }) => args.find((one) => one.startsWith(`--${name}=`))?.split("=")[1]);
  expect(option("mem")).toEqual(["1000M", "2000M", "2000M", "2000M"]);
  expect(option("exclude")).toEqual([undefined, undefined, "n1", "n1"]);
  expect(option("time")).toEqual(["20", "20", "20", "40"]);
  expect(option("array")).toEqual(["0-0", "0-0", "0-0", "0-1"]);
  const [first] = readSubmission(jobs[1]!.submission).tasks[0]!.shards;
  expect(readShard(sweepOf(jobs[1]!), first!).batchTokens).toBe(1024);
});

test("a task that someone cancelled is not submitted again before the next run", async () => {
  const { file, folder, places, expected } = await makeGrid({ datasets: ["texts.jsonl"] });
  const cluster = createFakeCluster();
  let cancelled = false;
  served.push(
    cluster.serve(async (job, task) => {
      if (cancelled) return await compute(job, task);
      cancelled = true;
      return { state: "CANCELLED" };
    }),
  );
  const first = await run(file, places, onCluster(folder));
  expect(first.outcome).toBe("stopped");
  expect(cluster.calls("sbatch")).toHaveLength(1);
  expect((await run(file, places, onCluster(folder))).outcome).toBe("done");
  expect(results(places)).toEqual(expected);
});

test("trials of a task that ends without results three times fail with its last words", async () => {
  const { file, folder, places } = await makeGrid({ datasets: ["texts.jsonl"] });
  const cluster = createFakeCluster();
  served.push(
    cluster.serve(async (job, task) => {
      const log = join(sweepOf(job), "logs", `${job.id}_${task}.log`);
      writeFileSync(log, "node: command not found\n");
      return { state: "FAILED", reason: "NonZeroExitCode" };
    }),
  );
  expect((await run(file, places, onCluster(folder))).outcome).toBe("failed");
  expect(cluster.calls("sbatch")).toHaveLength(3);
  expect(status(places).experiments[0]?.counts).toMatchObject({ done: 0, failed: 8, pending: 0 });
  expect(status(places).failures[0]?.error).toMatch(
    /task 3_0 ended as FAILED \(NonZeroExitCode\).*node: command not found/,
  );
  const log = join(sweepOf(cluster.jobs()[2]!), "logs", "3_0.log");
  expect(stacks(places)).toEqual([
    `log of the task: ${log}\nit ends with:\nnode: command not found`,
  ]);
});

test("a trial that fails in its task says where the log lies and how it ends", async () => {
  const { file, folder, places } = await makeGrid({ datasets: ["texts.jsonl"] });
  const cluster = createFakeCluster();
  served.push(
    cluster.serve(async (job, task) => {
      const printed = Array.from({ length: 30 }, (_, line) => `line ${line}`);
      const name = `${job.id}_${task}`;
      const log = join(sweepOf(job), "logs", `${name}.log`);
      writeFileSync(log, `${printed.join("\n")}\n\u001b[31mthe \u202ered end\u001b[0m\n`);
      const [shard] = readSubmission(job.submission).tasks[task]!.shards;
      for (const trial of readShard(sweepOf(job), shard!).trials) {
        writeResult(sweepOf(job), { trial, environment: {}, error: "no convergence", task: name });
      }
      return { state: "COMPLETED" };
    }),
  );
  await run(file, places, onCluster(folder));
  expect(status(places).failures[0]?.error).toBe("no convergence");
  const log = join(sweepOf(cluster.jobs()[0]!), "logs", "1_0.log");
  const last = Array.from({ length: 19 }, (_, i) => `line ${i + 11}`);
  expect(stacks(places)).toEqual([
    [`log of the task: ${log}`, "it ends with:", ...last, "the red end"].join("\n"),
  ]);
});

test("a shard that runs twice changes nothing, and a damaged result is made again", async () => {
  const { file, folder, places, expected } = await makeGrid({ datasets: ["texts.jsonl"] });
  const cluster = createFakeCluster();
  served.push(
    cluster.serve(async (job, task) => {
      const twins = [computeTask(job, task), computeTask(job, task)];
      await Promise.all(twins);
      const shard = readShard(sweepOf(job), readSubmission(job.submission).tasks[task]!.shards[0]!);
      const [trial] = shard.trials;
      const before = readResult(sweepOf(job), trial!);
      await computeTask(job, task);
      expect(readResult(sweepOf(job), trial!)).toEqual(before);
      return { state: "COMPLETED" };
    }),
  );
  expect((await run(file, places, onCluster(folder))).outcome).toBe("done");
  expect(results(places)).toEqual(expected);
  const sweep = sweepOf(cluster.jobs()[0]!);
  const [bucket] = readdirSync(join(sweep, "results"));
  const [name] = readdirSync(join(sweep, "results", bucket!));
  writeFileSync(join(sweep, "results", bucket!, name!), '{"trial": "');
  expect(readResult(sweep, name!.replace(".json", ""))).toBeNull();
  expect(readdirSync(join(sweep, "results", bucket!))).toEqual([]);
});

test("names and folders with quotes, spaces, newlines and $() reach no shell", async () => {
  const hostile = `it's "$(touch owned)" \`touch owned\`; touch owned\n--wrap=x ü`;
  const { folder, write } = makeExperimentFolder();
  const inside = join(folder, hostile);
  mkdirSync(inside);
  const text = JSON.stringify(
    experimentFields({
      name: hostile,
      datasets: [join(folder, "texts.jsonl")],
      models: [tinyBert],
    }),
  );
  write(join(hostile, "e.json"), text);
  const places = { store: join(inside, "s.db"), cache: join(inside, "cache") };
  const cluster = createFakeCluster();
  served.push(cluster.serve(compute));
  expect((await run(join(inside, "e.json"), places, onCluster(inside))).outcome).toBe("done");
  expect(status(places).experiments[0]?.counts.done).toBe(4);
  const [call] = cluster.calls("sbatch");
  expect(call?.args.join(" ")).not.toContain("touch");
  expect(cluster.jobs()[0]?.script).toBe(jobScript);
  expect(call?.folder.startsWith(inside)).toBe(true);
  for (const where of [folder, inside, here]) expect(readdirSync(where)).not.toContain("owned");
  rmSync(inside, { recursive: true });
});
