/** @file A training on the CPU: one session writes gradients in place, one kernel updates in place. */

import {
  add,
  compile,
  compileElementWise,
  type ElementWise,
  input,
  type Session,
  type Tensor,
} from "../graph/index.ts";
import { type BackwardGraph, backwardGraph, gradientOutput } from "./backward-graph.ts";
import { updateGraph } from "./optimizers.ts";
import { parameterInput } from "./parameters.ts";
import {
  checkFinite,
  checkReached,
  type Piece,
  type StepReport,
  stateOfParameter,
  stepScalars,
  type Trainer,
  type TrainerSpec,
  type TrainingState,
  tensorsOf,
} from "./trainer.ts";
import { layOutTraining, type TrainingMemory } from "./training-memory.ts";

type Recipe = Pick<TrainerSpec, "optimizer" | "weightDecay" | "clipNorm">;

/** A training whose parameters, gradients and slots each lie in one array. */
export class CpuTrainer implements Trainer {
  readonly feeds: Readonly<Record<string, Tensor>>;
  readonly #recipe: Recipe;
  readonly #graph: BackwardGraph;
  readonly #memory: TrainingMemory;
  readonly #backward: Session;
  readonly #update: ElementWise;
  #second: Float32Array | null = null;
  #step = 0;

  private constructor(
    { parameters, optimizer, weightDecay, clipNorm }: TrainerSpec,
    { graph, backward }: { readonly graph: BackwardGraph; readonly backward: Session },
  ) {
    this.#recipe = { optimizer, weightDecay, clipNorm }; // not the initial values, which are copied
    this.#graph = graph;
    this.#backward = backward;
    this.#update = compileElementWise(updateGraph(optimizer, ["n"]));
    const memory = layOutTraining(parameters, optimizer.slots.length);
    this.#memory = memory;
    this.feeds = Object.fromEntries(
      parameters.map(({ name }) => [parameterInput(name), memory.view(memory.parameters, name)]),
    );
  }

  static async create(spec: TrainerSpec): Promise<Trainer> {
    // The graph lives as long as the training, the initial values do not.
    const parameters = spec.parameters.map(({ name, shape, node }) => ({ name, shape, node }));
    const graph = backwardGraph(spec.loss, parameters);
    const reached = new Set([...graph.dense, ...graph.lookUps.map(({ parameter }) => parameter)]);
    checkReached(parameters, (parameter) => reached.has(parameter));
    const backward = await compile({ loss: spec.loss, ...graph.outputs }, spec.session);
    return new CpuTrainer(spec, { graph, backward });
  }

  get step(): number {
    return this.#step;
  }

  async takeStep(pieces: readonly Piece[], learningRate: number): Promise<StepReport> {
    let loss = 0;
    for (const [i, piece] of pieces.entries()) loss += await this.#accumulate(piece, i === 0);
    const norm = this.#recipe.clipNorm === null ? null : normOf(this.#memory.gradients);
    const report = { loss, gradientNorm: norm };
    checkFinite(report, { step: this.#step + 1, learningRate });
    for (const group of this.#memory.groups) {
      const now = { step: this.#step, learningRate, norm };
      this.#updateRange(group, stepScalars(this.#recipe, group, now));
    }
    this.#step += 1;
    return report;
  }

  async state(): Promise<TrainingState> {
    return { step: this.#step, tensors: this.#views() };
  }

  async restore(state: TrainingState): Promise<void> {
    const views = this.#views();
    const sizes = Object.entries(views).map(([name, { data }]) => [name, data.length]);
    for (const [name, values] of Object.entries(tensorsOf(state, Object.fromEntries(sizes)))) {
      views[name]!.data.set(values);
    }
    this.#step = state.step;
  }

  async close(): Promise<void> {
    await this.#backward.close();
  }

  /** Live views of parameters and slots, by their names in a state. */
  #views(): Record<string, Tensor & { readonly data: Float32Array }> {
    const { parameters, slots, names, view } = this.#memory;
    return Object.fromEntries(
      names.flatMap((name) => [
        [stateOfParameter(name), view(parameters, name)],
        ...this.#recipe.optimizer.slots.map((slot, i) => [
          `${slot} ${name}`,
          view(slots[i]!, name),
        ]),
      ]),
    );
  }

  /** Adds a piece's gradients to those of the pieces before; returns its loss. */
  async #accumulate(piece: Piece, first: boolean): Promise<number> {
    const { gradients: sums, view } = this.#memory;
    if (!first) this.#second ??= new Float32Array(sums.length);
    const target = first ? sums : this.#second!;
    for (const { parameter } of this.#graph.lookUps) view(target, parameter.name).data.fill(0);
    const into = Object.fromEntries(
      this.#graph.dense.map(({ name }) => [gradientOutput(name), view(target, name)]),
    );
    const found = await this.#backward.run({ ...piece, ...this.feeds }, into);
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
    const changed = [parameters, ...slots].map((array) => array.subarray(start, end));
    const named = (prefix: string) =>
      changed.map((array, i) => [`${prefix}${i === 0 ? "parameter" : `slot ${i - 1}`}`, array]);
    const vectors = { ...Object.fromEntries(named("")), gradient: gradients.subarray(start, end) };
    this.#update.run(vectors, scalars, Object.fromEntries(named("new ")));
  }
}

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
