/** @file The attention of one layer, averaged over heads. */

import { planBatches } from "../batching.ts";
import { type CompileOptions, compile, reduceMean, type Session } from "../graph/index.ts";
import { modelInputs } from "../models/architecture.ts";
import { batchFeeds, type TokenizedText } from "../models/batch.ts";
import type { Model } from "../models/index.ts";
import { inference, type Weights } from "../nn/layers.ts";

type Setup = {
  readonly model: Model;
  readonly weights: Weights;
  /** 0 is the lowest layer; negative numbers count from the highest. */
  readonly layer: number;
  readonly padId: number;
  readonly session?: CompileOptions;
};

/** Reads attention maps. Close it to free its memory. */
export class AttentionReader {
  /** Which layer's, from 0. */
  readonly layer: number;
  readonly #session: Session;
  readonly #setup: Setup;

  private constructor(session: Session, setup: Setup) {
    const { layer, model } = setup;
    this.layer = layer < 0 ? model.geometry.layers + layer : layer;
    this.#session = session;
    this.#setup = setup;
  }

  static async create(setup: Setup): Promise<AttentionReader> {
    const { model, weights, layer } = setup;
    const forward = inference(weights);
    const inputs = modelInputs();
    const { attentions } = model.encode(forward, model.embed(forward, inputs), inputs);
    const chosen = attentions[layer < 0 ? attentions.length + layer : layer];
    if (chosen === undefined) {
      throw new Error(
        `attention: expected a layer from 0 to ${attentions.length - 1}, got ${layer}`,
      );
    }
    const mean = reduceMean(chosen, [1]); // [batch, tokens, tokens]
    return new AttentionReader(await compile({ mean }, setup.session), setup);
  }

  /** Calls back with each text's map [tokens, tokens], row-major: how much a token looks at each other. */
  async read(
    texts: readonly TokenizedText[],
    each: (text: number, map: Float32Array) => void,
  ): Promise<void> {
    const lengths = texts.map(({ ids }) => ids.length);
    for (const { rows, tokens } of planBatches(lengths, 2048)) {
      const batch = Array.from(rows, (row) => texts[row]!);
      const { mean } = await this.#session.run({
        ...batchFeeds(this.#setup.model, batch, this.#setup.padId),
      });
      const values = mean!.data as Float32Array;
      rows.forEach((row, i) => {
        const length = lengths[row]!;
        const map = new Float32Array(length * length);
        for (let q = 0; q < length; q++) {
          const at = (i * tokens + q) * tokens;
          map.set(values.subarray(at, at + length), q * length);
        }
        each(row, map);
      });
    }
  }

  async close(): Promise<void> {
    await this.#session.close();
  }
}
