/** @file `probegrid data`: which data sets can be had by name, and bringing one here. */

import { formatCount } from "../format.ts";
import { pullData } from "../hub/data/pull-data.ts";
import { dataSources } from "../hub/data/sources.ts";
import { hubSettings } from "../hub/settings.ts";
import { type Column, tableLines } from "../table.ts";
import { defineCommand, defineSubcommand } from "./define-command.ts";
import { showProgress } from "./show-progress.ts";

const pullCommand = defineSubcommand({
  command: "pull <name>",
  describe: "Download a data set into data/<name>/, in one common form",
  builder: (yargs) =>
    yargs
      .positional("name", {
        type: "string",
        demandOption: true,
        describe: "A name that data list shows, or owner/name of a data set on the hub",
      })
      .options({
        into: {
          type: "string",
          default: "data",
          requiresArg: true,
          describe: "Folder of data sets",
        },
        "force-classification": {
          type: "boolean",
          default: false,
          describe: "Round scores to classes 0 and 1",
        },
        limit: { type: "number", requiresArg: true, describe: "A random sample of so many rows" },
        config: { type: "string", requiresArg: true, describe: "Part of a hub data set" },
        split: { type: "string", requiresArg: true, describe: "Its splits, with commas between" },
        text: { type: "string", requiresArg: true, describe: "Its column of texts" },
        "text-pair": { type: "string", requiresArg: true, describe: "Its column of second texts" },
        label: { type: "string", requiresArg: true, describe: "Its column of labels" },
      })
      .example("$0 data pull sst2", "then: datasets: ['data/sst2/sst2.jsonl']")
      .example("$0 data pull liar --force-classification", "as classes instead of scores")
      .example("$0 data pull fancyzhx/ag_news --split test", "any data set of the hub"),
  handler: async ({ name, into, forceClassification: force, limit, split, ...columns }) => {
    const progress = showProgress();
    const { text, textPair, label } = columns;
    const pulled = await pullData(name, {
      ...{ hub: hubSettings(), into, force, limit: limit ?? null },
      ...{ config: columns.config ?? null, splits: split?.split(",") ?? null },
      ...(text !== undefined && { text }),
      ...(textPair !== undefined && { textPair }),
      ...(label !== undefined && { label }),
      onProgress: (what, bytes, size) => progress.show(what, { bytes, size }),
    });
    progress.clear();
    const { rows, leftOut, parts, file, expectedRows, sha256 } = pulled;
    const divided = Object.entries(parts).map(([part, count]) => `${part} ${formatCount(count)}`);
    const without = leftOut === 0 ? "" : `, ${formatCount(leftOut)} left out`;
    const lines = [
      `${file}: ${formatCount(rows)} rows${divided.length > 0 ? ` (${divided.join(", ")})` : ""}${without}`,
      `sha256 ${sha256}`,
      ...(expectedRows === null
        ? []
        : [`expected ${formatCount(expectedRows)} rows: its home may have changed`]),
    ];
    process.stdout.write(`${lines.join("\n")}\n`);
  },
});

const listCommand = defineSubcommand({
  command: "list",
  describe: "Data sets that can be pulled by name",
  builder: (yargs) => yargs,
  handler: async () => {
    const rows = Object.entries(dataSources).map(([name, source]) => ({ name, ...source }));
    process.stdout.write(`${[...tableLines(columns, rows)].join("\n")}\n`);
  },
});

const columns: readonly Column<{
  readonly name: string;
  readonly title: string;
  readonly topic: string;
  readonly task: string;
  readonly rows: number | null;
  readonly home: string;
}>[] = [
  { title: "name", cell: ({ name }) => name },
  { title: "data set", cell: ({ title }) => title },
  { title: "topic", cell: ({ topic }) => topic },
  { title: "task", cell: ({ task }) => task },
  { title: "rows", right: true, cell: ({ rows }) => (rows === null ? null : formatCount(rows)) },
  { title: "home", cell: ({ home }) => home },
];

export const dataCommand = defineCommand({
  builder: (yargs) =>
    yargs
      .command(pullCommand)
      .command(listCommand)
      .demandCommand(1, "expected a command: pull, list"),
  handler: async () => {},
});
