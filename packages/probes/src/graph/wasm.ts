/** @file A WebAssembly module of one function over one memory, put together from named instructions. */

/** What is used of the global WebAssembly, which neither Node's types nor the ES library declare. */
type Api = {
  readonly Memory: new (size: { readonly initial: number }) => { readonly buffer: ArrayBuffer };
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
    imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  ) => { readonly exports: Readonly<Record<string, unknown>> };
};
const { Memory, Module, Instance } = (globalThis as unknown as { WebAssembly: Api }).WebAssembly;

/** Bytes of code. */
export type Code = readonly number[];

const valueType = { i32: 0x7f, f32: 0x7d, v128: 0x7b } as const;
export type ValueType = keyof typeof valueType;

export type WasmFunction = {
  readonly parameters: readonly ValueType[];
  /** Further locals, numbered after the parameters. */
  readonly locals: readonly ValueType[];
  readonly body: Code;
};

/** The instructions that kernels need; `four` are those over four float32 lanes. */
export const wasm = {
  get: (local: number): Code => [0x20, ...unsigned(local)],
  set: (local: number): Code => [0x21, ...unsigned(local)],
  tee: (local: number): Code => [0x22, ...unsigned(local)],
  i32: (value: number): Code => [0x41, ...signed(value)],
  f32: (value: number): Code => [0x43, ...new Uint8Array(Float32Array.of(value).buffer)],
  addI32: [0x6a],
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
} as const;

/** Compiles a function; it works on the memory that comes back, of at least `bytes` bytes. */
export function wasmFunction(
  { parameters, locals, body }: WasmFunction,
  bytes: number,
): { readonly memory: ArrayBuffer; readonly call: (...values: number[]) => void } {
  const memory = new Memory({ initial: Math.ceil(bytes / 65536) });
  const types = (names: readonly ValueType[]) => list(names.map((name) => [valueType[name]]));
  const code = [...list(locals.map((name) => [1, valueType[name]])), ...body, 0x0b];
  const module = Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, list([[0x60, ...types(parameters), ...types([])]])),
    ...section(2, list([[...name("host"), ...name("memory"), 2, 0, 1]])),
    ...section(3, list([[0]])),
    ...section(7, list([[...name("call"), 0, 0]])),
    ...section(10, list([[...unsigned(code.length), ...code]])),
  ]);
  const { exports } = new Instance(new Module(module), { host: { memory } });
  return { memory: memory.buffer, call: exports.call as (...values: number[]) => void };
}

/** A four-lane instruction: the prefix and its number. */
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
