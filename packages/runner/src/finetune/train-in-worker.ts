/** @file Hands a training to a worker of an executor, with what is done when that worker is lost. */

import type { Device } from "@probegrid/probes";
import type { Executor } from "../executor.ts";
import type { FinetuneLink } from "../jobs/finetune.ts";
import type { Log } from "../log.ts";
import { computeAgain, createBatchSizes } from "../supervisor/try-again.ts";
import type { PlannedTraining } from "./plan-trainings.ts";
import type { FinetuneResult } from "./train-checkpoint.ts";
import { createTrainingLog } from "./training-log.ts";

/** What is trained. */
export type GivenTraining = Pick<
  PlannedTraining,
  "id" | "checkpoint" | "dataset" | "settings" | "pruning" | "out"
>;

type Way = {
  readonly executor: Executor;
  readonly device: Device;
  readonly log: Log;
  /** What its lines in the log begin with. */
  readonly name: string;
  /** Threads of its session; what suits the model when not given. */
  readonly threads?: number;
  /** Texts that are computed at once; the whole batch when not given. */
  readonly pieceRows?: number;
  readonly link: FinetuneLink;
};

const saveSeconds = 300;

/**
 * Trains, null where the link asked it to stop. A worker that is lost is replaced, and goes on from the saved state;
 * where the kernel kills that one too, which is how memory runs out, batches are computed in smaller pieces.
 */
export async function trainInWorker(
  { id, checkpoint, dataset, settings, pruning, out }: GivenTraining,
  { executor, device, log, name, threads, pieceRows: most, link }: Way,
): Promise<FinetuneResult | null> {
  const work = {
    ...{ checkpoint, dataset, settings, pruning, out, device },
    ...(threads !== undefined && { threads }),
    save: { steps: null, seconds: saveSeconds },
  };
  const show = createTrainingLog(log, { ...work, name });
  const tell: FinetuneLink["tell"] = (news) => {
    show(news);
    link.tell(news);
  };
  return await computeAgain({
    model: id,
    sizes: createBatchSizes(Math.min(most ?? settings.batchSize, settings.batchSize)),
    fewest: 1,
    compute: async (pieceRows) =>
      await executor.run("finetune", { ...work, pieceRows }, { link: { ...link, tell } }),
  });
}
