/** @file Results as files: whole or not there at all; the first complete one of a trial stands. */

import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { replaceFile } from "../atomic-file.ts";
import type { TrialResult } from "../jobs/probe.ts";

/** What a task found out about a trial. */
export type ShardResult = {
  readonly trial: string;
  /** Details of the machine, as `describeEnvironment` gives them. */
  readonly environment: Readonly<Record<string, unknown>>;
} & ({ readonly result: Omit<TrialResult, "id"> } | { readonly error: string });

/** The store says what a value must be: here it only has to be one. */
const value = z.custom<number>((given) => typeof given === "number");
const score = z.object({ metric: z.string(), fold: z.int(), value });
const found = z.object({
  scores: z.array(score),
  predictions: z.array(
    z.object({
      fold: z.int(),
      predicted: z.union([z.instanceof(Int32Array), z.instanceof(Float32Array)]),
      scores: z.instanceof(Float32Array).nullable(),
    }),
  ),
  losses: z.array(
    z.object({
      fold: z.int(),
      part: z.enum(["train", "validation", "test"]),
      epoch: z.int(),
      value,
    }),
  ),
  flags: z.array(z.string()),
  seconds: value,
  items: z.array(z.looseObject({ metric: z.string() })),
});
const file = z.intersection(
  z.object({ trial: z.string(), environment: z.record(z.string(), z.unknown()) }),
  z.union([z.object({ result: found }), z.object({ error: z.string() })]),
);

/** Writes a result unless there is a complete one already. A trial that failed may be tried again. */
export function writeResult(folder: string, result: ShardResult): void {
  const known = readResult(folder, result.trial);
  if (known !== null && "result" in known) return;
  replaceFile(resultFile(folder, result.trial), JSON.stringify(result, packed));
}

/** A result, or null where there is none; a damaged one is removed, so that it is made again. */
export function readResult(folder: string, trial: string): ShardResult | null {
  const path = resultFile(folder, trial);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
  try {
    const parsed = file.parse(JSON.parse(text, unpacked));
    if (parsed.trial === trial) return parsed as unknown as ShardResult;
  } catch {
    // falls through: not what we wrote
  }
  rmSync(path, { force: true });
  return null;
}

/** Forgets a failure, so that the trial can be tried again. */
export function removeResult(folder: string, trial: string): void {
  rmSync(resultFile(folder, trial), { force: true });
}

/** Ids of the trials that have a file. */
export function listResults(folder: string): ReadonlySet<string> {
  const names = readdirSync(join(folder, "results"), { recursive: true, encoding: "utf8" });
  return new Set(names.flatMap((name) => /([0-9a-f]{16})\.json$/.exec(name)?.[1] ?? []));
}

function resultFile(folder: string, trial: string): string {
  return join(folder, "results", trial.slice(0, 2), `${trial}.json`);
}

const arrays = { Float32Array, Int32Array } as const;
const special: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  "-Infinity": Number.NEGATIVE_INFINITY,
};

/** JSON has no typed arrays, and no numbers that are not finite. */
function packed(_key: string, value: unknown): unknown {
  if (typeof value === "number" && !Number.isFinite(value)) return { number: String(value) };
  for (const [name, Type] of Object.entries(arrays)) {
    if (!(value instanceof Type)) continue;
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    return { array: name, base64: bytes.toString("base64") };
  }
  return value;
}

function unpacked(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if ("number" in value && Object.keys(value).length === 1) return special[String(value.number)];
  if (!("array" in value && "base64" in value)) return value;
  const Type = arrays[value.array as keyof typeof arrays];
  const bytes = Uint8Array.from(Buffer.from(String(value.base64), "base64"));
  return new Type(bytes.buffer);
}
