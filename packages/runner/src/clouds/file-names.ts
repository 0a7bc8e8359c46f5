/** @file File names for any class or token name: safe everywhere, never the same for two names. */

import { createHash } from "node:crypto";

/** Bytes of a name, so that an ending and a temporary name still fit into the 255 of file systems. */
const mostBytes = 100;

/** Names that Windows keeps for itself. */
const reserved = /^(con|prn|aux|nul|com\d|lpt\d)$/i;

/**
 * A file name for each distinct name. Plain names stay as they are; others, and names that differ only
 * in case or spelling of accents, get a hash of the true name behind a tilde, which no plain name has.
 */
export function fileNames(names: Iterable<string>): ReadonlyMap<string, string> {
  const distinct = [...new Set(names)];
  const counts = new Map<string, number>();
  for (const name of distinct) {
    const key = folded(name);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return new Map(
    distinct.map((name) => {
      const alone = counts.get(folded(name)) === 1;
      return [name, alone && isPlain(name) ? name : `${slug(name)}~${hash(name)}`];
    }),
  );
}

const folded = (name: string): string => name.normalize("NFKC").toLowerCase();

function isPlain(name: string): boolean {
  const safe = /^[\p{L}\p{N}][\p{L}\p{N}_-]*$/u.test(name) && name === name.normalize("NFC");
  return safe && !reserved.test(name) && Buffer.byteLength(name) <= mostBytes;
}

/** What can be kept of a name: letters, digits, hyphens, cut to length. */
function slug(name: string): string {
  let kept = "";
  for (const character of name.normalize("NFC").replaceAll(/[^\p{L}\p{N}_-]+/gu, "_")) {
    if (Buffer.byteLength(kept + character) > mostBytes - 13) break;
    kept += character;
  }
  return kept;
}

const hash = (name: string): string =>
  createHash("sha256").update(name, "utf8").digest("hex").slice(0, 12);
