/** @file Training steps beside transformers + PyTorch, with dropout and clipping: full-length batches, and real ones. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  adamW,
  createRandom,
  createTrainer,
  findTensor,
  modelFeeds,
  nativeHead,
  readModel,
  rowWeights,
  storedWeights,
  type TokenizedText,
  type Trainer,
  type TrainingGraph,
  trainingGraph,
} from "@probegrid/probes";
import * as g from "@probegrid/probes/graph";
import { storedValues } from "../packages/runner/src/finetune/save-checkpoint.ts";
import { type Material, openMaterial } from "./material.ts";
import { type BenchOptions, benchOptions, isMain } from "./options.ts";
import { compare, printRows, type Row, ratioText, spread, startPeer, timed } from "./peer.ts";

type Batch = { readonly texts: readonly TokenizedText[]; readonly labels: readonly number[] };

const batchSize = 16;
const full = { rows: 8, tokens: 128 } as const;

/** One step on full-length texts; one on each batch of the material's texts, in random order as Trainer draws them. */
export async function measureTraining(options: BenchOptions): Promise<readonly Row[]> {
  const material = await openMaterial(options);
  const { trainer, graph } = await prepare(material, options);
  const against = "transformers + PyTorch";
  const rows: Row[] = [];
  try {
    const long = [fullBatch(material)];
    const shape = `${full.rows} x ${full.tokens} tokens`;
    const works = {
      [`training step, ${shape}, no padding`]: long,
      [`training step, batches of ${batchSize} texts as they come`]: batchesOf(material),
    };
    for (const [work, batches] of Object.entries(works)) {
      const task = join(material.folder, "train.json");
      writeFileSync(task, JSON.stringify({ model: material.model, batches: batches.map(plain) }));
      const peer = await startPeer("train.py", [task], options.threads);
      const feeds = batches.map((batch) => feedsOf(material, batch));
      const ours = () =>
        timed(async () => {
          for (const feed of feeds) await trainer.takeStep([feed], 2e-5);
        });
      const found = await compare(work, { ours, peer, rounds: options.rounds });
      const { peak_kb: kilobytes } = await peer.run();
      console.log(`peak memory: ours ${peak()}, peer ${(Number(kilobytes) / 1e6).toFixed(2)} GB`);
      peer.close();
      rows.push({ work, against, atLeast: "1.43x", measured: ratioText(found) });
    }
    // Last, because its own gradients would count into the peak of memory.
    const bare = await bareRatio(trainer, { graph, batch: long[0]!, material, options });
    rows.push({
      work: `training step, ${shape}`,
      against: "its own bare gradients",
      ...{ atLeast: "at most 1.25x", measured: ratioText(bare) },
    });
    return rows;
  } finally {
    await trainer.close();
    material.close();
  }
}

const modelOf = ({ checkpoint }: Material) => readModel(checkpoint.config);
const peak = () => `${(process.resourceUsage().maxRSS / 1e6).toFixed(2)} GB`;
const plain = ({ texts, labels }: Batch) => ({
  ids: texts.map(({ ids }) => Array.from(ids)),
  labels,
});

async function prepare(material: Material, { threads }: BenchOptions) {
  const model = modelOf(material);
  const { tensors } = material.checkpoint;
  const graph = trainingGraph({
    ...{ model, weights: storedWeights(tensors as never, model.prefix), task: "classification" },
    ...{ outputs: Math.max(2, material.classes), head: nativeHead, layersFrozen: 0 },
    ...{ dropout: model.dropoutRates, labelSmoothing: 0, classWeights: null },
  });
  const random = createRandom("bench/head");
  const trainer = await createTrainer({
    loss: graph.loss,
    parameters: graph.parameters.map((parameter) => ({
      ...parameter,
      initial: findTensor(tensors as never, parameter.name, model.prefix)
        ? storedValues(material.checkpoint, model, parameter.name)
        : fresh(parameter.shape, () => 0.02 * random.normal()),
      decays: parameter.shape.length > 1,
      rate: 1,
    })),
    ...{ optimizer: adamW(), weightDecay: 0.01, clipNorm: 1, session: { threads } },
  });
  return { trainer, graph };
}

const fresh = (shape: readonly number[], next: () => number) =>
  Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, next);

/** Time of a step by that of its gradients alone, round by round. */
async function bareRatio(
  trainer: Trainer,
  {
    graph: { loss, parameters },
    batch,
    material,
    options,
  }: {
    readonly graph: TrainingGraph;
    readonly batch: Batch;
    readonly material: Material;
    readonly options: BenchOptions;
  },
) {
  const nodes = g.gradients(
    loss,
    parameters.map(({ node }) => node),
  );
  const named = nodes.map((node, i) => [`gradient ${i}`, node] as const);
  const session = await g.compile(
    { loss, ...Object.fromEntries(named) },
    { threads: options.threads },
  );
  const piece = feedsOf(material, batch);
  const feeds = { ...piece, ...trainer.feeds };
  const into = Object.fromEntries(
    parameters.map(({ shape }, i) => [`gradient ${i}`, { data: fresh(shape, () => 0), shape }]),
  );
  const ratios: number[] = [];
  for (let i = 0; i <= options.rounds; i++) {
    const bare = await timed(() => session.run(feeds, into));
    const step = await timed(() => trainer.takeStep([piece], 2e-5));
    if (i > 0) ratios.push(step / bare);
  }
  await session.close();
  return spread(ratios);
}

function feedsOf(material: Material, { texts, labels }: Batch): Record<string, g.Tensor> {
  return {
    ...modelFeeds(modelOf(material), texts, 0),
    labels: { data: BigInt64Array.from(labels, BigInt), shape: [labels.length] },
    rowWeights: { data: rowWeights(labels), shape: [labels.length] },
    seed: { data: Int32Array.of(1), shape: [] },
  };
}

function fullBatch(material: Material): Batch {
  const { vocabulary } = modelOf(material).geometry;
  const texts = Array.from({ length: full.rows }, (_, row) => ({
    ids: Int32Array.from(
      { length: full.tokens },
      (_, i) => ((row * full.tokens + i) * 7919) % vocabulary,
    ),
  }));
  return { texts: texts as readonly TokenizedText[], labels: texts.map((_, i) => i % 2) };
}

function batchesOf({ tokenized, targets }: Material): readonly Batch[] {
  const order = createRandom("bench/order").permutation(tokenized.length);
  return Array.from({ length: Math.floor(order.length / batchSize) }, (_, i) => {
    const rows = Array.from(order.subarray(i * batchSize, (i + 1) * batchSize));
    return { texts: rows.map((row) => tokenized[row]!), labels: rows.map((row) => targets[row]!) };
  });
}

if (isMain(import.meta)) {
  printRows(await measureTraining(benchOptions({ rows: 64, width: 768, layers: 12, rounds: 5 })));
}
