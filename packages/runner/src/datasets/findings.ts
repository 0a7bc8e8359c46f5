/** @file What is worth knowing about a dataset before its numbers are believed. */

import type { readTargets } from "./targets.ts";

/** Counts, and the same in words; `messages` is empty when there is nothing to say. */
export type Findings = {
  readonly rows: number;
  /** Rows of the files, before `limit`. */
  readonly rowsInFiles: number;
  /** Rows per class, in class order; empty for regression. */
  readonly classCounts: readonly number[];
  readonly emptyTexts: number;
  /** Rows whose text (and pair) stands in an earlier row. */
  readonly duplicates: number;
  /** Rows among these whose label differs from that earlier row's. */
  readonly conflicts: number;
  /** Texts of the test part that stand in the train part too. */
  readonly leaked: number;
  readonly encoding: string;
  readonly messages: readonly string[];
};

type Facts = {
  readonly texts: readonly string[];
  readonly keys: readonly string[];
  readonly read: ReturnType<typeof readTargets>;
  readonly parts: Uint8Array | null;
  readonly rowsInFiles: number;
  readonly encodings: readonly { readonly encoding: string; readonly guessed: boolean }[];
  /** Number of rows the file claims to have, where it is wrong. */
  readonly claimed: number | null;
};

export function findAll({
  texts,
  keys,
  read,
  parts,
  rowsInFiles,
  encodings,
  claimed,
}: Facts): Findings {
  const { targets, labels } = read;
  const classCounts = new Array<number>(labels?.length ?? 0).fill(0);
  if (labels !== null) for (const target of targets) classCounts[target]! += 1;
  const emptyTexts = texts.filter((text) => text.trim() === "").length;
  const first = new Map<string, number>();
  const trained = new Set(parts === null ? [] : keys.filter((_, i) => parts[i] === 1));
  let duplicates = 0;
  let conflicts = 0;
  let leaked = 0;
  for (const [row, key] of keys.entries()) {
    const earlier = first.get(key);
    if (earlier === undefined) first.set(key, row);
    else {
      duplicates += 1;
      if (targets[earlier] !== targets[row]) conflicts += 1;
    }
    if (parts?.[row] === 3 && trained.has(key)) leaked += 1;
  }
  const total = texts.length;
  const guessed = encodings.find((one) => one.guessed);
  const alone = classCounts.filter((count) => count === 1).length;
  const messages = [
    claimed !== null && `the file says ${claimed} rows, it has ${rowsInFiles}`,
    rowsInFiles > total && `${total} of ${rowsInFiles} rows, drawn at random`,
    guessed && `not valid UTF-8, read as ${guessed.encoding}`,
    emptyTexts > 0 && `${count(emptyTexts, "text is", "texts are")} empty`,
    duplicates > 0 &&
      `${count(duplicates, "row repeats", "rows repeat")} an earlier text` +
        (conflicts > 0 ? `, ${conflicts} with another label` : "") +
        "; grouped folds keep them together",
    leaked > 0 && `${count(leaked, "test text stands", "test texts stand")} in the train part too`,
    alone > 0 && `${count(alone, "class has", "classes have")} one row only`,
  ].filter((message) => typeof message === "string");
  return {
    rows: total,
    rowsInFiles,
    classCounts,
    emptyTexts,
    duplicates,
    conflicts,
    leaked,
    encoding: [...new Set(encodings.map(({ encoding }) => encoding))].join(", "),
    messages,
  };
}

function count(n: number, one: string, many: string): string {
  return `${n} ${n === 1 ? one : many}`;
}
