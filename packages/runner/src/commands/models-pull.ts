/** @file `probegrid models pull`: a model of the hub into the cache that Python shares. */

import { formatBytes, plural } from "../format.ts";
import { pullModel } from "../hub/pull-model.ts";
import { hubSettings } from "../hub/settings.ts";
import { defineSubcommand } from "./define-command.ts";
import { showProgress } from "./show-progress.ts";

export const modelsPullCommand = defineSubcommand({
  command: "pull <model>",
  describe: "Download a model into the hub's cache; what is there is not fetched again",
  builder: (yargs) =>
    yargs
      .positional("model", {
        type: "string",
        demandOption: true,
        describe: "Name on the hub, with @ a branch, tag or commit",
      })
      .example("$0 models pull bert-base-uncased", "then: models: ['bert-base-uncased']")
      .example("$0 models pull EleutherAI/pythia-70m@step3000", "one revision of it"),
  handler: async ({ model }) => {
    const hub = hubSettings();
    const progress = showProgress();
    const { name, commit, path, files } = await pullModel(hub, model, (file, bytes) =>
      progress.show(file.path, { bytes, size: file.size }),
    );
    progress.clear();
    const bytes = files.reduce((sum, { size }) => sum + size, 0);
    const what = hub.offline ? "cached" : `${plural(files.length, "file")}, ${formatBytes(bytes)}`;
    process.stdout.write(`${name} at ${commit}: ${what}\n${path}\n`);
  },
});
