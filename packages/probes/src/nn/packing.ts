/** @file Packed batches: all texts as one row without padding, laid side by side only inside attention. */

import { gather, input, type Node, rearrange, reshape, type Tensor } from "../graph/index.ts";
import type { ModelInputs } from "../models/architecture.ts";
import type { TokenizedText } from "../models/batch.ts";
import type { Model } from "../models/index.ts";

/** How the tokens that a layer computes lie behind one another, and side by side for attention. */
export type Layout = {
  /** [1, heads, packed, size] to [heads, batch, tokens, size]. */
  readonly apart: (x: Node) => Node;
  /** The way back. */
  readonly together: (x: Node) => Node;
};

/** The top layer where a head reads first tokens only: one token of each text, the others are keys and values. */
export type TopLayout = Layout & {
  /** [1, packed, width] to [1, batch, width]. */
  readonly pick: (x: Node) => Node;
};

/** The two layouts of a batch, and the ways between them. */
export type Packing = Layout & {
  /** Null where the head reads all tokens. */
  readonly top: TopLayout | null;
  /** The last hidden state to [batch, tokens, width], what heads and poolings read; one token where `top` is. */
  readonly unpack: (x: Node) => Node;
  /** A bias [batch, 1, ...] for scores [heads, batch, ...]. */
  readonly bias: (bias: Node) => Node;
};

/** Models whose layers see other tokens, and positions, only through `attend` and its mask. */
const packable: ReadonlySet<string> = new Set([
  "albert",
  "bert",
  "distilbert",
  "electra",
  "roberta",
  "xlm-roberta",
]);

/** Whether a model can compute packed batches. */
export const canPack = ({ type }: Pick<Model, "type">): boolean => packable.has(type);

/**
 * Inputs of a packed graph: one row of tokens, the mask of the padded layout, and the two ways. Where only first
 * tokens are `read`, the top layer computes no others.
 */
export function packedInputs(read: "all" | "first" = "all"): {
  readonly inputs: ModelInputs;
  readonly packing: Packing;
} {
  const row = (name: string) => input(name, [1, "packed"], "int64");
  const mask = input("mask", ["batch", "tokens"]);
  const toPadded = input("toPadded", ["batch*tokens"], "int64");
  const toPacked = input("toPacked", ["packed"], "int64");
  const pad = (x: Node, axis: number) =>
    rearrange(x, { indices: toPadded, inverse: toPacked, axis });
  return {
    inputs: { ids: row("ids"), types: row("types"), positions: row("positions"), mask },
    packing: {
      apart: (x) => {
        const [, heads, , size] = x.shape;
        return reshape(pad(x, 2), [heads!, "batch", "tokens", size!]);
      },
      together: (x) => {
        const [heads, , , size] = x.shape;
        const flat = reshape(x, [1, heads!, "batch*tokens", size!]);
        return rearrange(flat, { indices: toPacked, inverse: toPadded, axis: 2 });
      },
      top: read === "first" ? topLayout(input("firsts", ["batch"], "int64")) : null,
      unpack: (x) =>
        read === "first"
          ? reshape(x, ["batch", 1, x.shape[2]!])
          : reshape(pad(x, 1), ["batch", "tokens", x.shape[2]!]),
      bias: (bias) => {
        const [batch, one, ...rest] = bias.shape;
        return reshape(bias, [one!, batch!, ...rest]);
      },
    },
  };
}

const topLayout = (firsts: Node): TopLayout => ({
  pick: (x) => gather(x, firsts, 1),
  apart: (x) => {
    const [, heads, batch, size] = x.shape;
    return reshape(x, [heads!, batch!, 1, size!]);
  },
  together: (x) => {
    const [heads, batch, , size] = x.shape;
    return reshape(x, [1, heads!, batch!, size!]);
  },
});

type PackedInput = "ids" | "types" | "positions" | "mask" | "toPadded" | "toPacked" | "firsts";

/**
 * Feeds of a packed graph. Where texts differ in length the row ends in one token of padding, which
 * stands for all padding of the other layout: nothing reads it, so no gradient comes from it.
 */
export function packedFeeds(
  model: Pick<Model, "positions">,
  texts: readonly TokenizedText[],
  padId: number,
): Record<PackedInput, Tensor> {
  const tokens = texts.reduce((longest, { ids }) => Math.max(longest, ids.length), 0);
  const real = texts.reduce((sum, { ids }) => sum + ids.length, 0);
  const size = texts.length * tokens;
  const packed = real < size ? real + 1 : real;
  const ids = new BigInt64Array(packed).fill(BigInt(padId));
  const types = new BigInt64Array(packed);
  const positions = new BigInt64Array(packed).fill(BigInt(model.positions.padding ?? 0));
  const mask = new Float32Array(size);
  const toPadded = new BigInt64Array(size).fill(BigInt(real));
  const toPacked = new BigInt64Array(packed);
  const firsts = new BigInt64Array(texts.length);
  let at = 0;
  texts.forEach((text, row) => {
    firsts[row] = BigInt(at);
    for (let i = 0; i < text.ids.length; i++, at++) {
      ids[at] = BigInt(text.ids[i]!);
      types[at] = BigInt(text.typeIds?.[i] ?? 0);
      positions[at] = BigInt(model.positions.first + i);
      mask[row * tokens + i] = 1;
      toPadded[row * tokens + i] = BigInt(at);
      toPacked[at] = BigInt(row * tokens + i);
    }
  });
  if (packed > real) toPacked[real] = BigInt(mask.indexOf(0));
  const row = (data: BigInt64Array) => ({ data, shape: [1, packed] });
  return {
    ...{ ids: row(ids), types: row(types), positions: row(positions) },
    mask: { data: mask, shape: [texts.length, tokens] },
    toPadded: { data: toPadded, shape: [size] },
    toPacked: { data: toPacked, shape: [packed] },
    firsts: { data: firsts, shape: [texts.length] },
  };
}
