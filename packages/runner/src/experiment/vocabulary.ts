/** @file The words of a pooler, and how each is shown in tables and used in names. */

/** Words for a layer or a set of layers; a number is an index into hidden_states, negative from the end. */
export const layerWords = ["last", "second-to-last", "all", "every", "each"] as const;
export type LayerWord = (typeof layerWords)[number];

/**
 * Element-wise combinations of several layers; `concat`, which puts them side by side; and `rows`: each layer is a training
 * row of its own, and the last one is tested (R1's extend of May 2021).
 */
export const layerMethods = ["mean", "max", "min", "concat", "rows"] as const;
export type LayerMethod = (typeof layerMethods)[number];

/** Words for how the tokens of a text become one vector. */
export const tokenWords = ["cls", "mean", "max", "min", "first", "last", "attention"] as const;
export type TokenWord = (typeof tokenWords)[number];

/** Tokens that `attention` keeps of each text where no number is given. */
export const attendedTokens = 64;

/** Tokens to one vector, with `first` and `last` written as the quantiles they are. */
export type TokenPooling =
  | { readonly kind: "cls" | "mean" | "max" | "min" }
  | { readonly kind: "quantile"; readonly quantile: number }
  | { readonly kind: "firstMean" | "lastMean"; readonly count: number }
  | { readonly kind: "attention"; readonly count: number };

/** Name used in the cache and in tables: "mean", "quantile 0.5", "last", "firstMean 3". */
export function tokenName(token: TokenPooling): string {
  switch (token.kind) {
    case "quantile":
      if (token.quantile === 0) return "first";
      return token.quantile === 1 ? "last" : `quantile ${token.quantile}`;
    case "firstMean":
    case "lastMean":
    case "attention":
      return `${token.kind} ${token.count}`;
    default:
      return token.kind;
  }
}
