/** @file Brings published probing results into the store as one experiment, every fold value kept. */

import { ExperimentError, messageOf } from "../errors.ts";
import type { Store } from "../store/index.ts";
import { readPublished } from "./published.ts";
import { type DatasetSummary, type Imported, toTrials } from "./records.ts";
import { type Damage, readResultFiles } from "./result-files.ts";
import { writeImported } from "./write-imported.ts";

export type ImportSummary = {
  readonly experiment: string;
  readonly files: number;
  readonly trials: number;
  /** Trials that the store did not have. */
  readonly added: number;
  /** Results that stand in the files more than once, word for word. */
  readonly repeated: number;
  readonly scores: number;
  readonly losses: number;
  readonly datasets: readonly DatasetSummary[];
  readonly models: readonly string[];
  readonly damaged: readonly Damage[];
};

/** Reads every file before writing anything; what is written appears at once or not at all. */
export function importResults(
  store: Store,
  path: string,
  { experiment }: { experiment: string },
): ImportSummary {
  const found = readResultFiles(path);
  const damaged = [...found.damaged];
  const results = found.entries.flatMap(({ where, value }) => {
    try {
      return readPublished(value);
    } catch (error) {
      damaged.push({ where, reason: messageOf(error) });
      return [];
    }
  });
  if (results.length === 0) {
    const reasons = damaged.map(({ where, reason }) => `${where}: ${reason}`).slice(0, 5);
    throw new ExperimentError(
      `${found.path}: expected published results, found none\n${reasons.join("\n")}`,
    );
  }
  const imported: Imported = toTrials(results);
  const added = writeImported(store, imported, { experiment, source: found.path });
  const count = (of: "scores" | "losses"): number =>
    imported.trials.reduce((sum, { finished }) => sum + (finished[of]?.length ?? 0), 0);
  return {
    experiment,
    files: found.files.length,
    trials: imported.trials.length,
    added,
    repeated: results.length - imported.trials.length,
    scores: count("scores"),
    losses: count("losses"),
    datasets: imported.summaries,
    models: imported.models.map(({ name }) => name),
    damaged,
  };
}
