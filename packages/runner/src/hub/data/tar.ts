/** @file Reads named files out of a .tar or .tar.gz into memory; nothing is unpacked, and no other name is looked at. */

import { createReadStream } from "node:fs";
import { createGunzip } from "node:zlib";

const block = 512;

/** More than any archive we know unpacks to: beyond it an archive is a bomb. */
const mostBytes = 2 ** 30;

/** Contents of the wanted files by name; throws when one is missing, a link, or the archive is damaged. */
export async function readTar(
  file: string,
  wanted: readonly string[],
): Promise<ReadonlyMap<string, Buffer>> {
  const found = new Map<string, Buffer>();
  const bytes = bytesOf(file);
  try {
    while (found.size < wanted.length) {
      const header = await bytes.take(block);
      if (header.length < block || header.every((byte) => byte === 0)) break;
      const { name, size, type } = readHeader(header, file);
      const padded = Math.ceil(size / block) * block;
      if (!wanted.includes(name) || found.has(name)) {
        await bytes.skip(padded);
        continue;
      }
      if (type !== "0" && type !== "\0") throw new Error(`${file}: ${name} is not a plain file`);
      const contents = await bytes.take(padded);
      if (contents.length < size) throw new Error(`${file}: ends inside ${name}`);
      found.set(name, contents.subarray(0, size));
    }
  } finally {
    bytes.close();
  }
  const missing = wanted.find((name) => !found.has(name));
  if (missing !== undefined) throw new Error(`${file}: ${missing} is not in the archive`);
  return found;
}

function readHeader(header: Buffer, file: string) {
  const text = (start: number, length: number): string =>
    header
      .subarray(start, start + length)
      .toString("latin1")
      .replace(/\0.*$/s, "");
  const size = Number.parseInt(text(124, 12).trim(), 8);
  const sum = header.reduce((total, byte, i) => total + (i >= 148 && i < 156 ? 32 : byte), 0);
  if (!Number.isSafeInteger(size) || size < 0 || sum !== Number.parseInt(text(148, 8).trim(), 8)) {
    throw new Error(`${file}: expected a tar archive, got something else`);
  }
  const prefix = header.subarray(257, 262).toString() === "ustar" ? text(345, 155) : "";
  const name = (prefix === "" ? text(0, 100) : `${prefix}/${text(0, 100)}`).replace(/^\.\//, "");
  return { name, size, type: String.fromCharCode(header[156] ?? 0) };
}

/** Bytes in order, a stretch at a time. */
function bytesOf(file: string) {
  const raw = createReadStream(file);
  const stream = /\.t?gz$/.test(file) ? raw.pipe(createGunzip()) : raw;
  raw.on("error", (error) => stream.destroy(error));
  const chunks: AsyncIterator<Buffer> = stream[Symbol.asyncIterator]();
  let rest: Buffer = Buffer.alloc(0);
  let seen = 0;
  /** The next chunk; null at the end. */
  const next = async (): Promise<Buffer | null> => {
    const { value, done } = await chunks.next();
    if (done) return null;
    seen += value.length;
    if (seen > mostBytes) throw new Error(`${file}: unpacks to more than ${mostBytes} bytes`);
    return value;
  };
  return {
    /** Exactly so many bytes, or what is left. */
    take: async (count: number): Promise<Buffer> => {
      if (count > mostBytes) throw new Error(`${file}: unpacks to more than ${mostBytes} bytes`);
      const parts = [rest]; // joined once: a member may come in a hundred thousand chunks
      for (let length = rest.length; length < count; ) {
        const chunk = await next();
        if (chunk === null) break;
        parts.push(chunk);
        length += chunk.length;
      }
      const all = parts.length === 1 ? rest : Buffer.concat(parts);
      rest = all.subarray(count);
      return all.subarray(0, count);
    },
    skip: async (count: number): Promise<void> => {
      for (let left = count; left > 0; ) {
        if (rest.length === 0) {
          const chunk = await next();
          if (chunk === null) return;
          rest = chunk;
        }
        const step = Math.min(left, rest.length);
        rest = rest.subarray(step);
        left -= step;
      }
    },
    close: (): void => {
      raw.destroy();
      stream.destroy();
    },
  };
}
