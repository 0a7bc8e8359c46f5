/** @file `probegrid export`: an experiment with all it consists of, as one file. */

import { statSync } from "node:fs";
import { relative } from "node:path";
import { writeBundle } from "../bundle/write-bundle.ts";
import { formatBytes, plural } from "../format.ts";
import { plainText } from "../plain-text.ts";
import { printLines } from "../print.ts";
import { openStore } from "../store/index.ts";
import { defineCommand } from "./define-command.ts";
import { storeOption } from "./options.ts";

export const exportCommand = defineCommand({
  builder: (yargs) =>
    yargs
      .positional("experiment", {
        type: "string",
        demandOption: true,
        describe: "Name of the experiment",
      })
      .options({
        out: { type: "string", demandOption: true, requiresArg: true, describe: "File to write" },
        store: storeOption,
      })
      .example(
        "$0 export demo --out demo.probegrid",
        "share it; probegrid import demo.probegrid reads it",
      ),
  handler: async ({ experiment, out: file, store: path }) => {
    using store = openStore(path, { readonly: true });
    const { trials, rows } = await writeBundle(store, { experiment, file });
    const size = formatBytes(statSync(file).size);
    const what = `experiment "${experiment}": ${plural(trials, "trial")}, ${plural(rows, "row")}, ${size}`;
    await printLines([
      plainText(what),
      `in ${relative("", file)}; probegrid import ${relative("", file)} brings it into another store`,
    ]);
  },
});
