/** @file Fine-tunings on a cluster: a task per training, or several small ones together. */

import { resolve } from "node:path";
import { divideRows } from "../finetune/divide.ts";
import type { FinetuneExperiment } from "../finetune/experiment.ts";
import type { PlannedTraining } from "../finetune/plan-trainings.ts";
import { curvePoints, finishedTraining } from "../finetune/records.ts";
import type { ComputeTrainings, OpenTrainings } from "../finetune/run-trainings.ts";
import { formatDuration, plural } from "../format.ts";
import { createStage } from "../run/stage.ts";
import {
  claimTrials,
  failTrial,
  finishTrials,
  readCurves,
  recordCurves,
  recordEnvironment,
  type Store,
} from "../store/index.ts";
import type { ClusterOptions } from "./compute-on-cluster.ts";
import { readCurve, writeCurve } from "./curve-files.ts";
import { followSweep } from "./follow-sweep.ts";
import type { ShardResult } from "./result-files.ts";
import type { ShardOf } from "./shard.ts";
import { openSweep } from "./sweep.ts";
import { failureOf } from "./task-log.ts";

/** Trains what is open in tasks; each saves its state where the next attempt finds it. */
export function trainOnCluster({ settings, device }: ClusterOptions): ComputeTrainings {
  return async (context) => {
    const { experiment, trainings, store, log } = context;
    if (context.open.length === 0) return 0;
    const begun = performance.now();
    const sweep = openSweep({
      ...{ folder: settings.folder, store: store.file, experiment: experiment.name },
    });
    const byId = new Map(context.open.map((training) => [training.id, training]));
    const open = new Map(context.open.map(({ id, seconds }) => [id, { seconds }]));
    const work = context.open.reduce((sum, { seconds }) => sum + seconds, 0);
    const stage = createStage(
      { name: "finetune", unit: "trainings", total: open.size, work },
      context,
    );
    for (const { id } of experiment.pruning === null ? [] : trainings) {
      const curve = readCurves(store, id);
      if (curve.length > readCurve(sweep.folder, id).length) writeCurve(sweep.folder, id, curve);
    }
    const curves = curveReader(store, sweep.folder);
    const fail = (id: string, error: unknown): number => {
      curves.read(id);
      curves.claim(id);
      failTrial(store, id, error);
      const why = error instanceof Error ? error.message : String(error);
      log.line(`training ${id} failed: ${why}`);
      return 1;
    };
    await followSweep({
      ...context,
      ...{ sweep, settings, open, stage },
      shards: (taken) => {
        const wanted = context.open.filter(({ id }) => open.has(id) && !taken.has(id));
        return trainingShards(context, wanted, device);
      },
      record: (id, found) => {
        if (!("training" in found)) {
          return fail(id, failureOf(sweep.folder, found, "a task trained nothing"));
        }
        curves.claim(id);
        return recordTraining(context, byId.get(id)!, found);
      },
      watch: () => {
        for (const id of open.keys()) curves.read(id);
      },
      fail: (ids, error) => ids.reduce((sum, id) => sum + fail(id, error), 0),
    });
    const took = formatDuration((performance.now() - begun) / 1000);
    log.finish("finetune", `${plural(stage.done, "training")} in ${took}`);
    return stage.failed;
  };
}

/** Brings points of trainings into the store while they run; a trial runs from its first point on. */
function curveReader(store: Store, folder: string) {
  const running = new Set<string>();
  const known = new Map<string, number>();
  const claim = (id: string): void => {
    if (!running.has(id)) claimTrials(store, [id]);
    running.add(id);
  };
  return {
    claim,
    read: (id: string): void => {
      const points = readCurve(folder, id);
      if (points.length <= (known.get(id) ?? 0)) return; // fewer: a task goes on from an older state
      claim(id);
      recordCurves(store, id, points);
      known.set(id, points.length);
    },
  };
}

/** One shard per training; bundles of them share a task where they are small. */
export function trainingShards(
  {
    experiment,
    trainings,
    cache,
  }: Pick<OpenTrainings, "experiment" | "trainings"> & { readonly cache: string },
  wanted: readonly PlannedTraining[],
  device: ClusterOptions["device"],
): readonly ShardOf<"finetune">[] {
  return wanted.map((training) => {
    const { id, dataset, checkpoint, settings, seconds } = training;
    return {
      kind: "finetune",
      experiment: narrowed(experiment, training),
      before: experiment.pruning === null ? [] : idsBefore(trainings, training),
      ...{ from: process.cwd(), cache: resolve(cache), device, seconds },
      name: `${dataset.name} x ${checkpoint.name}`,
      trials: [id],
      batchTokens: settings.batchSize,
      attempts: 0,
    };
  });
}

function narrowed(
  experiment: FinetuneExperiment,
  { entry, settings }: PlannedTraining,
): FinetuneExperiment {
  return {
    ...experiment,
    datasets: [entry.dataset],
    models: [entry.model],
    points: [settings],
  };
}

/** Those whose curves prune this one: before it, on the same data from the same model. */
function idsBefore(
  trainings: readonly PlannedTraining[],
  { id, dataset, checkpoint }: PlannedTraining,
): string[] {
  const before = trainings.slice(
    0,
    trainings.findIndex((other) => other.id === id),
  );
  return before
    .filter((other) => other.dataset.id === dataset.id && other.checkpoint.id === checkpoint.id)
    .map((other) => other.id);
}

function recordTraining(
  { store, log }: OpenTrainings,
  training: PlannedTraining,
  { training: found, environment }: Extract<ShardResult, { readonly training: unknown }>,
): number {
  const { id, dataset, settings } = training;
  const result = { ...found, division: divideRows(dataset, settings) };
  recordCurves(store, id, found.points.flatMap(curvePoints));
  finishTrials(store, [finishedTraining(training, result, recordEnvironment(store, environment))]);
  const took = formatDuration(found.seconds);
  log.line(`training ${id}: ${plural(found.steps, "update")} in ${took}`);
  return 0;
}
