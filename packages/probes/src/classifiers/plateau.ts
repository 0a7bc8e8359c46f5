/** @file A learning rate that falls when a loss stops falling: torch's ReduceLROnPlateau at its defaults. */

const factor = 0.1;
const patience = 10;
const threshold = 1e-4;

export type Plateau = {
  /** The rate to use now. */
  readonly rate: () => number;
  /** Takes one more loss into account. */
  readonly observe: (loss: number) => void;
};

/** Multiplies the rate by 0.1 after more than 10 losses that are not 0.01 % below the best. */
export function createPlateau(start: number): Plateau {
  let rate = start;
  let best = Number.POSITIVE_INFINITY;
  let bad = 0;
  return {
    rate: () => rate,
    observe(loss) {
      if (loss < best * (1 - threshold)) {
        best = loss;
        bad = 0;
      } else {
        bad += 1;
      }
      if (bad <= patience) return;
      if (rate - rate * factor > 1e-8) rate *= factor;
      bad = 0;
    },
  };
}
