/** @file Every attribution method against torch, captum, LXT and its own promises. */

import {
  Attributor,
  type Explanation,
  type MethodSpec,
  measureRegularization,
  methodSpec,
  storedWeights,
} from "@probegrid/probes";
import { describe, expect, it } from "vitest";
import { readHeader } from "../packages/runner/src/safetensors.ts";
import { floatsOf, goldenTexts, openGolden } from "./golden.ts";

const names = ["bert-classification", "electra-classification", "gpt2-classification"] as const;
const folder = new URL("./fixtures/attribution/", import.meta.url).pathname;

/** The golden texts with their first and last tokens marked as special. */
function examplesOf(name: string) {
  return goldenTexts(openGolden(name).golden).map(({ ids, typeIds }) => ({
    ids,
    typeIds,
    specials: ids.map((_, i) => (i === 0 || i === ids.length - 1 ? 1 : 0)),
  }));
}

async function explain(
  name: string,
  methods: readonly MethodSpec[],
  more: Partial<Parameters<typeof Attributor.create>[0]> = {},
): Promise<readonly Explanation[]> {
  const { model, tensors } = openGolden(name);
  const attributor = await Attributor.create({
    model,
    weights: storedWeights(tensors, model.prefix),
    objective: { kind: "class", classes: 3 },
    methods,
    padId: 0,
    maskId: 1,
    ...more,
  });
  try {
    const queries = examplesOf(name).map((example) => ({ example, target: { output: 2 } }));
    const answers = await attributor.explain(queries);
    return answers.map((answer) => {
      if ("error" in answer) throw new Error(answer.error);
      return answer;
    });
  } finally {
    await attributor.close();
  }
}

/** Expected scores of each text, cut to its tokens. */
function expected(name: string, key: string): readonly Float32Array[] {
  const tensor = readHeader(`${folder}${name}.safetensors`).tensors.get(key)!;
  const values = floatsOf(tensor);
  const width = tensor.shape[1]!;
  return examplesOf(name).map(({ ids }, i) => values.slice(i * width, i * width + ids.length));
}

function difference(actual: ArrayLike<number>, wanted: ArrayLike<number>): number {
  expect(actual.length).toBe(wanted.length);
  let most = 0;
  for (let i = 0; i < wanted.length; i++) most = Math.max(most, Math.abs(actual[i]! - wanted[i]!));
  return most;
}

type Given = { readonly name: string } & Readonly<Record<string, unknown>>;

/** Method, the golden key it must equal, and the tolerance. */
const cases: readonly (readonly [Given, string, number])[] = [
  [{ name: "gradient" }, "gradient", 1e-5],
  [{ name: "gradient", reduce: "squared-norm" }, "gradient_squared_norm", 1e-5],
  [{ name: "gradient-x-input" }, "gradient_x_input", 1e-5],
  [{ name: "ig", maxSteps: 50 }, "ig_pad_gauss", 1e-4],
  [{ name: "ig", maxSteps: 50, quadrature: "midpoint" }, "ig_pad_midpoint", 1e-4],
  [{ name: "ig", maxSteps: 50, baseline: "zero" }, "ig_zero_gauss", 1e-4],
  [{ name: "attention-tracing" }, "attention_tracing", 1e-5],
  [{ name: "attention-rollout" }, "attention_rollout", 1e-5],
  [{ name: "occlusion", perturbation: "pad" }, "occlusion_pad", 1e-5],
  [{ name: "lrp" }, "attnlrp", 1e-4],
];

describe.each(names)("%s", (name) => {
  it.each(cases)("%o equals the reference's %s", async (given, key, tolerance) => {
    const method = methodSpec(given);
    const found = await explain(name, [method]);
    const wanted = expected(name, key);
    found.forEach(({ attributions }, i) => {
      const [scores] = [...attributions.values()].map((a) => a.scores);
      expect(difference(scores!, wanted[i]!)).toBeLessThan(tolerance);
    });
  });

  it("explains the logit that torch computes", async () => {
    const found = await explain(name, []);
    const wanted = expected(name, "logit");
    found.forEach(({ value }, i) => {
      expect(value).toBeCloseTo(wanted[i]![0]!, 4);
    });
  });
});

// transformers' hidden states: their mean over each text's tokens, and its population deviation over texts.
it("measures what R3's loss divides by over a sample of texts", async () => {
  const { model, tensors, golden } = openGolden("bert-classification");
  const examples = examplesOf("bert-classification");
  const stored = golden.get("hidden_states")!;
  const [states, texts, tokens, width] = stored.shape as [number, number, number, number];
  const values = floatsOf(stored);
  const meanOf = (state: number, text: number, unit: number): number => {
    const at = (state * texts + text) * tokens * width + unit;
    const own = examples[text]!.ids.map((_, token) => values[at + token * width]!);
    return own.reduce((sum, v) => sum + v, 0) / own.length;
  };
  const attributor = await Attributor.create({
    ...{ model, weights: storedWeights(tensors, model.prefix), methods: [] },
    ...{ objective: { kind: "class", classes: 3 }, padId: 0, maskId: 1 },
  });
  const found = await measureRegularization(attributor.tools, examples);
  await attributor.close();
  expect(found.length).toBe(states);
  for (let state = 0; state < states; state++) {
    for (let unit = 0; unit < width; unit++) {
      const means = examples.map((_, text) => meanOf(state, text, unit));
      const mean = means.reduce((sum, v) => sum + v, 0) / texts;
      const variance = means.reduce((sum, v) => sum + (v - mean) ** 2, 0) / texts;
      expect(found[state]![unit]!).toBeCloseTo(Math.sqrt(variance), 4);
    }
  }
});
