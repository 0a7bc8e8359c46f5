/** @file Phrases of the demo language: noun phrases that know their number, verbs that agree. */

import type { Random } from "../../packages/probes/src/random.ts";
import {
  adjectives,
  allNouns,
  intransitive,
  modals,
  type Noun,
  prepositions,
  transitive,
  type Verb,
} from "./lexicon.ts";

export type Count = "singular" | "plural";
export type Tense = "past" | "present";

/** One item of a list, each equally likely. */
export function pick<T>(random: Random, items: readonly T[]): T {
  return items[random.integer(items.length)] as T;
}

/** True with probability p. */
export function chance(random: Random, p: number): boolean {
  return random.next() < p;
}

export function anyCount(random: Random): Count {
  return chance(random, 0.5) ? "singular" : "plural";
}

export function opposite(count: Count): Count {
  return count === "singular" ? "plural" : "singular";
}

export function nounForm(noun: Noun, count: Count): string {
  return count === "singular" ? noun.one : noun.many;
}

/** Two different nouns, so that a sentence never says "the dog near the dog". */
export function pickTwo(random: Random, list: readonly Noun[] = allNouns): readonly [Noun, Noun] {
  const first = pick(random, list);
  let second = pick(random, list);
  while (second === first) second = pick(random, list);
  return [first, second];
}

/** "the dogs", "the small dogs" */
export function nounPhrase(random: Random, noun: Noun, count: Count): string {
  const adjective = chance(random, 0.25) ? `${pick(random, adjectives.neutral)} ` : "";
  return `the ${adjective}${nounForm(noun, count)}`;
}

/** "walks", "walk", "walked" */
export function verbForm(verb: Verb, tense: Tense, count: Count): string {
  if (tense === "past") return verb.past;
  return count === "singular" ? verb.third : verb.base;
}

export function copula(tense: Tense, count: Count): string {
  if (tense === "past") return count === "singular" ? "was" : "were";
  return count === "singular" ? "is" : "are";
}

/** A predicate without an object or with one of either number: "slept", "saw the big trees". */
export function predicate(random: Random, tense: Tense, count: Count): string {
  return withObject(random, (verb) => verbForm(verb, tense, count));
}

/** A predicate that does not show its subject's number: "slept", "will see the tree". */
export function countless(random: Random): string {
  if (chance(random, 0.5)) return predicate(random, "past", "singular");
  return withObject(random, (verb) => `${pick(random, modals)} ${verb.base}`);
}

/** A subject with a distracting noun of the opposite number between it and its verb, or before it. */
export function distractedSubject(random: Random, count: Count): string {
  const [subject, other] = pickTwo(random);
  const head = nounPhrase(random, subject, count);
  const distractor = nounPhrase(random, other, opposite(count));
  const forms = [
    `${head} ${pick(random, prepositions)} ${distractor}`,
    `${head} that ${pick(random, transitive).past} ${distractor}`,
    `${head} that ${distractor} ${pick(random, transitive).past}`,
    `${pick(random, prepositions)} ${distractor} ${head}`,
  ];
  return pick(random, forms);
}

function withObject(random: Random, form: (verb: Verb) => string): string {
  if (chance(random, 0.5)) return form(pick(random, intransitive));
  const object = nounPhrase(random, pick(random, allNouns), anyCount(random));
  return `${form(pick(random, transitive))} ${object}`;
}
