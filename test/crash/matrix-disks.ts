/** @file Full disks and folders that can not be written: one clear line, and the next run goes on. */

import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expectKept, expectQuietEnd, readFolds } from "./check.ts";
import type { Case } from "./matrix.ts";
import { makeNight, type Night } from "./night.ts";
import { quietFolds, until } from "./quiet.ts";
import { runToEnd, startRun } from "./runner.ts";

export const diskCases: readonly Case[] = [
  { name: "full disk under the cache", skip: needsMount, run: () => fullDisk("data") },
  { name: "full disk under the store", skip: needsMount, run: () => fullDisk("logs") },
  { name: "full disk under the temporary folder", skip: needsMount, run: fullTemporary },
  { name: "read-only folder of the cache", skip: needsMount, run: () => readOnly("data") },
  { name: "read-only folder of the store", skip: needsMount, run: () => readOnly("logs") },
];

function needsMount(): string | undefined {
  if (process.platform !== "linux") return "needs Linux' tmpfs";
  return process.getuid?.() === 0 ? undefined : "needs root, to mount a small disk";
}

/** A disk of its own under a folder of the night, taken away in any case. */
async function withDisk(folder: string, use: () => Promise<void>): Promise<void> {
  mkdirSync(folder, { recursive: true });
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=32m,mode=0700", "tmpfs", folder]);
  try {
    await use();
  } finally {
    execFileSync("umount", ["--lazy", folder]);
  }
}

async function fullDisk(name: string): Promise<void> {
  const night = makeNight();
  const folder = join(night.folder, name);
  await withDisk(folder, async () => {
    const run = startRun(night);
    await until("the run to begin", () => begun(night));
    fill(join(folder, "ballast"));
    const { code, text } = await run.ended;
    assert.equal(code, 2, text);
    assert.match(text, /no space left on the disk; what was finished is safe, make room/);
    assert.doesNotMatch(text, /^ +at /m, "a stack");
    const before = readFolds(night.store);
    rmSync(join(folder, "ballast"));
    await runToEnd(night);
    expectKept(before, readFolds(night.store));
    expectQuietEnd(night, await quietFolds());
  });
}

function begun({ cache, store }: Night): boolean {
  return existsSync(store) && existsSync(cache) && readdirSync(cache).length > 0;
}

/** Takes all the room there is, to the last block. */
function fill(file: string): void {
  for (let size = 2 ** 22; size >= 1024; size /= 2) {
    try {
      for (;;) writeFileSync(file, Buffer.alloc(size, 1), { flag: "a" });
    } catch {
      // no room for one more of this size
    }
  }
}

async function fullTemporary(): Promise<void> {
  const night = makeNight();
  const folder = join(night.folder, "tmp");
  await withDisk(folder, async () => {
    fill(join(folder, "ballast"));
    await runToEnd(night, { env: { TMPDIR: folder, SQLITE_TMPDIR: folder } });
    expectQuietEnd(night, await quietFolds());
  });
}

async function readOnly(name: string): Promise<void> {
  const night = makeNight();
  const folder = join(night.folder, name);
  await withDisk(folder, async () => {
    execFileSync("mount", ["-o", "remount,ro", folder]);
    const text = await runToEnd(night, { code: 2 });
    assert.doesNotMatch(text, /^ +at /m, "a stack");
    assert.match(text, /probegrid: .*(read-only|EROFS|can be opened and written|not writable)/);
    execFileSync("mount", ["-o", "remount,rw", folder]);
    await runToEnd(night);
    expectQuietEnd(night, await quietFolds());
  });
}
