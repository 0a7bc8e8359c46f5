/** @file `probegrid attribute`: which tokens made a model answer as it did. */

import { mergeWords, methodLabel, tokenScores } from "@probegrid/probes";
import { replaceFile } from "../atomic-file.ts";
import { type Answered, type Asked, explainTexts, marksOf } from "../attribute/explain-texts.ts";
import { openExplainer } from "../attribute/explainer.ts";
import { attributionPage } from "../attribute/html.ts";
import { readMethods } from "../attribute/methods.ts";
import { readTarget } from "../attribute/target.ts";
import { answerLines, type Shown } from "../attribute/terminal.ts";
import { openCheckpoint } from "../checkpoint.ts";
import { loadDataset } from "../dataset.ts";
import { resolveDevice } from "../device.ts";
import { ExperimentError } from "../errors.ts";
import { printLines } from "../print.ts";
import { readTexts } from "../read-texts.ts";
import { columnOptions, datasetOf } from "./data-options.ts";
import { defineCommand } from "./define-command.ts";
import { cacheOption, deviceOption } from "./options.ts";

export const attributeCommand = defineCommand({
  builder: (yargs) =>
    yargs
      .positional("texts", { type: "string", array: true, describe: "Texts to explain" })
      .options({
        model: {
          type: "string",
          demandOption: true,
          requiresArg: true,
          describe: "Fine-tuned checkpoint",
        },
        method: {
          type: "string",
          default: "ig",
          requiresArg: true,
          describe:
            "Methods, separated by commas, options behind colons (ig:baseline=zero:steps=100), or all: ig, lrp, gradient, occlusion, lat, …",
        },
        target: {
          type: "string",
          default: "predicted",
          requiresArg: true,
          describe: "predicted, true, all, a label; or unit:LAYER:UNIT, norm:LAYER, token:WORD",
        },
        pair: { type: "string", requiresArg: true, describe: "Second text of a pair" },
        input: {
          type: "string",
          requiresArg: true,
          describe: "Texts: .txt with one a line, or .jsonl with a text (and textPair) each",
        },
        data: {
          type: "string",
          requiresArg: true,
          describe: "Labelled texts, for --target true: csv, tsv, json, jsonl",
        },
        ...columnOptions,
        limit: { type: "number", requiresArg: true, describe: "At most so many rows of --data" },
        words: {
          type: "boolean",
          default: false,
          describe: "Join the pieces of a word, scores summed",
        },
        site: {
          choices: ["embeddings", "words"] as const,
          default: "embeddings" as "embeddings" | "words",
          describe: "Attribute the whole embedding block's output, or the word embeddings alone",
        },
        truncation: {
          choices: ["end", "front"] as const,
          default: "end" as "end" | "front",
          describe: "Which end of a text that is too long is cut",
        },
        html: { type: "string", requiresArg: true, describe: "Also write a coloured page" },
        json: { type: "boolean", default: false, describe: "Print a JSON array" },
        cache: cacheOption,
        device: deviceOption,
      })
      .example('$0 attribute --model mine "what a lovely film"', "integrated gradients")
      .example('$0 attribute --model mine --method ig,lrp --target all --words "a dull film"', "")
      .example('$0 attribute --model mine --method ig,ig:baseline=zero "a dull film"', "")
      .example('$0 attribute --model bert --target token:good --method ig "a [MASK] film"', "")
      .example('$0 attribute --model mine --method all "a film" --html film.html --json', ""),
  handler: async (options) => {
    const methods = readMethods(options.method);
    const wanted = readTarget(options.target);
    const asked = await readAsked(options);
    const checkpoint = await openCheckpoint(options.model, { memory: options.cache });
    const device = await resolveDevice(options.device);
    const { site, truncation } = options;
    const explainer = await openExplainer(checkpoint, {
      methods,
      wanted,
      device,
      site,
      truncation,
    });
    try {
      const labels = methods.map(methodLabel);
      const groups: (readonly Answered[])[] = [];
      const rows = (answer: Answered): readonly Shown[] => shownOf(answer, options.words);
      const colours = !options.json && (process.stdout.hasColors?.(2 ** 24) ?? false);
      let failed = false;
      for await (const answers of explainTexts(explainer, asked, { wanted, methods: labels })) {
        for (let i = 0; i < answers.length; i += labels.length) {
          const group = answers.slice(i, i + labels.length);
          failed ||= group.some(({ error }) => error !== null);
          if (options.json || options.html !== undefined) groups.push(group);
          if (!options.json) await printLines([...answerLines(group, { colours, rows }), ""]);
        }
      }
      if (options.html !== undefined) {
        const title = `Attributions of ${checkpoint.name}`;
        replaceFile(options.html, attributionPage(title, groups, rows));
        if (!options.json) process.stdout.write(`page: ${options.html}\n`);
      }
      if (options.json) await printLines(jsonLines(groups.flat(), rows));
      if (failed) process.exitCode = 1;
    } finally {
      await explainer.close();
    }
  },
});

type Given = {
  readonly texts?: readonly string[] | undefined;
  readonly pair?: string | undefined;
  readonly input?: string | undefined;
  readonly data?: string | undefined;
  readonly text?: string | undefined;
  readonly textPair?: string | undefined;
  readonly label?: string | undefined;
  readonly limit?: number | undefined;
};

/** Texts from exactly one of the three places. */
async function readAsked(given: Given): Promise<readonly Asked[]> {
  const { texts = [], pair, input, data } = given;
  const places = [texts.length > 0, input !== undefined, data !== undefined].filter(Boolean);
  if (places.length !== 1) {
    throw new ExperimentError(
      'attribute: expected a text ("what a lovely film"), --input FILE or --data FILE, one of them',
    );
  }
  if (data !== undefined) {
    const dataset = await loadDataset(datasetOf({ ...given, data }));
    const { targets, labels } = dataset;
    return dataset.texts.map((text, i) => {
      const label = labels === null ? null : (labels[Number(targets[i])] ?? null);
      return { text, textPair: dataset.textPairs?.[i] ?? null, label };
    });
  }
  if (input !== undefined) {
    const read = readTexts(input);
    return read.texts.map((text, i) => {
      return { text, textPair: read.textPairs?.[i] ?? null, label: null };
    });
  }
  if (pair !== undefined && texts.length > 1) {
    throw new ExperimentError(`--pair: expected one text beside it, got ${texts.length}`);
  }
  return texts.map((text) => ({ text, textPair: pair ?? null, label: null }));
}

function shownOf(answer: Answered, merged: boolean): readonly Shown[] {
  if (answer.error !== null) return [];
  const { encoded, tokens, attribution } = answer;
  const pieces = { spellings: tokens, words: encoded.words, specials: encoded.specials };
  return (merged ? mergeWords : tokenScores)(pieces, attribution.scores);
}

/** A JSON array, one element per line. */
function* jsonLines(
  answers: readonly Answered[],
  rows: (answer: Answered) => readonly Shown[],
): Generator<string> {
  yield "[";
  for (const [i, answer] of answers.entries()) {
    const comma = i < answers.length - 1 ? "," : "";
    yield `${JSON.stringify(jsonOf(answer, rows(answer)))}${comma}`;
  }
  yield "]";
}

function jsonOf(answer: Answered, shown: readonly Shown[]): object {
  const { text, textPair, method, target } = answer;
  const asked = { text, ...(textPair !== null && { textPair }), method, target };
  if (answer.error !== null) return { ...asked, error: answer.error };
  const { attribution, logit } = answer;
  const marks = marksOf(answer);
  return {
    ...asked,
    tokens: shown.map((one) => one.text),
    scores: shown.map((one) => one.score),
    logit,
    residual: attribution.residual,
    ...(marks.length > 0 && { marks }),
  };
}
