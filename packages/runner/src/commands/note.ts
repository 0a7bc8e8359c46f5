/** @file `probegrid note`: what a person wants to remember of an experiment. */

import { noteExperiment, openStore } from "../store/index.ts";
import { defineCommand } from "./define-command.ts";
import { storeOption } from "./options.ts";

export const noteCommand = defineCommand({
  builder: (yargs) =>
    yargs
      .positional("experiment", {
        type: "string",
        demandOption: true,
        describe: "Name of a stored experiment",
      })
      .positional("text", { type: "string", demandOption: true, describe: "The note" })
      .option("store", storeOption)
      .example(
        '$0 note layers "peaks early; check with more data"',
        "shown in status and dashboard",
      )
      .example('$0 note layers ""', "remove it"),
  handler: async ({ store: file, experiment, text }) => {
    using store = openStore(file, { mustExist: true });
    noteExperiment(store, experiment, text);
    const done = text.trim() === "" ? "note removed" : "noted";
    process.stdout.write(`${experiment}: ${done}\n`);
  },
});
