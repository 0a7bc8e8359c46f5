/** @file `probegrid results`: every score, as a table, JSON or CSV. */

import { csvLine } from "../csv.ts";
import { plural } from "../format.ts";
import { printLines } from "../print.ts";
import {
  type CommonPoint,
  type FoldRow,
  openStore,
  type ResultPoint,
  type ResultRow,
  readCommonPoint,
  readExperiments,
  readFoldResults,
  readResults,
  type Store,
} from "../store/index.ts";
import { type Column, tableLines } from "../table.ts";
import { defineCommand } from "./define-command.ts";
import { storeOption } from "./options.ts";

const formats = ["table", "json", "csv"] as const;
type Format = (typeof formats)[number];
type Row = ResultRow | FoldRow;

export const resultsCommand = defineCommand({
  builder: (yargs) =>
    yargs
      .options({
        store: storeOption,
        experiment: { type: "string", requiresArg: true, describe: "Only this experiment" },
        format: {
          choices: formats,
          default: "table" as const,
          describe: "How to print",
          requiresArg: true,
        },
        by: {
          choices: ["trial", "fold"] as const,
          default: "trial" as const,
          describe: "One row per trial and metric, or per fold as well",
          requiresArg: true,
        },
      })
      .example("$0 results --experiment layers", "read the scores of one experiment")
      .example("$0 results --format csv --by fold > scores.csv", "all of them, for a spreadsheet")
      .example("$0 results --format json | jq '.[].mean'", "for a script"),
  handler: async ({ store: file, experiment, format, by }) => {
    using store = openStore(file, { readonly: true });
    const rows =
      by === "fold" ? readFoldResults(store, experiment) : readResults(store, experiment);
    const common = format === "table" ? readCommonPoint(store, experiment) : {};
    await printLines(lines[format](rows, { by, common }));
    if (format === "table") await printLines(restLines(store, experiment));
  },
});

type Options = { readonly by: "trial" | "fold"; readonly common: CommonPoint };

const lines: Readonly<Record<Format, (rows: Iterable<Row>, options: Options) => Iterable<string>>> =
  {
    table: tableOf,
    json: jsonLines,
    csv: csvLines,
  };

/** A JSON array with one row a line. */
function* jsonLines(rows: Iterable<Row>): Generator<string> {
  let last: string | undefined;
  yield "[";
  for (const row of rows) {
    if (last !== undefined) yield `${last},`;
    last = JSON.stringify(row);
  }
  if (last !== undefined) yield last;
  yield "]";
}

const pointNames = [
  ...(["trial", "experiment", "kind", "dataset", "model", "layer"] as const),
  ...(["layerMethod", "token", "classifier", "seed", "metric"] as const),
] as const satisfies readonly (keyof ResultPoint)[];
const summaryNames = [
  ...(["folds", "mean", "std", "low", "high"] as const),
  ...(["itemScore", "itemLow", "itemHigh", "gainOverLayer0"] as const),
] as const satisfies readonly (keyof ResultRow)[];

function* csvLines(rows: Iterable<Row>, { by }: Options): Generator<string> {
  yield csvLine([
    ...pointNames,
    ...(by === "fold" ? ["fold", "value"] : [...summaryNames, "baselines", "values", "flags"]),
  ]);
  for (const row of rows) {
    const point = pointNames.map((name) => row[name]);
    if ("fold" in row) yield csvLine([...point, row.fold, row.value]);
    else {
      const summary = summaryNames.map((name) => row[name]);
      const rest = baselinesOf(row);
      yield csvLine([...point, ...summary, rest, row.values.join(" "), row.flags.join("; ")]);
    }
  }
}

const titles = {
  ...{ experiment: "experiment", kind: "kind", dataset: "dataset", model: "model" },
  ...{ layerMethod: "layer method", token: "token", classifier: "classifier", seed: "seed" },
} as const satisfies Record<keyof CommonPoint, string>;

/** What all rows share is said once above the table. */
function* tableOf(rows: Iterable<Row>, { by, common }: Options): Generator<string> {
  const column = (name: keyof CommonPoint): Column<Row>[] =>
    name in common ? [] : [{ title: titles[name], cell: (row) => row[name]?.toString() ?? null }];
  const shared = Object.entries(titles).flatMap(([name, title]) => {
    const value = common[name as keyof CommonPoint];
    return value === undefined || value === "" ? [] : [`${title} ${value}`];
  });
  const columns: readonly Column<Row>[] = [
    ...["experiment" as const, "kind" as const, "dataset" as const, "model" as const].flatMap(
      column,
    ),
    { title: "layer", right: true, cell: ({ layer }) => (layer === null ? null : String(layer)) },
    ...["layerMethod" as const, "token" as const, "classifier" as const, "seed" as const].flatMap(
      column,
    ),
    { title: "metric", cell: ({ metric }) => metric },
    ...(by === "fold" ? foldColumns : summaryColumns),
    { title: "trial", cell: ({ trial }) => trial },
    ...(by === "fold" ? [] : [flagColumn]),
  ];
  let first = true;
  for (const line of tableLines(columns, rows)) {
    if (first && shared.length > 0) yield* [`${shared.join(", ")}`, ""];
    first = false;
    yield line;
  }
}

const foldColumns: readonly Column<Row>[] = [
  { title: "fold", right: true, cell: (row) => ("fold" in row ? String(row.fold) : null) },
  { title: "value", right: true, cell: (row) => ("fold" in row ? decimals(row.value) : null) },
];

const summaryColumns: readonly Column<Row>[] = [
  { title: "folds", right: true, cell: (row) => ("folds" in row ? String(row.folds) : null) },
  { title: "mean", right: true, cell: (row) => ("mean" in row ? decimals(row.mean) : null) },
  { title: "std", right: true, cell: (row) => ("std" in row ? decimals(row.std) : null) },
  { title: "95 % over folds", cell: (row) => ("low" in row ? interval(row.low, row.high) : null) },
  {
    title: "95 % over items",
    cell: (row) => ("low" in row ? interval(row.itemLow, row.itemHigh) : null),
  },
  {
    title: "gain over layer 0",
    right: true,
    cell: (row) => ("gainOverLayer0" in row ? decimals(row.gainOverLayer0) : null),
  },
  { title: "baselines", cell: (row) => ("baselines" in row ? baselinesOf(row) : null) },
];

/** Remarks of the trial, at the end of the row; empty when there are none. */
const flagColumn: Column<Row> = {
  title: "flags",
  cell: (row) => ("flags" in row ? row.flags.join("; ") : ""),
};

/** "majority 0.5000, bag of words 0.8125". */
function baselinesOf({ baselines }: Pick<ResultRow, "baselines">): string {
  return Object.entries(baselines)
    .map(([name, mean]) => `${name} ${decimals(mean)}`)
    .join(", ");
}

function interval(low: number | null, high: number | null): string | null {
  return low === null || high === null ? null : `${decimals(low)} to ${decimals(high)}`;
}

/** Four decimals, or four digits where that says nothing. */
function decimals(value: number | null): string | null {
  if (value === null) return null;
  return value !== 0 && Math.abs(value) < 0.001 ? value.toPrecision(3) : value.toFixed(4);
}

/** Trials that have no scores are counted, so that nobody takes the table for the whole grid. */
function* restLines(store: Store, experiment: string | undefined): Generator<string> {
  const chosen = readExperiments(store).filter(
    ({ name }) => experiment === undefined || name === experiment,
  );
  const sum = (state: "done" | "failed" | "pending" | "running"): number =>
    chosen.reduce((total, { counts }) => total + counts[state], 0);
  const open = sum("pending") + sum("running");
  const rest = [
    ...(sum("failed") > 0 ? [`${plural(sum("failed"), "trial")} failed`] : []),
    ...(open > 0 ? [`${plural(open, "trial")} still to do`] : []),
  ];
  if (sum("done") === 0) yield `no results yet in ${store.file}`;
  if (rest.length > 0)
    yield* ["", `without scores: ${rest.join(", ")} (probegrid status says more)`];
}
