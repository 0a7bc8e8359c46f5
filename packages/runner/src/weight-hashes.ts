/** @file Content hashes of weight files, remembered by path, size and time; weights are searched for NaN on the way. */

import { createHash } from "node:crypto";
import { createReadStream, readFileSync, statSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { replaceFile } from "./atomic-file.ts";
import {
  elementBytes,
  type SafetensorsHeader,
  type StoredTensor,
  type StoredType,
} from "./safetensors.ts";

/** Sha256 of each weight file by path; throws when a float in it is NaN or infinite. */
export async function hashWeights(
  headers: ReadonlyMap<string, SafetensorsHeader>,
  memory?: string,
): Promise<ReadonlyMap<string, string>> {
  const known = memory === undefined ? {} : recall(memory);
  const hashes = new Map<string, string>();
  const learned: Record<string, Remembered> = {};
  for (const [file, header] of headers) {
    const { size, mtimeMs } = statSync(file);
    const remembered = Object.hasOwn(known, file) ? known[file] : undefined;
    if (remembered?.size === size && remembered.mtimeMs === mtimeMs) {
      hashes.set(file, remembered.sha256);
      continue;
    }
    const sha256 = await hashFile(file, header);
    hashes.set(file, sha256);
    learned[file] = { size, mtimeMs, sha256 };
  }
  if (memory !== undefined && Object.keys(learned).length > 0) {
    // read again: another process may have learned something while this one was hashing
    replaceFile(
      join(memory, hashesFile),
      JSON.stringify({ ...recall(memory), ...learned }, null, 1),
    );
  }
  return hashes;
}

const hashesFile = "weight-hashes.json";
const remembered = z.object({ size: z.number(), mtimeMs: z.number(), sha256: z.string() });
type Remembered = z.infer<typeof remembered>;

/** Hashes known from earlier; an unreadable memory is an empty one, it only saves time. */
function recall(folder: string): Readonly<Record<string, Remembered>> {
  try {
    const file = readFileSync(join(folder, hashesFile), "utf8");
    return z.record(z.string(), remembered).parse(JSON.parse(file));
  } catch {
    return {};
  }
}

const blockBytes = 4 << 20;

/** Tensors fill a file without gaps, so reading them one after the other reads every byte once. */
async function hashFile(file: string, { tensors, dataStart }: SafetensorsHeader): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file, { end: dataStart - 1 })) hash.update(chunk);
  const handle = await open(file);
  try {
    const block = Buffer.from(new ArrayBuffer(blockBytes));
    let position = dataStart;
    for (const parts of blocks(tensors)) {
      const length = parts.reduce((sum, { bytes }) => sum + bytes, 0);
      await fill(block.subarray(0, length), { handle, file, position });
      hash.update(block.subarray(0, length));
      position += length;
      let start = 0;
      for (const { name, dtype, bytes } of parts) {
        if (hasNonFinite(block.subarray(start, start + bytes), dtype)) {
          throw new Error(`${file}: tensor "${name}" holds NaN or infinite values`);
        }
        start += bytes;
      }
    }
  } finally {
    await handle.close();
  }
  return hash.digest("hex");
}

type Part = { readonly name: string; readonly dtype: StoredType; readonly bytes: number };

/** What to read at a time: many small tensors together, large ones in parts of whole numbers. */
function* blocks(tensors: ReadonlyMap<string, StoredTensor>): Generator<readonly Part[]> {
  let parts: Part[] = [];
  let room = blockBytes;
  for (const [name, { dtype, bytes: all }] of tensors) {
    for (let done = 0; done < all; ) {
      const bytes = Math.min(all - done, room - (room % elementBytes[dtype]));
      if (bytes > 0) parts.push({ name, dtype, bytes });
      done += bytes;
      room -= bytes;
      if (done < all) {
        yield parts;
        parts = [];
        room = blockBytes;
      }
    }
  }
  if (parts.length > 0) yield parts;
}

type Source = { readonly handle: FileHandle; readonly file: string; readonly position: number };

async function fill(block: Buffer, { handle, file, position }: Source): Promise<void> {
  for (let got = 0; got < block.length; ) {
    const { bytesRead } = await handle.read(block, got, block.length - got, position + got);
    if (bytesRead === 0) throw new Error(`${file}: was cut while it was read`);
    got += bytesRead;
  }
}

/** A float is NaN or infinite exactly when all bits of its exponent are set. */
function hasNonFinite(bytes: Buffer, dtype: StoredType): boolean {
  const { buffer, byteOffset, byteLength } =
    bytes.byteOffset % elementBytes[dtype] === 0 ? bytes : new Uint8Array(bytes);
  switch (dtype) {
    case "F32":
      return holds(new Uint32Array(buffer, byteOffset, byteLength / 4), 0x7f800000);
    case "F16":
      return holds(new Uint16Array(buffer, byteOffset, byteLength / 2), 0x7c00);
    case "BF16":
      return holds(new Uint16Array(buffer, byteOffset, byteLength / 2), 0x7f80);
    case "F64":
      return !new Float64Array(buffer, byteOffset, byteLength / 8).every(Number.isFinite);
    default:
      return false;
  }
}

function holds(words: Uint32Array | Uint16Array, exponent: number): boolean {
  for (let i = 0; i < words.length; i++) if ((words[i]! & exponent) === exponent) return true;
  return false;
}
