import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createFakeCluster } from "../../../../test/slurm/fake-cluster.ts";
import { expand, findJob, pollTasks } from "./poll.ts";

test("reads array indices in every spelling of squeue and sacct", () => {
  expect(expand("3")).toEqual([3]);
  expect(expand("[4-7%2]")).toEqual([4, 5, 6, 7]);
  expect(expand("[1,3-5]")).toEqual([1, 3, 4, 5]);
  expect(expand("N/A")).toEqual([]);
});

test("asks the accounts about what the queue forgot, and takes their words with additions", async () => {
  const cluster = createFakeCluster();
  writeFileSync(
    join(cluster.folder, "sacct.txt"),
    [
      ...["12_0|CANCELLED by 1000|n1", "12_1|OUT_OF_MEMORY|n2", "12_[2-3%1]|PENDING|"],
      ...["12_4|CANCELLED+|n1", "12_6|TIMEOUT|n1"],
    ]
      .map((line) => `${line}|probegrid-x-0\n`)
      .concat("12_5|CANCELLED|n1|an older job with this id\n", "13|FAILED|n1|probegrid-x-0\n")
      .join(""),
  );
  const tasks = Array.from({ length: 7 }, () => ({ shards: [], open: true }));
  const needs = { minutes: 1, memory: null, exclude: [] };
  const reports = await pollTasks([{ name: "probegrid-x-0", job: "12", tasks, ...needs }]);
  expect(Object.fromEntries([...reports!].map(([id, { state }]) => [id, state]))).toEqual({
    "probegrid-x-0_0": "cancelled",
    "probegrid-x-0_1": "memory",
    "probegrid-x-0_2": "unknown", // the queue does not know it: it waits in the accounts only
    "probegrid-x-0_3": "unknown",
    "probegrid-x-0_4": "cancelled", // of 12_5 nothing is known
    "probegrid-x-0_6": "time",
  });
  expect(reports!.get("probegrid-x-0_1")).toEqual({
    state: "memory",
    said: "OUT_OF_MEMORY",
    node: "n2",
  });
});

test("says that Slurm can not be asked, which is not the same as no jobs", async () => {
  const down = { complaint: "slurm_load_jobs error: Unable to contact slurm controller" };
  createFakeCluster({ troubles: { squeue: [down, down] } });
  const submission = {
    name: "probegrid-x-0",
    job: "1",
    tasks: [],
    minutes: 1,
    memory: null,
    exclude: [],
  };
  expect(await pollTasks([submission])).toBeNull();
  await expect(findJob("probegrid-x-0")).rejects.toThrow("Unable to contact slurm controller");
  expect(await findJob("probegrid-x-0")).toBeNull();
});
