/** @file Which words speak for and against each class: means over every occurrence, by method. */

import { summarise } from "@probegrid/probes/statistics";
import type { Store } from "../store.ts";
import type { Group, MethodTrial } from "./attribution-groups.ts";
import { remember } from "./attribution-memory.ts";
import { fetchRows, fetchTexts, scoreOf, unitsOf } from "./attribution-texts.ts";

/** Mean score of a word under one method, with its 95 % interval over occurrences. */
export type WordMean = {
  readonly mean: number;
  readonly low: number | null;
  readonly high: number | null;
  readonly count: number;
};

export type WordOptions = {
  /** Pieces joined to words. */
  readonly merge: boolean;
  /** Scores as they are, or each text's divided by its largest |score|. */
  readonly scale: "share" | "raw";
};

/** Scores of every occurrence, by explained class, then word. */
type Occurrences = ReadonlyMap<string, ReadonlyMap<string, readonly number[]>>;

/** Every occurrence of every word that a method scored; special tokens are none. */
export function fetchOccurrences(
  store: Store,
  { group, trial }: { readonly group: Group; readonly trial: MethodTrial },
  { merge, scale }: WordOptions,
): Occurrences {
  const name = `words ${trial.id} ${merge} ${scale}`;
  return remember(store, { name, finished: trial.state === "done", holds: "rows" }, () => {
    const texts = fetchTexts(store, group);
    const classes = new Map<string, Map<string, number[]>>();
    for (const { row, scores } of fetchRows(store, trial).values()) {
      const text = texts.get(row);
      if (scores === null || text === undefined) continue;
      const words = classes.get(text.target) ?? new Map<string, number[]>();
      classes.set(text.target, words);
      const units = unitsOf(text, merge).filter(({ special }) => !special);
      const own = units.map((unit) => scoreOf(unit, scores));
      const most = scale === "raw" ? 1 : Math.max(...own.map(Math.abs), 1e-30);
      for (const [i, unit] of units.entries()) {
        const all = words.get(unit.text);
        if (all === undefined) words.set(unit.text, [(own[i] ?? 0) / most]);
        else all.push((own[i] ?? 0) / most);
      }
    }
    return classes;
  });
}

/** Explained classes of a group, in class order, then whatever else was explained. */
export function classesOf(store: Store, group: Group): readonly string[] {
  const seen = new Set([...fetchTexts(store, group).values()].map(({ target }) => target));
  const known = (group.labels ?? []).filter((label) => seen.has(label));
  return [...known, ...[...seen].filter((label) => !known.includes(label))];
}

/** A word of a class: its rank under the chosen method, and what every method says about it. */
export type RankedWord = {
  readonly rank: number;
  readonly word: string;
  readonly means: ReadonlyMap<string, WordMean>;
};

type Asked = {
  readonly group: Group;
  readonly trial: MethodTrial;
  readonly label: string;
  readonly least: number;
};

/** Occurrences to ask for where nobody says: those of the experiment, or fewer where few texts repeat hardly a word. */
export function usualCount(
  store: Store,
  { group, trial, label }: Omit<Asked, "least">,
  options: WordOptions,
): number {
  const words = fetchOccurrences(store, { group, trial }, options).get(label);
  const counts = Array.from(words?.values() ?? [], ({ length }) => length);
  return lowered(group.minCount, counts);
}

/** So many words are worth a page. */
const worthwhile = 5;

/** The least number of occurrences, lowered until enough words have it. */
export function lowered(wanted: number, counts: readonly number[]): number {
  const steps = [wanted, 5, 3, 2].filter((step) => step <= wanted);
  return steps.find((step) => counts.filter((count) => count >= step).length >= worthwhile) ?? 1;
}

/** Words of a class with enough occurrences, by falling mean score of the chosen method. */
export function fetchWords(
  store: Store,
  { group, trial, label, least }: Asked,
  options: WordOptions,
): readonly RankedWord[] {
  const of = (one: MethodTrial) =>
    fetchOccurrences(store, { group, trial: one }, options).get(label);
  const others = group.methods.map((one) => [one.label, of(one)] as const);
  const frequent = [...(of(trial) ?? [])].filter(([, scores]) => scores.length >= least);
  return frequent
    .map(([word, scores]) => ({ word, mean: meanOf(scores) }))
    .toSorted((a, b) => b.mean - a.mean || (a.word < b.word ? -1 : 1))
    .map(({ word }, i) => ({
      rank: i + 1,
      word,
      means: new Map(
        others.flatMap(([method, words]) => {
          const scores = words?.get(word);
          return scores === undefined ? [] : [[method, summaryOf(scores)] as const];
        }),
      ),
    }));
}

const meanOf = (scores: readonly number[]): number =>
  scores.reduce((sum, score) => sum + score, 0) / scores.length;

function summaryOf(scores: readonly number[]): WordMean {
  const { mean, low, high } = summarise(scores, { testToTrain: 0 });
  return { mean, low, high, count: scores.length };
}
