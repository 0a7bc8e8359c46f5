/** @file R3's information-based measure as a method: σ of every token at every chosen hidden state. */

import {
  compile,
  type Node,
  reduceMean,
  type Session,
  sqrt,
  square,
  sub,
  type Tensor,
} from "../graph/index.ts";
import { modelInputs } from "../models/architecture.ts";
import { inference } from "../nn/layers.ts";
import { type Attribution, attribution } from "./attribution.ts";
import { type ExplainedSpec, embed, explained } from "./explained.ts";
import type { Query } from "./feeds.ts";
import type { SolverSettings } from "./interpret.ts";
import type { Loop, LoopTools } from "./loop.ts";
import { distanceGraph, findTolerance, weightsOf } from "./noise-tolerance.ts";
import { publishedTolerance } from "./published-tolerance.ts";

export type InformationOptions = {
  /** Hidden states, or "all" of them above the embeddings. */
  readonly layers: "all" | readonly number[];
  /** Largest σ; "auto" is 10 times the standard deviation of the word embeddings, as R3 advises. */
  readonly scale: number | "auto";
  readonly rate: number;
  readonly solver: SolverSettings["solver"];
  /** Of the fixed point: noise samples of a step, and steps. */
  readonly samples: number;
  readonly steps: number;
  /** Of R3's Adam: single-sample steps, and its learning rate. */
  readonly iterations: number;
  readonly learningRate: number;
  readonly seed: number;
  /**
   * One vector of deviations for every layer, or one per hidden state; null divides by mean(Φ²). A sample
   * of texts is measured first, by who has the texts (`measureRegularization`).
   */
  readonly regularization:
    | readonly number[]
    | readonly (readonly number[])[]
    | { readonly sample: number }
    | null;
};

/**
 * Scores are log(scale / σ) at the highest layer asked for: the less noise a token bears, the more
 * it says. σ of every layer is in `layers`.
 */
export const information = (options: InformationOptions): Loop => ({
  kind: "loop",
  open: async (tools) => {
    const { hiddenStates } = explained(tools.spec);
    const states = Object.fromEntries(hiddenStates.map((x, i) => [`layer.${i}`, x]));
    const reader = await compile(states, tools.session);
    const most = options.scale === "auto" ? await recommendedScale(tools) : options.scale;
    const layers = layersOf(options.layers, hiddenStates.length - 1);
    return {
      attribute: (queries) => measure({ tools, options, reader, most, layers }, queries),
      close: () => reader.close(),
    };
  },
});

type Context = {
  readonly tools: LoopTools;
  readonly options: InformationOptions;
  readonly reader: Session;
  readonly most: number;
  readonly layers: readonly number[];
};

/** Layer by layer, so that one graph at a time is in memory. */
async function measure(
  { tools, options, reader, most, layers }: Context,
  queries: readonly Query[],
): Promise<readonly Attribution[]> {
  const found = queries.map(() => [] as { layer: number; scores: Float32Array; loss: number }[]);
  const read = [];
  for (const query of queries) read.push(await reader.run(tools.feeds([query])));
  for (const layer of layers) {
    const width = read[0]?.["layer.0"]?.shape[2] ?? 0;
    const session = await compile(distanceGraph(upTo(tools.spec, layer), { width }), tools.session);
    try {
      for (const [i, query] of queries.entries()) {
        const state = read[i]![`layer.${layer}`]!;
        const problem = {
          x: read[i]!["layer.0"]!,
          state,
          weights: weightsOf(regularizationOf(options, layer), state),
        };
        const settings = { ...options, scale: most };
        const feeds = (rows: number) => tools.feeds(new Array<Query>(rows).fill(query));
        const below = found[i]!.at(-1)?.scores;
        const { sigma, loss } =
          options.solver === "adam"
            ? await publishedTolerance(session, { ...problem, feeds: feeds(1) }, settings)
            : await findTolerance(
                session,
                {
                  ...problem,
                  feeds: feeds(options.samples),
                  ...(below !== undefined && { start: below }),
                },
                settings,
              );
        found[i]!.push({ layer, scores: sigma, loss });
      }
    } finally {
      await session.close();
    }
  }
  return found.map((results) => {
    const top = results[results.length - 1]!;
    const scores = top.scores.map((sigma) => Math.log(most / sigma));
    return attribution(scores, {
      layers: results.map(({ layer, scores: sigma }) => ({ layer, scores: sigma })),
      details: { scale: most, losses: results.map(({ loss }) => loss) },
    });
  });
}

/** The hidden state of a layer as a function of the embeddings. */
const upTo =
  ({ model, weights }: ExplainedSpec, layer: number) =>
  (x: Node): Node =>
    model.encode(inference(weights), x, modelInputs()).hiddenStates[layer]!;

function layersOf(layers: InformationOptions["layers"], last: number): readonly number[] {
  if (layers === "all") return Array.from({ length: last }, (_, i) => i + 1);
  return layers.map((layer) => {
    const index = layer < 0 ? last + 1 + layer : layer;
    if (index >= 1 && index <= last) return index;
    throw new Error(`information: expected layers from 1 to ${last}, got ${layer}`);
  });
}

function regularizationOf(
  { regularization }: InformationOptions,
  layer: number,
): readonly number[] | null {
  if (regularization === null) return null;
  if ("sample" in regularization) {
    throw new Error(
      "information: a regularization over a sample needs a dataset: use an experiment",
    );
  }
  const [first] = regularization;
  if (typeof first === "number") return regularization as readonly number[];
  return (regularization as readonly (readonly number[])[])[layer] ?? null;
}

/** 10 · the standard deviation of the word embedding table. */
async function recommendedScale({ spec, session }: LoopTools): Promise<number> {
  const table = embed(spec, modelInputs()).words.inputs[0]!;
  const mean = reduceMean(table);
  const deviation = sqrt(reduceMean(square(sub(table, mean))));
  const compiled = await compile({ deviation }, session);
  try {
    const found: Record<string, Tensor> = await compiled.run({});
    return 10 * Number(found.deviation!.data[0]);
  } finally {
    await compiled.close();
  }
}
