/** @file Strict reader of .safetensors files: the header, whole tensors, and row blocks of one tensor. */

import { closeSync, fstatSync, openSync, readSync, statSync } from "node:fs";
import { bfloat16ToFloat32, float16ToFloat32 } from "./floats.ts";
import { parseJson } from "./parse-json.ts";

/** Bytes per value of every element type that is read. */
export const elementBytes = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U64: 8,
  U32: 4,
  U16: 2,
  U8: 1,
  BOOL: 1,
} as const;

/** Element type of a stored tensor, in the spelling of the format. */
export type StoredType = keyof typeof elementBytes;

/** Where one tensor lies: `offset` counts from the start of the file. */
export type StoredTensor = {
  readonly file: string;
  readonly offset: number;
  readonly bytes: number;
  readonly dtype: StoredType;
  readonly shape: readonly number[];
};

/** What the header of a file says: its tensors by name, in file order, and the free `__metadata__`. */
export type SafetensorsHeader = {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly metadata: Readonly<Record<string, string>>;
  /** First byte after the header. */
  readonly dataStart: number;
};

/** Numbers, lists and names of a header: a million tensors have eight each. */
const mostValues = 2 ** 24;

const largestHeader = 100_000_000; // bytes; the limit of the reference implementation

/**
 * Reads and checks the header. The tensors must fill the rest of the file exactly, without gap or overlap,
 * so a truncated file is found here and not in the middle of a run.
 */
export function readHeader(file: string): SafetensorsHeader {
  if (!statSync(file).isFile()) throw new Error(`${file}: expected a plain file`);
  const descriptor = openSync(file, "r");
  try {
    const size = fstatSync(descriptor).size;
    if (size < 8) {
      throw new Error(`${file}: expected a safetensors file of at least 8 bytes, got ${size}`);
    }
    const length = Number(readBytes(descriptor, 0, 8).readBigUInt64LE());
    if (length > largestHeader) {
      throw new Error(
        `${file}: expected a header of at most ${largestHeader} bytes, got ${length}` +
          " (not a safetensors file?)",
      );
    }
    if (8 + length > size) {
      throw new Error(`${file}: header of ${length} bytes is longer than the file, ${size} bytes`);
    }
    const entries = parseHeader(file, readBytes(descriptor, 8, length));
    const dataStart = 8 + length;
    const tensors = new Map<string, StoredTensor>();
    let metadata: Readonly<Record<string, string>> = {};
    for (const [name, entry] of entries) {
      if (name === "__metadata__") metadata = checkMetadata(file, entry);
      else tensors.set(name, checkTensor({ file, name, entry, dataStart }));
    }
    const ordered = [...tensors].sort(([, a], [, b]) => a.offset - b.offset || a.bytes - b.bytes);
    checkLayout({ file, ordered, dataStart, size });
    return { tensors: new Map(ordered), metadata, dataStart };
  } finally {
    closeSync(descriptor);
  }
}

/** The raw bytes of rows [start, end) of the first axis; a whole tensor when no rows are given. */
export function readRowBytes(tensor: StoredTensor, start = 0, end = rowCount(tensor)): Buffer {
  const rows = rowCount(tensor);
  if (!(start >= 0 && start <= end && end <= rows)) {
    throw new Error(`${tensor.file}: expected rows within 0 to ${rows}, got ${start} to ${end}`);
  }
  const rowBytes = rows === 0 ? 0 : tensor.bytes / rows;
  const descriptor = openSync(tensor.file, "r");
  try {
    return readBytes(descriptor, tensor.offset + start * rowBytes, (end - start) * rowBytes);
  } finally {
    closeSync(descriptor);
  }
}

/** Rows [start, end) of a float tensor as Float32 (F64 is rounded); a whole tensor when no rows are given. */
export function readRows(tensor: StoredTensor, start?: number, end?: number): Float32Array {
  return toFloat32(readRowBytes(tensor, start, end), tensor);
}

/** Raw little-endian bytes of a float tensor as Float32. */
export function toFloat32(
  bytes: Buffer,
  { dtype, file }: Pick<StoredTensor, "dtype" | "file">,
): Float32Array {
  const { buffer, byteOffset, length } = bytes;
  switch (dtype) {
    case "F32":
      return new Float32Array(buffer, byteOffset, length / 4);
    case "F16":
      return float16ToFloat32(new Uint16Array(buffer, byteOffset, length / 2));
    case "BF16":
      return bfloat16ToFloat32(new Uint16Array(buffer, byteOffset, length / 2));
    case "F64":
      return Float32Array.from(new Float64Array(buffer, byteOffset, length / 8));
    default:
      throw new Error(`${file}: expected dtype F64, F32, F16 or BF16, got ${dtype}`);
  }
}

/** Length of the first axis; 1 for a scalar. */
export function rowCount(tensor: Pick<StoredTensor, "shape">): number {
  return tensor.shape[0] ?? 1;
}

function parseHeader(file: string, bytes: Buffer): readonly (readonly [string, unknown])[] {
  let header: unknown;
  try {
    header = parseJson(new TextDecoder("utf-8", { fatal: true }).decode(bytes), {
      values: mostValues,
    });
  } catch (cause) {
    throw new Error(`${file}: expected a header in JSON (not a safetensors file?)`, { cause });
  }
  if (!isRecord(header)) throw new Error(`${file}: expected a JSON object as header`);
  return Object.entries(header);
}

function checkMetadata(file: string, entry: unknown): Readonly<Record<string, string>> {
  if (!isRecord(entry) || Object.values(entry).some((value) => typeof value !== "string")) {
    throw new Error(`${file}: expected __metadata__ to map names to strings`);
  }
  return entry as Record<string, string>;
}

type TensorEntry = { file: string; name: string; entry: unknown; dataStart: number };

function checkTensor({ file, name, entry, dataStart }: TensorEntry): StoredTensor {
  const where = `${file}: tensor ${show(name)}`;
  if (!isRecord(entry)) throw new Error(`${where}: expected an object, got ${show(entry)}`);
  const { dtype, shape, data_offsets: offsets } = entry;
  if (typeof dtype !== "string" || !Object.hasOwn(elementBytes, dtype)) {
    const known = Object.keys(elementBytes).join(", ");
    throw new Error(`${where}: unknown dtype ${show(dtype)}, expected one of ${known}`);
  }
  if (!isCounts(shape)) {
    throw new Error(`${where}: expected a shape of whole numbers, got ${show(shape)}`);
  }
  if (!isCounts(offsets) || offsets.length !== 2 || offsets[0]! > offsets[1]!) {
    throw new Error(`${where}: expected data_offsets [start, end], got ${show(offsets)}`);
  }
  const type = dtype as StoredType;
  const bytes = offsets[1]! - offsets[0]!;
  const expected = shape.reduce((product, size) => product * size, elementBytes[type]);
  if (bytes !== expected) {
    throw new Error(
      `${where}: shape ${show(shape)} of ${type} needs ${expected} bytes, data_offsets hold ${bytes}`,
    );
  }
  return { file, offset: dataStart + offsets[0]!, bytes, dtype: type, shape };
}

type Layout = {
  file: string;
  ordered: readonly (readonly [string, StoredTensor])[];
  dataStart: number;
  size: number;
};

function checkLayout({ file, ordered, dataStart, size }: Layout): void {
  let end = dataStart;
  let before = "the header";
  for (const [name, { offset, bytes }] of ordered) {
    const where = `${file}: tensor "${name}"`;
    if (offset < end) throw new Error(`${where} overlaps ${before} by ${end - offset} bytes`);
    if (offset > end)
      throw new Error(`${where} leaves a gap of ${offset - end} bytes after ${before}`);
    end = offset + bytes;
    before = `tensor "${name}"`;
    if (end > size) {
      throw new Error(
        `${where}: data end at byte ${end}, the file has ${size} (truncated download?)`,
      );
    }
  }
  if (end < size)
    throw new Error(`${file}: ${size - end} bytes after ${before} belong to no tensor`);
}

const largestRead = 1 << 30; // read(2) stops just below 2 GiB

function readBytes(descriptor: number, position: number, length: number): Buffer {
  const bytes = Buffer.from(new ArrayBuffer(length)); // its own memory: views start aligned
  for (let done = 0; done < length; ) {
    const wanted = Math.min(length - done, largestRead);
    const got = readSync(descriptor, bytes, done, wanted, position + done);
    if (got === 0)
      throw new Error(`file ended at byte ${position + done}, it was cut while in use`);
    done += got;
  }
  return bytes;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCounts(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
