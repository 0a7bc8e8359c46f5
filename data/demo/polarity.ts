/** @file Sentences that praise or blame, where no word alone tells which. */

import type { Random } from "../../packages/probes/src/random.ts";
import { adjectives, cues, intensifiers, intransitive, negations, nouns } from "./lexicon.ts";
import {
  anyCount,
  type Count,
  chance,
  copula,
  nounForm,
  nounPhrase,
  pick,
  pickTwo,
  type Tense,
} from "./phrases.ts";

export type Polarity = "positive" | "negative";

type Judged = { readonly subject: string; readonly be: string };
/** What a template needs: the label and how often a complement is negated. */
type Wish = { readonly label: Polarity; readonly negated: number };
type Template = (random: Random, wish: Wish) => string;

/**
 * A sentence of the given polarity. The polarity of the adjective is chosen last, to fit the label
 * and the negations; so with half of the complements negated, each word of a template occurs equally
 * often under both labels.
 */
export function polaritySentence(random: Random, label: Polarity, negated = 0.5): string {
  return `${clause(random, { label, negated })} .`;
}

/** The same with a word that gives the polarity away, before or after. */
export function polaritySentenceWithCue(random: Random, label: Polarity, negated = 0.5): string {
  const body = clause(random, { label, negated });
  const cue = pick(random, cues[label]);
  return chance(random, 0.5) ? `${cue} , ${body} .` : `${body} , ${cue} .`;
}

export function flip(label: Polarity): Polarity {
  return label === "positive" ? "negative" : "positive";
}

function clause(random: Random, wish: Wish): string {
  const templates = [plain, plain, plain, notBut, relative, outOfScope, untrue];
  return pick<Template>(random, templates)(random, wish);
}

/** "the films were not very good" */
function plain(random: Random, wish: Wish): string {
  const { subject, be } = judged(random);
  return `${subject} ${be} ${complement(random, wish)}`;
}

/** "the film was not good but awful": the last adjective decides. */
function notBut(random: Random, { label }: Wish): string {
  const { subject, be } = judged(random);
  const denied = pick(random, adjectives[flip(label)]);
  return `${subject} ${be} not ${denied} but ${judgement(random, label)}`;
}

/** "the film that was not dull was good": only the main clause counts. */
function relative(random: Random, wish: Wish): string {
  const { subject, be } = judged(random);
  const aside = complement(random, { ...wish, label: pick(random, ["positive", "negative"]) });
  return `${subject} that ${be} ${aside} ${be} ${complement(random, wish)}`;
}

/** "the girl who did not laugh said that the film was good": that negation is out of scope. */
function outOfScope(random: Random, wish: Wish): string {
  const speaker = nounForm(pick(random, nouns.person), anyCount(random));
  const verb = pick(random, intransitive);
  const denied = chance(random, 0.75) ? `did not ${verb.base}` : verb.past;
  const speech = chance(random, 0.5) ? "said that" : "thought that";
  return `the ${speaker} who ${denied} ${speech} ${plain(random, wish)}`;
}

/** "it is not true that the film was not good": two negations cancel. */
function untrue(random: Random, wish: Wish): string {
  const denied = chance(random, wish.negated);
  const label = denied ? flip(wish.label) : wish.label;
  return `it is ${denied ? "not true" : "true"} that ${plain(random, { ...wish, label })}`;
}

/** "not very good" or "awful". */
function complement(random: Random, { label, negated }: Wish): string {
  if (!chance(random, negated)) return judgement(random, label);
  return `${pick(random, negations)} ${judgement(random, flip(label))}`;
}

function judgement(random: Random, polarity: Polarity): string {
  const adjective = pick(random, adjectives[polarity]);
  return chance(random, 0.35) ? `${pick(random, intensifiers)} ${adjective}` : adjective;
}

function judged(random: Random): Judged {
  const count: Count = anyCount(random);
  const tense: Tense = chance(random, 0.7) ? "past" : "present";
  const list = chance(random, 0.7) ? nouns.work : nouns.person;
  const [noun, other] = pickTwo(random, list);
  const about = chance(random, 0.3) ? ` with the ${nounForm(other, anyCount(random))}` : "";
  return { subject: nounPhrase(random, noun, count) + about, be: copula(tense, count) };
}
