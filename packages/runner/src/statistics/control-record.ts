/** @file The control task of a dataset: made once, kept while the program runs, stored beside the results. */

import { type ControlTask, controlTask } from "@probegrid/probes";
import type { Dataset } from "../dataset.ts";
import { bytesOf } from "../store/bytes.ts";
import type { Store } from "../store/open.ts";
import { controlTasks } from "../store/schema.ts";

const made = new WeakMap<Dataset, Map<number, ControlTask | null>>();

/** The control task of a seed; null for regression, and where no word can be remembered by. */
export function controlTaskOf(dataset: Dataset, seed: number): ControlTask | null {
  const { texts, targets, labels } = dataset;
  if (!(targets instanceof Int32Array) || labels === null) return null;
  const own = made.get(dataset) ?? new Map<number, ControlTask | null>();
  made.set(dataset, own);
  const known = own.get(seed);
  if (known !== undefined) return known;
  const task = controlTask({ texts, targets, classes: labels.length, seed });
  own.set(seed, task);
  return task;
}

/** Records which word decides, the class of each of its types, and what that makes of every row. */
export function recordControlTask(store: Store, dataset: Dataset, seed: number): void {
  const task = controlTaskOf(dataset, seed);
  if (task === null) return;
  const { word, labels, targets } = task;
  const row = { dataset: dataset.id, seed, word, labels: JSON.stringify(labels) };
  store.transaction(() => {
    store.drizzle
      .insert(controlTasks)
      .values({ ...row, targets: bytesOf(targets) })
      .onConflictDoNothing()
      .run();
  });
}
