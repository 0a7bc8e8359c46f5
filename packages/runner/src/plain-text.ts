/** @file Text that came from datasets and files, made harmless for a terminal and measured in its columns. */

/** Escape sequences of terminals (ECMA-48): CSI, OSC and the two-character ones. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const escapes = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\-_])/g;

/** Control characters, and marks that reorder or hide the text around them. */
const hidden = /[\p{Cc}\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff]/gu;

/** Characters that take two columns: CJK, kana, hangul, full-width forms, emoji. */
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;

/** One line without escape sequences, control characters or reordering marks; line breaks and tabs become spaces. */
export function plainText(text: string): string {
  return text
    .replaceAll(escapes, "")
    .replaceAll(/[\r\n\t]+/g, " ")
    .replaceAll(hidden, "");
}

/** How many columns of a terminal a plain text takes. */
export function textWidth(text: string): number {
  let width = 0;
  for (const character of text) {
    if (/\p{M}/u.test(character)) continue;
    width += wide.test(character) ? 2 : 1;
  }
  return width;
}

/** A plain text in at most so many columns: of a longer one the beginning and the end, with an ellipsis between. */
export function shortText(text: string, columns: number): string {
  const plain = plainText(text);
  if (textWidth(plain) <= columns) return plain;
  const letters = Array.from(plain);
  const end = fitting(letters.toReversed(), Math.floor((columns - 1) / 3)).toReversed();
  const start = fitting(letters, columns - 1 - textWidth(end.join("")));
  return `${start.join("")}…${end.join("")}`;
}

/** The first characters that fit into so many columns. */
function fitting(letters: readonly string[], columns: number): readonly string[] {
  let width = 0;
  const past = letters.findIndex((letter) => {
    width += textWidth(letter);
    return width > columns;
  });
  return letters.slice(0, past);
}
