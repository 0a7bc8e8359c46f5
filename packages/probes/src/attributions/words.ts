/** @file From pieces to words: readable spellings, and scores summed over the pieces of a word. */

/** A token or a merged word with its score. */
export type ScoredWord = {
  readonly text: string;
  readonly score: number;
  /** The tokens it was made of. */
  readonly tokens: readonly number[];
  readonly special: boolean;
};

type Pieces = {
  /** Spelling of each token, as the vocabulary writes it. */
  readonly spellings: readonly string[];
  /** Word of each token; -1 at special tokens. */
  readonly words: ArrayLike<number>;
  readonly specials: ArrayLike<number>;
};

/** One entry per token. */
export function tokenScores(
  { spellings, specials }: Pieces,
  scores: ArrayLike<number>,
): readonly ScoredWord[] {
  return spellings.map((text, i) => ({
    text,
    score: scores[i]!,
    tokens: [i],
    special: specials[i] === 1,
  }));
}

/**
 * One entry per word: pieces are joined and their scores summed, which keeps the sum of the whole.
 * Special tokens stay apart.
 */
export function mergeWords(pieces: Pieces, scores: ArrayLike<number>): readonly ScoredWord[] {
  const { spellings, words, specials } = pieces;
  const groups: number[][] = [];
  for (let i = 0; i < spellings.length; i++) {
    const joins = i > 0 && words[i]! >= 0 && words[i] === words[i - 1];
    if (joins) groups[groups.length - 1]!.push(i);
    else groups.push([i]);
  }
  return groups.map((tokens) => ({
    text: joinPieces(tokens.map((i) => spellings[i]!)),
    score: tokens.reduce((sum, i) => sum + scores[i]!, 0),
    tokens,
    special: specials[tokens[0]!] === 1,
  }));
}

/** The pieces of one word as a person writes it: without ##, ▁ and Ġ. */
export function joinPieces(pieces: readonly string[]): string {
  const joined = pieces
    .map((piece, i) => (i > 0 ? piece.replace(/^##/, "") : piece))
    .join("")
    .replace(/^▁/, "");
  const plain = fromBytes(joined) ?? joined;
  return plain.trim() === "" ? joined : plain.trim();
}

/**
 * What byte-level BPE spells: each byte stands as one visible character. Null where the spelling is
 * none of these (a WordPiece with letters of its own), or its bytes are no text.
 */
function fromBytes(spelling: string): string | null {
  const bytes = Array.from(spelling, (character) => byteOf.get(character));
  if (bytes.some((byte) => byte === undefined)) return null;
  const found = bytes as readonly number[];
  if (found.every((byte, i) => byte === spelling.codePointAt(i))) return null; // plain ASCII
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.from(found));
  } catch {
    return null;
  }
}

/** GPT-2's alphabet: printable bytes are themselves, the others follow from U+0100. */
const byteOf: ReadonlyMap<string, number> = (() => {
  const found = new Map<string, number>();
  let next = 0x100;
  for (let byte = 0; byte < 256; byte++) {
    const printable =
      (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
    found.set(String.fromCodePoint(printable ? byte : next++), byte);
  }
  return found;
})();
