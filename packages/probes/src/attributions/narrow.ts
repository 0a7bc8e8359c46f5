/** @file Computes only what is read: where a head reads one token, the last layer is computed for that token alone. */

import { isOp, type Node, node, type Op, slice, topologicalOrder } from "../graph/index.ts";
import { projectLate } from "./late-projections.ts";
import { substitute } from "./substitute.ts";

/** A part of an axis: start, and the end behind it. */
type Part = { readonly start: number; readonly end: number };

/** Ops whose every element depends on the same element of the first input alone. */
const elementWise: ReadonlySet<Op> = new Set<Op>([
  ...(["Neg", "Abs", "Sqrt", "Exp", "Erf", "Tanh", "Sigmoid", "Softplus", "Relu", "Gelu"] as const),
]);
const binary: ReadonlySet<Op> = new Set<Op>(["Add", "Sub", "Mul", "Div"]);

/**
 * The same outputs from less work: slices of tokens of `last` are taken before its layer's products, norms
 * and queries instead of after them, down to the hidden state `below`; a single query needs no keys and values of it
 * but sums of its tokens.
 */
export function narrowReads(
  outputs: Node,
  { last, below }: { readonly last: Node; readonly below: Node },
): Node {
  const reads = topologicalOrder([outputs]).filter(
    (value) => isOp(value, "Slice") && value.inputs[0] === last,
  );
  const narrow = reads.reduce((made, read) => {
    if (!isOp(read, "Slice")) return made;
    const { axis, start, end } = read.attributes;
    if (axis !== 1 || start < 0 || end === null || end <= start) return made;
    const early = createSlicer({ start, end }, below);
    return substitute(made, read, early(last, axis));
  }, outputs);
  return narrow === outputs ? outputs : projectLate(narrow);
}

/** Gives a part of x along an axis, computed from parts of its inputs where the op allows it; cut at `stop`. */
function createSlicer({ start, end }: Part, stop: Node): (x: Node, axis: number) => Node {
  const made = new Map<Node, Map<number, Node>>();
  const early = (x: Node, axis: number): Node => {
    const own = made.get(x) ?? new Map<number, Node>();
    made.set(x, own);
    const found =
      own.get(axis) ?? (x === stop ? null : through(x, axis)) ?? slice(x, axis, { start, end });
    own.set(axis, found);
    return found;
  };
  /** The op on parts of its inputs; null where it mixes what lies along the axis. */
  const through = (x: Node, axis: number): Node | null => {
    const again = (inputs: readonly Node[]): Node => node(x.op, inputs, x.attributes);
    const rank = x.shape.length;
    const [first, ...others] = x.inputs;
    if (first === undefined) return null;
    if (elementWise.has(x.op)) return again([early(first, axis)]);
    if (binary.has(x.op)) {
      // Aligned at their last axes; what has one element there, or no such axis, is the same for all.
      return again(
        x.inputs.map((input) => {
          const at = axis - (rank - input.shape.length);
          return at < 0 || input.shape[at] === 1 ? input : early(input, at);
        }),
      );
    }
    if (isOp(x, "LayerNormalization") || isOp(x, "Softmax")) {
      const rows = isOp(x, "LayerNormalization") || isLast(x, x.attributes.axis);
      return rows && axis < rank - 1 ? again([early(first, axis), ...others]) : null;
    }
    if (isOp(x, "MatMul")) {
      const rows = axis === rank - 2 && first.shape.length === rank && !x.attributes.transposeA;
      return rows ? again([early(first, axis), ...others]) : null;
    }
    if (isOp(x, "Transpose")) return again([early(first, x.attributes.perm[axis]!)]);
    if (isOp(x, "Reshape")) {
      const kept = x.shape.slice(0, axis + 1).every((dim, i) => dim === first.shape[i]);
      const shape = x.shape.map((dim, i) => (i === axis ? end - start : dim));
      return kept ? node("Reshape", [early(first, axis)], { shape }) : null;
    }
    return null;
  };
  return early;
}

const isLast = ({ shape }: Node, axis: number): boolean => axis === -1 || axis === shape.length - 1;
