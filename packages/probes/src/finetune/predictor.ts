/** @file A model with a head, ready to answer: texts to outputs, batched by length. */

import { planBatches } from "../batching.ts";
import {
  type CompileOptions,
  compile,
  type Node,
  type Session,
  type Value,
} from "../graph/index.ts";
import type { TokenizedText } from "../models/batch.ts";
import type { Model } from "../models/index.ts";
import { inference, type Weights } from "../nn/layers.ts";
import { modelFeeds, modelOutputs } from "./body.ts";
import type { Head } from "./heads.ts";
import { isOutOfMemory } from "./out-of-memory.ts";

/** Tokens of a batch, padding included. */
const batchTokens = { cpu: 2048, webgpu: 16_384, cuda: 16_384, tfjs: 2048 } as const;

type Setup = {
  readonly model: Model;
  readonly padId: number;
  readonly width: number;
  readonly session: CompileOptions;
  /** Called after each batch. */
  readonly onBatch?: () => void;
};

/** Computes the outputs of texts. Close it to free its memory. */
export class Predictor {
  readonly #session: Session;
  readonly #setup: Setup;

  private constructor(session: Session, setup: Setup) {
    this.#session = session;
    this.#setup = setup;
  }

  /** A predictor of stored weights. */
  static async create({
    weights,
    head,
    ...setup
  }: Setup & { readonly weights: Weights; readonly head: Head }): Promise<Predictor> {
    const { model, width: outputs } = setup;
    const nodes = modelOutputs(model, inference(weights), { head, outputs });
    return await Predictor.of(nodes, setup);
  }

  /** A predictor of outputs built elsewhere, whose further inputs are fed with each call. */
  static async of(outputs: Node, setup: Setup): Promise<Predictor> {
    return new Predictor(await compile({ outputs }, setup.session), setup);
  }

  /** Outputs [texts, width], row-major, in the order of the texts; smaller batches where memory does not suffice. */
  async predict(
    texts: readonly TokenizedText[],
    further: Readonly<Record<string, Value>> = {},
  ): Promise<Float32Array> {
    const { width, session, onBatch = () => {} } = this.#setup;
    const found = new Float32Array(texts.length * width);
    let tokens: number = batchTokens[session.device ?? "cpu"];
    const lengths = texts.map(({ ids }) => ids.length);
    for (;;) {
      try {
        for (const { rows } of planBatches(lengths, tokens)) {
          const own = Array.from(rows, (row) => texts[row]!);
          const values = await this.#outputs(own, further);
          rows.forEach((row, i) => {
            found.set(values.subarray(i * width, (i + 1) * width), row * width);
          });
          onBatch();
        }
        return found;
      } catch (error) {
        if (!isOutOfMemory(error) || tokens < 2) throw error;
        tokens = Math.floor(tokens / 2);
      }
    }
  }

  async #outputs(
    texts: readonly TokenizedText[],
    further: Readonly<Record<string, Value>>,
  ): Promise<Float32Array> {
    const { model, padId } = this.#setup;
    const feeds = { ...further, ...modelFeeds(model, texts, padId) };
    return (await this.#session.run(feeds)).outputs!.data as Float32Array;
  }

  async close(): Promise<void> {
    await this.#session.close();
  }
}
