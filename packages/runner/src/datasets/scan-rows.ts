/** @file A look over a large CSV before it is read: how its rows end, and whether they are too many or one too wide. */

/** More columns than any table has: rows of nothing but delimiters would fill memory. */
export const mostColumns = 2 ** 22;
/** Four million: each costs hundreds of bytes however short it is. */
export const mostRows = 2 ** 22;

export type Scanned = {
  /** What ends the first row; null where nothing does. */
  readonly ending: "\r\n" | "\n" | "\r" | null;
  /** The first line that is too much, and what it is too much of; null where there is none. */
  readonly excess: { readonly line: number; readonly what: string } | null;
};

/** One pass over the text; what stands in quotes is skipped. */
export function scanRows(text: string, delimiter: string, quote: string | null): Scanned {
  const [mark, quoting] = [delimiter.charCodeAt(0), quote?.charCodeAt(0)];
  let ending: Scanned["ending"] = null;
  let columns = 1;
  let rows = 0;
  const stop = (i: number, what: string): Scanned => {
    return {
      ending,
      excess: { line: lineAt(text, i), what: `expected at most ${what}, got more` },
    };
  };
  let begins = true; // a field
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i);
    if (begins && char === quoting) {
      i = endOfQuotes(text, quote!, i);
      begins = false;
      continue;
    }
    begins = true;
    if (char === mark) {
      if (++columns > mostColumns) return stop(i, `${mostColumns} columns`);
    } else if (char === newline || char === carriageReturn) {
      const both = char === carriageReturn && text.charCodeAt(i + 1) === newline;
      ending ??= both ? "\r\n" : char === newline ? "\n" : "\r";
      columns = 1;
      if (both) i++;
      if (++rows > mostRows) return stop(i, `${mostRows} rows`);
    } else begins = false;
  }
  return { ending, excess: null };
}

const newline = 0x0a;
const carriageReturn = 0x0d;

/** Place of the quote that closes a field, or the end of the text; doubled ones stand for one inside it. */
function endOfQuotes(text: string, quote: string, start: number): number {
  for (let end = start + 1; ; end += 2) {
    end = text.indexOf(quote, end);
    if (end < 0) return text.length;
    if (text[end + 1] !== quote) return end;
  }
}

function lineAt(text: string, place: number): number {
  let line = 1;
  for (let i = text.indexOf("\n"); i >= 0 && i < place; i = text.indexOf("\n", i + 1)) line++;
  return line;
}
