/** @file A training step against bare gradients, and against transformers + PyTorch: time and peak memory. */

import {
  adamW,
  batchFeeds,
  createDropout,
  createRandom,
  createTrainer,
  crossEntropy,
  modelInputs,
  readModel,
  rowWeights,
  trainableWeights,
} from "@probegrid/probes";
import * as g from "@probegrid/probes/graph";
import { compare, peerPython, spread, startPeer, timed } from "./peer.ts";
import { texts8x128 } from "./random-model.ts";

const rounds = Number(process.argv[2] ?? 5);
const model = readModel({ model_type: "bert" });
const random = createRandom(1);
const labels = [0, 1, 0, 1, 0, 1, 0, 1];
const feeds = {
  ...batchFeeds(model, texts8x128, 0),
  labels: { data: BigInt64Array.from(labels, BigInt), shape: [8] },
  weights: { data: rowWeights(labels), shape: [8] },
  seed: { data: Int32Array.of(1), shape: [] },
};

const dropping = await prepare(true);
const still = await prepare(false);
const bare = await g.compile(
  Object.fromEntries([
    ["loss", still.loss] as const,
    ...g
      .gradients(
        still.loss,
        still.parameters.map(({ node }) => node),
      )
      .map((node, i) => [`g${i}`, node] as const),
  ]),
  { threads: 2 },
);
const into = Object.fromEntries(
  still.parameters.map(({ shape }, i) => [
    `g${i}`,
    { data: new Float32Array(shape.reduce((a, b) => a * b, 1)), shape },
  ]),
);

const gradients = () => timed(() => bare.run({ ...feeds, ...still.trainer.feeds }, into));
const step = () => timed(() => still.trainer.takeStep([feeds], 2e-5));
const droppedStep = () => timed(() => dropping.trainer.takeStep([feeds], 2e-5));
await Promise.all([gradients(), step(), droppedStep()]);
const ratios: number[] = [];
const [times, dropped]: [number[], number[]] = [[], []];
for (let i = 0; i < rounds; i++) {
  const base = await gradients();
  times.push(await step());
  dropped.push(await droppedStep());
  ratios.push(times.at(-1)! / base);
}
const ms = (seconds: readonly number[]) => `${(1000 * spread(seconds).median).toFixed(0)} ms`;
const ratio = spread(ratios);
console.log(
  `step, BERT-base 8 x 128: ${ms(times)}, ${ratio.median.toFixed(2)} of bare gradients ` +
    `(${ratio.low.toFixed(2)} to ${ratio.high.toFixed(2)}); with dropout ${ms(dropped)}`,
);
console.log(`peak memory of all three together ${peak()}`);
await bare.close();
await still.trainer.close();
if (peerPython() !== null) {
  const peer = await startPeer("train.py");
  await compare("training step, dropout", { ours: droppedStep, peer, rounds });
  const { peak_kb: kilobytes } = await peer.run();
  console.log(`peer's peak memory ${(Number(kilobytes) / 1e6).toFixed(2)} GB`);
  peer.close();
}
await dropping.trainer.close();

async function prepare(dropout: boolean) {
  const { weights, parameters } = trainableWeights(
    () => {
      throw new Error("internal: everything is trained");
    },
    () => true,
  );
  const seed = g.input("seed", [], "int32");
  const drop = createDropout(model.dropoutRates, seed);
  const forward = { weights, dropout: dropout ? drop : (x: g.Node) => x };
  const inputs = modelInputs();
  const { hiddenStates } = model.encode(forward, model.embed(forward, inputs), inputs);
  const logits = model.classify(forward, { last: hiddenStates.at(-1)!, inputs, classes: 2 });
  const loss = crossEntropy(logits, {
    labels: g.input("labels", ["batch"], "int64"),
    weights: g.input("weights", ["batch"]),
  });
  const trainer = await createTrainer({
    loss,
    parameters: parameters.map((parameter) => ({
      ...parameter,
      initial: Float32Array.from(
        { length: parameter.shape.reduce((a, b) => a * b, 1) },
        () => 0.04 * (random.next() - 0.5),
      ),
      decays: parameter.shape.length > 1,
      rate: 1,
    })),
    optimizer: adamW(),
    weightDecay: 0.01,
    clipNorm: 1,
    session: { threads: 2 },
  });
  return { loss, parameters, trainer };
}

function peak(): string {
  return `${(process.resourceUsage().maxRSS / 1e6).toFixed(2)} GB`;
}
