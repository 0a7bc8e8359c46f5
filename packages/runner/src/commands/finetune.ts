/** @file `probegrid finetune`: trains one classifier and leaves a checkpoint. */

import { existsSync } from "node:fs";
import { openCheckpoint } from "../checkpoint.ts";
import { loadDataset } from "../dataset.ts";
import { locatedSpec } from "../datasets/located-spec.ts";
import { resolveDevice } from "../device.ts";
import { ExperimentError } from "../errors.ts";
import { recordSingle } from "../finetune/record-single.ts";
import { reportLines } from "../finetune/report-lines.ts";
import { readSettings } from "../finetune/settings.ts";
import {
  type FinetuneResult,
  type TrainingNews,
  trainCheckpoint,
} from "../finetune/train-checkpoint.ts";
import { createTrainingLog, paceLine } from "../finetune/training-log.ts";
import { createLog } from "../log.ts";
import { interruptedExitCode, watchInterrupts } from "../run/interrupts.ts";
import { columnOptions, datasetOf } from "./data-options.ts";
import { defineCommand } from "./define-command.ts";
import { givenKnobs, knobOptions, withOptionNames } from "./knob-options.ts";
import { cacheOption, deviceOption } from "./options.ts";

export const finetuneCommand = defineCommand({
  builder: (yargs) =>
    (yargs.options(knobOptions) as typeof yargs)
      .options({
        model: {
          alias: ["base-model", "base_model"],
          type: "string",
          demandOption: true,
          requiresArg: true,
          describe: "Checkpoint folder to start from",
        },
        data: {
          type: "string",
          demandOption: true,
          requiresArg: true,
          describe:
            "Training rows: csv, tsv, json, jsonl; or a dataset as experiment files write it, as JSON",
        },
        ...columnOptions,
        validation: { type: "string", requiresArg: true, describe: "Rows that choose the epoch" },
        test: { type: "string", requiresArg: true, describe: "Rows of the final scores" },
        task: {
          choices: ["classification", "regression"] as const,
          requiresArg: true,
          describe: "What labels are; found out by itself when not given",
        },
        limit: { type: "number", requiresArg: true, describe: "At most so many rows, at random" },
        out: {
          type: "string",
          demandOption: true,
          requiresArg: true,
          describe: "Folder that becomes the checkpoint",
        },
        overwrite: {
          type: "boolean",
          default: false,
          describe: "Replace a checkpoint that is there already",
        },
        "save-every": {
          type: "number",
          requiresArg: true,
          describe: "Updates between saved states; every five minutes when not given",
        },
        store: { type: "string", requiresArg: true, describe: "Also record it in this database" },
        cache: cacheOption,
        device: deviceOption,
        json: { type: "boolean", default: false, describe: "Print the scores as JSON" },
      })
      .example(
        "$0 finetune --model models/demo-bert --data train.csv --text text --label label --out mine",
        "three epochs at most",
      )
      .example("$0 finetune ... --layers-frozen 6 --learning-rate 2e-5", "train the upper half"),
  handler: async (options) => {
    const { out, model, cache, json } = options;
    const settings = withOptionNames(() => readSettings(givenKnobs(options)));
    if (existsSync(out) && !options.overwrite) {
      throw new ExperimentError(`--out ${out}: exists already; add --overwrite to replace it`);
    }
    const data = locatedSpec(datasetOf(options));
    const dataset = await loadDataset(data);
    const checkpoint = await openCheckpoint(model, { memory: cache });
    const device = await resolveDevice(options.device);
    const save = { steps: options.saveEvery ?? null, seconds: 300 };
    const work = { checkpoint, dataset, settings, out, device, save };
    const log = createLog({ out: json ? process.stderr : process.stdout, live: process.stderr });
    const { stop, release } = watchInterrupts(() =>
      log.line("stopping: the state is saved; the same command goes on from there"),
    );

    const record =
      options.store === undefined ? null : recordSingle(options.store, { ...work, data });
    const show = createTrainingLog(log, work);
    const tell = (news: TrainingNews): void => {
      show(news);
      record?.tell(news);
    };
    try {
      const result = await trainCheckpoint(work, { tell, signal: stop.signal });
      if (result === null) {
        record?.stop(null);
        process.exitCode = interruptedExitCode;
        return;
      }
      record?.finish(result);
      for (const line of reportLines(result.evaluation)) log.line(line);
      log.line();
      log.line(paceLine(result));
      log.line(`checkpoint: ${out}`);
      if (json) process.stdout.write(`${JSON.stringify(jsonOf(out, result), null, 2)}\n`);
    } catch (error) {
      record?.stop(error);
      throw error;
    } finally {
      release();
    }
  },
});

function jsonOf(out: string, { evaluation, ...result }: FinetuneResult): object {
  const { points, kept, steps, seconds, warnings } = result;
  const { task, report } = evaluation;
  return { out, task, ...report, points, kept, steps, seconds, warnings };
}
