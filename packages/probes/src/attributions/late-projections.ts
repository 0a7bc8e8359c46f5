/** @file Products of one query with projected tokens, in the order that projects the query instead of every token. */

import {
  add,
  isOp,
  matMul,
  mul,
  type Node,
  reduceSum,
  reshape,
  scale,
  topologicalOrder,
  transpose,
} from "../graph/index.ts";
import { substitute } from "./substitute.ts";

/** Tokens mapped linearly and split into heads: keys or values. */
type Projection = {
  /** [batch, tokens, width] */
  readonly x: Node;
  /** [1, heads, size, width] */
  readonly weights: Node;
  /** [1, heads, size, 1] */
  readonly bias: Node | null;
};

/**
 * The same outputs: where a single query meets keys, q · (W x + b) becomes (q W) · x + q · b, and where its attention
 * meets values, Σ a (W x + b) becomes W (Σ a x) + b Σ a. Two products over every token less, backward too.
 */
export function projectLate(outputs: Node): Node {
  // From the outputs down: exchanging a node makes those above it anew.
  return topologicalOrder([outputs]).reduceRight((made, value) => {
    const other = isOp(value, "MatMul") ? reordered(value) : null;
    return other === null ? made : substitute(made, value, other);
  }, outputs);
}

function reordered(product: Node<"MatMul">): Node | null {
  const [query, tokens] = product.inputs;
  const { transposeA, transposeB, scale: factor } = product.attributes;
  if (!query || !tokens || transposeA || query.shape.length !== 4 || query.shape[2] !== 1) {
    return null;
  }
  const projection = projectionOf(tokens);
  if (projection === null) return null;
  const { x, weights, bias } = projection;
  const [batch, heads] = query.shape as readonly [Node["shape"][0], number];
  const flat = (y: Node) => reshape(y, [batch!, heads, y.shape[3]!]);
  if (transposeB) {
    const asked = flat(matMul(query, weights)); // [batch, heads, width]
    const scores = reshape(matMul(asked, x, { transposeB, scale: factor }), product.shape);
    return bias === null ? scores : add(scores, matMul(query, bias, { scale: factor }));
  }
  const mixed = matMul(flat(query), x, { scale: factor }); // [batch, heads, width]
  const each = reshape(mixed, [batch!, heads, 1, mixed.shape[2]!]);
  const context = matMul(each, weights, { transposeB: true });
  if (bias === null) return context;
  const share = scale(reduceSum(query, [3], true), factor); // [batch, heads, 1, 1]
  return add(context, mul(share, transpose(bias, [0, 1, 3, 2])));
}

/** Reads [batch, heads, tokens, size] as `splitHeads` makes it of a linear map; null where it is something else. */
function projectionOf(split: Node): Projection | null {
  if (!isOp(split, "Transpose") || split.attributes.perm.join() !== "0,2,1,3") return null;
  const [, heads, , size] = split.shape as readonly number[];
  const [joined] = split.inputs[0]!.inputs;
  if (!isOp(split.inputs[0]!, "Reshape") || joined?.shape.length !== 3) return null;
  const [product, bias = null] = isOp(joined, "Add") ? joined.inputs : [joined];
  if (!product || !isOp(product, "MatMul") || (bias && bias.shape.length !== 1)) return null;
  const [x, matrix] = product.inputs as readonly [Node, Node];
  const { transposeA, transposeB, scale: factor } = product.attributes;
  if (transposeA || factor !== 1 || x.shape.length !== 3 || matrix.shape.length !== 2) return null;
  const width = x.shape[2]!;
  const weights = transposeB
    ? matrix
    : transpose(reshape(matrix, [width, heads!, size!]), [1, 2, 0]);
  return {
    x,
    weights: reshape(weights, [1, heads!, size!, width]),
    bias: bias && reshape(bias, [1, heads!, size!, 1]),
  };
}
