/** @file A checkpoint's tokenizer: texts and pairs to token numbers, as `transformers` makes them. */

import {
  createEncoder,
  type Encoder,
  type Piece,
  type SpecialTokens,
  type TokenizerFiles,
} from "./tokenizers/encoder.ts";
import type { Slot } from "./tokenizers/template.ts";

export type { SpecialTokens, TokenizerFiles } from "./tokenizers/encoder.ts";

/** Which end of a text that is too long is cut. */
export type Truncation = "end" | "front";

/** One text (or pair) as a model takes it. */
export type Encoding = {
  readonly ids: Int32Array;
  /** Token types: 0 in the first text, 1 in the second where the model tells them apart. */
  readonly typeIds: Int32Array;
  /** 1 at special tokens that were put around the texts. */
  readonly specials: Uint8Array;
  /** Which word each piece belongs to, counting through both texts; -1 at special tokens. */
  readonly words: Int32Array;
  /** Pieces cut because the text was too long. */
  readonly truncated: number;
};

export type Tokenizer = {
  readonly encode: (text: string, pair?: string | null) => Encoding;
  /** Spelling of tokens, as the vocabulary writes them. */
  readonly tokens: (ids: Iterable<number>) => readonly string[];
  readonly specialTokens: SpecialTokens;
  /** Token for padding; any would do, padding never counts. */
  readonly padId: number;
  /** One more than the highest token number. */
  readonly size: number;
  readonly maxTokens: number;
};

type Options = {
  /** The most tokens an encoding may have, special tokens included. */
  readonly maxTokens?: number;
  readonly truncation?: Truncation;
};

/**
 * Builds a tokenizer from the contents of its files, by file name: tokenizer.json, else vocab.txt, else vocab.json with
 * merges.txt. An empty text without special tokens (GPT-2) becomes its begin or end token, since a model needs one.
 */
export function createTokenizer(
  files: TokenizerFiles,
  { maxTokens = Number.POSITIVE_INFINITY, truncation = "end" }: Options = {},
): Tokenizer {
  const encoder = createEncoder(files);
  const { template, specialTokens, spellings } = encoder;
  const room = (slots: readonly Slot[]): number => {
    const specials = slots.filter((slot) => slot.kind === "special").length;
    if (maxTokens > specials) return maxTokens - specials;
    throw new Error(
      `tokenizer: expected room for more than ${specials} special tokens, got maxTokens ${maxTokens}`,
    );
  };
  const singleRoom = room(template.single);
  return {
    encode: (text, pair) => {
      const first = encoder.cut(text);
      if (pair === undefined || pair === null) {
        const kept = keep(first, { count: singleRoom, truncation });
        const slots = template.single;
        return assemble({
          slots,
          first: orFallback(kept, encoder, slots),
          second: [],
          cut: first.length - kept.length,
        });
      }
      const second = encoder.cut(pair);
      const [firstCount, secondCount] = share([first.length, second.length], room(template.pair));
      return assemble({
        slots: template.pair,
        first: keep(first, { count: firstCount, truncation }),
        second: keep(second, { count: secondCount, truncation }),
        cut: first.length - firstCount + second.length - secondCount,
      });
    },
    tokens: (ids) => Array.from(ids, (id) => spellings.get(id) ?? `[${id}]`),
    specialTokens,
    padId: specialTokens.pad ?? specialTokens.end ?? 0,
    size: encoder.size,
    maxTokens,
  };
}

/**
 * Throws when token numbers and embedding rows do not belong together. A few rows more than tokens are fine: tables are
 * often padded to a multiple of 8 to 128 rows, though never by much of their length.
 */
export function checkVocabulary({ size }: Pick<Tokenizer, "size">, rows: number): void {
  const padded = [1, 8, 16, 32, 64, 128].some((step) => Math.ceil(size / step) * step === rows);
  if (padded && rows - size < Math.max(8, rows / 20)) return;
  const relation = size > rows ? "larger" : "smaller";
  throw new Error(
    `tokenizer: vocabulary of ${size} tokens is ${relation} than the embedding of ${rows} rows`,
  );
}

function keep(
  pieces: readonly Piece[],
  { count, truncation }: { count: number; truncation: Truncation },
): readonly Piece[] {
  if (pieces.length <= count) return pieces;
  return truncation === "end" ? pieces.slice(0, count) : pieces.slice(pieces.length - count);
}

/** How many pieces of each text stay: the longer one gives first, as `longest_first` in `transformers`. */
function share(
  [first, second]: readonly [number, number],
  room: number,
): readonly [number, number] {
  if (first + second <= room) return [first, second];
  const shorter = Math.min(first, second);
  const small = Math.min(shorter, Math.floor(room / 2));
  const large = room - small;
  return first > second ? [large, small] : [small, large];
}

/** A lone begin or end token where nothing else would be left. */
function orFallback(
  pieces: readonly Piece[],
  { specialTokens }: Encoder,
  slots: readonly Slot[],
): readonly Piece[] {
  if (pieces.length > 0 || slots.length > 1) return pieces;
  const id = specialTokens.begin ?? specialTokens.end;
  if (id !== null) return [{ id, word: 0 }];
  throw new Error(
    "tokenizer: an empty text has no tokens, and there is no begin token to stand for it",
  );
}

type Assembly = {
  readonly slots: readonly Slot[];
  readonly first: readonly Piece[];
  readonly second: readonly Piece[];
  readonly cut: number;
};

function assemble({ slots, first, second, cut }: Assembly): Encoding {
  const firstWords = first.length === 0 ? 0 : first.at(-1)!.word + 1;
  let length = 0;
  for (const slot of slots) {
    length += slot.kind === "special" ? 1 : slot.second ? second.length : first.length;
  }
  const ids = new Int32Array(length);
  const typeIds = new Int32Array(length);
  const specials = new Uint8Array(length);
  const words = new Int32Array(length).fill(-1);
  let at = 0;
  for (const slot of slots) {
    if (slot.kind === "special") {
      ids[at] = slot.id;
      typeIds[at] = slot.type;
      specials[at++] = 1;
      continue;
    }
    const offset = slot.second ? firstWords : 0;
    for (const { id, word } of slot.second ? second : first) {
      ids[at] = id;
      typeIds[at] = slot.type;
      words[at++] = word + offset;
    }
  }
  return { ids, typeIds, specials, words, truncated: cut };
}
