/** @file JSON from others: what nests or holds more than any real file is refused before it is built in memory. */

/** Deeper than any file we read; what walks over values (printing, hashing) would end in a stack overflow far beyond. */
const deepest = 100;

type Limits = {
  /** Levels of lists and objects within each other. */
  readonly depth?: number;
  /** Values in all lists and objects together, texts not looked into. */
  readonly values?: number;
};

/** The value of a JSON text; throws an Error that says what is wrong with it. One pass more than JSON.parse. */
export function parseJson(text: string, limits: Limits = {}): unknown {
  refuseHostile(text, limits);
  return JSON.parse(text);
}

/** Throws where a JSON text nests or holds more than these limits; whether it is JSON at all is not looked at. */
export function refuseHostile(
  text: string,
  { depth = deepest, values = Number.POSITIVE_INFINITY }: Limits = {},
): void {
  let level = 0;
  let count = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i);
    if (char === quote) i = endOfText(text, i);
    else if (char === comma) count++;
    else if (char === openList || char === openObject) {
      count++;
      if (++level > depth) throw new Error(`expected at most ${depth} levels, it is nested deeper`);
    } else if (char === closeList || char === closeObject) level--;
    if (count > values) throw new Error(`expected at most ${values} values, it has more`);
  }
}

const [quote, backslash, comma, openList, closeList, openObject, closeObject] = Array.from(
  '"\\,[]{}',
  (char) => char.charCodeAt(0),
);

/** Place of the quote that ends the text which the quote at `start` begins; the end of all where none does. */
export function endOfText(text: string, start: number): number {
  for (let end = start + 1; ; end++) {
    end = text.indexOf('"', end);
    if (end < 0) return text.length;
    let before = end - 1;
    while (text.charCodeAt(before) === backslash) before--;
    if ((end - before) % 2 === 1) return end; // an even number of backslashes stands before it
  }
}
