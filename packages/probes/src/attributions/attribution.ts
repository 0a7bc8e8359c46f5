/** @file What an attribution is: one number per token, and how far it can be trusted. */

import type { TokenizedText } from "../models/batch.ts";

/** A tokenised text; `specials` is 1 at tokens that the tokenizer put around it. */
export type Example = TokenizedText & { readonly specials: ArrayLike<number> };

/** Which output is explained, and (units, words, attention tracing) at which token. */
export type Target = {
  readonly output: number | "predicted";
  /** Default: the token that the model's classification head reads. */
  readonly position?: number;
};

/** Scores that a method gives at one hidden state. */
export type LayerScores = { readonly layer: number; readonly scores: Float32Array };

export type Attribution = {
  /** One per token, specials included. */
  readonly scores: Float32Array;
  /**
   * What the method's promise leaves open: F(x) - F(x') - Σ scores for integrated gradients,
   * F(x) - Σ relevance - what biases and softmax took for LRP, heads - Σ scores for attention
   * tracing; null for methods that promise no sum.
   */
  readonly residual: number | null;
  /** Scores by layer, for methods that have them. */
  readonly layers: readonly LayerScores[];
  /** Further numbers by name: steps, baseline output, the biases' share. */
  readonly details: Readonly<Record<string, number | readonly number[]>>;
  /** Warnings in words: "completeness gap of 3.1 % after 800 steps". */
  readonly marks: readonly string[];
};

export const attribution = (
  scores: Float32Array,
  more: Partial<Omit<Attribution, "scores">> = {},
): Attribution => ({ scores, residual: null, layers: [], details: {}, marks: [], ...more });

/** Σ of the values in float64. */
export function sumOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum;
}

/** Positions that are no special tokens. */
export function ordinaryTokens({ ids, specials }: Example): readonly number[] {
  return Array.from({ length: ids.length }, (_, i) => i).filter((i) => specials[i] !== 1);
}
