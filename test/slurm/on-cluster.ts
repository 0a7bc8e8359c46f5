/** @file What the checks on a real Slurm do: run experiments there, wait for tasks, read what they print. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Cluster } from "./cluster.ts";
import type { Night } from "./night.ts";

const program = fileURLToPath(new URL("../../packages/runner/bin/probegrid.mjs", import.meta.url));

/** Options of a run in tasks, with quick looks at the queue. */
export const onCluster = [
  ...["--executor", "slurm", "--slurm", "poll=1", "--slurm", "pollMost=2"],
  ...["--slurm", "bundle=0", "--slurm", "cpus=1"],
];

type Run = {
  /** The experiment; the grid of probes when not given. */
  readonly file?: string;
  readonly name: string;
  readonly args: readonly string[];
  readonly signal?: AbortSignal;
  readonly code?: number | null;
};

/** Runs the night's experiment into a store and cache of that name, and expects how it ends. */
export function probegrid(cluster: Cluster, night: Night, run: Run): Promise<string> {
  const ended = runToEnd(cluster, night, run);
  ended.catch(() => {}); // it may fail before anyone waits for it: the cluster has to be stopped all the same
  return ended;
}

async function runToEnd(cluster: Cluster, night: Night, run: Run): Promise<string> {
  const { file = "e", name, args, signal, code = 0 } = run;
  const places = ["--store", `${name}.db`, "--cache", `cache-${name}`, "--device", "cpu"];
  const child = spawn(process.execPath, [program, "run", `${file}.json`, ...places, ...args], {
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

/** Tasks in a state, by Slurm's word. */
export function tasksIn(cluster: Cluster, state: string): readonly TaskLine[] {
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
export async function untilRunning(cluster: Cluster): Promise<string> {
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
export async function startAgainNow(cluster: Cluster): Promise<void> {
  await wait(500);
  for (const { id } of tasksIn(cluster, "PENDING")) {
    try {
      cluster.call("scontrol", "update", `jobid=${id}`, "StartTime=now");
    } catch {
      // tasks of the same array that have ended or run make it fail, after it has told those that wait
    }
  }
}

/** A controller that finds the same job twice drains the node, which a person has to look at. */
export async function resumeNodes(cluster: Cluster): Promise<void> {
  for (let i = 0; i < 40; i++) {
    await wait(500);
    if (!/DRAIN/.test(cluster.call("scontrol", "--oneliner", "show", "node"))) continue;
    for (const node of ["n1", "n2"]) {
      try {
        cluster.call("scontrol", "update", `nodename=${node}`, "state=RESUME");
      } catch {
        // it was not drained
      }
    }
    for (const { id } of tasksIn(cluster, "PENDING")) {
      if (/held/i.test(cluster.call("squeue", "-h", "-j", id, "--format=%r"))) {
        cluster.call("scontrol", "release", id);
      }
    }
  }
}

/** Waits until squeue says so of some task. */
export async function untilSaid(cluster: Cluster, said: RegExp): Promise<void> {
  for (let i = 0; i < 300; i++) {
    if (said.test(cluster.call("squeue", "-h", "-r", "--states=all", "--format=%i %T %r"))) return;
    await wait(100);
  }
  throw new Error(`squeue did not say ${said} within 30 s`);
}

/** Everything that tasks have printed, once one has printed this. */
export async function untilLogged({ folder }: Night, what: RegExp): Promise<string> {
  for (let i = 0; i < 1500; i++) {
    const names = readdirSync(join(folder, "logs/slurm"), { recursive: true, encoding: "utf8" });
    const logs = names.filter((name) => name.endsWith(".log"));
    const text = logs.map((name) => readFileSync(join(folder, "logs/slurm", name), "utf8")).join();
    if (what.test(text)) return text;
    await wait(100);
  }
  throw new Error(`no task printed ${what} within 150 s`);
}

/** Weights of the checkpoints in a folder, in the order of their names. */
export function weightsIn(folder: string): readonly Buffer[] {
  const names = readdirSync(folder).filter((name) => /^[0-9a-f]{16}$/.test(name));
  return names.sort().map((name) => readFileSync(join(folder, name, "model.safetensors")));
}

/** Second copies of tasks that counted once may still be at it. */
export async function emptyQueue(cluster: Cluster): Promise<void> {
  cluster.call("scancel", "--me", "--quiet");
  for (let i = 0; i < 300 && cluster.call("squeue", "--noheader").trim() !== ""; i++)
    await wait(100);
}
