/** @file Fine-tunings and attributions on a real Slurm: the stores and checkpoints of a local run. */

import assert from "node:assert/strict";
import { join } from "node:path";
import type { Check } from "./check.ts";
import { tableOf } from "./night.ts";
import {
  onCluster,
  probegrid,
  startAgainNow,
  untilLogged,
  untilRunning,
  weightsIn,
} from "./on-cluster.ts";

export const otherChecks: readonly Check[] = [
  {
    name: "fine-tunings: the same store and checkpoints, though a node dies",
    run: async (cluster, night) => {
      const local = ["--set", "checkpoints=local-tuned"];
      await probegrid(cluster, night, { file: "tune", name: "tune", args: local });
      const args = [...onCluster, "--set", "checkpoints=cluster-tuned"];
      const run = probegrid(cluster, night, { file: "tune", name: "cluster-tune", args });
      const node = await untilRunning(cluster);
      cluster.killNode(node);
      cluster.call("scontrol", "update", `nodename=${node}`, "state=DOWN", "reason=test");
      await startAgainNow(cluster);
      await run;
      cluster.startNode(node);
      assert.deepEqual(tableOf(night, "cluster-tune"), tableOf(night, "tune"));
      const weights = (place: string) => weightsIn(join(night.folder, `${place}-tuned`));
      assert.equal(weights("local").length, 2);
      assert.deepEqual(weights("cluster"), weights("local"));
    },
  },
  {
    name: "the warning before the time limit saves a training, which goes on after it",
    run: async (cluster, night) => {
      const args = [
        ...[...onCluster, "--set", "checkpoints=warned-tuned", "--set", "maxEpochs=400"],
        ...["--set", "patience=400", "--slurm", "minutes=1", "--slurm", "warning=30"],
      ];
      const run = probegrid(cluster, night, { file: "tune", name: "warned", args });
      const text = await untilLogged(night, /the time limit is near/);
      assert.match(await untilLogged(night, /put back into the queue/), /finishing what is in/);
      await startAgainNow(cluster);
      assert.match(await untilLogged(night, /goes on after update/), /put back/);
      assert(text.length > 0);
      await run;
      const local = ["--set", "checkpoints=long-tuned", "--set", "maxEpochs=400"];
      const long = [...local, "--set", "patience=400"];
      await probegrid(cluster, night, { file: "tune", name: "long", args: long });
      assert.deepEqual(tableOf(night, "warned"), tableOf(night, "long"));
    },
  },
  {
    name: "attributions, and the model fine-tuned before them: the same store",
    run: async (cluster, night) => {
      await probegrid(cluster, night, { file: "why", name: "why", args: ["--workers", "1"] });
      await probegrid(cluster, night, { file: "why", name: "cluster-why", args: onCluster });
      assert.deepEqual(tableOf(night, "cluster-why"), tableOf(night, "why"));
    },
  },
];
