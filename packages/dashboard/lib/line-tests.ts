/** @file Which layers can not be told from the best of their line, and which lines from the best of their dataset: the paired tests of the store, on what is drawn. */

import {
  type Compared,
  type ComparedGroup,
  compareChosen,
  notOverFolds,
  pairedTests,
} from "@probegrid/runner/store";
import { bestPoint } from "./metrics.ts";
import type { Line } from "./queries/lines.ts";
import type { Scope } from "./queries/scope.ts";
import type { Verdict } from "./verdict.ts";

export type LineTests = {
  /** Names of the tests that were made. */
  readonly tests: readonly string[];
  /** How many were adjusted together. */
  readonly count: number;
  /** Per line: each layer but the best one; null where a line could not be tested. */
  readonly layers: readonly (Readonly<Record<string, Verdict>> | null)[];
  /** Per line: its best trial beside that of the best line of the same dataset; null for that one and where it was not tested. */
  readonly lines: readonly (Verdict | null)[];
};

/** Test rows to compare at most, over all trials; above it the tests are over folds. */
const mostRows = 30e6;

/** Lines whose best point is one trial, by the tests of `probegrid compare`: that trial against all points that are one; Holm over all lines. */
export function testLines(scope: Scope, lines: readonly Line[], limit: number): LineTests {
  const untested = {
    tests: [],
    count: 0,
    layers: lines.map(() => null),
    lines: lines.map(() => null),
  };
  if (notOverFolds.has(scope.metric)) return untested;
  let trials = 0;
  const keys = lines.map(({ points }) => {
    const single = points.filter((point) => point.trials === 1);
    if (bestPoint(scope.metric, points).trials > 1) return [];
    trials += single.length;
    return trials <= limit ? single.map(({ key }) => key) : [];
  });
  const { groups, tests: count } = scope.store.known(
    JSON.stringify(["tests", scope.metric, keys]),
    () =>
      compareChosen(scope.store.opened, keys, {
        metric: scope.metric,
        test: rowsOf(scope, keys.flat()) > mostRows ? "corrected-t" : null,
      }),
  );
  if (count === 0) return untested;
  const groupsOver = (over: ComparedGroup["over"]) => groups.filter((group) => group.over === over);
  const overLayers = new Map(groupsOver("layers").map((group) => [group.best.key, group]));
  const verdicts = new Map(
    groupsOver("lines").flatMap(({ others }) => others.map((one) => [one.key, verdictOf(one)])),
  );
  const groupOf = (own: readonly number[]) =>
    own.map((key) => overLayers.get(key)).find((group) => group !== undefined);
  return {
    tests: [...new Set(groups.map(({ test }) => pairedTests[test].title))],
    count,
    layers: lines.map(({ points }, i) => {
      const others = groupOf(keys[i] ?? [])?.others ?? [];
      const layers = new Map(points.map(({ key, layer }) => [key, layer]));
      return others.length === 0 || others.every(({ p }) => p === null)
        ? null
        : Object.fromEntries(others.map((one) => [layers.get(one.key) ?? "", verdictOf(one)]));
    }),
    lines: keys.map((own) => {
      const best = groupOf(own)?.best.key;
      return (best === undefined ? undefined : verdicts.get(best)) ?? null;
    }),
  };
}

function verdictOf({ difference, adjusted, distinguishable }: Compared): Verdict {
  return { difference, p: adjusted, distinguishable };
}

/** Rows that the tests over items would read. */
function rowsOf(scope: Scope, keys: readonly number[]): number {
  const [row] = scope.store.all<{ rows: number | null }>(
    `select sum(d.rows) as rows from json_each(?) k join main.trials t on t.key = k.value
       join main.datasets d on d.id = t.dataset`,
    JSON.stringify(keys),
  );
  return row?.rows ?? 0;
}
