/** @file How faithful methods are: deletion curves from single texts, and the means the store holds. */

import { type Summary, summarise } from "@probegrid/probes/statistics";
import type { Store } from "../store.ts";
import type { Group, MethodTrial } from "./attribution-groups.ts";
import { remember } from "./attribution-memory.ts";
import { fetchTexts } from "./attribution-texts.ts";

/** What falls as words are taken out: right answers that stay, or the explained output itself. */
export type CurveKind = "kept" | "output";

/** A method's curve: mean over texts after k = 0, 1, … words, with 95 % intervals over texts. */
export type DeletionCurve = {
  readonly method: string;
  readonly texts: number;
  readonly points: readonly Summary[];
};

/**
 * Curves of methods. `kept` counts texts that were classified right and are long enough, as the report
 * of the experiment does; `output` every text.
 */
export function fetchCurves(
  store: Store,
  { group, methods }: { readonly group: Group; readonly methods: readonly MethodTrial[] },
  kind: CurveKind,
): readonly DeletionCurve[] {
  return methods.map((trial) =>
    remember(store, { name: `${kind} ${trial.id}`, finished: trial.state === "done" }, () => {
      const field = kind === "kept" ? "kept" : "deletion";
      const texts = fetchTexts(store, group);
      const rows = store.database
        .prepare(
          `select row, json_extract(measures, '$.${field}') as curve from main.attributions
             where trial = ? and scores is not null`,
        )
        .all(trial.key) as readonly { readonly row: number; readonly curve: string | null }[];
      const curves = rows.flatMap(({ row, curve }) => {
        const text = texts.get(row);
        if (curve === null || text === undefined) return [];
        const counts = text.predicted === text.truth && text.tokens.length >= group.minTokens;
        if (kind === "kept" && !counts) return [];
        const values = (JSON.parse(curve) as readonly (number | boolean)[]).map(Number);
        return values.length === 0 ? [] : [values];
      });
      const steps = Math.max(0, ...curves.map(({ length }) => length));
      const points = Array.from({ length: steps }, (_, k) =>
        summarise(
          curves.flatMap((values) => values[k] ?? []),
          { testToTrain: 0 },
        ),
      );
      return { method: trial.label, texts: curves.length, points };
    }),
  );
}

/** Means over texts of every measure, as the runner recorded them. */
export type MeasureRow = {
  readonly method: string;
  readonly metric: string;
  readonly mean: number;
  readonly low: number | null;
  readonly high: number | null;
};

/** Measures whose direction is known: true where more is better, false where less is. */
export const betterWhenMore: ReadonlyMap<string, boolean> = new Map([
  ["accuracy", true],
  ["explained", true],
  ["comprehensiveness", true],
  ["sufficiency", false],
  ["deletionArea", false],
  ["insertionArea", true],
  ["infidelity", false],
  ["maxSensitivity", false],
  ["plausibility", true],
  ["plausibilitySigns", true],
  ["plausibilityCorrelation", true],
  ["randomisedHead", false],
  ["randomisedUpperHalf", false],
  ["randomisedAllLayers", false],
]);

/** One row per method and measure; trials that are not done have none. */
export function fetchMeasures(
  store: Store,
  methods: readonly MethodTrial[],
): readonly MeasureRow[] {
  const rows = store.all<Omit<MeasureRow, "method"> & { readonly trial: number }>(
    `select trial, metric, mean, low, high from main.summaries
       where trial in (select value from json_each(?))`,
    JSON.stringify(methods.map(({ key }) => key)),
  );
  const order = [...betterWhenMore.keys()];
  const place = (metric: string) => (order.indexOf(metric) + order.length + 1) % (order.length + 1);
  return methods.flatMap(({ key, label }) =>
    rows
      .filter(({ trial }) => trial === key)
      .toSorted((a, b) => place(a.metric) - place(b.metric))
      .map(({ metric, mean, low, high }) => ({ method: label, metric, mean, low, high })),
  );
}
