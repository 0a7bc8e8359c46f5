/** @file Takes finished results from their files into the store; only the head does this. */

import { openEncoding } from "../cache.ts";
import type { Pair } from "../grid.ts";
import type { RunContext } from "../run/context.ts";
import { recordResults } from "../run/probe-grid.ts";
import { claimTrials, recordEncoding, recordEnvironment } from "../store/index.ts";
import { listResults, readResult, removeResult } from "./result-files.ts";

/** A trial that has no result in the store yet. */
export type OpenTrial = { readonly pair: Pair; readonly seconds: number };

export type Ingested = {
  readonly done: number;
  readonly failed: number;
  /** Estimated seconds of what is done. */
  readonly work: number;
};

type Options = {
  readonly folder: string;
  /** By trial id; what is recorded is taken out. */
  readonly open: Map<string, OpenTrial>;
  /** Encodings that are in the store already. */
  readonly encodings: Set<string>;
};

/** Records every open trial that has a complete file. The first one stands: later ones are not open any more. */
export function ingestResults(context: RunContext, { folder, open, encodings }: Options): Ingested {
  let [done, failed, work] = [0, 0, 0];
  for (const trial of listResults(folder)) {
    const waiting = open.get(trial);
    if (!waiting) continue;
    const found = readResult(folder, trial);
    if (found === null) continue;
    const environment = recordEnvironment(context.store, found.environment);
    claimTrials(context.store, [trial]);
    const result =
      "result" in found
        ? { ...found.result, id: trial }
        : { id: trial, error: new Error(found.error) };
    failed += recordResults({ store: context.store, environment }, [result]);
    if ("error" in found) removeResult(folder, trial); // another run may try it again
    if (!encodings.has(waiting.pair.encoding)) {
      encodings.add(waiting.pair.encoding);
      recordMade(context, waiting.pair, environment);
    }
    open.delete(trial);
    done++;
    work += waiting.seconds;
  }
  return { done, failed, work };
}

function recordMade({ store, cache }: RunContext, pair: Pair, environment: string): void {
  const { texts, tokens, truncated, seconds, bytes, files } = openEncoding(cache, pair.encoding);
  if (files.length === 0) return; // another cache than ours
  recordEncoding(store, {
    ...{ id: pair.encoding, dataset: pair.dataset.id, model: pair.model.checkpoint.id },
    ...{ texts, tokens, truncated, bytes, seconds, environment },
  });
}
