/** @file A batch of tokenised texts as the tensors that a model graph is fed. */

import type { Tensor } from "../graph/index.ts";
import type { Model } from "./index.ts";

/** One tokenised text: ids, and for each token the text of a pair it belongs to (0 or 1). */
export type TokenizedText = {
  readonly ids: ArrayLike<number>;
  readonly typeIds?: ArrayLike<number> | null;
};

/** Pads on the right to the longest text. All tensors are [batch, tokens]. */
export function batchFeeds(
  model: Pick<Model, "positions">,
  texts: readonly TokenizedText[],
  padId: number,
): {
  readonly ids: Tensor;
  readonly mask: Tensor;
  readonly types: Tensor;
  readonly positions: Tensor;
} {
  const tokens = texts.reduce((longest, { ids }) => Math.max(longest, ids.length), 0);
  const shape = [texts.length, tokens];
  const size = texts.length * tokens;
  const ids = new BigInt64Array(size).fill(BigInt(padId));
  const mask = new Float32Array(size);
  const types = new BigInt64Array(size);
  const positions = new BigInt64Array(size);
  const { first, padding } = model.positions;
  texts.forEach((text, row) => {
    for (let i = 0; i < tokens; i++) {
      const at = row * tokens + i;
      const real = i < text.ids.length;
      if (real) {
        ids[at] = BigInt(text.ids[i]!);
        mask[at] = 1;
        types[at] = BigInt(text.typeIds?.[i] ?? 0);
      }
      positions[at] = BigInt(real || padding === null ? first + i : padding);
    }
  });
  const tensor = (data: BigInt64Array | Float32Array) => ({ data, shape });
  return {
    ids: tensor(ids),
    mask: tensor(mask),
    types: tensor(types),
    positions: tensor(positions),
  };
}
