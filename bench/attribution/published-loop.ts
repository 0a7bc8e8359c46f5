/** @file R3's own optimisation: Adam on one ratio per token, one noise sample a step, layer by layer. */

import {
  batchFeeds,
  createRandom,
  inference,
  type Model,
  modelInputs,
  type Weights,
} from "@probegrid/probes";
import { compile, type Node } from "@probegrid/probes/graph";
import {
  distanceGraph,
  weightsOf,
} from "../../packages/probes/src/attributions/noise-tolerance.ts";

type Setup = { readonly model: Model; readonly weights: Weights; readonly ids: readonly number[] };

const published = 5000;

/** Seconds of 5,000 steps at every layer, from `steps` measured ones. */
export async function publishedSeconds(setup: Setup, steps: number): Promise<number> {
  const { layers } = setup.model.geometry;
  let total = 0;
  for (let layer = 1; layer <= layers; layer++) {
    const { seconds } = await publishedSigma(setup, { layer, steps });
    total += (seconds / steps) * published;
  }
  return total;
}

/** σ as R3's code finds it (rate 0.1, scale 0.5, learning rate 0.01), and the seconds it took. */
export async function publishedSigma(
  { model, weights, ids }: Setup,
  {
    layer,
    steps,
    scale = 0.5,
  }: { readonly layer: number; readonly steps: number; readonly scale?: number },
): Promise<{ readonly sigma: Float64Array; readonly seconds: number }> {
  const forward = inference(weights);
  const inputs = modelInputs();
  const width = model.geometry.width;
  const upTo = (x: Node): Node => model.encode(forward, x, inputs).hiddenStates[layer]!;
  const embeddings = model.embed(forward, inputs);
  const reader = await compile({ x: embeddings, state: upTo(embeddings) });
  const session = await compile(distanceGraph(upTo, { width }));
  const feeds = { ...batchFeeds(model, [{ ids }], 0) };
  const { x, state } = await reader.run(feeds);
  const weight = weightsOf(null, state!);
  const draw = createRandom(0);
  const n = ids.length;
  const r = Float64Array.from({ length: n }, () => draw.normal());
  const m = new Float64Array(n);
  const v = new Float64Array(n);
  let best = { loss: Number.POSITIVE_INFINITY, r: r.slice() };
  const begun = performance.now();
  for (let step = 1; step <= steps; step++) {
    const rho = r.map((value) => 1 / (1 + Math.exp(-value)));
    const noise = Float32Array.from({ length: n * width }, () => draw.normal());
    const found = await session.run({
      ...feeds,
      x: x!,
      state: state!,
      weights: { data: weight, shape: [weight.length] },
      deviation: { data: Float32Array.from(rho, (value) => scale * value), shape: [1, n] },
      noise: { data: noise, shape: [1, n, width] },
    });
    const information = rho.reduce((sum, value) => sum + Math.log(value), 0) / n;
    const loss = Number(found.distance!.data[0]) - 0.1 * information;
    for (let i = 0; i < n; i++) {
      // d log ρ / dr = 1 - ρ
      const slope = (Number(found.slopes!.data[i]) - 0.1 / n) * (1 - rho[i]!);
      m[i] = 0.9 * m[i]! + 0.1 * slope;
      v[i] = 0.999 * v[i]! + 0.001 * slope * slope;
      const rate = (0.01 * Math.sqrt(1 - 0.999 ** step)) / (1 - 0.9 ** step);
      r[i]! -= (rate * m[i]!) / (Math.sqrt(v[i]!) + 1e-8);
    }
    if (loss < best.loss) best = { loss, r: r.slice() }; // as published: one update later than the loss
  }
  const seconds = (performance.now() - begun) / 1000;
  await reader.close();
  await session.close();
  return { sigma: best.r.map((value) => scale / (1 + Math.exp(-value))), seconds };
}
