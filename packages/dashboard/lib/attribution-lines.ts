/** @file Every stored token score of a group as CSV or JSON lines, text by text: no piece knows how long the whole is. */

import type { Group, MethodTrial } from "./queries/attribution-groups.ts";
import { fetchRows, fetchTexts } from "./queries/attribution-texts.ts";
import type { Store } from "./store.ts";
import { csvLine } from "./tabular.ts";

/** What is exported: a group and some of its methods. */
export type Exported = {
  readonly store: Store;
  readonly group: Group;
  readonly methods: readonly MethodTrial[];
};

const described = ["row", "target", "predicted", "truth", "place", "token", "word"] as const;

/** One line per token, a column per method; special tokens have no word. */
export function* csvOfScores({ store, group, methods }: Exported): Generator<string> {
  yield `${csvLine([...described, ...methods.map(({ label }) => label)])}\r\n`;
  const rows = methods.map((trial) => fetchRows(store, trial));
  for (const { row, target, predicted, truth, tokens, words } of fetchTexts(
    store,
    group,
  ).values()) {
    for (const [i, token] of tokens.entries()) {
      const word = words[i] ?? -1;
      const scores = rows.map((byRow) => byRow.get(row)?.scores?.[i] ?? null);
      const known = [row, target, predicted, truth, i + 1, token, word < 0 ? null : word + 1];
      yield `${csvLine([...known, ...scores])}\r\n`;
    }
  }
}

/** One line of JSON per text: tokens, words, and per method scores, logit, residual, marks or the error. */
export function* jsonOfScores({ store, group, methods }: Exported): Generator<string> {
  const rows = methods.map((trial) => [trial.label, fetchRows(store, trial)] as const);
  for (const text of fetchTexts(store, group).values()) {
    const found = rows.flatMap(([label, byRow]) => {
      const own = byRow.get(text.row);
      if (own === undefined) return [];
      const { scores, logit, residual, marks, error } = own;
      const told = scores === null ? { error } : { scores: [...scores], logit, residual, marks };
      return [[label, told] as const];
    });
    const record = { ...text, words: [...text.words], methods: Object.fromEntries(found) };
    yield `${JSON.stringify(record)}\n`;
  }
}
