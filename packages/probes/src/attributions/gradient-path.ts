/** @file The straight path from a baseline to a text, as two graphs: what every point shares, and F at a point. */

import {
  add,
  expand,
  fill,
  gather,
  gradients,
  input,
  isOp,
  mul,
  type Node,
  node,
  reshape,
  sub,
  topologicalOrder,
} from "../graph/index.ts";
import { widthOf } from "../nn/layers.ts";
import { type BaselineKind, baselineNode } from "./baselines.ts";
import { dependents, type ExplainedSpec, explained } from "./explained.ts";
import { substitute } from "./substitute.ts";

export type PathGraphs = {
  /** By text: the baseline and the way to the text, and every linear map that reads them first. [texts, tokens, width] */
  readonly ends: Readonly<Record<string, Node>>;
  /**
   * F at the points x' + α (x - x'), and dF/dα of each token's own α, which is Σ_d (x - x')_d dF/dx_d. Fed: the ends,
   * and for each row its α and its text's number among them.
   */
  readonly point: { readonly value: Node; readonly slope: Node };
};

/** Linear maps of a point are points between the maps of both ends, so that they are computed once for a text. */
export function pathGraphs(spec: ExplainedSpec, kind: BaselineKind): PathGraphs {
  const alpha = expand(reshape(input("alpha", ["batch"]), ["batch", 1, 1]), ["batch", "tokens", 1]);
  const texts = input("texts", ["batch"], "int64");
  const ends: Record<string, Node> = {};
  const between = (name: string, from: Node, away: Node): Node => {
    const fed = [from, away].map((end, i) => {
      const key = `${name}.${i === 0 ? "from" : "away"}`;
      ends[key] = end;
      return gather(input(key, ["texts", "tokens", widthOf(end)]), texts);
    });
    return add(fed[0]!, mul(fed[1]!, alpha));
  };
  let [from, away]: (Node | undefined)[] = [];
  const { value, source } = explained(spec, {
    narrow: true,
    move: (x, inputs) => {
      from = baselineNode(spec, kind, { x, inputs });
      away = sub(x, from);
      return between("source", from, away);
    },
  });
  const moving = dependents(value, source);
  const maps = topologicalOrder([value]).filter(
    (read) => isOp(read, "MatMul") && read.inputs[0] === source && !moving.has(read.inputs[1]!),
  );
  const mapped = maps.reduce((made, map, i) => {
    const of = (end: Node) => node(map.op, [end, map.inputs[1]!], map.attributes);
    return substitute(made, map, between(`map${i}`, of(from!), of(away!)));
  }, value);
  const [slope] = gradients(mapped, [alpha], { seed: fill(1, mapped.shape) });
  return { ends, point: { value: mapped, slope: reshape(slope!, ["batch", "tokens"]) } };
}
