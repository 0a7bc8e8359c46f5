/** @file Files that appear whole or not at all: temporary name, fsync, rename. */

import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";

let count = 0;

/** A file being written under a temporary name beside its final one. */
export type PendingFile = {
  readonly path: string;
  readonly descriptor: number;
  /** Makes the file durable and gives it its name. */
  readonly commit: () => void;
  /** Removes what was written; does nothing after commit. */
  readonly discard: () => void;
};

/** Opens a temporary file beside `file`, making the folders on the way. */
export function openPending(file: string): PendingFile {
  const folder = dirname(file);
  createFolder(folder);
  const path = join(folder, `.${basename(file)}.${process.pid}-${count++}.partial`);
  const descriptor = openSync(path, "wx", 0o600);
  let open = true;
  let done = false;
  const close = (): void => {
    if (open) closeSync(descriptor);
    open = false;
  };
  return {
    path,
    descriptor,
    commit: () => {
      try {
        fsyncSync(descriptor);
      } finally {
        close();
      }
      renameSync(path, file);
      done = true;
      syncFolder(folder);
    },
    discard: () => {
      close();
      if (!done) rmSync(path, { force: true });
    },
  };
}

/** Makes a folder and those above it, private on machines that many share; says which one can not be written. */
export function createFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    let above = folder; // Node tells a read-only disk as a folder that is missing
    while (!existsSync(above) && dirname(above) !== above) above = dirname(above);
    throw new Error(`folder ${folder}: can not be made, ${above} is not writable`, {
      cause: error,
    });
  }
}

/** Writes all bytes at a position; a short write (full disk) is an error of the system call. */
export function writeAll(descriptor: number, bytes: Uint8Array, position: number): void {
  for (let done = 0; done < bytes.byteLength; ) {
    const wanted = Math.min(bytes.byteLength - done, 1 << 30);
    done += writeSync(descriptor, bytes, done, wanted, position + done);
  }
}

/** Replaces a small file by these contents. */
export function replaceFile(file: string, contents: string | Uint8Array): void {
  const pending = openPending(file);
  try {
    writeAll(
      pending.descriptor,
      typeof contents === "string" ? Buffer.from(contents) : contents,
      0,
    );
    pending.commit();
  } finally {
    pending.discard();
  }
}

/** Makes names in a folder durable. */
export function syncFolder(folder: string): void {
  if (process.platform === "win32") return; // folders cannot be opened there
  const descriptor = openSync(folder, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
