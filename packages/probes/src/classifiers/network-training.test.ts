/** @file Training in one graph does what training each fold alone, step by step, would do. */

import { expect, it } from "vitest";
import { matrix } from "../array.ts";
import { createRandom } from "../random.ts";
import { createSums } from "../sums.ts";
import type { FitInput } from "./classifier.ts";
import { trainNetworks } from "./network-training.ts";
import { feedForward, oneLayer } from "./networks.ts";
import { createPlateau } from "./plateau.ts";

const [rows, width, batch] = [90, 7, 16];

function example(): FitInput {
  const random = createRandom("training");
  const data = Float32Array.from({ length: rows * width }, () => random.normal());
  const targets = Int32Array.from({ length: rows }, (_, i) =>
    Number(data[i * width]! + 0.5 * random.normal() > 0),
  );
  const features = matrix(rows, width, data);
  const every = Uint32Array.from({ length: rows }, (_, i) => i);
  // Folds of different sizes: 60, 41 and 75 training rows are 4, 3 and 5 steps.
  const folds = [60, 41, 75].map((count) => ({
    train: every.slice(0, count),
    validation: every.slice(count, count + 7),
    test: every.slice(count + 7),
  }));
  const task = { kind: "classification", targets, classes: 2 } as const;
  return { features, sums: createSums(features), task, folds, random: createRandom(4) };
}

/** Adam on one fold in plain loops, in float64, with the same starting weights and row orders. */
function trainAlone({ features, task, folds, random }: FitInput, f: number, epochs: number) {
  const stream = (name: string) => random.fork(`parameter ${name} ${f}`);
  const bound = 1 / Math.sqrt(width);
  const [w, b] = ["weight", "bias"].map((name) => stream(name));
  const p = Array.from(
    { length: width + 1 },
    (_, j) => (2 * (j < width ? w! : b!).next() - 1) * bound,
  );
  const first = p.map(() => 0);
  const second = p.map(() => 0);
  const shuffle = random.fork("shuffle");
  const { train, test } = folds[f]!;
  const logit = (row: number) =>
    p.reduce((sum, value, j) => sum + value * (j < width ? features.data[row * width + j]! : 1), 0);
  const losses: number[] = [];
  let t = 0;
  for (let epoch = 0; epoch < epochs; epoch++) {
    const order = [...shuffle.permutation(rows)].filter((row) => train.includes(row));
    let sum = 0;
    for (let start = 0; start < order.length; start += batch) {
      const some = order.slice(start, start + batch);
      const g = p.map(() => 0);
      for (const row of some) {
        const z = logit(row);
        sum += Math.log(1 + Math.exp(z)) - task.targets[row]! * z;
        const slope = (1 / (1 + Math.exp(-z)) - task.targets[row]!) / some.length;
        for (let j = 0; j <= width; j++)
          g[j]! += slope * (j < width ? features.data[row * width + j]! : 1);
      }
      t += 1;
      for (let j = 0; j <= width; j++) {
        first[j] = 0.9 * first[j]! + 0.1 * g[j]!;
        second[j] = 0.999 * second[j]! + 0.001 * g[j]! ** 2;
        const [m, v] = [first[j]! / (1 - 0.9 ** t), second[j]! / (1 - 0.999 ** t)];
        p[j]! -= (0.01 * m) / (Math.sqrt(v) + 1e-8);
      }
    }
    losses.push(sum / order.length);
  }
  return { losses, outputs: Array.from(test, logit) };
}

it.each([true, false])(
  "trains a single layer as plain loops do (rows shared: %s)",
  async (shared) => {
    const input = example();
    const settings = { epochs: 4, batch, learningRate: 0.01, standardise: false };
    const network = { name: `test ${shared}`, forward: oneLayer, shared };
    const fits = await trainNetworks(input, network, settings);
    fits.forEach((fit, f) => {
      const alone = trainAlone(input, f, 4);
      fit.losses!.train.forEach((loss, epoch) => {
        expect(loss).toBeCloseTo(alone.losses[epoch]!, 5);
      });
      fit.test.data.forEach((output, i) => {
        expect(output).toBeCloseTo(alone.outputs[i]!, 4); // float32 through 20 steps
      });
      expect(fit.losses!.validation.length).toBe(4);
      expect(fit.losses!.test.length).toBe(4);
    });
  },
);

it("gives a layered network the same start and losses whether rows are shared or not", async () => {
  const settings = { epochs: 3, batch, learningRate: 0.01, standardise: false };
  const forward = feedForward([5], "relu");
  const own = await trainNetworks(example(), { name: "own", forward }, settings);
  const shared = await trainNetworks(
    example(),
    { name: "shared", forward, shared: true },
    settings,
  );
  own.forEach((fit, f) => {
    fit.losses!.train.forEach((loss, epoch) => {
      expect(loss).toBeCloseTo(shared[f]!.losses!.train[epoch]!, 5);
    });
  });
});

it("standardises by the training rows of each fold", async () => {
  const input = example();
  const stretched = input.features.data.map(
    (value, at) => value * 10 ** (at % width) + (at % width),
  );
  const features = matrix(rows, width, stretched);
  const settings = { epochs: 3, batch, learningRate: 0.01, standardise: true };
  const network = { name: "standardised", forward: oneLayer };
  const plain = await trainNetworks(input, network, settings);
  const scaled = await trainNetworks(
    { ...input, features, sums: createSums(features) },
    network,
    settings,
  );
  plain[0]!.test.data.forEach((output, i) => {
    expect(scaled[0]!.test.data[i]).toBeCloseTo(output, 3);
  });
});

it("lowers the rate as torch's ReduceLROnPlateau: after 11 losses that are not 0.01 % better", () => {
  const plateau = createPlateau(1e-3);
  plateau.observe(1);
  for (let i = 0; i < 10; i++) plateau.observe(0.99995); // within the threshold: bad
  expect(plateau.rate()).toBe(1e-3);
  plateau.observe(1);
  expect(plateau.rate()).toBeCloseTo(1e-4, 12);
  plateau.observe(0.5); // better: the count starts again
  for (let i = 0; i < 11; i++) plateau.observe(0.6);
  expect(plateau.rate()).toBeCloseTo(1e-5, 12);
});
