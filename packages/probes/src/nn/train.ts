/** @file A training on the CPU: one session writes gradients in place, one kernel updates in place. */

import {
  add,
  type CompileOptions,
  compile,
  compileElementWise,
  type ElementWise,
  input,
  type Node,
  type Session,
  type Tensor,
} from "../graph/index.ts";
import { type BackwardGraph, backwardGraph, gradientOutput } from "./backward-graph.ts";
import { clipScale, type Optimizer } from "./optimizers.ts";
import { parameterInput } from "./parameters.ts";
import { layOutTraining, type TrainedParameter, type TrainingMemory } from "./training-memory.ts";

export type TrainerSpec = {
  /** A scalar, usually a sum over rows with weights that are fed (losses.ts). */
  readonly loss: Node;
  readonly parameters: readonly TrainedParameter[];
  readonly optimizer: Optimizer;
  /** Decay per step and learning rate, of the parameters that decay; 0 for none. */
  readonly weightDecay: number;
  /** Largest norm of all gradients together; null does not clip. */
  readonly clipNorm: number | null;
  readonly session?: CompileOptions;
};

export type StepReport = {
  /** The sum of the pieces' losses, before the update. */
  readonly loss: number;
  /** Norm of all gradients together before clipping; null where it was not needed. */
  readonly gradientNorm: number | null;
};

/** All that decides how a training goes on; arrays are live views, copy them to keep them. */
export type TrainingState = {
  readonly step: number;
  readonly tensors: Readonly<Record<string, Tensor>>;
};

/** A loss or gradient was not a number; nothing was updated. */
export class DivergenceError extends Error {
  override readonly name = "DivergenceError";
  constructor(what: string, { step, learningRate }: { step: number; learningRate: number }) {
    super(`training diverged: ${what} at step ${step} with learning rate ${learningRate}`);
  }
}

/** Trains parameters step by step. Close it to free its sessions. */
export class Trainer {
  readonly #spec: TrainerSpec;
  readonly #graph: BackwardGraph;
  readonly #memory: TrainingMemory;
  readonly #backward: Session;
  readonly #update: ElementWise;
  readonly #feeds: Readonly<Record<string, Tensor>>;
  #second: Float32Array | null = null;
  #step = 0;

  private constructor(spec: TrainerSpec, graph: BackwardGraph, backward: Session) {
    this.#spec = spec;
    this.#graph = graph;
    this.#backward = backward;
    this.#update = compileElementWise(updateGraph(spec.optimizer));
    this.#memory = layOutTraining(spec.parameters, spec.optimizer.slots.length);
    this.#feeds = Object.fromEntries(
      spec.parameters.map(({ name }) => [
        parameterInput(name),
        this.#memory.view(this.#memory.parameters, name),
      ]),
    );
  }

  static async create(spec: TrainerSpec): Promise<Trainer> {
    const graph = backwardGraph(spec.loss, spec.parameters);
    const reached = new Set([...graph.dense, ...graph.lookUps.map(({ parameter }) => parameter)]);
    const idle = spec.parameters.find((parameter) => !reached.has(parameter));
    if (idle) throw new Error(`training: the loss does not depend on parameter "${idle.name}"`);
    const backward = await compile({ loss: spec.loss, ...graph.outputs }, spec.session);
    return new Trainer(spec, graph, backward);
  }

  /** Steps taken so far. */
  get step(): number {
    return this.#step;
  }

  /** The parameters as feeds of other sessions built with them, evaluations for instance. */
  get feeds(): Readonly<Record<string, Tensor>> {
    return this.#feeds;
  }

  /** One parameter's values, a live view. */
  parameter(name: string): Float32Array {
    return this.#memory.view(this.#memory.parameters, name).data;
  }

  /**
   * One update from one or more pieces of a batch, whose gradients add up. Throws DivergenceError,
   * and changes nothing, where the loss or a gradient is not finite.
   */
  async takeStep(
    pieces: readonly Readonly<Record<string, Tensor>>[],
    learningRate: number,
  ): Promise<StepReport> {
    let loss = 0;
    for (const [i, piece] of pieces.entries()) loss += await this.#accumulate(piece, i === 0);
    const at = { step: this.#step + 1, learningRate };
    if (!Number.isFinite(loss)) throw new DivergenceError(`loss is ${loss}`, at);
    const { clipNorm, optimizer, weightDecay } = this.#spec;
    const norm = clipNorm === null ? null : normOf(this.#memory.gradients);
    if (norm !== null && !Number.isFinite(norm)) {
      throw new DivergenceError(`the norm of the gradients is ${norm}`, at);
    }
    for (const group of this.#memory.groups) {
      const scalars = optimizer.scalars({
        step: this.#step,
        learningRate: learningRate * group.rate,
        weightDecay: group.decays ? weightDecay : 0,
        gradientScale: clipScale(norm ?? 0, clipNorm),
      });
      this.#updateRange(group, scalars);
    }
    this.#step += 1;
    return { loss, gradientNorm: norm };
  }

  /** Step, parameters and slots: live views. */
  state(): TrainingState {
    const { parameters, slots } = this.#memory;
    const tensors = this.#spec.parameters.flatMap(({ name }) => [
      [`parameter ${name}`, this.#memory.view(parameters, name)] as const,
      ...this.#spec.optimizer.slots.map(
        (slot, i) => [`${slot} ${name}`, this.#memory.view(slots[i]!, name)] as const,
      ),
    ]);
    return { step: this.#step, tensors: Object.fromEntries(tensors) };
  }

  /** Goes on from a state: what follows equals, bit for bit, what would have followed it. */
  restore({ step, tensors }: TrainingState): void {
    for (const [name, { data }] of Object.entries(this.state().tensors)) {
      const kept = tensors[name];
      if (kept?.data.length !== data.length) {
        throw new Error(`training: the state has no tensor "${name}" of ${data.length} elements`);
      }
      (data as Float32Array).set(kept.data as Float32Array);
    }
    this.#step = step;
  }

  async close(): Promise<void> {
    await this.#backward.close();
  }

  /** Adds a piece's gradients to those of the pieces before; returns its loss. */
  async #accumulate(piece: Readonly<Record<string, Tensor>>, first: boolean): Promise<number> {
    const { gradients: sums, view } = this.#memory;
    if (!first) this.#second ??= new Float32Array(sums.length);
    const target = first ? sums : this.#second!;
    for (const { parameter } of this.#graph.lookUps) view(target, parameter.name).data.fill(0);
    const into = Object.fromEntries(
      this.#graph.dense.map(({ name }) => [gradientOutput(name), view(target, name)]),
    );
    const found = await this.#backward.run({ ...piece, ...this.#feeds }, into);
    for (const { parameter, indices, output } of this.#graph.lookUps) {
      addRows(view(target, parameter.name), {
        indices: piece[indices]!,
        rows: found[output]!.data as Float32Array,
      });
    }
    if (!first) sumKernel.run({ a: sums, b: target }, {}, { sum: sums });
    return (found.loss!.data as Float32Array)[0]!;
  }

  #updateRange(
    { start, end }: { readonly start: number; readonly end: number },
    scalars: Readonly<Record<string, number>>,
  ): void {
    const { parameters, gradients, slots } = this.#memory;
    const changed = Object.entries({ parameter: parameters, ...slotsByName(slots) }).map(
      ([name, array]) => [name, array.subarray(start, end)] as const,
    );
    const vectors = { ...Object.fromEntries(changed), gradient: gradients.subarray(start, end) };
    const into = Object.fromEntries(changed.map(([name, array]) => [`new ${name}`, array]));
    this.#update.run(vectors, scalars, into);
  }
}

const slotsByName = <T>(slots: readonly T[]): Record<string, T> =>
  Object.fromEntries(slots.map((slot, i) => [`slot ${i}`, slot]));

const sumKernel = compileElementWise({ sum: add(input("a", ["n"]), input("b", ["n"])) });

/** Euclidean norm, added up in double precision by four independent sums. */
function normOf(x: Float32Array): number {
  let [a, b, c, d] = [0, 0, 0, 0];
  const even = x.length - (x.length % 4);
  for (let i = 0; i < even; i += 4) {
    a += x[i]! * x[i]!;
    b += x[i + 1]! * x[i + 1]!;
    c += x[i + 2]! * x[i + 2]!;
    d += x[i + 3]! * x[i + 3]!;
  }
  for (let i = even; i < x.length; i++) a += x[i]! * x[i]!;
  return Math.sqrt(a + b + c + d);
}

/** The update of a vector of parameters, `new parameter` and `new slot i`. */
function updateGraph(optimizer: Optimizer): Record<string, Node> {
  const x = (name: string) => input(name, ["n"]);
  const { parameter, slots } = optimizer.update(
    {
      parameter: x("parameter"),
      gradient: x("gradient"),
      slots: optimizer.slots.map((_, i) => x(`slot ${i}`)),
    },
    Object.fromEntries(optimizer.scalarNames.map((name) => [name, input(name, [])])),
  );
  return Object.fromEntries([
    ["new parameter", parameter],
    ...slots.map((slot, i) => [`new slot ${i}`, slot] as const),
  ]);
}

/** table[index] += row, for every index. */
function addRows(
  table: { readonly data: Float32Array; readonly shape: readonly number[] },
  { indices, rows }: { readonly indices: Tensor; readonly rows: Float32Array },
): void {
  const width = table.shape[1]!;
  const { data } = table;
  for (let i = 0; i < indices.data.length; i++) {
    const to = Number(indices.data[i]) * width;
    const from = i * width;
    for (let j = 0; j < width; j++) data[to + j]! += rows[from + j]!;
  }
}
