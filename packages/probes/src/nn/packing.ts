/**
 * @file Packed batches: all texts as one row without padding, laid side by side only inside attention, the short ones
 * apart from the long ones, since attention to padding grows with the square of the longest text.
 */

import {
  gather,
  input,
  type Node,
  rearrange,
  reshape,
  type Tensor,
  where,
} from "../graph/index.ts";
import type { ModelInputs } from "../models/architecture.ts";
import type { TokenizedText } from "../models/batch.ts";
import type { Model } from "../models/index.ts";
import { paddingBias } from "./attention-bias.ts";
import { divideByLength, type Rectangle } from "./length-groups.ts";

/** One node for the short texts of a batch, one for the long ones. */
export type Halves = readonly [short: Node, long: Node];

/** How the tokens that a layer computes lie behind one another, and side by side for attention. */
export type Layout = {
  /** [1, heads, packed, size] to [heads, texts, tokens, size] of either half. */
  readonly apart: (x: Node) => Halves;
  /** The way back. */
  readonly together: (halves: Halves) => Node;
};

/** The top layer where a head reads first tokens only: one token of each text, the others are keys and values. */
export type TopLayout = Layout & {
  /** [1, packed, width] to [1, batch, width]. */
  readonly pick: (x: Node) => Node;
};

/** The layouts of a batch, and the ways between them. */
export type Packing = Layout & {
  /** Null where the head reads all tokens. */
  readonly top: TopLayout | null;
  /** The last hidden state to [batch, tokens, width], what heads and poolings read; one token where `top` is. */
  readonly unpack: (x: Node) => Node;
  /** What keeps queries from padding, for scores [heads, texts, queries, tokens] of either half. */
  readonly biases: Halves;
};

/** Models whose layers see other tokens, and positions, only through `attend` and the mask. */
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

const indices = (name: string, length: string) => input(name, [length], "int64");

/**
 * Inputs of a packed graph: one row of tokens, the mask of the padded layout, and the ways between layouts. Where only
 * first tokens are `read`, the top layer computes no others.
 */
export function packedInputs(read: "all" | "first" = "all"): {
  readonly inputs: ModelInputs;
  readonly packing: Packing;
} {
  const row = (name: string) => input(name, [1, "packed"], "int64");
  const mask = input("mask", ["batch", "tokens"]);
  const toPadded = indices("toPadded", "batch*tokens");
  const toPacked = indices("toPacked", "packed");
  const halves = [halfInputs("Short"), halfInputs("Long")] as const;
  const isLong = reshape(input("isLong", ["packed"], "bool"), [1, 1, "packed", 1]);
  return {
    inputs: { ids: row("ids"), types: row("types"), positions: row("positions"), mask },
    packing: {
      apart: (x) => both(halves, (half) => half.apart(x)),
      together: ([short, long]) =>
        where(isLong, halves[1].together(long), halves[0].together(short)),
      top: read === "first" ? topLayout() : null,
      unpack: (x) =>
        read === "first"
          ? reshape(x, ["batch", 1, x.shape[2]!])
          : reshape(rearrange(x, { indices: toPadded, inverse: toPacked, axis: 1 }), [
              ...["batch", "tokens", x.shape[2]!],
            ]),
      biases: both(halves, ({ bias }) => bias),
    },
  };
}

const both = <Half>(halves: readonly [Half, Half], of: (half: Half) => Node): Halves => [
  of(halves[0]),
  of(halves[1]),
];

type Side = "Short" | "Long";

/** The texts of one half side by side. */
function halfInputs(side: Side) {
  const [texts, tokens] = [`texts${side}`, `tokens${side}`];
  const mask = input(`mask${side}`, [texts, tokens]);
  const to = indices(`to${side}`, `${texts}*${tokens}`);
  const from = indices(`from${side}`, "packed");
  return {
    bias: reshape(paddingBias(mask), [1, texts, 1, tokens]),
    apart: (x: Node): Node => {
      const [, heads, , size] = x.shape;
      const padded = rearrange(x, { indices: to, inverse: from, axis: 2 });
      return reshape(padded, [heads!, texts, tokens, size!]);
    },
    together: (x: Node): Node => {
      const [heads, , , size] = x.shape;
      const flat = reshape(x, [1, heads!, `${texts}*${tokens}`, size!]);
      return rearrange(flat, { indices: from, inverse: to, axis: 2 });
    },
  };
}

/** First tokens only: so few that their gradients may be added up one by one. */
function topLayout(): TopLayout {
  const firsts = indices("firsts", "batch");
  const isLong = reshape(input("isLongText", ["batch"], "bool"), [1, 1, "batch", 1]);
  const halves = (["Short", "Long"] as const).map((side) => ({
    texts: `texts${side}`,
    rows: indices(`rows${side}`, `texts${side}`),
    places: indices(`places${side}`, "batch"),
  }));
  const [short, long] = [halves[0]!, halves[1]!];
  return {
    pick: (x) => gather(x, firsts, 1),
    apart: (x) => {
      const [, heads, , size] = x.shape;
      return both([short, long], ({ texts, rows }) =>
        reshape(gather(x, rows, 2), [heads!, texts, 1, size!]),
      );
    },
    together: (contexts) => {
      const [ofShort, ofLong] = contexts.map((x, i) => {
        const { texts, places } = halves[i]!;
        const [heads, , , size] = x.shape;
        return gather(reshape(x, [1, heads!, texts, size!]), places, 2);
      });
      return where(isLong, ofLong!, ofShort!);
    },
  };
}

/**
 * Feeds of a packed graph. Where texts differ in length the row ends in one token of padding, which
 * stands for all padding of the other layouts: nothing reads it, so no gradient comes from it.
 */
export function packedFeeds(
  model: Pick<Model, "positions">,
  texts: readonly TokenizedText[],
  padId: number,
): Record<string, Tensor> {
  const lengths = texts.map(({ ids }) => ids.length);
  const tokens = Math.max(...lengths);
  const real = lengths.reduce((sum, length) => sum + length, 0);
  const packed = lengths.every((length) => length === tokens) ? real : real + 1;
  const ids = new BigInt64Array(packed).fill(BigInt(padId));
  const types = new BigInt64Array(packed);
  const positions = new BigInt64Array(packed).fill(BigInt(model.positions.padding ?? 0));
  const firsts: number[] = [];
  let at = 0;
  for (const text of texts) {
    firsts.push(at);
    for (let i = 0; i < text.ids.length; i++, at++) {
      ids[at] = BigInt(text.ids[i]!);
      types[at] = BigInt(text.typeIds?.[i] ?? 0);
      positions[at] = BigInt(model.positions.first + i);
    }
  }
  const row = { lengths, firsts, real, packed };
  const whole = sideBySide(row, { rows: lengths.map((_, text) => text), tokens });
  const { isLong, short, long } = divideByLength(lengths);
  const ofToken = lengths.flatMap((length, text) => new Array<boolean>(length).fill(isLong[text]!));
  if (packed > real) ofToken.push(true);
  const inRow = (data: BigInt64Array) => ({ data, shape: [1, packed] });
  return {
    ...{ ids: inRow(ids), types: inRow(types), positions: inRow(positions) },
    ...{ mask: whole.mask, toPadded: whole.to, toPacked: whole.from, firsts: int64s(firsts) },
    ...{ isLong: bools(ofToken), isLongText: bools(isLong) },
    ...halfFeeds("Short", sideBySide(row, short)),
    ...halfFeeds("Long", sideBySide(row, long)),
  };
}

type PackedRow = {
  /** Tokens of each text, and the place of its first one. */
  readonly lengths: readonly number[];
  readonly firsts: readonly number[];
  /** Tokens of all texts. */
  readonly real: number;
  /** With the token of padding, where there is one. */
  readonly packed: number;
};

/**
 * Between a packed row and a rectangle of some of its texts: the place in the row of each field, and the field of
 * each place. Places of other texts come from padding, or from the first field where there is none.
 */
function sideBySide(
  { lengths, firsts, real, packed }: PackedRow,
  { rows, tokens }: Rectangle,
): Record<"mask" | "to" | "from" | "rows" | "places", Tensor> {
  const size = rows.length * tokens;
  const mask = new Float32Array(size);
  const to = new BigInt64Array(size).fill(BigInt(Math.min(real, packed - 1)));
  const places = new BigInt64Array(lengths.length);
  rows.forEach((text, row) => {
    places[text] = BigInt(row);
    const length = Math.min(lengths[text]!, tokens);
    mask.fill(1, row * tokens, row * tokens + length);
    for (let i = 0; i < length; i++) to[row * tokens + i] = BigInt(firsts[text]! + i);
  });
  const from = new BigInt64Array(packed).fill(BigInt(Math.max(mask.indexOf(0), 0)));
  for (let field = 0; field < size; field++) {
    if (mask[field] === 1) from[Number(to[field])] = BigInt(field);
  }
  return {
    mask: { data: mask, shape: [rows.length, tokens] },
    to: { data: to, shape: [size] },
    from: { data: from, shape: [packed] },
    rows: int64s(rows),
    places: { data: places, shape: [lengths.length] },
  };
}

const halfFeeds = (side: Side, feeds: Readonly<Record<string, Tensor>>): Record<string, Tensor> =>
  Object.fromEntries(Object.entries(feeds).map(([name, tensor]) => [`${name}${side}`, tensor]));

const int64s = (numbers: readonly number[]): Tensor => ({
  data: BigInt64Array.from(numbers, BigInt),
  shape: [numbers.length],
});

const bools = (values: readonly boolean[]): Tensor => ({
  data: Uint8Array.from(values, Number),
  shape: [values.length],
});
