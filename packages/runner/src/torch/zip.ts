/** @file Where the members of an uncompressed zip archive lie, as torch.save writes it. */

import { fstatSync, readSync } from "node:fs";
import { quoted } from "./quoted.ts";

/** Bytes [offset, offset + bytes) of the archive. */
export type ZipMember = { readonly offset: number; readonly bytes: number };

const maxDirectory = 64 << 20;

/** Members by name. Throws where the archive is damaged, compressed, or larger inside than outside. */
export function readZipDirectory(
  descriptor: number,
  where: string,
): ReadonlyMap<string, ZipMember> {
  const size = fstatSync(descriptor).size;
  const read = (offset: number, length: number): Buffer => {
    // Written so that NaN, of a field that is not there, is refused too.
    if (!(offset >= 0 && length >= 0 && offset + length <= size)) {
      throw new Error(`${where}: zip archive points outside the file`);
    }
    const bytes = Buffer.alloc(length);
    readSync(descriptor, bytes, 0, length, offset);
    return bytes;
  };
  const { start, bytes, entries } = findDirectory(read, size, where);
  const directory = read(start, bytes);
  const members = new Map<string, ZipMember>();
  let at = 0;
  for (let i = 0; i < entries; i++) {
    if (at + 46 > directory.length || directory.readUInt32LE(at) !== 0x02014b50) {
      throw new Error(`${where}: zip directory is damaged at entry ${i}`);
    }
    const nameLength = directory.readUInt16LE(at + 28);
    const extraLength = directory.readUInt16LE(at + 30);
    const commentLength = directory.readUInt16LE(at + 32);
    const end = at + 46 + nameLength + extraLength + commentLength;
    if (end > directory.length) throw new Error(`${where}: zip directory is damaged at entry ${i}`);
    const name = directory.toString("utf8", at + 46, at + 46 + nameLength);
    if (directory.readUInt16LE(at + 10) !== 0) {
      throw new Error(
        `${where}: expected an uncompressed zip archive, got a compressed ${quoted(name)}`,
      );
    }
    const extra = directory.subarray(at + 46 + nameLength, at + 46 + nameLength + extraLength);
    const [stored, header] = wideFields(extra, [
      directory.readUInt32LE(at + 24),
      directory.readUInt32LE(at + 20),
      directory.readUInt32LE(at + 42),
    ]);
    const local = read(header, 30);
    const offset = header + 30 + local.readUInt16LE(26) + local.readUInt16LE(28);
    if (local.readUInt32LE(0) !== 0x04034b50 || !(stored >= 0 && offset + stored <= size)) {
      throw new Error(`${where}: zip member ${quoted(name)} points outside the file`);
    }
    members.set(name, { offset, bytes: stored });
    at = end;
  }
  return members;
}

type Read = (offset: number, length: number) => Buffer;

function findDirectory(read: Read, size: number, where: string) {
  const tailLength = Math.min(size, 22 + 65_535);
  const tail = read(size - tailLength, tailLength);
  const end = tail.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
  if (end < 0 || end + 22 > tail.length)
    throw new Error(`${where}: zip archive has no end: is the file truncated?`);
  let entries = tail.readUInt16LE(end + 10);
  let bytes = tail.readUInt32LE(end + 12);
  let start = tail.readUInt32LE(end + 16);
  const locator = end - 20;
  if (locator >= 0 && tail.readUInt32LE(locator) === 0x07064b50) {
    const wide = read(Number(tail.readBigUInt64LE(locator + 8)), 56);
    if (wide.readUInt32LE(0) !== 0x06064b50)
      throw new Error(`${where}: zip archive's end is damaged`);
    entries = Number(wide.readBigUInt64LE(32));
    bytes = Number(wide.readBigUInt64LE(40));
    start = Number(wide.readBigUInt64LE(48));
  }
  if (bytes > maxDirectory)
    throw new Error(`${where}: zip directory of ${bytes} bytes is more than ${maxDirectory}`);
  return { entries, bytes, start };
}

/** Size and header offset, read from the zip64 field where the plain ones are full. */
function wideFields(
  extra: Buffer,
  [size, packed, header]: readonly [number, number, number],
): readonly [number, number] {
  const full = 0xffff_ffff;
  if (size !== full && header !== full) return [size, header];
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) !== 1) continue;
    let field = at + 4;
    const next = () => {
      const value = field + 8 <= extra.length ? Number(extra.readBigUInt64LE(field)) : Number.NaN;
      field += 8;
      return value;
    };
    const wideSize = size === full ? next() : size;
    if (packed === full) next();
    return [wideSize, header === full ? next() : header];
  }
  return [Number.NaN, Number.NaN];
}
