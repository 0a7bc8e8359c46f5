/** @file Hidden states, attentions, logits and gradients of every architecture against transformers and torch. */

import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import {
  batchFeeds,
  inference,
  modelInputs,
  modelTypes,
  storedWeights,
  type Weights,
} from "@probegrid/probes";
import * as g from "@probegrid/probes/graph";
import { describe, expect, it } from "vitest";
import {
  fixtures,
  floatsOf,
  goldenTexts,
  integersOf,
  largestDifference,
  openGolden,
} from "./golden.ts";

/** Parity is defined as 1e-4 in fp32 (docs/architecture.md). */
const tolerance = 1e-4;

const folders = readdirSync(fixtures, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .filter((name) => modelTypes.includes(openType(name)) && !name.includes("sharded"));

function openType(name: string): string {
  try {
    return openGolden(name).model.type;
  } catch {
    return "";
  }
}

/** Padding goes on the right; the fixtures pad with each model's own id, which nothing real attends to. */
const padId = 0;

it("has a golden model for every architecture", () => {
  const covered = new Set(folders.map(openType));
  expect(modelTypes.filter((type) => !covered.has(type))).toEqual([]);
});

describe.each(folders)("%s", (name) => {
  it("has the hidden states, attentions and logits of transformers", async () => {
    const { model, tensors, golden } = openGolden(name);
    const forward = inference(storedWeights(tensors, model.prefix));
    const inputs = modelInputs();
    const { hiddenStates, attentions } = model.encode(
      forward,
      model.embed(forward, inputs),
      inputs,
    );
    const outputs: Record<string, g.Node> = {
      ...Object.fromEntries(hiddenStates.map((node, i) => [`hidden.${i}`, node])),
      ...Object.fromEntries(attentions.map((node, i) => [`attention.${i}`, node])),
    };
    const logits = golden.get("logits");
    const last = hiddenStates.at(-1)!;
    if (logits?.shape.length === 2) {
      outputs.logits = model.classify(forward, { last, inputs, classes: logits.shape[1]! });
    } else if (logits && model.predictTokens) {
      outputs.logits = model.predictTokens(forward, { last, inputs });
    }
    const found = await g.evaluate(outputs, batchFeeds(model, goldenTexts(golden), padId));

    const mask = integersOf(golden.get("attention_mask")!);
    const [batch, tokens] = golden.get("input_ids")!.shape as [number, number];
    const { heads, layers, width } = model.geometry;
    expect(hiddenStates.length).toBe(layers + 1);
    const expectedHidden = floatsOf(golden.get("hidden_states")!);
    const per = batch * tokens * width;
    for (let layer = 0; layer <= layers; layer++) {
      const difference = largestDifference(
        found[`hidden.${layer}`]!.data as Float32Array,
        expectedHidden.subarray(layer * per, (layer + 1) * per),
        (i) => mask[Math.floor(i / width)] === 1,
      );
      expect(difference, `hidden state ${layer}`).toBeLessThan(tolerance);
    }
    const expectedAttention = floatsOf(golden.get("attentions")!);
    const square = batch * heads * tokens * tokens;
    for (let layer = 0; layer < layers; layer++) {
      const difference = largestDifference(
        found[`attention.${layer}`]!.data as Float32Array,
        expectedAttention.subarray(layer * square, (layer + 1) * square),
        (i) =>
          mask[
            Math.floor(i / (heads * tokens * tokens)) * tokens + (Math.floor(i / tokens) % tokens)
          ] === 1,
      );
      expect(difference, `attention ${layer}`).toBeLessThan(tolerance);
    }
    if (outputs.logits) {
      const perToken = logits!.shape.length === 3 ? logits!.shape[2]! : 0;
      const difference = largestDifference(
        found.logits!.data as Float32Array,
        floatsOf(logits!),
        (i) => perToken === 0 || mask[Math.floor(i / perToken)] === 1,
      );
      expect(difference, "logits").toBeLessThan(tolerance);
    }
  });
});

/** Those whose gradients were stored, and whose head (if any) we have. */
const differentiated = folders.filter(
  (name) =>
    existsSync(join(fixtures, name, "gradients.safetensors")) &&
    (openGolden(name).golden.get("logits")?.shape.length !== 3 ||
      openGolden(name).model.predictTokens !== null),
);

describe.each(differentiated)("%s", (name) => {
  it("has the gradients of torch.autograd", async () => {
    const opened = openGolden(name);
    const { model, tensors, golden } = opened;
    const expected = opened.gradients();
    const nodes = new Map<string, g.Node>();
    const stored = storedWeights(tensors, model.prefix);
    const weights: Weights = (weightName, shape) => {
      const made = nodes.get(weightName) ?? stored(weightName, shape);
      nodes.set(weightName, made);
      return made;
    };
    const forward = inference(weights);
    const inputs = modelInputs();
    const embeddings = model.embed(forward, inputs);
    const { hiddenStates } = model.encode(forward, embeddings, inputs);
    const last = hiddenStates.at(-1)!;
    const projection = expected.get("projection");
    const [batch, tokens] = golden.get("input_ids")!.shape as [number, number];
    let loss: g.Node;
    const feeds: Record<string, g.Tensor> = { ...batchFeeds(model, goldenTexts(golden), padId) };
    if (projection) {
      feeds.projection = { data: floatsOf(projection), shape: [...projection.shape] };
      loss = g.reduceSum(
        g.mul(last, g.input("projection", ["batch", "tokens", model.geometry.width])),
      );
    } else {
      const labels = integersOf(expected.get("labels")!);
      const classes = golden.get("logits")!.shape.at(-1)!;
      if (labels.length === batch) {
        loss = crossEntropy(model.classify(forward, { last, inputs, classes }), classes);
      } else {
        loss = crossEntropy(model.predictTokens!(forward, { last, inputs }), classes);
      }
      const counted = labels.filter((label) => label >= 0).length;
      const oneHot = new Float32Array(labels.length * classes);
      labels.forEach((label, i) => {
        if (label >= 0) oneHot[i * classes + label] = 1 / counted;
      });
      feeds.oneHot = {
        data: oneHot,
        shape: labels.length === batch ? [batch, classes] : [batch, tokens, classes],
      };
    }
    const targets = [...nodes.entries()];
    const found = g.gradients(loss, [...targets.map(([, node]) => node), embeddings]);
    const outputs = Object.fromEntries(found.map((node, i) => [`g${i}`, node]));
    const values = await g.evaluate({ loss, ...outputs }, feeds);
    expect(
      Math.abs((values.loss!.data as Float32Array)[0]! - floatsOf(expected.get("loss")!)[0]!),
    ).toBeLessThan(1e-3);
    let checked = 0;
    targets.forEach(([weightName], i) => {
      const golden =
        expected.get(`gradient.${weightName}`) ??
        expected.get(`gradient.${model.prefix}${weightName}`);
      if (!golden) return;
      checked += 1;
      const values32 = floatsOf(golden);
      const size = Math.max(
        1,
        values32.reduce((max, x) => Math.max(max, Math.abs(x)), 0),
      );
      const difference = largestDifference(values[`g${i}`]!.data as Float32Array, values32) / size;
      expect(difference, weightName).toBeLessThan(tolerance);
    });
    expect(checked).toBeGreaterThan(10);
    const embeddingGradient = floatsOf(expected.get("gradient.hidden_states.0")!);
    const size = Math.max(
      1,
      embeddingGradient.reduce((max, x) => Math.max(max, Math.abs(x)), 0),
    );
    const difference =
      largestDifference(values[`g${targets.length}`]!.data as Float32Array, embeddingGradient) /
      size;
    expect(difference, "embedding output").toBeLessThan(tolerance);
  });
});

/** -Σ target log softmax(logits), with targets already divided by the number that count. */
function crossEntropy(logits: g.Node, classes: number): g.Node {
  const dims = logits.shape.length === 3 ? ["batch", "tokens", classes] : ["batch", classes];
  return g.neg(g.reduceSum(g.mul(g.logSoftmax(logits), g.input("oneHot", dims))));
}
