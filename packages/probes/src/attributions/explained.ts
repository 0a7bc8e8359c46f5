/** @file What every method walks over: one forward graph from an embedding to the number explained. */

import { type Head, headOutputs, nativeHead } from "../finetune/heads.ts";
import {
  add,
  argMax,
  cast,
  constant,
  equal,
  input,
  isOp,
  matMul,
  mul,
  type Node,
  reduceSum,
  reshape,
  sqrt,
  square,
  stopGradient,
  topologicalOrder,
  unsqueeze,
} from "../graph/index.ts";
import { type ModelInputs, modelInputs } from "../models/architecture.ts";
import type { Model } from "../models/index.ts";
import { inference, type Weights, widthOf } from "../nn/layers.ts";
import { narrowReads } from "./narrow.ts";
import { substitute } from "./substitute.ts";

/**
 * The number that is explained. `class`: an output of the classification head; `unit`: one unit of a
 * hidden state at one token; `norm`: the Euclidean norm of a hidden state over the real tokens;
 * `token`: the language model's logit of one word at one token.
 */
export type Objective =
  | { readonly kind: "class"; readonly classes: number; readonly head?: Head }
  | { readonly kind: "unit"; readonly layer: number }
  | { readonly kind: "norm"; readonly layer: number }
  | { readonly kind: "token" };

/** Where attributions are taken: at the embedding block's output, or at the word embeddings alone. */
export type Site = "embeddings" | "words";

export type ExplainedSpec = {
  readonly model: Model;
  readonly weights: Weights;
  readonly objective: Objective;
  readonly site?: Site;
};

export type Explained = {
  readonly inputs: ModelInputs;
  /** Where the walks end. [batch, tokens, width] */
  readonly source: Node;
  readonly hiddenStates: readonly Node[];
  readonly attentions: readonly Node[];
  /** Share of each token in what is read: a fed one-hot row, as a rule. [batch, 1, tokens] */
  readonly position: Node;
  /** Everything that could be explained: logits, units. [batch, outputs] */
  readonly outputs: Node;
  /** Σ outputs · seed. [batch] */
  readonly value: Node;
};

/** Embeddings of a batch before anything is done to them, at both sites. */
export type Embedded = { readonly words: Node; readonly embeddings: Node };

/** The embedding block, and the looked-up word rows inside it. */
export function embed({ model, weights }: ExplainedSpec, inputs: ModelInputs): Embedded {
  const embeddings = model.embed(inference(weights), inputs);
  const words = topologicalOrder([embeddings]).find(
    (value) => isOp(value, "Gather") && value.inputs[1] === inputs.ids,
  );
  if (words === undefined) throw new Error(`internal: ${model.title} looks up no word embeddings`);
  return { words, embeddings };
}

/** The embeddings with other word rows in place of those that were looked up. */
export const replaceWords = ({ words, embeddings }: Embedded, other: Node): Node =>
  substitute(embeddings, words, other);

type ExplainedOptions = {
  readonly move?: (x: Node, inputs: ModelInputs) => Node;
  /** Compute the last layer only for the tokens that are read; its hidden state is another node then. */
  readonly narrow?: boolean;
};

/**
 * The graph above a source. `move` makes the source from what was looked up (interpolates, adds
 * noise); by default the source is the embedding itself.
 */
export function explained(
  spec: ExplainedSpec,
  { move = (x) => x, narrow = false }: ExplainedOptions = {},
): Explained {
  const { model, weights, site = "embeddings" } = spec;
  const inputs = modelInputs();
  const embedded = embed(spec, inputs);
  const source = move(site === "words" ? embedded.words : embedded.embeddings, inputs);
  const embeddings = site === "words" ? replaceWords(embedded, source) : source;
  const { hiddenStates, attentions } = model.encode(inference(weights), embeddings, inputs);
  const position = input("position", ["batch", 1, "tokens"]);
  const all = outputsOf(spec, { hiddenStates, inputs, position });
  const [below, last] = hiddenStates.slice(-2);
  const outputs = narrow && below && last ? narrowReads(all, { last, below }) : all;
  const value = reduceSum(mul(outputs, seedOf(outputs)), [1]); // [batch]
  return { inputs, source, hiddenStates, attentions, position, outputs, value };
}

/** Outputs that an objective chooses from. [batch, outputs] */
export function outputsOf(
  { model, weights, objective }: ExplainedSpec,
  { hiddenStates, inputs, position }: Pick<Explained, "hiddenStates" | "inputs" | "position">,
): Node {
  const forward = inference(weights);
  const last = hiddenStates[hiddenStates.length - 1]!;
  switch (objective.kind) {
    case "class": {
      const { head = nativeHead, classes } = objective;
      return headOutputs(forward, model, { last, inputs, head, outputs: classes });
    }
    case "unit":
      return atPosition(layerOf(hiddenStates, objective.layer), position);
    case "norm": {
      const real = mul(layerOf(hiddenStates, objective.layer), unsqueeze(inputs.mask, 2));
      return sqrt(reduceSum(reduceSum(square(real), [2]), [1], true)); // [batch, 1]
    }
    case "token": {
      if (model.predictTokens === null) {
        throw new Error(`attribute: ${model.title} has no language model head`);
      }
      const logits = model.predictTokens(forward, {
        last: unsqueeze(atPosition(last, position), 1),
        inputs,
      });
      return reshape(logits, ["batch", widthOf(logits)]);
    }
  }
}

/** One token of each text. [batch, tokens, width] -> [batch, width] */
const atPosition = (x: Node, position: Node): Node =>
  reshape(matMul(position, x), ["batch", widthOf(x)]);

function layerOf(hiddenStates: readonly Node[], layer: number): Node {
  const found = hiddenStates[layer < 0 ? hiddenStates.length + layer : layer];
  if (found !== undefined) return found;
  throw new Error(`attribute: expected a layer from 0 to ${hiddenStates.length - 1}, got ${layer}`);
}

/** The fed seed, plus the largest output's where `predicted` is 1. [batch, outputs] */
function seedOf(outputs: Node): Node {
  const width = widthOf(outputs);
  const numbers = constant(
    BigInt64Array.from({ length: width }, (_, i) => BigInt(i)),
    [1, width],
  );
  const largest = cast(equal(numbers, argMax(stopGradient(outputs), 1, true)), "float32");
  const predicted = mul(largest, input("predicted", ["batch", 1]));
  return add(input("seed", ["batch", width]), predicted);
}

/** Every node through which `source` bears on the output, itself included, but for blocked ones. */
export function dependents(
  output: Node,
  source: Node,
  blocked: (value: Node) => boolean = () => false,
): ReadonlySet<Node> {
  const found = new Set<Node>([source]);
  for (const value of topologicalOrder([output])) {
    if (isOp(value, "StopGradient") || blocked(value)) continue;
    if (value.inputs.some((parent) => found.has(parent))) found.add(value);
  }
  return found;
}
