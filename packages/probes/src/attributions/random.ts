/** @file Random scores: what every method has to beat. */

import { createRandom } from "../random.ts";
import { attribution } from "./attribution.ts";
import type { Loop } from "./loop.ts";

/** Standard normal scores, decided by the seed and the text's tokens. */
export const random = ({ seed }: { readonly seed: number }): Loop => ({
  kind: "loop",
  open: async () => ({
    close: async () => {},
    attribute: async (queries) =>
      queries.map(({ example }) => {
        const draw = createRandom(seed).fork(Array.from(example.ids).join(" "));
        return attribution(Float32Array.from({ length: example.ids.length }, () => draw.normal()));
      }),
  }),
});
