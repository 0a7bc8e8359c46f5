/** @file Methods that are one walk over the shared forward graph, and reading their rows. */

import type { Node, Tensor } from "../graph/index.ts";
import type { Attribution, Example } from "./attribution.ts";
import type { Explained } from "./explained.ts";

/** What a walk is built from. */
export type WalkInput = {
  readonly explained: Explained;
  /** dF/dx at the source, made once for all methods. [batch, tokens, width] */
  readonly gradient: () => Node;
};

/** A method as graph outputs [batch, tokens] or [batch], and what they mean for one text. */
export interface Walk {
  readonly kind: "walk";
  readonly build: (input: WalkInput) => Readonly<Record<string, Node>>;
  readonly read: (row: Row) => Attribution;
}

/** One text's part of the outputs of a walk. */
export type Row = {
  readonly example: Example;
  /** F(x). */
  readonly value: number;
  /** A [batch, tokens] output, cut to the text's own tokens. */
  readonly tokens: (name: string) => Float32Array;
  readonly has: (name: string) => boolean;
  /** A [batch] output. */
  readonly number: (name: string) => number;
};

export function rowOf(
  found: Readonly<Record<string, Tensor>>,
  prefix: string,
  {
    example,
    row,
    value,
  }: { readonly example: Example; readonly row: number; readonly value: number },
): Row {
  const tensor = (name: string): Tensor => {
    const output = found[`${prefix}${name}`];
    if (output === undefined) throw new Error(`internal: walk has no output "${name}"`);
    return output;
  };
  return {
    example,
    value,
    tokens: (name) => {
      const { data, shape } = tensor(name);
      const at = row * shape[1]!;
      return (data as Float32Array).slice(at, at + example.ids.length);
    },
    has: (name) => found[`${prefix}${name}`] !== undefined,
    number: (name) => Number(tensor(name).data[row]),
  };
}
