/** @file Which trials of a grid are still to be computed, one feature matrix at a time. */

import { estimateProbing, type Rates } from "../estimate.ts";
import { type Cell, cellsOf, type Grid, type Pair, pairsOf, type Trial } from "../grid.ts";
import { trialsOf } from "../grid-trials.ts";
import { type Store, stateLookup } from "../store/index.ts";

/** A feature matrix and its pending trials, each with the seconds it may take. */
export type PendingCell = {
  readonly cell: Cell;
  readonly trials: readonly Trial[];
  readonly seconds: readonly number[];
};

/** An encoding that is needed, and how much is to be probed on it. */
export type PendingPair = {
  readonly pair: Pair;
  readonly trials: number;
  readonly seconds: number;
};

export type PendingOptions = {
  readonly grid: Grid;
  readonly store: Store;
  readonly rates: Rates;
  readonly workers: number;
  /** Ids of trials that were done when the run began: those stay so, and need not be looked up. */
  readonly done?: ReadonlySet<string>;
};

/** The encodings that have pending trials, counted. */
export function pendingPairs(options: PendingOptions): readonly PendingPair[] {
  return [...pairsOf(options.grid)]
    .map((pair) => {
      let trials = 0;
      let seconds = 0;
      for (const cell of pendingCells(options, pair)) {
        trials += cell.trials.length;
        seconds += cell.seconds.reduce((sum, one) => sum + one, 0);
      }
      return { pair, trials, seconds };
    })
    .filter(({ trials }) => trials > 0);
}

/** The feature matrices of a pair that have pending trials. */
export function* pendingCells(options: PendingOptions, pair: Pair): Generator<PendingCell> {
  const stateOf = stateLookup(options.store);
  const done = options.done ?? new Set<string>();
  const isPending = (id: string) => !done.has(id) && stateOf(id) === "pending";
  for (const cell of cellsOf(options.grid, pair)) {
    const trials = [...trialsOf(options.grid, cell, isPending)];
    if (trials.length === 0) continue;
    const open = { ...cell, classifiers: trials.map(({ classifier }) => classifier) };
    const costs = estimateProbing(options.grid, open, options);
    yield { cell, trials, seconds: costs.map(({ seconds }) => seconds) };
  }
}
