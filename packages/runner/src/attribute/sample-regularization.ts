/** @file What R3's measure divides by, where it is asked for over a sample of the dataset: measured before the texts. */

import { type MethodSpec, measureRegularization } from "@probegrid/probes";
import type { ExplainSettings } from "./explain-rows.ts";
import { openExplainer } from "./explainer.ts";

export type SampleWork = ExplainSettings & {
  readonly texts: readonly string[];
  readonly textPairs: readonly string[] | null;
};

/** Population deviation of each unit of each hidden state over texts, their tokens averaged first. */
export async function regularizationOver(
  work: SampleWork,
): Promise<readonly (readonly number[])[]> {
  const explainer = await openExplainer(work.checkpoint, { ...work, methods: [] });
  try {
    const texts = explainer.tokenizer.encodeAll(work.texts, work.textPairs);
    const found = await measureRegularization(explainer.attributor.tools, texts);
    return found.map((layer) => Array.from(layer));
  } finally {
    await explainer.close();
  }
}

/** How many texts methods want measured; 0 where none does. */
export function sampleOf(methods: readonly MethodSpec[]): number {
  const sizes = methods.map((method) => {
    const regularization = method.name === "information" ? method.regularization : null;
    return regularization !== null && "sample" in regularization ? regularization.sample : 0;
  });
  return Math.max(0, ...sizes);
}

/** Methods with the measured deviations in the place of a sample. */
export function withRegularization(
  methods: readonly MethodSpec[],
  measured: readonly (readonly number[])[],
): readonly MethodSpec[] {
  return methods.map((method) =>
    sampleOf([method]) > 0 && method.name === "information"
      ? { ...method, regularization: measured.map((layer) => [...layer]) }
      : method,
  );
}
