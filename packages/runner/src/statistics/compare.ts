/** @file Compares the trials of an experiment: the best layer of each line, the best pooling, the best model, and what is not distinguishable from them. */

import { type Correction, corrections, pairedCohensD } from "@probegrid/probes/statistics";
import { lowerIsBetter } from "../store/metrics.ts";
import type { Store } from "../store/open.ts";
import { bestFirst, type Candidate, type Line, readChosenLines, readLines } from "./candidates.ts";
import { defaultTest, pairedTests, requireTest, type TestName } from "./paired-tests.ts";
import { readSplit, type StoredSplit } from "./stored-split.ts";
import { readFoldScores, readPredictions } from "./stored-trial.ts";

export type CompareOptions = {
  /** Accuracy or R2, by task, when left out. */
  readonly metric?: string | null;
  /** Chosen by the metric and the folds when left out. */
  readonly test?: TestName | null;
  readonly correction?: Correction;
  /** Tests with an adjusted p below it tell two trials apart; 0.05 when left out. */
  readonly alpha?: number;
};

/** A trial beside the best of its group. */
export type Compared = Candidate & {
  /** By how much the best one is better, in the metric; 0 for the best itself. */
  readonly difference: number;
  /** Raw, and adjusted over all tests of the comparison; null for the best and where no test can be made. */
  readonly p: number | null;
  readonly adjusted: number | null;
  /** Paired, over folds. */
  readonly cohensD: number | null;
  /** Odds that an item which only one of the two has right is right in the best; McNemar only. */
  readonly oddsRatio: number | null;
  /** Whether the adjusted p tells it apart from the best. */
  readonly distinguishable: boolean;
};

/** The best of some trials and the others, best first. */
export type ComparedGroup = {
  /** What the members differ in. */
  readonly over: "layers" | "poolings" | "models" | "lines";
  readonly metric: string;
  readonly test: TestName;
  readonly best: Compared;
  readonly others: readonly Compared[];
};

export type Comparison = {
  readonly correction: Correction;
  readonly alpha: number;
  /** How many tests were adjusted together. */
  readonly tests: number;
  readonly groups: readonly ComparedGroup[];
};

export type ExperimentComparison = Comparison & { readonly experiment: string };

/**
 * Tests every layer of a line (same dataset, model, pooling, classifier, seed, split) against its best layer, the
 * best trial of every pooling against the best pooling, and the best trial of every model against the best model of
 * the same dataset, seed and split. The p values of all these tests are adjusted together.
 */
export function compareTrials(
  store: Store,
  experiment: string,
  options: CompareOptions = {},
): ExperimentComparison {
  const lines = readLines(store, experiment, options.metric ?? null);
  const across = [
    ...groupsOf("poolings", ["model", "classifier", "seed"], tops(lines)),
    ...groupsOf("models", ["seed"], bestOfModels(lines)),
  ];
  return Object.freeze({ experiment, ...compareLines(store, { lines, across }, options) });
}

/**
 * Chosen trials, each list of keys a line: every layer against the best one of its line, and the best trial of every
 * line against the best line of the same dataset and split. Only these tests are adjusted together.
 */
export function compareChosen(
  store: Store,
  keys: readonly (readonly number[])[],
  options: CompareOptions = {},
): Comparison {
  const lines = readChosenLines(store, keys, options.metric ?? null);
  return compareLines(store, { lines, across: groupsOf("lines", [], tops(lines)) }, options);
}

type Over = ComparedGroup["over"];

/** Trials to test against the best of them, and what they differ in. */
type Untested = { readonly over: Over; readonly members: Line };

type Sets = { readonly lines: readonly Line[]; readonly across: readonly Untested[] };

function compareLines(
  store: Store,
  { lines, across }: Sets,
  { test = null, correction = "holm", alpha = 0.05 }: CompareOptions,
): Comparison {
  const lookup = createLookup(store);
  const untested = [...lines.map((members): Untested => ({ over: "layers", members })), ...across];
  const tested = untested.map(({ over, members }) => testGroup(members, { over, test, lookup }));
  const raw = tested.flatMap(({ others }) => others.flatMap(({ p }) => p ?? []));
  const adjusted = corrections[correction](raw);
  let at = 0;
  const adjust = (one: Compared): Compared => {
    if (one.p === null) return one;
    const own = adjusted[at++] ?? 1;
    return Object.freeze({ ...one, adjusted: own, distinguishable: own < alpha });
  };
  const groups = tested.map((group) =>
    Object.freeze({ ...group, others: Object.freeze(group.others.map(adjust)) }),
  );
  return Object.freeze({ correction, alpha, tests: raw.length, groups });
}

/** Layers of a group that the tests can not tell from its best one, which comes first. */
export function notDistinguishable({ best, others }: ComparedGroup): readonly Compared[] {
  return [best, ...others.filter(({ distinguishable }) => !distinguishable)];
}

const tops = (lines: readonly Line[]): readonly Candidate[] => lines.map(([best]) => best);

/** The best trial of each model on each dataset, seed and split. */
function bestOfModels(lines: readonly Line[]): readonly Candidate[] {
  return tops(partition(tops(lines), ["model", "seed"]));
}

/** Trials that share dataset, split, metric and these fields, where there is more than one. */
function groupsOf(
  over: Over,
  shared: readonly (keyof Candidate)[],
  candidates: readonly Candidate[],
): readonly Untested[] {
  const groups = partition(candidates, shared).filter(({ length }) => length > 1);
  return groups.map((members) => ({ over, members }));
}

function partition(
  candidates: readonly Candidate[],
  fields: readonly (keyof Candidate)[],
): readonly Line[] {
  const groups = new Map<string, Candidate[]>();
  for (const one of candidates) {
    const key = JSON.stringify([one.dataset, one.split, one.metric, ...fields.map((f) => one[f])]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return [...groups.values()].map(bestFirst);
}

type Lookup = {
  readonly split: (id: string | null) => StoredSplit;
  readonly scores: (candidate: Candidate) => ReadonlyMap<number, number>;
  readonly predictions: (candidate: Candidate) => Int32Array | Float32Array | null;
};

type Testing = {
  readonly over: ComparedGroup["over"];
  readonly test: TestName | null;
  readonly lookup: Lookup;
};

function testGroup([best, ...others]: Line, { over, test, lookup }: Testing): ComparedGroup {
  const { metric } = best;
  const split = lookup.split(best.split);
  const chosen = test ?? defaultTest(metric, split);
  if (others.length > 0) requireTest(chosen, metric, split);
  const sign = lowerIsBetter.has(metric) ? -1 : 1;
  const bestScores = lookup.scores(best);
  let bestPredictions: ReturnType<Lookup["predictions"]> | undefined;
  const untested = { p: null, adjusted: null, distinguishable: false };
  const plain = { difference: 0, cohensD: null, oddsRatio: null };
  return {
    ...{ over, metric, test: chosen },
    best: Object.freeze({ ...best, ...untested, ...plain }),
    others: others.map((other) => {
      const scores = lookup.scores(other);
      const differences = [...bestScores].flatMap(([fold, value]) => {
        const against = scores.get(fold);
        return against === undefined ? [] : [sign * (value - against)];
      });
      const result = pairedTests[chosen].run({
        ...{ metric, split, differences },
        testToTrain: best.trainRows === null ? split.testToTrain : split.testRows / best.trainRows,
        predictions: () => {
          bestPredictions ??= lookup.predictions(best);
          const own = lookup.predictions(other);
          return bestPredictions === null || own === null ? null : [bestPredictions, own];
        },
      });
      return {
        ...other,
        ...untested,
        difference: sign * (best.mean - other.mean),
        p: result?.p ?? null,
        cohensD: pairedCohensD(differences),
        oddsRatio: result?.oddsRatio ?? null,
      };
    }),
  };
}

const noSplit: StoredSplit = {
  tests: [],
  targets: new Int32Array(),
  truth: new Float64Array(),
  ...{ classes: 0, testRows: 0, testToTrain: 0, repeated: true },
};

/** Splits are kept; scores and predictions are read when asked for, so memory does not grow with the grid. */
function createLookup(store: Store): Lookup {
  const splits = new Map<string, StoredSplit>();
  const split = (id: string | null): StoredSplit => {
    if (id === null) return noSplit;
    const found = splits.get(id) ?? readSplit(store, id) ?? noSplit;
    splits.set(id, found);
    return found;
  };
  return {
    split,
    scores: ({ key, metric }) => readFoldScores(store, key, metric),
    predictions: (candidate) => {
      const { classes, tests } = split(candidate.split);
      const task = classes > 0 ? "classification" : "regression";
      const predicted = readPredictions(store, candidate.key, task);
      const rows = tests.reduce((sum, { length }) => sum + length, 0);
      return predicted?.length === rows ? predicted : null;
    },
  };
}
