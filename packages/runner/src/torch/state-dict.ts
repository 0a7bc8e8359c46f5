/** @file Tensors of a pytorch_model.bin, zip or legacy stream, found without executing anything in it. */

import { closeSync, fstatSync, openSync, readSync, statSync } from "node:fs";
import { elementBytes, type StoredTensor, type StoredType } from "../safetensors.ts";
import { dictOf, type PickleCall, type PickleValue, readPickle } from "./pickle.ts";
import { quoted } from "./quoted.ts";
import { readZipDirectory } from "./zip.ts";

/** A tensor of a state dict: where its storage lies, and how its elements are laid out in it. */
export type TorchTensor = StoredTensor & {
  /** Elements between neighbours along each axis. */
  readonly strides: readonly number[];
};

const storageTypes: Readonly<Record<string, StoredType>> = {
  "torch DoubleStorage": "F64",
  "torch FloatStorage": "F32",
  "torch HalfStorage": "F16",
  "torch BFloat16Storage": "BF16",
  "torch LongStorage": "I64",
  "torch IntStorage": "I32",
  "torch ShortStorage": "I16",
  "torch CharStorage": "I8",
  "torch ByteStorage": "U8",
  "torch BoolStorage": "BOOL",
};
const rebuild = "torch._utils _rebuild_tensor_v2";
const parameter = "torch._utils _rebuild_parameter";

/** Every global that a state dict may name. */
const allowed: ReadonlySet<string> = new Set([
  "collections OrderedDict",
  "torch Size",
  rebuild,
  parameter,
  ...Object.keys(storageTypes),
]);

/** Magic number that opens a legacy stream. */
const legacyMagic = 0x1950a86a20f9469cfc6cn;
const maxPickle = 256 << 20;

type Storage = { readonly offset: number; readonly bytes: number };

/** The tensors by name. Throws where the file is neither kind, is damaged, or asks for anything else. */
export function readStateDict(file: string): ReadonlyMap<string, TorchTensor> {
  if (!statSync(file).isFile()) fail(file, "expected a plain file");
  const descriptor = openSync(file, "r");
  try {
    const magic = Buffer.alloc(4);
    readSync(descriptor, magic, 0, 4, 0);
    const zip = magic.readUInt32LE(0) === 0x04034b50;
    const { root, storages } = zip ? readZip(descriptor, file) : readLegacy(descriptor, file);
    return tensorsOf(root, { file, storages, size: fstatSync(descriptor).size });
  } finally {
    closeSync(descriptor);
  }
}

type Contents = {
  readonly root: PickleValue;
  readonly storages: (key: string, bytes: number) => Storage;
};

function readZip(descriptor: number, file: string): Contents {
  const members = readZipDirectory(descriptor, file);
  const pickled = [...members].find(([name]) => name.endsWith("/data.pkl"));
  if (!pickled)
    throw new Error(
      `${file}: expected a data.pkl in the archive, got ${[...members.keys()].slice(0, 5).map(quoted).join(", ")}`,
    );
  const prefix = pickled[0].slice(0, -"data.pkl".length);
  const order = members.get(`${prefix}byteorder`);
  if (order && readBytes(descriptor, order).toString("utf8") !== "little") {
    throw new Error(`${file}: expected little-endian data`);
  }
  const { value } = readPickle(readBytes(descriptor, pickled[1]), { allowed, where: file });
  return {
    root: value,
    storages: (key, bytes) => {
      const member = members.get(`${prefix}data/${key}`);
      if (!member) throw new Error(`${file}: storage ${quoted(key)} is missing`);
      if (member.bytes < bytes) {
        throw new Error(
          `${file}: storage ${quoted(key)} has ${member.bytes} bytes, expected ${bytes}`,
        );
      }
      return member;
    },
  };
}

function readLegacy(descriptor: number, file: string): Contents {
  const size = fstatSync(descriptor).size;
  const bytes = readBytes(descriptor, { offset: 0, bytes: Math.min(size, maxPickle) });
  let position = 0;
  const next = () => {
    const { value, end } = readPickle(bytes, { start: position, allowed, where: file });
    position = end;
    return value;
  };
  let first: PickleValue;
  try {
    first = next();
  } catch (cause) {
    throw new Error(`${file}: expected a file written by torch.save, got something else`, {
      cause,
    });
  }
  if (first !== legacyMagic)
    throw new Error(`${file}: expected a file written by torch.save, got another pickle`);
  if (next() !== 1001) throw new Error(`${file}: expected protocol 1001 of torch.save`);
  next(); // sizes of types on the machine that wrote it
  const root = next();
  const keys = next();
  const lengths = storageBytes(root);
  const placed = new Map<string, Storage>();
  if (typeof keys !== "object" || keys === null || !("kind" in keys) || keys.kind !== "list") {
    throw new Error(`${file}: expected a list of storages`);
  }
  for (const key of keys.items) {
    const known = lengths.get(String(key));
    if (position + 8 > size || known === undefined)
      throw new Error(`${file}: storage ${quoted(String(key))} is missing: is the file truncated?`);
    const count = Number(readBytes(descriptor, { offset: position, bytes: 8 }).readBigInt64LE());
    const length = count * known;
    if (count < 0 || position + 8 + length > size)
      throw new Error(
        `${file}: storage ${quoted(String(key))} ends after the file: is it truncated?`,
      );
    placed.set(String(key), { offset: position + 8, bytes: length });
    position += 8 + length;
  }
  return {
    root,
    storages: (key, needed) => {
      const found = placed.get(key);
      if (!found || found.bytes < needed)
        throw new Error(`${file}: storage ${quoted(key)} is shorter than its tensor`);
      return found;
    },
  };
}

/** Bytes per element of every storage that the pickle refers to. */
function storageBytes(root: PickleValue): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  const pending: PickleValue[] = [root];
  const seen = new Set<PickleValue>();
  while (pending.length > 0) {
    const value = pending.pop()!;
    if (typeof value !== "object" || value === null || !("kind" in value) || seen.has(value))
      continue;
    seen.add(value);
    if (value.kind === "reference") {
      const storage = storageOf(value);
      if (storage) found.set(storage.key, elementBytes[storage.dtype]);
    } else for (const part of partsOf(value)) pending.push(part);
  }
  return found;
}

function partsOf(value: Extract<PickleValue, { readonly kind: string }>): Iterable<PickleValue> {
  if (value.kind === "dict") return value.entries.values();
  if (value.kind === "list" || value.kind === "tuple") return value.items;
  return value.kind === "call" ? value.args : [];
}

function storageOf(
  value: PickleValue | undefined,
): { readonly key: string; readonly dtype: StoredType; readonly count: number } | null {
  if (
    typeof value !== "object" ||
    value === null ||
    !("kind" in value) ||
    value.kind !== "reference"
  )
    return null;
  const { id } = value;
  if (typeof id !== "object" || id === null || !("kind" in id) || id.kind !== "tuple") return null;
  const [word, type, key, , count] = id.items;
  const name =
    typeof type === "object" && type !== null && "kind" in type && type.kind === "global"
      ? type.name
      : "";
  const dtype = storageTypes[name];
  if (word !== "storage" || dtype === undefined || typeof count !== "number") return null;
  return { key: String(key), dtype, count };
}

/** Tied weights are stored once and named twice; more is a file made to fill the disk when converted. */
const mostCopies = 4;

type Source = {
  readonly file: string;
  /** Bytes of the file. */
  readonly size: number;
  readonly storages: Contents["storages"];
};

function tensorsOf(root: PickleValue, at: Source): ReadonlyMap<string, TorchTensor> {
  const top = dictOf(root) ?? fail(at.file, "expected a dict of tensors");
  const nested = [...top.entries].find(([name]) => name === "state_dict" || name === "model")?.[1];
  const entries = (dictOf(nested) ?? top).entries;
  const tensors = new Map<string, TorchTensor>();
  let bytes = 0;
  for (const [name, value] of entries) {
    if (typeof name !== "string") continue;
    const tensor = tensorOf(unwrapped(value), { ...at, name });
    if (!tensor) continue;
    tensors.set(name, tensor);
    bytes += tensor.bytes;
    if (bytes > mostCopies * at.size) {
      fail(at.file, `its tensors are more than ${mostCopies} times its own ${at.size} bytes`);
    }
  }
  if (tensors.size === 0) fail(at.file, "expected a dict of tensors, got none");
  return tensors;
}

/** What a parameter wraps. */
function unwrapped(value: PickleValue): PickleValue {
  return isCall(value) && value.name === parameter ? (value.args[0] ?? null) : value;
}

function isCall(value: PickleValue): value is PickleCall {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "call";
}

function tensorOf(value: PickleValue, at: Source & { readonly name: string }): TorchTensor | null {
  if (!isCall(value) || value.name !== rebuild) return null;
  const [reference, start, shapeTuple, strideTuple] = value.args;
  const storage = storageOf(reference) ?? fail(at.file, `tensor ${quoted(at.name)} has no storage`);
  const shape = integers(shapeTuple, at);
  const strides = integers(strideTuple, at);
  if (!Number.isSafeInteger(start) || Number(start) < 0 || shape.length !== strides.length)
    fail(at.file, `tensor ${quoted(at.name)} is laid out wrongly`);
  const width = elementBytes[storage.dtype];
  const count = shape.reduce((product, dim) => product * dim, 1);
  const reach =
    count === 0 ? 0 : shape.reduce((sum, dim, i) => sum + (dim - 1) * strides[i]!, 0) + 1;
  const end = (Number(start) + reach) * width;
  if (!Number.isSafeInteger(end) || end > storage.count * width)
    fail(at.file, `tensor ${quoted(at.name)} reaches past its storage`);
  const lies = at.storages(storage.key, end);
  if (count * width > lies.bytes) {
    fail(at.file, `tensor ${quoted(at.name)} has ${count} elements, more than its storage`);
  }
  return {
    file: at.file,
    offset: lies.offset + Number(start) * width,
    bytes: count * width,
    dtype: storage.dtype,
    shape,
    strides,
  };
}

function integers(
  value: PickleValue | undefined,
  at: Pick<Source, "file"> & { readonly name: string },
): readonly number[] {
  const items =
    typeof value === "object" && value !== null && "kind" in value && value.kind === "tuple"
      ? value.items
      : null;
  if (
    !items?.every((item) => typeof item === "number" && Number.isSafeInteger(item) && item >= 0)
  ) {
    return fail(at.file, `tensor ${quoted(at.name)} has no usable shape`);
  }
  return items as readonly number[];
}

function readBytes(descriptor: number, { offset, bytes }: Storage): Buffer {
  if (bytes > maxPickle) throw new Error(`expected at most ${maxPickle} bytes, got ${bytes}`);
  const buffer = Buffer.alloc(bytes);
  readSync(descriptor, buffer, 0, bytes, offset);
  return buffer;
}

function fail(file: string, problem: string): never {
  throw new Error(`${file}: ${problem}`);
}
