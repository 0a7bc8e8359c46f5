/** @file Writer of .safetensors files: whole, or as a stream of row blocks in any order. */

import { ftruncateSync } from "node:fs";
import { openPending, writeAll } from "./atomic-file.ts";
import { elementBytes, type StoredType } from "./safetensors.ts";

/** Type and shape of a tensor to be written. */
export type TensorSpec = { readonly dtype: StoredType; readonly shape: readonly number[] };

/** A tensor to be written; `data` holds its values row-major (F16 and BF16 as their bits). */
export type TensorData = TensorSpec & { readonly data: ArrayBufferView };

type Header = {
  readonly tensors: Readonly<Record<string, TensorSpec>>;
  readonly metadata?: Readonly<Record<string, string>>;
};

/** A file under its temporary name; it appears under its own when `close` finds every row written. */
export type SafetensorsWriter = {
  /** Writes whole rows of one tensor, beginning at row `row`. Each row is written once, in any order. */
  readonly write: (name: string, data: ArrayBufferView, row?: number) => void;
  readonly close: () => void;
  /** Drops the file; does nothing after `close`. */
  readonly discard: () => void;
};

/** Writes all tensors and renames the file into place. */
export function writeSafetensors(
  file: string,
  tensors: Readonly<Record<string, TensorData>>,
  metadata: Readonly<Record<string, string>> = {},
): void {
  const writer = createSafetensors(file, { tensors, metadata });
  try {
    for (const [name, { data }] of Object.entries(tensors)) writer.write(name, data);
    writer.close();
  } finally {
    writer.discard();
  }
}

/** Lays the file out from the shapes alone, so that rows can be written as they come. */
export function createSafetensors(file: string, header: Header): SafetensorsWriter {
  const { bytes, places, size } = layOut(header);
  const pending = openPending(file);
  const missing = new Map([...places].map(([name, place]) => [name, place.bytes]));
  try {
    ftruncateSync(pending.descriptor, size);
    writeAll(pending.descriptor, bytes, 0);
  } catch (cause) {
    pending.discard();
    throw new Error(`${file}: can not be written`, { cause });
  }
  return {
    write: (name, data, row = 0) => {
      const place = places.get(name);
      if (!place) throw new Error(`internal: ${file} has no tensor "${name}"`);
      const start = row * place.rowBytes;
      const length = data.byteLength;
      if (start + length > place.bytes || (place.rowBytes > 0 && length % place.rowBytes !== 0)) {
        throw new Error(
          `internal: ${length} bytes at row ${row} do not fit tensor "${name}" of ${place.bytes} bytes`,
        );
      }
      writeAll(
        pending.descriptor,
        new Uint8Array(data.buffer, data.byteOffset, length),
        place.offset + start,
      );
      missing.set(name, missing.get(name)! - length);
    },
    close: () => {
      for (const [name, left] of missing) {
        if (left === 0) continue;
        pending.discard();
        throw new Error(`internal: ${file}: tensor "${name}" is ${left} bytes short of its shape`);
      }
      pending.commit();
    },
    discard: pending.discard,
  };
}

type Place = { readonly offset: number; readonly bytes: number; readonly rowBytes: number };

/** Bytes of the header and the place of every tensor. Wide types first, and a header padded to 8 bytes: every tensor starts aligned to its type. */
export function layOut({ tensors, metadata }: Header): {
  bytes: Buffer;
  places: ReadonlyMap<string, Place>;
  size: number;
} {
  const ordered = Object.entries(tensors).sort(
    ([, a], [, b]) => elementBytes[b.dtype] - elementBytes[a.dtype],
  );
  const entries: [string, unknown][] = [];
  const relative = new Map<string, Place>();
  if (metadata && Object.keys(metadata).length > 0) entries.push(["__metadata__", metadata]);
  let end = 0;
  for (const [name, { dtype, shape }] of ordered) {
    const bytes = shape.reduce((product, size) => product * size, elementBytes[dtype]);
    const rows = shape[0] ?? 1;
    relative.set(name, { offset: end, bytes, rowBytes: rows === 0 ? 0 : bytes / rows });
    entries.push([name, { dtype, shape, data_offsets: [end, end + bytes] }]);
    end += bytes;
  }
  const text = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  const length = Math.ceil(text.length / 8) * 8;
  const bytes = Buffer.alloc(8 + length, " ");
  bytes.writeBigUInt64LE(BigInt(length));
  text.copy(bytes, 8);
  const places = new Map(
    [...relative].map(([name, place]) => [name, { ...place, offset: place.offset + 8 + length }]),
  );
  return { bytes, places, size: 8 + length + end };
}
