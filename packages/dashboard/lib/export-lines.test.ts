/** @file Exports and the order of the table against SQL of the tests' own, on a store whose rows lie in no helpful order. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { afterAll, beforeAll, expect, test } from "vitest";
import { finishTrials } from "../../runner/src/store/finish.ts";
import { exampleTrial, makeExample } from "../../runner/src/store/make-example.ts";
import { claimTrials, failTrial, planTrials } from "../../runner/src/store/trials.ts";
import { csvOfFolds, csvOfTrials, foldExportOf, jsonOfTrials } from "./export-lines.ts";
import { foldPiecesOfThreads } from "./fold-threads.ts";
import { fetchKeys } from "./queries/order.ts";
import { scopeOf } from "./queries/scope.ts";
import { openStore, type Store } from "./store.ts";
import { loadView, type View } from "./view.ts";

const folder = mkdtempSync(join(tmpdir(), "probegrid-"));
const count = 2500;
let store: Store;
const scoped = (asked: Partial<View> = {}) => {
  const view = { ...loadView({}), ...asked };
  return [scopeOf(store, view, "accuracy"), view] as const;
};

beforeAll(() => {
  const file = join(folder, "store.db");
  const { store: writer, experiment, environment } = makeExample(0, file);
  const numbers = Array.from({ length: count }, (_, i) => i);
  planTrials(
    writer,
    experiment,
    numbers.map((i) =>
      exampleTrial(i % 7, {
        id: `t${(i * 7919) % count}`,
        token: ["mean", "cls", "max", null][i % 4] ?? null,
        classifier: i % 3 === 0 ? "lda" : "logistic",
        options: i % 5 === 0 ? "c=0.1" : "",
        seed: i % 11 === 0 ? null : i % 11,
      }),
    ),
  );
  const ids = numbers.map((i) => `t${(i * 7919) % count}`);
  claimTrials(writer, ids);
  failTrial(writer, ids[17] ?? "", new Error("no such layer"));
  const rest = ids.filter((_, i) => i !== 17);
  // The last trials were finished first, and then some from everywhere.
  const order = [...rest.slice(1500), ...rest.slice(0, 1500).filter((_, i) => i % 2 === 0)];
  finishTrials(
    writer,
    order.map((id, i) => ({
      ...{ id, environment, seconds: ((i * 31) % 100) / 8 },
      scores: (i % 6 === 0 ? [1] : [0, 1, 2]).flatMap((fold) => [
        { metric: "macroF1", fold, value: 1 / (3 + ((i * fold) % 50)) },
        { metric: "accuracy", fold, value: ((i * 13 + fold * 29) % 97) / 97 },
      ]),
      flags: i % 9 === 0 ? ["not converged"] : [],
    })),
  );
  writer.close();
  process.env.PROBEGRID_STORE = file;
  const opened = openStore();
  if (opened === null) throw new Error("internal: the store was not made");
  store = opened;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const textOf = (pieces: Iterable<string | Uint8Array>) =>
  Array.from(pieces, (piece) =>
    typeof piece === "string" ? piece : Buffer.from(piece).toString(),
  ).join("");

test("exports the scores of every fold that the store holds, and no others", () => {
  const rows = parse(textOf(csvOfFolds(...scoped(), ["accuracy", "macroF1"])), {
    columns: true,
  }) as Record<string, string>[];
  const exported = rows.flatMap(({ trial, metric, ...folds }) =>
    Object.entries(folds).flatMap(([name, value]) =>
      value === "" ? [] : [`${trial} ${metric} ${Number(name.slice(5)) - 1} ${Number(value)}`],
    ),
  );
  const stored = store.rows<[string, string, number, number]>(
    `select t.id, s.metric, s.fold, s.value from scores s join trials t on t.key = s.trial
       order by s.trial, s.metric, s.fold`,
  );
  expect(exported).toEqual(stored.map((row) => row.join(" ")));
});

test("writes the same with threads, in the same order, and says what stopped them", async () => {
  const [scope, view] = scoped();
  const metrics = ["accuracy", "macroF1"];
  const { heading, ...work } = foldExportOf(scope, view, metrics);
  let text = heading;
  for await (const piece of foldPiecesOfThreads(store.file, work))
    text += Buffer.from(piece).toString();
  expect(text).toBe(textOf(csvOfFolds(scope, view, metrics)));
  const first = foldPiecesOfThreads(store.file, work);
  expect((await first.next()).done).toBe(false);
  expect((await first.return(undefined)).done).toBe(true); // nobody reads on
  const nowhere = foldPiecesOfThreads(join(folder, "nowhere.db"), work);
  await expect(nowhere.next()).rejects.toThrow("nowhere.db: unable to open database file");
});

test("exports every summary to the last digit, as CSV and as JSON", () => {
  const [scope, view] = scoped({ sort: "seconds", order: "asc" });
  const metrics = ["accuracy", "macroF1"];
  const csv = parse(textOf(csvOfTrials(scope, view, metrics)), { columns: true }) as Record<
    string,
    string
  >[];
  const json = JSON.parse(textOf(jsonOfTrials(scope, view, metrics))) as {
    trial: string;
    scores: Record<string, Record<string, number | null>>;
  }[];
  expect(csv.map(({ trial }) => trial)).toEqual(json.map(({ trial }) => trial));
  expect(csv).toHaveLength(count);
  const stored = new Map(
    store
      .rows<[string, ...(number | null)[]]>(
        `select t.id || s.metric, s.mean, s.std, s.low, s.high, s.itemLow, s.itemHigh
           from summaries s join trials t on t.key = s.trial`,
      )
      .map(([name, ...values]) => [name, values]),
  );
  const names = ["mean", "std", "low", "high", "itemLow", "itemHigh"];
  const number = (text: string | undefined) => (text === "" ? null : Number(text));
  for (const [i, row] of csv.entries()) {
    for (const metric of metrics) {
      const expected = stored.get(`${row.trial}${metric}`);
      const cells = names.map((name) =>
        number(row[name === "mean" ? metric : `${metric} ${name}`]),
      );
      expect(cells).toEqual(expected ?? names.map(() => null));
      expect(json[i]?.scores[metric]).toEqual(
        expected && Object.fromEntries(names.map((name, j) => [name, expected[j]])),
      );
    }
  }
});

/** What SQLite sorts by, for every column that it knows. */
const sortedBy = {
  ...{ score: "p.mean", low: "p.low", high: "p.high", std: "p.std", folds: "p.folds" },
  ...{ layer: "t.layerIndex", layerMethod: "t.layerMethod", token: "t.token", seed: "t.seed" },
  ...{ classifier: "t.classifier", options: "nullif(t.options, '')", state: "t.state" },
  ...{ seconds: "t.seconds", flags: "t.flags", error: "t.error", trial: "t.id" },
} as const;

test.each(Object.entries(sortedBy))("sorts by %s as SQLite does", (sort, sql) => {
  for (const order of ["asc", "desc"] as const) {
    const expected = store.rows<[number]>(
      `select t.key from trials t left join summaries p on p.trial = t.key and p.metric = 'accuracy'
         order by ${sql} is null, ${sql} ${order}, t.key`,
    );
    const keys = fetchKeys(...scoped({ sort: sort as keyof typeof sortedBy, order }));
    expect([...keys]).toEqual(expected.map(([key]) => key));
  }
});

test.each([
  [{ state: "failed" }, "t.state = 'failed'"],
  [{ find: "LOGISTIC 0.1" }, "t.classifier = 'logistic' and t.options = 'c=0.1'"],
  [{ find: "100%" }, "false"],
  [
    { token: ["none", "cls"], classifier: ["lda"] },
    "ifnull(t.token, 'cls') = 'cls' and t.classifier = 'lda'",
  ],
  [
    { select: { layer: ["2", "3"], score: [0.25, 0.5] } },
    "t.layer in ('2', '3') and p.mean between 0.25 and 0.5",
  ],
  [{ experiment: ["another"] }, "false"],
] satisfies [Partial<View>, string][])("filters by %j as SQLite does", (asked, sql) => {
  const expected = store.rows<[number]>(
    `select t.key from trials t left join summaries p on p.trial = t.key and p.metric = 'accuracy'
       where ${sql} order by t.id`,
  );
  const keys = fetchKeys(...scoped({ ...asked, sort: "trial", order: "asc" }));
  expect([...keys]).toEqual(expected.map(([key]) => key));
});
