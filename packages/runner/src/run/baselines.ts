/** @file baselines */

import type { Fold } from "@probegrid/probes";
import type { Dataset } from "../dataset.ts";
import type { BaselineRecord } from "../store/index.ts";
export function baselinesOf(dataset: Dataset, folds: readonly Fold[]): readonly BaselineRecord[] {
  return [];
}
