/** @file How jobs are asked for on a cluster: `--slurm key=value`, checked before anything is submitted. */

import { z } from "zod";
import { ExperimentError, unknownName } from "../errors.ts";

/** One word of Slurm's own, so that nothing can pass for a second option. */
const word = z.string().regex(/^[\w.,:@%/=+[\]-]+$/, "expected letters, digits and .,:/-");
const whole = (least: number) => z.coerce.number().int().min(least);

const schema = z.strictObject({
  partition: word.optional(),
  account: word.optional(),
  qos: word.optional(),
  constraint: z
    .string()
    .regex(/^[\w&|()[\]*.-]+$/, "expected feature names")
    .optional(),
  gres: word.optional(),
  exclude: word.optional(),
  /** Folder that every node sees: shards, results and logs. */
  folder: z.string().min(1).default("logs/slurm"),
  cpus: whole(1).default(4),
  /** MB of one task; the cluster's own default when not given. */
  memory: whole(1).optional(),
  /** Time limit of a task; from the estimate when not given. */
  minutes: whole(1).optional(),
  /** Small shards share a task until it is estimated to take this long. */
  bundle: z.coerce.number().min(0).default(15),
  /** Tasks that may run at once; no limit when not given. */
  parallel: whole(1).optional(),
  /** Most tasks of one array, where MaxArraySize is not the limit. */
  array: whole(1).optional(),
  /** Seconds before the time limit at which a task is told to finish what it has. */
  warning: whole(1).default(120),
  /** Seconds between looks at the queue: the first wait, and the longest. */
  poll: z.coerce.number().positive().default(40),
  pollMost: z.coerce.number().positive().default(180),
});

export type SlurmSettings = z.output<typeof schema>;

const keys = Object.keys(schema.shape);

/** Reads `key=value` pairs. */
export function readSlurmSettings(pairs: readonly string[]): SlurmSettings {
  const given: Record<string, string> = {};
  for (const pair of pairs) {
    const at = pair.indexOf("=");
    const key = at < 0 ? pair : pair.slice(0, at);
    if (!keys.includes(key)) {
      throw new ExperimentError(`--slurm ${unknownName("setting", key, keys)}`);
    }
    if (at < 0) throw new ExperimentError(`--slurm ${key}: expected ${key}=value, got no value`);
    given[key] = pair.slice(at + 1);
  }
  const checked = schema.safeParse(given);
  if (checked.success) return checked.data;
  const [issue] = checked.error.issues;
  const key = String(issue?.path[0]);
  throw new ExperimentError(
    `--slurm ${key}: ${issue?.message.toLowerCase()}, got ${JSON.stringify(given[key])}`,
  );
}
