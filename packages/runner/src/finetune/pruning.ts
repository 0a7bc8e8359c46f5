/** @file Pruning: ends trainings that are behind others at the same evaluation. */

import { z } from "zod";

/** What a pruner knows of a training: its watched score at evaluation 1, 2, ... */
export type ScoreCurve = readonly number[];

export const pruningSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("median"),
    /** Finished trainings before anything is pruned. */
    startup: z.int().min(1).default(4),
    /** Evaluations that every training is given. */
    warmup: z.int().min(1).default(1),
  }),
  z.strictObject({
    kind: z.literal("halving"),
    /** At rungs 1, factor, factor², ... evaluations the best 1 / factor go on. */
    factor: z.int().min(2).default(2),
    /** The first rung. */
    warmup: z.int().min(1).default(1),
  }),
]);
export type Pruning = z.output<typeof pruningSchema>;

/**
 * Why a training ends after its latest evaluation, null where it goes on. `others` are trainings of
 * the same dataset and model, in the order they ran.
 */
export function pruneReason(
  pruning: Pruning,
  own: ScoreCurve,
  others: readonly ScoreCurve[],
): string | null {
  const evaluation = own.length;
  const score = own[evaluation - 1];
  if (score === undefined || evaluation < pruning.warmup) return null;
  return pruning.kind === "median"
    ? behindMedian(own, others, pruning.startup)
    : belowRung(own, others, pruning);
}

/** The best score so far against the median of the others' at this evaluation (as Optuna). */
function behindMedian(
  own: ScoreCurve,
  others: readonly ScoreCurve[],
  startup: number,
): string | null {
  const peers = others.flatMap((curve) => curve[own.length - 1] ?? []).sort((a, b) => a - b);
  if (peers.length < startup) return null;
  const middle = Math.floor(peers.length / 2);
  const median =
    peers.length % 2 === 1 ? peers[middle]! : (peers[middle - 1]! + peers[middle]!) / 2;
  const best = Math.max(...own);
  if (best >= median) return null;
  return `best score ${best.toFixed(4)} is below the median ${median.toFixed(4)} of ${peers.length} trainings`;
}

/** Successive halving as trainings come (ASHA): at a rung, only the best 1 / factor go on. */
function belowRung(
  own: ScoreCurve,
  others: readonly ScoreCurve[],
  { factor, warmup }: { readonly factor: number; readonly warmup: number },
): string | null {
  let rung = warmup;
  while (rung < own.length) rung *= factor;
  if (rung !== own.length) return null;
  const scores = [own, ...others].flatMap((curve) =>
    curve.length >= rung ? [Math.max(...curve.slice(0, rung))] : [],
  );
  if (scores.length < factor) return null;
  const kept = Math.max(1, Math.floor(scores.length / factor));
  const bar = scores.sort((a, b) => b - a)[kept - 1]!;
  const best = Math.max(...own);
  if (best >= bar) return null;
  return `best score ${best.toFixed(4)} is not among the ${kept} of ${scores.length} trainings that go on (${bar.toFixed(4)} and up)`;
}
