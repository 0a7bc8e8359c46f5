/** @file A shard of attributions: pieces of a dataset's rows, by every method; before them the model, where it is to be fine-tuned. */

import type { Device } from "@probegrid/probes";
import { explainDataset } from "../attribute/explain-dataset.ts";
import { askedRows, settingsOf, togetherOf } from "../attribute/explain-group.ts";
import { type AttributionGroup, planAttributions } from "../attribute/plan-attributions.ts";
import type { Train } from "../attribute/tuned-models.ts";
import { openCheckpoint } from "../checkpoint.ts";
import { resolveDevice } from "../device.ts";
import { describeEnvironment } from "../environment.ts";
import type { Executor } from "../executor.ts";
import { isFatal } from "../explain-error.ts";
import { trainingId } from "../finetune/train-checkpoint.ts";
import type { AttributionRecord } from "../store/index.ts";
import { isDone, writeResult } from "./result-files.ts";
import type { ShardOf } from "./shard.ts";
import { changedSince, resultSaver, type Save, type TaskContext } from "./task.ts";
import { trainLocked } from "./train-shard.ts";

type Working = TaskContext & {
  readonly shard: ShardOf<"attribute">;
  readonly executor: Executor;
  readonly device: Device;
  readonly environment: Readonly<Record<string, unknown>>;
  readonly save: Save;
};

/** Explains piece after piece; a problem that every row meets fails what is left. */
export async function explainShard(shard: ShardOf<"attribute">, task: TaskContext): Promise<void> {
  const { folder, stop, log } = task;
  const device = await resolveDevice(shard.device, (line) => log.line(line));
  const environment = describeEnvironment(device);
  const save = resultSaver(task, environment);
  const executor = task.createExecutor();
  const working = { ...task, shard, executor, device, environment, save };
  const left = () => shard.trials.filter((id) => !isDone(folder, id));
  try {
    const groups = await planAttributions(shard.experiment, shard.cache, trainWith(working));
    if (stop.signal.aborted || left().length === 0) return;
    const group = groups?.[0];
    const trials = group?.trials.filter(({ id }) => shard.methods.includes(id)) ?? [];
    if (!group || trials.length < shard.methods.length) throw changedSince;
    await explainPieces(working, { ...group, trials });
  } catch (error) {
    if (isFatal(error)) throw error;
    save(left().map((id) => ({ id, error })));
  } finally {
    await executor.close();
  }
}

/** Trains as the head would; the checkpoint lies in the cache that all share. */
function trainWith({ shard, environment, ...task }: Working): Train {
  return async (given) => {
    const id = trainingId(given);
    const { signal } = task.stop;
    const ask = async () => null;
    await trainLocked(
      task,
      { ...given, id, pruning: null },
      { link: { tell: () => {}, ask, signal }, pieceRows: shard.batchTokens },
    );
    if (signal.aborted) return null;
    writeResult(task.folder, { trial: id, environment, checkpoint: true });
    return await openCheckpoint(given.out, { memory: shard.cache });
  };
}

async function explainPieces(working: Working, group: AttributionGroup): Promise<void> {
  const { shard, folder, stop, log, environment, executor } = working;
  const context = { ...working, experiment: shard.experiment };
  const settings = await settingsOf(context, group);
  const all = askedRows(context, group);
  const together = togetherOf(group);
  for (const id of shard.trials) {
    const [from, to] = shard.pieces[id] ?? [0, 0];
    if (stop.signal.aborted || isDone(folder, id)) continue;
    const found = group.trials.map((): AttributionRecord[] => []);
    await explainDataset(
      { settings, rows: all.slice(from, to), together },
      {
        executor,
        stop: stop.signal,
        record: (some) => {
          for (const [method, records] of some.entries()) found[method]?.push(...records);
        },
      },
    );
    if (found.some(({ length }) => length < to - from)) continue; // stopped before the last row
    const records = found.map((own) => own.sort((a, b) => a.row - b.row));
    writeResult(folder, { trial: id, environment, records });
    log.line(`${group.dataset.name}, ${group.checkpoint.name}: rows ${from + 1} to ${to}`);
  }
}
