/** @file R3's own optimisation, step for step: Adam on one ratio per token, one noise sample a step. */

import type { Session } from "../graph/index.ts";
import { createRandom } from "../random.ts";
import type { NoiseProblem, NoiseSettings, Tolerance } from "./noise-tolerance.ts";

export type PublishedSettings = Pick<NoiseSettings, "scale" | "rate" | "seed"> & {
  /** Single-sample steps; R3 takes 5,000. */
  readonly iterations: number;
  /** Of Adam; R3 takes 0.01 for BERT and 0.5 for its toy. */
  readonly learningRate: number;
};

/**
 * σ as R3's code finds it: ρ = sigmoid(r), r drawn normal, Adam without schedule, and of all steps the
 * parameters one update after the lowest loss that was seen. Two seeds differ by a few percent, because
 * that loss is of one noise sample; `findTolerance` finds the same minimum without that luck.
 */
export async function publishedTolerance(
  session: Session,
  { x, state, weights, feeds }: Omit<NoiseProblem, "start">,
  { scale, rate, seed, iterations, learningRate }: PublishedSettings,
): Promise<Tolerance> {
  const [, tokens, width] = x.shape as [number, number, number];
  const draw = createRandom(seed).fork("published");
  const r = Float64Array.from({ length: tokens }, () => draw.normal());
  const adam = createAdam(tokens, learningRate);
  let best = { loss: Number.POSITIVE_INFINITY, r: r.slice() };
  for (let step = 0; step < iterations; step++) {
    const rho = r.map(sigmoid);
    const noise = Float32Array.from({ length: tokens * width }, () => draw.normal());
    const { distance, slopes } = await session.run({
      ...feeds,
      ...{ x, state, weights: { data: weights, shape: [weights.length] } },
      deviation: { data: Float32Array.from(rho, (ratio) => scale * ratio), shape: [1, tokens] },
      noise: { data: noise, shape: [1, tokens, width] },
    });
    const information = rho.reduce((sum, ratio) => sum + Math.log(ratio), 0) / tokens;
    const loss = Number(distance!.data[0]) - rate * information;
    // d log ρ / dr = 1 - ρ
    adam(
      r,
      rho.map((ratio, i) => (Number(slopes!.data[i]) - rate / tokens) * (1 - ratio)),
    );
    if (loss < best.loss) best = { loss, r: r.slice() };
  }
  return { sigma: Float32Array.from(best.r, (v) => scale * sigmoid(v)), loss: best.loss };
}

const sigmoid = (v: number): number => 1 / (1 + Math.exp(-v));

/** Adam with torch's defaults; changes the parameters it is given. */
function createAdam(count: number, learningRate: number) {
  const m = new Float64Array(count);
  const v = new Float64Array(count);
  let step = 0;
  return (parameters: Float64Array, slopes: Float64Array): void => {
    step += 1;
    for (let i = 0; i < count; i++) {
      m[i] = 0.9 * m[i]! + 0.1 * slopes[i]!;
      v[i] = 0.999 * v[i]! + 0.001 * slopes[i]! ** 2;
      const size = Math.sqrt(v[i]! / (1 - 0.999 ** step)) + 1e-8;
      parameters[i]! -= (learningRate * m[i]!) / (1 - 0.9 ** step) / size;
    }
  };
}
