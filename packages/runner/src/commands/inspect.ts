/** @file `probegrid inspect`: fine-tunes a classifier and shows which words it decides by. */

import { availableParallelism } from "node:os";
import { chooseModel, knowsClasses } from "../attribute/inspect/choose-model.ts";
import { type Inspection, inspect } from "../attribute/inspect/inspect.ts";
import { checkOut, writeReport } from "../attribute/inspect/write-report.ts";
import { readWritten } from "../attribute/methods.ts";
import { openCheckpoint } from "../checkpoint.ts";
import { recordedCommand } from "../command-line.ts";
import { loadDataset } from "../dataset.ts";
import { locatedSpec } from "../datasets/located-spec.ts";
import { resolveDevice } from "../device.ts";
import type { DeviceChoice } from "../device-choices.ts";
import { ExperimentError } from "../errors.ts";
import { recordSingle, type SingleRecord } from "../finetune/record-single.ts";
import { reportLines } from "../finetune/report-lines.ts";
import { readSettings } from "../finetune/settings.ts";
import { createTrainingLog } from "../finetune/training-log.ts";
import { formatDuration, plural } from "../format.ts";
import { createLog } from "../log.ts";
import { shortText } from "../plain-text.ts";
import { interruptedExitCode, watchInterrupts } from "../run/interrupts.ts";
import { createProcessExecutor } from "../supervisor/process-executor.ts";
import { columnOptions, datasetOf } from "./data-options.ts";
import { defineCommand } from "./define-command.ts";
import { givenKnobs, knobOptions, withOptionNames } from "./knob-options.ts";
import { cacheOption, workersOption } from "./options.ts";

export const inspectCommand = defineCommand({
  builder: (yargs) =>
    (yargs.options(knobOptions) as typeof yargs)
      .options({
        model: {
          alias: ["base-model", "base_model"],
          type: "string",
          demandOption: true,
          requiresArg: true,
          describe: "Checkpoint; it is fine-tuned unless its head has the data's classes",
        },
        data: {
          type: "string",
          demandOption: true,
          requiresArg: true,
          describe: "Labelled texts: csv, tsv, json, jsonl",
        },
        ...columnOptions,
        limit: { type: "number", requiresArg: true, describe: "At most so many rows, at random" },
        out: {
          type: "string",
          demandOption: true,
          requiresArg: true,
          describe: "Folder of positive.json, negative.json and clouds/",
        },
        overwrite: { type: "boolean", default: false, describe: "Replace an earlier report" },
        retrain: {
          type: "boolean",
          default: false,
          describe: "Fine-tune even a checkpoint that knows the classes",
        },
        method: {
          type: "string",
          default: "integrated-gradients",
          requiresArg: true,
          describe: "Attribution method",
        },
        "num-steps": {
          alias: "num_steps",
          type: "number",
          requiresArg: true,
          describe: "Steps of integrated gradients to begin with; 50 when not given",
        },
        "internal-batch": {
          alias: "internal_batch",
          type: "number",
          requiresArg: true,
          describe: "Steps computed together; as many as fit when not given",
        },
        "attention-layer-id": {
          alias: "attention_layer_id",
          type: "number",
          default: 0,
          requiresArg: true,
          describe: "Layer whose attention makes the clouds; 0 is the lowest",
        },
        "subword-tokens": {
          alias: "subword_tokens",
          type: "boolean",
          default: false,
          describe: "Keep the pieces of words apart",
        },
        by: {
          choices: ["true", "predicted"] as const,
          default: "true" as "true" | "predicted",
          describe: "Whose texts a class has: those labelled so, or those predicted so",
        },
        "min-count": {
          type: "number",
          default: 5,
          requiresArg: true,
          describe: "Scores that a listed mean needs",
        },
        top: { type: "number", default: 30, requiresArg: true, describe: "Words listed per class" },
        keywords: {
          type: "number",
          default: 10,
          requiresArg: true,
          describe: "Words of each list that get a cloud",
        },
        "cloud-words": {
          type: "number",
          default: 40,
          requiresArg: true,
          describe: "Words in a cloud",
        },
        store: {
          type: "string",
          requiresArg: true,
          describe: "Also record the training and the attributions here",
        },
        cache: cacheOption,
        workers: workersOption,
        device: {
          alias: ["device-name", "device_name"],
          type: "string",
          default: "auto",
          requiresArg: true,
          describe: "Where models run: auto, cpu, webgpu, cuda (or cuda:0)",
        },
      })
      .example(
        "$0 inspect --model models/demo-bert --data train.csv --text text --label label --out report",
        "",
      ),
  handler: async (options) => {
    const begun = performance.now();
    const { out, cache } = options;
    checkOut(out, options.overwrite);
    const { numSteps } = options;
    const steps = numSteps === undefined ? {} : { steps: whole("num-steps", numSteps, 1) };
    const batch = options.internalBatch;
    const internal =
      batch === undefined ? {} : { internalBatch: whole("internal-batch", batch, 1) };
    const named = readWritten(options.method);
    const method =
      named.name === "integrated-gradients" ? { ...named, ...steps, ...internal } : named;
    const training = withOptionNames(() => readSettings(givenKnobs(options)));
    const settings = {
      ...{ method, by: options.by, pieces: options.subwordTokens, seed: 0 },
      attentionLayer: whole(
        "attention-layer-id",
        options.attentionLayerId,
        Number.MIN_SAFE_INTEGER,
      ),
      minCount: whole("min-count", options.minCount, 1),
      top: whole("top", options.top, 1),
      keywords: whole("keywords", options.keywords, 0),
      cloudWords: whole("cloud-words", options.cloudWords, 1),
      truncation: training.truncation,
      maxTokens: training.maxTokens,
    };
    const data = locatedSpec({ ...datasetOf(options), task: "classification" });
    const dataset = await loadDataset(data);
    const base = await openCheckpoint(options.model, { memory: cache });
    const device = await resolveDevice(deviceOf(options.device));
    const log = createLog({ out: process.stdout, live: process.stderr });
    const { stop, release } = watchInterrupts(() =>
      log.line("stopping: the state is saved; the same command goes on from there"),
    );
    let record: SingleRecord | null = null;
    let tell: ReturnType<typeof createTrainingLog> | null = null;
    try {
      const checkpoint = await chooseModel(
        { checkpoint: base, dataset, settings: training, device, cache, retrain: options.retrain },
        {
          begin: (work) => {
            if (options.store !== undefined)
              record = recordSingle(options.store, { ...work, data });
            tell = createTrainingLog(log, work);
          },
          tell: (news) => {
            tell?.(news);
            record?.tell(news);
          },
          finish: (result) => {
            record?.finish(result);
            for (const line of reportLines(result.evaluation)) log.line(line);
          },
          signal: stop.signal,
        },
      );
      if (checkpoint === null) {
        (record as SingleRecord | null)?.stop(null);
        process.exitCode = interruptedExitCode;
        return;
      }
      if (checkpoint === base && knowsClasses(base, dataset.labels)) {
        log.line(
          `${base.name} knows these classes: it is inspected as it is (--retrain trains it)`,
        );
      }
      const workers = whole("workers", options.workers ?? availableParallelism(), 1);
      const found = await inspect(
        { checkpoint, dataset, settings, out },
        {
          ...{ store: options.store, device, workers, log, stop, command: recordedCommand() },
          createExecutor: () => createProcessExecutor(workers),
        },
      );
      if (found === null) {
        process.exitCode = interruptedExitCode;
        return;
      }
      const clouds = await writeReport(out, found.report);
      for (const line of summaryLines(found)) log.line(line);
      const took = formatDuration((performance.now() - begun) / 1000);
      log.line(`${out}: positive.json, negative.json, ${plural(clouds, "word cloud")} in ${took}`);
      log.line(`checkpoint: ${checkpoint.path}`);
    } catch (error) {
      (record as SingleRecord | null)?.stop(error);
      throw error;
    } finally {
      release();
    }
  },
});

/** The strongest words of each class, and what was left out. */
function* summaryLines({ report, explained, skipped, ...found }: Inspection): Generator<string> {
  yield "";
  for (const [label, words] of report.positive) {
    const first = words.slice(0, 8).map(({ token }) => token);
    yield `${shortText(label, 32)}: ${first.length > 0 ? first.join(", ") : "no word speaks for it"}`;
  }
  yield "";
  for (const note of found.notes) yield `note: ${note}`;
  if (skipped > 0) {
    yield `note: ${plural(skipped, "text")} could not be explained, first ${found.firstProblem}`;
  }
  if (found.marked > 0) {
    yield `note: ${plural(found.marked, "text")} of ${explained} marked: cut off, or with a completeness gap above 1 %`;
  }
}

function whole(name: string, value: number, least: number): number {
  if (Number.isInteger(value) && value >= least) return value;
  const limit = least > 0 ? ` from ${least}` : "";
  throw new ExperimentError(`--${name}: expected a whole number${limit}, got ${value}`);
}

/** R0 writes cuda:0. */
function deviceOf(name: string): DeviceChoice {
  const kind = name.replace(/:\d+$/, "");
  if (kind === "auto" || kind === "cpu" || kind === "webgpu" || kind === "cuda") return kind;
  throw new ExperimentError(`--device: expected auto, cpu, webgpu or cuda, got ${name}`);
}
