/** @file What a training is, wherever it runs: what it is made from, takes a step, and hands back. */

import type { CompileOptions, Node, Tensor, Value } from "../graph/index.ts";
import type { LossScale, Precision } from "./loss-scale.ts";
import type { Optimizer, StepScalars } from "./optimizers.ts";
import { clipScale } from "./optimizers.ts";
import type { Parameter } from "./parameters.ts";
import type { TrainedParameter } from "./training-memory.ts";

export type TrainerSpec = {
  /** A scalar, usually a sum over rows with weights that are fed (losses.ts). */
  readonly loss: Node;
  readonly parameters: readonly TrainedParameter[];
  readonly optimizer: Optimizer;
  /** Decay per step and learning rate, of the parameters that decay; 0 for none. */
  readonly weightDecay: number;
  /** Largest norm of all gradients together; null does not clip. */
  readonly clipNorm: number | null;
  /** What matrix products are computed in, float32 where not given; parameters and slots are float32 in any case. */
  readonly precision?: Precision;
  readonly session?: CompileOptions;
};

export type StepReport = {
  /** The sum of the pieces' losses, before the update. */
  readonly loss: number;
  /** Norm of all gradients together before clipping; null where it was not needed. */
  readonly gradientNorm: number | null;
  /** The gradients did not fit into float16: nothing was updated, and the next step scales them less. */
  readonly skipped: boolean;
};

/** All that decides how a training goes on; arrays may be live views, copy them to keep them. */
export type TrainingState = {
  readonly step: number;
  readonly tensors: Readonly<Record<string, Tensor>>;
};

/** Feeds of a part of a batch. */
export type Piece = Readonly<Record<string, Tensor>>;

/** Trains parameters step by step. Close it to free what it holds. */
export interface Trainer {
  /** Steps taken so far. */
  readonly step: number;
  /** The parameters as they are now, as feeds of other sessions on the same device. */
  readonly feeds: Readonly<Record<string, Value>>;
  /**
   * One update from one or more pieces of a batch, whose gradients add up. Throws DivergenceError,
   * and changes nothing, where the loss or the norm of the gradients is not finite.
   */
  takeStep(pieces: readonly Piece[], learningRate: number): Promise<StepReport>;
  /** Step, `parameter <name>`, and each slot as `<slot> <name>`. */
  state(): Promise<TrainingState>;
  /** Goes on from a state: on the CPU what follows equals, bit for bit, what would have followed it. */
  restore(state: TrainingState): Promise<void>;
  close(): Promise<void>;
}

/** A loss or gradient was not a number; nothing was updated. */
export class DivergenceError extends Error {
  override readonly name = "DivergenceError";
  constructor(what: string, { step, learningRate }: { step: number; learningRate: number }) {
    super(`training diverged: ${what} at step ${step} with learning rate ${learningRate}`);
  }
}

/** Name of a parameter's values in a state. */
export const stateOfParameter = (name: string): string => `parameter ${name}`;

/**
 * What a step reports, from its loss and the norm of its gradients with the loss's factor still in it. Throws
 * where one of them is not finite, unless a smaller factor may help: then the step is skipped.
 */
export function reportOf(
  { loss, scaledNorm }: { readonly loss: number; readonly scaledNorm: number | null },
  scale: LossScale,
  at: { readonly step: number; readonly learningRate: number },
): StepReport {
  if (!Number.isFinite(loss)) throw new DivergenceError(`loss is ${loss}`, at);
  const factor = scale.value;
  if (scale.overflows(scaledNorm)) return { loss, gradientNorm: null, skipped: true };
  if (scaledNorm !== null && !Number.isFinite(scaledNorm)) {
    throw new DivergenceError(`the norm of the gradients is ${scaledNorm}`, at);
  }
  return { loss, gradientNorm: scaledNorm === null ? null : scaledNorm / factor, skipped: false };
}

/** Whether a step has to know the norm of all gradients: to clip them, or to see that they fit into float16. */
export const needsNorm = ({ clipNorm }: Pick<TrainerSpec, "clipNorm">, scale: LossScale): boolean =>
  clipNorm !== null || scale.isHalf;

/** What the optimizer is fed for parameters of equal settings. */
export function stepScalars(
  { optimizer, weightDecay, clipNorm }: Pick<TrainerSpec, "optimizer" | "weightDecay" | "clipNorm">,
  { decays, rate }: Pick<TrainedParameter, "decays" | "rate">,
  now: {
    readonly step: number;
    readonly learningRate: number;
    readonly norm: number | null;
    /** What the loss was multiplied with. */
    readonly factor: number;
  },
): StepScalars {
  return optimizer.scalars({
    step: now.step,
    learningRate: now.learningRate * rate,
    weightDecay: decays ? weightDecay : 0,
    gradientScale: clipScale(now.norm ?? 0, clipNorm) / now.factor,
  });
}

/** The tensors of a state by name, each of the size that is expected; throws where one is missing. */
export function tensorsOf(
  { tensors }: TrainingState,
  sizes: Readonly<Record<string, number>>,
): Readonly<Record<string, Float32Array>> {
  return Object.fromEntries(
    Object.entries(sizes).map(([name, size]) => {
      const data = tensors[name]?.data;
      if (data instanceof Float32Array && data.length === size) return [name, data];
      throw new Error(`training: the state has no tensor "${name}" of ${size} elements`);
    }),
  );
}

/** Throws where the loss does not reach every parameter. */
export function checkReached(
  parameters: readonly Parameter[],
  reached: (parameter: Parameter) => boolean,
): void {
  const idle = parameters.find((parameter) => !reached(parameter));
  if (idle) throw new Error(`training: the loss does not depend on parameter "${idle.name}"`);
}
