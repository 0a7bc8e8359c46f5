/** @file Whether scores say what the model does: taking tokens out in their order and asking again. */

import { argMax } from "../array.ts";
import { byScore } from "./agreement.ts";
import { ordinaryTokens } from "./attribution.ts";
import type { Query } from "./feeds.ts";
import type { LoopTools } from "./loop.ts";
import { type Perturbation, perturb, perturbTarget } from "./perturb.ts";
import type { Scorer } from "./scorer.ts";

/** Shares of the tokens over which comprehensiveness and sufficiency average (DeYoung et al. 2020). */
export const eraserShares = [0.01, 0.05, 0.1, 0.2, 0.5] as const;
/** Words taken out one by one (Wu and Ong 2021). */
export const deletions = 10;
const areaShares = Array.from({ length: 11 }, (_, i) => i / 10);

/** How one text's output follows the order of its scores. */
export type Faithfulness = {
  /** Mean fall of the output when the top shares are taken out; more is better. */
  readonly comprehensiveness: number;
  /** Mean fall when only the top shares are left; less is better. */
  readonly sufficiency: number;
  /** Area under the output as 0 to 100 % are taken out, top first; less is better. */
  readonly deletionArea: number;
  /** Area as 0 to 100 % are put back; more is better. */
  readonly insertionArea: number;
  /** Output after k = 0..10 words are taken out, top first. */
  readonly deletion: readonly number[];
  /** Whether the predicted class is still the original one after k = 0..10 words; empty without classes. */
  readonly kept: readonly boolean[];
};

/** What is asked: a text, what is explained about it, and its scores. */
export type Scored = { readonly query: Query; readonly scores: ArrayLike<number> };

type Setting = {
  readonly scorer: Scorer;
  readonly tools: LoopTools;
  readonly perturbation: Perturbation;
};

/**
 * Measures texts. The output is the probability of the explained class, or the explained number
 * itself where there are no classes. Special tokens are never taken out.
 */
export async function measureFaithfulness(
  setting: Setting,
  asked: readonly Scored[],
): Promise<readonly Faithfulness[]> {
  const { scorer, tools, perturbation: kind } = setting;
  const plans = asked.map((one) => planOf(one));
  // Methods that agree take out the same sets of a text: each is asked for once.
  const rows: { readonly query: Query; readonly positions: readonly number[] }[] = [];
  const known = new Map<Query, Map<string, number>>();
  const places = plans.map(({ query, out }) => {
    const own = known.get(query) ?? new Map<string, number>();
    known.set(query, own);
    return out.map((positions) => {
      const key = [...positions].sort((a, b) => a - b).join(" ");
      const place = own.get(key) ?? rows.push({ query, positions }) - 1;
      own.set(key, place);
      return place;
    });
  });
  const outputs = await scorer.outputs(
    rows.map(({ query, positions }) => ({
      example: perturb(query.example, positions, { kind, ...tools }),
      target: perturbTarget(query.target, positions, kind),
    })),
  );
  return plans.map((plan, i) => {
    const read = places[i]!.map((row) =>
      outputs.subarray(row * tools.outputs, (row + 1) * tools.outputs),
    );
    const output = Number(plan.query.target.output);
    return resultOf(plan, read, { output, classes: tools.spec.objective.kind === "class" });
  });
}

type Plan = {
  readonly query: Query;
  readonly count: number;
  /** Distinct sets of positions to take out. */
  readonly out: readonly (readonly number[])[];
  readonly removed: (k: number) => number;
  readonly left: (k: number) => number;
};

function planOf({ query, scores }: Scored): Plan {
  const order = byScore(scores, ordinaryTokens(query.example));
  const count = order.length;
  const out: (readonly number[])[] = [];
  const known = new Map<string, number>();
  // Taking everything out, or nothing, is the same set from either end.
  const keyOf = (from: number, to: number): string => (from === to ? "none" : `${from} ${to}`);
  const add = (from: number, to: number): void => {
    const key = keyOf(from, to);
    if (known.has(key)) return;
    known.set(key, out.length);
    out.push(order.slice(from, to));
  };
  for (let k = 0; k <= Math.min(deletions, count); k++) add(0, k);
  for (const share of [...eraserShares, ...areaShares]) {
    const k = Math.ceil(share * count);
    add(0, k);
    add(k, count);
  }
  return {
    ...{ query, count, out },
    removed: (k) => known.get(keyOf(0, Math.min(k, count)))!,
    left: (k) => known.get(keyOf(Math.min(k, count), count))!,
  };
}

function resultOf(
  plan: Plan,
  read: readonly Float32Array[],
  { output, classes }: { readonly output: number; readonly classes: boolean },
): Faithfulness {
  const value = (at: number): number =>
    classes ? explainedOutput(read[at]!, output) : read[at]![output]!;
  const full = value(plan.removed(0));
  const original = argMax(read[plan.removed(0)]!);
  const counts = (shares: readonly number[]) => shares.map((s) => Math.ceil(s * plan.count));
  const fall = (at: (k: number) => number) =>
    mean(counts(eraserShares).map((k) => full - value(at(k))));
  const steps = Array.from({ length: deletions + 1 }, (_, k) => k);
  return {
    comprehensiveness: fall(plan.removed),
    sufficiency: fall(plan.left),
    deletionArea: area(counts(areaShares).map((k) => value(plan.removed(k)))),
    insertionArea: area(counts(areaShares).map((k) => value(plan.left(k)))),
    deletion: steps.map((k) => value(plan.removed(k))),
    kept: classes ? steps.map((k) => argMax(read[plan.removed(k)]!) === original) : [],
  };
}

/** Probability of the class, or the only output. */
export function explainedOutput(outputs: Float32Array, output: number): number {
  if (outputs.length === 1) return outputs[0]!;
  const most = outputs.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const sum = outputs.reduce((total, x) => total + Math.exp(x - most), 0);
  return Math.exp(outputs[output]! - most) / sum;
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** Trapezoid area over equal steps from 0 to 1. */
function area(values: readonly number[]): number {
  const ends = (values[0]! + values[values.length - 1]!) / 2;
  return (values.reduce((sum, value) => sum + value, 0) - ends) / (values.length - 1);
}
