/** @file The store, as the dashboard and the other commands import it: "@probegrid/runner/store". */

export * from "../statistics/compare.ts";
export { pairedTests, type TestName, testNames } from "../statistics/paired-tests.ts";
export * from "./attributions.ts";
export * from "./best.ts";
export * from "./bytes.ts";
export * from "./contexts.ts";
export * from "./curves.ts";
export * from "./finish.ts";
export { bestFirst, leadingMetrics, lowerIsBetter, notOverFolds } from "./metrics.ts";
export { type OpenOptions, openStore, Store } from "./open.ts";
export * from "./read.ts";
export * from "./results.ts";
export * from "./runs.ts";
export * from "./schema.ts";
export { StoreError, type StoreErrorCode } from "./store-error.ts";
export * from "./trials.ts";
export * from "./write.ts";
