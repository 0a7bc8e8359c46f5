/** @file Infidelity and max-sensitivity (Yeh et al. 2019). */

import type { Tensor } from "../graph/index.ts";
import { createRandom } from "../random.ts";
import { ordinaryTokens } from "./attribution.ts";
import type { Attributor } from "./attributor.ts";
import type { Scored } from "./faithfulness.ts";
import type { Query } from "./feeds.ts";
import type { LoopTools } from "./loop.ts";
import { type Perturbation, perturb, perturbTarget } from "./perturb.ts";
import type { Scorer } from "./scorer.ts";

type InfidelitySetting = {
  readonly scorer: Scorer;
  readonly tools: LoopTools;
  readonly perturbation: Perturbation;
  /** Random sets of tokens per text. */
  readonly draws: number;
  readonly seed: number;
};

/**
 * How badly the sum of the scores of random tokens foretells how far the explained number falls
 * when they are taken out: mean((β·Σ scores - fall)²) / mean(fall²), with the β that suits the scores
 * best, so that methods of any scale compare. 0 is perfect, 1 no better than silence.
 */
export async function infidelity(
  { scorer, tools, perturbation: kind, draws, seed }: InfidelitySetting,
  asked: readonly Scored[],
): Promise<readonly number[]> {
  // The sets depend on the text alone, so all methods share what the model says of them.
  const first = new Map<Query, number>();
  const rows = [...new Set(asked.map(({ query }) => query))].flatMap((query, text) => {
    first.set(query, text * (draws + 1));
    const draw = createRandom(seed).fork(Array.from(query.example.ids).join(" "));
    const all = ordinaryTokens(query.example);
    return [[], ...Array.from({ length: draws }, () => subset(all, draw))].map((out) => ({
      out,
      example: perturb(query.example, out, { kind, ...tools }),
      target: perturbTarget(query.target, out, kind),
    }));
  });
  const outputs = await scorer.outputs(rows);
  return asked.map(({ query, scores }) => {
    const whole = first.get(query)!;
    const value = (row: number) => outputs[row * tools.outputs + Number(query.target.output)]!;
    let ab = 0;
    let aa = 0;
    let bb = 0;
    for (let row = whole + 1; row <= whole + draws; row++) {
      const told = rows[row]!.out.reduce((sum, at) => sum + scores[at]!, 0);
      const fall = value(whole) - value(row);
      ab += told * fall;
      aa += told * told;
      bb += fall * fall;
    }
    return bb === 0 ? 0 : 1 - (aa === 0 ? 0 : (ab * ab) / (aa * bb));
  });
}

/** A random set, every size from 1 to all equally likely. */
function subset(
  all: readonly number[],
  draw: { integer: (n: number) => number; permutation: (n: number) => Uint32Array },
): readonly number[] {
  const size = 1 + draw.integer(all.length);
  return Array.from(draw.permutation(all.length).subarray(0, size), (i) => all[i]!);
}

/**
 * The largest relative change of the scores under small noise at the source: max over draws of
 * ‖scores(x + δ) - scores(x)‖ / ‖scores(x)‖, δ uniform in ±radius. The attributor must be `shifted`.
 * One list per text, by method.
 */
export async function maxSensitivity(
  attributor: Attributor,
  queries: readonly Query[],
  { draws = 10, radius = 0.02, seed = 0 } = {},
): Promise<readonly ReadonlyMap<string, number>[]> {
  const still = await attributor.explain(queries, noise(0, ""));
  const worst = queries.map(() => new Map<string, number>());
  for (let i = 0; i < draws; i++) {
    const moved = await attributor.explain(queries, noise(radius, `${seed}/${i}`));
    still.forEach((answer, row) => {
      const other = moved[row]!;
      if ("error" in answer || "error" in other) return;
      for (const [label, { scores }] of answer.attributions) {
        const shaken = other.attributions.get(label)?.scores;
        if (shaken === undefined) continue;
        const change = distance(shaken, scores);
        const size = distance(scores, new Float32Array(scores.length));
        const share = size === 0 ? 0 : change / size;
        worst[row]!.set(label, Math.max(worst[row]!.get(label) ?? 0, share));
      }
    });
  }
  return worst;
}

/** Noise that the seed and a text's tokens decide, whatever else is in the batch. */
const noise =
  (radius: number, seed: string) =>
  (batch: readonly Query[], width: number): Tensor => {
    const tokens = Math.max(...batch.map(({ example }) => example.ids.length));
    const data = new Float32Array(batch.length * tokens * width);
    batch.forEach(({ example: { ids } }, row) => {
      if (radius === 0) return;
      const draw = createRandom(seed).fork(Array.from(ids).join(" "));
      const at = row * tokens * width;
      for (let i = 0; i < ids.length * width; i++) data[at + i] = radius * (2 * draw.next() - 1);
    });
    return { data, shape: [batch.length, tokens, width] };
  };

function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2;
  return Math.sqrt(sum);
}
