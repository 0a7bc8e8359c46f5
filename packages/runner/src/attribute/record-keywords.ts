/** @file The words that decide each class, and what they attend to, for the trials of an experiment. */

import { methods } from "@probegrid/probes";
import {
  hasContexts,
  readAttributions,
  recordContexts,
  type Store,
  stateLookup,
} from "../store/index.ts";
import type { AttributeExperiment } from "./experiment.ts";
import { contextText, firstWords, openReader } from "./inspect/context-texts.ts";
import { readContexts } from "./inspect/contexts.ts";
import { createAverages } from "./inspect/word-averages.ts";
import type { AttributionGroup, AttributionTrial } from "./plan-attributions.ts";

/** Words of a context that are kept. */
const most = 40;

type Place = {
  readonly experiment: AttributeExperiment;
  readonly store: Store;
  readonly stop: AbortSignal;
};

/**
 * Records, for every finished trial that has none, the contexts of the strongest words for and against each
 * class. Only methods with signs, and targets that are classes, have such words. One layer's attention is little
 * work: it is read in this process, on its CPU, wherever the texts were explained.
 */
export async function recordKeywords(
  place: Place,
  groups: readonly AttributionGroup[],
): Promise<void> {
  const { experiment, store, stop } = place;
  const { keywords, wanted } = experiment;
  const classes = wanted.kind === "predicted" || wanted.kind === "true" || wanted.kind === "label";
  if (keywords === 0 || !classes) return;
  const stateOf = stateLookup(store);
  for (const group of groups) {
    if (stop.aborted) return;
    const open = group.trials.filter(
      ({ id, method }) =>
        methods[method.name].signed &&
        methods[method.name].targeted &&
        stateOf(id) === "done" &&
        !hasContexts(store, id),
    );
    if (open.length > 0 && group.dataset.labels !== null) await recordOf(place, group, open);
  }
}

async function recordOf(
  { experiment, store, stop }: Place,
  { checkpoint, dataset }: AttributionGroup,
  trials: readonly AttributionTrial[],
): Promise<void> {
  const { truncation, maxTokens, minCount: least, keywords, attentionLayer: layer } = experiment;
  const work = { checkpoint, dataset, settings: { truncation, maxTokens, pieces: false } };
  const reader = await openReader(work, { layer, device: "cpu" });
  try {
    for (const { id } of trials) {
      if (stop.aborted) return;
      const texts = readAttributions(store, id).flatMap((record) =>
        record.error === null ? [contextText(work, record)] : [],
      );
      const averages = createAverages();
      for (const { label, units } of texts) averages.add(label, units);
      const rankings = (["positive", "negative"] as const).map((sign) =>
        [...new Set(texts.map(({ label }) => label))].map((label) => {
          const { words } = averages.rank(label, sign, { least, top: keywords });
          return [label, words] as const;
        }),
      );
      const wanted = new Map(
        (rankings[0] ?? []).map(([label]) => [label, firstWords(rankings, label, { keywords })]),
      );
      const found = await readContexts(reader, texts, { keywords: wanted, top: most });
      recordContexts(store, id, { layer: reader.layer, found });
    }
  } finally {
    await reader.close();
  }
}
