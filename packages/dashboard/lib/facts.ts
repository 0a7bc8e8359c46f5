/**
 * @file What tells trials apart, read straight from the store into columns of numbers: 100,000 trials take 4 MB and a
 * fifth of a second. Trials never change on their axes, so only new ones are read when the store has grown.
 */

import { type Axis, axes } from "./axes.ts";
import type { Database } from "./store.ts";
import type { FactColumns } from "./trial-columns.ts";

/** Text of each number and number of each text. */
export type Dictionary = {
  readonly words: readonly string[];
  readonly codes: ReadonlyMap<string, number>;
};

/** Every trial of a store, and the texts that its columns stand for. */
export type Facts = FactColumns & { readonly dictionary: Dictionary };

/** Rows read with one statement: a few hundredths of a second, after which something else may have its turn. */
export const portion = 10_000;

/** What is kept as the number of a text. */
const coded = ["kind", "split", ...axes] as const;

/** What a row of the store says of a trial: its key, its index into the hidden states, what is coded. */
type Row = [key: number, layerIndex: number, ...values: (string | number | null)[]];

/** Reads the trials that are not known yet, in steps; all again where some were removed or a name has changed. */
export function* refreshFacts(database: Database, known: Facts | null): Generator<void, Facts> {
  const words = known === null ? [""] : [...known.dictionary.words];
  const codes = new Map(known === null ? [["", 0]] : known.dictionary.codes);
  const codeOf = (text: string): number => {
    let code = codes.get(text);
    if (code === undefined) {
      code = words.push(text) - 1;
      codes.set(text, code);
    }
    return code;
  };
  const renamed = nameThings(database, codeOf);
  const old = known !== null && !renamed && isWhole(database, known.trials) ? known : null;
  const pages: Int32Array[][] = old === null ? [] : [columnsOf(old)];
  const read = database
    .prepare(
      `select key, ifnull(layerIndex, -1), ${coded.join(", ")} from main.trials
         where key > ? order by key limit ${portion}`,
    )
    .raw();
  const coders = codersOf(database, codeOf);
  for (let last = old?.trials.at(-1) ?? 0; ; ) {
    const rows = read.all(last) as Row[];
    const columns = encode(rows, coders);
    if (columns === null) return yield* refreshFacts(database, null); // a dataset came while we read
    pages.push(columns);
    if (rows.length < portion) return { ...joined(pages), dictionary: { words, codes } };
    last = rows.at(-1)?.[0] ?? last;
    yield;
  }
}

/**
 * Datasets and models go by name; where two share one, the start of the id tells them apart. `temp.names` holds the
 * number and the text of each id. Returns whether one goes by another name than before.
 */
function nameThings(database: Database, codeOf: (text: string) => number): boolean {
  database.exec(
    "create temp table if not exists names (id text primary key, code integer not null, label text not null)",
  );
  const known = database
    .prepare<[string], string>("select label from temp.names where id = ?")
    .pluck();
  const write = database.prepare("insert or replace into temp.names values (?, ?, ?)");
  let renamed = false;
  for (const table of ["datasets", "models"]) {
    const things = database
      .prepare<[], { id: string; label: string }>(
        `select id, case when (select count(*) from main.${table} other
           where other.name = own.name) > 1 then name || ' (' || substr(id, 1, 4) || ')' else name end
           as label from main.${table} own`,
      )
      .all();
    for (const { id, label } of things) {
      const before = known.get(id);
      renamed ||= before !== undefined && before !== label;
      write.run(id, codeOf(label), label);
    }
  }
  return renamed;
}

/** Whether all trials that were read are still there; counted in the smallest index. */
function isWhole(database: Database, trials: Int32Array): boolean {
  const count = database
    .prepare("select count(*) from main.trials indexed by trials_by_state where key <= ?")
    .pluck()
    .get(trials.at(-1) ?? 0);
  return count === trials.length;
}

/** Number of a value on one axis; null where a dataset or model has no name yet. */
type Coder = (value: string | number | null) => number | null;

/** A coder for each of `coded`; a value that was met before is not looked up as a text again. */
function codersOf(database: Database, codeOf: (text: string) => number): readonly Coder[] {
  const named = new Map(
    database.prepare("select id, code from temp.names").raw().all() as [string, number][],
  );
  return coded.map((axis): Coder => {
    if (axis === "dataset" || axis === "model") return (id) => named.get(String(id)) ?? null;
    const known = new Map<string | number | null, number>([[null, codeOf("")]]);
    return (value) => {
      const code = known.get(value) ?? codeOf(String(value));
      known.set(value, code);
      return code;
    };
  });
}

/** Rows as columns, in the order of `Row`; null where something has no name. */
function encode(rows: readonly Row[], coders: readonly Coder[]): Int32Array[] | null {
  const columns = Array.from({ length: 2 + coders.length }, () => new Int32Array(rows.length));
  const [trials, layerIndex, ...codes] = columns as [Int32Array, Int32Array, ...Int32Array[]];
  for (let at = 0; at < rows.length; at++) {
    const row = rows[at] as Row;
    trials[at] = row[0];
    layerIndex[at] = row[1];
    for (let i = 0; i < coders.length; i++) {
      const code = (coders[i] as Coder)(row[i + 2] as string | number | null);
      if (code === null) return null;
      (codes[i] as Int32Array)[at] = code;
    }
  }
  return columns;
}

function columnsOf({ trials, layerIndex, kind, split, codes }: FactColumns): Int32Array[] {
  return [trials, layerIndex, kind, split, ...axes.map((axis) => codes[axis])];
}

function joined(pages: readonly (readonly Int32Array[])[]): FactColumns {
  const whole = (column: number): Int32Array => {
    const parts = pages.map((page) => page[column] as Int32Array);
    const all = new Int32Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  };
  const codes = Object.fromEntries(axes.map((axis, i) => [axis, whole(4 + i)]));
  return {
    ...{ trials: whole(0), layerIndex: whole(1), kind: whole(2), split: whole(3) },
    codes: codes as Record<Axis, Int32Array>,
  };
}
