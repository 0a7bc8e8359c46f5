/** @file Which files of a cache no stored experiment needs. */

import { encodingId } from "../cache.ts";
import type { Store } from "../store/index.ts";
import { type CacheFile, listCache } from "./cache-files.ts";

/** A file that can go, and why. */
export type Unneeded = CacheFile & { readonly why: string };

/** Encodings that no experiment of these stores reads, and files of processes that are gone. */
export function unneededFiles(cache: string, stores: readonly Store[]): readonly Unneeded[] {
  const needed = new Set(stores.flatMap((store) => [...neededEncodings(store)]));
  return listCache(cache).flatMap((file): readonly Unneeded[] => {
    if (file.kind === "stray") return [{ ...file, why: "its process is gone" }];
    if (file.encoding === null || needed.has(file.encoding)) return [];
    return [{ ...file, why: "no stored experiment reads it" }];
  });
}

type Settings = Pick<Parameters<typeof encodingId>[0], "truncation" | "maxTokens" | "precision">;

/** Ids of the encodings of every dataset and model that an experiment's trials read. */
function* neededEncodings({ sqlite }: Store): Generator<string> {
  const pairs = sqlite
    .prepare<[], { spec: string; dataset: string; model: string }>(
      `select distinct experiments.spec, trials.dataset, trials.model from experiments
       join experiment_trials on experiment_trials.experiment = experiments.key
       join trials on trials.key = experiment_trials.trial`,
    )
    .all();
  for (const { spec, dataset, model } of pairs) {
    const { truncation = "end", maxTokens = null, precision = "float32" } = settingsOf(spec);
    yield encodingId({ dataset, model, truncation, maxTokens, precision });
  }
  yield* sqlite
    .prepare<[], string>(
      `select encodings.id from encodings where exists (
         select 1 from trials join experiment_trials on trial = trials.key
         where trials.dataset = encodings.dataset and trials.model = encodings.model)`,
    )
    .pluck()
    .iterate();
}

function settingsOf(spec: string): Partial<Settings> {
  const value: unknown = JSON.parse(spec);
  return typeof value === "object" && value !== null ? value : {};
}
