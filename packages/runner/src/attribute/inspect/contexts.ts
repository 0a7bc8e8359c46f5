/** @file The context of a keyword: the words it looks at, in the texts of a class, by one layer's attention. */

import type { AttentionReader, ScoredWord } from "@probegrid/probes";
import type { ContextRecord } from "../../store/index.ts";
import type { Encoded } from "../explainer.ts";

/** A text of a class, cut into units. */
export type Unit = Pick<ScoredWord, "text" | "tokens" | "score">;
export type ContextText = {
  readonly label: string;
  readonly encoded: Encoded;
  readonly units: readonly Unit[];
};

/** Keywords by class. */
export type Keywords = ReadonlyMap<string, readonly string[]>;

/**
 * For each occurrence of a keyword, the attention of its row: columns of a word's pieces are summed,
 * rows of the keyword's pieces averaged. Special tokens and the keyword itself do not count.
 */
export async function readContexts(
  reader: AttentionReader,
  texts: readonly ContextText[],
  { keywords, top }: { readonly keywords: Keywords; readonly top: number },
): Promise<readonly ContextRecord[]> {
  type Sums = { occurrences: number; words: Map<string, number> };
  const found = new Map<string, Map<string, Sums>>();
  for (const [label, words] of keywords) {
    const sums = words.map((word): [string, Sums] => [word, { occurrences: 0, words: new Map() }]);
    found.set(label, new Map(sums));
  }
  const wanted = texts.filter(({ label, units }) =>
    units.some(({ text }) => found.get(label)?.has(text)),
  );
  await reader.read(
    wanted.map(({ encoded }) => encoded),
    (i, map) => {
      const { label, units, encoded } = wanted[i]!;
      for (const unit of units) {
        const sums = found.get(label)?.get(unit.text);
        if (sums === undefined) continue;
        sums.occurrences += 1;
        for (const other of units) {
          if (other.text === unit.text) continue;
          const weight = attentionBetween(map, encoded.ids.length, [unit.tokens, other.tokens]);
          sums.words.set(other.text, (sums.words.get(other.text) ?? 0) + weight);
        }
      }
    },
  );
  return [...found].flatMap(([label, words]) =>
    [...words].map(([keyword, { occurrences, words: weights }]) => ({
      label,
      keyword,
      occurrences,
      words: [...weights]
        .map(([word, weight]) => ({ word, weight: weight / occurrences }))
        .sort((a, b) => b.weight - a.weight || (a.word < b.word ? -1 : 1))
        .slice(0, top),
    })),
  );
}

function attentionBetween(
  map: Float32Array,
  length: number,
  [from, to]: readonly [readonly number[], readonly number[]],
): number {
  let sum = 0;
  for (const row of from) for (const column of to) sum += map[row * length + column]!;
  return sum / from.length;
}
