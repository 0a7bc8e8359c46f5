/** @file A real, legacy ALBERT checkpoint end to end: converted, run, and asked for masked tokens of reactions. */

import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { batchFeeds, inference, modelInputs, readModel, storedWeights } from "@probegrid/probes";
import { compile } from "@probegrid/probes/graph";
import { expect, it } from "vitest";
import { readHeader } from "../packages/runner/src/safetensors.ts";
import { convertStateDict } from "../packages/runner/src/torch/convert.ts";

const folder = new URL("../../shared/models/rxnmapper-albert/", import.meta.url).pathname;

/** Tokens of SMILES: bracket atoms, two-letter elements, ring numbers of two digits, single characters. */
const smiles = /\[[^\]]+\]|Br|Cl|>>|%\d{2}|[A-Za-z0-9().=#+\-\\/:~@?*$|>]/g;

it.skipIf(!existsSync(folder))(
  "predicts masked tokens of reactions as the original does (skipped without the shared models)",
  async () => {
    const temporary = mkdtempSync(join(tmpdir(), "probegrid-rxn-"));
    const converted = join(temporary, "model.safetensors");
    convertStateDict(join(folder, "pytorch_model.bin"), converted);
    const model = readModel(JSON.parse(readFileSync(join(folder, "config.json"), "utf8")));
    const vocabulary = readFileSync(join(folder, "vocab.txt"), "utf8").trimEnd().split("\n");
    const idOf = new Map(vocabulary.map((token, id) => [token, id]));
    const special = (token: string) => idOf.get(token)!;

    const forward = inference(storedWeights(readHeader(converted).tensors, model.prefix));
    const inputs = modelInputs();
    const last = model.encode(forward, model.embed(forward, inputs), inputs).hiddenStates.at(-1)!;
    const session = await compile({ logits: model.predictTokens!(forward, { last, inputs }) });

    const rows = readFileSync(join(folder, "example_rxns.csv"), "utf8").split("\n").slice(1);
    let asked = 0;
    let right = 0;
    for (const row of rows) {
      const pieces = (row.split(",")[1] ?? "").match(smiles) ?? [];
      const ids = [
        special("[CLS]"),
        ...pieces.map((piece) => idOf.get(piece) ?? special("[UNK]")),
        special("[SEP]"),
      ];
      // Every fifth token of the reaction, one at a time.
      const places = ids
        .map((_, i) => i)
        .filter((i) => i % 5 === 3 && i < ids.length - 1)
        .slice(0, 240 - asked);
      const texts = places.map((place) => ({
        ids: ids.map((id, i) => (i === place ? special("[MASK]") : id)),
      }));
      if (texts.length === 0) break;
      const { logits } = await session.run({ ...batchFeeds(model, texts, special("[PAD]")) });
      const scores = logits!.data as Float32Array;
      places.forEach((place, text) => {
        const at = (text * ids.length + place) * vocabulary.length;
        const row = scores.subarray(at, at + vocabulary.length);
        asked += 1;
        if (row.indexOf(Math.max(...row)) === ids[place]) right += 1;
      });
    }
    await session.close();
    rmSync(temporary, { recursive: true });
    expect(asked).toBe(240);
    process.stdout.write(`masked tokens right: ${right} of ${asked}\n`);
    expect(right).toBeGreaterThanOrEqual(236);
  },
);
