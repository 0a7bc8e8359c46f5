/** @file A fine-tuning: updates and evaluations in their order, resumable after each. */

import type { CompileOptions, Tensor } from "../graph/index.ts";
import type { TokenizedText } from "../models/batch.ts";
import type { Precision } from "../nn/loss-scale.ts";
import { labelWeight, rowWeights } from "../nn/losses.ts";
import { adamW } from "../nn/optimizers.ts";
import { type ScheduleName, scheduleFactor, warmupSteps } from "../nn/schedules.ts";
import { createTrainer } from "../nn/train.ts";
import {
  DivergenceError,
  stateOfParameter,
  type Trainer,
  type TrainingState,
} from "../nn/trainer.ts";
import { createRandom } from "../random.ts";
import { epochOrder, pieces } from "./batches.ts";
import { modelFeeds } from "./body.ts";
import { depthRate } from "./depth.ts";
import { isOutOfMemory } from "./out-of-memory.ts";
import { Predictor } from "./predictor.ts";
import {
  type Point,
  type Progress,
  scoresOf,
  startOf,
  type ValidationPoint,
  watchedScore,
  withPoint,
} from "./progress.ts";
import { classesOf, meanLoss, reportClasses, reportValues } from "./report.ts";
import { type TrainingGraph, type TrainingGraphSpec, trainingGraph } from "./training-graph.ts";

/** How a model is trained; runner's finetune/spec.ts says what each means. */
export type TrainingSettings = {
  readonly maxEpochs: number;
  readonly batchSize: number;
  readonly accumulation: number;
  readonly learningRate: number;
  readonly headLearningRate: number | null;
  readonly layerDecay: number;
  readonly schedule: ScheduleName;
  /** Share of all steps below 1, else steps. */
  readonly warmup: number;
  readonly weightDecay: number;
  readonly clipNorm: number | null;
  readonly weightedSampling: boolean;
  /** Updates between evaluations; null: one at the end of each epoch. */
  readonly evaluateEvery: number | null;
  readonly earlyStopping: boolean;
  readonly patience: number;
  readonly seed: number;
  readonly precision: Precision;
};

export type FinetuneData = {
  readonly texts: readonly TokenizedText[];
  /** Class or value of each text. */
  readonly targets: Int32Array | Float32Array;
  readonly train: Uint32Array;
  /** May be empty: nothing is evaluated then. */
  readonly validation: Uint32Array;
};

export type FinetuneSpec = {
  readonly graph: TrainingGraphSpec;
  /** Values a trained weight starts from: stored ones, or fresh ones for a new head. */
  readonly initial: (name: string, shape: readonly number[]) => Float32Array;
  readonly data: FinetuneData;
  readonly settings: TrainingSettings;
  readonly padId: number;
  readonly session: CompileOptions;
  /** Most texts computed at once; a batch where not given. */
  readonly pieceRows?: number;
  /** Called after each batch of an evaluation, which may take long. */
  readonly onBatch?: () => void;
};

export type FinetuneEvent =
  | {
      readonly kind: "update";
      readonly step: number;
      readonly loss: number;
      readonly learningRate: number;
      readonly tokens: number;
    }
  | { readonly kind: "evaluation"; readonly point: Point; readonly improved: boolean }
  | { readonly kind: "smaller pieces"; readonly rows: number };

/** A training under way. Close it to free its sessions. */
export class Finetuning {
  readonly graph: TrainingGraph;
  /** Updates of all epochs together. */
  readonly totalSteps: number;
  readonly #spec: FinetuneSpec;
  readonly #trainer: Trainer;
  readonly #predictor: Predictor;
  #progress: Progress;

  private constructor(
    spec: FinetuneSpec,
    graph: TrainingGraph,
    { trainer, predictor }: { readonly trainer: Trainer; readonly predictor: Predictor },
  ) {
    this.#spec = spec;
    this.graph = graph;
    this.#trainer = trainer;
    this.#predictor = predictor;
    this.#progress = startOf(spec.pieceRows ?? spec.settings.batchSize);
    const { maxEpochs, batchSize, accumulation } = spec.settings;
    this.totalSteps = maxEpochs * Math.ceil(spec.data.train.length / (batchSize * accumulation));
  }

  static async create(spec: FinetuneSpec): Promise<Finetuning> {
    const graph = trainingGraph(spec.graph);
    const { settings, session, padId, onBatch = () => {} } = spec;
    const { model, outputs: width } = spec.graph;
    const headRate = (settings.headLearningRate ?? settings.learningRate) / settings.learningRate;
    const trainer = await createTrainer({
      loss: graph.loss,
      parameters: graph.parameters.map((parameter) => {
        const { depth } = graph.used.get(parameter.name)!;
        return {
          ...parameter,
          initial: spec.initial(parameter.name, parameter.shape),
          decays: parameter.shape.length > 1, // not biases and norms
          rate:
            depthRate(depth, settings.layerDecay, model.geometry.layers) *
            (depth === "head" ? headRate : 1),
        };
      }),
      optimizer: adamW(),
      weightDecay: settings.weightDecay,
      ...{ clipNorm: settings.clipNorm, precision: settings.precision },
      session,
    });
    const predictor = await Predictor.of(graph.outputs, { model, padId, width, session, onBatch });
    return new Finetuning(spec, graph, { trainer, predictor });
  }

  get progress(): Progress {
    return this.#progress;
  }

  /** Parameters and optimizer slots as they are now; on the CPU live views. */
  async state(): Promise<TrainingState> {
    return await this.#trainer.state();
  }

  /** Goes on from where another training stood; the rest is the same, bit for bit on the CPU. */
  async restore(progress: Progress, state: TrainingState): Promise<void> {
    await this.#trainer.restore(state);
    const { pieceRows } = this.#progress;
    this.#progress = { ...progress, pieceRows: Math.min(progress.pieceRows, pieceRows) };
  }

  /**
   * Trains to the end, telling of each update and evaluation. Whoever listens may stop at any event;
   * progress and state then are those after it.
   */
  async *run(): AsyncGenerator<FinetuneEvent> {
    const { settings, data } = this.#spec;
    const { maxEpochs, batchSize, accumulation, seed, weightedSampling } = settings;
    const balance = weightedSampling ? (data.targets as Int32Array) : null;
    const sampling = { rows: data.train, seed, balance };
    while (this.#progress.finished === null) {
      const order = epochOrder(sampling, this.#progress.epoch);
      const updates = pieces(order, batchSize * accumulation);
      while (this.#progress.update < updates.length) {
        const before = this.#progress.pieceRows;
        const update = await this.#update(updates[this.#progress.update]!);
        if (this.#progress.pieceRows < before) {
          yield { kind: "smaller pieces", rows: this.#progress.pieceRows };
        }
        const evaluation = this.#isDue(updates.length)
          ? await this.#evaluate(updates.length)
          : null;
        yield update;
        if (evaluation) yield evaluation;
        if (this.#progress.finished !== null) return;
      }
      const epoch = this.#progress.epoch + 1;
      const finished = epoch >= maxEpochs ? ("all epochs" as const) : null;
      this.#progress = { ...this.#progress, epoch, update: 0, finished };
    }
  }

  /** Throws DivergenceError where a trained weight is not finite: the last update may have broken them. */
  async requireFinite(): Promise<void> {
    const { tensors } = await this.#trainer.state();
    const broken = this.graph.parameters.find(
      ({ name }) => !(tensors[stateOfParameter(name)]!.data as Float32Array).every(Number.isFinite),
    );
    if (broken) throw this.#divergence(`weight "${broken.name}" is not finite`);
  }

  async close(): Promise<void> {
    await this.#trainer.close();
    await this.#predictor.close();
  }

  /** One update from these rows; where memory does not suffice, from pieces of half the rows. */
  async #update(rows: Uint32Array): Promise<FinetuneEvent> {
    const { settings } = this.#spec;
    const { step } = this.#progress;
    const learningRate = this.#rate(step);
    for (;;) {
      const { pieceRows, losses } = this.#progress;
      const batches = pieces(rows, settings.batchSize).flatMap((batch) => pieces(batch, pieceRows));
      try {
        const feeds = batches.map((batch, piece) => this.#feeds(batch, { rows, step, piece }));
        const { loss } = await this.#trainer.takeStep(feeds, learningRate);
        this.#progress = {
          ...this.#progress,
          step: step + 1,
          update: this.#progress.update + 1,
          losses: { sum: losses.sum + loss, count: losses.count + 1 },
        };
        const tokens = feeds.reduce((sum, { mask }) => sum + realTokens(mask!), 0);
        return { kind: "update", step: step + 1, loss, learningRate, tokens };
      } catch (error) {
        if (!isOutOfMemory(error)) throw error;
        if (pieceRows === 1) {
          const tokens = Math.max(...Array.from(rows, (row) => this.#tokensOf(row)));
          throw new Error(
            `fine-tuning: not even one text fits into memory, the longest has ${tokens} tokens; lower maxTokens or freeze layers`,
            { cause: error },
          );
        }
        this.#progress = { ...this.#progress, pieceRows: Math.ceil(pieceRows / 2) };
      }
    }
  }

  #tokensOf(row: number): number {
    return this.#spec.data.texts[row]!.ids.length;
  }

  #feeds(
    batch: Uint32Array,
    {
      rows,
      step,
      piece,
    }: { readonly rows: Uint32Array; readonly step: number; readonly piece: number },
  ): Record<string, Tensor> {
    const { graph, data, padId, settings } = this.#spec;
    const { texts, targets } = data;
    const shape = [batch.length];
    const pick = (some: Uint32Array) => Array.from(some, (row) => targets[row]!);
    const classes = graph.task === "classification";
    const total = classes ? labelWeight(pick(rows), graph.classWeights ?? undefined) : rows.length;
    const weights = classes
      ? rowWeights(pick(batch), { total })
      : new Float32Array(batch.length).fill(1 / total);
    const random = createRandom(settings.seed).fork(`dropout ${step} ${piece}`);
    const own = classes
      ? { labels: { data: BigInt64Array.from(pick(batch), BigInt), shape } }
      : { targets: { data: Float32Array.from(pick(batch)), shape } };
    return {
      ...modelFeeds(
        graph.model,
        Array.from(batch, (row) => texts[row]!),
        padId,
      ),
      ...own,
      rowWeights: { data: weights, shape },
      seed: { data: Int32Array.of(random.integer(2 ** 32) | 0), shape: [] },
    };
  }

  #isDue(updates: number): boolean {
    const { step, update } = this.#progress;
    const { evaluateEvery } = this.#spec.settings;
    if (step === this.totalSteps) return true;
    return evaluateEvery === null ? update === updates : step % evaluateEvery === 0;
  }

  /** Learning rate of the update with this number, from 0. */
  #rate(step: number): number {
    const { settings } = this.#spec;
    const total = this.totalSteps;
    const warmup = warmupSteps(settings.warmup, total);
    return settings.learningRate * scheduleFactor(settings.schedule, step, { total, warmup });
  }

  #divergence(what: string): DivergenceError {
    const { step } = this.#progress;
    return new DivergenceError(what, { step, learningRate: this.#rate(step - 1) });
  }

  async #evaluate(updates: number): Promise<FinetuneEvent> {
    const { settings, graph } = this.#spec;
    const { step, epoch, update, losses, points } = this.#progress;
    const validation = await this.#validate();
    if (validation !== null && !Number.isFinite(validation.loss)) {
      throw this.#divergence(`validation loss is ${validation.loss}`);
    }
    const point: Point = {
      evaluation: points.length + 1,
      epoch: epoch + update / updates,
      step,
      trainLoss: losses.sum / losses.count,
      learningRate: this.#rate(step - 1),
      validation,
    };
    const { progress, improved } = withPoint(this.#progress, point, watchedScore[graph.task]);
    const waited = progress.best === null ? 0 : point.evaluation - progress.best.evaluation;
    const early = settings.earlyStopping && waited >= settings.patience;
    this.#progress = early ? { ...progress, finished: "early" } : progress;
    return { kind: "evaluation", point, improved };
  }

  async #validate(): Promise<ValidationPoint | null> {
    const { data, graph } = this.#spec;
    if (data.validation.length === 0) return null;
    const texts = Array.from(data.validation, (row) => data.texts[row]!);
    const targets = Array.from(data.validation, (row) => data.targets[row]!);
    const outputs = await this.#predictor.predict(texts, this.#trainer.feeds);
    const classes = graph.task === "classification" ? graph.outputs : null;
    const report =
      classes === null
        ? reportValues(outputs, targets)
        : reportClasses(classesOf(outputs, classes), targets, classes);
    return { loss: meanLoss(outputs, targets, classes), scores: scoresOf(report) };
  }
}

const realTokens = (mask: Tensor): number =>
  (mask.data as Float32Array).reduce((sum, real) => sum + real, 0);
