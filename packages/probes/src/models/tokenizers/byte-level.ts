/** @file GPT-2's byte alphabet: every byte of UTF-8 is written as one printable character. */

// 's 't … | letters | numbers | signs | spaces but the last | spaces
const gptWords =
  /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu;
const plain = /^ ?[!-~]*$/;
const encoder = new TextEncoder();

/** Printable Latin-1 stands for itself; the other 68 bytes, in order, for U+0100 and up. */
export const byteAlphabet: readonly string[] = (() => {
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => {
    const printable =
      (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
    return String.fromCharCode(printable ? byte : next++);
  });
})();

/** Words in the byte alphabet, a leading space part of its word; `split: false` keeps the text whole. */
export function byteLevelWords(
  text: string,
  { prefix, split }: { prefix: boolean; split: boolean },
): readonly string[] {
  const prefixed = prefix && !text.startsWith(" ") ? ` ${text}` : text;
  const words = split ? (prefixed.match(gptWords) ?? []) : [prefixed];
  return words.map(toByteAlphabet);
}

function toByteAlphabet(word: string): string {
  if (plain.test(word)) return word.startsWith(" ") ? `Ġ${word.slice(1)}` : word;
  let result = "";
  for (const byte of encoder.encode(word)) result += byteAlphabet[byte];
  return result;
}
