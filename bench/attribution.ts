/**
 * @file Speed of attribution: integrated gradients against the plain input gradient of the same rows, and R3's measure
 * for every layer against R3's own loop (Adam, 5,000 single-sample steps), by the same engine.
 *
 *     node --import tsx bench/attribution.ts <checkpoint> [--tokens 128] [--rows 4] [--rounds 3]
 *         [--part gradients|information] [--internal-batch 2] [--iterations 50] [--seeds 1] [--layers 1,6] [--text "a sentence"]
 *
 * What is explained is the first class, or a hidden unit where the checkpoint has no head. R3's loop is timed on
 * `iterations` steps of each layer and scaled to 5,000; with 5000 its σ are compared too, averaged over seeds.
 */

import { parseArgs } from "node:util";
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
import { comparePublished, type LayerComparison } from "./attribution/published-loop.ts";
import { ratioText, spread } from "./peer.ts";

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    tokens: { type: "string", default: "128" },
    rows: { type: "string", default: "4" },
    rounds: { type: "string", default: "3" },
    part: { type: "string", default: "gradients,information" },
    "internal-batch": { type: "string" },
    iterations: { type: "string", default: "50" },
    seeds: { type: "string", default: "1" },
    layers: { type: "string" },
    text: {
      type: "string",
      default: "rare bird has more than enough charm to make it memorable.",
    },
  },
});
const [folder] = positionals;
if (folder === undefined) throw new Error("expected a checkpoint folder");
const checkpoint = await openCheckpoint(folder);
const model = readModel(checkpoint.config);
const { labels, head } = readClassifierConfig(checkpoint.config);
const tokenizer = createTokenizer(checkpoint.tokenizerFiles);
const weights = storedWeights(checkpoint.tensors, model.prefix);
if (options.part.includes("gradients")) await measureGradients();
if (options.part.includes("information")) await measureInformation();

/** Seconds of integrated gradients in plain input gradients, in turn, by the clock and of the processor. */
async function measureGradients(): Promise<void> {
  const draw = createRandom(1);
  const length = Number(options.tokens);
  const specials = Array.from({ length }, (_, i) => (i === 0 || i === length - 1 ? 1 : 0));
  const queries = Array.from({ length: Number(options.rows) }, () => ({
    example: { ids: specials.map(() => draw.integer(model.geometry.vocabulary)), specials },
    target: { output: 0 },
  }));
  const open = async (method: ReturnType<typeof methodSpec>) =>
    await Attributor.create({
      ...{ model, weights, methods: [method] },
      objective:
        labels === null
          ? { kind: "unit", layer: -1 }
          : { kind: "class", classes: labels.length, head },
      padId: tokenizer.padId,
      maskId: tokenizer.specialTokens.mask,
    });
  const gradient = await open(methodSpec({ name: "gradient" }));
  const batch = options["internal-batch"];
  const internalBatch = batch === undefined ? null : Number(batch);
  const path = await open(methodSpec({ name: "ig", steps: 50, maxSteps: 50, internalBatch }));
  const ratios: Record<keyof Took, number[]> = { clock: [], processor: [] };
  for (let round = 0; round <= Number(options.rounds); round++) {
    // Several times, because one is short; as many rows as a run of the path has.
    const plain = await seconds(async () => {
      for (let i = 0; i < 5; i++) await gradient.explain(queries);
    });
    const integrated = await seconds(() => path.explain(queries));
    if (round === 0) continue; // sessions take their memory
    for (const kind of ["clock", "processor"] as const) {
      ratios[kind].push(integrated[kind] / (plain[kind] / 5));
    }
    console.log(
      `${queries.length} x ${length} tokens, ${labels === null ? "unit" : "class"}: input gradient ` +
        `${(plain.clock / 5).toFixed(2)} s (${(plain.processor / 5).toFixed(2)} s of the processor), ` +
        `integrated gradients with 50 steps ${integrated.clock.toFixed(1)} s (${integrated.processor.toFixed(1)} s)`,
    );
  }
  console.log(
    `integrated gradients in input gradients: ${ratioText(spread(ratios.clock))}, ` +
      `in processor time ${ratioText(spread(ratios.processor))}`,
  );
  await gradient.close();
  await path.close();
}

type Took = { readonly clock: number; readonly processor: number };

async function seconds(work: () => Promise<unknown>): Promise<Took> {
  const [begun, used] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(used);
  return { clock: (performance.now() - begun) / 1000, processor: (user + system) / 1e6 };
}

async function measureInformation(): Promise<void> {
  const ids = Array.from(tokenizer.encode(options.text).ids);
  const all = Array.from({ length: model.geometry.layers }, (_, i) => i + 1);
  const layers = await comparePublished({
    ...{ model, weights, ids, iterations: Number(options.iterations) },
    layers: options.layers?.split(",").map(Number) ?? all,
    seeds: Number(options.seeds),
    tell: (line) => console.log(describe(line, ids.length)),
  });
  const total = (of: "ours" | "published"): number =>
    layers.reduce((sum, line) => sum + line.seconds[of], 0);
  console.log(
    `information, these layers: ${total("ours").toFixed(1)} s, R3's loop ${total("published").toFixed(0)} s, ` +
      `${(total("published") / total("ours")).toFixed(1)} x`,
  );
}

function describe({ layer, seconds, ...compared }: LayerComparison, tokens: number): string {
  const times = `${seconds.ours.toFixed(2)} s, R3's loop ${seconds.published.toFixed(1)} s`;
  const begun = `information, layer ${layer}, ${tokens} tokens: ${times}`;
  if (Number(options.iterations) < 5000) return begun;
  const shown = ({ largest, mean }: { largest: number; mean: number }): string =>
    `${(100 * mean).toFixed(1)} % (at most ${(100 * largest).toFixed(1)} %)`;
  const { ours, published, seeds } = compared;
  return (
    `${begun}; σ against 16 x as many samples: ours ${shown(ours)}, R3's loop ${shown(published)}; ` +
    `ours against R3's mean ${shown(compared.apart)}, R3's seeds against their mean ${shown(seeds)}`
  );
}
