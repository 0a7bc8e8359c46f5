/** @file Seeded random numbers: xoshiro128**, the same on every machine. */

/** A stream of random numbers. Drawing changes the stream; `fork` does not. */
export interface Random {
  /** Uniform in [0, 1), with 53 random bits. */
  next(): number;
  /** Standard normal. */
  normal(): number;
  /** Uniform in 0 .. n - 1, without bias. */
  integer(n: number): number;
  /** The numbers 0 .. n - 1 in random order (Fisher-Yates). */
  permutation(n: number): Uint32Array;
  /** An independent stream, decided by this stream's seed and the label, not by what was drawn. */
  fork(label: string): Random;
}

/** A stream for a seed; equal seeds give equal streams, and 1 is the same seed as "1". */
export function createRandom(seed: number | string): Random {
  const key = String(seed);
  const state = hash128(key);

  const next32 = () => {
    const result = Math.imul(rotate(Math.imul(state[1]!, 5), 7), 9) >>> 0;
    const shifted = state[1]! << 9;
    state[2]! ^= state[0]!;
    state[3]! ^= state[1]!;
    state[1]! ^= state[2]!;
    state[0]! ^= state[3]!;
    state[2]! ^= shifted;
    state[3] = rotate(state[3]!, 11);
    return result;
  };
  const next = () => ((next32() >>> 5) * 2 ** 26 + (next32() >>> 6)) * 2 ** -53;

  let spare: number | null = null;
  const normal = () => {
    if (spare !== null) {
      const kept = spare;
      spare = null;
      return kept;
    }
    // Marsaglia's polar method.
    for (;;) {
      const u = 2 * next() - 1;
      const v = 2 * next() - 1;
      const s = u * u + v * v;
      if (s === 0 || s >= 1) continue;
      const scale = Math.sqrt((-2 * Math.log(s)) / s);
      spare = v * scale;
      return u * scale;
    }
  };

  const integer = (n: number) => {
    if (!Number.isInteger(n) || n < 1 || n > 2 ** 32) {
      throw new Error(`random: expected an integer from 1 to 2^32, got ${n}`);
    }
    const limit = 2 ** 32 - (2 ** 32 % n);
    for (;;) {
      const drawn = next32();
      if (drawn < limit) return drawn % n;
    }
  };

  const permutation = (n: number) => {
    const order = Uint32Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = integer(i + 1);
      const moved = order[i]!;
      order[i] = order[j]!;
      order[j] = moved;
    }
    return order;
  };

  return { next, normal, integer, permutation, fork: (label) => createRandom(`${key}/${label}`) };
}

const rotate = (x: number, bits: number) => (x << bits) | (x >>> (32 - bits));

/** Four words from a text: FNV-1a per word, then the finaliser of MurmurHash3. */
function hash128(text: string): Uint32Array {
  return Uint32Array.from({ length: 4 }, (_, word) => {
    let h = (0x811c9dc5 ^ Math.imul(word + 1, 0x9e3779b9)) >>> 0;
    for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    return (h ^ (h >>> 16)) >>> 0;
  });
}
