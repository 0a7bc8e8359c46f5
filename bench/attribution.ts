/**
 * @file Speed of attribution: integrated gradients against its plain input gradient, and R3's measure for
 * every layer against R3's own loop (Adam, 5,000 single-sample steps), by the same engine.
 *
 *     node --import tsx bench/attribution.ts <checkpoint> [tokens=128] [rows=8] [steps of R3's loop=50]
 *
 * R3's loop is timed on 50 steps of each layer and scaled; with 5000 its σ are compared too.
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
import { comparePublished } from "./attribution/published-loop.ts";

const [folder, tokens = "128", rows = "8", steps = "50"] = process.argv.slice(2);
if (folder === undefined) throw new Error("expected a checkpoint folder");
const checkpoint = await openCheckpoint(folder);
const model = readModel(checkpoint.config);
const tokenizer = createTokenizer(checkpoint.tokenizerFiles);
const weights = storedWeights(checkpoint.tensors, model.prefix);
const draw = createRandom(1);
const examples = Array.from({ length: Number(rows) }, () => {
  const length = Number(tokens);
  const ids = Array.from({ length }, () => draw.integer(model.geometry.vocabulary));
  return { ids, specials: ids.map((_, i) => (i === 0 || i === length - 1 ? 1 : 0)) };
});

/** Processor seconds of explaining the rows on one thread, the second time: other work on the machine does not count. */
async function seconds(method: ReturnType<typeof methodSpec>): Promise<number> {
  const attributor = await Attributor.create({
    ...{ model, weights, methods: [method] },
    objective: { kind: "unit", layer: -1 }, // so that any checkpoint will do
    padId: tokenizer.padId,
    maskId: tokenizer.specialTokens.mask,
    session: { threads: 1 },
  });
  const queries = examples.map((example) => ({ example, target: { output: 0 } }));
  await attributor.explain(queries.slice(0, 1));
  const begun = process.cpuUsage();
  await attributor.explain(queries);
  const { user, system } = process.cpuUsage(begun);
  await attributor.close();
  return (user + system) / 1e6;
}

const plain = await seconds(methodSpec({ name: "gradient" }));
const path = await seconds(methodSpec({ name: "ig", steps: 50, maxSteps: 50 }));
console.log(`input gradient, ${rows} x ${tokens} tokens: ${plain.toFixed(2)} s`);
console.log(`integrated gradients, 50 steps: ${path.toFixed(2)} s, ${(path / plain).toFixed(1)} x`);

const text = "rare bird has more than enough charm to make it memorable.";
const ids = Array.from(tokenizer.encode(text).ids);
const all = Array.from({ length: model.geometry.layers }, (_, i) => i + 1);
const layers = await comparePublished({
  model,
  weights,
  ids,
  layers: all,
  iterations: Number(steps),
});
const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
for (const { layer, seconds, apart } of layers) {
  const times = `${seconds.ours.toFixed(2)} s, R3's loop ${seconds.published.toFixed(1)} s`;
  const away =
    Number(steps) < 5000
      ? ""
      : `; σ apart by ${percent(apart.mean)}, at most ${percent(apart.largest)}`;
  console.log(`information, layer ${layer}, ${ids.length} tokens: ${times}${away}`);
}
const total = (of: "ours" | "published"): number =>
  layers.reduce((sum, { seconds }) => sum + seconds[of], 0);
console.log(
  `every layer: ${(total("published") / total("ours")).toFixed(1)} x as fast as R3's loop`,
);
