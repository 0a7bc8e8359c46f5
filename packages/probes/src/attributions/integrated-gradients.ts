/** @file Integrated gradients (Sundararajan et al. 2017), with its completeness gap. */

import { compile, type Session, type Tensor } from "../graph/index.ts";
import { type Attribution, attribution, sumOf } from "./attribution.ts";
import { type BaselineKind, baselineIds } from "./baselines.ts";
import { idTensor, type Query } from "./feeds.ts";
import { pathGraphs } from "./gradient-path.ts";
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
    const { ends, point } = pathGraphs(tools.spec, options.baseline);
    const endsSession = await compile(ends, tools.session);
    const session = await compile(point, tools.session);
    return {
      attribute: async (queries, values) => {
        const found = await endsSession.run(endFeeds({ tools, options }, queries));
        return await integrate({ session, tools, options, ends: found }, queries, values);
      },
      close: async () => {
        await endsSession.close();
        await session.close();
      },
    };
  },
});

type Setup = { readonly tools: LoopTools; readonly options: IntegratedGradientsOptions };

type Context = Setup & {
  readonly session: Session;
  /** Both ends of every query's path. [queries, tokens, width] each */
  readonly ends: Readonly<Record<string, Tensor>>;
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
function endsOf(queries: readonly Query[], { options, tools }: Setup): readonly End[] {
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
  { session, tools, options, ends }: Context,
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
    const feeds = pathFeeds({ tools, ends }, queries, points);
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

/** What both ends of the paths of all queries are computed from. */
function endFeeds(
  { tools, options: { baseline } }: Setup,
  queries: readonly Query[],
): Record<string, Tensor> {
  const feeds = tools.feeds(queries);
  const tokens = feeds.mask!.shape[1]!;
  if (baseline === "pad" || baseline === "mask") {
    const ids = queries.map(({ example }) => baselineIds(example, baseline, tools));
    feeds.baselineIds = idTensor(ids, tokens, tools.padId);
  }
  if (baseline === "mean") feeds.ordinary = tools.ordinary(queries, tokens);
  return feeds;
}

/** Each text's ends once, however many of its points there are. */
function pathFeeds(
  { tools, ends }: Pick<Context, "tools" | "ends">,
  queries: readonly Query[],
  points: readonly Point[],
): Record<string, Tensor> {
  const feeds = tools.feeds(points.map(({ query }) => queries[query]!));
  const tokens = feeds.mask!.shape[1]!;
  const texts = [...new Set(points.map(({ query }) => query))];
  for (const [name, end] of Object.entries(ends)) feeds[name] = rowsOf(end, texts, tokens);
  const numbers = points.map(({ query }) => BigInt(texts.indexOf(query)));
  feeds.texts = { data: BigInt64Array.from(numbers), shape: [points.length] };
  feeds.alpha = { data: Float32Array.from(points, ({ alpha }) => alpha), shape: [points.length] };
  return feeds;
}

/** Some rows of [rows, all tokens, width], cut to so many tokens. */
function rowsOf({ data, shape }: Tensor, rows: readonly number[], tokens: number): Tensor {
  const [, all, width] = shape as readonly [number, number, number];
  const of = (row: number): Float32Array => {
    const at = row * all * width;
    return (data as Float32Array).subarray(at, at + tokens * width);
  };
  const cut = { shape: [rows.length, tokens, width] };
  if (rows.length === 1) return { ...cut, data: of(rows[0]!) };
  const joined = new Float32Array(rows.length * tokens * width);
  rows.forEach((row, i) => {
    joined.set(of(row), i * tokens * width);
  });
  return { ...cut, data: joined };
}
