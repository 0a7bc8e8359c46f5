/** @file A training on the CPU: gradients in one session, written in place; an update in another, in place. */

import {
  add,
  type CompileOptions,
  compile,
  input,
  matMul,
  type Node,
  type Session,
  type Tensor,
  unsqueeze,
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

/** Elements that one run of the update works on: all its arrays together stay in the caches. */
const chunk = 1 << 17;

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
  readonly #update: Session;
  readonly #add: Session;
  readonly #norm: Session;
  readonly #feeds: Readonly<Record<string, Tensor>>;
  #second: Float32Array | null = null;
  #step = 0;

  private constructor(
    spec: TrainerSpec,
    graph: BackwardGraph,
    sessions: readonly [Session, Session, Session, Session],
  ) {
    this.#spec = spec;
    this.#graph = graph;
    [this.#backward, this.#update, this.#add, this.#norm] = sessions;
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
    const session = spec.session ?? {};
    const sessions = await Promise.all([
      compile({ loss: spec.loss, ...graph.outputs }, session),
      compile(updateGraph(spec.optimizer), session),
      compile({ sum: addInputs() }, session),
      compile({ square: squareOfNorm() }, session),
    ]);
    return new Trainer(spec, graph, sessions);
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
    const norm = clipNorm === null ? null : await this.#gradientNorm();
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
      await this.#updateRange(group, scalars);
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
    await Promise.all(
      [this.#backward, this.#update, this.#add, this.#norm].map((session) => session.close()),
    );
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
    if (!first) {
      for (const [start, end] of ranges({ start: 0, end: sums.length })) {
        const a = vector(sums, start, end);
        await this.#add.run({ a, b: vector(target, start, end) }, { sum: a });
      }
    }
    return (found.loss!.data as Float32Array)[0]!;
  }

  async #gradientNorm(): Promise<number> {
    const { gradients: g } = this.#memory;
    let sum = 0;
    for (const [start, end] of ranges({ start: 0, end: g.length })) {
      const { square } = await this.#norm.run({ g: vector(g, start, end) });
      sum += (square!.data as Float32Array)[0]!;
    }
    return Math.sqrt(sum);
  }

  async #updateRange(
    group: { readonly start: number; readonly end: number },
    scalars: Readonly<Record<string, number>>,
  ): Promise<void> {
    const { parameters, gradients: g, slots } = this.#memory;
    const fed = Object.entries(scalars).map(([name, value]) => [name, scalar(value)]);
    for (const [start, end] of ranges(group)) {
      const changed = Object.fromEntries([
        ["parameter", vector(parameters, start, end)],
        ...slots.map((slot, i) => [`slot ${i}`, vector(slot, start, end)]),
      ]);
      const gradient = vector(g, start, end);
      // Fed and fetched alike: safe because every op of the update is element-wise.
      const into = Object.fromEntries(
        Object.entries(changed).map(([name, tensor]) => [`new ${name}`, tensor as Tensor]),
      );
      await this.#update.run({ ...changed, gradient, ...Object.fromEntries(fed) }, into);
    }
  }
}

const vector = (data: Float32Array, start: number, end: number): Tensor => ({
  data: data.subarray(start, end),
  shape: [end - start],
});
const scalar = (value: number): Tensor => ({ data: Float32Array.of(value), shape: [] });

function* ranges({
  start,
  end,
}: {
  readonly start: number;
  readonly end: number;
}): Generator<readonly [number, number]> {
  for (let at = start; at < end; at += chunk) yield [at, Math.min(end, at + chunk)];
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
    ...slots.map((slot, i) => [`new slot ${i}`, slot]),
  ]);
}

const addInputs = (): Node => {
  const [a, b] = [input("a", ["n"]), input("b", ["n"])];
  return add(a, b);
};

/** g · g, as a product of a row and a column. */
function squareOfNorm(): Node {
  const row = unsqueeze(input("g", ["n"]), 0);
  return matMul(row, row, { transposeB: true });
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
