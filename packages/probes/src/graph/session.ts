/** @file Sessions: a graph compiled by ONNX Runtime and run, or by a runtime that is given. The only file that imports it. */

import * as ort from "onnxruntime-node";
import type { Node, TensorData } from "./node.ts";
import { emit } from "./onnx.ts";
import { input, stopGradient } from "./ops.ts";

/** Where a graph runs; "tfjs" needs `runtime` to be given. */
export type Device = "cpu" | "webgpu" | "cuda" | "tfjs";

/** Numbers with a shape, row-major; bool is one byte each, float16 its raw 16 bits. */
export type Tensor = { readonly data: TensorData; readonly shape: readonly number[] };

/** A tensor that stays on the device between runs; `download` copies it to memory. Dispose of it when done. */
export type DeviceTensor = { readonly device: ort.Tensor; readonly shape: readonly number[] };
export type Value = Tensor | DeviceTensor;

/** What runs one compiled graph. */
export interface Engine {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  run(
    feeds: Readonly<Record<string, Value>>,
    into?: Readonly<Record<string, Value>>,
  ): Promise<Record<string, Value>>;
  close(): Promise<void>;
}

/** Compiles graphs with something else than ONNX Runtime. */
export type Runtime = (outputs: Readonly<Record<string, Node>>) => Promise<Engine>;

export type CompileOptions = {
  readonly device?: Device;
  /** Computes the graph instead of ONNX Runtime, which then plays no part. */
  readonly runtime?: Runtime;
  /** Number of the device, where there are several. */
  readonly deviceIndex?: number;
  /** Threads for one run; ONNX Runtime's default is one per core. */
  readonly threads?: number;
  /** Outputs that stay on the device (ignored on the CPU). */
  readonly keepOnDevice?: readonly string[];
  /** Further session settings, as ONNX Runtime's configuration keys. */
  readonly settings?: Readonly<Record<string, string>>;
};

/** A compiled graph. Close it to free its memory; a closed session cannot run. */
export class Session {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  readonly #engine: Engine;
  readonly #device: Device;

  private constructor(engine: Engine, device: Device) {
    this.#engine = engine;
    this.#device = device;
    this.inputNames = engine.inputNames;
    this.outputNames = engine.outputNames;
  }

  /** Compiles the graph of the named outputs. */
  static async compile(
    outputs: Readonly<Record<string, Node>>,
    options: CompileOptions = {},
  ): Promise<Session> {
    const { device = "cpu", runtime } = options;
    if (device === "tfjs" && !runtime) throw new Error("compile: device tfjs needs its runtime");
    const engine = runtime ? await runtime(outputs) : await compileForOrt(outputs, options);
    return new Session(engine, device);
  }

  /**
   * Runs the graph. Every input it names must be fed, with a tensor of its rank and type. `into`
   * names outputs to be written into given tensors instead of fresh ones. Tensors in `into` must not
   * be fed in the same run, unless every op that reads them is element-wise.
   */
  async run(
    feeds: Readonly<Record<string, Value>>,
    into?: Readonly<Record<string, Value>>,
  ): Promise<Record<string, Tensor>> {
    const results = await this.runOnDevice(feeds, into);
    const tensors: Record<string, Tensor> = {};
    for (const [name, value] of Object.entries(results)) {
      tensors[name] = "device" in value ? await download(value, this.#device) : value;
    }
    return tensors;
  }

  /** As `run`, but outputs named in `keepOnDevice` come back as device tensors. */
  async runOnDevice(
    feeds: Readonly<Record<string, Value>>,
    into?: Readonly<Record<string, Value>>,
  ): Promise<Record<string, Value>> {
    for (const name of this.inputNames) {
      if (feeds[name] === undefined) throw new Error(`session: input "${name}" was not fed`);
    }
    return await this.#engine.run(feeds, into);
  }

  async close(): Promise<void> {
    await this.#engine.close();
  }
}

/** A graph in ONNX Runtime. */
async function compileForOrt(
  outputs: Readonly<Record<string, Node>>,
  options: CompileOptions,
): Promise<Engine> {
  const { bytes, folder } = emit(outputs);
  const session = await ort.InferenceSession.create(bytes, sessionOptions(options, folder));
  const { inputNames, outputNames } = session;
  return {
    inputNames,
    outputNames,
    run: async (feeds, into) => {
      const fed = Object.fromEntries(inputNames.map((name) => [name, toOrt(feeds[name]!)]));
      const fetches =
        into && outputNames.map((name) => [name, into[name] ? toOrt(into[name]) : null]);
      const results = await session.run(fed, fetches ? Object.fromEntries(fetches) : outputNames);
      return Object.fromEntries(Object.entries(results).map(([name, t]) => [name, fromOrt(t)]));
    },
    close: async () => await session.release(),
  };
}

/** Compiles the graph of the named outputs into a session. */
export const compile = Session.compile;

/** Computes the outputs once: compile, run, close. For tests and one-off products. */
export async function evaluate(
  outputs: Readonly<Record<string, Node>>,
  feeds: Readonly<Record<string, Tensor>> = {},
  options?: CompileOptions,
): Promise<Record<string, Tensor>> {
  const session = await compile(outputs, options);
  try {
    return await session.run(feeds);
  } finally {
    await session.close();
  }
}

const copies = new Map<string, Promise<Session>>();

/**
 * Copies a device tensor to memory. It goes through a session that does nothing: asking the tensor
 * itself for its data ends the process in onnxruntime-node 1.30.
 */
export async function download(value: DeviceTensor, device: Device = "webgpu"): Promise<Tensor> {
  const { type, dims } = value.device;
  const key = `${device} ${type} ${dims.length}`;
  const symbols = dims.map((_, i) => `axis${i}`);
  const x = input("x", symbols, type as "float32");
  const made = copies.get(key) ?? compile({ y: stopGradient(x) }, { device });
  copies.set(key, made);
  const { y } = await (await made).runOnDevice({ x: value });
  return y as Tensor;
}

/** Devices that this build of ONNX Runtime carries. */
export function availableDevices(): readonly Device[] {
  const known: readonly string[] = ["cpu", "webgpu", "cuda"];
  return ort
    .listSupportedBackends()
    .map(({ name }) => name)
    .filter((name): name is Device => known.includes(name));
}

function sessionOptions(
  { device = "cpu", deviceIndex = 0, threads, keepOnDevice, settings }: CompileOptions,
  folder: string | null,
): ort.InferenceSession.SessionOptions {
  const provider =
    device === "cuda" ? { name: "cuda" as const, deviceId: deviceIndex } : { name: device };
  const locations = Object.fromEntries((keepOnDevice ?? []).map((name) => [name, "gpu-buffer"]));
  return {
    executionProviders: [provider],
    graphOptimizationLevel: "all",
    enableMemPattern: false, // keeps a block for each shape it meets, and batches differ in shape
    logSeverityLevel: 4, // errors come back as exceptions; whoever catches them says what it means
    ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
    ...(keepOnDevice === undefined || device === "cpu"
      ? {}
      : { preferredOutputLocation: locations as Record<string, "gpu-buffer"> }),
    extra: {
      session: {
        ...(folder === null ? {} : { model_external_initializers_file_folder_path: folder }),
        "intra_op.allow_spinning": "0", // idle threads of one session would take the cores from the next
        ...settings,
      },
    },
  };
}

function toOrt(value: Value): ort.Tensor {
  if ("device" in value) return value.device;
  const { data, shape } = value;
  const type =
    data instanceof Float32Array
      ? "float32"
      : data instanceof Float64Array
        ? "float64"
        : data instanceof BigInt64Array
          ? "int64"
          : data instanceof Int32Array
            ? "int32"
            : data instanceof Uint16Array
              ? "float16"
              : "bool";
  return new ort.Tensor(type as "float32", data as Float32Array, shape);
}

function fromOrt(tensor: ort.Tensor): Value {
  if (tensor.location === "cpu") return { data: tensor.data as TensorData, shape: tensor.dims };
  return { device: tensor, shape: tensor.dims };
}
