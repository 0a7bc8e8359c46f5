/** @file Statistics as other packages import them: "@probegrid/probes/statistics". Pure numbers, no engine behind them. */

export {
  type Summary,
  type SummaryOptions,
  studentCdf,
  studentQuantile,
  summarise,
} from "../statistics.ts";
export {
  benjaminiHochberg,
  type Correction,
  correctionNames,
  corrections,
  holm,
} from "./adjust.ts";
export { type BootstrapOptions, itemIntervals } from "./bootstrap.ts";
export {
  type ConfusionMetric,
  confusionMetrics,
  confusionMetricsFor,
} from "./confusion-metrics.ts";
export { correctedTTest, type FoldTest } from "./corrected-t.ts";
export { matchedOddsRatio, pairedCohensD, riskDifference } from "./effect-size.ts";
export { type Friedman, friedman } from "./friedman.ts";
export type { ItemInterval } from "./item-interval.ts";
export { countDiscordant, type Discordant, type McNemar, mcnemar } from "./mcnemar.ts";
export type { FoldPredictions, OutOfFold } from "./out-of-fold.ts";
export {
  type PermutationOptions,
  type PermutationTest,
  permutePredictions,
  permuteSigns,
} from "./permutation.ts";
export { type Wilcoxon, wilcoxonSignedRank } from "./wilcoxon.ts";
export { type Interval, wilsonInterval } from "./wilson.ts";
