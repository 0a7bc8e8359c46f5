/** @file `npm run test:slurm`: a real Slurm of two nodes; local, inline and cluster runs, one of which loses a node. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type Cluster, installSlurm, startCluster } from "./cluster.ts";
import { makeNight, type Night, tableOf } from "./night.ts";

const program = fileURLToPath(new URL("../../packages/runner/bin/probegrid.mjs", import.meta.url));

type Check = {
  readonly name: string;
  readonly run: (cluster: Cluster, night: Night) => Promise<void>;
};

const checks: readonly Check[] = [
  {
    name: "inline, worker processes and cluster give identical tables",
    run: async (cluster, night) => {
      await probegrid(cluster, night, { name: "inline", args: ["--executor", "inline"] });
      await probegrid(cluster, night, { name: "cluster", args: onCluster });
      assert.deepEqual(tableOf(night, "inline"), night.expected);
      assert.deepEqual(tableOf(night, "cluster"), night.expected);
      assert.equal(cluster.call("squeue", "--noheader").trim(), "");
    },
  },
  {
    name: "a node that dies under its tasks costs nothing but time",
    run: async (cluster, night) => {
      const run = probegrid(cluster, night, { name: "node", args: onCluster });
      const node = await untilRunning(cluster);
      cluster.killNode(node);
      cluster.call("scontrol", "update", `nodename=${node}`, "state=DOWN", "reason=test");
      await startAgainNow(cluster);
      await run;
      assert.deepEqual(tableOf(night, "node"), night.expected);
      cluster.startNode(node);
    },
  },
  {
    name: "a daemon that dies leaves its tasks: they run twice and count once",
    run: async (cluster, night) => {
      const run = probegrid(cluster, night, { name: "twice", args: onCluster });
      const node = await untilRunning(cluster);
      cluster.killDaemon(node);
      cluster.call("scontrol", "update", `nodename=${node}`, "state=DOWN", "reason=test");
      await startAgainNow(cluster);
      await run;
      assert.deepEqual(tableOf(night, "twice"), night.expected);
      cluster.startNode(node);
    },
  },
  {
    name: "a head that is killed finds its jobs, and their results, when it is started again",
    run: async (cluster, night) => {
      const head = new AbortController();
      const first = probegrid(cluster, night, {
        ...{ name: "head", args: onCluster, signal: head.signal, code: null },
      });
      await untilRunning(cluster);
      head.abort();
      await first;
      const text = await probegrid(cluster, night, { name: "head", args: onCluster });
      assert.doesNotMatch(text, /slurm: job \d+ with/);
      assert.deepEqual(tableOf(night, "head"), night.expected);
    },
  },
  {
    name: "tasks that are put back go on where they were",
    run: async (cluster, night) => {
      const run = probegrid(cluster, night, { name: "requeue", args: onCluster });
      await untilRunning(cluster);
      for (const { task } of tasksIn(cluster, "RUNNING")) cluster.call("scontrol", "requeue", task);
      await startAgainNow(cluster);
      await run;
      assert.deepEqual(tableOf(night, "requeue"), night.expected);
    },
  },
  {
    name: "scancel stops a run, and the next one goes on",
    run: async (cluster, night) => {
      const run = probegrid(cluster, night, { name: "cancel", args: onCluster, code: 130 });
      await untilRunning(cluster);
      cluster.call("scancel", "--me");
      assert.match(await run, /cancelled/);
      await probegrid(cluster, night, { name: "cancel", args: onCluster });
      assert.deepEqual(tableOf(night, "cancel"), night.expected);
    },
  },
];

const onCluster = [
  ...["--executor", "slurm", "--slurm", "poll=1", "--slurm", "pollMost=2"],
  ...["--slurm", "bundle=0", "--slurm", "cpus=1"],
];

type Run = {
  readonly name: string;
  readonly args: readonly string[];
  readonly signal?: AbortSignal;
  readonly code?: number | null;
};

/** Runs the night's experiment into a store and cache of that name, and expects how it ends. */
function probegrid(cluster: Cluster, night: Night, run: Run): Promise<string> {
  const ended = runToEnd(cluster, night, run);
  ended.catch(() => {}); // it may fail before anyone waits for it: the cluster has to be stopped all the same
  return ended;
}

async function runToEnd(cluster: Cluster, night: Night, run: Run): Promise<string> {
  const { name, args, signal, code = 0 } = run;
  const places = ["--store", `${name}.db`, "--cache", `cache-${name}`, "--device", "cpu"];
  const child = spawn(process.execPath, [program, "run", "e.json", ...places, ...args], {
    ...{ cwd: night.folder, env: cluster.environment, stdio: ["ignore", "pipe", "pipe"] },
  });
  signal?.addEventListener("abort", () => child.kill("SIGKILL"));
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (part: string) => {
      text += part;
    });
  }
  const [ended] = await once(child, "close");
  assert.equal(ended, code, text);
  return text;
}

type TaskLine = { readonly task: string; readonly node: string; readonly id: string };

function tasksIn(cluster: Cluster, state: string): readonly TaskLine[] {
  const lines = cluster.call("squeue", "-h", "-r", `--states=${state}`, "--format=%i|%N|%A");
  return lines
    .split("\n")
    .filter((line) => line.includes("|"))
    .map((line) => {
      const [task = "", node = "", id = ""] = line.trim().split("|");
      return { task, node, id };
    });
}

/** A node that computes, once its tasks had a second to begin. */
async function untilRunning(cluster: Cluster): Promise<string> {
  for (let i = 0; i < 300; i++) {
    const [first] = tasksIn(cluster, "RUNNING");
    if (first) {
      await wait(2000);
      return first.node;
    }
    await wait(100);
  }
  throw new Error("no task ran within 30 s");
}

/** Slurm lets what it put back wait for the credentials of the first attempt to expire. */
async function startAgainNow(cluster: Cluster): Promise<void> {
  await wait(500);
  for (const { id } of tasksIn(cluster, "PENDING")) {
    cluster.call("scontrol", "update", `jobid=${id}`, "StartTime=now");
  }
}

/** Second copies of tasks that counted once may still be at it. */
async function emptyQueue(cluster: Cluster): Promise<void> {
  cluster.call("scancel", "--me", "--quiet");
  for (let i = 0; i < 300 && cluster.call("squeue", "--noheader").trim() !== ""; i++)
    await wait(100);
}

const chosen = checks.filter(({ name }) => name.includes(process.argv[2] ?? ""));
const missing = installSlurm();
if (missing !== null) {
  process.stdout.write(`test:slurm skipped: ${missing}\n`);
  process.exit(0);
}
const folder = mkdtempSync(join(tmpdir(), "pg-slurm-"));
chmodSync(folder, 0o755); // munge looks at every folder above its socket
const cluster = startCluster(join(folder, "cluster"), { nodes: 2 });
let failed = 0;
try {
  const night = makeNight(join(folder, "night"));
  await probegrid(cluster, night, { name: "local", args: ["--workers", "1"] });
  night.expected = tableOf(night, "local");
  for (const { name, run } of chosen) {
    await emptyQueue(cluster);
    const begun = performance.now();
    try {
      await run(cluster, night);
      const seconds = ((performance.now() - begun) / 1000).toFixed(1);
      process.stdout.write(`ok      ${name} (${seconds} s)\n`);
    } catch (error) {
      failed++;
      process.stdout.write(`FAILED  ${name}\n${error instanceof Error ? error.stack : error}\n`);
    }
  }
} finally {
  cluster.stop();
}
process.stdout.write(`${chosen.length - failed} of ${chosen.length} on a real Slurm\n`);
if (failed === 0) rmSync(folder, { recursive: true, force: true });
else process.stdout.write(`what is left is in ${folder}: ${readdirSync(folder).join(", ")}\n`);
process.exitCode = failed > 0 ? 1 : 0;
