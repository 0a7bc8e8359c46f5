/** @file The parts of @huggingface/tokenizers we build on; its own declarations do not resolve under "nodenext". */

import * as library from "@huggingface/tokenizers";
import { asComponent, asText, type Component, show } from "./config.ts";

type ToPieces = (words: readonly string[]) => readonly string[];
type Parts = {
  readonly BPE: new (component: object) => ToPieces;
  /** Translates a pattern from Oniguruma's dialect, in which tokenizer.json writes them. */
  readonly SplitPreTokenizer: new (
    component: object,
  ) => { readonly pattern: RegExp | null };
};

const { BPE, SplitPreTokenizer } = library as unknown as Parts;

/** Byte-pair encoding: a function from words to the spellings of their pieces. */
export function bytePairs(component: Component): ToPieces {
  return new BPE(component);
}

/** `{"String": …}` or `{"Regex": …}` as a global regular expression. */
export function readPattern(value: unknown): RegExp {
  const pattern = asComponent(value, "pattern");
  asText(pattern.Regex ?? pattern.String, "String or Regex of pattern");
  try {
    const regex = new SplitPreTokenizer({ pattern, invert: true }).pattern;
    if (regex !== null) return regex;
  } catch (cause) {
    throw new Error(`tokenizer: can not read pattern ${show(value)}`, { cause });
  }
  throw new Error(`tokenizer: can not read pattern ${show(value)}`);
}
