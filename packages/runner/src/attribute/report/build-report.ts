/** @file All tables of an attribution experiment as plain data: what report.json holds and the page shows. */

import { isNamed } from "../methods.ts";
import type { Series } from "./tables.ts";
import {
  agreement,
  deletionCurve,
  type Limits,
  sigmaMaps,
  wordCorrelation,
  wordRanks,
  wordScores,
} from "./tables.ts";

/** Texts whose σ by word and layer is shown. */
const sigmaTexts = 5;

export type AttributionReport = ReturnType<typeof buildReport>;

/** Computes every table from recorded rows. */
export function buildReport(series: readonly Series[], limits: Limits) {
  const scored = series.map((one) => ({ ...one, scores: wordScores(one, limits) }));
  const groups = groupBy(scored, ({ dataset, model }) => `${dataset}\n${model}`);
  return {
    limits,
    wordRanks: scored
      .filter(({ method }) => !isNamed(method, "random"))
      .map(({ dataset, model, method, scores }) => {
        return { dataset, model, method, words: scores.size, ...wordRanks(scores) };
      }),
    deletion: groups.map((group) => ({
      ...pairOf(group),
      methods: group.map((one) => ({ method: one.method, ...deletionCurve(one, limits) })),
    })),
    agreement: groups.map((group) => ({
      ...pairOf(group),
      methods: group.map(({ method }) => method),
      pairs: group.flatMap((a, i) =>
        group.slice(i + 1).map((b) => ({ a: a.method, b: b.method, ...agreement(a, b) })),
      ),
    })),
    correlations: groups.flatMap((first, i) =>
      groups.slice(i + 1).map((second) => ({
        a: pairOf(first),
        b: pairOf(second),
        /** Other datasets: does a word mean the same there? Same dataset: does another training agree? */
        across:
          first[0]!.dataset === second[0]!.dataset ? ("models" as const) : ("datasets" as const),
        methods: first.flatMap((a) => {
          const b = second.find(({ method }) => method === a.method);
          return b === undefined || isNamed(a.method, "random")
            ? []
            : [{ method: a.method, ...wordCorrelation(a.scores, b.scores) }];
        }),
      })),
    ),
    sigma: scored
      .filter(({ method }) => isNamed(method, "information"))
      .map((one) => ({
        dataset: one.dataset,
        model: one.model,
        method: one.method,
        texts: sigmaMaps(one, sigmaTexts),
      })),
  };
}

type Pair = {
  readonly a: { readonly dataset: string; readonly model: string };
  readonly b: { readonly dataset: string; readonly model: string };
  readonly across: "datasets" | "models";
};

/** What two series of words are compared: datasets, or models on one dataset. */
export const pairName = ({ a, b, across }: Pair): string =>
  across === "datasets" ? `${a.dataset} – ${b.dataset}` : `${a.model} – ${b.model}`;

const pairOf = (group: readonly Series[]) => ({
  dataset: group[0]!.dataset,
  model: group[0]!.model,
});

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): readonly (readonly T[])[] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return [...groups.values()];
}
