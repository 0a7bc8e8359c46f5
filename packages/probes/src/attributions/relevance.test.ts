/** @file Relevance rules on networks small enough to solve by hand, and both forms of AttnLRP against each other. */

import { describe, expect, it } from "vitest";
import {
  add,
  constant,
  evaluate,
  gelu,
  input,
  layerNormalization,
  matMul,
  mul,
  type Node,
  reduceSum,
  relu,
  reshape,
  sigmoid,
  softmax,
  tanh,
} from "../graph/index.ts";
import { modelInputs } from "../models/architecture.ts";
import { createRandom } from "../random.ts";
import type { Explained } from "./explained.ts";
import { type RelevanceOptions, relevance } from "./relevance.ts";

const options: RelevanceOptions = { rules: "epsilon", epsilon: 1e-9, alpha: 1 };

/** A graph from a source to one number per text, as `explained` makes them. */
function network(source: Node, hiddenStates: readonly Node[], outputs: Node): Explained {
  const position = constant(Float32Array.of(1), [1, 1, 1]);
  const value = reduceSum(outputs, [1]);
  const states = [source, ...hiddenStates];
  const inputs = modelInputs();
  return { inputs, source, hiddenStates: states, attentions: [], position, outputs, value };
}

const values = (x: { data: ArrayLike<number | bigint> }) => Array.from(x.data, Number);

// Two layers by hand. x = (1, 2); h = relu(x W1 + b1), W1 = [[1, -1], [2, 1]], b1 = (1, -2):
// x W1 = (5, 1), h = (6, 0) because 1 - 2 < 0; y = h · (2, 3) + 4 = 16.
const x = { data: Float32Array.of(1, 2), shape: [1, 1, 2] };
function twoLayers(): Explained {
  const source = input("x", ["batch", 1, 2]);
  const hidden = relu(
    add(
      matMul(source, constant(Float32Array.of(1, -1, 2, 1), [2, 2])),
      constant(Float32Array.of(1, -2)),
    ),
  );
  const y = add(
    matMul(hidden, constant(Float32Array.of(2, 3), [2, 1])),
    constant(Float32Array.of(4)),
  );
  return network(source, [hidden], reshape(y, ["batch", 1]));
}

describe("relevance", () => {
  it("solves two layers by the epsilon rule", async () => {
    // R(y) = 16: bias 4, h1 gets 12. Of h1 = 1·1 + 2·2 + 1: x1 gets 12/6 = 2, x2 gets 8, bias 2.
    const { scores, layers, biases } = relevance(twoLayers(), options);
    const found = await evaluate({ scores, layer: layers.get(1)!, biases }, { x });
    expect(values(found.scores!)[0]).toBeCloseTo(10, 4);
    expect(values(found.layer!)[0]).toBeCloseTo(12, 4);
    expect(values(found.biases!)[0]).toBeCloseTo(6, 4);
  });

  it("solves two layers by the alpha-beta rule", async () => {
    // α = 2, β = 1. y has contributions 12 and 4, none negative: z+ takes all, h1 gets 12, bias 4.
    // h1 has 1, 4 and 1: x gets 10, the bias 2.
    const { scores, biases } = relevance(twoLayers(), {
      ...options,
      rules: "alpha-beta",
      alpha: 2,
    });
    const found = await evaluate({ scores, biases }, { x });
    expect(values(found.scores!)[0]).toBeCloseTo(10, 4);
    expect(values(found.biases!)[0]).toBeCloseTo(6, 4);
    // x = (-1, 2): h1 has -1, 4, 1: z+ = 5, z- = -1, h1 = 4; y = 12 = 8 + 4. R(h1) = 8:
    // x1 gets -1 · 8 · (-1/-1) = -8, x2 gets 2 · 8 · 4/5 = 12.8, the bias 2 · 8 · 1/5 = 3.2;
    // h2 has 1 + 2 - 2 = 1: y = 8 + 3 + 4 = 15, R(h2) = 3: z+ = 3, z- = -2:
    // x1 gets 2 · 3 · 1/3 = 2, x2 gets 4, the bias -1 · 3 · (-2/-2) = -3.
    const mixed = await evaluate(
      { scores, biases },
      { x: { data: Float32Array.of(-1, 2), shape: [1, 1, 2] } },
    );
    expect(values(mixed.scores!)[0]).toBeCloseTo(-8 + 12.8 + 2 + 4, 4);
    expect(values(mixed.biases!)[0]).toBeCloseTo(4 + 3.2 - 3, 4);
    // α = 1: z+ alone. h1 gets 12, x gets 12·5/6 = 10, the biases 4 + 2.
    const one = relevance(twoLayers(), { ...options, rules: "alpha-beta", alpha: 1 });
    const plain = await evaluate({ scores: one.scores, biases: one.biases }, { x });
    expect(values(plain.scores!)[0]).toBeCloseTo(10, 4);
    expect(values(plain.biases!)[0]).toBeCloseTo(6, 4);
  });

  it("conserves with any alpha where contributions have both signs", async () => {
    const draw = createRandom(5);
    const numbers = (n: number) => Float32Array.from({ length: n }, () => draw.normal());
    const source = input("x", ["batch", 3, 8]);
    const hidden = tanh(add(matMul(source, constant(numbers(64), [8, 8])), constant(numbers(8))));
    const y = matMul(reduceSum(hidden, [1]), constant(numbers(8), [8, 1]));
    const explained = network(source, [hidden], y);
    for (const alpha of [1, 1.5, 2, 3]) {
      const walked = relevance(explained, { ...options, rules: "alpha-beta", alpha });
      const feeds = { x: { data: numbers(48), shape: [2, 3, 8] } };
      const found = await evaluate(
        { scores: walked.scores, biases: walked.biases, value: explained.value },
        feeds,
      );
      const scores = values(found.scores!);
      for (const row of [0, 1]) {
        const sum = scores.slice(row * 3, row * 3 + 3).reduce((a, b) => a + b, 0);
        const value = values(found.value!)[row]!;
        expect(sum + values(found.biases!)[row]!, `alpha ${alpha}`).toBeCloseTo(value, 3);
      }
    }
  });

  it("has one answer for AttnLRP as modified gradient and as explicit relevance", async () => {
    const draw = createRandom(11);
    const numbers = (n: number, size = 1) =>
      Float32Array.from({ length: n }, () => size * draw.normal());
    const dim = 8;
    const weight = (rows: number, columns: number) =>
      constant(numbers(rows * columns, 0.5), [rows, columns]);
    const source = input("x", ["batch", "tokens", dim]);
    const q = add(matMul(source, weight(dim, dim)), constant(numbers(dim)));
    const k = matMul(source, weight(dim, dim));
    const v = matMul(source, weight(dim, dim));
    const attention = softmax(matMul(q, k, { transposeB: true, scale: 0.3 }));
    const mixed = layerNormalization(add(matMul(attention, v), source), {
      scale: constant(numbers(dim)),
      bias: constant(numbers(dim)),
      epsilon: 1e-5,
    });
    const gated = mul(mul(mixed, sigmoid(mixed)), matMul(mixed, weight(dim, dim))); // SiLU gate
    const top = gelu(matMul(add(gated, mixed), weight(dim, dim)));
    const y = matMul(reduceSum(top, [1]), weight(dim, 1));
    const explained = network(source, [mixed, top], y);
    const attn = { ...options, rules: "attention" as const };
    const [a, b] = (["gradient", "explicit"] as const).map((form) =>
      relevance(explained, attn, form),
    );
    const found = await evaluate(
      {
        a: a!.scores,
        b: b!.scores,
        biasesA: a!.biases,
        biasesB: b!.biases,
        softmaxA: a!.softmax,
        softmaxB: b!.softmax,
        value: explained.value,
      },
      { x: { data: numbers(2 * 4 * dim), shape: [2, 4, dim] } },
    );
    const scores = values(found.a!);
    values(found.b!).forEach((score, i) => {
      expect(score).toBeCloseTo(scores[i]!, 3);
    });
    for (const row of [0, 1]) {
      expect(values(found.biasesA!)[row]!).toBeCloseTo(values(found.biasesB!)[row]!, 3);
      expect(values(found.softmaxA!)[row]!).toBeCloseTo(values(found.softmaxB!)[row]!, 3);
      const sum = scores.slice(row * 4, row * 4 + 4).reduce((p, s) => p + s, 0);
      const taken = values(found.biasesA!)[row]! + values(found.softmaxA!)[row]!;
      expect(sum + taken).toBeCloseTo(values(found.value!)[row]!, 3);
    }
  });
});
