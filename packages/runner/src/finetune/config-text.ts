/** @file Writes a config.json so that numbers stay of the kind they were: 2.0 must not become 2. */

/** A name and the number that follows it. */
const named = /("(?:[^"\\]|\\.)*")(\s*:\s*)(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)(?=\s*[,}\]])/g;

/**
 * The config as text. JSON has one kind of number, Python has two, and `transformers` refuses a whole
 * number where it expects a fraction: a field that `original` writes as 2.0 is written so again.
 */
export function configText(config: Readonly<Record<string, unknown>>, original: string): string {
  const fractions = new Map<string, string>();
  for (const [, name, , number] of original.matchAll(named)) {
    if (/[.eE]/.test(number!)) fractions.set(`${name} ${Number(number)}`, number!);
  }
  const text = JSON.stringify(config, null, 2).replace(named, (...match) => {
    const [whole, name, colon, number] = match as string[];
    const written = fractions.get(`${name} ${Number(number)}`);
    return written === undefined ? whole! : `${name}${colon}${written}`;
  });
  return `${text}\n`;
}
