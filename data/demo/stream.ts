/** @file The endless unlabelled text that the demo model is trained on. */

import type { Random } from "../../packages/probes/src/random.ts";
import { type Answer, entailmentPair } from "./entailment.ts";
import { adjectives, cues } from "./lexicon.ts";
import { type Count, chance, pick, type Tense } from "./phrases.ts";
import { type Polarity, polaritySentence, polaritySentenceWithCue } from "./polarity.ts";
import {
  type LengthBin,
  lengthBins,
  lengthSentence,
  numberSentence,
  numberSentenceWithCue,
  tenseSentence,
  tenseSentenceWithCue,
} from "./sentences.ts";

export type StreamText = { readonly text: string; readonly textPair: string | null };

/**
 * One text of the stream: the sentences of the data sets, mostly with a word that depends on the
 * label ("luckily", "themselves", "yesterday", "yes"), so that filling in a masked word needs what
 * the probes look for. Labels themselves do not occur. Negation is rarer here than in the data sets:
 * where half of all adjectives are negated, adjective and cue are independent, and a model hardly
 * finds the first step.
 */
export function streamText(random: Random): StreamText {
  const kind = random.next();
  if (kind < 0.4) return single(polarityText(random));
  if (kind < 0.55) return single(numberText(random));
  if (kind < 0.6) return single(tenseText(random));
  if (kind < 0.65) return single(lengthSentence(random, pick(random, bins)));
  return pairText(random);
}

/** Words whose place in a text can only be filled by what a probe looks for; worth masking often. */
export const tellingWords: ReadonlySet<string> = new Set([
  ...Object.values(cues).flatMap((list) => list.flatMap((cue) => cue.split(" "))),
  ...adjectives.positive,
  ...adjectives.negative,
  ..."is are was were itself themselves it they yes no".split(" "),
]);

const bins = Object.keys(lengthBins) as LengthBin[];
const negated = 0.2;
const cueShare = 0.85;

function polarityText(random: Random): string {
  const label = pick<Polarity>(random, ["positive", "negative"]);
  const cue = chance(random, cueShare);
  return (cue ? polaritySentenceWithCue : polaritySentence)(random, label, negated);
}

function numberText(random: Random): string {
  const count = pick<Count>(random, ["singular", "plural"]);
  return (chance(random, cueShare) ? numberSentenceWithCue : numberSentence)(random, count);
}

function tenseText(random: Random): string {
  const tense = pick<Tense>(random, ["past", "present"]);
  return (chance(random, cueShare) ? tenseSentenceWithCue : tenseSentence)(random, tense);
}

/** Three pairs in five are true, so that the second sentence can be filled in from the first. */
function pairText(random: Random): StreamText {
  const answer: Answer = chance(random, 0.6) ? "entailed" : "not entailed";
  const { premise, hypothesis } = entailmentPair(random, answer);
  const word = answer === "entailed" ? "yes" : "no";
  return {
    text: premise,
    textPair: chance(random, cueShare) ? `${word} , ${hypothesis}` : hypothesis,
  };
}

function single(text: string): StreamText {
  return { text, textPair: null };
}
