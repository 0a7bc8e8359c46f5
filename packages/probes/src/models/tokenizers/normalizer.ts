/**
 * @file Normalizers of tokenizer.json, as the Rust tokenizers apply them. Checked over all of Unicode: they differ only
 * where that library's tables are older than the JavaScript engine's (marks and punctuation newer than Unicode 9).
 */

import { asComponent, asList, asText, type Component, rowOf } from "./config.ts";
import { readPattern } from "./library.ts";
import { readCharsmap } from "./precompiled.ts";

/** Characters that one replacement may add: several that double a text would fill memory. */
const mostGrowth = 2 ** 24;

export type Normalize = (text: string) => string;

/** The function a normalizer component describes; null keeps the text. */
export function createNormalizer(value: unknown): Normalize {
  if (value === null || value === undefined) return (text) => text;
  const component = asComponent(value, "normalizer");
  return rowOf(normalizers, component, "normalizer")(component);
}

const normalizers: Readonly<Record<string, (component: Component) => Normalize>> = {
  BertNormalizer: bertNormalizer,
  Lowercase: () => lowercase,
  NFC: () => (text) => text.normalize("NFC"),
  NFD: () => (text) => text.normalize("NFD"),
  NFKC: () => (text) => text.normalize("NFKC"),
  NFKD: () => (text) => text.normalize("NFKD"),
  Nmt: () => nmt,
  Precompiled: ({ precompiled_charsmap: map }) =>
    map ? readCharsmap(asText(map, "precompiled_charsmap")) : (text) => text,
  Prepend: ({ prepend }) => {
    const prefix = asText(prepend, "prepend");
    return (text) => (text === "" ? text : prefix + text);
  },
  Replace: (component) => {
    const content = asText(component.content, "content of Replace");
    const pattern = readPattern(component.pattern);
    return (text) => {
      const replaced = text.replaceAll(pattern, () => content); // "$&" in it means just that
      if (replaced.length <= text.length + mostGrowth) return replaced;
      throw new Error(
        `tokenizer: a normalizer makes ${replaced.length} characters of ${text.length}`,
      );
    };
  },
  Sequence: ({ normalizers: parts }) => {
    const steps = asList(parts, "normalizers").map(createNormalizer);
    return (text) => steps.reduce((result, step) => step(result), text);
  },
  Strip:
    ({ strip_left: left = true, strip_right: right = true }) =>
    (text) => {
      const begun = left ? text.replace(/^\p{White_Space}+/u, "") : text;
      return right ? begun.replace(trailingSpace, "") : begun;
    },
  StripAccents: () => (text) => text.replace(/\p{M}/gu, ""),
};

const trailingSpace = /(?<!\p{White_Space})\p{White_Space}+$/u; // starts once per run, not once per space

/** Each character by itself: JavaScript alone would turn a final sigma into ς. */
function lowercase(text: string): string {
  const lower = text.toLowerCase();
  return lower.includes("ς") ? Array.from(text, (char) => char.toLowerCase()).join("") : lower;
}

const ascii = /^[\x20-\x7e]*$/;
const control = /(?![\t\n\r])[\ufffd\p{Cc}\p{Cf}\p{Co}\p{Cs}]/gu;
const space = /\p{White_Space}/gu;
// the blocks BERT calls Chinese characters
const chinese =
  /[\u4e00-\u9fff\u3400-\u4dbf\u{20000}-\u{2a6df}\u{2a700}-\u{2b81f}\u{2b920}-\u{2ceaf}\uf900-\ufaff\u{2f800}-\u{2fa1f}]/gu;

function bertNormalizer(component: Component): Normalize {
  const lower = component.lowercase !== false;
  const clean = component.clean_text !== false;
  const splitChinese = component.handle_chinese_chars !== false;
  const strip = typeof component.strip_accents === "boolean" ? component.strip_accents : lower;
  return (text) => {
    if (ascii.test(text)) return lower ? text.toLowerCase() : text;
    let result = text;
    if (clean) result = result.replace(control, "").replace(space, " ");
    if (splitChinese) result = result.replace(chinese, " $& ");
    if (strip) result = result.normalize("NFD").replace(/\p{Mn}/gu, "");
    return lower ? lowercase(result) : result;
  };
}

/** SentencePiece's clean-up for machine translation: controls go, odd spaces become plain ones. */
function nmt(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is removed
      .replace(/[\x01-\x08\x0b\x0e-\x1f\x7f\x8f\x9f]/g, "")
      .replace(/[\t\n\f\r\u1680\u200b-\u200f\u2028\u2029\u2581\ufeff\ufffd]/g, " ")
  );
}
