/** @file The bag-of-words baseline of every dataset, where it is asked for and not stored yet. */

import { recordBaselines } from "../store/index.ts";
import type { RunContext } from "./context.ts";

/** The name of the baseline in the store. */
const name = "bag of words";

/** Scores word counts on the folds of each dataset; both texts of a pair are counted together. */
export async function scoreWordBaselines({
  grid,
  store,
  executor,
  stop,
}: RunContext): Promise<void> {
  if (!grid.experiment.statistics.bagOfWords) return;
  const known = store.sqlite
    .prepare<[string, string], number>(
      "select 1 from baselines where split = ? and name = ? limit 1",
    )
    .pluck();
  for (const dataset of grid.datasets) {
    const split = grid.splits.get(dataset.id);
    if (stop.signal.aborted || !split || known.get(split.id, name) !== undefined) continue;
    const { texts, textPairs, task, targets, groups, parts, labels } = dataset;
    const scores = await executor.run("bagOfWords", {
      texts: textPairs === null ? texts : texts.map((text, i) => `${text} ${textPairs[i] ?? ""}`),
      rows: { task, targets, groups, parts, classes: labels?.length ?? 0 },
      folds: grid.experiment.folds,
    });
    recordBaselines(
      store,
      split.id,
      scores.map((score) => ({ name, ...score })),
    );
  }
}
