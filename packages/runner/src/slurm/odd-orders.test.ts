import { rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { createFakeCluster } from "../../../../test/slurm/fake-cluster.ts";
import {
  compute,
  computeTask,
  makeGrid,
  onCluster,
  type Places,
  results,
  run,
} from "../../../../test/slurm/on-fake.ts";
import { openStore } from "../store/index.ts";

const here = process.cwd();
const path = process.env.PATH;
const served: { stop: () => Promise<void> }[] = [];

afterEach(async () => {
  for (const one of served.splice(0)) await one.stop();
  process.chdir(here);
  process.env.PATH = path;
});

/** How often trials were begun: once each where nothing was recorded twice. */
function attempts({ store: file }: Places) {
  using store = openStore(file, { readonly: true });
  return store.sqlite.prepare("select distinct state, attempts from trials").all();
}

const once = [{ state: "done", attempts: 1 }];

test("COMPLETED before RUNNING, and for so long that the work is submitted again: computed twice, recorded once", async () => {
  const { file, folder, places, expected } = await makeGrid();
  const cluster = createFakeCluster();
  served.push(
    cluster.serve(async (job, task) => {
      if (job.id > 1) return await compute(job, task);
      cluster.setTask(job.id, task, { state: "COMPLETED" });
      while (cluster.jobs().length < 2) await sleep(20);
      cluster.setTask(job.id, task, { state: "RUNNING" });
      await computeTask(job, task);
      return { state: "COMPLETED" };
    }),
  );
  expect((await run(file, places, onCluster(folder))).outcome).toBe("done");
  expect(results(places)).toEqual(expected);
  expect(attempts(places)).toEqual(once);
});

test("a failure that Slurm takes back is none", async () => {
  const { file, folder, places, expected } = await makeGrid();
  const cluster = createFakeCluster();
  const next = ["PENDING", "NODE_FAIL", "COMPLETING", "PREEMPTED", "CONFIGURING"];
  const seen = (job: number) => cluster.jobs().find(({ id }) => id === job);
  served.push(
    cluster.serve(async (job, task) => {
      cluster.setTask(job.id, task, { state: "FAILED", next });
      while (seen(job.id)?.tasks[task]?.state !== "CONFIGURING") await sleep(20);
      return await compute(job, task);
    }),
  );
  const { outcome, text } = await run(file, places, onCluster(folder));
  expect(outcome).toBe("done");
  expect(text).not.toContain("ended as");
  expect(results(places)).toEqual(expected);
  expect(attempts(places)).toEqual(once);
});

test("a controller that loses its state and counts jobs from 1 again", async () => {
  const { file, folder, places, expected } = await makeGrid();
  const cluster = createFakeCluster();
  let lost = false;
  served.push(
    cluster.serve(async (job, task) => {
      if (lost) return await compute(job, task);
      lost = true;
      await computeTask(job, task);
      rmSync(join(cluster.folder, "jobs", `${job.id}.json`));
      while (cluster.jobs().length === 0) await sleep(20); // the head submits what was lost
      return {};
    }),
  );
  const { outcome, text } = await run(file, places, onCluster(folder));
  expect(outcome).toBe("done");
  expect(text.match(/slurm: job 1 with/g)).toHaveLength(2);
  expect(results(places)).toEqual(expected);
  expect(attempts(places)).toEqual(once);
});

test("squeue that ends well and says nothing for a while, with no sacct on the PATH", async () => {
  const { file, folder, places, expected } = await makeGrid();
  const cluster = createFakeCluster({ troubles: { squeue: Array(12).fill({ empty: true }) } });
  rmSync(join(cluster.folder, "bin/sacct"));
  process.env.PATH = join(cluster.folder, "bin");
  served.push(
    cluster.serve(async (job, task) => {
      while (cluster.calls("squeue").length < 12) await sleep(20);
      return await compute(job, task);
    }),
  );
  expect((await run(file, places, onCluster(folder))).outcome).toBe("done");
  expect(results(places)).toEqual(expected);
  expect(attempts(places)).toEqual(once);
});

test("a squeue that is away for a while ends no run, and is said once", async () => {
  const { file, folder, places, expected } = await makeGrid();
  const cluster = createFakeCluster();
  process.env.PATH = join(cluster.folder, "bin");
  served.push(
    cluster.serve(async (job, task) => {
      rmSync(join(cluster.folder, "bin/squeue"), { force: true });
      await sleep(500);
      return await compute(job, task);
    }),
  );
  const { outcome, text } = await run(file, places, onCluster(folder));
  expect(outcome).toBe("done");
  expect(text.match(/squeue does not answer/g)).toHaveLength(1);
  expect(results(places)).toEqual(expected);
});
