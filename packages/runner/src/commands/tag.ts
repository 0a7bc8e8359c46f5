/** @file `probegrid tag`: words to find experiments by. */

import { openStore, tagExperiment, untagExperiment } from "../store/index.ts";
import { defineCommand } from "./define-command.ts";
import { storeOption } from "./options.ts";

export const tagCommand = defineCommand({
  builder: (yargs) =>
    yargs
      .positional("experiment", {
        type: "string",
        demandOption: true,
        describe: "Name of a stored experiment",
      })
      .positional("tag", { type: "string", demandOption: true, describe: "One word or a few" })
      .options({
        store: storeOption,
        remove: { type: "boolean", default: false, describe: "Remove the tag" },
      })
      .example("$0 tag layers paper", "add it")
      .example("$0 tag layers paper --remove", "remove it"),
  handler: async ({ store: file, experiment, tag, remove }) => {
    using store = openStore(file, { mustExist: true });
    const changed = (remove ? untagExperiment : tagExperiment)(store, experiment, tag);
    process.stdout.write(`${experiment}: ${outcome(tag, { remove, changed })}\n`);
  },
});

function outcome(tag: string, { remove, changed }: { remove: boolean; changed: boolean }): string {
  if (remove) return changed ? `tag ${tag} removed` : `has no tag ${tag}`;
  return changed ? `tagged ${tag}` : `already has the tag ${tag}`;
}
