/** @file A training on a GPU: parameters and slots stay there between steps; only losses come back. */

import {
  add,
  type CompileOptions,
  compile,
  constant,
  type Device,
  type DeviceTensor,
  download,
  gradients,
  halfProducts,
  input,
  type Node,
  reduceSum,
  type Session,
  square,
  stopGradient,
  type Tensor,
  topologicalOrder,
  type Value,
} from "../graph/index.ts";
import { LossScale, restoreScale, scaledLoss, scaleFeeds, scaleTensors } from "./loss-scale.ts";
import { updateGraph } from "./optimizers.ts";
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
import type { TrainedParameter } from "./training-memory.ts";

/** What the device keeps of a parameter: its values, then its slots. */
type Kept = readonly DeviceTensor[];
type Described = Omit<TrainedParameter, "initial">;
type Sessions = {
  readonly backward: Session;
  readonly norm: Session;
  /** By rank. */
  readonly update: ReadonlyMap<number, Session>;
  readonly sum: ReadonlyMap<number, Session>;
  readonly upload: ReadonlyMap<number, Session>;
};

const gradientOf = (i: number): string => `gradient ${i}`;

/** A training whose tensors lie on the device; every step makes new ones and frees the old. */
export class DeviceTrainer implements Trainer {
  readonly #recipe: Pick<TrainerSpec, "optimizer" | "weightDecay" | "clipNorm">;
  readonly #parameters: readonly Described[];
  readonly #device: Device;
  readonly #sessions: Sessions;
  readonly #scale: LossScale;
  #kept: readonly Kept[] = [];
  #step = 0;

  private constructor(spec: TrainerSpec, device: Device, sessions: Sessions) {
    const { optimizer, weightDecay, clipNorm } = spec;
    this.#recipe = { optimizer, weightDecay, clipNorm };
    this.#parameters = spec.parameters.map(({ initial: _, ...described }) => described);
    this.#device = device;
    this.#sessions = sessions;
    this.#scale = new LossScale(spec.precision ?? "float32");
  }

  static async create(spec: TrainerSpec): Promise<Trainer> {
    const { device = "cpu" } = spec.session ?? {};
    const used = new Set<Node>(topologicalOrder([spec.loss]));
    checkReached(spec.parameters, ({ node }) => used.has(node));
    const trainer = new DeviceTrainer(spec, device, await compileSessions(spec));
    const { slots } = spec.optimizer;
    const start = spec.parameters.map(({ initial }) => [
      initial,
      ...slots.map(() => new Float32Array(initial.length)),
    ]);
    await trainer.#place(start);
    return trainer;
  }

  get step(): number {
    return this.#step;
  }

  get feeds(): Readonly<Record<string, Value>> {
    return Object.fromEntries(
      this.#parameters.map(({ name }, i) => [parameterInput(name), this.#kept[i]![0]!]),
    );
  }

  async takeStep(pieces: readonly Piece[], learningRate: number): Promise<StepReport> {
    let sums: readonly DeviceTensor[] = [];
    try {
      let loss = 0;
      for (const piece of pieces) {
        const found = await this.#sessions.backward.runOnDevice({
          ...{ ...piece, ...this.feeds },
          ...scaleFeeds(this.#scale),
        });
        loss += scalarOf(found.loss!);
        const fresh = this.#parameters.map((_, i) => found[gradientOf(i)] as DeviceTensor);
        sums = sums.length === 0 ? fresh : await this.#added(sums, fresh);
      }
      const factor = this.#scale.value;
      const scaledNorm = needsNorm(this.#recipe, this.#scale) ? await this.#norm(sums) : null;
      const at = { step: this.#step + 1, learningRate };
      const report = reportOf({ loss, scaledNorm }, this.#scale, at);
      if (report.skipped) return report;
      const now = { step: this.#step, learningRate, norm: report.gradientNorm, factor };
      await this.#update(sums, now);
      this.#step += 1;
      return report;
    } finally {
      free(sums);
    }
  }

  /** Copies everything to memory. */
  async state(): Promise<TrainingState> {
    const tensors: Record<string, Tensor> = {};
    for (const [i, names] of this.#names().entries()) {
      for (const [j, name] of names.entries()) {
        tensors[name] = await download(this.#kept[i]![j]!, this.#device);
      }
    }
    return { step: this.#step, tensors: { ...tensors, ...scaleTensors(this.#scale) } };
  }

  async restore(state: TrainingState): Promise<void> {
    const sizes = this.#names().flatMap((names, i) => {
      const size = this.#parameters[i]!.shape.reduce((a, b) => a * b, 1);
      return names.map((name) => [name, size] as const);
    });
    const found = tensorsOf(state, Object.fromEntries(sizes));
    await this.#place(this.#names().map((names) => names.map((name) => found[name]!)));
    restoreScale(this.#scale, state);
    this.#step = state.step;
  }

  async close(): Promise<void> {
    free(this.#kept.flat());
    const { backward, norm, ...byRank } = this.#sessions;
    const others = Object.values(byRank).flatMap((sessions) => [...sessions.values()]);
    for (const session of [backward, norm, ...others]) await session.close();
  }

  /** Names in a state of each parameter and its slots. */
  #names(): readonly (readonly string[])[] {
    const { slots } = this.#recipe.optimizer;
    return this.#parameters.map(({ name }) => [
      stateOfParameter(name),
      ...slots.map((slot) => `${slot} ${name}`),
    ]);
  }

  /** Puts values on the device, in place of what was there. */
  async #place(values: readonly (readonly Float32Array[])[]): Promise<void> {
    const before = this.#kept.flat();
    const kept: Kept[] = [];
    for (const [i, { shape }] of this.#parameters.entries()) {
      const upload = this.#sessions.upload.get(shape.length)!;
      const own: DeviceTensor[] = [];
      for (const data of values[i]!) {
        own.push((await upload.runOnDevice({ x: { data, shape } })).y as DeviceTensor);
      }
      kept.push(own);
    }
    this.#kept = kept;
    free(before);
  }

  async #added(
    a: readonly DeviceTensor[],
    b: readonly DeviceTensor[],
  ): Promise<readonly DeviceTensor[]> {
    const sums: DeviceTensor[] = [];
    for (const [i, { shape }] of this.#parameters.entries()) {
      const found = await this.#sessions.sum.get(shape.length)!.runOnDevice({ a: a[i]!, b: b[i]! });
      sums.push(found.y as DeviceTensor);
    }
    free([...a, ...b]);
    return sums;
  }

  async #norm(sums: readonly DeviceTensor[]): Promise<number> {
    const fed = Object.fromEntries(sums.map((sum, i) => [gradientOf(i), sum]));
    return Math.sqrt(scalarOf((await this.#sessions.norm.runOnDevice(fed)).square!));
  }

  async #update(
    sums: readonly DeviceTensor[],
    now: Parameters<typeof stepScalars>[2],
  ): Promise<void> {
    const kept: Kept[] = [];
    for (const [i, parameter] of this.#parameters.entries()) {
      const [values, ...slots] = this.#kept[i]!;
      const scalars = Object.entries(stepScalars(this.#recipe, parameter, now));
      const found = await this.#sessions.update.get(parameter.shape.length)!.runOnDevice({
        parameter: values!,
        gradient: sums[i]!,
        ...Object.fromEntries(slots.map((slot, j) => [`slot ${j}`, slot])),
        ...Object.fromEntries(scalars.map(([name, value]) => [name, scalarTensor(value)])),
      });
      const names = ["new parameter", ...slots.map((_, j) => `new slot ${j}`)];
      kept.push(names.map((name) => found[name] as DeviceTensor));
    }
    free(this.#kept.flat());
    this.#kept = kept;
  }
}

async function compileSessions({
  loss,
  parameters,
  optimizer,
  precision,
  session = {},
}: TrainerSpec): Promise<Sessions> {
  const half = precision === "float16";
  const found = gradients(
    half ? scaledLoss(loss) : loss,
    parameters.map(({ node }) => node),
  );
  const named = found.map((node, i) => [gradientOf(i), node] as const);
  const onDevice = async (outputs: Readonly<Record<string, Node>>, kept?: readonly string[]) => {
    const options: CompileOptions = { ...session, keepOnDevice: kept ?? Object.keys(outputs) };
    return await compile(outputs, options);
  };
  const squares = parameters.map(({ shape }, i) => reduceSum(square(input(gradientOf(i), shape))));
  const update = new Map<number, Session>();
  const sum = new Map<number, Session>();
  const upload = new Map<number, Session>();
  for (const rank of new Set(parameters.map(({ shape }) => shape.length))) {
    const shape = Array.from({ length: rank }, (_, axis) => `axis${axis}`);
    update.set(rank, await onDevice(updateGraph(optimizer, shape)));
    sum.set(rank, await onDevice({ y: add(input("a", shape), input("b", shape)) }));
    upload.set(rank, await onDevice({ y: stopGradient(input("x", shape)) }));
  }
  const whole = { loss, ...Object.fromEntries(named) };
  return {
    backward: await onDevice(
      half ? halfProducts(whole) : whole,
      named.map(([name]) => name),
    ),
    norm: await compile(
      { square: squares.reduce<Node>((a, b) => add(a, b), constant(0)) },
      session,
    ),
    ...{ update, sum, upload },
  };
}

const scalarTensor = (value: number): Tensor => ({ data: Float32Array.of(value), shape: [] });
const scalarOf = (value: Value): number => ((value as Tensor).data as Float32Array)[0]!;

function free(tensors: readonly DeviceTensor[]): void {
  for (const { device } of tensors) device.dispose();
}
