/** @file A WebAssembly module of one function over one memory, put together from named instructions. */

/** Memory of a WebAssembly module; arrays on its buffer are ordinary typed arrays. */
export type WasmMemory = { readonly buffer: ArrayBuffer };

/** What is used of the global WebAssembly, which neither Node's types nor the ES library declare. */
type Api = {
  readonly Memory: new (size: { readonly initial: number }) => WasmMemory;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
    imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  ) => { readonly exports: Readonly<Record<string, unknown>> };
};
const { Memory, Module, Instance } = (globalThis as unknown as { WebAssembly: Api }).WebAssembly;

/** Bytes of code. */
export type Code = readonly number[];

const valueType = { i32: 0x7f, f32: 0x7d, f64: 0x7c, v128: 0x7b } as const;
export type ValueType = keyof typeof valueType;

export type WasmFunction = {
  readonly parameters: readonly ValueType[];
  /** Further locals, numbered after the parameters. */
  readonly locals: readonly ValueType[];
  readonly body: Code;
  /** What the body leaves; nothing where not given. */
  readonly result?: ValueType;
};

const page = 65_536; // bytes
/** Pointers have 32 bits. */
const mostPages = 65_536;

/** Memory of at least so many bytes, all zero; null where one module can not address them, or there is not so much. */
export function wasmMemory(bytes: number): WasmMemory | null {
  const pages = Math.ceil(bytes / page);
  if (pages > mostPages) return null;
  try {
    return new Memory({ initial: pages });
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** The instructions that kernels need; `four` are those over four float32 lanes. */
export const wasm = {
  get: (local: number): Code => [0x20, ...unsigned(local)],
  set: (local: number): Code => [0x21, ...unsigned(local)],
  tee: (local: number): Code => [0x22, ...unsigned(local)],
  i32: (value: number): Code => [0x41, ...signed(value)],
  f32: (value: number): Code => [0x43, ...new Uint8Array(Float32Array.of(value).buffer)],
  addI32: [0x6a],
  addF64: [0xa0],
  lessI32: [0x49],
  /** Runs the body again as long as it leaves a true value. */
  loop: (body: Code): Code => [0x03, 0x40, ...body, 0x0d, 0, 0x0b],
  four: {
    load: (offset: number): Code => [...vector(0), 4, ...unsigned(offset)],
    store: (offset: number): Code => [...vector(11), 4, ...unsigned(offset)],
    splat: vector(0x13),
    abs: vector(0xe0),
    neg: vector(0xe1),
    sqrt: vector(0xe3),
    add: vector(0xe4),
    sub: vector(0xe5),
    mul: vector(0xe6),
    div: vector(0xe7),
    min: vector(0xe8),
    max: vector(0xe9),
  },
  /** Over two float64 lanes: `low` widens the lower two of four float32 lanes; `highHalf` of two vectors has the upper ones there. */
  two: {
    low: vector(0x5f),
    highHalf: [...vector(0x0d), ...[8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31]],
    add: vector(0xf0),
    mul: vector(0xf2),
    lane: (index: number): Code => [...vector(0x21), index],
  },
} as const;

/** Compiles a function that works on a memory. Pointers are passed as int32, and read as unsigned. */
export function wasmFunction(
  { parameters, locals, body, result }: WasmFunction,
  memory: WasmMemory,
): (...values: number[]) => number {
  const types = (names: readonly ValueType[]) => list(names.map((name) => [valueType[name]]));
  const code = [...list(locals.map((name) => [1, valueType[name]])), ...body, 0x0b];
  const module = Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, list([[0x60, ...types(parameters), ...types(result ? [result] : [])]])),
    ...section(2, list([[...name("host"), ...name("memory"), 2, 0, 1]])),
    ...section(3, list([[0]])),
    ...section(7, list([[...name("call"), 0, 0]])),
    ...section(10, list([[...unsigned(code.length), ...code]])),
  ]);
  const { exports } = new Instance(new Module(module), { host: { memory } });
  return exports.call as (...values: number[]) => number;
}

/** A vector instruction: the prefix and its number. */
function vector(opcode: number): Code {
  return [0xfd, ...unsigned(opcode)];
}

const section = (id: number, body: Code): Code => [id, ...unsigned(body.length), ...body];
const list = (items: readonly Code[]): Code => [...unsigned(items.length), ...items.flat()];
const name = (text: string): Code => list([...new TextEncoder().encode(text)].map((b) => [b]));

/** LEB128 of a number from 0 to 2³² - 1. */
function unsigned(value: number): Code {
  return value < 128 ? [value] : [(value & 127) | 128, ...unsigned(value >>> 7)];
}

/** LEB128 of an int32. */
function signed(value: number): Code {
  const [low, rest] = [value & 127, value >> 7];
  const last = (rest === 0 && low < 64) || (rest === -1 && low >= 64);
  return last ? [low] : [low | 128, ...signed(rest)];
}
