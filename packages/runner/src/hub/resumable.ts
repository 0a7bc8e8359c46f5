/** @file Downloads that go on where they were cut: bytes gather in `<file>.incomplete` until they are whole and checked. */

import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { messageOf } from "../errors.ts";

export type Download = {
  /** Where the file shall lie. */
  readonly target: string;
  /** What it is called in errors. */
  readonly what: string;
  /** Length in bytes; null when it is only known once it has been fetched. */
  readonly size: number | null;
  /** The bytes from an offset on; `restart` where the other side can only give them all. */
  readonly open: (offset: number) => Promise<Opened>;
  /** Throws when the whole file is not what it should be. */
  readonly check: (file: string) => Promise<void>;
  readonly onProgress?: ((bytes: number) => void) | undefined;
};

export type Opened = {
  readonly stream: AsyncIterable<Uint8Array>;
  /** Length of the whole file where it is told now. */
  readonly size: number | null;
  readonly restart: boolean;
};

/** Of a file whose size nobody told: more than any data set of ours has. */
const mostBytes = 2 ** 36;

/** So many times in a row a connection may be cut without a new byte. */
const patience = 3;

/** Fetches a file that is not there; what arrived before a cut, in this process or an earlier one, is kept. */
export async function download(task: Download): Promise<void> {
  const { target, check } = task;
  if (existsSync(target)) return;
  const incomplete = `${target}.incomplete`;
  mkdirSync(dirname(target), { recursive: true });
  const resumed = bytesOf(incomplete) > 0;
  await fetchRest(task, incomplete);
  try {
    await check(incomplete);
  } catch (error) {
    rmSync(incomplete, { force: true });
    if (!resumed) throw error;
    // What an earlier process left may be of another file: once more, from the start.
    await fetchRest(task, incomplete);
    await check(incomplete).catch((again: unknown) => {
      rmSync(incomplete, { force: true });
      throw again;
    });
  }
  renameSync(incomplete, target);
}

async function fetchRest(task: Download, incomplete: string): Promise<void> {
  let { size } = task;
  for (let idle = 0; ; ) {
    const before = bytesOf(incomplete);
    if (size !== null && before === size) return;
    if (size !== null && before > size) rmSync(incomplete);
    let cut: unknown = null;
    try {
      size = (await append(task, incomplete)) ?? size;
    } catch (error) {
      if (isFinal(error)) throw error;
      cut = error;
    }
    const now = bytesOf(incomplete);
    if (cut === null && (size === null || now === size)) return;
    idle = now > before ? 0 : idle + 1;
    if (idle < patience) continue;
    const reason = cut === null ? "the connection was closed" : messageOf(cut);
    const far = `stopped at ${now} of ${size ?? "?"} bytes (${reason}); run again to go on`;
    throw new Error(`${task.what}: ${now === 0 ? `could not be fetched (${reason})` : far}`, {
      cause: cut,
    });
  }
}

/** Appends what comes; returns the length of the whole file where it is told. */
async function append(task: Download, incomplete: string): Promise<number | null> {
  const offset = bytesOf(incomplete);
  const { stream, size, restart } = await task.open(offset);
  const descriptor = openSync(incomplete, offset === 0 || restart ? "w" : "a", 0o644);
  const most = size ?? task.size ?? mostBytes;
  let done = restart ? 0 : offset;
  try {
    for await (const bytes of stream) {
      done += bytes.length;
      if (done > most) throw new FinalAnswer(`${task.what}: sends more than ${most} bytes`);
      for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
      task.onProgress?.(done);
    }
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  return size;
}

/** An answer that will not change by asking again. */
export class FinalAnswer extends Error {
  override readonly name = "FinalAnswer";
}

function isFinal(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  return (
    error instanceof FinalAnswer || code === "ENOSPC" || code === "ENOENT" || code === "EACCES"
  );
}

function bytesOf(file: string): number {
  return existsSync(file) ? statSync(file).size : 0;
}
