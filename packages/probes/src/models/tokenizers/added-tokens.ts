/** @file Added tokens: texts such as [MASK] that stand for one token wherever they occur. */

import { asComponent, asId, asText } from "./config.ts";

/** One entry of `added_tokens`. */
export type AddedToken = {
  readonly id: number;
  readonly content: string;
  readonly special: boolean;
  /** Found in the normalized text instead of the text as given. */
  readonly normalized: boolean;
  /** Takes the white space before (after) it. */
  readonly left: boolean;
  readonly right: boolean;
  /** Found only where no word goes on. */
  readonly singleWord: boolean;
};

export function readAddedToken(value: unknown, i: number): AddedToken {
  const where = `added_tokens[${i}]`;
  const entry = asComponent(value, where);
  const special = entry.special === true;
  return {
    id: asId(entry.id, `id of ${where}`),
    content: asText(entry.content, `content of ${where}`),
    special,
    normalized: typeof entry.normalized === "boolean" ? entry.normalized : !special,
    left: entry.lstrip === true,
    right: entry.rstrip === true,
    singleWord: entry.single_word === true,
  };
}

/** A stretch of plain text, or an added token. */
export type Part = string | AddedToken;

/** A function that finds these tokens in a text; the leftmost wins, then the longest. */
export function createFinder(
  tokens: readonly AddedToken[],
  spelling: (token: AddedToken) => string = (token) => token.content,
): (text: string) => readonly Part[] {
  const bySpelling = new Map(
    tokens.map((token) => [spelling(token), token] as const).filter(([text]) => text !== ""),
  );
  if (bySpelling.size === 0) return (text) => (text === "" ? [] : [text]);
  const longestFirst = [...bySpelling.keys()].sort((a, b) => b.length - a.length);
  const pattern = new RegExp(longestFirst.map(escapeRegex).join("|"), "gu");
  return (text) => {
    const parts: Part[] = [];
    let end = 0;
    for (const { 0: found, index } of text.matchAll(pattern)) {
      const token = bySpelling.get(found)!;
      const after = index + found.length;
      if (token.singleWord && insideWord(text, index, after)) continue;
      const before = text.slice(end, index);
      const kept = token.left ? before.replace(trailingSpace, "") : before;
      if (kept !== "") parts.push(kept);
      parts.push(token);
      end = token.right ? after + leadingSpace(text.slice(after)) : after;
    }
    if (end < text.length) parts.push(text.slice(end));
    return parts;
  };
}

const trailingSpace = /(?<!\p{White_Space})\p{White_Space}+$/u;
const wordCharacter = /[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}]/u;

function leadingSpace(text: string): number {
  return /^\p{White_Space}*/u.exec(text)![0].length;
}

function insideWord(text: string, start: number, end: number): boolean {
  return (
    wordCharacter.test(text.slice(0, start).at(-1) ?? "") || wordCharacter.test(text[end] ?? "")
  );
}

function escapeRegex(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}
