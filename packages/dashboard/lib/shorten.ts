/** @file Names cut to a width, for drawings, where nothing wraps. */

/** Letters that are about half as wide again as others. */
const wide = /[mwMW@%\u1100-\uffdc]|\p{Extended_Pictographic}/u;

/** A text of at most so many letters, wide ones counting one and a half; the rest becomes an ellipsis. */
export function shorten(text: string, most: number): string {
  let width = 0;
  const letters = Array.from(text);
  const cut = letters.findIndex((letter) => {
    width += wide.test(letter) ? 1.5 : 1;
    return width > most;
  });
  return cut < 0 ? text : `${letters.slice(0, Math.max(1, cut - 1)).join("")}…`;
}
