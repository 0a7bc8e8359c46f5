/** @file Features that lie in the cache are compared with their checksum before anything is probed on them. */

import { rmSync } from "node:fs";
import { encodingFile, openEncoding } from "../cache.ts";
import { checksumFile, verifyChecksum } from "../checksum.ts";
import { ExperimentError, messageOf } from "../errors.ts";
import type { RunnerLock } from "../store/lock.ts";
import type { RunContext } from "./context.ts";
import { waitForLock } from "./wait-for-lock.ts";

type Checking = Pick<RunContext, "cache" | "checksums" | "log" | "stop">;

/**
 * Reads every part of an encoding once. A part that is not what was written is removed, and said so: what it held is
 * missing then, and is made anew. One that has no checksum, because its run was killed, gets one.
 */
export async function checkEncoding(context: Checking, encoding: string): Promise<void> {
  const { cache, checksums, stop } = context;
  for (const file of openEncoding(cache, encoding).files) {
    rmSync(`${file}.journal`, { force: true }); // of a run that was killed just after the file got its name
    const damage = await damageOf(file, stop.signal);
    if (damage === "unnoted") checksums.begin(file);
    if (damage === null || damage === "unnoted") continue;
    if (stop.signal.aborted) return;
    await removeDamaged(context, { encoding, file });
    return; // later parts count only after this one
  }
}

/** What is wrong with a file; null when nothing is, or when it is gone. */
async function damageOf(file: string, signal: AbortSignal): Promise<string | null> {
  try {
    const same = await verifyChecksum(file, signal);
    if (same === null) return "unnoted";
    return same ? null : "is not what was written (checksum)";
  } catch (error) {
    const gone = error instanceof Error && "code" in error && error.code === "ENOENT";
    return gone ? null : `can not be read (${messageOf(error)})`;
  }
}

/** Another run may find the same damage, and be faster: what lies there under its lock is looked at again. */
async function removeDamaged(
  { cache, log, stop }: Checking,
  { encoding, file }: { readonly encoding: string; readonly file: string },
): Promise<void> {
  const lock = await lockOf(encodingFile(cache, encoding, 0), stop.signal);
  try {
    const damage = await damageOf(file, stop.signal);
    if (damage === null || damage === "unnoted" || stop.signal.aborted) return;
    log.line(`cache: ${file} ${damage}; its features are made anew`);
    rmSync(file, { force: true });
    rmSync(checksumFile(file), { force: true });
  } catch (error) {
    const advice = "remove it, or choose another --cache";
    throw new ExperimentError(`cache: ${file}: is damaged (${messageOf(error)}); ${advice}`);
  } finally {
    lock?.release();
  }
}

/** None where the file system knows no locks. */
async function lockOf(file: string, stop: AbortSignal): Promise<RunnerLock | null> {
  try {
    return await waitForLock(file, { stop, onWait: () => {} });
  } catch {
    return null;
  }
}
