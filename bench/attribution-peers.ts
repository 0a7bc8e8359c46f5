/**
 * @file Integrated gradients beside captum's and AttnLRP beside LXT's, on any classification checkpoint of the BERT
 * kind: seconds in turn, and the largest difference of a score.
 *
 *     node --import tsx bench/attribution-peers.ts <checkpoint> [tokens=128] [rows=8] [rounds=3]
 *
 * The peers' environment needs captum and lxt besides torch and transformers.
 */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Attributor, createRandom, methodSpec, readModel, storedWeights } from "@probegrid/probes";
import { openCheckpoint } from "../packages/runner/src/checkpoint.ts";
import { readClassifierConfig } from "../packages/runner/src/finetune/classifier-config.ts";
import { compare, startPeer, timed } from "./peer.ts";

const [folder, tokens = "128", rows = "8", rounds = "3"] = process.argv.slice(2);
if (folder === undefined) throw new Error("expected a checkpoint folder");
const { config, tensors } = await openCheckpoint(folder);
const model = readModel(config);
const { labels, head } = readClassifierConfig(config);
const draw = createRandom(7);
const length = Number(tokens);
const ids = Array.from({ length: Number(rows) }, () =>
  Array.from({ length }, () => 4 + draw.integer(model.geometry.vocabulary - 4)),
);
const queries = ids.map((row) => ({
  example: { ids: row, specials: row.map((_, i) => (i === 0 || i === length - 1 ? 1 : 0)) },
  target: { output: 1 },
}));
const scratch = mkdtempSync(join(tmpdir(), "probegrid-bench-"));
const file = join(scratch, "ids.json");
writeFileSync(file, JSON.stringify(ids));

for (const [title, name, method] of [
  ["integrated gradients, 50 steps, captum", "ig", { name: "ig", maxSteps: 50 }],
  ["AttnLRP, LXT", "attnlrp", { name: "lrp" }],
] as const) {
  const attributor = await Attributor.create({
    ...{ model, methods: [methodSpec(method)], maskId: null },
    weights: storedWeights(tensors, model.prefix),
    objective: { kind: "class", classes: labels?.length ?? 1, head },
    padId: Number(config.pad_token_id ?? 0),
  });
  const peer = await startPeer("attribution.py", [name, folder, file]);
  const ours = () => timed(async () => await attributor.explain(queries));
  await compare(title, { ours, peer, rounds: Number(rounds) });
  const theirs = (await peer.run()).scores as readonly (readonly number[])[];
  let apart = 0;
  (await attributor.explain(queries)).forEach((answer, row) => {
    if ("error" in answer) throw new Error(answer.error);
    for (const { scores } of answer.attributions.values()) {
      scores.forEach((score, i) => {
        apart = Math.max(apart, Math.abs(score - theirs[row]![i]!));
      });
    }
  });
  console.log(`  largest difference of a score: ${apart.toExponential(1)}`);
  peer.close();
  await attributor.close();
}
rmSync(scratch, { recursive: true });
