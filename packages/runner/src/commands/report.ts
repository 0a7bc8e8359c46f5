/** @file `probegrid report`: an experiment as one HTML file, for the morning after or for somebody else. */

import { relative } from "node:path";
import { replaceFile } from "../atomic-file.ts";
import { plainText } from "../plain-text.ts";
import { printLines } from "../print.ts";
import { makeReport } from "../report/report.ts";
import { openStore } from "../store/index.ts";
import { defineCommand } from "./define-command.ts";
import { storeOption } from "./options.ts";

export const reportCommand = defineCommand({
  builder: (yargs) =>
    yargs
      .positional("experiment", {
        type: "string",
        demandOption: true,
        describe: "Name of the experiment",
      })
      .options({
        out: {
          type: "string",
          default: "report.html",
          requiresArg: true,
          describe: "File to write",
        },
        store: storeOption,
      })
      .example("$0 report demo --out demo.html", "opens in any browser, without a network"),
  handler: async ({ experiment, out, store: file }) => {
    using store = openStore(file, { readonly: true });
    replaceFile(out, makeReport(store, { experiment, now: new Date() }));
    await printLines([plainText(`report on "${experiment}" in ${relative("", out)}`)]);
  },
});
