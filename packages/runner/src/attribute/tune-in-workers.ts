/** @file Fine-tunes the models of an experiment of attributions in workers, as many at once as there are devices. */

import type { Device } from "@probegrid/probes";
import type { Executor } from "../executor.ts";
import { reportLines } from "../finetune/report-lines.ts";
import { type FinetuneWork, trainingId } from "../finetune/train-checkpoint.ts";
import { trainInWorker } from "../finetune/train-in-worker.ts";
import { plural } from "../format.ts";
import { runLimited } from "../run/run-limited.ts";
import type { AttributeExperiment } from "./experiment.ts";
import { planAttributions } from "./plan-attributions.ts";
import type { TuneModels } from "./run-attributions.ts";

type Here = {
  readonly device: Device;
  /** Begun when there is something to train, and closed at the end. */
  readonly createExecutor: () => Executor;
};

/** Trains what the cache lacks; a training that fails ends the run, once those beside it are done. */
export function tuneInWorkers({ device, createExecutor }: Here): TuneModels {
  return async (experiment, { cache, log, stop }) => {
    const missing = await missingTrainings(experiment, cache);
    if (missing.length === 0) return true;
    log.line(`${plural(missing.length, "model")} to fine-tune first`);
    const executor = createExecutor();
    const several = executor.room("finetune") > 1;
    try {
      await runLimited(
        missing,
        async (work) => {
          const id = trainingId(work);
          const link = { signal: stop.signal, tell: () => {}, ask: async () => null };
          const result = await trainInWorker(
            { ...work, id, pruning: null },
            {
              ...{ executor, device, log, link },
              name: several ? `train ${id.slice(0, 6)}` : "train",
              ...(several && { threads: executor.threads }),
            },
          );
          if (result === null) return;
          log.line(`${work.checkpoint.name} on ${work.dataset.name}, seed ${work.settings.seed}`);
          for (const line of reportLines(result.evaluation)) log.line(line);
        },
        { inFlight: executor.room("finetune"), stop: stop.signal },
      );
    } finally {
      await executor.close();
    }
    return !stop.signal.aborted;
  };
}

/** Each training whose checkpoint is not in the cache, once. */
async function missingTrainings(
  experiment: AttributeExperiment,
  cache: string,
): Promise<readonly Omit<FinetuneWork, "device">[]> {
  if (experiment.models.every((model) => typeof model === "string")) return [];
  const missing = new Map<string, Omit<FinetuneWork, "device">>();
  await planAttributions(experiment, cache, async (work) => {
    missing.set(trainingId(work), work);
    return work.checkpoint; // stands in for the one that is still to be made
  });
  return [...missing.values()];
}
