/** @file What the attribution page shows, read from the store and shaped for it. */

import { type AttributionRecord, readAttributions } from "@probegrid/runner/store";
import type { Store } from "@/lib/store";

/** A dataset and model whose texts were explained. */
export type Pair = { readonly key: string; readonly dataset: string; readonly model: string };

/** One method on a pair: its trial, and its means over texts with intervals. */
export type Method = {
  readonly id: string;
  readonly label: string;
  readonly scores: ReadonlyMap<string, Score>;
};
export type Score = {
  readonly mean: number;
  readonly low: number | null;
  readonly high: number | null;
};

export function fetchPairs(store: Store): readonly Pair[] {
  return store.all<Pair>(
    `select distinct t.dataset || ' ' || t.model as key, d.name as dataset, m.name as model
       from trials t join datasets d on d.id = t.dataset join models m on m.id = t.model
      where t.kind = 'attribute' order by d.name, m.name`,
  );
}

export function fetchMethods(store: Store, key: string): readonly Method[] {
  type Row = Score & { id: string; label: string; metric: string | null };
  const rows = store.all<Row>(
    `select t.id, t.classifier || case when t.options = '' then '' else ' ' || t.options end as label,
            s.metric, s.mean, s.low, s.high
       from trials t left join summaries s on s.trial = t.key
      where t.kind = 'attribute' and t.dataset || ' ' || t.model = ? order by t.key`,
    key,
  );
  const methods = new Map<string, { id: string; label: string; scores: Map<string, Score> }>();
  for (const { id, label, metric, mean, low, high } of rows) {
    const method = methods.get(id) ?? { id, label, scores: new Map<string, Score>() };
    methods.set(id, method);
    if (metric !== null) method.scores.set(metric, { mean, low, high });
  }
  return [...methods.values()];
}

/** Numbers of the rows that any method explained. */
export function fetchRows(store: Store, key: string): readonly number[] {
  const rows = store.all<{ row: number }>(
    `select distinct a.row from attributions a join trials t on t.key = a.trial
      where t.dataset || ' ' || t.model = ? order by a.row`,
    key,
  );
  return rows.map(({ row }) => row);
}

/** A text under one method. */
export type Shown = { readonly label: string; readonly record: AttributionRecord };

export function fetchText(store: Store, methods: readonly Method[], row: number): readonly Shown[] {
  return methods.flatMap(({ id, label }) => {
    const [record] = readAttributions(store.opened, id, row);
    return record === undefined ? [] : [{ label, record }];
  });
}

/** A token or word with its score as a share of the text's largest. */
export type Unit = { readonly text: string; readonly score: number; readonly special: boolean };

/** Tokens of a record, or words with the scores of their pieces summed. */
export function unitsOf(
  record: Extract<AttributionRecord, { error: null }>,
  scores: Float32Array,
  merged: boolean,
): readonly Unit[] {
  const units: { text: string; score: number; special: boolean; word: number }[] = [];
  record.tokens.forEach((token, i) => {
    const word = record.words[i] ?? -1;
    const last = units.at(-1);
    if (merged && word >= 0 && last?.word === word) {
      last.text += token.replace(/^##/, "");
      last.score += scores[i] ?? 0;
      return;
    }
    const text = merged ? token.replace(/^[▁Ġ]/, "") : token;
    units.push({ text, score: scores[i] ?? 0, special: word < 0, word });
  });
  return units;
}
