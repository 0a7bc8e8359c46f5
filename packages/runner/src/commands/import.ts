/** @file `probegrid import`: published probing results, or what `probegrid export` wrote, into the store. */

import { basename, resolve } from "node:path";
import { importBundle } from "../bundle/import-bundle.ts";
import { isBundle } from "../bundle/read-bundle.ts";
import { formatCount, plural } from "../format.ts";
import { type ImportSummary, importResults } from "../import/import-results.ts";
import { plainText } from "../plain-text.ts";
import { openStore } from "../store/index.ts";
import { type Column, tableLines } from "../table.ts";
import { defineCommand } from "./define-command.ts";
import { storeOption } from "./options.ts";

export const importCommand = defineCommand({
  builder: (yargs) =>
    yargs
      .positional("results", {
        type: "string",
        demandOption: true,
        describe:
          "What export wrote; or a .json file of EleutherAI's probing pipeline, single or bundled, or a folder",
      })
      .options({
        store: storeOption,
        experiment: {
          type: "string",
          requiresArg: true,
          describe: "Name of the experiment; that of the file or folder when not given",
        },
      })
      .example("$0 import demo.probegrid", "an experiment from another store")
      .example("$0 import experiment_logs3", "every experiment_<n>.json of a folder")
      .example("$0 import experiments1.json --experiment ethics", "a bundle, under its own name"),
  handler: async ({ results, store: file, experiment }) => {
    const begun = performance.now();
    using store = openStore(file, { runner: true });
    if (isBundle(results)) {
      const found = await importBundle(store, { file: results, experiment });
      const trials = `${plural(found.added, "trial")} new, ${formatCount(found.known)} known`;
      process.stdout.write(
        `${plainText(`experiment "${found.experiment}" in ${file}: ${trials}`)}\n`,
      );
      return;
    }
    const name = experiment ?? basename(resolve(results)).replace(/\.json$/i, "");
    const summary = importResults(store, results, { experiment: name });
    const seconds = (performance.now() - begun) / 1000;
    process.stdout.write(`${[...summaryLines(summary, { file, seconds })].join("\n")}\n`);
    if (summary.damaged.length > 0) process.exitCode = 1;
  },
});

function* summaryLines(
  summary: ImportSummary,
  { file, seconds }: { file: string; seconds: number },
): Generator<string> {
  const { experiment, files, trials, added, repeated, scores, losses } = summary;
  const known = trials - added;
  yield `experiment "${experiment}" in ${file}: ${plural(trials, "trial")} from ${plural(files, "file")} in ${seconds.toFixed(1)} s`;
  yield `new ${formatCount(added)}, known ${formatCount(known)}, repeated in the files ${formatCount(repeated)}`;
  yield `${plural(scores, "fold score")}, ${formatCount(losses)} losses, models ${summary.models.join(", ")}`;
  yield "";
  yield* tableLines(datasetColumns, summary.datasets);
  if (summary.datasets.some(({ testRows }) => testRows.length > 0)) {
    yield "";
    yield "rows tested are told from the accuracies; five times as many rows were used";
  }
  if (summary.damaged.length === 0) return;
  yield* ["", `left out, ${formatCount(summary.damaged.length)} damaged:`];
  for (const { where, reason } of summary.damaged) yield `  ${where}: ${reason}`;
}

const datasetColumns: readonly Column<ImportSummary["datasets"][number]>[] = [
  { title: "dataset", cell: ({ name }) => name },
  { title: "task", cell: ({ task }) => task },
  { title: "trials", right: true, cell: ({ trials }) => formatCount(trials) },
  {
    title: "rows claimed",
    right: true,
    cell: ({ claimedRows }) => (claimedRows === null ? null : formatCount(claimedRows)),
  },
  {
    title: "rows tested (trials)",
    cell: ({ testRows }) =>
      testRows.map(({ rows, trials }) => `${formatCount(rows)} (${trials})`).join(", ") || null,
  },
];
