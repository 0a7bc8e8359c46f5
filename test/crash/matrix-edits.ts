/** @file Files that change between or during runs: the experiment, the cache, the clock. */

import { strict as assert } from "node:assert";
import { openSync, readdirSync, truncateSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expectKept, expectQuietEnd, readFolds } from "./check.ts";
import type { Case } from "./matrix.ts";
import { makeNight, nightFields } from "./night.ts";
import { quietFolds, until } from "./quiet.ts";
import { runToEnd, startRun } from "./runner.ts";

export const editCases: readonly Case[] = [
  { name: "experiment edited between stop and resume", run: edited },
  { name: "encoding cut short in the cache", run: cutEncoding },
  { name: "partial encoding overwritten with noise", run: noisyJournal },
  { name: "clock moved by a day, forth and back", run: clockMoved },
];

async function edited(): Promise<void> {
  const night = makeNight();
  const run = startRun(night);
  await until("folds", () => readFolds(night.store).size > 0);
  run.child.kill("SIGINT");
  assert.equal((await run.ended).code, 130);
  const before = readFolds(night.store);
  const fields = { ...nightFields, classifiers: [...nightFields.classifiers, "ridge"] };
  writeFileSync(night.experiment, JSON.stringify(fields));
  const text = await runToEnd(night);
  assert.match(text, /changed since the last run/);
  assert.match(text, /classifiers: \+ .*ridge/);
  const folds = readFolds(night.store);
  expectKept(before, folds);
  const quiet = await quietFolds();
  expectKept(quiet, folds);
  assert(folds.size > quiet.size, "trials of the new classifier");
}

async function cutEncoding(): Promise<void> {
  const night = makeNight();
  const run = startRun(night);
  await until("folds", () => readFolds(night.store).size > 0);
  run.child.kill("SIGKILL");
  await run.ended;
  for (const file of encodings(night.cache)) truncateSync(file, 5000);
  await runToEnd(night);
  expectQuietEnd(night, await quietFolds());
}

async function noisyJournal(): Promise<void> {
  const night = makeNight();
  const run = startRun(night);
  const journals = () =>
    readdirSync(night.folder, { recursive: true })
      .map(String)
      .filter((name) => name.endsWith(".journal"));
  await until("a journal", () => journals().length > 0);
  run.child.kill("SIGKILL");
  await run.ended;
  for (const name of journals()) {
    const descriptor = openSync(join(night.folder, name), "r+");
    writeSync(descriptor, "\u0000\u0000{]", 70);
  }
  await runToEnd(night);
  expectQuietEnd(night, await quietFolds());
}

/** Every process reads a wall clock that jumps; what measures spans must not follow it. */
async function clockMoved(): Promise<void> {
  const night = makeNight();
  const preload = join(night.folder, "clock.mjs");
  const jump = `const real = Date.now; let calls = 0;
    Date.now = () => real() + (calls++ % 3 - 1) * 86_400_000;`;
  writeFileSync(preload, jump);
  const env = { NODE_OPTIONS: `--import ${pathToFileURL(preload).href}` };
  await runToEnd(night, { env, args: ["--worker-timeout", "30"] });
  expectQuietEnd(night, await quietFolds());
}

function encodings(cache: string): readonly string[] {
  return readdirSync(cache)
    .filter((name) => name.endsWith(".safetensors"))
    .map((name) => join(cache, name));
}
