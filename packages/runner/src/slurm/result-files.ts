/** @file Results as files: whole or not there at all; the first complete one of a trial stands. */

import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { replaceFile } from "../atomic-file.ts";
import { refuseHostile } from "../parse-json.ts";
import { type Found, foundSchema } from "./found.ts";

/** What a task found out about a trial, or about a piece of one. */
export type ShardResult = Found & {
  readonly trial: string;
  /** Details of the machine, as `describeEnvironment` gives them. */
  readonly environment: Readonly<Record<string, unknown>>;
};

const file = z.intersection(
  z.object({ trial: z.string(), environment: z.record(z.string(), z.unknown()) }),
  foundSchema,
);

/** More than the largest attribution has. */
const mostValues = 2 ** 24;

/** Writes a result unless there is a complete one already. A trial that failed may be tried again. */
export function writeResult(folder: string, result: ShardResult): void {
  if (isDone(folder, result.trial)) return;
  replaceFile(resultFile(folder, result.trial), JSON.stringify(result, packed));
}

/** True of what has a result that is no failure. */
export function isDone(folder: string, trial: string): boolean {
  const known = readResult(folder, trial);
  return known !== null && !("error" in known);
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
    refuseHostile(text, { values: mostValues });
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

/** Ids of what has a file. */
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
