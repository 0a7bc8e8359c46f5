/** @file R3's own optimisation and ours on the same sentence, layer by layer: seconds, and how far σ is apart. */

import {
  batchFeeds,
  inference,
  interpreterPresets,
  type Model,
  modelInputs,
  type Weights,
} from "@probegrid/probes";
import { compile, type Node } from "@probegrid/probes/graph";
import {
  distanceGraph,
  findTolerance,
  weightsOf,
} from "../../packages/probes/src/attributions/noise-tolerance.ts";
import { publishedTolerance } from "../../packages/probes/src/attributions/published-tolerance.ts";

type Setup = {
  readonly model: Model;
  readonly weights: Weights;
  readonly ids: readonly number[];
  readonly layers: readonly number[];
  /** Steps of R3's loop that are taken; its seconds are scaled to 5,000. */
  readonly iterations: number;
};

export type LayerComparison = {
  readonly layer: number;
  readonly seconds: { readonly ours: number; readonly published: number };
  /** Relative differences of σ over tokens: the largest, and the mean of their sizes. */
  readonly apart: { readonly largest: number; readonly mean: number };
};

/** Compares the solvers; σ only means something where R3's loop ran to its end. */
export async function comparePublished(setup: Setup): Promise<readonly LayerComparison[]> {
  const { model, weights, ids, layers, iterations } = setup;
  const forward = inference(weights);
  const inputs = modelInputs();
  const feeds = (rows: number) => ({
    ...batchFeeds(
      model,
      Array.from({ length: rows }, () => ({ ids })),
      0,
    ),
  });
  const settings = { ...interpreterPresets.bert, iterations };
  const found: LayerComparison[] = [];
  let start: Float32Array | undefined;
  for (const layer of layers) {
    const upTo = (x: Node): Node => model.encode(forward, x, inputs).hiddenStates[layer]!;
    const embeddings = model.embed(forward, inputs);
    const reader = await compile({ x: embeddings, state: upTo(embeddings) });
    const begun = performance.now();
    const session = await compile(distanceGraph(upTo, { width: model.geometry.width }));
    const { x, state } = await reader.run(feeds(1));
    const problem = { x: x!, state: state!, weights: weightsOf(null, state!) };
    const ours = await findTolerance(
      session,
      { ...problem, feeds: feeds(settings.samples), ...(start && { start }) },
      settings,
    );
    const between = performance.now();
    const theirs = await publishedTolerance(session, { ...problem, feeds: feeds(1) }, settings);
    const after = performance.now();
    start = ours.sigma;
    const away = Array.from(ours.sigma, (sigma, i) => Math.abs(sigma / theirs.sigma[i]! - 1));
    const share = interpreterPresets.bert.iterations / iterations;
    found.push({
      layer,
      seconds: {
        ours: (between - begun) / 1000,
        published: (share * (after - between)) / 1000,
      },
      apart: {
        largest: Math.max(...away),
        mean: away.reduce((sum, one) => sum + one, 0) / away.length,
      },
    });
    await reader.close();
    await session.close();
  }
  return found;
}
