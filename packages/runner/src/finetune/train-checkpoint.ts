/** @file One fine-tuning, from a checkpoint and a dataset to a new checkpoint with its scores. */

import type { Device, FinetuneEvent, Finetuning, Point } from "@probegrid/probes";
import { idOf } from "../canonical.ts";
import { type Checkpoint, openCheckpoint } from "../checkpoint.ts";
import type { Dataset } from "../dataset.ts";
import { plural } from "../format.ts";
import { modelOf } from "../model-of.ts";
import { openTokenizer } from "../open-tokenizer.ts";
import { sessionOn } from "../session-on.ts";
import type { ClassifierConfig } from "./classifier-config.ts";
import { type Division, divideRows } from "./divide.ts";
import { type Evaluation, evaluateRows } from "./evaluate-rows.ts";
import { openClassifier } from "./open-classifier.ts";
import { requirePrecision } from "./precision.ts";
import type { Pruning } from "./pruning.ts";
import { saveCheckpoint } from "./save-checkpoint.ts";
import type { FinetuneSettings } from "./settings.ts";
import { classifierFor, openTraining } from "./setup.ts";
import { type Tokenized, tokenizeAll } from "./tokenize-all.ts";
import {
  loadState,
  openBest,
  removeState,
  saveBest,
  saveState,
  trainedValues,
} from "./training-state.ts";

export type FinetuneWork = {
  readonly checkpoint: Checkpoint;
  readonly dataset: Dataset;
  readonly settings: FinetuneSettings;
  /** The folder that becomes the checkpoint. */
  readonly out: string;
  readonly device: Device;
  readonly threads?: number;
  /** How the training may be ended before its time; part of what it is. */
  readonly pruning?: Pruning | null;
  /** A state is saved at each evaluation, and after this many updates or seconds. */
  readonly save: { readonly steps: number | null; readonly seconds: number };
  /** Most texts computed at once where fewer than the batch are known to fit into memory. */
  readonly pieceRows?: number;
};

/** What a training tells while it runs. */
export type TrainingNews =
  | FinetuneEvent
  | {
      readonly kind: "begin";
      readonly step: number;
      readonly totalSteps: number;
      readonly points: readonly Point[];
      readonly warnings: readonly string[];
    }
  | { readonly kind: "pruned"; readonly note: string }
  /** It gets on with what takes long and has no other news: evaluations. */
  | { readonly kind: "working" };

/** Decides after an evaluation whether going on is worth it: a reason not to, or null. */
export type Pruner = (point: Point) => string | null | Promise<string | null>;

export type Listener = {
  readonly tell: (news: TrainingNews) => void;
  readonly prune?: Pruner;
  /** Aborting saves the state and ends the training there. */
  readonly signal?: AbortSignal;
};

export type FinetuneResult = {
  readonly evaluation: Evaluation;
  readonly division: Division;
  readonly points: readonly Point[];
  /** The evaluation whose weights were kept; null: the last ones. */
  readonly kept: number | null;
  readonly steps: number;
  readonly seconds: number;
  readonly warnings: readonly string[];
};

/** Raise it when the same settings would give other weights. */
const algorithmVersion = 3;

type Named = Pick<FinetuneWork, "checkpoint" | "dataset" | "settings" | "pruning">;

/** All that decides what comes out of a training. */
export const trainingSpec = ({ checkpoint, dataset, settings, pruning }: Named) => ({
  kind: "finetune",
  dataset: dataset.id,
  model: checkpoint.id,
  settings: { ...settings, numWorkers: undefined },
  ...(pruning && { pruning }),
  version: algorithmVersion,
});

/** Identifies a training: the hash of its spec. */
export const trainingId = (work: Named): string => idOf(trainingSpec(work));

/**
 * Trains, saves the checkpoint and scores it as it was saved. Goes on where an earlier call with the
 * same work was killed; null where it was asked to stop.
 */
export async function trainCheckpoint(
  work: FinetuneWork,
  listener: Listener,
): Promise<FinetuneResult | null> {
  const begun = performance.now();
  const { checkpoint, dataset, settings, out } = work;
  await requirePrecision(settings.precision, work.device);
  const division = divideRows(dataset, settings);
  const model = modelOf(checkpoint);
  const classifier = classifierFor(dataset, settings);
  const tokenized = await tokenizeAll({ ...dataset, ...settings, checkpoint }, settings.numWorkers);
  const threads = work.threads ?? threadsFor(model, tokenized, settings);
  const session = sessionOn(work.device, threads ?? undefined);
  const { padId } = openTokenizer(checkpoint);
  const onBatch = (): void => listener.tell({ kind: "working" });
  const { pieceRows = settings.batchSize } = work;
  const parts = { checkpoint, dataset, settings, model, classifier, division, tokenized };
  const training = await openTraining({ ...parts, padId, session, onBatch, pieceRows });
  let trained: Trained | null;
  try {
    trained = await follow(training, work, {
      ...listener,
      warnings: [
        ...warningsOf(division, tokenized),
        ...(pieceRows < settings.batchSize ? [piecesNote(pieceRows)] : []),
      ],
    });
    if (trained === null) return null;
    const { kept } = trained;
    if (kept === null) await training.requireFinite();
    saveCheckpoint(out, {
      ...{ base: checkpoint, model, classifier, used: training.graph.used },
      trained: kept === null ? await trainedValues(training) : openBest(out, kept),
      record: recordOf(work, classifier, trained),
    });
  } finally {
    await training.close();
  }
  const evaluation = await scoreSaved(work, { tokenized, division, onBatch });
  removeState(out);
  const seconds = (performance.now() - begun) / 1000;
  return { ...trained, evaluation, division, seconds };
}

/** Below so many multiplications in a product, a second thread costs more than it brings. */
const worthSharing = 2e7;

/** One thread for small models; null leaves it to ONNX Runtime, which takes every core. */
function threadsFor(
  { geometry }: { readonly geometry: { readonly width: number } },
  { texts }: Tokenized,
  { batchSize }: FinetuneSettings,
): number | null {
  const tokens = texts.reduce((sum, { ids }) => sum + ids.length, 0) / texts.length;
  return batchSize * tokens * geometry.width ** 2 < worthSharing ? 1 : null;
}

type Trained = Pick<FinetuneResult, "points" | "kept" | "steps" | "warnings">;

const piecesNote = (rows: number): string =>
  `memory did not suffice: batches are computed in pieces of ${rows}`;

const warningsOf = (division: Division, { truncated, texts }: Tokenized): readonly string[] => [
  ...division.warnings,
  ...(truncated > 0 ? [`${plural(truncated, "text")} of ${texts.length} truncated`] : []),
];

/** Runs a training and saves its state; null where the signal ended it. */
async function follow(
  training: Finetuning,
  work: FinetuneWork,
  {
    tell,
    prune = () => null,
    signal,
    warnings,
  }: Listener & { readonly warnings: readonly string[] },
): Promise<Trained | null> {
  const { out, settings, save } = work;
  const id = trainingId(work);
  const saved = loadState(out, id);
  if (saved) await training.restore(saved.progress, saved.state);
  const { step, points } = training.progress;
  tell({ kind: "begin", step, totalSteps: training.totalSteps, points, warnings });
  const notes = [...warnings];
  let savedStep = step;
  let savedAt = performance.now();
  const keep = async (): Promise<void> => {
    await saveState(out, id, training);
    savedStep = training.progress.step;
    savedAt = performance.now();
  };
  for await (const event of training.run()) {
    if (event.kind === "smaller pieces") {
      notes.push(piecesNote(event.rows));
    }
    if (event.kind === "evaluation") {
      if (event.improved && settings.earlyStopping) {
        await saveBest(out, training, { id, evaluation: event.point.evaluation });
      }
      await keep();
      tell(event);
      const reason = await prune(event.point);
      if (reason !== null) {
        const note = `pruned after evaluation ${event.point.evaluation}: ${reason}`;
        notes.push(note);
        tell({ kind: "pruned", note });
        break;
      }
    } else tell(event);
    const due =
      (save.steps !== null && training.progress.step - savedStep >= save.steps) ||
      performance.now() - savedAt >= save.seconds * 1000;
    if (signal?.aborted || due) await keep();
    if (signal?.aborted) return null;
  }
  const best = settings.earlyStopping ? training.progress.best : null;
  return {
    points: training.progress.points,
    kept: best?.evaluation ?? null,
    steps: training.progress.step,
    warnings: notes,
  };
}

/** Scores the checkpoint on disk, so that the scores are those of the file. */
async function scoreSaved(
  { out, device, settings, dataset }: FinetuneWork,
  {
    tokenized,
    division,
    onBatch,
  }: {
    readonly tokenized: Tokenized;
    readonly division: Division;
    readonly onBatch: () => void;
  },
): Promise<Evaluation> {
  const options = { device, ...settings, onBatch };
  const classifier = await openClassifier(await openCheckpoint(out), options);
  try {
    const texts = Array.from(division.test, (row) => tokenized.texts[row]!);
    return await evaluateRows(classifier, texts, pick(dataset.targets, division.test));
  } finally {
    await classifier.close();
  }
}

/** Targets of some rows, of the same type. */
export function pick(
  targets: Int32Array | Float32Array,
  rows: Uint32Array,
): Int32Array | Float32Array {
  const values = Array.from(rows, (row) => targets[row]!);
  return targets instanceof Int32Array ? Int32Array.from(values) : Float32Array.from(values);
}

function recordOf(work: FinetuneWork, { labels }: ClassifierConfig, trained: Trained): unknown {
  const { checkpoint, dataset, settings } = work;
  return {
    training: trainingId(work),
    base: { name: checkpoint.name, id: checkpoint.id },
    dataset: { name: dataset.name, id: dataset.id, labels },
    settings,
    ...trained,
  };
}
