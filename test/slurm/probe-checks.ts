/** @file Probes on a real Slurm: the tables of a local run, whatever happens to nodes, daemons, tasks and the head. */

import assert from "node:assert/strict";
import { setTimeout as wait } from "node:timers/promises";
import type { Check } from "./check.ts";
import { tableOf } from "./night.ts";
import {
  onCluster,
  probegrid,
  resumeNodes,
  startAgainNow,
  tasksIn,
  untilRunning,
  untilSaid,
} from "./on-cluster.ts";

export const probeChecks: readonly Check[] = [
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
  {
    name: "a controller that is killed, and forgets that it started tasks, costs nothing but time",
    run: async (cluster, night) => {
      const run = probegrid(cluster, night, { name: "controller", args: onCluster });
      await untilRunning(cluster);
      cluster.killController();
      await wait(500);
      cluster.startController();
      await startAgainNow(cluster);
      await resumeNodes(cluster);
      await run;
      assert.deepEqual(tableOf(night, "controller"), night.expected);
    },
  },
  {
    name: "tasks that give way to others of a higher priority go on afterwards",
    run: async (cluster, night) => {
      const run = probegrid(cluster, night, { name: "preempted", args: onCluster });
      await untilRunning(cluster);
      const others = ["-p", "first", "-N", "2", "--exclusive", "--output=/dev/null"];
      cluster.call("sbatch", ...others, "--wrap", "sleep 3");
      await untilSaid(cluster, /\bPREEMPTED\b|BeginTime/);
      await startAgainNow(cluster);
      await run;
      assert.deepEqual(tableOf(night, "preempted"), night.expected);
    },
  },
];

/** With accounts, on a cluster whose controller forgets jobs at once. */
export const accountChecks: readonly Check[] = [
  {
    name: "jobs that the controller forgot are found in the accounts, by number and by name",
    run: async (cluster, night) => {
      const head = new AbortController();
      const args = { name: "accounts", args: onCluster };
      const first = probegrid(cluster, night, { ...args, signal: head.signal, code: null });
      await untilRunning(cluster);
      head.abort();
      await first;
      cluster.call("scancel", "--me"); // so that something is left, and someone is known to have meant it
      await wait(15_000);
      assert.equal(cluster.call("squeue", "--noheader", "--states=all").trim(), "");
      assert.match(cluster.call("sacct", "-n", "-X", "-P", "--format=State"), /CANCELLED/);
      const text = await probegrid(cluster, night, { ...args, code: 130 });
      assert.match(text, /was cancelled/);
      await probegrid(cluster, night, args);
      assert.deepEqual(tableOf(night, "accounts"), night.expected);
    },
  },
];
