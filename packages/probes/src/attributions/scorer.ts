/** @file Outputs of perturbed texts: the forward graph alone, for methods that only ask the model. */

import { compile, input, type Session } from "../graph/index.ts";
import type { Target } from "./attribution.ts";
import { meanWords } from "./baselines.ts";
import { type ExplainedSpec, embed, explained, replaceWords } from "./explained.ts";
import { tokenTensor } from "./feeds.ts";
import type { LoopTools } from "./loop.ts";
import type { Perturbation, Perturbed } from "./perturb.ts";

type Row = { readonly example: Perturbed; readonly target: Target };

/** Computes the outputs of texts with tokens taken out. Close it to free its memory. */
export class Scorer {
  readonly #session: Session;
  readonly #tools: LoopTools;
  readonly #perturbation: Perturbation;

  private constructor(session: Session, tools: LoopTools, perturbation: Perturbation) {
    this.#session = session;
    this.#tools = tools;
    this.#perturbation = perturbation;
  }

  static async create(tools: LoopTools, perturbation: Perturbation): Promise<Scorer> {
    const spec: ExplainedSpec = { ...tools.spec, site: "embeddings" };
    const { outputs } = explained(spec, {
      narrow: true,
      move: (x, inputs) => {
        if (perturbation !== "mean") return x;
        const embedded = embed(spec, inputs);
        const blank = input("blank", ["batch", "tokens"]);
        return replaceWords(embedded, meanWords(embedded.words, blank));
      },
    });
    return new Scorer(await compile({ outputs }, tools.session), tools, perturbation);
  }

  /** [rows, outputs], row-major, in the order of the rows. */
  async outputs(rows: readonly Row[]): Promise<Float32Array> {
    const width = this.#tools.outputs;
    const found = new Float32Array(rows.length * width);
    const lengths = rows.map(({ example }) => example.ids.length);
    for (const batch of this.#tools.divide(lengths, null)) {
      const queries = Array.from(batch, (row) => rows[row]!);
      const feeds = this.#tools.feeds(queries);
      if (this.#perturbation === "mean") {
        const blank = queries.map(({ example }) => example.blank ?? []);
        feeds.blank = tokenTensor(blank, feeds.mask!.shape[1]!);
      }
      const { outputs } = await this.#session.run(feeds);
      const values = outputs!.data as Float32Array;
      Array.from(batch).forEach((row, i) => {
        found.set(values.subarray(i * width, (i + 1) * width), row * width);
      });
    }
    return found;
  }

  async close(): Promise<void> {
    await this.#session.close();
  }
}
