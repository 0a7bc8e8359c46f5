/** @file Checksums of downloads: sha256 of large files, git's own hash of small ones. */

import { createHash } from "node:crypto";
import { createReadStream, statSync } from "node:fs";

/** Throws when a file is not the one with this id: 64 hex digits are a sha256, 40 are git's hash of a blob. */
export async function checkFile(
  file: string,
  { id, what }: { id: string; what: string },
): Promise<void> {
  const got = id.length === 64 ? await sha256Of(file) : await gitHashOf(file);
  if (got === id) return;
  throw new Error(`${what}: wrong checksum, expected ${id}, got ${got}; nothing was kept`);
}

export async function sha256Of(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const bytes of createReadStream(file)) hash.update(bytes as Buffer);
  return hash.digest("hex");
}

/** sha1 of "blob <bytes>" NUL contents. */
async function gitHashOf(file: string): Promise<string> {
  const hash = createHash("sha1").update(`blob ${statSync(file).size}\0`);
  for await (const bytes of createReadStream(file)) hash.update(bytes as Buffer);
  return hash.digest("hex");
}
