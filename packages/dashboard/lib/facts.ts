/**
 * @file A compact copy of what charts group by, in SQLite's own memory: grouping whole numbers is
 * several times faster than grouping texts, and 100,000 trials stay under 20 MB.
 *
 * `words` numbers every text, `axes` holds a row of numbers per trial, `points_<n>` the summaries of
 * one metric. All grow by what the store has gained since; the store itself is never written.
 */

import { axes } from "./axes.ts";
import { boundsOf } from "./metrics.ts";
import type { Database } from "./store.ts";

/** Trials copied at a time: a few hundredths of a second, after which something else may have its turn. */
const portion = 10_000;

/** Brings the copy up to date, in steps; called whenever the store has changed. A copy left half done is gone on with. */
export function* refreshFacts(database: Database): Generator<void> {
  createTables(database);
  const known = number(database, "select count(*) from temp.axes");
  const upTo = number(database, "select ifnull(max(trial), 0) from temp.axes");
  const below = number(database, "select count(*) from main.trials where key <= ?", upTo);
  if (known !== below) clear(database); // trials were removed, so row numbers may be used again
  const last = known === below ? upTo : 0;
  if (last < number(database, "select ifnull(max(key), 0) from main.trials")) {
    nameThings(database);
    const renamed = number(
      database,
      `select count(*) from temp.axes where dataset not in (select code from temp.names)
         or model not in (select code from temp.names)`,
    );
    if (renamed > 0) database.exec("delete from temp.axes");
    for (let from: number | null = renamed > 0 ? 0 : last; from !== null; ) {
      from = addTrials(database, from);
      yield;
    }
  }
}

/** Copies the summaries of a metric in steps, where there is no copy yet; what `pointsTable` would do at once. */
export function* copyPoints(database: Database, metric: string): Generator<void> {
  const table = emptyPoints(database, metric);
  if (number(database, `select count(*) from temp.${table}`) > 0) return;
  for (let from: number | null = 0; from !== null; ) {
    const upTo: number | null = endOfPortion(database, from);
    addPoints(database, { table, metric }, `and trial > ${from} and trial <= ${upTo ?? 0}`);
    from = upTo;
    yield;
  }
}

/** Makes sure the summaries of a metric are in memory and up to date; returns the table's name. */
export function pointsTable(database: Database, metric: string): string {
  const table = emptyPoints(database, metric);
  const stored = number(
    database,
    "select count(*) from main.summaries indexed by summaries_by_metric where metric = ?",
    metric,
  );
  const held = number(database, `select count(*) from temp.${table}`);
  if (stored === held) return table;
  addPoints(database, { table, metric }, `and trial not in (select trial from temp.${table})`);
  if (number(database, `select count(*) from temp.${table}`) !== stored) {
    database.exec(`delete from temp.${table}`);
    return pointsTable(database, metric);
  }
  return table;
}

function emptyPoints(database: Database, metric: string): string {
  const table = `points_${wordCode(database, `metric ${metric}`)}`;
  database.exec(`create temp table if not exists ${table} (
    trial integer primary key, folds integer, mean real, std real, low real, high real,
    itemLow real, itemHigh real)`);
  return table;
}

type Points = { readonly table: string; readonly metric: string };

function addPoints(database: Database, { table, metric }: Points, condition: string): void {
  const [least, most] = boundsOf(metric);
  // Intervals may leave what the metric can be; nobody should see an accuracy above 1.
  const within = (bound: string) =>
    `max(${least ?? bound}, min(${most ?? bound}, ${bound})) as ${bound}`;
  database
    .prepare(
      `insert or replace into temp.${table} select trial, folds, mean, std,
         ${["low", "high", "itemLow", "itemHigh"].map(within).join(", ")}
         from main.summaries where metric = ? ${condition} order by trial`,
    )
    .run(metric);
}

/** Text of each number and number of each text. */
export type Dictionary = {
  readonly words: readonly string[];
  readonly codes: ReadonlyMap<string, number>;
};

/** Every text that stands in the tables above. */
export function readWords(database: Database): Dictionary {
  const words: string[] = [];
  const codes = new Map<string, number>();
  const rows = database.prepare("select code, text from temp.words").all();
  for (const { code, text } of rows as { code: number; text: string }[]) {
    words[code] = text;
    codes.set(text, code);
  }
  return { words, codes };
}

function createTables(database: Database): void {
  database.exec(`
    create temp table if not exists words (code integer primary key, text text not null unique);
    create temp table if not exists names (id text primary key, code integer not null);
    create temp table if not exists axes (trial integer primary key, layerIndex integer,
      ${axes.map((axis) => `${axis} integer not null`).join(", ")});
    create index if not exists temp.layer0
      on axes (dataset, model, token, classifier, options, seed) where layerIndex = 0`);
}

function clear(database: Database): void {
  const tables = database
    .prepare("select name from sqlite_temp_schema where name like 'points_%' and type = 'table'")
    .pluck()
    .all() as string[];
  for (const table of ["axes", "names", ...tables]) database.exec(`delete from temp.${table}`);
}

/** Datasets and models go by name; where two share one, the start of the id tells them apart. */
function nameThings(database: Database): void {
  for (const table of ["datasets", "models"]) {
    const named = `select id, case when (select count(*) from main.${table} other
      where other.name = own.name) > 1 then name || ' (' || substr(id, 1, 4) || ')' else name end
      as label from main.${table} own`;
    database.exec(`
      insert or ignore into temp.words (text) select label from (${named});
      insert or replace into temp.names
        select id, code from (${named}) join temp.words on text = label`);
  }
}

/** The last trial of a portion that begins after a trial; null where none is left. */
function endOfPortion(database: Database, after: number): number | null {
  return database
    .prepare(
      "select max(key) from (select key from main.trials where key > ? order by key limit ?)",
    )
    .pluck()
    .get(after, portion) as number | null;
}

/** Adds a portion of trials and returns its last one; null when there was none. */
function addTrials(database: Database, last: number): number | null {
  const end = endOfPortion(database, last);
  if (end === null) return null;
  const texts = {
    layer: "ifnull(layer, '')",
    layerMethod: "ifnull(layerMethod, '')",
    token: "ifnull(token, '')",
    classifier: "classifier",
    options: "options",
    seed: "ifnull(cast(seed as text), '')",
  };
  for (const text of Object.values(texts)) {
    database
      .prepare(
        `insert or ignore into temp.words (text) select distinct ${text} from main.trials
           where key > ? and key <= ?`,
      )
      .run(last, end);
  }
  const code = (text: string) => `(select code from temp.words where text = ${text})`;
  database
    .prepare(
      `insert into temp.axes (trial, layerIndex, dataset, model, ${Object.keys(texts).join(", ")})
       select key, layerIndex,
         (select code from temp.names where id = dataset),
         (select code from temp.names where id = model),
         ${Object.values(texts).map(code).join(", ")}
       from main.trials where key > ? and key <= ?`,
    )
    .run(last, end);
  return end;
}

function wordCode(database: Database, text: string): number {
  database.prepare("insert or ignore into temp.words (text) values (?)").run(text);
  return number(database, "select code from temp.words where text = ?", text);
}

function number(database: Database, sql: string, ...values: unknown[]): number {
  return (
    (database
      .prepare(sql)
      .pluck()
      .get(...values) as number) ?? 0
  );
}
