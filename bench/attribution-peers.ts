/**
 * @file Attributions beside captum's and LXT's, on any classification checkpoint: seconds in turn, and the largest
 * difference of a score, as a share of the largest score.
 *
 *     node --import tsx bench/attribution-peers.ts <checkpoint> [--tokens 128] [--rows 8] [--rounds 3] [--pairs]
 *         [--methods ig,saliency,input-x-gradient,attnlrp]
 *
 * The peers' environment needs captum and lxt besides torch and transformers. Integrated gradients of ours are timed
 * without doubled steps, as captum has none.
 */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Attributor, createRandom, methodSpec, readModel, storedWeights } from "@probegrid/probes";
import { openCheckpoint } from "../packages/runner/src/checkpoint.ts";
import { readClassifierConfig } from "../packages/runner/src/finetune/classifier-config.ts";
import { compare, startPeer, timed } from "./peer.ts";

const methods = {
  ig: { title: "integrated gradients, 50 steps, captum", spec: { name: "ig", maxSteps: 50 } },
  saliency: { title: "gradient, captum", spec: { name: "gradient" } },
  "input-x-gradient": { title: "gradient x input, captum", spec: { name: "gradient-x-input" } },
  attnlrp: { title: "AttnLRP, LXT", spec: { name: "lrp" } },
} as const;

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    tokens: { type: "string", default: "128" },
    rows: { type: "string", default: "8" },
    rounds: { type: "string", default: "3" },
    pairs: { type: "boolean", default: false },
    methods: { type: "string", default: Object.keys(methods).join(",") },
  },
});
const [folder] = positionals;
if (folder === undefined) throw new Error("expected a checkpoint folder");
const { config, tensors } = await openCheckpoint(folder);
const model = readModel(config);
const { labels, head } = readClassifierConfig(config);
const draw = createRandom(7);
const length = Number(options.tokens);
const ids = Array.from({ length: Number(options.rows) }, () =>
  Array.from({ length }, () => 4 + draw.integer(model.geometry.vocabulary - 4)),
);
const middle = Math.floor(length / 2);
const kinds =
  options.pairs && model.geometry.types > 0
    ? ids.map((row) => row.map((_, i) => (i > middle ? 1 : 0)))
    : null;
const queries = ids.map((row, i) => ({
  example: {
    ...{ ids: row, specials: row.map((_, at) => (at === 0 || at === length - 1 ? 1 : 0)) },
    ...(kinds !== null && { typeIds: kinds[i]! }),
  },
  target: { output: 1 },
}));
const scratch = mkdtempSync(join(tmpdir(), "probegrid-bench-"));
const file = join(scratch, "rows.json");
writeFileSync(file, JSON.stringify({ ids, kinds }));

for (const name of options.methods.split(",") as (keyof typeof methods)[]) {
  const { title, spec } = methods[name];
  const attributor = await Attributor.create({
    ...{ model, methods: [methodSpec(spec)], maskId: null },
    weights: storedWeights(tensors, model.prefix),
    objective: { kind: "class", classes: labels?.length ?? 1, head },
    padId: Number(config.pad_token_id ?? 0),
  });
  const peer = await startPeer("attribution.py", [name, folder, file]);
  const ours = () => timed(async () => await attributor.explain(queries));
  const rounds = Number(options.rounds);
  if (rounds > 0) await compare(`${model.type}: ${title}`, { ours, peer, rounds });
  const theirs = (await peer.run()).scores as readonly (readonly number[])[];
  let apart = 0;
  let largest = 0;
  (await attributor.explain(queries)).forEach((answer, row) => {
    if ("error" in answer) throw new Error(answer.error);
    for (const { scores } of answer.attributions.values()) {
      scores.forEach((score, i) => {
        apart = Math.max(apart, Math.abs(score - theirs[row]![i]!));
        largest = Math.max(largest, Math.abs(score));
      });
    }
  });
  console.log(
    `${model.type}: ${title}: largest difference of a score ${apart.toExponential(1)}, ` +
      `${(apart / largest).toExponential(1)} of the largest score`,
  );
  peer.close();
  await attributor.close();
}
rmSync(scratch, { recursive: true });
