/** @file R3's own optimisation and ours on the same sentence, layer by layer: seconds, and how far σ is apart. */

import {
  batchFeeds,
  inference,
  interpreterPresets,
  type Model,
  methodSpec,
  modelInputs,
  type Weights,
} from "@probegrid/probes";
import { compile, type Node, type Session } from "@probegrid/probes/graph";
import {
  distanceGraph,
  findTolerance,
  type NoiseProblem,
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
  /** Times that R3's loop is run. */
  readonly seeds: number;
  readonly tell: (found: LayerComparison) => void;
};

/** Relative differences of σ over tokens: the largest, and the mean of their sizes. */
type Apart = { readonly largest: number; readonly mean: number };

export type LayerComparison = {
  readonly layer: number;
  readonly seconds: { readonly ours: number; readonly published: number };
  /** Ours, and single runs of R3's loop, against the minimum. */
  readonly ours: Apart;
  readonly published: Apart;
  /** Ours against the mean over seeds of R3's loop, and those against their mean. */
  readonly apart: Apart;
  readonly seeds: Apart;
};

/** Compares the solvers; σ only means something where R3's loop ran to its end. */
export async function comparePublished(setup: Setup): Promise<readonly LayerComparison[]> {
  const { model, weights, ids, layers, iterations } = setup;
  const forward = inference(weights);
  const alone = { threads: 1 }; // one sentence is too little to share out
  const inputs = modelInputs();
  const feeds = (rows: number) =>
    batchFeeds(
      model,
      Array.from({ length: rows }, () => ({ ids })),
      0,
    );
  const { bert } = interpreterPresets;
  const usual = methodSpec({ name: "information" }) as { samples: number; steps: number };
  const settings = { ...bert, samples: usual.samples, steps: usual.steps, iterations };
  const found: LayerComparison[] = [];
  let start: Float32Array | undefined;
  for (const layer of layers) {
    const upTo = (x: Node): Node => model.encode(forward, x, inputs).hiddenStates[layer]!;
    const embeddings = model.embed(forward, inputs);
    const reader = await compile({ x: embeddings, state: upTo(embeddings) }, alone);
    const { x, state } = await reader.run(feeds(1));
    await reader.close();
    const problem = { x: x!, state: state!, weights: weightsOf(null, state!) };
    const begun = performance.now();
    const session = await compile(distanceGraph(upTo, { width: model.geometry.width }), alone);
    const ours = await findTolerance(
      session,
      { ...problem, feeds: feeds(settings.samples), ...(start && { start }) },
      settings,
    );
    const between = performance.now();
    const theirs: Float32Array[] = [];
    for (let seed = 0; seed < setup.seeds; seed++) {
      const own = { ...settings, seed };
      const run = await publishedTolerance(session, { ...problem, feeds: feeds(1) }, own);
      theirs.push(run.sigma);
    }
    const after = performance.now();
    start = ours.sigma;
    const share = bert.iterations / iterations / setup.seeds;
    const minimum =
      iterations < bert.iterations
        ? ours.sigma
        : await settle(session, { ...problem, feeds: feeds(4 * settings.samples) }, settings);
    const mean = ours.sigma.map((_, i) => theirs.reduce((sum, one) => sum + one[i]!, 0));
    const average = mean.map((sum) => sum / theirs.length);
    const line = {
      layer,
      seconds: { ours: (between - begun) / 1000, published: (share * (after - between)) / 1000 },
      ours: apart([ours.sigma], minimum),
      published: apart(theirs, minimum),
      apart: apart([ours.sigma], average),
      seeds: apart(theirs, average),
    };
    setup.tell(line);
    found.push(line);
    await session.close();
  }
  return found;
}

/** The minimum itself, by as many samples as one has patience for. */
async function settle(
  session: Session,
  problem: NoiseProblem,
  { samples, steps, ...settings }: Parameters<typeof findTolerance>[2],
): Promise<Float32Array> {
  const many = { ...settings, samples: 4 * samples, steps: 4 * steps, seed: 99 };
  return (await findTolerance(session, problem, many)).sigma;
}

function apart(runs: readonly Float32Array[], from: Float32Array): Apart {
  const away = runs.flatMap((sigma) => Array.from(sigma, (s, i) => Math.abs(s / from[i]! - 1)));
  return {
    largest: Math.max(...away),
    mean: away.reduce((sum, one) => sum + one, 0) / away.length,
  };
}
