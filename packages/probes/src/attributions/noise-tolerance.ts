/** @file How much noise each token bears before a function of the tokens changes (R3, Guan et al. 2019). */

import {
  add,
  type Dim,
  fill,
  gradients,
  input,
  mul,
  type Node,
  reduceMean,
  reduceSum,
  type Session,
  square,
  sub,
  type Tensor,
  unsqueeze,
} from "../graph/index.ts";
import { createRandom } from "../random.ts";

export type NoiseSettings = {
  /** Largest standard deviation of the noise. */
  readonly scale: number;
  /** Weight of the information term. */
  readonly rate: number;
  /** Noise samples per step. */
  readonly samples: number;
  readonly steps: number;
  readonly seed: number;
};

/** What is found for one text. */
export type Tolerance = {
  /** Standard deviation of the noise that each token bears, σ = scale · ρ. */
  readonly sigma: Float32Array;
  /** R3's loss at the end: distance - rate · mean log ρ, averaged over the last steps. */
  readonly loss: number;
};

/** A function of token vectors, [batch, tokens, width] to [batch, ...]. */
export type TokenFunction = (x: Node) => Node;

/**
 * R3's distance term, the mean over all elements of weights · (Φ(x + ρ·scale·noise) - Φ(x))², and
 * its derivative with respect to log ρ of every token, both averaged over the noise samples.
 */
export function distanceGraph(
  phi: TokenFunction,
  { tokens = "tokens", width }: { readonly tokens?: Dim; readonly width: number },
): Record<string, Node> {
  const x = input("x", [1, tokens, width]);
  const deviation = input("deviation", [1, tokens]); // scale · ρ
  const noise = input("noise", ["batch", tokens, width]);
  const moved = mul(unsqueeze(deviation, 2), noise);
  const noisy = add(x, moved);
  const state = phi(noisy);
  const [, ...rest] = state.shape;
  const away = sub(state, input("state", [1, ...rest]));
  const weighted = mul(square(away), input("weights", [rest[rest.length - 1]!]));
  const distance = reduceMean(weighted);
  const [slope] = gradients(distance, [noisy], { seed: fill(1, []) });
  return { distance, slopes: reduceSum(mul(slope!, moved), [0, 2]) };
}

export type NoiseProblem = {
  /** Token vectors. [1, tokens, width] */
  readonly x: Tensor;
  /** Φ(x). [1, ...] */
  readonly state: Tensor;
  /** 1 / regularization², one per element of the last axis of Φ(x). */
  readonly weights: Float32Array;
  /** What else Φ's graph is fed, for a batch of `samples`. */
  readonly feeds: Readonly<Record<string, Tensor>>;
  /** σ to begin with: that of the layer below, say; 0.1 · scale when not given. */
  readonly start?: Float32Array;
};

/**
 * Minimises E[distance] - rate · mean log ρ over one ρ in (0, 1) per token. At the minimum every
 * token has the same slope, ∂E/∂log ρ = rate / tokens; where the distance is quadratic in ρ, as it
 * is for small noise, ρ · sqrt((rate / tokens) / slope) lands there at once. So a few steps of many
 * samples do what R3's Adam does in thousands of single ones. The later steps only follow the noise: their
 * log ρ are averaged (Polyak). Averaging slope / ρ² instead would hold back tokens whose distance saturates.
 */
export async function findTolerance(
  session: Session,
  { x, state, weights, feeds, start }: NoiseProblem,
  { scale: most, rate, samples, steps, seed }: NoiseSettings,
): Promise<Tolerance> {
  const [, tokens, width] = x.shape as [number, number, number];
  const draw = createRandom(seed).fork("noise");
  const ratios = Float64Array.from({ length: tokens }, (_, i) =>
    start === undefined ? 0.1 : start[i]! / most,
  );
  const logs = new Float64Array(tokens); // mean log ρ since it has settled
  const wanted = rate / tokens;
  const settled = Math.floor(steps / (start === undefined ? 3 : 6));
  let loss = 0;
  for (let step = 0; step < steps; step++) {
    const noise = new Float32Array(samples * tokens * width);
    for (let i = 0; i < noise.length; i++) noise[i] = draw.normal();
    const found = await session.run({
      ...feeds,
      x,
      state,
      weights: { data: weights, shape: [weights.length] },
      deviation: { data: Float32Array.from(ratios, (rho) => most * rho), shape: [1, tokens] },
      noise: { data: noise, shape: [samples, tokens, width] },
    });
    const share = 1 / (Math.max(step - settled, 0) + 1);
    const information = ratios.reduce((sum, rho) => sum + Math.log(rho), 0) / tokens;
    loss += share * (Number(found.distance!.data[0]) - rate * information - loss);
    const limit = step < settled ? 8 : 1.5; // the distance is quadratic only nearby
    for (let i = 0; i < tokens; i++) {
      const rho = ratios[i]!;
      const best = rho * Math.sqrt(wanted / Math.max(Number(found.slopes!.data[i]), 1e-30));
      const near = Math.min(Math.max(best, rho / limit), rho * limit);
      ratios[i] = Math.min(near, 0.9999);
      logs[i]! += share * (Math.log(ratios[i]!) - logs[i]!);
    }
  }
  return { sigma: Float32Array.from(logs, (log) => most * Math.exp(log)), loss };
}

/**
 * 1 / regularization², one per unit; without a regularization 1 / mean(Φ(x)²) for all. Units that
 * never vary over the sample say nothing about a text and count nothing.
 */
export function weightsOf(regularization: ArrayLike<number> | null, state: Tensor): Float32Array {
  const width = state.shape[state.shape.length - 1]!;
  if (regularization === null) {
    const values = state.data as Float32Array;
    const power = values.reduce((sum, v) => sum + v * v, 0) / values.length;
    return new Float32Array(width).fill(1 / power);
  }
  if (regularization.length !== width) {
    throw new Error(
      `information: expected a regularization of ${width} numbers, got ${regularization.length}`,
    );
  }
  return Float32Array.from(regularization, (deviation) => (deviation > 0 ? 1 / deviation ** 2 : 0));
}
