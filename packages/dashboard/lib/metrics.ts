/** @file Which direction of a metric is good; everything else about metrics is the runner's. */

/** Whether less is better: errors and losses. */
export function lowerIsBetter(metric: string): boolean {
  return /(^|[^a-z])(mse|rmse|mae|loss|error|bits)([^a-z]|$)/i.test(
    metric.replace(/([a-z])([A-Z])/g, "$1 $2"),
  );
}

/** SQL words for "best first" of a metric. */
export function bestFirst(metric: string): { readonly best: "max" | "min"; readonly order: "desc" | "asc" } {
  return lowerIsBetter(metric) ? { best: "min", order: "asc" } : { best: "max", order: "desc" };
}

/** Positive when `a` is the better score. */
export function compareScores(metric: string, a: number, b: number): number {
  return lowerIsBetter(metric) ? b - a : a - b;
}
