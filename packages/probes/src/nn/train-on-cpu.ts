/** @file A training on the CPU: one session writes gradients in place, one kernel updates in place. */

import {
  add,
  compile,
  compileElementWise,
  compileSumOfSquares,
  type ElementRange,
  type ElementWise,
  halfProducts,
  input,
  type Session,
  type SumOfSquares,
  type Tensor,
} from "../graph/index.ts";
import { type BackwardGraph, backwardGraph, gradientOutput } from "./backward-graph.ts";
import { LookedUpRows, without } from "./looked-up-rows.ts";
import { LossScale, restoreScale, scaledLoss, scaleFeeds, scaleTensors } from "./loss-scale.ts";
import { idleGraph, updateGraph } from "./optimizers.ts";
import { parameterInput } from "./parameters.ts";
import {
  checkReached,
  needsNorm,
  type Piece,
  reportOf,
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
  readonly #idle: ElementWise;
  readonly #sumOfSquares: SumOfSquares;
  /** By the name of a parameter that is only looked up; in the order of their places. */
  readonly #tables: ReadonlyMap<string, LookedUpRows>;
  #second: Float32Array | null = null;
  readonly #scale: LossScale;
  #step = 0;

  private constructor(
    { parameters, optimizer, weightDecay, clipNorm, precision = "float32" }: TrainerSpec,
    { graph, backward }: { readonly graph: BackwardGraph; readonly backward: Session },
  ) {
    this.#recipe = { optimizer, weightDecay, clipNorm }; // not the initial values, which are copied
    this.#graph = graph;
    this.#backward = backward;
    this.#scale = new LossScale(precision);
    const memory = layOutTraining(parameters, optimizer.slots.length);
    this.#memory = memory;
    this.#update = compileElementWise(updateGraph(optimizer, ["n"]), memory.memory);
    this.#idle = compileElementWise(idleGraph(optimizer, ["n"]), memory.memory);
    this.#sumOfSquares = compileSumOfSquares(memory.memory);
    this.#tables = lookedUpTables(graph, memory);
    this.feeds = Object.fromEntries(
      parameters.map(({ name }) => [parameterInput(name), memory.view(memory.parameters, name)]),
    );
  }

  static async create(spec: TrainerSpec): Promise<Trainer> {
    // The graph lives as long as the training, the initial values do not.
    const parameters = spec.parameters.map(({ name, shape, node }) => ({ name, shape, node }));
    const half = spec.precision === "float16";
    const graph = backwardGraph(half ? scaledLoss(spec.loss) : spec.loss, parameters);
    const reached = new Set([...graph.dense, ...graph.lookUps.map(({ parameter }) => parameter)]);
    checkReached(parameters, (parameter) => reached.has(parameter));
    const outputs = { loss: spec.loss, ...graph.outputs };
    const backward = await compile(half ? halfProducts(outputs) : outputs, spec.session);
    return new CpuTrainer(spec, { graph, backward });
  }

  get step(): number {
    return this.#step;
  }

  async takeStep(pieces: readonly Piece[], learningRate: number): Promise<StepReport> {
    let loss = 0;
    for (const [i, piece] of pieces.entries()) loss += await this.#accumulate(piece, i === 0);
    const factor = this.#scale.value;
    const scaledNorm = needsNorm(this.#recipe, this.#scale) ? this.#norm() : null;
    const at = { step: this.#step + 1, learningRate };
    const report = reportOf({ loss, scaledNorm }, this.#scale, at);
    if (report.skipped) return report;
    const now = { step: this.#step, learningRate, norm: report.gradientNorm, factor };
    for (const group of this.#memory.groups) {
      this.#updateRange(group, stepScalars(this.#recipe, group, now));
    }
    this.#step += 1;
    return report;
  }

  async state(): Promise<TrainingState> {
    return { step: this.#step, tensors: { ...this.#views(), ...scaleTensors(this.#scale) } };
  }

  async restore(state: TrainingState): Promise<void> {
    const views = this.#views();
    const sizes = Object.entries(views).map(([name, { data }]) => [name, data.length]);
    for (const [name, values] of Object.entries(tensorsOf(state, Object.fromEntries(sizes)))) {
      views[name]!.data.set(values);
    }
    for (const table of this.#tables.values()) table.recall(this.#memory.slots);
    restoreScale(this.#scale, state);
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
    for (const { name } of new Set(this.#graph.lookUps.map(({ parameter }) => parameter))) {
      const table = this.#tables.get(name);
      if (first && table) table.clear(sums);
      else view(target, name).data.fill(0);
    }
    const into = Object.fromEntries(
      this.#graph.dense.map(({ name }) => [gradientOutput(name), view(target, name)]),
    );
    const fed = { ...piece, ...this.feeds, ...scaleFeeds(this.#scale) };
    const found = await this.#backward.run(fed, into);
    for (const { parameter, indices, output } of this.#graph.lookUps) {
      addRows(view(target, parameter.name), {
        indices: piece[indices]!,
        rows: found[output]!.data as Float32Array,
      });
      this.#tables.get(parameter.name)?.look(piece[indices]!.data as BigInt64Array);
    }
    if (!first) sumKernel.run({ a: sums, b: target }, {}, { into: { sum: sums } });
    return (found.loss!.data as Float32Array)[0]!;
  }

  /** Euclidean norm of all gradients. */
  #norm(): number {
    const { gradients } = this.#memory;
    const tables = [...this.#tables.values()];
    const dense = without({ start: 0, end: gradients.length }, tables);
    const ranges = [...dense, ...tables.flatMap((table) => table.rangesNow())];
    const squares = ranges.map(({ start, end }) =>
      this.#sumOfSquares(gradients.subarray(start, end)),
    );
    return Math.sqrt(squares.reduce((a, b) => a + b, 0));
  }

  #updateRange(group: ElementRange, scalars: Readonly<Record<string, number>>): void {
    const { parameters, gradients, slots } = this.#memory;
    const named = (prefix: string) => [
      [`${prefix}parameter`, parameters] as const,
      ...slots.map((slot, i) => [`${prefix}slot ${i}`, slot] as const),
    ];
    const tables = [...this.#tables.values()].filter(
      ({ start }) => group.start <= start && start < group.end,
    );
    const active = [...without(group, tables), ...tables.flatMap((table) => table.rangesEver())];
    const vectors = { ...Object.fromEntries(named("")), gradient: gradients };
    this.#update.run(vectors, scalars, { into: Object.fromEntries(named("new ")), ranges: active });
    // Rows that never had a gradient have slots of zero: the optimizer only decays them.
    const idle = tables.flatMap((table) => without(table, table.rangesEver()));
    const into = { "new parameter": parameters };
    this.#idle.run({ parameter: parameters }, scalars, { into, ranges: idle });
  }
}

/** Tables that are looked up and read nowhere else, with rows of a multiple of four elements, as kernels take them. */
function lookedUpTables(
  { dense, lookUps }: BackwardGraph,
  { parameters, view }: TrainingMemory,
): ReadonlyMap<string, LookedUpRows> {
  const found = lookUps.flatMap(({ parameter: { name, shape } }) => {
    const [rows = 0, width = 0] = shape;
    if (width % 4 !== 0 || dense.some((other) => other.name === name)) return [];
    const start = (view(parameters, name).data.byteOffset - parameters.byteOffset) / 4;
    return [[name, new LookedUpRows({ start, rows, width })] as const];
  });
  return new Map(found.sort(([, a], [, b]) => a.start - b.start));
}

const sumKernel = compileElementWise({ sum: add(input("a", ["n"]), input("b", ["n"])) });

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
