/** @file Seeded damage to bytes, for tests that feed readers with broken files. */

/**
 * Copies of `bytes` with some bytes changed, cut out or repeated; the same ones for the same seed. FUZZ_SEED in the
 * environment moves every seed, FUZZ_TIMES multiplies the rounds.
 */
export function* damage(
  bytes: Uint8Array,
  { rounds, seed, within = bytes.length }: { rounds: number; seed: number; within?: number },
): Generator<Buffer> {
  const { FUZZ_SEED = "0", FUZZ_TIMES = "1" } = process.env;
  const draw = generator(seed + 7919 * Number(FUZZ_SEED));
  for (let round = 0; round < rounds * Number(FUZZ_TIMES); round++) {
    let copy = Buffer.from(bytes);
    for (let changes = 1 + draw(4); changes > 0; changes--) {
      const at = draw(Math.min(within, copy.length));
      const length = 1 + draw(8);
      const kind = draw(8);
      if (kind < 5) copy[at] = draw(256);
      else if (kind === 5) copy = Buffer.concat([copy.subarray(0, at), copy.subarray(at + length)]);
      else if (kind === 6) copy = Buffer.concat([copy.subarray(0, at + length), copy.subarray(at)]);
      else if (draw(4) === 0) copy = copy.subarray(0, at);
    }
    yield copy;
  }
}

/** Whole numbers below n by xorshift32: enough for damage, not for statistics. */
function generator(seed: number): (n: number) => number {
  let state = seed | 1;
  return (n) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return n === 0 ? 0 : (state >>> 0) % n;
  };
}
