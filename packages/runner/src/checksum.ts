/** @file Checksums of files that are computed once and kept for long, beside them, as `sha256sum -c` reads them. */

import { createHash } from "node:crypto";
import { createReadStream, existsSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { replaceFile } from "./atomic-file.ts";

/** Where the checksum of a file lies. */
export function checksumFile(file: string): string {
  return `${file}.sha256`;
}

/** Reads a file once and writes its checksum beside it. */
export async function writeChecksum(file: string): Promise<void> {
  replaceFile(checksumFile(file), `${await sha256Of(file)}  ${basename(file)}\n`);
}

/** Checksums that are made beside other work. */
export type Checksums = {
  readonly begin: (file: string) => void;
  /** Resolves when all are written; one that can not be is left out: the next run that probes on the file tries again. */
  readonly settled: () => Promise<void>;
};

export function createChecksums(): Checksums {
  const open: Promise<void>[] = [];
  return {
    begin: (file) => void open.push(writeChecksum(file).catch(() => {})),
    settled: async () => void (await Promise.all(open)),
  };
}

/** Whether a file is still what it was: null when nobody noted what it was. Reads all of it, unless `signal` aborts. */
export async function verifyChecksum(file: string, signal?: AbortSignal): Promise<boolean | null> {
  if (!existsSync(checksumFile(file))) return null;
  const [noted] = readFileSync(checksumFile(file), "utf8").split(" ", 1);
  return noted === (await sha256Of(file, signal));
}

async function sha256Of(file: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash("sha256");
  const options = { highWaterMark: 2 ** 20, ...(signal && { signal }) };
  for await (const chunk of createReadStream(file, options)) hash.update(chunk);
  return hash.digest("hex");
}
