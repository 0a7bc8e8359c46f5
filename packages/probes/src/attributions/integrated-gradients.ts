/** @file Integrated gradients (Sundararajan et al. 2017), with its completeness gap. */

import {
  add,
  compile,
  fill,
  gradients,
  input,
  mul,
  type Node,
  reshape,
  type Session,
  sub,
  type Tensor,
} from "../graph/index.ts";
import { type Attribution, attribution, sumOf } from "./attribution.ts";
import { type BaselineKind, baselineIds, baselineNode } from "./baselines.ts";
import { type ExplainedSpec, explained, sumOver } from "./explained.ts";
import { idTensor, type Query } from "./feeds.ts";
import type { Loop, LoopTools } from "./loop.ts";
import { type Quadrature, quadratureRules } from "./quadrature.ts";

export type IntegratedGradientsOptions = {
  readonly steps: number;
  readonly quadrature: Quadrature;
  readonly baseline: BaselineKind;
  /** Largest gap, as a share of |F(x) - F(x')|; steps double until it is reached. */
  readonly tolerance: number;
  readonly maxSteps: number;
  /** Points of the path in one run; null fills the token budget. Never changes the scores. */
  readonly internalBatch: number | null;
};

export const integratedGradients = (options: IntegratedGradientsOptions): Loop => ({
  kind: "loop",
  open: async (tools) => {
    const session = await compile(pathGraph(tools.spec, options.baseline), tools.session);
    return {
      attribute: (queries, values) => integrate({ session, tools, options }, queries, values),
      close: () => session.close(),
    };
  },
});

/** F and Σ_d (x - x') dF/dx at the points x' + α (x - x'), one α per row. */
function pathGraph(spec: ExplainedSpec, kind: BaselineKind): Record<string, Node> {
  let x: Node | undefined;
  let from: Node | undefined;
  const alpha = reshape(input("alpha", ["batch"]), ["batch", 1, 1]);
  const { value, source } = explained(spec, {
    narrow: true,
    move: (given, inputs) => {
      x = given;
      from = baselineNode(spec, kind, { x, inputs });
      return add(from, mul(sub(x, from), alpha));
    },
  });
  const [slope] = gradients(value, [source], { seed: fill(1, value.shape) });
  return { value, slope: sumOver(slope!, x!, from!) };
}

type Context = {
  readonly session: Session;
  readonly tools: LoopTools;
  readonly options: IntegratedGradientsOptions;
};

/** A point on the path of one text. */
type Point = { readonly query: number; readonly alpha: number; readonly weight: number };

/** The beginning of the path, for every query that begins there. */
type End = Point & { readonly shared: readonly number[] };

async function integrate(
  context: Context,
  queries: readonly Query[],
  values: ArrayLike<number>,
): Promise<readonly Attribution[]> {
  const { quadrature, tolerance, maxSteps } = context.options;
  const done = new Map<number, Attribution>();
  const starts = new Float64Array(queries.length);
  let open = queries.map((_, i) => i);
  for (let steps = context.options.steps; open.length > 0; steps *= 2) {
    const { points, weights } = quadratureRules[quadrature](steps);
    const path = open.flatMap((query): readonly Point[] =>
      Array.from(points, (alpha, k) => ({ query, alpha, weight: weights[k]! })),
    );
    const first = steps === context.options.steps;
    const ends = first ? endsOf(queries, context) : [];
    const { sums, values: found } = await followPath(context, queries, [...ends, ...path]);
    if (first)
      found.forEach((value, end) => {
        for (const query of ends[end]!.shared) starts[query] = value;
      });
    open = open.filter((query) => {
      const scores = Float32Array.from(sums.get(query)!);
      const change = values[query]! - starts[query]!;
      const residual = change - sumOf(sums.get(query)!);
      // Below the rounding of two float32 outputs a gap says nothing.
      const rounding = 1e-6 * (Math.abs(values[query]!) + Math.abs(starts[query]!) + 1);
      const share = Math.abs(residual) / Math.abs(change);
      const fine = share <= tolerance || Math.abs(residual) <= rounding;
      if (!fine && steps * 2 <= maxSteps) return true;
      done.set(
        query,
        attribution(scores, {
          residual,
          details: { steps, baselineOutput: starts[query]!, gap: share },
          marks: fine
            ? []
            : [`completeness gap of ${(100 * share).toFixed(1)} % after ${steps} steps`],
        }),
      );
      return false;
    });
  }
  return queries.map((_, i) => done.get(i)!);
}

/** F(x') once per baseline: texts of one length often have the same. */
function endsOf(queries: readonly Query[], { options, tools }: Context): readonly End[] {
  const { baseline } = options;
  const found = new Map<string, number[]>();
  queries.forEach(({ example, target }, query) => {
    const ids =
      baseline === "mask"
        ? baselineIds(example, baseline, tools)
        : baselineIds(example, "pad", tools);
    const { typeIds = null, specials } = example;
    const key = JSON.stringify([ids, typeIds && Array.from(typeIds), Array.from(specials), target]);
    const own = found.get(key);
    if (own === undefined) found.set(key, [query]);
    else own.push(query);
  });
  return [...found.values()].map((shared) => ({ query: shared[0]!, alpha: 0, weight: 0, shared }));
}

/** Σ weight · slope per text in float64, and F at the points of weight 0, in their order. */
async function followPath(
  { session, tools, options }: Context,
  queries: readonly Query[],
  path: readonly Point[],
): Promise<{ readonly sums: ReadonlyMap<number, Float64Array>; readonly values: Float64Array }> {
  const sums = new Map<number, Float64Array>();
  for (const { query } of path) {
    if (!sums.has(query)) sums.set(query, new Float64Array(queries[query]!.example.ids.length));
  }
  const values = new Float64Array(path.filter(({ weight }) => weight === 0).length);
  const batches = tools.divide(
    path.map(({ query }) => queries[query]!.example.ids.length),
    options.internalBatch,
  );
  for (const rows of batches) {
    const points = Array.from(rows, (row) => path[row]!);
    const feeds = pathFeeds({ tools, options }, queries, points);
    const tokens = feeds.mask!.shape[1]!;
    const { value, slope } = await session.run(feeds);
    points.forEach(({ query, weight }, row) => {
      if (weight === 0) values[rows[row]!] = Number(value!.data[row]); // the first of the path
      const sum = sums.get(query)!;
      const at = row * tokens;
      for (let i = 0; i < sum.length; i++) sum[i]! += weight * Number(slope!.data[at + i]);
    });
  }
  return { sums, values };
}

function pathFeeds(
  { tools, options: { baseline } }: Pick<Context, "tools" | "options">,
  queries: readonly Query[],
  points: readonly Point[],
): Record<string, Tensor> {
  const batch = points.map(({ query }) => queries[query]!);
  const feeds = tools.feeds(batch);
  const tokens = feeds.mask!.shape[1]!;
  if (baseline === "pad" || baseline === "mask") {
    const ids = batch.map(({ example }) => baselineIds(example, baseline, tools));
    feeds.baselineIds = idTensor(ids, tokens, tools.padId);
  }
  if (baseline === "mean") feeds.ordinary = tools.ordinary(batch, tokens);
  feeds.alpha = { data: Float32Array.from(points, ({ alpha }) => alpha), shape: [points.length] };
  return feeds;
}
