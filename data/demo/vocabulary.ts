/** @file The WordPiece vocabulary of the demo model: stems, suffixes, single letters. */

import {
  adjectives,
  allNouns,
  connectives,
  cues,
  determiners,
  intensifiers,
  intransitive,
  modals,
  negations,
  nouns,
  prepositions,
  suffixes,
  transitive,
} from "./lexicon.ts";

export const specialTokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] as const;

const functionWords =
  "a an is are was were did do not that who it they itself themselves by there said thought true but of in on to from at quietly again yes no".split(
    " ",
  );
const letters = [..."abcdefghijklmnopqrstuvwxyz"];
const digits = [..."0123456789"];

/**
 * Every piece, in order of its id. A word that is a known stem and a suffix is left out, so
 * "dogs" becomes "dog ##s". Letters and digits spell whatever is not a word of the language.
 */
export function buildVocabulary(): readonly string[] {
  const whole = new Set([...functionWords, ...stems()]);
  const inflected = forms().filter((form) => !splits(form, whole));
  const continued = [...suffixes, ...letters, ...digits].map((piece) => `##${piece}`);
  const marks = [..."., !?'-"].filter((mark) => mark !== " ");
  const pieces = [...specialTokens, ...marks, ...letters, ...digits, ...continued];
  return [...new Set([...pieces, ...whole, ...inflected])];
}

function stems(): readonly string[] {
  const verbs = [...intransitive, ...transitive];
  const lists = [
    ...Object.values(adjectives),
    ...Object.values(cues),
    [...determiners, ...prepositions, ...intensifiers, ...modals, ...connectives, ...negations],
    verbs.map((verb) => verb.base),
    allNouns
      .map((noun) => noun.one)
      .filter((one) => !verbs.some(({ base }) => one === `${base}er`)),
    Object.keys(nouns),
  ];
  return lists.flat().flatMap((entry) => entry.split(" "));
}

function forms(): readonly string[] {
  const verbs = [...intransitive, ...transitive];
  return [
    ...allNouns.flatMap((noun) => [noun.one, noun.many]),
    ...verbs.flatMap((verb) => [verb.third, verb.past]),
  ];
}

/** Whether a form is a whole word of the vocabulary followed by one or two suffixes. */
function splits(form: string, whole: ReadonlySet<string>): boolean {
  if (whole.has(form)) return true;
  return suffixes.some((end) => form.endsWith(end) && splits(form.slice(0, -end.length), whole));
}
