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

/** The same with the ellipsis in the middle: names of files often differ at their ends. */
export function shortenMiddle(text: string, most: number): string {
  const letters = Array.from(text);
  if (letters.length <= most) return text;
  const end = Math.floor((most - 1) / 3);
  return `${letters.slice(0, most - 1 - end).join("")}…${letters.slice(letters.length - end).join("")}`;
}

/** Names joined by dots, of at most so many letters together: the longest give way first. */
export function shortenParts(label: string, most: number): string {
  const parts = label.split(" · ");
  let longest = Math.max(...parts.map((part) => Array.from(part).length));
  const cut = () => parts.map((part) => shortenMiddle(part, longest)).join(" · ");
  while (longest > 4 && Array.from(cut()).length > most) longest--;
  return cut();
}
