/** @file Control tasks: labels that only memory can tell, to measure how much of a probe's score is the probe's own doing. */

import { createRandom } from "./random.ts";
import { wordsOf } from "./words.ts";

/** Which word of a text decides its label. */
export const controlWords = ["first", "second", "third", "last"] as const;
export type ControlWord = (typeof controlWords)[number];

/**
 * Hewitt and Liang's control task (2019) for sentences: every type of one designated word has a class drawn at random
 * once, so the label can be learned by remembering words and in no other way; training and test rows share the map.
 */
export type ControlTask = {
  readonly word: ControlWord;
  /** Class of each type; a text too short for the word has the type "". */
  readonly labels: Readonly<Record<string, number>>;
  /** Class of each row. */
  readonly targets: Int32Array;
};

export type ControlData = {
  readonly texts: readonly string[];
  readonly targets: Int32Array;
  readonly classes: number;
  readonly seed: number;
};

/** The control task of a dataset; null where no word of its texts has types enough to give every class a row. */
export function controlTask({ texts, targets, classes, seed }: ControlData): ControlTask | null {
  const words = texts.map(wordsOf);
  const byWord = controlWords.map((word) => ({
    word,
    types: words.map((one) => typeOf(one, word)),
  }));
  const { word, types } = byWord.reduce((best, one) =>
    memorability(one.types) > memorability(best.types) ? one : best,
  );
  const labels = drawLabels(countsOf(types), { shares: classCounts(targets, classes), seed });
  const rows = Int32Array.from(types, (type) => labels.get(type) ?? 0);
  if (classCounts(rows, classes).some((count) => count === 0)) return null;
  return { word, labels: Object.fromEntries(labels), targets: rows };
}

function typeOf(words: readonly string[], word: ControlWord): string {
  return words.at(word === "last" ? -1 : controlWords.indexOf(word)) ?? "";
}

/** Chance that two rows differ in their type, over rows whose type occurs again: 0 for one type, and for all unique. */
function memorability(types: readonly string[]): number {
  const counts = [...countsOf(types).values()].filter((count) => count > 1);
  return counts.reduce(
    (sum, count) => sum + (count / types.length) * (1 - count / types.length),
    0,
  );
}

function countsOf(types: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const type of types) counts.set(type, (counts.get(type) ?? 0) + 1);
  return counts;
}

/** Draws a class for each type, frequent types first, by what each class still lacks: the classes keep their shares. */
function drawLabels(
  counts: ReadonlyMap<string, number>,
  { shares, seed }: { readonly shares: readonly number[]; readonly seed: number },
): ReadonlyMap<string, number> {
  const random = createRandom(seed).fork("control");
  const types = [...counts.keys()].sort();
  const shuffled = Array.from(random.permutation(types.length), (i) => types[i] ?? "");
  shuffled.sort((a, b) => (counts.get(b) ?? 0) - (counts.get(a) ?? 0));
  const lacking = [...shares];
  const labels = new Map<string, number>();
  for (const type of shuffled) {
    const total = lacking.reduce((sum, one) => sum + Math.max(0, one), 0);
    let left = random.next() * total;
    let label = lacking.indexOf(Math.max(...lacking));
    for (const [candidate, one] of lacking.entries()) {
      left -= Math.max(0, one);
      if (one > 0 && left < 0) {
        label = candidate;
        break;
      }
    }
    labels.set(type, label);
    lacking[label] = (lacking[label] ?? 0) - (counts.get(type) ?? 0);
  }
  return labels;
}

function classCounts(targets: Int32Array, classes: number): readonly number[] {
  const counts = new Array<number>(classes).fill(0);
  for (const label of targets) counts[label] = (counts[label] ?? 0) + 1;
  return counts;
}
