import { expect, test } from "vitest";
import { planTasks, timeLimit } from "./plan-tasks.ts";
import { readSlurmSettings } from "./settings.ts";

test("reads what a task asks for, and what it is when not asked", () => {
  const settings = readSlurmSettings(["partition=gpu", "gres=gpu:a100:1", "cpus=8", "minutes=90"]);
  expect(settings).toMatchObject({ partition: "gpu", gres: "gpu:a100:1", cpus: 8, minutes: 90 });
  expect(readSlurmSettings([])).toEqual({
    ...{ folder: "logs/slurm", cpus: 4, bundle: 15, warning: 120, poll: 40, pollMost: 180 },
  });
});

test("names the setting that is wrong, and the nearest one that exists", () => {
  const reading = (pair: string) => () => readSlurmSettings([pair]);
  expect(reading("partitions=gpu")).toThrow(/setting "partitions", did you mean "partition"\?/);
  expect(reading("cpus=many")).toThrow(/--slurm cpus: .*got "many"/);
  expect(reading("partition=a b; rm -rf /")).toThrow(/--slurm partition: expected letters/);
  expect(reading("cpus")).toThrow("--slurm cpus: expected cpus=value, got no value");
});

test("bundles small shards into tasks, and gives long ones time in tens of minutes", () => {
  const settings = readSlurmSettings(["bundle=10"]);
  const shards = [200, 300, 200, 900, 30].map((seconds, i) => ({ id: String(i), seconds }));
  const tasks = planTasks(shards, settings);
  // 200 + 300 s fill 10 minutes but for 100 s; 200 more do not fit, and 900 s fit nowhere
  expect(tasks.map((task) => task.shards)).toEqual([["0", "1"], ["2"], ["3"], ["4"]]);
  // 2 x 500 + 60 = 1060 s -> 20 min; 460 -> 10; 1860 -> 40; 120 -> 10
  expect(tasks.map(({ minutes }) => minutes)).toEqual([20, 10, 40, 10]);
  expect(timeLimit(0)).toBe(10);
});
