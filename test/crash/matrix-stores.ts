/** @file Stores that are shared, copied, removed or replaced. */

import { strict as assert } from "node:assert";
import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expectKept, expectQuietEnd, readFolds } from "./check.ts";
import type { Case } from "./matrix.ts";
import { forget, makeNight, type Night } from "./night.ts";
import { quietFolds, until } from "./quiet.ts";
import { runnerOf, runToEnd, start, startRun } from "./runner.ts";

export const storeCases: readonly Case[] = [
  { name: "two runners on one store: the second says who has it and leaves", run: twoRunners },
  { name: "two runners, the second joins", run: joining },
  { name: "two stores share a cache at the same time", run: sharedCache },
  { name: "database removed between runs", run: removedBetween },
  { name: "database removed while running", run: removedWhileRunning },
  { name: "database replaced while running", run: replacedWhileRunning },
  { name: "copy of the database in mid-write, opened elsewhere", run: copied },
  {
    name: "kill -9 of the dashboard while it reads (builds it where needed)",
    run: dashboardKilled,
  },
];

/** A reader that dies holds no lock: the run goes on, and the next dashboard shows its table. */
async function dashboardKilled(): Promise<void> {
  const night = makeNight();
  const run = startRun(night);
  await until("folds", () => readFolds(night.store).size > 0);
  for (let times = 0; times < 2; times++) {
    const dashboard = start(night, ["dashboard", "--store", night.store, "--port", "0"]);
    const address = () => /http:\/\/\S+/.exec(dashboard.text())?.[0];
    await until("the dashboard", () => address() !== undefined, 900);
    const asked = ["/", "/api/trials", "/export/csv", "/api/live"].map(async (path) => {
      const answer = await fetch(`${address()}${path}`);
      assert.equal(answer.status, 200);
      await answer.text();
    });
    if (times === 0) dashboard.child.kill("SIGKILL"); // in the middle of its answers
    const answers = await Promise.allSettled(asked);
    if (times === 1) assert(answers.every(({ status }) => status === "fulfilled"));
    dashboard.child.kill("SIGKILL");
    await dashboard.ended;
  }
  assert.equal((await run.ended).code, 0);
  expectQuietEnd(night, await quietFolds());
}

async function twoRunners(): Promise<void> {
  const night = makeNight();
  const first = startRun(night);
  await until("the store", () => existsSync(night.store));
  const runner = runnerOf(first.pid);
  const begun = performance.now();
  const second = await startRun(night).ended;
  assert.equal(second.code, 2);
  assert.match(second.text, new RegExp(`a runner is already at work, process ${runner} on `));
  assert(performance.now() - begun < 20_000);
  assert.equal((await first.ended).code, 0);
  expectQuietEnd(night, await quietFolds());
}

async function joining(): Promise<void> {
  const night = makeNight();
  const first = startRun(night);
  await until("the store", () => existsSync(night.store));
  const second = startRun(night, { args: ["--join"] });
  assert.deepEqual([(await first.ended).code, (await second.ended).code], [0, 0]);
  expectQuietEnd(night, await quietFolds());
}

async function sharedCache(): Promise<void> {
  const night = makeNight();
  const other = { ...night, store: join(night.folder, "other/probegrid.db") };
  const runs = [startRun(night), startRun(other)];
  for (const run of runs) {
    const { code, text } = await run.ended;
    assert.equal(code, 0, text);
  }
  expectQuietEnd(night, await quietFolds());
  expectQuietEnd(other, await quietFolds());
}

async function removedBetween(): Promise<void> {
  const night = makeNight();
  const run = startRun(night);
  await until("folds", () => readFolds(night.store).size > 0);
  run.child.kill("SIGKILL");
  await run.ended;
  forget({ ...night, cache: join(night.folder, "none") });
  const text = await runToEnd(night);
  assert.doesNotMatch(text, /^encode .* texts in/m, "encodings are in the cache still");
  expectQuietEnd(night, await quietFolds());
}

async function removedWhileRunning(): Promise<void> {
  const night = makeNight();
  await loseStore(night, () => {
    for (const suffix of ["", "-wal", "-shm"]) rmSync(night.store + suffix, { force: true });
  });
  await runToEnd(night);
  expectQuietEnd(night, await quietFolds());
}

async function replacedWhileRunning(): Promise<void> {
  const night = makeNight();
  const other = makeNight();
  await runToEnd(other);
  const quiet = await quietFolds();
  await loseStore(night, () => {
    copyFileSync(other.store, `${night.store}.new`);
    for (const suffix of ["-wal", "-shm"]) rmSync(night.store + suffix, { force: true });
    renameSync(`${night.store}.new`, night.store);
  });
  await runToEnd(night);
  expectQuietEnd(night, quiet);
}

/** The run must notice and say so, instead of writing for hours into a file that has no name. */
async function loseStore(night: Night, lose: () => void): Promise<void> {
  const run = startRun(night);
  await until("folds", () => readFolds(night.store).size > 0);
  lose();
  const { code, text } = await run.ended;
  assert.equal(code, 2, text);
  assert.match(text, /was removed or replaced while this run wrote into it/);
}

async function copied(): Promise<void> {
  const night = makeNight();
  const run = startRun(night);
  const elsewhere: Night = { ...night, store: join(night.folder, "copy/probegrid.db") };
  mkdirSync(join(night.folder, "copy"));
  await until("folds", () => readFolds(night.store).size > 200);
  const before = readFolds(night.store);
  for (const suffix of ["", "-wal"]) {
    copyFileSync(night.store + suffix, elsewhere.store + suffix);
  }
  expectKept(before, readFolds(elsewhere.store));
  assert.equal((await run.ended).code, 0);
  await runToEnd(elsewhere);
  expectQuietEnd(elsewhere, await quietFolds());
  expectQuietEnd(night, await quietFolds());
}
