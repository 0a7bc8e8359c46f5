/** @file The folder that the head and the tasks share: shards, submissions, results, logs. Only the head writes submissions. */

import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { z } from "zod";
import { replaceFile } from "../atomic-file.ts";
import { idOf } from "../canonical.ts";
import { readChecked } from "./read-checked.ts";

const heading = z.object({ id: z.string() });

/** A task of an array computes its shards one after the other. */
const task = z.object({ shards: z.array(z.string()), open: z.boolean() });

const submission = z.object({
  /** Job name, unique: a job whose id was lost is found by it. */
  name: z.string(),
  /** Null until Slurm told its id. */
  job: z.string().nullable(),
  tasks: z.array(task),
  /** What the tasks were given, for those who come after them. */
  minutes: z.number(),
  memory: z.number().nullable(),
  exclude: z.array(z.string()),
});

export type Task = z.output<typeof task>;
export type Submission = z.output<typeof submission>;

/** Everything an experiment of one store has on the cluster. */
export type Sweep = {
  readonly folder: string;
  /** Part of every job name. */
  readonly id: string;
  readonly submissions: readonly Submission[];
  /** Adds a submission or replaces the one of that name, on disk first. */
  readonly record: (one: Submission) => void;
  /** A job name that no other submission has. */
  readonly nextName: () => string;
};

type Key = { readonly folder: string; readonly store: string; readonly experiment: string };

/** Folder of a sweep; names are hashed, so they can hold anything. */
export function sweepFolder({ folder, store, experiment }: Key): string {
  return join(resolve(folder), idOf({ store: resolve(store), experiment }));
}

/** Opens what an earlier head left, or begins it. */
export function openSweep(key: Key): Sweep {
  const folder = sweepFolder(key);
  for (const part of ["shards", "submissions", "results", "curves", "alive", "logs"]) {
    mkdirSync(join(folder, part), { recursive: true, mode: 0o700 });
  }
  const file = join(folder, "sweep.json");
  if (!existsSync(file)) {
    replaceFile(file, JSON.stringify({ id: randomUUID().slice(0, 8), experiment: key.experiment }));
  }
  const { id } = readChecked(file, heading);
  const known = new Map<string, Submission>();
  const submissions = join(folder, "submissions");
  const number = (name: string): number => Number(name.split("-").at(-1)?.replace(".json", ""));
  for (const name of readdirSync(submissions).sort((a, b) => number(a) - number(b))) {
    if (name.startsWith(".")) continue;
    const one = readSubmission(join(submissions, name));
    known.set(one.name, one);
  }
  return {
    folder,
    id,
    get submissions() {
      return [...known.values()];
    },
    record: (one) => {
      replaceFile(submissionFile(folder, one.name), JSON.stringify(one));
      known.set(one.name, one);
    },
    nextName: () => `probegrid-${id}-${known.size}`,
  };
}

export function submissionFile(folder: string, name: string): string {
  return join(folder, "submissions", `${name}.json`);
}

export function readSubmission(file: string): Submission {
  return readChecked(file, submission);
}

/** What a task touches while it works, and where it says why it ended early. */
export function aliveFile(folder: string, shard: string): string {
  return join(folder, "alive", shard);
}
