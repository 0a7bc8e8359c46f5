/** @file What a run does when a worker is lost: the same once more, alone, or with smaller batches; never for bad numbers. */

import { messageOf } from "../errors.ts";
import { isFatal } from "../explain-error.ts";
import type { TrialFailure, TrialResult } from "../jobs/probe.ts";
import { failureKind, wasKilled } from "./lost-worker.ts";

type Results = readonly (TrialResult | TrialFailure)[];
type Named = { readonly id: string };

/** Computes trials together; when their worker is lost each is tried alone, once, so that only the one at fault fails. */
export async function probeAgain<Trial extends Named>(
  run: (trials: readonly Trial[]) => Promise<Results>,
  trials: readonly Trial[],
): Promise<Results> {
  try {
    return await run(trials);
  } catch (error) {
    if (isFatal(error)) throw error;
    const [first, ...others] = trials;
    if (first && others.length === 0 && failureKind(error) === "final")
      return [failure(first, error)];
    const results: (TrialResult | TrialFailure)[] = [];
    for (const trial of trials) results.push(...(await probeAlone(run, trial)));
    return results;
  }
}

async function probeAlone<Trial extends Named>(
  run: (trials: readonly Trial[]) => Promise<Results>,
  trial: Trial,
): Promise<Results> {
  try {
    return await run([trial]);
  } catch (error) {
    if (isFatal(error)) throw error;
    return [failure(trial, failureKind(error) === "final" ? error : twice(error))];
  }
}

function failure({ id }: Named, error: unknown): TrialFailure {
  return { id, error };
}

/** How many tokens (of trainings: texts) are computed at once for each model; one that ran out of memory gets half, and keeps it. */
export interface BatchSizes {
  of(model: string): number;
  halve(model: string): void;
}

const fewestTokens = 16;

type Memory = {
  /** Sizes that were found before, by model. */
  readonly known?: Readonly<Record<string, number>>;
  /** Hears all sizes when one changed. */
  readonly keep?: (sizes: Readonly<Record<string, number>>) => void;
};

/** Every model begins with `first` tokens, or with what is known to fit. */
export function createBatchSizes(
  first: number,
  { known = {}, keep = () => {} }: Memory = {},
): BatchSizes {
  const sizes = new Map(Object.entries(known));
  const of = (model: string): number => Math.min(sizes.get(model) ?? first, first);
  return {
    of,
    halve: (model) => {
      sizes.set(model, Math.ceil(of(model) / 2));
      keep(Object.fromEntries(sizes));
    },
  };
}

type Sized<Result> = {
  readonly model: string;
  readonly sizes: BatchSizes;
  /** Batches are not made smaller than this. */
  readonly fewest?: number;
  /** Does the work with batches of such a size. */
  readonly compute: (size: number) => Promise<Result>;
};

/**
 * Computes in batches. A lost worker is replaced once, with the same batches: they give the same bits. Out of memory halves them
 * until they fit, and so does a worker that is killed a second time, which is how memory often runs out.
 */
export async function computeAgain<Result>(options: Sized<Result>): Promise<Result> {
  const { model, sizes, compute, fewest = fewestTokens } = options;
  for (let lost = 0; ; ) {
    const size = sizes.of(model);
    try {
      return await compute(size);
    } catch (error) {
      const kind = failureKind(error);
      if (kind === "final") throw error;
      if (kind === "worker" && lost++ === 0) continue;
      if (kind === "worker" && !wasKilled(error)) throw twice(error);
      if (size < 2 * fewest) throw twice(error);
      if (sizes.of(model) === size) sizes.halve(model); // another chunk may have been first
    }
  }
}

function twice(error: unknown): Error {
  return new Error(`${messageOf(error)} (tried again alone, with the same end)`, { cause: error });
}
