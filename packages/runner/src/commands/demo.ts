/** @file `probegrid demo`: runs the experiment that ships with the project. */

import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { DeviceChoice } from "../device-choices.ts";
import { defineCommand } from "./define-command.ts";
import {
  cacheOption,
  deviceOption,
  failFastOption,
  setOption,
  storeOption,
  workersOption,
} from "./options.ts";
import { runFile } from "./run.ts";

export const demoCommand = defineCommand({
  builder: (yargs) =>
    yargs
      .options({
        store: storeOption,
        cache: cacheOption,
        device: { ...deviceOption, default: "cpu" as DeviceChoice }, // the model is too small to be worth a GPU
        workers: workersOption,
        set: setOption,
        "fail-fast": failFastOption,
      })
      .example("$0 demo", "see a whole grid run"),
  handler: async (options) => {
    const root = resolve(dirname(fileURLToPath(import.meta.url)), "../../../..");
    await runFile({ ...options, experiment: resolve(root, "experiments", "demo.ts") });
  },
});
