/** @file Names out of a foreign file, in messages. */

const most = 80;

/** In quotes, escaped, and cut where it is long: a name may be megabytes of anything. */
export function quoted(name: string): string {
  return JSON.stringify(name.length > most ? `${name.slice(0, most)}…` : name);
}
