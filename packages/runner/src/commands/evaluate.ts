/** @file `probegrid evaluate`: how well a checkpoint does on texts whose labels are known. */

import { openCheckpoint } from "../checkpoint.ts";
import { type Dataset, loadDataset } from "../dataset.ts";
import { resolveDevice } from "../device.ts";
import { ExperimentError } from "../errors.ts";
import { evaluateRows } from "../finetune/evaluate-rows.ts";
import { type Classifier, openClassifier } from "../finetune/open-classifier.ts";
import { reportLines } from "../finetune/report-lines.ts";
import { plural } from "../format.ts";
import { printLines } from "../print.ts";
import { columnOptions, datasetOf } from "./data-options.ts";
import { defineCommand } from "./define-command.ts";
import { cacheOption, deviceOption } from "./options.ts";

export const evaluateCommand = defineCommand({
  builder: (yargs) =>
    yargs
      .options({
        model: {
          type: "string",
          demandOption: true,
          requiresArg: true,
          describe: "Fine-tuned checkpoint",
        },
        data: {
          type: "string",
          demandOption: true,
          requiresArg: true,
          describe: "Rows with labels: csv, tsv, json, jsonl",
        },
        ...columnOptions,
        json: { type: "boolean", default: false, describe: "Print one JSON object" },
        truncation: {
          choices: ["end", "front"] as const,
          default: "end" as "end" | "front",
          describe: "Which end of a text that is too long is cut",
        },
        cache: cacheOption,
        device: deviceOption,
      })
      .example("$0 evaluate --model mine --data test.csv --text text --label label", "tables")
      .example("$0 evaluate --model mine --data test.csv --json", "for a program"),
  handler: async ({ model, json, cache, truncation, ...options }) => {
    const checkpoint = await openCheckpoint(model, { memory: cache });
    const device = await resolveDevice(options.device);
    const classifier = await openClassifier(checkpoint, { device, truncation });
    try {
      const task = classifier.task;
      const dataset = await loadDataset({ ...datasetOf(options), task });
      const { texts, textPairs } = dataset;
      const encoded = classifier.tokenizer.encodeAll(texts, textPairs);
      const targets = targetsFor(classifier, dataset);
      const evaluation = await evaluateRows(classifier, encoded, targets);
      if (json) {
        process.stdout.write(`${JSON.stringify(jsonOf(evaluation), null, 2)}\n`);
        return;
      }
      process.stdout.write(
        `${checkpoint.name} on ${dataset.name}: ${plural(texts.length, "text")}\n`,
      );
      await printLines(reportLines(evaluation));
    } finally {
      await classifier.close();
    }
  },
});

/** Classes of the rows, numbered as the checkpoint numbers them: by name, or by number where it has no names. */
function targetsFor(
  { labels }: Pick<Classifier, "labels">,
  { labels: found, targets, name }: Dataset,
): Int32Array | Float32Array {
  if (labels === null || found === null) return targets;
  const unnamed = labels.every((label, i) => label === `LABEL_${i}`);
  const classOf = (label: string): number =>
    labels.indexOf(unnamed && !labels.includes(label) ? `LABEL_${label}` : label);
  const unknown = found.filter((label) => classOf(label) < 0);
  if (unknown.length > 0) {
    throw new ExperimentError(
      `dataset "${name}": the checkpoint does not know ${unknown.map((one) => JSON.stringify(one)).join(", ")}, its labels are ${labels.join(", ")}`,
    );
  }
  return Int32Array.from(targets, (label) => classOf(found[label]!));
}

function jsonOf(evaluation: Awaited<ReturnType<typeof evaluateRows>>): object {
  const { report, baseline } = evaluation;
  if (evaluation.task === "regression") return { ...report, baseline };
  const { labels } = evaluation;
  const perClass = evaluation.report.perClass.map((one, c) => ({ label: labels[c], ...one }));
  return { ...report, labels, perClass, baseline };
}
