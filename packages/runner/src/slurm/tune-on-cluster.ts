/** @file Fine-tunes on a cluster the models that an experiment of attributions wants fine-tuned first. */

import { resolve } from "node:path";
import type { AttributeExperiment } from "../attribute/experiment.ts";
import { planAttributions } from "../attribute/plan-attributions.ts";
import type { TuneModels } from "../attribute/run-attributions.ts";
import { ExperimentError } from "../errors.ts";
import { trainingId } from "../finetune/train-checkpoint.ts";
import { plural } from "../format.ts";
import type { ClusterOptions } from "./compute-on-cluster.ts";
import { followSweep } from "./follow-sweep.ts";
import type { ShardOf } from "./shard.ts";
import { openSweep } from "./sweep.ts";

/** One task per model that is not in the cache yet; throws at the first that can not be trained. */
export function tuneOnCluster({ settings, device }: ClusterOptions): TuneModels {
  return async (experiment, { store, cache, log, stop }) => {
    const shards = await tuningShards(experiment, { cache, device });
    if (shards.length === 0) return true;
    const ids = shards.flatMap(({ trials }) => trials);
    log.line(`${plural(ids.length, "model")} to fine-tune first`);
    const sweep = openSweep({ folder: settings.folder, store, experiment: experiment.name });
    const failures: string[] = [];
    await followSweep({
      ...{ sweep, settings, log, stop, failFast: true },
      open: new Map(shards.map(({ trials: [id = ""], seconds }) => [id, { seconds }])),
      shards: (taken) => shards.filter(({ trials }) => trials.every((id) => !taken.has(id))),
      record: (id, found) => {
        if ("checkpoint" in found) log.line(`fine-tuned ${id}`);
        else failures.push(`model ${id}: ${"error" in found ? found.error : "not trained"}`);
        return "checkpoint" in found ? 0 : 1;
      },
      fail: (some, error) => {
        failures.push(error.message);
        stop.abort();
        return some.length;
      },
      stage: { advance: () => {} },
    });
    if (failures.length > 0) throw new ExperimentError(failures.join("\n"));
    return !stop.signal.aborted;
  };
}

const unknownSeconds = 1800; // of a fine-tuning, which the plan of attributions does not estimate

type Making = Pick<ClusterOptions, "device"> & { readonly cache: string };

/** A shard for each dataset and model that lacks its checkpoint; it explains nothing. */
export async function tuningShards(
  experiment: AttributeExperiment,
  { cache, device }: Making,
): Promise<readonly ShardOf<"attribute">[]> {
  const shards = new Map<string, ShardOf<"attribute">>();
  for (const dataset of experiment.datasets) {
    for (const model of experiment.models) {
      if (typeof model === "string") continue;
      const narrowed = { ...experiment, datasets: [dataset], models: [model] };
      await planAttributions(narrowed, cache, async (work) => {
        const id = trainingId(work);
        shards.set(id, {
          ...{ kind: "attribute", experiment: narrowed, trials: [id], pieces: {}, methods: [] },
          ...{ from: process.cwd(), cache: resolve(cache), device, attempts: 0 },
          name: `${work.checkpoint.name} on ${work.dataset.name}`,
          seconds: unknownSeconds,
          batchTokens: work.settings.batchSize,
        });
        return work.checkpoint; // stands in for the one that is still to be made
      });
    }
  }
  return [...shards.values()];
}
