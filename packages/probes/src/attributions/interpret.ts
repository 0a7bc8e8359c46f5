/** @file R3's measure for any function of token vectors, by either solver, and R3's two published settings. */

import { type CompileOptions, compile, input, type Tensor } from "../graph/index.ts";
import {
  distanceGraph,
  findTolerance,
  type NoiseProblem,
  type NoiseSettings,
  type TokenFunction,
  type Tolerance,
  weightsOf,
} from "./noise-tolerance.ts";
import { type PublishedSettings, publishedTolerance } from "./published-tolerance.ts";

/** How σ is found: a few steps of many samples each, or R3's Adam. */
export const solvers = ["fixed-point", "adam"] as const;

export type SolverSettings = NoiseSettings &
  PublishedSettings & { readonly solver: (typeof solvers)[number] };

const solving = {
  ...{ rate: 0.1, samples: 24, steps: 24, seed: 0, iterations: 5000 },
  solver: "fixed-point",
} as const satisfies Partial<SolverSettings>;

/**
 * What R3 published results for. `toy`: x = randn(5, 256) / 100 and Φ(x) = Σ w_i x_i. `bert`: the
 * third layer of BERT, x being the embedding block's output.
 */
export const interpreterPresets = {
  toy: { ...solving, samples: 64, steps: 24, scale: 1, learningRate: 0.5 },
  bert: { ...solving, scale: 0.5, learningRate: 0.01, layers: [3] },
} as const satisfies Readonly<
  Record<string, SolverSettings & { readonly layers?: readonly number[] }>
>;

/** σ of every token of x [1, tokens, width] under Φ: how much noise it bears before Φ(x) changes. */
export async function interpret(
  x: Tensor,
  phi: TokenFunction,
  {
    regularization,
    session: options = {},
    ...settings
  }: SolverSettings & {
    /** Deviation of each unit of Φ over a sample; null divides by mean(Φ(x)²). */
    readonly regularization: ArrayLike<number> | null;
    readonly session?: CompileOptions;
  },
): Promise<Tolerance> {
  const [, tokens, width] = x.shape as [number, number, number];
  const plain = await compile({ state: phi(input("x", [1, tokens, width])) }, options);
  const session = await compile(distanceGraph(phi, { tokens, width }), options);
  try {
    const { state } = await plain.run({ x });
    const weights = weightsOf(regularization, state!);
    const problem: NoiseProblem = { x, state: state!, weights, feeds: {} };
    return settings.solver === "adam"
      ? await publishedTolerance(session, problem, settings)
      : await findTolerance(session, problem, settings);
  } finally {
    await plain.close();
    await session.close();
  }
}
