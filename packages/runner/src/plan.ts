/** @file What an experiment has to compute, what is there already, and what the rest costs. */

import { freeBytes, openEncoding } from "./cache.ts";
import { ExperimentError } from "./errors.ts";
import { estimateEncoding, estimateProbing, type Rates } from "./estimate.ts";
import { formatBytes, formatCount } from "./format.ts";
import { type Cell, cellsOf, foldCount, type Grid, type Pair, pairsOf } from "./grid.ts";
import type { SizedFeature } from "./grid-model.ts";
import { idsOf } from "./grid-trials.ts";

/** The most trials one experiment may have. */
export const mostTrials = 10_000_000;

/** What one stage has to do; bytes and seconds are of what is not cached. */
export type StagePlan = {
  readonly total: number;
  readonly cached: number;
  readonly bytes: number;
  readonly seconds: number;
};

/** The shape of `plan --json`. */
export type Plan = {
  readonly experiment: string;
  readonly encodings: number;
  readonly trials: number;
  /** Over all trials. */
  readonly folds: number;
  readonly cached: { readonly encodings: number; readonly trials: number };
  /** Still to be written and computed, over all stages. */
  readonly bytes: number;
  readonly seconds: number;
  readonly stages: { readonly encode: StagePlan; readonly probe: StagePlan };
};

export type PlanOptions = {
  readonly cache: string;
  /** Ids of trials that are done. */
  readonly done: ReadonlySet<string>;
  readonly rates: Rates;
  readonly workers: number;
};

/** Counts a grid without keeping a single trial; refuses one that is too large. */
export function planGrid(grid: Grid, options: PlanOptions): Plan {
  refuseTooMany(grid);
  const encode = { total: 0, cached: 0, bytes: 0, seconds: 0 };
  const probe = { total: 0, cached: 0, bytes: 0, seconds: 0 };
  for (const pair of pairsOf(grid)) {
    const missing = missingFeatures(pair, options.cache);
    encode.total++;
    if (missing.size === 0) encode.cached++;
    else add(encode, estimateEncoding(grid, pair, { missing, rates: options.rates }));
    for (const cell of cellsOf(grid, pair)) planCell(grid, cell, { options, probe });
  }
  return {
    experiment: grid.experiment.name,
    encodings: encode.total,
    trials: probe.total,
    folds: probe.total * foldCount(grid.experiment),
    cached: { encodings: encode.cached, trials: probe.cached },
    bytes: Math.round(encode.bytes + probe.bytes),
    seconds: encode.seconds + probe.seconds,
    stages: { encode, probe },
  };
}

/** Throws when what the plan will write does not fit on the disks of the cache and the store. */
export function refuseOverfull(
  plan: Plan,
  { cache, store }: { cache: string; store: string },
): void {
  const { encode, probe } = plan.stages;
  const demands = [
    { what: "features", bytes: encode.bytes, folder: cache },
    { what: "scores and predictions", bytes: probe.bytes, folder: store },
  ];
  for (const { what, bytes, folder } of demands) {
    const free = freeBytes(folder);
    if (bytes <= free) continue;
    throw new ExperimentError(
      `experiment "${plan.experiment}": its ${what} need ${formatBytes(bytes)}, the disk of ${folder} has ${formatBytes(free)} free`,
    );
  }
}

/** Features of a pair that no part of its encoding holds. */
export function missingFeatures(
  { encoding, model }: Pair,
  cache: string,
): ReadonlyMap<string, SizedFeature> {
  const { features } = openEncoding(cache, encoding);
  return new Map([...model.features].filter(([name]) => !features.has(name)));
}

type Total = { total: number; cached: number; bytes: number; seconds: number };

function planCell(
  grid: Grid,
  cell: Cell,
  { options, probe }: { readonly options: PlanOptions; readonly probe: Total },
): void {
  const ids = options.done.size > 0 ? idsOf(grid, cell) : [];
  const costs = estimateProbing(grid, cell, options);
  probe.total += cell.classifiers.length;
  for (const [i, cost] of costs.entries()) {
    if (options.done.has(ids[i] ?? "")) probe.cached++;
    else add(probe, cost);
  }
}

function add(total: Total, cost: { readonly bytes: number; readonly seconds: number }): void {
  total.bytes += cost.bytes;
  total.seconds += cost.seconds;
}

/** Counted before anything is enumerated. */
function refuseTooMany({ experiment, datasets, models, classifiers }: Grid): void {
  const poolings = models.reduce((sum, model) => sum + model.poolings.length, 0);
  const trials = datasets.length * poolings * classifiers.length;
  if (trials <= mostTrials) return;
  throw new ExperimentError(
    `experiment "${experiment.name}": expected at most ${formatCount(mostTrials)} trials, got ${formatCount(trials)}`,
  );
}
