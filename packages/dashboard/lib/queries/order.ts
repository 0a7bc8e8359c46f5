/** @file The order of the table of trials: filters and sorting over columns of numbers, SQLite for words and for what only it knows. */

import { type ColumnName, columns } from "../columns.ts";
import { compareScores } from "../metrics.ts";
import { placeOf } from "../row-numbers.ts";
import { groupPlaces } from "../trial-columns.ts";
import type { View } from "../view.ts";
import { type Scope, selectedOf } from "./scope.ts";

/** Row numbers of every row of the table in its order; kept, because the windows of a table share them. */
export function fetchKeys(scope: Scope, view: View): Int32Array {
  const { experiment, dataset, model, token, layerMethod, classifier, options } = view;
  const { select, state, find, sort, order } = view;
  const asked = [experiment, dataset, model, token, layerMethod, classifier, options];
  const name = JSON.stringify(["order", scope.metric, asked, select, state, find, sort, order]);
  return scope.store.column(name, () => {
    const { trials } = scope.store.facts;
    const places = found(scope, view, selectedOf(scope, select, scope.trials()));
    return sorted(scope, view, places).map((place) => trials[place] ?? 0);
  });
}

/** By how much each trial is better than the one that reads layer 0 alone and is like it in all else; NaN where there is none. */
export function gainsOf(scope: Scope): Float64Array {
  const { store, metric } = scope;
  return store.column(`gain in ${metric}`, () => {
    const { facts } = store;
    const { mean } = store.scores(metric);
    if (!facts.layerIndex.includes(0)) return new Float64Array(mean.length).fill(Number.NaN);
    const places = Int32Array.from(facts.trials.keys());
    // Layers do not matter here, splits do: they take their place among the keys.
    const bySplit = { ...facts, codes: { ...facts.codes, layer: facts.split } };
    const keys = ["dataset", "model", "token", "classifier", "options", "seed", "layer"] as const;
    const { of } = groupPlaces(bySplit, places, keys);
    const base = new Float64Array(of.length).fill(Number.NaN);
    for (let place = of.length - 1; place >= 0; place--) {
      const own = of[place] ?? 0;
      if (facts.layerIndex[place] === 0 && !Number.isNaN(mean[place])) base[own] = mean[place] ?? 0;
    }
    return mean.map((value, place) => compareScores(metric, value, base[of[place] ?? 0] ?? 0));
  });
}

/** What a trial says in words, where the box above the table looks. */
const texts = `d.label || ' ' || m.label || ' ' || ifnull(t.layer, '') || ' ' || ifnull(t.layerMethod, '')
  || ' ' || ifnull(t.token, '') || ' ' || t.classifier || ' ' || t.options || ' ' || t.state || ' ' || t.id
  || ' ' || ifnull(t.flags, '') || ' ' || ifnull(t.error, '')`;

/** Those of some places that are in the wanted state and say all of the words. */
function found({ store }: Scope, view: View, places: Int32Array): Int32Array {
  const words = view.find.split(/\s+/).filter(Boolean).slice(0, 8);
  if (view.state === null && words.length === 0) return places;
  const conditions = words.map(() => `${texts} like ? escape '!'`);
  const values = words.map((word) => `%${word.replace(/[!%_]/g, "!$&")}%`);
  if (view.state !== null) {
    conditions.push("t.state = ?");
    values.push(view.state);
  }
  const keys = store.database
    .prepare<unknown[], number>(
      `select t.key from main.trials t
         join temp.names d on d.id = t.dataset join temp.names m on m.id = t.model
         where ${conditions.join(" and ")}`,
    )
    .pluck()
    .all(...values);
  const matching = new Uint8Array(store.facts.trials.length);
  for (const key of keys) {
    const place = placeOf(store.facts.trials, key);
    if (place >= 0) matching[place] = 1;
  }
  return places.filter((place) => matching[place] === 1);
}

/** Places in the order asked for: what has no value last, equal ones in the order of the store. */
function sorted(scope: Scope, { sort, order }: Pick<View, "sort" | "order">, places: Int32Array) {
  const values = valuesOf(scope, sort);
  const sign = order === "asc" ? 1 : -1;
  const known = places.filter((place) => !Number.isNaN(values[place] ?? Number.NaN));
  const unknown = places.filter((place) => Number.isNaN(values[place] ?? Number.NaN));
  known.sort((a, b) => sign * ((values[a] ?? 0) - (values[b] ?? 0)) || a - b);
  const all = new Int32Array(places.length);
  all.set(known);
  all.set(unknown, known.length);
  return all;
}

/** A number for each trial to sort a column by; NaN where it has no value. */
function valuesOf(scope: Scope, name: ColumnName): ArrayLike<number> {
  const { store } = scope;
  const { facts } = store;
  const key = columns[name].sort;
  if (key === "gain") return gainsOf(scope);
  if (key === "layerIndex")
    return Float64Array.from(facts.layerIndex, (i) => (i < 0 ? Number.NaN : i));
  if (key === "seed") {
    const seeds = scope.words.map((word) => (word === "" ? Number.NaN : Number(word)));
    return Float64Array.from(facts.codes.seed, (code) => seeds[code] ?? Number.NaN);
  }
  if (key === "parameters") {
    const parameters = parametersOf(scope);
    return Float64Array.from(facts.codes.model, (code) => parameters.get(code) ?? Number.NaN);
  }
  if ("score" in key) return store.scores(scope.metric)[key.score];
  if ("metric" in key) return store.scores(key.metric).mean;
  if ("text" in key) return ranksOf(scope.words, facts.codes[key.text]);
  if (key.trial === "id") return ranksOfIds(scope);
  return fieldOf(scope, key.trial);
}

/** Parameters of each model, by its number; models of published results that nobody has looked at have none. */
export function parametersOf({ store }: Scope): ReadonlyMap<number, number> {
  return store.known(
    "parameters",
    () =>
      new Map(
        store.rows<[number, number]>(
          `select n.code, max(m.parameters) from main.models m
             join temp.names n on n.id = m.id where m.parameters > 0 group by n.code`,
        ),
      ),
  );
}

/** Places of words among those of a column; NaN for no word. */
function ranksOf(words: readonly string[], codes: Int32Array): Float64Array {
  const ranks = rankTexts([...new Set(codes)].flatMap((code) => words[code] || []));
  const byCode = words.map((word) => ranks.get(word) ?? Number.NaN);
  return Float64Array.from(codes, (code) => byCode[code] ?? Number.NaN);
}

/** A field that is not in memory: its numbers, or the places of its texts. */
function fieldOf({ store }: Scope, field: string): Float64Array {
  const { trials } = store.facts;
  const values = new Float64Array(trials.length).fill(Number.NaN);
  const rows = store.rows<[key: number, value: number | string]>(
    `select key, ${field} from main.trials where ${field} is not null`,
  );
  const texts = typeof rows[0]?.[1] === "string" ? (rows as readonly [number, string][]) : [];
  const ranks = rankTexts(texts.map(([, text]) => text));
  for (const [key, value] of rows) {
    const place = placeOf(trials, key);
    if (place >= 0) values[place] = typeof value === "string" ? (ranks.get(value) ?? 0) : value;
  }
  return values;
}

/** Ranks of the trials by their ids, as their index has them. */
function ranksOfIds({ store }: Scope): Float64Array {
  const { trials } = store.facts;
  const ranks = new Float64Array(trials.length).fill(Number.NaN);
  const keys = store.database
    .prepare<[], number>("select key from main.trials indexed by trials_by_id order by id")
    .pluck()
    .all();
  for (let rank = 0; rank < keys.length; rank++) {
    const place = placeOf(trials, keys[rank] ?? 0);
    if (place >= 0) ranks[place] = rank;
  }
  return ranks;
}

function rankTexts(texts: readonly string[]): ReadonlyMap<string, number> {
  const sorted = [...new Set(texts)].sort();
  return new Map(sorted.map((text, rank) => [text, rank]));
}
