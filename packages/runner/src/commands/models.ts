/** @file `probegrid models`: what a checkpoint folder holds; `models pull` is in its own file. */

import { checkVocabulary } from "@probegrid/probes";
import { type Checkpoint, openCheckpoint } from "../checkpoint.ts";
import { messageOf } from "../errors.ts";
import { formatBytes, formatCount } from "../format.ts";
import { checkWeights } from "../grid-model.ts";
import { openTokenizer } from "../open-tokenizer.ts";
import { defineCommand, defineSubcommand } from "./define-command.ts";
import { modelsPullCommand } from "./models-pull.ts";

const infoCommand = defineSubcommand({
  command: "info <model>",
  describe: "Architecture, size and tokenizer of a checkpoint folder",
  builder: (yargs) =>
    yargs
      .positional("model", {
        type: "string",
        demandOption: true,
        describe: "Checkpoint folder, or the name of a model that was pulled",
      })
      .option("json", { type: "boolean", default: false, describe: "Print as JSON" })
      .example("$0 models info models/demo-bert", "the model that ships with the project"),
  handler: async ({ model, json }) => {
    const info = await describeModel(model);
    process.stdout.write(json ? `${JSON.stringify(info, null, 2)}\n` : `${asText(info)}\n`);
  },
});

export const modelsCommand = defineCommand({
  builder: (yargs) =>
    yargs
      .command(infoCommand)
      .command(modelsPullCommand)
      .demandCommand(1, "expected a command: info, pull"),
  handler: async () => {},
});

/** Opens and checks a checkpoint, and tells what it is. */
async function describeModel(folder: string) {
  const checkpoint = await openCheckpoint(folder);
  const { model, hiddenStates } = checkWeights(checkpoint);
  const { layers, width, heads, vocabulary, maxTokens } = model.geometry;
  const { id, name, path, parameters, dtype, bytes, revision } = checkpoint;
  return {
    ...{ name, path, id, revision },
    architecture: model.title,
    ...{ layers, hiddenStates: hiddenStates.length, width, heads, maxTokens },
    ...{ parameters, dtype, bytes },
    tokenizer: describeTokenizer(checkpoint, vocabulary),
  };
}

/** A checkpoint without a usable tokenizer can still be looked at: what is missing is told. */
function describeTokenizer(checkpoint: Checkpoint, vocabulary: number) {
  const names = Object.keys(checkpoint.tokenizerFiles);
  try {
    const tokenizer = openTokenizer(checkpoint);
    checkVocabulary(tokenizer, vocabulary);
    return { files: names, tokens: tokenizer.size, problem: null };
  } catch (error) {
    return { files: names, tokens: null, problem: messageOf(error) };
  }
}

function asText(info: Awaited<ReturnType<typeof describeModel>>): string {
  const lines: readonly (readonly [string, string])[] = [
    ["name", info.name],
    ["path", info.path],
    ["id", info.id],
    ["revision", info.revision ?? "none"],
    ["architecture", info.architecture],
    ["layers", `${info.layers} (hidden states 0 to ${info.hiddenStates - 1})`],
    ["width", formatCount(info.width)],
    ["heads", formatCount(info.heads)],
    ["longest text", `${formatCount(info.maxTokens)} tokens`],
    ["parameters", formatCount(info.parameters)],
    ["dtype", info.dtype],
    ["bytes", `${formatCount(info.bytes)} (${formatBytes(info.bytes)})`],
    [
      "tokenizer",
      info.tokenizer.tokens === null
        ? `none: ${info.tokenizer.problem}`
        : `${formatCount(info.tokenizer.tokens)} tokens, from ${info.tokenizer.files.join(", ")}`,
    ],
  ];
  return lines.map(([name, value]) => `${name.padEnd(13)} ${value}`).join("\n");
}
