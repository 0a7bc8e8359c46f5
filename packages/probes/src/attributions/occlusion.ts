/** @file Occlusion: how much the explained number falls when one token is taken out. */

import { attribution, ordinaryTokens } from "./attribution.ts";
import type { Loop } from "./loop.ts";
import { type Perturbation, perturb, perturbTarget } from "./perturb.ts";
import { Scorer } from "./scorer.ts";

export type OcclusionOptions = {
  /** `auto`: the mask token, or nothing at all where the tokenizer has none. */
  readonly perturbation: Perturbation | "auto";
};

/** Score of a token: F(x) - F(x without it); 0 at special tokens. */
export const occlusion = ({ perturbation }: OcclusionOptions): Loop => ({
  kind: "loop",
  open: async (tools) => {
    const usual = tools.maskId === null ? "delete" : "mask";
    const kind = perturbation === "auto" ? usual : perturbation;
    const scorer = await Scorer.create(tools, kind);
    return {
      close: () => scorer.close(),
      attribute: async (queries, values) => {
        const rows = queries.flatMap(({ example, target }) =>
          ordinaryTokens(example).map((at) => ({
            example: perturb(example, [at], { kind, ...tools }),
            target: perturbTarget(target, [at], kind),
          })),
        );
        const outputs = await scorer.outputs(rows);
        let row = 0;
        return queries.map(({ example, target }, i) => {
          const scores = new Float32Array(example.ids.length);
          for (const at of ordinaryTokens(example)) {
            scores[at] = values[i]! - outputs[row * tools.outputs + Number(target.output)]!;
            row++;
          }
          return attribution(scores);
        });
      },
    };
  },
});
