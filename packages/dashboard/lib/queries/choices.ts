/** @file What the Compare sidebar offers: experiments, metrics, and the values of each axis with their trials. */

import { leadingMetrics } from "@probegrid/runner/store";
import { type FilterAxis, filterAxes } from "../axes.ts";
import { inOrder } from "../natural-order.ts";
import type { Store } from "../store.ts";
import type { View } from "../view.ts";
import { membersOf, type Scope, wordOf } from "./scope.ts";

export type Choice = { readonly value: string; readonly trials: number };
export type Choices = {
  readonly experiments: readonly Choice[];
  readonly metrics: readonly string[];
  /** Whether some trial reads layer 0 alone, which others can be compared with. */
  readonly layer0: boolean;
  readonly values: Readonly<Record<FilterAxis, readonly Choice[]>>;
};

/** Metrics people look at first, when a view does not name one. */
const favourites: readonly string[] = Object.values(leadingMetrics);

/** Everything that can be chosen, given the experiments already chosen. */
export function fetchChoices(store: Store, view: View): Choices {
  return {
    experiments: store.all<Choice>(
      `select e.name as value, count(et.trial) as trials from main.experiments e
         left join main.experiment_trials et on et.experiment = e.key
         group by e.key order by e.createdAt desc`,
    ),
    metrics: fetchMetrics(store),
    layer0: store.facts.layerIndex.includes(0),
    values: fetchValues(store, view),
  };
}

/** Those of some metrics that a trial of the view has. */
export function metricsWithin(scope: Scope, metrics: readonly string[]): readonly string[] {
  const { store } = scope;
  const { trials } = store.facts;
  const places = scope.trials();
  if (places.length === trials.length) return metrics;
  const keys = JSON.stringify(Array.from(places, (place) => trials[place]));
  return metrics.filter(
    (metric) =>
      store.rows(
        `select 1 from json_each(?) k cross join main.summaries s indexed by summaries_by_metric
           on s.metric = ? and s.trial = k.value limit 1`,
        ...[keys, metric],
      ).length > 0,
  );
}

/** Names of all metrics, found by jumping through the index instead of reading every score. */
export function fetchMetrics(store: Store): readonly string[] {
  const names = store
    .all<{ name: string | null }>(
      `with recursive known (name) as (
         select min(metric) from main.summaries
         union all
         select (select min(metric) from main.summaries where metric > name)
           from known where name is not null)
       select name from known where name is not null`,
    )
    .map(({ name }) => String(name));
  const rank = (name: string) => {
    const place = favourites.indexOf(name);
    return place < 0 ? favourites.length : place;
  };
  return names.toSorted((a, b) => rank(a) - rank(b));
}

function fetchValues(store: Store, view: View): Choices["values"] {
  const { facts } = store;
  const { words } = facts.dictionary;
  const members = membersOf(store, view);
  const valuesOf = (axis: FilterAxis): readonly Choice[] => {
    const codes = facts.codes[axis];
    const trials = new Int32Array(words.length);
    for (let place = 0; place < codes.length; place++) {
      if (members !== null && !members.has(facts.trials[place] ?? 0)) continue;
      const code = codes[place] ?? 0;
      trials[code] = (trials[code] ?? 0) + 1;
    }
    return Array.from(trials, (count, code) => [code, count] as const)
      .filter(([, count]) => count > 0)
      .map(([code, count]) => ({ value: wordOf(words, code), trials: count }))
      .toSorted((a, b) => inOrder(a.value, b.value));
  };
  return Object.fromEntries(
    filterAxes.map((axis) => [axis, valuesOf(axis)]),
  ) as unknown as Choices["values"];
}
