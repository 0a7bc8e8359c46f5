/** @file Encoding: one forward pass gives every pooled layer that a grid asks for, or all hidden states. */

import {
  type CompileOptions,
  compile,
  input,
  matMul,
  type Node,
  type Session,
  type Tensor,
} from "./graph/index.ts";
import { type ModelInputs, modelInputs } from "./models/architecture.ts";
import { batchFeeds, type TokenizedText } from "./models/batch.ts";
import type { Model } from "./models/index.ts";
import { inference, type Weights, widthOf } from "./nn/layers.ts";
import {
  firstTokens,
  maxOverTokens,
  minOverTokens,
  type TokenPooling,
  tokenWeights,
} from "./pooling.ts";

/** A pooling written with graph ops: hidden states [batch, tokens, dim] and mask to [batch, width]. */
export type CustomPooling = (input: {
  readonly hiddenStates: readonly Node[];
  readonly mask: Node;
}) => Node;

/** One feature matrix that is wanted: a layer and how its tokens are pooled, or a pooling of one's own. */
export type Feature =
  | { readonly layer: number; readonly token: TokenPooling }
  | { readonly layers: readonly number[]; readonly pool: CustomPooling };

export type EncoderSpec = {
  readonly model: Model;
  readonly weights: Weights;
  readonly features: readonly Feature[];
  /** The id that padding has; the mask hides it, so any id of the vocabulary will do. */
  readonly padId: number;
  readonly session?: CompileOptions;
};

/**
 * A model with poolings appended, so that only pooled vectors leave the graph. All poolings that
 * are weighted sums of tokens are one batched product with weights made from the texts' lengths.
 */
export class Encoder {
  /** Width of each feature, in the order they were asked for. */
  readonly widths: readonly number[];
  readonly #session: Session;
  readonly #spec: EncoderSpec;
  readonly #linear: readonly TokenPooling[];
  readonly #outputs: readonly Output[];

  private constructor(spec: EncoderSpec, session: Session, built: Built) {
    this.#spec = spec;
    this.#session = session;
    this.#linear = built.linear;
    this.#outputs = built.outputs;
    this.widths = built.outputs.map(({ width }) => width);
  }

  static async create(spec: EncoderSpec): Promise<Encoder> {
    const built = build(spec);
    const session = await compile(built.nodes, spec.session);
    return new Encoder(spec, session, built);
  }

  /** The features of a batch, each [texts, width] row-major. Texts must not be empty. */
  async encode(texts: readonly TokenizedText[]): Promise<readonly Float32Array[]> {
    const feeds: Record<string, Tensor> = {
      ...batchFeeds(this.#spec.model, texts, this.#spec.padId),
    };
    if (this.#linear.length > 0) feeds.poolingWeights = poolingWeights(this.#linear, texts);
    const found = await this.#session.run(feeds);
    return this.#outputs.map((output) => {
      const data = found[output.name]!.data as Float32Array;
      return output.slot === null ? data : takeSlot(data, texts.length, output);
    });
  }

  async close(): Promise<void> {
    await this.#session.close();
  }
}

/** Where a feature comes out: an output of the graph, and which of its slots. */
type Output = {
  readonly name: string;
  readonly slot: number | null;
  readonly slots: number;
  readonly width: number;
};
type Built = {
  readonly nodes: Readonly<Record<string, Node>>;
  readonly outputs: readonly Output[];
  readonly linear: readonly TokenPooling[];
};

function build({ model, weights, features }: EncoderSpec): Built {
  const forward = inference(weights);
  const inputs = modelInputs();
  const { hiddenStates } = model.encode(forward, model.embed(forward, inputs), inputs);
  const state = (layer: number): Node => {
    const found = hiddenStates[layer];
    if (found === undefined) {
      throw new Error(
        `encode: expected a layer from 0 to ${hiddenStates.length - 1}, got ${layer}`,
      );
    }
    return found;
  };
  const linear = distinctLinear(features);
  const sums = input("poolingWeights", ["batch", Math.max(linear.length, 1), "tokens"]);
  const nodes: Record<string, Node> = {};
  const outputs = features.map((feature, i): Output => {
    if ("pool" in feature) {
      const pooled = feature.pool({ hiddenStates: feature.layers.map(state), mask: inputs.mask });
      nodes[`custom.${i}`] = pooled;
      return { name: `custom.${i}`, slot: null, slots: 1, width: widthOf(pooled) };
    }
    const { layer, token } = feature;
    const x = state(layer);
    const width = widthOf(x);
    if (token.kind === "attention") {
      const name = `tokens.${layer}.${token.count}`;
      nodes[name] ??= firstTokens(x, inputs.mask, token.count);
      return { name, slot: null, slots: 1, width: width * token.count };
    }
    if (token.kind === "max" || token.kind === "min") {
      const name = `${token.kind}.${layer}`;
      nodes[name] ??= (token.kind === "max" ? maxOverTokens : minOverTokens)(x, inputs.mask);
      return { name, slot: null, slots: 1, width };
    }
    nodes[`sums.${layer}`] ??= matMul(sums, x); // [batch, poolings, width]
    const slot = linear.findIndex((other) => sameToken(other, token));
    return { name: `sums.${layer}`, slot, slots: linear.length, width };
  });
  return { nodes, outputs, linear };
}

const sameToken = (a: TokenPooling, b: TokenPooling): boolean =>
  JSON.stringify(a) === JSON.stringify(b);

function distinctLinear(features: readonly Feature[]): readonly TokenPooling[] {
  const linear: TokenPooling[] = [];
  for (const feature of features) {
    if ("pool" in feature || tokenWeights(feature.token, 1) === null) continue;
    if (!linear.some((other) => sameToken(other, feature.token))) linear.push(feature.token);
  }
  return linear;
}

/** [batch, poolings, tokens], zero where a text has ended. */
function poolingWeights(
  poolings: readonly TokenPooling[],
  texts: readonly TokenizedText[],
): Tensor {
  const tokens = texts.reduce((longest, { ids }) => Math.max(longest, ids.length), 0);
  const data = new Float32Array(texts.length * poolings.length * tokens);
  texts.forEach(({ ids }, row) => {
    poolings.forEach((pooling, p) => {
      data.set(tokenWeights(pooling, ids.length)!, (row * poolings.length + p) * tokens);
    });
  });
  return { data, shape: [texts.length, poolings.length, tokens] };
}

/** One pooling out of [texts, poolings, width]. */
function takeSlot(data: Float32Array, texts: number, { slot, slots, width }: Output): Float32Array {
  if (slots === 1) return data;
  const taken = new Float32Array(texts * width);
  for (let row = 0; row < texts; row++) {
    const at = (row * slots + slot!) * width;
    taken.set(data.subarray(at, at + width), row * width);
  }
  return taken;
}

/** Every hidden state, and every attention map where asked, of single texts. */
export class StateReader {
  readonly #session: Session;
  readonly #spec: Omit<EncoderSpec, "features">;

  private constructor(spec: Omit<EncoderSpec, "features">, session: Session) {
    this.#spec = spec;
    this.#session = session;
  }

  static async create(
    spec: Omit<EncoderSpec, "features"> & { readonly attentions: boolean },
  ): Promise<StateReader> {
    const forward = inference(spec.weights);
    const inputs: ModelInputs = modelInputs();
    const { hiddenStates, attentions } = spec.model.encode(
      forward,
      spec.model.embed(forward, inputs),
      inputs,
    );
    const nodes = Object.fromEntries([
      ...hiddenStates.map((node, i) => [`hidden.${i}`, node] as const),
      ...(spec.attentions ? attentions.map((node, i) => [`attention.${i}`, node] as const) : []),
    ]);
    return new StateReader(spec, await compile(nodes, spec.session));
  }

  /**
   * Hidden states [layers + 1, tokens, width] of one text, and attentions
   * [layers, heads, tokens, tokens] (null where they were not asked for), row-major.
   */
  async read(
    text: TokenizedText,
  ): Promise<{ hiddenStates: Float32Array; attentions: Float32Array | null }> {
    const found = await this.#session.run({
      ...batchFeeds(this.#spec.model, [text], this.#spec.padId),
    });
    const join = (kind: string) => {
      const parts = Object.entries(found).filter(([name]) => name.startsWith(kind));
      const ordered = parts.sort(([a], [b]) => Number(a.split(".")[1]) - Number(b.split(".")[1]));
      return concatenate(ordered.map(([, { data }]) => data as Float32Array));
    };
    const attentions = join("attention.");
    return { hiddenStates: join("hidden."), attentions: attentions.length > 0 ? attentions : null };
  }

  async close(): Promise<void> {
    await this.#session.close();
  }
}

function concatenate(parts: readonly Float32Array[]): Float32Array {
  const joined = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
