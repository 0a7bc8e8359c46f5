/** @file `probegrid encode`: every hidden state of some texts, for work outside Probegrid. */

import { openCheckpoint } from "../checkpoint.ts";
import { resolveDevice } from "../device.ts";
import { encodeTexts } from "../encode-texts.ts";
import { formatBytes, formatDuration, plural } from "../format.ts";
import { readTexts } from "../read-texts.ts";
import { defineCommand } from "./define-command.ts";
import { deviceOption } from "./options.ts";

export const encodeCommand = defineCommand({
  builder: (yargs) =>
    yargs
      .options({
        model: {
          type: "string",
          demandOption: true,
          requiresArg: true,
          describe: "Checkpoint folder",
        },
        input: {
          type: "string",
          demandOption: true,
          requiresArg: true,
          describe: "Texts: .txt with one a line, or .jsonl with a text (and textPair) each",
        },
        out: {
          type: "string",
          demandOption: true,
          requiresArg: true,
          describe: "File to write: text.<i>.hidden_states, text.<i>.input_ids",
        },
        attentions: { type: "boolean", default: false, describe: "Also write text.<i>.attentions" },
        truncation: {
          choices: ["end", "front"] as const,
          default: "end" as "end" | "front",
          describe: "Which end of a text that is too long is cut",
        },
        "max-tokens": {
          type: "number",
          requiresArg: true,
          describe: "Longest text in tokens; what the model takes when not given",
        },
        device: deviceOption,
      })
      .example(
        "$0 encode --model models/demo-bert --input a.txt --out a.safetensors",
        "hidden states",
      )
      .example(
        "$0 encode --model M --input a.jsonl --out a.safetensors --attentions",
        "attention too",
      ),
  handler: async ({ model, input, out, attentions, device, truncation, maxTokens }) => {
    const begun = performance.now();
    const { texts, textPairs } = readTexts(input);
    const checkpoint = await openCheckpoint(model);
    const { tokens, truncated, bytes } = await encodeTexts(out, {
      ...{ checkpoint, texts, textPairs, attentions, truncation },
      maxTokens: maxTokens ?? null,
      device: await resolveDevice(device),
    });
    const took = formatDuration((performance.now() - begun) / 1000);
    const cut = truncated > 0 ? `, ${plural(truncated, "text")} truncated` : "";
    process.stdout.write(
      `${plural(texts.length, "text")}, ${plural(tokens, "token")}${cut} in ${took}: ${out} (${formatBytes(bytes)})\n`,
    );
  },
});
