/** @file How faithful every method is on some texts: what the store keeps beside the scores. */

import {
  type Attribution,
  Attributor,
  infidelity,
  maxSensitivity,
  measureFaithfulness,
  methodLabel,
  ordinaryTokens,
  type Perturbation,
  type Query,
  type RandomisedPart,
  randomisedParts,
  randomisedWeights,
  type Scorer,
  spearman,
  storedWeights,
} from "@probegrid/probes";
import type { Checkpoint } from "../checkpoint.ts";
import { type Explainer, type ExplainerOptions, openExplainer } from "./explainer.ts";

/** Numbers about one text and method, by name; a curve is a list. */
export type Measures = Record<string, number | readonly number[] | readonly boolean[]>;

export type MeasureSettings = {
  readonly perturbation: Perturbation;
  readonly infidelityDraws: number;
  readonly seed: number;
};

/** One text, what was explained about it, and the methods' answers. */
export type Explained = {
  readonly query: Query;
  readonly attributions: ReadonlyMap<string, Attribution>;
};

/** Takes tokens out in the order of each method's scores. One map per text, by method. */
export async function measureTexts(
  { explainer, scorer }: { readonly explainer: Explainer; readonly scorer: Scorer },
  texts: readonly Explained[],
  { perturbation, infidelityDraws, seed }: MeasureSettings,
): Promise<readonly ReadonlyMap<string, Measures>[]> {
  const { tools } = explainer.attributor;
  const setting = { scorer, tools, perturbation };
  const found = texts.map(() => new Map<string, Measures>());
  const asked = texts.flatMap(({ query, attributions }, i) =>
    [...attributions].map(([method, { scores }]) => ({ i, method, query, scores })),
  );
  const faithful = await measureFaithfulness(setting, asked);
  asked.forEach(({ i, method }, k) => {
    found[i]!.set(method, { ...faithful[k]! });
  });
  if (infidelityDraws === 0) return found;
  const unfaithful = await infidelity({ ...setting, draws: infidelityDraws, seed }, asked);
  asked.forEach(({ i, method }, k) => {
    found[i]!.get(method)!.infidelity = unfaithful[k]!;
  });
  return found;
}

/** Methods that are too slow to repeat dozens of times, or say nothing when repeated. */
const unchecked = new Set(["information", "random"]);

/**
 * Max-sensitivity, and the rank correlation of |scores| with those of a model whose weights are partly
 * random: a method that does not notice explains the text, not the model. One map per text, by method.
 */
export async function checkTexts(
  checkpoint: Checkpoint,
  options: ExplainerOptions,
  { texts, seed }: { readonly texts: readonly Explained[]; readonly seed: number },
): Promise<readonly ReadonlyMap<string, Measures>[]> {
  const methods = options.methods
    .filter(({ name }) => !unchecked.has(name))
    // Doubling steps would compare different precisions.
    .map((method) =>
      method.name === "integrated-gradients" ? { ...method, maxSteps: method.steps } : method,
    );
  const found = texts.map(
    () => new Map<string, Measures>(methods.map((m) => [methodLabel(m), {}])),
  );
  if (texts.length === 0 || methods.length === 0) return found;
  const queries = texts.map(({ query }) => query);
  const shaken = await openExplainer(checkpoint, { ...options, methods, shifted: true });
  try {
    const worst = await maxSensitivity(shaken.attributor, queries, { seed });
    worst.forEach((byMethod, i) => {
      for (const [method, value] of byMethod) found[i]!.get(method)!.maxSensitivity = value;
    });
  } finally {
    await shaken.close();
  }
  for (const part of randomisedParts) {
    const name = `randomised${part.replace(/(^| )(\w)/g, (_, __, letter) => letter.toUpperCase())}`;
    await compareRandomised(
      checkpoint,
      { ...options, methods },
      { texts, seed, part, name, found },
    );
  }
  return found;
}

type Comparison = {
  readonly texts: readonly Explained[];
  readonly seed: number;
  readonly part: RandomisedPart;
  readonly name: string;
  readonly found: readonly ReadonlyMap<string, Measures>[];
};

async function compareRandomised(
  checkpoint: Checkpoint,
  options: ExplainerOptions,
  { texts, seed, part, name, found }: Comparison,
): Promise<void> {
  const plain = await openExplainer(checkpoint, { ...options, methods: [] });
  const { tools } = plain.attributor;
  const { model } = plain;
  await plain.close();
  const weights = storedWeights(checkpoint.tensors, model.prefix);
  const { padId, maskId, session } = tools;
  const random = await Attributor.create({
    ...tools.spec,
    ...{ padId, maskId, session, methods: options.methods },
    weights: randomisedWeights(weights, model, { part, seed }),
  });
  try {
    const answers = await random.explain(texts.map(({ query }) => query));
    answers.forEach((answer, i) => {
      if ("error" in answer) return;
      const positions = ordinaryTokens(texts[i]!.query.example);
      for (const [method, { scores }] of answer.attributions) {
        const own = texts[i]!.attributions.get(method)?.scores;
        if (own === undefined) continue;
        const sizes = (all: Float32Array) => positions.map((at) => Math.abs(all[at]!));
        const correlation = spearman(sizes(own), sizes(scores));
        if (correlation !== null) found[i]!.get(method)![name] = correlation;
      }
    });
  } finally {
    await random.close();
  }
}
