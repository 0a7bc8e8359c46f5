/** @file Scores of every fold of many trials at once: where each one stands in a long text of numbers. */

import { listOf, placeOf } from "../row-numbers.ts";
import type { Database } from "../store.ts";

/** Scores of some trials. */
export type FoldScores = {
  /** Row numbers of the trials, ascending. */
  readonly keys: Int32Array;
  readonly metrics: readonly string[];
  /** Columns of folds. */
  readonly folds: number;
  /** Which of `values` is the score of trial k, metric m and fold f, at (k · metrics + m) · folds + f; -1 where there is none. */
  readonly places: Int32Array;
  /** A JSON array of numbers, in as many digits as bring back the same number. */
  readonly values: Uint8Array;
};

/** Places in a part, about. */
const mostPlaces = 100_000;

/** All scores of some trials whose row numbers ascend, whole trials at a time. */
export function* readFoldScores(
  database: Database,
  { keys, folds, metrics: known }: Pick<FoldScores, "keys" | "folds" | "metrics">,
): Generator<FoldScores> {
  let metrics = known.toSorted();
  let read = reader(database, { metrics, folds });
  for (let at = 0; at < keys.length; ) {
    const step = Math.max(1, Math.floor(mostPlaces / Math.max(1, metrics.length * folds)));
    const part = keys.subarray(at, at + step);
    const found = read(part);
    if (found === null) {
      // A metric without summaries, which no writer leaves behind.
      metrics = database
        .prepare<[], string>("select distinct metric from main.scores order by 1")
        .pluck()
        .all();
      read = reader(database, { metrics, folds });
    } else {
      yield { keys: part, metrics, folds, ...found };
      at += step;
    }
  }
}

type Shape = Pick<FoldScores, "metrics" | "folds">;
type Found = Pick<FoldScores, "places" | "values">;

/** Reads parts of one export: the scores of some trials, or null where one is of a metric that is not in the shape. */
function reader(database: Database, { metrics, folds }: Shape): (keys: Int32Array) => Found | null {
  const { count, lying, chosen } = prepare(database);
  // Trials of a grid have the same metrics and folds in the same order, so most parts begin as the last one did.
  const metricsOf = repeating((json) =>
    Int32Array.from(JSON.parse(Buffer.from(json).toString()) as string[], (name) =>
      metrics.indexOf(name),
    ),
  );
  const foldsOf = repeating(wholeNumbers);
  const placed = (keys: Int32Array, [trial, metric, fold, values]: Rows) => {
    const trials = wholeNumbers(trial);
    const [ofMetric, ofFold] = [metricsOf(metric, trials.length), foldsOf(fold, trials.length)];
    const places = new Int32Array(keys.length * metrics.length * folds).fill(-1);
    let rows = 0;
    let known = true;
    let [own, base] = [-1, -1];
    for (let row = 0; row < trials.length; row++) {
      if (trials[row] !== own) {
        own = trials[row] as number;
        base = placeOf(keys, own) * metrics.length;
      }
      if (base < 0) continue; // a trial that nobody asked for
      const [m, f] = [ofMetric[row] as number, ofFold[row] as number];
      if (m < 0) known = false;
      if (f >= folds) throw new Error(`internal: expected ${folds} folds, got fold ${f}`);
      places[(base + m) * folds + f] = row;
      rows++;
    }
    return { known, rows, found: { places, values } };
  };
  return (keys) => {
    const expected = count(keys);
    // A trial is written at once, so rows of neighbours lie together, and reading them as they lie is fastest.
    const near = lying(keys, expected);
    const first = near && placed(keys, near);
    const { known, found } = first?.rows === expected ? first : placed(keys, chosen(keys));
    return known ? found : null;
  };
}

/** Of some rows, as JSON arrays. */
type Rows = readonly [trial: Uint8Array, metric: Uint8Array, fold: Uint8Array, values: Uint8Array];

function prepare(database: Database) {
  const number = (sql: string) => database.prepare<unknown[], number | null>(sql).pluck();
  const listed = "trial in (select value from json_each(?))";
  const between = number("select sum(folds) from main.summaries where trial between ? and ?");
  const among = number(`select sum(folds) from main.summaries where ${listed}`);
  const first = number("select min(rowid) from main.scores where trial = ?");
  const last = number("select max(rowid) from main.scores where trial = ?");
  // Numbers leave SQLite as text: one long text costs a fraction of a million small rows.
  const columns = ["trial", "metric", "fold", "value"]
    .map((name) => `cast(json_group_array(${name}) as blob)`)
    .join(", ");
  const rows = (where: string) =>
    database.prepare(`select ${columns} from main.scores ${where}`).raw();
  const within = rows("not indexed where rowid between ? and ?");
  const chosen = rows(`where ${listed}`);
  return {
    /** How many scores the trials have, by their summaries: counting them takes as long as reading them. */
    count: (keys: Int32Array): number => {
      const [from, to] = [keys[0] ?? 0, keys.at(-1) ?? 0];
      const whole = to - from + 1 === keys.length;
      return (whole ? between.get(from, to) : among.get(listOf(keys))) ?? 0;
    },
    /** What lies between the scores of the first and of the last trial; null where that is far more than was asked for. */
    lying: (keys: Int32Array, expected: number): Rows | null => {
      const start = keys.find((key) => first.get(key) !== null);
      const end = keys.findLast((key) => last.get(key) !== null);
      if (start === undefined || end === undefined) return null;
      const [from, to] = [first.get(start) ?? 0, last.get(end) ?? 0];
      return to < from || to - from >= 2 * expected ? null : (within.get(from, to) as Rows);
    },
    chosen: (keys: Int32Array): Rows => chosen.get(listOf(keys)) as Rows,
  };
}

const [comma, bracket, digit0] = [44, 93, 48] as const;

/** The numbers of a JSON array of whole numbers from 0. */
function wholeNumbers(json: Uint8Array): Int32Array {
  const numbers = new Int32Array(json.length >> 1);
  let [count, number] = [0, 0];
  if (json.length === 2) return numbers.subarray(0, 0);
  for (let i = 1; i < json.length; i++) {
    const byte = json[i] as number;
    if (byte === comma || byte === bracket) {
      numbers[count++] = number;
      number = 0;
    } else {
      number = number * 10 + byte - digit0;
    }
  }
  return numbers.subarray(0, count);
}

type Parse = (json: Uint8Array, count: number) => Int32Array;

/** Reads JSON arrays of so many values, most of which are how the longest one so far began. */
function repeating(parse: (json: Uint8Array) => Int32Array): Parse {
  let known: Uint8Array = new Uint8Array();
  let numbers: Int32Array = new Int32Array();
  return (json, count) => {
    const inner = json.length - 1; // without the bracket at its end
    const next = known[inner];
    const same =
      (next === comma || next === bracket) &&
      Buffer.compare(known.subarray(0, inner), json.subarray(0, inner)) === 0;
    if (same) return numbers.subarray(0, count);
    const fresh = parse(json);
    if (json.length > known.length) [known, numbers] = [json, fresh];
    return fresh;
  };
}

/** Ids of some trials by their keys. */
export function fetchIds(database: Database, keys: Int32Array): ReadonlyMap<number, string> {
  const rows = database
    .prepare("select t.key, t.id from json_each(?) k cross join main.trials t on t.key = k.value")
    .raw()
    .all(listOf(keys)) as [number, string][];
  return new Map(rows);
}
