/** @file Words of a text, for baselines and control tasks that look at words and nothing else. */

const word = /[\p{L}\p{M}\p{N}]+(?:['’-][\p{L}\p{M}\p{N}]+)*/gu;

/** Runs of letters and digits in lower case, apostrophes and hyphens inside them included. */
export function wordsOf(text: string): readonly string[] {
  return text.toLowerCase().match(word) ?? [];
}
