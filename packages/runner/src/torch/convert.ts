/** @file Turns a pytorch_model.bin into a .safetensors file, once. */

import { closeSync, openSync, readSync } from "node:fs";
import { elementBytes } from "../safetensors.ts";
import { createSafetensors } from "../safetensors-writer.ts";
import { readStateDict, type TorchTensor } from "./state-dict.ts";

const blockBytes = 16 << 20;

/** Writes every tensor of `source` to `target` (temporary name, then renamed), one block at a time. */
export function convertStateDict(source: string, target: string): void {
  const tensors = readStateDict(source);
  const specs = [...tensors].map(([name, { dtype, shape }]) => [name, { dtype, shape }] as const);
  const writer = createSafetensors(target, { tensors: Object.fromEntries(specs) });
  const descriptor = openSync(source, "r");
  try {
    for (const [name, tensor] of tensors) {
      if (isContiguous(tensor))
        copyRows(descriptor, tensor, (rows, at) => writer.write(name, rows, at));
      else writer.write(name, gatherStrided(descriptor, tensor));
    }
    writer.close();
  } finally {
    writer.discard();
    closeSync(descriptor);
  }
}

/** True where the elements lie row-major without gaps. */
function isContiguous({ shape, strides }: TorchTensor): boolean {
  let expected = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    if (shape[i] !== 1 && strides[i] !== expected) return false;
    expected *= shape[i]!;
  }
  return true;
}

function copyRows(
  descriptor: number,
  tensor: TorchTensor,
  write: (rows: Buffer, at: number) => void,
): void {
  const rows = tensor.shape[0] ?? 1;
  const rowBytes = rows === 0 ? 0 : tensor.bytes / rows;
  const most = Math.max(1, Math.floor(blockBytes / Math.max(rowBytes, 1)));
  for (let row = 0; row < rows; row += most) {
    const length = Math.min(most, rows - row) * rowBytes;
    write(readExactly(descriptor, tensor, { from: row * rowBytes, length }), row);
  }
}

/** The elements of a transposed or sliced tensor in row-major order. */
function gatherStrided(descriptor: number, tensor: TorchTensor): Buffer {
  const { shape, strides, dtype } = tensor;
  const width = elementBytes[dtype];
  const reach = shape.reduce((sum, dim, i) => sum + (dim - 1) * strides[i]!, 1);
  const storage = readExactly(descriptor, tensor, { from: 0, length: reach * width });
  const packed = Buffer.alloc(tensor.bytes);
  const index = shape.map(() => 0);
  for (let to = 0; to < packed.length; to += width) {
    const from = index.reduce((sum, at, i) => sum + at * strides[i]!, 0) * width;
    storage.copy(packed, to, from, from + width);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis] = index[axis]! + 1;
      if (index[axis]! < shape[axis]!) break;
      index[axis] = 0;
    }
  }
  return packed;
}

function readExactly(
  descriptor: number,
  tensor: TorchTensor,
  { from, length }: { from: number; length: number },
): Buffer {
  const bytes = Buffer.alloc(length);
  const read = readSync(descriptor, bytes, 0, length, tensor.offset + from);
  if (read !== length)
    throw new Error(`${tensor.file}: ends early, expected ${length} bytes, got ${read}`);
  return bytes;
}
