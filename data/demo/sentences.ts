/** @file Sentences for the tasks on form: number of the subject, tense, length. */

import type { Random } from "../../packages/probes/src/random.ts";
import { allNouns, connectives, cues, intransitive } from "./lexicon.ts";
import {
  anyCount,
  type Count,
  chance,
  copula,
  countless,
  distractedSubject,
  nounPhrase,
  pick,
  predicate,
  type Tense,
} from "./phrases.ts";

/** Bins of sentence length in words, the final period included. */
export const lengthBins = {
  "4-7": [4, 7],
  "8-11": [8, 11],
  "12-15": [12, 15],
  "16-19": [16, 19],
} as const;
export type LengthBin = keyof typeof lengthBins;

/**
 * A sentence whose subject has the given number and whose verb does not show it. It holds one
 * distracting noun of the opposite number, so singular and plural nouns are always in balance.
 */
export function numberSentence(random: Random, count: Count): string {
  return `${distractedSubject(random, count)} ${countless(random)} .`;
}

/** The same with a verb, a pronoun or a tag that agrees with the subject. */
export function numberSentenceWithCue(random: Random, count: Count): string {
  const subject = distractedSubject(random, count);
  const many = count === "plural";
  const forms = [
    () => `${subject} ${predicate(random, "present", count)}`,
    () => `${subject} ${copula(chance(random, 0.5) ? "past" : "present", count)} there`,
    () => `${subject} ${countless(random)} by ${many ? "themselves" : "itself"}`,
    () =>
      `${subject} ${countless(random)} , and ${many ? "they" : "it"} ${predicate(random, "present", count)}`,
  ];
  return `${pick(random, forms)()} .`;
}

/** A sentence of one clause whose verb is in the given tense. */
export function tenseSentence(random: Random, tense: Tense): string {
  return `${tensedClause(random, tense)} .`;
}

/** The same with a word for the time. */
export function tenseSentenceWithCue(random: Random, tense: Tense): string {
  const time = pick(random, cues[tense]);
  const clause = tensedClause(random, tense);
  return chance(random, 0.5) ? `${time} ${clause} .` : `${clause} ${time} .`;
}

/** A sentence with a number of words in the bin: clauses are joined until one fits. */
export function lengthSentence(random: Random, bin: LengthBin): string {
  const [low, high] = lengthBins[bin];
  for (;;) {
    let text = looseClause(random);
    while (text.split(" ").length + 1 < low) {
      text += ` ${pick(random, connectives)} ${looseClause(random)}`;
    }
    if (text.split(" ").length + 1 <= high) return `${text} .`;
  }
}

function tensedClause(random: Random, tense: Tense): string {
  const count = anyCount(random);
  const subject = chance(random, 0.5)
    ? nounPhrase(random, pick(random, allNouns), count)
    : distractedSubjectWithoutVerb(random, count);
  return `${subject} ${predicate(random, tense, count)}`;
}

/** "the dog near the trees", "the dog and the trees": no second verb that has a tense. */
function distractedSubjectWithoutVerb(random: Random, count: Count): string {
  const head = nounPhrase(random, pick(random, allNouns), count);
  const other = nounPhrase(random, pick(random, allNouns), anyCount(random));
  return `${head} ${pick(random, ["near", "behind", "beside"])} ${other}`;
}

function looseClause(random: Random): string {
  const count = anyCount(random);
  const subject = nounPhrase(random, pick(random, allNouns), count);
  if (chance(random, 0.2)) return `${subject} ${pick(random, intransitive).past}`;
  return `${subject} ${predicate(random, chance(random, 0.5) ? "past" : "present", count)}`;
}
