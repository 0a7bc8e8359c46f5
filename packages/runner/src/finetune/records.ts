/** @file A fine-tuning as the store keeps it: trial, split, points of its curves, scores. */

import { baselineScores, type Point, scoreFold, watchedScore } from "@probegrid/probes";
import { canonicalJson, idOf } from "../canonical.ts";
import type { Checkpoint } from "../checkpoint.ts";
import type { Dataset } from "../dataset.ts";
import {
  type CurveRecord,
  type FinishedTrial,
  foldRoles,
  type PlannedTrial,
  recordBaselines,
  recordSplit,
  type ScoreRecord,
  type Store,
} from "../store/index.ts";
import type { Division } from "./divide.ts";
import { type FinetuneSettings, type KnobName, knobs } from "./settings.ts";
import {
  type FinetuneResult,
  type FinetuneWork,
  trainingId,
  trainingSpec,
} from "./train-checkpoint.ts";

type Trained = Pick<FinetuneWork, "checkpoint" | "dataset" | "settings" | "pruning">;

/** The trial of a training; its id is that of the training. */
export function plannedTraining(work: Trained): PlannedTrial {
  const { checkpoint, dataset, settings } = work;
  return {
    id: trainingId(work),
    kind: "finetune",
    dataset: dataset.id,
    model: checkpoint.id,
    split: splitId(dataset, settings),
    ...{ layer: null, layerIndex: null, layerMethod: null },
    token: settings.pooling,
    classifier: headName(settings),
    options: changedKnobs(settings),
    seed: settings.seed,
    spec: canonicalJson(trainingSpec(work)),
  };
}

function headName({ pooling, classificatorSize }: FinetuneSettings): string {
  return classificatorSize === 0
    ? `${pooling} head`
    : `${pooling} head, ${classificatorSize} hidden`;
}

/** The knobs that are not at their defaults, as tables show them: "learningRate=0.0001 maxEpochs=1". */
export function changedKnobs(settings: FinetuneSettings): string {
  return (Object.keys(knobs) as KnobName[])
    .filter((name) => !hidden.has(name))
    .flatMap((name) => {
      const usual = canonicalJson(knobs[name].schema.parse(undefined));
      const own = canonicalJson(settings[name]);
      return own === usual ? [] : [`${name}=${own.replaceAll('"', "")}`];
    })
    .join(" ");
}

/** Shown in columns of their own, or without effect on what comes out. */
const hidden: ReadonlySet<KnobName> = new Set([
  "pooling",
  "classificatorSize",
  "seed",
  "numWorkers",
]);

const splitId = (dataset: Dataset, { validFrac, testFrac, seed }: FinetuneSettings): string =>
  idOf({ dataset: dataset.id, finetune: { validFrac, testFrac, seed } });

/** Records which rows train, validate and test, and what guessing scores on the test rows. */
export function recordTrainingSplit(
  store: Store,
  { dataset, settings }: Trained,
  division: Division,
): void {
  const { validFrac, testFrac, seed } = settings;
  const id = splitId(dataset, settings);
  recordSplit(store, {
    ...{ id, dataset: dataset.id },
    spec: { kind: "finetune", validFrac, testFrac, seed },
    roles: [foldRoles(division, dataset.texts.length)],
  });
  const rows = { ...dataset, classes: dataset.labels?.length ?? 0 };
  recordBaselines(store, id, baselineScores(rows, [division]));
}

/** The points that one evaluation adds to the curves. */
export function curvePoints({
  evaluation,
  epoch,
  step,
  trainLoss,
  learningRate,
  validation,
}: Point): readonly CurveRecord[] {
  const at = { evaluation, epoch, step };
  const validated = validation && { loss: validation.loss, ...validation.scores };
  return [
    { ...at, part: "train", metric: "loss", value: trainLoss },
    { ...at, part: "train", metric: "learningRate", value: learningRate },
    ...Object.entries(validated ?? {}).map(
      ([metric, value]): CurveRecord => ({ ...at, part: "validation", metric, value }),
    ),
  ];
}

/** What a finished training leaves in the store. */
export function finishedTraining(
  work: Trained,
  result: FinetuneResult,
  environment: string,
): FinishedTrial {
  const { evaluation, division, points, seconds, warnings, kept } = result;
  const best = points.find((point) => point.evaluation === kept);
  const watched = watchedScore[evaluation.task];
  return {
    id: trainingId(work),
    scores: scoresOfRows(work, division, evaluation),
    predictions: [
      {
        fold: 0,
        predicted: evaluation.predicted,
        scores: evaluation.task === "classification" ? evaluation.scores : null,
      },
    ],
    losses: points.flatMap(({ evaluation: epoch, trainLoss, validation }) => [
      { fold: 0, part: "train" as const, epoch, value: trainLoss },
      ...(validation
        ? [{ fold: 0, part: "validation" as const, epoch, value: validation.loss }]
        : []),
    ]),
    flags: [
      ...warnings,
      ...(best
        ? [
            `kept evaluation ${kept} of ${points.length}, ${watched} ${best.validation?.scores[watched]?.toFixed(4)}`,
          ]
        : []),
    ],
    ...{ seconds, environment },
  };
}

/** Every metric of probing, and for few classes the F1 of each. */
function scoresOfRows(
  { dataset }: Trained,
  { test }: Division,
  evaluation: FinetuneResult["evaluation"],
): readonly ScoreRecord[] {
  const task =
    evaluation.task === "regression"
      ? ({ kind: "regression", targets: Float32Array.from(dataset.targets) } as const)
      : ({
          kind: "classification",
          targets: Int32Array.from(dataset.targets),
          classes: evaluation.labels.length,
        } as const);
  const { predicted } = evaluation;
  const scores = evaluation.task === "classification" ? evaluation.scores : null;
  const all = Object.entries(scoreFold(task, test, { predicted, scores })).flatMap(
    ([metric, value]) =>
      value === null || value === undefined ? [] : [{ metric, fold: 0, value }],
  );
  if (evaluation.task === "regression" || evaluation.labels.length > mostClasses) return all;
  const perClass = evaluation.report.perClass.map(({ f1 }, c) => ({
    metric: `f1 ${evaluation.labels[c]}`,
    fold: 0,
    value: f1,
  }));
  return [...all, ...perClass];
}

/** Classes whose own F1 is worth a row each. */
const mostClasses = 20;

/** A checkpoint as the store keeps it. */
export function modelRecordOf(
  { id, name, path, parameters, dtype, revision, bytes }: Checkpoint,
  {
    type,
    geometry,
  }: {
    readonly type: string;
    readonly geometry: { readonly layers: number; readonly width: number };
  },
) {
  const { layers, width } = geometry;
  return { id, name, path, architecture: type, layers, width, parameters, dtype, revision, bytes };
}
