/** @file A reader of the few pickle opcodes that a PyTorch state dict is made of. It executes nothing. */

import { quoted } from "./quoted.ts";

/** A global that a pickle names; only those on a list are let through, and none is ever called. */
export type PickleGlobal = { readonly kind: "global"; readonly name: string };
/** What a pickle asked to be called, recorded instead: a known global with its arguments. */
export type PickleCall = {
  readonly kind: "call";
  readonly name: string;
  readonly args: readonly PickleValue[];
};
/** A reference to data outside the pickle: PyTorch's storages. */
export type PickleReference = { readonly kind: "reference"; readonly id: PickleValue };
export type PickleDict = { readonly kind: "dict"; readonly entries: Map<PickleValue, PickleValue> };
export type PickleList = { readonly kind: "list"; readonly items: PickleValue[] };
export type PickleTuple = { readonly kind: "tuple"; readonly items: readonly PickleValue[] };
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PickleGlobal
  | PickleCall
  | PickleReference
  | PickleDict
  | PickleList
  | PickleTuple;

/** Bounds that no honest state dict comes near. */
const limits = { values: 2_000_000, text: 1 << 20 };

type Machine = {
  readonly stack: PickleValue[];
  readonly marks: number[];
  readonly memo: Map<number, PickleValue>;
};

/** A cursor over bytes that throws instead of reading past the end. */
class Cursor {
  position: number;
  readonly #bytes: Buffer;
  readonly #where: string;

  constructor(bytes: Buffer, position: number, where: string) {
    this.#bytes = bytes;
    this.position = position;
    this.#where = where;
  }

  fail(problem: string): never {
    throw new Error(`${this.#where}: ${problem} at byte ${this.position}`);
  }

  take(length: number): Buffer {
    if (length < 0 || this.position + length > this.#bytes.length) {
      this.fail(`pickle ends early, expected ${length} more bytes`);
    }
    const part = this.#bytes.subarray(this.position, this.position + length);
    this.position += length;
    return part;
  }

  line(): string {
    const end = this.#bytes.indexOf(0x0a, this.position);
    if (end < 0 || end - this.position > limits.text)
      this.fail("pickle ends early, expected a line");
    const text = this.#bytes.toString("utf8", this.position, end);
    this.position = end + 1;
    return text;
  }

  text(length: number): string {
    if (length > limits.text) this.fail(`a text of ${length} bytes is more than a state dict has`);
    return this.take(length).toString("utf8");
  }

  u8 = (): number => this.take(1).readUInt8();
  u16 = (): number => this.take(2).readUInt16LE();
  i32 = (): number => this.take(4).readInt32LE();
  u32 = (): number => this.take(4).readUInt32LE();
  u64 = (): number => {
    const value = this.take(8).readBigUInt64LE();
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) this.fail(`length ${value} is too large`);
    return Number(value);
  };
}

/** Little-endian two's complement of any length. */
function long(bytes: Buffer): number | bigint {
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]!);
  if (bytes.length > 0 && bytes[bytes.length - 1]! >= 0x80) value -= 1n << BigInt(8 * bytes.length);
  const small = Number(value);
  return Number.isSafeInteger(small) ? small : value;
}

const char = (c: string): number => c.charCodeAt(0);

/**
 * Reads one pickle from `start`. `allowed` lists the globals ("module name") that may occur; any
 * other is refused by name. Returns the value and the position after it.
 */
export function readPickle(
  bytes: Buffer,
  {
    start = 0,
    allowed,
    where,
  }: { readonly start?: number; readonly allowed: ReadonlySet<string>; readonly where: string },
): { readonly value: PickleValue; readonly end: number } {
  const from = new Cursor(bytes, start, where);
  const m: Machine = { stack: [], marks: [], memo: new Map() };
  let values = 0;
  const push = (value: PickleValue) => {
    values += 1;
    if (values > limits.values) from.fail(`more than ${limits.values} values`);
    m.stack.push(value);
  };
  const pop = (): PickleValue => {
    if (m.stack.length <= (m.marks.at(-1) ?? 0)) from.fail("pickle takes from an empty stack");
    return m.stack.pop() as PickleValue;
  };
  const top = (): PickleValue => {
    const value = m.stack.at(-1);
    return value === undefined ? from.fail("pickle looks at an empty stack") : value;
  };
  const toMark = (): PickleValue[] => {
    const mark = m.marks.pop();
    return mark === undefined ? from.fail("pickle misses a mark") : m.stack.splice(mark);
  };
  const global = (name: string): PickleGlobal => {
    if (!allowed.has(name))
      from.fail(`refused: the file asks for ${quoted(name)}, which a state dict does not need`);
    return { kind: "global", name };
  };
  const recall = (index: number) => {
    const value = m.memo.get(index);
    push(value === undefined ? from.fail(`pickle recalls ${index}, which it never stored`) : value);
  };
  const remember = (index: number) => {
    m.memo.set(index, top());
    if (m.memo.size > limits.values) from.fail(`more than ${limits.values} remembered values`);
  };
  const setItems = (items: readonly PickleValue[]) => {
    const target = top();
    const dict = dictOf(target) ?? from.fail("pickle sets an item of something that is no dict");
    for (let i = 0; i + 1 < items.length; i += 2) dict.entries.set(items[i]!, items[i + 1]!);
  };
  const append = (items: readonly PickleValue[]) => {
    const target = top();
    if (
      typeof target !== "object" ||
      target === null ||
      !("kind" in target) ||
      target.kind !== "list"
    ) {
      return from.fail("pickle appends to something that is no list");
    }
    for (const item of items) target.items.push(item);
  };
  const tuple = (items: readonly PickleValue[]) => push({ kind: "tuple", items });
  const last = (count: number) => Array.from({ length: count }, pop).reverse();

  for (;;) {
    const op = from.u8();
    switch (op) {
      case 0x80: // PROTO
        if (from.u8() > 5) from.fail("unknown pickle protocol");
        break;
      case 0x95: // FRAME
        from.u64();
        break;
      case char("."):
        return { value: pop(), end: from.position };
      case char("("):
        m.marks.push(m.stack.length);
        break;
      case char("0"):
        pop();
        break;
      case char("N"):
        push(null);
        break;
      case 0x88:
        push(true);
        break;
      case 0x89:
        push(false);
        break;
      case char("K"):
        push(from.u8());
        break;
      case char("M"):
        push(from.u16());
        break;
      case char("J"):
        push(from.i32());
        break;
      case 0x8a: // LONG1
        push(long(from.take(from.u8())));
        break;
      case char("G"):
        push(from.take(8).readDoubleBE());
        break;
      case char("X"):
        push(from.text(from.u32()));
        break;
      case 0x8c: // SHORT_BINUNICODE
        push(from.text(from.u8()));
        break;
      case 0x8d: // BINUNICODE8
        push(from.text(from.u64()));
        break;
      case char("U"): // SHORT_BINSTRING
        push(from.text(from.u8()));
        break;
      case char("T"): // BINSTRING
        push(from.text(from.u32()));
        break;
      case char("C"): // SHORT_BINBYTES
        push(from.take(from.u8()));
        break;
      case char("B"): // BINBYTES
        push(from.take(from.u32()));
        break;
      case char(")"):
        tuple([]);
        break;
      case 0x85:
        tuple(last(1));
        break;
      case 0x86:
        tuple(last(2));
        break;
      case 0x87:
        tuple(last(3));
        break;
      case char("t"):
        tuple(toMark());
        break;
      case char("]"):
        push({ kind: "list", items: [] });
        break;
      case char("l"):
        push({ kind: "list", items: toMark() });
        break;
      case char("a"):
        append([pop()]);
        break;
      case char("e"):
        append(toMark());
        break;
      case char("}"):
        push({ kind: "dict", entries: new Map() });
        break;
      case char("s"):
        setItems(last(2));
        break;
      case char("u"):
        setItems(toMark());
        break;
      case char("q"):
        remember(from.u8());
        break;
      case char("r"):
        remember(from.u32());
        break;
      case 0x94: // MEMOIZE
        remember(m.memo.size);
        break;
      case char("h"):
        recall(from.u8());
        break;
      case char("j"):
        recall(from.u32());
        break;
      case char("c"):
        push(global(`${from.line()} ${from.line()}`));
        break;
      case 0x93: {
        // STACK_GLOBAL
        const [module, name] = last(2);
        push(global(`${String(module)} ${String(name)}`));
        break;
      }
      case char("R"): {
        // REDUCE: recorded, not done
        const args = pop();
        const called = pop();
        push(recorded(called, args) ?? from.fail("pickle calls something that is no known global"));
        break;
      }
      case char("b"): // BUILD: attributes of an ordered dict, of no use to us
        pop();
        break;
      case char("Q"): // BINPERSID
        push({ kind: "reference", id: pop() });
        break;
      default:
        from.fail(`refused: pickle opcode 0x${op.toString(16)}, which a state dict does not need`);
    }
  }
}

function recorded(called: PickleValue, args: PickleValue): PickleValue | null {
  if (
    typeof called !== "object" ||
    called === null ||
    !("kind" in called) ||
    called.kind !== "global"
  )
    return null;
  if (typeof args !== "object" || args === null || !("kind" in args) || args.kind !== "tuple")
    return null;
  if (called.name === "collections OrderedDict") return { kind: "dict", entries: new Map() };
  return { kind: "call", name: called.name, args: args.items };
}

/** The value as a dict, or null. */
export function dictOf(value: PickleValue | undefined): PickleDict | null {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "dict"
    ? value
    : null;
}
