/** @file A shard of fine-tunings: trains what has no result yet, each from where an earlier task left it. */

import type { Device, Point } from "@probegrid/probes";
import { resolveDevice } from "../device.ts";
import { describeEnvironment } from "../environment.ts";
import { messageOf } from "../errors.ts";
import type { Executor } from "../executor.ts";
import { isFatal } from "../explain-error.ts";
import { type PlannedTraining, planTrainings } from "../finetune/plan-trainings.ts";
import { pruneReason } from "../finetune/pruning.ts";
import { curvePoints } from "../finetune/records.ts";
import type { FinetuneResult } from "../finetune/train-checkpoint.ts";
import { type GivenTraining, trainInWorker } from "../finetune/train-in-worker.ts";
import type { FinetuneLink } from "../jobs/finetune.ts";
import { readCurve, scoresOf, writeCurve } from "./curve-files.ts";
import { isDone, writeResult } from "./result-files.ts";
import type { ShardOf } from "./shard.ts";
import { changedSince, lockTraining, resultSaver, type TaskContext } from "./task.ts";

/** Trains one after the other; a training that fails leaves the reason, and the next one begins. */
export async function trainShard(shard: ShardOf<"finetune">, task: TaskContext): Promise<void> {
  const { folder, stop, log } = task;
  const planned = await planTrainings(shard.experiment, shard.cache);
  const device = await resolveDevice(shard.device, (line) => log.line(line));
  const environment = describeEnvironment(device);
  const save = resultSaver(task, environment);
  const executor = task.createExecutor();
  try {
    for (const id of shard.trials) {
      if (stop.signal.aborted) return;
      if (isDone(folder, id)) continue;
      const training = planned.find((one) => one.id === id);
      if (!training) {
        save([{ id, error: changedSince }]);
        continue;
      }
      try {
        const link = linkOf(task, { shard, training });
        const trained = await trainLocked({ ...task, executor, device }, training, {
          link,
          pieceRows: shard.batchTokens,
        });
        if (trained === null) continue; // stopped, or done by another copy of this task
        const { division: _, ...rest } = trained;
        writeResult(folder, { trial: id, environment, training: rest });
      } catch (error) {
        if (isFatal(error)) throw error;
        log.line(`failed: ${messageOf(error)}`);
        save([{ id, error }]);
      }
    }
  } finally {
    await executor.close();
  }
}

type Way = { readonly link: FinetuneLink; readonly pieceRows: number | null };

/** Trains while no other copy of this task does; null where it was stopped, or where another was first. */
export async function trainLocked(
  task: TaskContext & { readonly executor: Executor; readonly device: Device },
  training: GivenTraining,
  { link, pieceRows }: Way,
): Promise<FinetuneResult | null> {
  const lock = await lockTraining(task, training.id);
  if (lock === null) return null;
  try {
    if (isDone(task.folder, training.id)) return null;
    return await trainInWorker(training, {
      ...{ ...task, name: "train", link },
      ...(pieceRows !== null && { pieceRows }),
    });
  } finally {
    lock.release();
  }
}

type Linked = { readonly shard: ShardOf<"finetune">; readonly training: PlannedTraining };

/** The head is not there to be told or asked: curves are files, and a training is pruned by what others have left. */
function linkOf({ folder, stop }: TaskContext, { shard, training }: Linked): FinetuneLink {
  const { id, pruning } = training;
  let points: readonly Point[] = [];
  const curve = () => points.flatMap(curvePoints);
  return {
    signal: stop.signal,
    tell: (news) => {
      if (news.kind === "begin") points = news.points;
      if (news.kind === "evaluation") points = [...points, news.point];
      if (news.kind === "evaluation") writeCurve(folder, id, curve());
    },
    ask: async ({ evaluation }) => {
      if (pruning === null) return null;
      const others = shard.before.map((other) => scoresOf(readCurve(folder, other), training));
      return pruneReason(
        pruning,
        scoresOf(curve(), training).slice(0, evaluation),
        others.filter(({ length }) => length > 0),
      );
    },
  };
}
