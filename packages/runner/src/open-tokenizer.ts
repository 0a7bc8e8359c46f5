/** @file A checkpoint's tokenizer with a limit on its time: its rules are regular expressions and lists from others. */

import { createTokenizer, type Tokenizer } from "@probegrid/probes";
import { boundedTime } from "./bounded-time.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { ExperimentError, listNames, messageOf } from "./errors.ts";

export type Encoded = ReturnType<Tokenizer["encode"]>;

/** A tokenizer that ends with an error where it would take for ever. */
export type BoundedTokenizer = Tokenizer & {
  /** Every text (or pair) as `encode` gives it; many at once cost less than one by one. */
  readonly encodeAll: (
    texts: readonly string[],
    textPairs: readonly string[] | null,
  ) => readonly Encoded[];
};

/** Seconds that anything may take, and a character more: many times what real tokenizers take. */
const grace = 5;
const perCharacter = 2e-6;

/** Texts are cut under one limit until they have so many characters. */
const together = 1 << 20;

/** The tokenizer of a checkpoint; throws an ExperimentError that names its folder where its files are wrong or too slow. */
export function openTokenizer(
  { path, tokenizerFiles }: Pick<Checkpoint, "path" | "tokenizerFiles">,
  options: Parameters<typeof createTokenizer>[1] = {},
): BoundedTokenizer {
  const bounded = <T>(what: string, characters: number, work: () => T): T => {
    const seconds = grace + perCharacter * characters;
    const onLate = (): never => {
      throw new Error(
        `tokenizer: ${what} of ${characters} characters took more than ${Math.round(seconds)} s` +
          patternsOf(tokenizerFiles),
      );
    };
    try {
      return boundedTime(seconds, work, onLate);
    } catch (cause) {
      if (cause instanceof TypeError || cause instanceof ReferenceError) throw cause; // a mistake of ours
      throw new ExperimentError(`model ${path}: ${reasonOf(cause)}`, { cause });
    }
  };
  const size = Object.values(tokenizerFiles).reduce((sum, { length }) => sum + length, 0);
  const tokenizer = bounded("reading files", size, () => createTokenizer(tokenizerFiles, options));
  const encodeAll: BoundedTokenizer["encodeAll"] = (texts, textPairs) => {
    const encoded: Encoded[] = [];
    for (let start = 0; start < texts.length; ) {
      let characters = 0;
      let end = start;
      while (end < texts.length && characters < together) {
        characters += texts[end]!.length + (textPairs?.[end] ?? "").length;
        end++;
      }
      const from = start;
      bounded("cutting texts", characters, () => {
        encoded.length = from; // what an attempt that was cut short has left
        for (let i = from; i < end; i++) {
          encoded.push(tokenizer.encode(texts[i]!, textPairs?.[i] ?? null));
        }
      });
      start = end;
    }
    return encoded;
  };
  const encode: Tokenizer["encode"] = (text, pair) =>
    encodeAll([text], pair === undefined || pair === null ? null : [pair])[0]!;
  return { ...tokenizer, encode, encodeAll };
}

/** What the engine says of a pattern or a text beyond its limits does not say where it came from. */
function reasonOf(cause: unknown): string {
  const message = messageOf(cause);
  const engine = cause instanceof SyntaxError || cause instanceof RangeError;
  return engine
    ? `tokenizer: its rules are too much for this machine: ${message.slice(0, 200)}`
    : message;
}

/** The regular expressions of tokenizer.json, as the likely reason. */
function patternsOf({ "tokenizer.json": text = "" }: Readonly<Record<string, string>>): string {
  const found = [...text.matchAll(/"Regex"\s*:\s*("(?:[^"\\]|\\.)*")/g)].map(([, one]) => one!);
  if (found.length === 0) return "";
  return `; look for one that tries every way to divide a text: ${listNames([...new Set(found)])}`;
}
