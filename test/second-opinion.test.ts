/** @file tfjs against transformers: the golden models, whose stored weights it reads itself. */

import { Encoder, storedWeights } from "@probegrid/probes";
import { expect, it } from "vitest";
import { sessionOn } from "../packages/runner/src/session-on.ts";
import { floatsOf, goldenTexts, largestDifference, openGolden } from "./golden.ts";

it.each(["bert", "bert-float16", "bert-bfloat16", "gpt2", "llama", "deberta-v2", "modernbert"])(
  "%s by tfjs has the hidden states of transformers",
  async (name) => {
    const { model, tensors, golden } = openGolden(name);
    const layers = Array.from({ length: model.geometry.layers + 1 }, (_, layer) => layer);
    const spec = {
      ...{ model, weights: storedWeights(tensors, model.prefix), padId: 0 },
      features: layers.map((layer) => ({ layer, token: { kind: "cls" } as const })),
    };
    const encoder = await Encoder.create({ ...spec, session: sessionOn("tfjs") });
    const found = await encoder.encode(goldenTexts(golden));
    const states = golden.get("hidden_states")!; // [layers + 1, batch, tokens, width]
    const [, batch, tokens, width] = states.shape as [number, number, number, number];
    const all = floatsOf(states);
    for (const layer of layers) {
      const first = Float32Array.from({ length: batch * width }, (_, i) => {
        const row = (layer * batch + Math.floor(i / width)) * tokens;
        return all[row * width + (i % width)]!;
      });
      expect(largestDifference(found[layer]!, first), `layer ${layer}`).toBeLessThan(1e-4);
    }
    await encoder.close();
  },
);
