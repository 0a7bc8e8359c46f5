/** @file What is added to attention scores so that a query does not see some keys. */

import { add, cast, constant, greater, type Node, reshape, scale, sub } from "../graph/index.ts";

/** 0 where a key may be seen, a large negative number where it is padding. [batch, 1, 1, tokens] */
export function paddingBias(mask: Node): Node {
  const [batch, tokens] = mask.shape;
  return reshape(scale(sub(mask, constant(1)), 1e9), [batch!, 1, 1, tokens!]);
}

/** A large negative number where a key lies after its query. [batch, 1, tokens, tokens] */
export function causalBias(positions: Node): Node {
  return scale(cast(greater(distance(positions), constant(0)), "float32"), -1e9);
}

/**
 * A large negative number where a key lies more than `before` tokens before or more than `after`
 * tokens after its query. [batch, 1, tokens, tokens]
 */
export function windowBias(
  positions: Node,
  { before, after }: { readonly before: number; readonly after: number },
): Node {
  const apart = distance(positions);
  const far = add(
    cast(greater(apart, constant(after)), "float32"),
    cast(greater(constant(-before), apart), "float32"),
  );
  return scale(far, -1e9);
}

/** Position of the key minus position of the query, as float32. */
function distance(positions: Node): Node {
  const [batch, tokens] = positions.shape;
  const at = cast(positions, "float32");
  return sub(reshape(at, [batch!, 1, 1, tokens!]), reshape(at, [batch!, 1, tokens!, 1]));
}
