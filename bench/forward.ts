/** @file The forward pass against the machine's plain matrix product, and against transformers + PyTorch. */

import { batchFeeds } from "@probegrid/probes";
import * as g from "@probegrid/probes/graph";
import { compare, peerPython, spread, startPeer, timed } from "./peer.ts";
import { randomBert, texts8x128 } from "./random-model.ts";

const { model, hiddenStates } = randomBert();
const pooled = Object.fromEntries(hiddenStates.map((x, i) => [`mean.${i}`, g.reduceMean(x, [1])]));
const encode = await g.compile(pooled, { threads: 2 });
const feeds = { ...batchFeeds(model, texts8x128, 0) };

const size = 2048;
const random = () => ({ data: new Float32Array(size * size).fill(0.5), shape: [size, size] });
const a = g.input("a", [size, size]);
const product = await g.compile({ c: g.matMul(a, g.input("b", [size, size])) }, { threads: 2 });
const factors = { a: random(), b: random() };

/** 12 layers of 1024 rows: 4 products of 768 x 768, 2 of 768 x 3072; attention 2 x 128 x 64 a head. */
const forwardFlop =
  12 * (2 * 1024 * (4 * 768 * 768 + 2 * 768 * 3072) + 8 * 12 * 4 * 128 * 128 * 64);
const productFlop = 2 * size ** 3;

const rates: number[] = [];
const own: number[] = [];
for (let i = 0; i < 7; i++) {
  const plain = await timed(() => product.run(factors));
  const forward = await timed(() => encode.run(feeds));
  if (i === 0) continue;
  rates.push(forwardFlop / forward / (productFlop / plain));
  own.push(forwardFlop / forward / 1e9);
}
const share = spread(rates);
console.log(
  `forward, BERT-base 8 x 128: ${spread(own).median.toFixed(0)} GFLOP/s, ` +
    `${share.median.toFixed(2)} of the plain product's rate (${share.low.toFixed(2)} to ${share.high.toFixed(2)})`,
);
if (peerPython() !== null) {
  const matmul = await startPeer("matmul.py");
  await compare("plain product 2048", {
    ours: () => timed(() => product.run(factors)),
    peer: matmul,
  });
  matmul.close();
  const peer = await startPeer("forward.py");
  await compare("forward, all hidden states", { ours: () => timed(() => encode.run(feeds)), peer });
  peer.close();
}
await encode.close();
await product.close();
