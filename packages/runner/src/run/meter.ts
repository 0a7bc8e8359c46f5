/** @file Measures how fast something goes, over the last minute. */

/** Collects amounts as they are done. */
export interface Meter {
  /** Notes the whole amount done so far, at a time in milliseconds. */
  add(done: number, at: number): void;
  /** Amount per second; null until there is something to go by. */
  rate(): number | null;
}

const measuredSpan = 60_000; // milliseconds

/** A meter that begins at an amount: what an earlier run did says nothing about the speed of this one. */
export function createMeter(begun: number, at: number): Meter {
  let samples = [{ done: begun, at }];
  return {
    add(done, now) {
      if (samples.at(-1)?.done === done) return;
      samples.push({ done, at: now });
      const old = samples.findLastIndex((sample) => now - sample.at > measuredSpan);
      if (old > 0) samples = samples.slice(old);
    },
    rate() {
      const [first, last] = [samples[0], samples.at(-1)];
      if (!first || !last || last.at <= first.at || last.done <= first.done) return null;
      return ((last.done - first.done) / (last.at - first.at)) * 1000;
    },
  };
}
