/** @file What a trial is asked beside its scores: intervals over items, the control task, online codes, permuted labels. */

import {
  type Classifier,
  createRandom,
  type Fold,
  onlineCodes,
  type ProbeData,
  type ProbeResult,
  probe,
  type Rows,
  type ScoreEntry,
} from "@probegrid/probes";
import type { ItemInterval } from "@probegrid/probes/statistics";
import { messageOf } from "../errors.ts";
import type { Statistics } from "../experiment/statistics.ts";
import { leadingMetrics } from "../store/metrics.ts";
import { intervalsOfTrial } from "./intervals-of-trial.ts";

/** A score in the store: of a fold, an order of the rows, or a permutation. */
export type ExtraScore = Omit<ScoreEntry, "metric"> & { readonly metric: string };

export type TrialStatistics = {
  readonly scores: readonly ExtraScore[];
  readonly items: readonly ItemInterval[];
  readonly codeBlocks: readonly {
    readonly shuffle: number;
    readonly block: number;
    readonly trained: number;
    readonly rows: number;
    readonly bits: number;
  }[];
  readonly flags: readonly string[];
};

export type TrialContext = {
  readonly data: ProbeData;
  readonly classifier: Classifier;
  readonly name: string;
  readonly options: unknown;
  readonly statistics: Statistics;
  /** How often each text is there, one layer after another; 1 but for layers as rows. */
  readonly copies: number;
  /** Class of each row in the control task; null where there is none. */
  readonly control: Int32Array | null;
};

/** Classifiers whose outputs are log odds or log shares, so that labels can be coded with them. */
const codable: ReadonlySet<string> = new Set([
  ...["lda", "qda", "logistic", "gaussian-nb", "single-layer", "double-layer", "glu", "mlp"],
  "scalar-mix",
]);

/** Everything the experiment asks for; what can not be had of this trial becomes a flag, never a failure. */
export async function statisticsOfTrial(
  found: ProbeResult,
  context: TrialContext,
): Promise<TrialStatistics> {
  const { data, statistics } = context;
  const { task, targets, classes, folds, seed } = data;
  const rows: Rows = { task, targets, classes };
  const items = intervalsOfTrial(found, { rows, folds, seed, replicates: statistics.bootstrap });
  const none = { scores: [], flags: [], codeBlocks: [] };
  const parts = [
    statistics.control ? await orFlag("control task", () => controlOf(found, context)) : none,
    statistics.descriptionLength > 0
      ? await orFlag("description length", () => codesOf(context))
      : none,
    statistics.permutations > 0
      ? await orFlag("permuted labels", () => permutedOf(found, context))
      : none,
  ];
  return {
    items,
    scores: parts.flatMap(({ scores }) => scores),
    codeBlocks: parts.flatMap(({ codeBlocks }) => codeBlocks),
    flags: parts.flatMap(({ flags }) => flags),
  };
}

type Part = Omit<TrialStatistics, "items">;

async function orFlag(what: string, work: () => Promise<Part>): Promise<Part> {
  try {
    return await work();
  } catch (error) {
    return { scores: [], codeBlocks: [], flags: [`no ${what}: ${messageOf(error)}`] };
  }
}

/** Accuracy on the control task and, fold by fold, how far the task itself is above it. */
async function controlOf(
  { scores }: ProbeResult,
  { data, classifier, options, control }: TrialContext,
): Promise<Part> {
  if (data.task !== "classification") throw new Error("it is for classification");
  if (control === null) throw new Error("no word of the texts can be remembered by");
  const found = await probe({ ...data, targets: control }, classifier, options);
  const ofTask = accuracyByFold(scores);
  const extra = [...accuracyByFold(found.scores)].flatMap(([fold, value]) => [
    { metric: "controlAccuracy", fold, value },
    { metric: "selectivity", fold, value: (ofTask.get(fold) ?? Number.NaN) - value },
  ]);
  const flags = found.flags
    .filter((flag) => flag.startsWith("not converged"))
    .map((flag) => `${flag} of the control task`);
  return { scores: extra, codeBlocks: [], flags };
}

const accuracyByFold = (scores: readonly ScoreEntry[]): ReadonlyMap<number, number> =>
  new Map(
    scores.flatMap(({ metric, fold, value }) => (metric === "accuracy" ? [[fold, value]] : [])),
  );

/** Bits to send the labels, per random order; an order takes the place of a fold. */
async function codesOf({
  data,
  classifier,
  name,
  options,
  statistics,
  copies,
}: TrialContext): Promise<Part> {
  if (copies > 1) throw new Error("layers as rows would send each label several times");
  const { task, targets, features, classes, seed } = data;
  if (task !== "classification" || !(targets instanceof Int32Array)) {
    throw new Error("it is for classification");
  }
  if (!codable.has(name)) throw new Error(`${name} gives no probabilities`);
  const { composition } = data;
  const code = { features, targets, classes, seed, composition };
  const { codes, flags } = await onlineCodes(code, classifier, {
    options,
    shuffles: statistics.descriptionLength,
  });
  return {
    scores: codes.flatMap(({ bits, paperBits, uniformBits, priorBits }, fold) => [
      { metric: "descriptionLength", fold, value: bits },
      { metric: "descriptionLengthPaper", fold, value: paperBits },
      { metric: "compression", fold, value: uniformBits / bits },
      { metric: "compressionOverPrior", fold, value: priorBits / bits },
    ]),
    codeBlocks: codes.flatMap(({ blocks }, shuffle) =>
      blocks.map((block, i) => ({ shuffle, block: i, ...block })),
    ),
    flags,
  };
}

/** The null distribution of the leading metric, and p = (1 + as good or better) / (1 + permutations). */
async function permutedOf(
  { scores }: ProbeResult,
  { data, classifier, options, statistics, copies }: TrialContext,
): Promise<Part> {
  const texts = data.targets.length / copies;
  const metric = leadingMetrics[data.task];
  const random = createRandom(data.seed).fork("permuted labels");
  const observed = meanOf(scores, metric);
  const permuted: ExtraScore[] = [];
  for (let i = 0; i < statistics.permutations; i++) {
    const order = random.permutation(texts);
    const targets = data.targets.map((_, row) => data.targets[order[row % texts] ?? 0] ?? 0);
    const found = await probe({ ...data, targets }, classifier, options);
    const name = metric === "accuracy" ? "permutedAccuracy" : "permutedR2";
    permuted.push({ metric: name, fold: i, value: meanOf(found.scores, metric) });
  }
  const asGood = permuted.filter(({ value }) => value >= observed - 1e-12).length;
  const p = (1 + asGood) / (1 + permuted.length);
  return {
    scores: [...permuted, { metric: "permutationP", fold: 0, value: p }],
    codeBlocks: [],
    flags: [],
  };
}

function meanOf(scores: readonly ScoreEntry[], metric: string): number {
  const values = scores.flatMap((score) => (score.metric === metric ? score.value : []));
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Test rows per training row, averaged over folds: what an interval over folds depends on. */
export function testToTrainOf(folds: readonly Fold[]): number {
  return (
    folds.reduce((sum, { test, train }) => sum + test.length / Math.max(1, train.length), 0) /
    Math.max(1, folds.length)
  );
}
