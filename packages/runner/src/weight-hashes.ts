/** @file Content hashes of weight files, remembered by path, size and time; weights are searched for NaN on the way. */

import { createHash } from "node:crypto";
import { createReadStream, readFileSync, statSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { replaceFile } from "./atomic-file.ts";
import type { SafetensorsHeader, StoredTensor, StoredType } from "./safetensors.ts";

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
    for (const [name, tensor] of tensors) {
      for await (const bytes of blocks(handle, tensor, block)) {
        hash.update(bytes);
        if (hasNonFinite(bytes, tensor.dtype)) {
          throw new Error(`${file}: tensor "${name}" holds NaN or infinite values`);
        }
      }
    }
  } finally {
    await handle.close();
  }
  return hash.digest("hex");
}

async function* blocks(
  handle: FileHandle,
  { offset, bytes, file }: StoredTensor,
  block: Buffer,
): AsyncGenerator<Buffer> {
  for (let done = 0; done < bytes; ) {
    const wanted = Math.min(block.length, bytes - done);
    for (let got = 0; got < wanted; ) {
      const { bytesRead } = await handle.read(block, got, wanted - got, offset + done + got);
      if (bytesRead === 0) throw new Error(`${file}: was cut while it was read`);
      got += bytesRead;
    }
    yield block.subarray(0, wanted);
    done += wanted;
  }
}

/** A float is NaN or infinite exactly when all bits of its exponent are set. */
function hasNonFinite({ buffer, byteLength }: Buffer, dtype: StoredType): boolean {
  switch (dtype) {
    case "F32":
      return holds(new Uint32Array(buffer, 0, byteLength / 4), 0x7f800000);
    case "F16":
      return holds(new Uint16Array(buffer, 0, byteLength / 2), 0x7c00);
    case "BF16":
      return holds(new Uint16Array(buffer, 0, byteLength / 2), 0x7f80);
    case "F64":
      return !new Float64Array(buffer, 0, byteLength / 8).every(Number.isFinite);
    default:
      return false;
  }
}

function holds(words: Uint32Array | Uint16Array, exponent: number): boolean {
  for (let i = 0; i < words.length; i++) if ((words[i]! & exponent) === exponent) return true;
  return false;
}
