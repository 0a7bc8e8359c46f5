/** @file Explained texts and their scores, decoded once: what every attribution page is computed from. */

import { joinPieces } from "@probegrid/probes/words";
import type { Store } from "../store.ts";
import { visible } from "../visible.ts";
import { type Group, isRandom, type MethodTrial } from "./attribution-groups.ts";
import { remember } from "./attribution-memory.ts";

/** A row of the dataset as the tokenizer saw it, control characters as their pictures. */
export type ExplainedText = {
  readonly row: number;
  readonly tokens: readonly string[];
  /** Word of each token, -1 at special tokens. */
  readonly words: Int32Array;
  /** The class (unit, word) that was explained, the predicted class and, where known, the true one. */
  readonly target: string;
  readonly predicted: string;
  readonly truth: string | null;
};

/** What a method says about a row; scores are null where it could not be explained. */
export type MethodRow = {
  readonly row: number;
  readonly scores: Float32Array | null;
  readonly logit: number | null;
  readonly residual: number | null;
  readonly marks: readonly string[];
  readonly error: string | null;
};

/** A done trial gets no more rows. */
const finished = ({ state }: MethodTrial): boolean => state === "done";

/** Every text of a group that some method has a row of, in the order of the dataset. */
export function fetchTexts(store: Store, group: Group): ReadonlyMap<number, ExplainedText> {
  const name = `texts ${group.methods.map(({ id }) => id).join(" ")}`;
  return remember(store, { name, finished: group.methods.every(finished), holds: "rows" }, () => {
    const truth = truthOf(store, group);
    const texts = new Map<number, ExplainedText>();
    const select = store.database.prepare(
      "select row, tokens, words, target, predicted from main.attributions where trial = ? order by row",
    );
    for (const { key } of group.methods) {
      for (const found of select.iterate(key) as IterableIterator<TextRow>) {
        if (texts.has(found.row)) continue;
        const { row, target, predicted } = found;
        texts.set(row, {
          ...{ row, target, predicted, truth: truth(row) },
          tokens: (JSON.parse(found.tokens) as readonly string[]).map(visible),
          words: new Int32Array(copyOf(found.words)),
        });
      }
    }
    return new Map([...texts].toSorted(([a], [b]) => a - b));
  });
}

type TextRow = {
  readonly row: number;
  readonly tokens: string;
  readonly words: Uint8Array;
  readonly target: string;
  readonly predicted: string;
};

/** Every row of a method, by row of the dataset. */
export function fetchRows(store: Store, trial: MethodTrial): ReadonlyMap<number, MethodRow> {
  return remember(
    store,
    { name: `rows ${trial.id}`, finished: finished(trial), holds: "rows" },
    () => {
      const select = store.database.prepare(
        "select row, scores, logit, residual, marks, error from main.attributions where trial = ? order by row",
      );
      const rows = new Map<number, MethodRow>();
      for (const found of select.iterate(trial.key) as IterableIterator<StoredRow>) {
        const { row, logit, residual, error, scores, marks } = found;
        rows.set(row, {
          ...{ row, logit, residual, error: scores === null ? (error ?? "not explained") : null },
          scores: scores === null ? null : new Float32Array(copyOf(scores)),
          marks: marks === null || marks === "[]" ? [] : (JSON.parse(marks) as readonly string[]),
        });
      }
      return rows;
    },
  );
}

type StoredRow = Omit<MethodRow, "scores" | "marks"> & {
  readonly scores: Uint8Array | null;
  readonly marks: string | null;
};

/** Whether some score of a method is negative: then a sign means for and against. */
export function isSigned(store: Store, trial: MethodTrial): boolean {
  return remember(store, { name: `signed ${trial.id}`, finished: finished(trial) }, () =>
    [...fetchRows(store, trial).values()].some((row) => row.scores?.some((s) => s < 0) ?? false),
  );
}

/** The method asked for among those shown; without one, the first that tells for from against. */
export function focusOf(
  store: Store,
  methods: readonly MethodTrial[],
  asked: string | null,
): MethodTrial | undefined {
  return (
    methods.find(({ label }) => label === asked) ??
    methods.find((trial) => !isRandom(trial) && isSigned(store, trial)) ??
    methods[0]
  );
}

/** True class of a row, read from the dataset's targets; null for values. */
export function truthOf(
  store: Store,
  { datasetId, labels }: Group,
): (row: number) => string | null {
  if (labels === null) return () => null;
  const targets = store.database
    .prepare("select targets from main.datasets where id = ?")
    .pluck()
    .get(datasetId) as Uint8Array;
  const classes = new Int32Array(copyOf(targets));
  return (row) => labels[classes[row] ?? -1] ?? null;
}

/** Bytes at an offset that numbers may start at. */
function copyOf(bytes: Uint8Array): ArrayBuffer {
  return Uint8Array.from(bytes).buffer;
}

/** A token or a word of a text, and the tokens it was made of. */
export type Unit = {
  readonly text: string;
  readonly special: boolean;
  readonly tokens: readonly number[];
};

/** Tokens one by one as the vocabulary spells them, or words as a person writes them. */
export function unitsOf(text: ExplainedText, merge: boolean): readonly Unit[] {
  const { tokens, words } = text;
  const groups: number[][] = [];
  for (let i = 0; i < tokens.length; i++) {
    const word = words[i] ?? -1;
    const last = groups.at(-1);
    if (merge && word >= 0 && i > 0 && words[i - 1] === word && last !== undefined) last.push(i);
    else groups.push([i]);
  }
  return groups.map((own) => {
    const pieces = own.map((i) => tokens[i] ?? "");
    const special = (words[own[0] ?? 0] ?? -1) < 0;
    const text = merge && !special ? joinPieces(pieces) : (pieces[0] ?? "");
    return { text, special, tokens: own };
  });
}

/** Score of a unit: the sum over its tokens, which keeps the sum of the whole. */
export function scoreOf({ tokens }: Unit, scores: ArrayLike<number>): number {
  return tokens.reduce((sum, i) => sum + (scores[i] ?? 0), 0);
}

/** A text as a person reads it. */
export function plainOf(text: ExplainedText): string {
  return unitsOf(text, true)
    .filter(({ special }) => !special)
    .map((unit) => unit.text)
    .join(" ");
}
