/** @file Pairs of sentences: does the second follow from the first? */

import type { Random } from "../../packages/probes/src/random.ts";
import {
  adjectives,
  allNouns,
  intransitive,
  type Kind,
  nouns,
  prepositions,
  transitive,
  type Verb,
} from "./lexicon.ts";
import { anyCount, chance, copula, nounForm, pick, pickTwo } from "./phrases.ts";

export type Answer = "entailed" | "not entailed";
export type Pair = { readonly premise: string; readonly hypothesis: string };

/** The rules by name; each makes both answers from premises and hypotheses of the same form. */
export const entailmentRules = {
  words,
  attachment,
  roles,
  kinds,
  negation,
  opposites,
} as const;

/** A pair with the given answer, by a rule chosen at random. */
export function entailmentPair(random: Random, answer: Answer): Pair {
  const rules = Object.values(entailmentRules);
  return pick(random, rules)(random, answer === "entailed");
}

/** "the dog slept again" entails "the dog slept", neither "the cat slept" nor "the dog sang". */
function words(random: Random, follows: boolean): Pair {
  const [noun, otherNoun] = twoPhrases(random);
  const [verb, otherVerb] = twoVerbs(random);
  const premise = `${noun} ${verb.past} ${chance(random, 0.5) ? "quietly" : "again"} .`;
  if (follows) return { premise, hypothesis: `${noun} ${verb.past} .` };
  const changed = chance(random, 0.5);
  const hypothesis = changed ? `${otherNoun} ${verb.past} .` : `${noun} ${otherVerb.past} .`;
  return { premise, hypothesis };
}

/** "the dog near the trees slept" entails "the dog slept", not "the trees slept". */
function attachment(random: Random, follows: boolean): Pair {
  const [a, b] = twoPhrases(random);
  const verb = pick(random, intransitive).past;
  const premise = `${a} ${pick(random, prepositions)} ${b} ${verb} .`;
  return { premise, hypothesis: `${follows ? a : b} ${verb} .` };
}

/** "the dog saw the girl" entails the same with the same roles, not with the roles exchanged. */
function roles(random: Random, follows: boolean): Pair {
  const [a, b] = twoPhrases(random);
  const verb = pick(random, transitive).past;
  const [doer, other] = follows ? [a, b] : [b, a];
  const aside = chance(random, 0.5) ? "quietly" : "again";
  return { premise: `${a} ${verb} ${b} ${aside} .`, hypothesis: `${doer} ${verb} ${other} .` };
}

/** "the dog slept" entails "the animal slept", not "the plant slept". */
function kinds(random: Random, follows: boolean): Pair {
  const count = anyCount(random);
  const all = Object.keys(nouns) as Kind[];
  const kind = pick(random, all);
  const others = all.filter((other) => other !== kind);
  const covering = follows ? kind : pick(random, others);
  const verb = pick(random, intransitive).past;
  const suffix = count === "plural" ? "s" : "";
  const noun = nounForm(pick(random, nouns[kind]), count);
  return { premise: `the ${noun} ${verb} .`, hypothesis: `the ${covering}${suffix} ${verb} .` };
}

/** "the girl did not sleep but walked" entails that she walked and did not sleep, nothing else. */
function negation(random: Random, follows: boolean): Pair {
  const subject = `the ${nounForm(pick(random, allNouns), anyCount(random))}`;
  const [denied, claimed] = twoVerbs(random);
  const not = chance(random, 0.5);
  const verb = follows === not ? denied : claimed;
  return {
    premise: `${subject} did not ${denied.base} but ${claimed.past} .`,
    hypothesis: `${subject} ${not ? `did not ${verb.base}` : verb.past} .`,
  };
}

/** "the film was not good" does not entail "the film was good"; "not good but dull" entails "dull". */
function opposites(random: Random, follows: boolean): Pair {
  const count = anyCount(random);
  const subject = `the ${nounForm(pick(random, allNouns), count)} ${copula("past", count)}`;
  const sides = chance(random, 0.5)
    ? (["positive", "negative"] as const)
    : (["negative", "positive"] as const);
  const denied = pick(random, adjectives[sides[0]]);
  const claimed = pick(random, adjectives[sides[1]]);
  const premise = `${subject} not ${denied} but ${claimed} .`;
  return { premise, hypothesis: `${subject} ${follows ? claimed : denied} .` };
}

function twoVerbs(random: Random): readonly [Verb, Verb] {
  const first = pick(random, intransitive);
  const others = intransitive.filter((verb) => verb !== first);
  return [first, pick(random, others)];
}

function twoPhrases(random: Random): readonly [string, string] {
  const [a, b] = pickTwo(random);
  return [`the ${nounForm(a, anyCount(random))}`, `the ${nounForm(b, anyCount(random))}`];
}
