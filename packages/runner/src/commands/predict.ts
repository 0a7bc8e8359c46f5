/** @file `probegrid predict`: what a checkpoint says about texts. */

import { openCheckpoint } from "../checkpoint.ts";
import { resolveDevice } from "../device.ts";
import { ExperimentError } from "../errors.ts";
import { type Answer, answersOf, openClassifier } from "../finetune/open-classifier.ts";
import { printLines } from "../print.ts";
import { readTexts, type Texts } from "../read-texts.ts";
import { type Column, tableLines } from "../table.ts";
import { defineCommand } from "./define-command.ts";
import { cacheOption, deviceOption } from "./options.ts";

export const predictCommand = defineCommand({
  builder: (yargs) =>
    yargs
      .positional("text", { type: "string", describe: "The text" })
      .positional("textPair", { type: "string", describe: "The second text of a pair" })
      .options({
        model: {
          type: "string",
          demandOption: true,
          requiresArg: true,
          describe: "Fine-tuned checkpoint",
        },
        input: {
          type: "string",
          requiresArg: true,
          describe: "Texts: .txt with one a line, .jsonl, or a table: .csv, .tsv, .json",
        },
        "text-column": { type: "string", requiresArg: true, describe: "Column of the text" },
        "text-pair-column": {
          type: "string",
          requiresArg: true,
          describe: "Column of the second text",
        },
        logits: { type: "boolean", default: false, describe: "With --json: raw outputs as well" },
        json: { type: "boolean", default: false, describe: "One JSON object per line" },
        truncation: {
          choices: ["end", "front"] as const,
          default: "end" as "end" | "front",
          describe: "Which end of a text that is too long is cut",
        },
        cache: cacheOption,
        device: deviceOption,
      })
      .example('$0 predict --model mine "what a lovely film"', "one text")
      .example('$0 predict --model mine "a man sleeps" "a man is awake"', "a pair")
      .example("$0 predict --model mine --input texts.txt --json", "many, for a program")
      .example("$0 predict --model mine --input rows.csv --text-column review", "a column"),
  handler: async ({ text, textPair, input, model, cache, ...options }) => {
    const { textColumn, textPairColumn } = options;
    const columns = { text: textColumn, textPair: textPairColumn };
    const { texts, textPairs } = readGiven({ text, textPair, input, columns });
    const checkpoint = await openCheckpoint(model, { memory: cache });
    const device = await resolveDevice(options.device);
    const { truncation } = options;
    const classifier = await openClassifier(checkpoint, { device, truncation });
    try {
      const encoded = classifier.tokenizer.encodeAll(texts, textPairs);
      const outputs = await classifier.predict(encoded);
      const { width } = classifier;
      const rows = answersOf(classifier, outputs).map((answer, i): Row => {
        const pair = textPairs?.[i];
        const raw = [...outputs.subarray(i * width, (i + 1) * width)];
        return {
          text: texts[i]!,
          ...(pair !== undefined && { textPair: pair }),
          ...answer,
          ...(options.logits && { logits: raw }),
        };
      });
      await printLines(
        options.json
          ? rows.map((row) => JSON.stringify(row))
          : tableLines(columnsFor(classifier.labels), rows),
      );
      const cut = encoded.filter(({ truncated }) => truncated > 0).length;
      if (cut > 0) process.stderr.write(`note: ${cut} of ${texts.length} texts are truncated\n`);
    } finally {
      await classifier.close();
    }
  },
});

type Row = {
  readonly text: string;
  readonly textPair?: string;
  readonly logits?: readonly number[];
} & Answer;

function readGiven({
  text,
  textPair,
  input,
  columns,
}: {
  readonly text: string | undefined;
  readonly textPair: string | undefined;
  readonly input: string | undefined;
  readonly columns: Parameters<typeof readTexts>[1];
}): Texts {
  if (input !== undefined && text === undefined) return readTexts(input, columns);
  if (input !== undefined) {
    throw new ExperimentError("predict: expected either a text or --input, got both");
  }
  if (text === undefined) {
    throw new ExperimentError('predict: expected a text ("what a lovely film") or --input FILE');
  }
  return { texts: [text], textPairs: textPair === undefined ? null : [textPair] };
}

/** Classes shown with their probabilities; of more, only the likeliest is. */
const mostColumns = 8;
/** Characters of a text that a row shows. */
const widest = 60;

function columnsFor(labels: readonly string[] | null): readonly Column<Row>[] {
  const short = (text: string): string =>
    text.length > widest ? `${text.slice(0, widest - 1)}…` : text;
  const texts: Column<Row> = {
    title: "text",
    cell: ({ text, textPair }) =>
      textPair === undefined ? short(text) : `${short(text)} / ${short(textPair)}`,
  };
  if (labels === null) {
    const value = (row: Row): string | null => ("value" in row ? row.value.toFixed(4) : null);
    return [{ title: "value", right: true, cell: value }, texts];
  }
  const probability = (row: Row, label: string): string | null =>
    "scores" in row ? row.scores[label]!.toFixed(3) : null;
  const label: Column<Row> = { title: "label", cell: (row) => ("label" in row ? row.label : null) };
  const classes =
    labels.length <= mostColumns
      ? labels.map((name) => ({
          title: name,
          right: true,
          cell: (row: Row) => probability(row, name),
        }))
      : [
          {
            title: "score",
            right: true,
            cell: (row: Row) => ("label" in row ? probability(row, row.label) : null),
          },
        ];
  return [label, ...classes, texts];
}
