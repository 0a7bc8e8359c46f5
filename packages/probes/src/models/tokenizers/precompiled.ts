/** @file SentencePiece's precompiled character map: a double-array trie over UTF-8 and the texts it points to. */

/**
 * The normalizer a base64 `precompiled_charsmap` describes. Layout: trie size in bytes (uint32), trie of uint32 units,
 * then replacement texts, each ended by a zero byte.
 */
export function readCharsmap(base64: string): (text: string) => string {
  const bytes = Uint8Array.from(decodeBase64(base64));
  const view = new DataView(bytes.buffer);
  const trieBytes = bytes.length >= 4 ? view.getUint32(0, true) : -1;
  if (trieBytes < 4 || trieBytes % 4 !== 0 || 4 + trieBytes > bytes.length) {
    throw new Error(
      `tokenizer: precompiled_charsmap holds a trie of ${trieBytes} bytes in ${bytes.length} bytes`,
    );
  }
  const trie = Uint32Array.from({ length: trieBytes / 4 }, (_, i) =>
    view.getUint32(4 + 4 * i, true),
  );
  const charsmap = { trie, texts: bytes.subarray(4 + trieBytes) };
  const known = new Map<string, string | null>(); // graphemes come back
  const find = (part: string): string | null => {
    const memory = known.get(part);
    if (memory !== undefined) return memory;
    const found = replacement(charsmap, part);
    if (known.size < 65_536) known.set(part, found);
    return found;
  };
  const keepsAscii = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).every(
    (char) => (find(char) ?? char) === char,
  );
  const replaceAll = (text: string): string => {
    let result = "";
    for (const { segment } of graphemes.segment(text)) {
      // as the Rust library: a grapheme of up to 5 bytes is looked up whole, else each character
      const whole = byteLength(segment) < 6 ? find(segment) : null;
      if (whole !== null) result += whole;
      else for (const char of segment) result += find(char) ?? char;
    }
    return result;
  };
  return (text) =>
    text.replace(stretches, (stretch) =>
      keepsAscii && printable.test(stretch) ? stretch : replaceAll(stretch),
    );
}

type Charsmap = { readonly trie: Uint32Array; readonly texts: Uint8Array };

// plain ASCII but for a last character that marks may follow; else up to 500 others, as Intl.Segmenter takes quadratic time
const stretches = /[ -~]+(?=[ -~]|$)|[ -~]?[^ -~]{1,500}|[ -~]/gu;
const printable = /^[\x20-\x7e]*$/;
const graphemes = new Intl.Segmenter("und", { granularity: "grapheme" });
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** What the shortest key that begins `part` maps to (as the Rust library does); null when there is none. */
function replacement({ trie, texts }: Charsmap, part: string): string | null {
  let position = offsetOf(trie[0] ?? 0);
  for (const byte of encoder.encode(part)) {
    if (byte === 0) break;
    position ^= byte;
    const unit = trie[position];
    if (unit === undefined || (unit & 0x8000_00ff) !== byte) break;
    position ^= offsetOf(unit);
    if (((unit >>> 8) & 1) === 1) {
      const start = (trie[position] ?? 0) & 0x7fff_ffff;
      const end = texts.indexOf(0, start);
      return decoder.decode(texts.subarray(start, end < 0 ? texts.length : end));
    }
  }
  return null;
}

/** Distance from a unit of the double array to its children (darts-clone). */
function offsetOf(unit: number): number {
  return (unit >>> 10) << ((unit & 0x200) >>> 6);
}

function byteLength(text: string): number {
  return encoder.encode(text).length;
}

function decodeBase64(text: string): Iterable<number> {
  try {
    return Array.from(atob(text), (char) => char.charCodeAt(0));
  } catch (cause) {
    throw new Error("tokenizer: expected precompiled_charsmap in base64", { cause });
  }
}
