/** @file Outputs and losses of held-out rows, for every fold's network. */

import type { Matrix } from "../array.ts";
import type { Session } from "../graph/index.ts";
import { float32 } from "../kernels.ts";
import { type Feeds, placeRows } from "./network-batches.ts";
import type { NetworkSpec } from "./training-graph.ts";

/** Numbers gathered at once. */
const evaluationLimit = 2 ** 23;

/** Outputs and losses of rows, in the order they were asked for. */
export type Evaluated = { readonly outputs: Matrix; readonly losses: Float64Array };

type Rows = {
  readonly orders: readonly Uint32Array[];
  readonly targets: Float32Array;
  readonly spec: NetworkSpec;
};

/** Evaluates the given rows of each fold with the fold's own network. */
export async function evaluateRows(
  session: Session,
  feeds: Feeds,
  { orders, targets, spec }: Rows,
): Promise<readonly Evaluated[]> {
  const { width, outputs, shared } = spec;
  const found = orders.map((rows) => ({
    outputs: { rows: rows.length, columns: outputs, data: new Float32Array(rows.length * outputs) },
    losses: new Float64Array(rows.length),
  }));
  const groups = placeRows(orders, shared);
  const longest = Math.max(...groups.map(({ rows }) => rows.length));
  const step = Math.max(
    1,
    Math.min(longest, Math.floor(evaluationLimit / (groups.length * width))),
  );
  for (let start = 0; start < longest; start += step) {
    const count = Math.min(step, longest - start);
    const order = new Int32Array(groups.length * count);
    const target = new Float32Array(order.length * outputs);
    groups.forEach(({ rows }, g) => {
      for (let i = 0; i < Math.min(count, rows.length - start); i++) {
        const row = rows[start + i]!;
        order[g * count + i] = row;
        target.set(targets.subarray(row * outputs, (row + 1) * outputs), (g * count + i) * outputs);
      }
    });
    const result = await session.run({
      ...feeds,
      order: { data: order, shape: [groups.length, count] },
      target: float32(target, groups.length, count, outputs),
    });
    const values = result.outputs!.data as Float32Array;
    const losses = result.losses!.data as Float32Array;
    for (const { fold, places } of groups.flatMap(({ users }) => users)) {
      for (let i = 0; i < places.length; i++) {
        const at = places[i]! - start;
        if (at < 0 || at >= count) continue;
        const from = fold * count + at;
        found[fold]!.losses[i] = losses[from]!;
        for (let o = 0; o < outputs; o++) {
          found[fold]!.outputs.data[i * outputs + o] = values[from * outputs + o]!;
        }
      }
    }
  }
  return found;
}
