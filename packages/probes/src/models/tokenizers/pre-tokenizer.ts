/** @file Pre-tokenizers of tokenizer.json: they cut a normalized text into words, as the Rust tokenizers do. */

import { byteLevelWords } from "./byte-level.ts";
import { asComponent, asList, asText, type Component, rowOf, show } from "./config.ts";
import { readPattern } from "./library.ts";

/** Cuts a text into words; `first` tells whether it is the beginning of the whole text. */
export type PreTokenize = (text: string, first: boolean) => readonly string[];

/** The function a pre-tokenizer component describes; null keeps the text whole. */
export function createPreTokenizer(value: unknown): PreTokenize {
  if (value === null || value === undefined) return (text) => [text];
  const component = asComponent(value, "pre_tokenizer");
  return rowOf(preTokenizers, component, "pre-tokenizer")(component);
}

const preTokenizers: Readonly<Record<string, (component: Component) => PreTokenize>> = {
  BertPreTokenizer: () => (text) => text.match(bertWords) ?? [],
  ByteLevel: ({ add_prefix_space: prefix = true, use_regex: split = true }) => {
    return (text) => byteLevelWords(text, { prefix: prefix === true, split: split === true });
  },
  CharDelimiterSplit: ({ delimiter }) => {
    const mark = asText(delimiter, "delimiter");
    return (text) => text.split(mark).filter((word) => word !== "");
  },
  Digits: ({ individual_digits: individual = false }) => {
    const digits = individual ? /\p{N}/gu : /\p{N}+/gu;
    return (text) => cut(text, { pattern: digits, behavior: "Isolated" });
  },
  Metaspace: metaspace,
  Punctuation: ({ behavior = "Isolated" }) => {
    const kind = behaviorOf(behavior);
    return (text) => cut(text, { pattern: punctuation, behavior: kind });
  },
  Sequence: ({ pretokenizers: parts }) => {
    const steps = asList(parts, "pretokenizers").map(createPreTokenizer);
    return (text, first) => {
      let words: readonly string[] = [text];
      for (const step of steps) words = words.flatMap((word, i) => step(word, first && i === 0));
      return words;
    };
  },
  Split: ({ pattern, behavior = "Isolated", invert = false }) => {
    const regex = readPattern(pattern);
    const kind = behaviorOf(behavior);
    return (text) => cut(text, { pattern: regex, behavior: kind, invert: invert === true });
  },
  Whitespace: () => (text) => text.match(wordsOrSigns) ?? [],
  WhitespaceSplit: () => (text) => text.match(/\P{White_Space}+/gu) ?? [],
};

const bertWords = /[!-/:-@[-`{-~\p{P}]|[^!-/:-@[-`{-~\p{P}\p{White_Space}]+/gu;
const punctuation = /[!-/:-@[-`{-~\p{P}]/gu;
const wordsOrSigns =
  /[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]+|[^\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}\p{White_Space}]+/gu;

/** Spaces become ▁, one is put in front, and each ▁ begins a word. */
function metaspace(component: Component): PreTokenize {
  const mark = asText(component.replacement ?? "▁", "replacement of Metaspace");
  const scheme =
    component.prepend_scheme ?? (component.add_prefix_space === false ? "never" : "always");
  const split = component.split !== false;
  return (text, first) => {
    const marked = text.replaceAll(" ", mark);
    const prefix = scheme === "always" || (scheme === "first" && first);
    const whole = prefix && !marked.startsWith(mark) ? mark + marked : marked;
    if (!split) return [whole];
    const words: string[] = [];
    for (let start = 0; start < whole.length; ) {
      const next = whole.indexOf(mark, start + 1);
      const end = next < 0 ? whole.length : next;
      words.push(whole.slice(start, end));
      start = end;
    }
    return words;
  };
}

const behaviors = [
  "Removed",
  "Isolated",
  "MergedWithPrevious",
  "MergedWithNext",
  "Contiguous",
] as const;
type Behavior = (typeof behaviors)[number];

function behaviorOf(value: unknown): Behavior {
  const found = behaviors.find((name) => name === value);
  if (found !== undefined) return found;
  throw new Error(
    `tokenizer: unknown split behavior ${show(value)}, expected one of ${behaviors.join(", ")}`,
  );
}

type Cut = { readonly pattern: RegExp; readonly behavior: Behavior; readonly invert?: boolean };

/** Cuts a text at matches; `behavior` says what becomes of them, `invert` swaps matches and the rest. */
function cut(text: string, { pattern, behavior, invert = false }: Cut): readonly string[] {
  const parts: { text: string; match: boolean }[] = [];
  let end = 0;
  for (const found of text.matchAll(pattern)) {
    if (found[0] === "") continue;
    if (found.index > end) parts.push({ text: text.slice(end, found.index), match: invert });
    parts.push({ text: found[0], match: !invert });
    end = found.index + found[0].length;
  }
  if (end < text.length) parts.push({ text: text.slice(end), match: invert });
  const words: string[] = [];
  let before: boolean | null = null; // whether the part before was a match
  for (const part of parts) {
    const joined =
      (behavior === "Contiguous" && before === part.match) ||
      (behavior === "MergedWithPrevious" && part.match && before === false) ||
      (behavior === "MergedWithNext" && !part.match && before === true);
    if (joined) words[words.length - 1] += part.text;
    else if (!(behavior === "Removed" && part.match)) words.push(part.text);
    before = part.match;
  }
  return words;
}
