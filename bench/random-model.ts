/** @file A BERT-base with random weights, in memory: its speed does not depend on what it learned. */

import { createRandom, inference, type Model, modelInputs, readModel } from "@probegrid/probes";
import * as g from "@probegrid/probes/graph";

export type RandomModel = {
  readonly model: Model;
  readonly inputs: ReturnType<typeof modelInputs>;
  readonly embeddings: g.Node;
  readonly hiddenStates: readonly g.Node[];
  /** Weights by name: constants, or inputs where `asInputs`. */
  readonly weights: ReadonlyMap<string, g.Node>;
  /** What to feed for weights that are inputs. */
  readonly feeds: Record<string, g.Tensor>;
};

export function randomBert({ asInputs = false } = {}): RandomModel {
  const model = readModel({ model_type: "bert" });
  const random = createRandom(1);
  const weights = new Map<string, g.Node>();
  const feeds: Record<string, g.Tensor> = {};
  const forward = inference((name, shape) => {
    const known = weights.get(name);
    if (known) return known;
    const data = Float32Array.from(
      { length: shape.reduce((a, b) => a * b, 1) },
      () => 0.02 * (2 * random.next() - 1),
    );
    if (asInputs) feeds[name] = { data, shape };
    const made = asInputs ? g.input(name, shape) : g.constant(data, shape);
    weights.set(name, made);
    return made;
  });
  const inputs = modelInputs();
  const embeddings = model.embed(forward, inputs);
  const { hiddenStates } = model.encode(forward, embeddings, inputs);
  return { model, inputs, embeddings, hiddenStates, weights, feeds };
}

/** Eight texts of 128 tokens. */
export const texts8x128 = Array.from({ length: 8 }, (_, row) => ({
  ids: Array.from({ length: 128 }, (_, i) => ((row * 128 + i) * 7919) % 30000),
}));
