/** @file A cluster for tests: fake programs on the PATH, and nodes that compute tasks in this process or come to grief. */

import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

type Trouble =
  | {
      /** What the program says before it fails. */
      readonly complaint: string;
      /** The job was made all the same. */
      readonly submitted?: boolean;
    }
  /** It ends well and says nothing. */
  | { readonly empty: true };

export type FakeJob = {
  readonly id: number;
  readonly name: string;
  readonly args: readonly string[];
  readonly submission: string;
  readonly script: string;
  readonly tasks: Readonly<Record<string, TaskFacts>>;
};

type TaskFacts = {
  readonly state: string;
  readonly node: string;
  readonly reason: string;
  /** States that take over, one after every look at the queue. */
  readonly next?: readonly string[];
};

type Call = {
  readonly program: string;
  readonly args: readonly string[];
  readonly folder: string;
  readonly submission: string | null;
};

/** How a task ends: its state, once it did what it did. */
export type Fate = (job: FakeJob, task: number) => Promise<Partial<TaskFacts>>;

export type FakeCluster = {
  readonly folder: string;
  readonly calls: (program: string) => readonly Call[];
  readonly jobs: () => readonly FakeJob[];
  readonly setTask: (job: number, task: number, facts: Partial<TaskFacts>) => void;
  /** Starts every pending task, until `stop`. */
  readonly serve: (fate: Fate) => { readonly stop: () => Promise<void> };
};

type Options = {
  readonly maxArraySize?: number;
  /** MaxSubmitJobs of the user; accounts do not answer where it is not given. */
  readonly maxSubmit?: number;
  readonly troubles?: Readonly<Record<string, readonly Trouble[]>>;
};

const programs = ["sbatch", "squeue", "sacct", "scontrol", "sacctmgr"];

/** Puts the fake programs in front of everything else on the PATH of this process. */
export function createFakeCluster({
  maxArraySize = 1001,
  maxSubmit,
  troubles = {},
}: Options = {}): FakeCluster {
  const folder = mkdtempSync(join(tmpdir(), "probegrid-slurm-"));
  for (const part of ["bin", "jobs"]) mkdirSync(join(folder, part));
  writeFileSync(
    join(folder, "settings.json"),
    JSON.stringify({ maxArraySize, maxSubmit, troubles }),
  );
  writeFileSync(join(folder, "calls.jsonl"), "");
  const fake = fileURLToPath(new URL("./fake-slurm.mjs", import.meta.url));
  for (const program of programs) {
    const file = join(folder, "bin", program);
    writeFileSync(
      file,
      `#!/bin/sh\nexec "${process.execPath}" "${fake}" "${folder}" ${program} "$@"\n`,
    );
    chmodSync(file, 0o755);
  }
  const path = (process.env.PATH ?? "")
    .split(delimiter)
    .filter((one) => !one.includes("probegrid-slurm-"));
  process.env.PATH = [join(folder, "bin"), ...path].join(delimiter);
  const file = (id: number): string => join(folder, "jobs", `${id}.json`);
  const read = (id: number): FakeJob => JSON.parse(readFileSync(file(id), "utf8"));
  const jobs = (): FakeJob[] =>
    readdirSync(join(folder, "jobs"))
      .map((name) => read(Number(name.split(".")[0])))
      .sort((a, b) => a.id - b.id);
  const setTask: FakeCluster["setTask"] = (id, task, facts) => {
    const job = read(id);
    const tasks = { ...job.tasks, [task]: { ...job.tasks[task], ...facts } };
    const whole = join(folder, "task.part"); // squeue reads while we write
    writeFileSync(whole, JSON.stringify({ ...job, tasks }));
    renameSync(whole, file(id));
  };
  return {
    ...{ folder, jobs, setTask },
    calls: (program) =>
      readFileSync(join(folder, "calls.jsonl"), "utf8")
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line) as Call)
        .filter((call) => call.program === program),
    serve: (fate) => {
      let open = true;
      const work = async (): Promise<void> => {
        while (open) {
          for (const job of jobs()) {
            for (const [index, { state }] of Object.entries(job.tasks)) {
              if (state !== "PENDING" || !open) continue;
              setTask(job.id, Number(index), { state: "RUNNING", node: "n1" });
              setTask(job.id, Number(index), await fate(job, Number(index)));
            }
          }
          await sleep(20);
        }
      };
      const done = work();
      return {
        stop: async () => {
          open = false;
          await done;
        },
      };
    },
  };
}

/** Folder of the sweep that a job belongs to. */
export function sweepOf({ submission }: FakeJob): string {
  return dirname(dirname(submission));
}
