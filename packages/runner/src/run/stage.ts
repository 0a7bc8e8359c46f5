/** @file Progress of one stage: to the terminal as it comes, to the store once a second. */

import { formatCount } from "../format.ts";
import type { Log } from "../log.ts";
import { recordProgress, type Store } from "../store/index.ts";
import { createMeter } from "./meter.ts";

type StageOptions = {
  readonly name: "encode" | "probe" | "finetune" | "attribute";
  /** What is counted for people. */
  readonly unit: "texts" | "trials" | "trainings";
  readonly total: number;
  /** Done by earlier runs. */
  readonly before?: number;
  /** The whole amount of work in any measure, and what of it earlier runs did; the estimate of time goes by it. */
  readonly work: number;
  readonly workBefore?: number;
  /** What the rate shown counts, where that is not the unit: tokens. */
  readonly rateUnit?: string;
};

type Reporting = { readonly log: Log; readonly store: Store; readonly run: number };

/** What one finished piece adds. */
export type Advance = {
  readonly done: number;
  readonly failed?: number;
  readonly work: number;
  /** In the rate's unit, where that is not the unit. */
  readonly counted?: number;
  readonly truncated?: number;
};

/** Follows a stage from begin to end. */
export interface Stage {
  advance(amount: Advance): void;
  /** Draws and records the present state; called by a timer and by `advance`. */
  tick(): void;
  readonly done: number;
  readonly failed: number;
  /** In this run, in the rate's unit. */
  readonly counted: number;
  readonly truncated: number;
}

const recordInterval = 1000; // milliseconds between writes to the store

export function createStage(options: StageOptions, { log, store, run }: Reporting): Stage {
  const { name, unit, total, rateUnit = unit } = options;
  const begun = performance.now();
  const workMeter = createMeter(options.workBefore ?? 0, begun);
  const rateMeter = createMeter(0, begun);
  let { before: done = 0, workBefore: work = 0 } = options;
  const doneMeter = createMeter(done, begun);
  let counted = 0;
  let failed = 0;
  let truncated = 0;
  let recorded = Number.NEGATIVE_INFINITY;
  const tick = (): void => {
    const speed = workMeter.rate();
    const secondsLeft = speed === null ? null : Math.max(0, options.work - work) / speed;
    const rate = rateMeter.rate();
    log.progress(name, {
      ...{ done, total, unit, failed, secondsLeft },
      share: options.work === 0 ? 1 : work / options.work,
      rate: rate === null ? null : `${formatCount(rate)} ${rateUnit}/s`,
    });
    const now = performance.now();
    if (now - recorded < recordInterval && done < total) return;
    recorded = now;
    recordProgress(store, run, [
      { stage: name, done, failed, total, unit, rate: doneMeter.rate(), secondsLeft },
    ]);
  };
  return {
    advance(amount) {
      done += amount.done;
      failed += amount.failed ?? 0;
      truncated += amount.truncated ?? 0;
      work += amount.work;
      counted += amount.counted ?? amount.done;
      workMeter.add(work, performance.now());
      rateMeter.add(counted, performance.now());
      doneMeter.add(done, performance.now());
      tick();
    },
    tick,
    get done() {
      return done;
    },
    get failed() {
      return failed;
    },
    get counted() {
      return counted;
    },
    get truncated() {
      return truncated;
    },
  };
}
