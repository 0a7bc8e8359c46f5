/** @file Unigram (SentencePiece): the cut of a word whose pieces have the highest sum of log probabilities. */

type Options = {
  readonly pieces: readonly { readonly piece: string; readonly score: number }[];
  readonly vocabulary: ReadonlyMap<string, number>;
  readonly unknown: number | null;
  /** Whether characters without a piece are written as byte pieces like <0xE2>. */
  readonly byteFallback: boolean;
};

const unknownPenalty = 10; // an unknown character scores the lowest score minus 10, as in SentencePiece
const encoder = new TextEncoder();

/** Viterbi search over all cuts; neighbouring unknown characters are one unknown piece. */
export function unigram(options: Options): (word: string) => readonly number[] {
  const { pieces, vocabulary, unknown } = options;
  let lowest = Number.POSITIVE_INFINITY;
  let longest = 1;
  for (const { piece, score } of pieces) {
    lowest = Math.min(lowest, score);
    longest = Math.max(longest, piece.length);
  }
  const unknownScore = lowest - unknownPenalty;
  return (word) => {
    const size = word.length;
    const best = new Float64Array(size + 1).fill(Number.NEGATIVE_INFINITY);
    const starts = new Int32Array(size + 1).fill(-1);
    const ids = new Int32Array(size + 1);
    best[0] = 0;
    const reach = (end: number, candidate: { score: number; start: number; id: number }): void => {
      if (starts[end] !== -1 && candidate.score <= best[end]!) return;
      best[end] = candidate.score;
      starts[end] = candidate.start;
      ids[end] = candidate.id;
    };
    for (let start = 0; start < size; ) {
      const width = word.codePointAt(start)! > 0xffff ? 2 : 1;
      let single = false;
      for (let end = start + width; end <= Math.min(size, start + longest); end++) {
        const id = vocabulary.get(word.slice(start, end));
        if (id === undefined) continue;
        reach(end, { score: best[start]! + pieces[id]!.score, start, id });
        if (end === start + width) single = true;
      }
      if (!single) {
        if (unknown === null) {
          throw new Error(`tokenizer: no piece for ${JSON.stringify(word)} and no unknown token`);
        }
        reach(start + width, { score: best[start]! + unknownScore, start, id: unknown });
      }
      start += width;
    }
    return walkBack({ ...options, word, starts, ids });
  };
}

type Lattice = Options & { word: string; starts: Int32Array; ids: Int32Array };

function walkBack({ word, starts, ids, unknown, vocabulary, byteFallback }: Lattice): number[] {
  const reversed: number[] = [];
  for (let end = word.length; end > 0; ) {
    const id = ids[end]!;
    let start = starts[end]!;
    if (id !== unknown) {
      reversed.push(id);
    } else {
      while (start > 0 && ids[start] === unknown) start = starts[start]!; // fused
      reversed.push(...unknownPieces(word.slice(start, end)).reverse());
    }
    end = start;
  }
  return reversed.reverse();

  function unknownPieces(text: string): number[] {
    const whole = vocabulary.get(text);
    if (whole !== undefined) return [whole];
    if (byteFallback) {
      const bytes = Array.from(encoder.encode(text), (byte) => {
        return vocabulary.get(`<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`);
      });
      if (bytes.every((id) => id !== undefined)) return bytes;
    }
    return [unknown!];
  }
}
