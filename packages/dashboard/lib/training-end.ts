/** @file How a training ended before its time: pruned, diverged, failed, or stopped early because it no longer rose. */

import type { CurveRow, TrainingRow } from "./queries/finetuning.ts";

export type Ending = {
  readonly kind: "pruned" | "diverged" | "failed";
  /** The last evaluation, where there was one. */
  readonly evaluation: number | null;
  readonly epoch: number | null;
  /** The update it ended at. */
  readonly step: number | null;
  /** Of that update. */
  readonly learningRate: number | null;
  readonly why: string;
};

/** What flags, error and curves of a training say about its end; null where it went as planned. */
export function endingOf(
  { error }: Pick<TrainingRow, "error">,
  flags: readonly string[],
  points: readonly CurveRow[],
): Ending | null {
  const last = points.at(-1);
  const pruned = flags
    .map((flag) => /^pruned after evaluation (\d+): (.*)$/s.exec(flag))
    .find(Boolean);
  if (pruned) {
    const evaluation = Number(pruned[1]);
    const at = points.filter((point) => point.evaluation === evaluation);
    const rate = at.find(({ metric }) => metric === "learningRate");
    return {
      ...{ kind: "pruned", evaluation, why: pruned[2] ?? "" },
      epoch: at[0]?.epoch ?? null,
      step: at[0]?.step ?? null,
      learningRate: rate?.value ?? null,
    };
  }
  if (error === null) return null;
  const diverged = /diverged: (.+) at step (\d+) with learning rate ([\d.e+-]+)/.exec(error);
  const before = { evaluation: last?.evaluation ?? null, epoch: last?.epoch ?? null };
  if (diverged === null) {
    return { ...before, kind: "failed", step: last?.step ?? null, learningRate: null, why: error };
  }
  return {
    ...before,
    ...{ kind: "diverged", step: Number(diverged[2]), learningRate: Number(diverged[3]) },
    why: diverged[1] ?? error,
  };
}
