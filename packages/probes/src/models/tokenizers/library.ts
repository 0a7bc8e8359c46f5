/** @file The parts of @huggingface/tokenizers we build on; its own declarations do not resolve under "nodenext". */

import * as library from "@huggingface/tokenizers";

type Parts = {
  /** Byte-pair encoding: words to the spellings of their pieces. */
  readonly BPE: new (
    component: object,
  ) => (words: readonly string[]) => readonly string[];
  /** Replacement of a pattern, which it translates from Oniguruma's dialect. */
  readonly ReplaceNormalizer: new (
    component: object,
  ) => { normalize(text: string): string };
  readonly SplitPreTokenizer: new (component: object) => { readonly pattern: RegExp | null };
};

export const { BPE, ReplaceNormalizer, SplitPreTokenizer } = library as unknown as Parts;
