/** @file The table of jobs: every kind of work a worker can do. Work is plain data, and so is what comes back. */

import { regularizationOver } from "../attribute/sample-regularization.ts";
import { attributeRows } from "./attribute.ts";
import { probeWords } from "./bag-of-words.ts";
import { encodeChunk } from "./encode.ts";
import { finetuneCheckpoint } from "./finetune.ts";
import type { AnyLink, JobLink } from "./link.ts";
import { probeFeatures } from "./probe.ts";
import { tokenizeTexts } from "./tokenize.ts";

/** One row per kind of job. Adding a kind means one file and one row. */
const jobs = {
  attribute: attributeRows,
  bagOfWords: probeWords,
  encode: encodeChunk,
  finetune: finetuneCheckpoint,
  probe: probeFeatures,
  regularize: regularizationOver,
  tokenize: tokenizeTexts,
} as const;

export type JobKind = keyof typeof jobs;

/** What a job of one kind is given. */
export type Work<K extends JobKind> = Parameters<(typeof jobs)[K]>[0];

/** What a job of one kind returns. */
export type JobResult<K extends JobKind> = Awaited<ReturnType<(typeof jobs)[K]>>;

/** What a job of one kind tells and asks while it works; most say nothing before they are done. */
export type LinkOf<K extends JobKind> =
  Parameters<(typeof jobs)[K]> extends [unknown, (infer Link)?] ? NonNullable<Link> : JobLink;

/** Runs a job in this thread. */
export async function runJob<K extends JobKind>(
  kind: K,
  work: Work<K>,
  link?: LinkOf<K> | AnyLink,
): Promise<JobResult<K>> {
  const job = jobs[kind] as unknown as (work: Work<K>, link: unknown) => Promise<JobResult<K>>;
  return await job(work, link);
}
