/**
 * @file Speed of attribution: integrated gradients against its plain input gradient, and R3's measure for
 * every layer against R3's own loop (Adam, 5,000 single-sample steps), by the same engine.
 *
 *     node --import tsx bench/attribution.ts <checkpoint> [tokens=128] [rows=8] [published steps=5000]
 *
 * The published loop is timed on 50 steps of each layer and scaled, unless a fourth argument asks for all.
 */

import {
  Attributor,
  createRandom,
  createTokenizer,
  methodSpec,
  readModel,
  storedWeights,
} from "@probegrid/probes";
import { openCheckpoint } from "../packages/runner/src/checkpoint.ts";
import { readClassifierConfig } from "../packages/runner/src/finetune/classifier-config.ts";
import { publishedSeconds } from "./attribution/published-loop.ts";

const [folder, tokens = "128", rows = "8", steps = "50"] = process.argv.slice(2);
if (folder === undefined) throw new Error("expected a checkpoint folder");
const checkpoint = await openCheckpoint(folder);
const model = readModel(checkpoint.config);
const tokenizer = createTokenizer(checkpoint.tokenizerFiles);
const { labels, head } = readClassifierConfig(checkpoint.config);
const weights = storedWeights(checkpoint.tensors, model.prefix);
const draw = createRandom(1);
const examples = Array.from({ length: Number(rows) }, () => {
  const length = Number(tokens);
  const ids = Array.from({ length }, () => draw.integer(model.geometry.vocabulary));
  return { ids, specials: ids.map((_, i) => (i === 0 || i === length - 1 ? 1 : 0)) };
});

/** Seconds of explaining the rows, the second time. */
async function seconds(method: ReturnType<typeof methodSpec>, some = examples): Promise<number> {
  const attributor = await Attributor.create({
    ...{ model, weights, methods: [method] },
    objective: { kind: "class", classes: labels?.length ?? 1, head },
    padId: tokenizer.padId,
    maskId: tokenizer.specialTokens.mask,
  });
  const queries = some.map((example) => ({ example, target: { output: 0 } }));
  if (method.name !== "information") await attributor.explain(queries);
  const begun = performance.now();
  await attributor.explain(queries);
  const took = (performance.now() - begun) / 1000;
  await attributor.close();
  return took;
}

const plain = await seconds(methodSpec({ name: "gradient" }));
const path = await seconds(methodSpec({ name: "ig", maxSteps: 50 }));
console.log(`input gradient, ${rows} x ${tokens} tokens: ${plain.toFixed(2)} s`);
console.log(`integrated gradients, 50 steps: ${path.toFixed(2)} s, ${(path / plain).toFixed(1)} x`);

const sentence = { ...examples[0]!, ids: examples[0]!.ids.slice(0, 14) };
const short = { ids: sentence.ids, specials: sentence.ids.map((): 0 | 1 => 0) };
const ours = await seconds(methodSpec({ name: "information", scale: 0.5 }), [short]);
const published = await publishedSeconds({ model, weights, ids: short.ids }, Number(steps));
console.log(`information, every layer, 14 tokens: ${ours.toFixed(1)} s`);
console.log(
  `R3's loop, 5,000 steps per layer: ${published.toFixed(1)} s, ${(published / ours).toFixed(1)} x`,
);
