/** @file Heads that read first tokens: the top layer computes no others, and that changes no answer and no gradient. */

import {
  batchFeeds,
  type Forward,
  inference,
  modelFeeds,
  modelInputs,
  modelOutputs,
  nativeHead,
  storedWeights,
  trainableWeights,
} from "@probegrid/probes";
import { evaluate, gradients, input, mul, type Node, reduceSum } from "@probegrid/probes/graph";
import { expect, it } from "vitest";
import { floatsOf, type Golden, goldenTexts, largestDifference, openGolden } from "./golden.ts";

const outputs = 3;

/** Logits, and the gradients of their sum with random weights, by name. */
async function compute(
  { model, tensors }: Golden,
  build: (forward: Forward) => Node,
  feeds: Parameters<typeof evaluate>[1],
) {
  const stored = storedWeights(tensors, model.prefix);
  const { weights, parameters } = trainableWeights(stored, () => true);
  const logits = build(inference(weights));
  const spread = input("spread", ["batch", outputs]);
  const nodes = parameters.map(({ node }) => node);
  const found = gradients(reduceSum(mul(logits, spread)), nodes);
  const named = Object.fromEntries(parameters.map(({ name }, i) => [name, found[i]!]));
  const values = Object.fromEntries(
    parameters.map(({ name, shape }) => {
      const tensor = tensors.get(name) ?? tensors.get(`${model.prefix}${name}`);
      return [`parameter ${name}`, { data: floatsOf(tensor as never), shape }];
    }),
  );
  const batch = Number(feeds!.mask!.shape[0]);
  const data = Float32Array.from({ length: batch * outputs }, (_, i) => Math.sin(7 * i));
  const all = { ...feeds, ...values, spread: { data, shape: [batch, outputs] } };
  return await evaluate({ logits, ...named }, all, { threads: 1 });
}

it.each(["albert", "bert", "distilbert", "electra", "roberta", "xlm-roberta"])(
  "of %s: logits and every gradient equal those of all tokens in a padded batch",
  async (name) => {
    const opened = openGolden(`${name}-classification`);
    const { model, golden } = opened;
    const texts = goldenTexts(golden) as never;
    const padId = Number(model.positions.padding ?? 0);
    const whole = await compute(
      opened,
      (forward) => {
        const inputs = modelInputs();
        const { hiddenStates } = model.encode(forward, model.embed(forward, inputs), inputs);
        return model.classify(forward, { last: hiddenStates.at(-1)!, inputs, classes: outputs });
      },
      batchFeeds(model, texts, padId),
    );
    const short = await compute(
      opened,
      (forward) => modelOutputs(model, forward, { head: nativeHead, outputs }),
      modelFeeds(model, texts, padId),
    );
    expect(Object.keys(short)).toEqual(Object.keys(whole));
    expect(Object.keys(short).length).toBeGreaterThan(10);
    for (const [key, { data }] of Object.entries(whole)) {
      const expected = data as Float32Array;
      const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      const apart = largestDifference(short[key]!.data as Float32Array, expected);
      expect(apart, key).toBeLessThan(1e-5 * Math.max(1, largest));
    }
  },
);
