/** @file WordPiece: the longest piece that begins the word, then the longest that continues it, and so on. */

type Options = {
  readonly vocabulary: ReadonlyMap<string, number>;
  readonly unknown: number;
  /** What continuing pieces begin with in the vocabulary, "##". */
  readonly prefix: string;
  /** Words of more characters are unknown. */
  readonly longest: number;
};

/** Cuts words into piece numbers; a word that can not be cut is one unknown piece. */
export function wordPiece({
  vocabulary,
  unknown,
  prefix,
  longest,
}: Options): (word: string) => readonly number[] {
  let longestPiece = 0;
  for (const piece of vocabulary.keys()) longestPiece = Math.max(longestPiece, piece.length);
  return (word) => {
    if (word.length > longest && [...word].length > longest) return [unknown];
    const ids: number[] = [];
    for (let start = 0; start < word.length; ) {
      let end = Math.min(word.length, start + longestPiece);
      let id: number | undefined;
      for (; end > start; end--) {
        const piece = word.slice(start, end);
        id = vocabulary.get(start === 0 ? piece : prefix + piece);
        if (id !== undefined) break;
      }
      if (id === undefined) return [unknown];
      ids.push(id);
      start = end;
    }
    return ids;
  };
}
