import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeExample } from "./make-example.ts";
import { openStore, type Store } from "./open.ts";
import { readResults } from "./results.ts";
import { resetRunning } from "./trials.ts";

const trials = 150;
const url = (file: string) => JSON.stringify(new URL(file, import.meta.url).href);

/** Claims and finishes trials one after the other, saying each when it is on disk. */
const writer = (file: string) => `
  const { openStore, claimTrials, finishTrials, openTrials, resetRunning } = await import(${url("./index.ts")});
  const store = openStore(${JSON.stringify(file)}, { runner: true });
  resetRunning(store);
  const environment = store.sqlite.prepare("select id from environments").pluck().get();
  for (const { id } of [...openTrials(store, 1)]) {
    claimTrials(store, [id]);
    const scores = ["accuracy", "auc"].flatMap((metric) => [0, 1, 2].map((fold) => ({ metric, fold, value: 0.5 })));
    const predictions = [0, 1, 2].map((fold) => ({ fold, predicted: new Int32Array(3000) }));
    finishTrials(store, [{ id, environment, seconds: 0, scores, predictions }]);
    process.stdout.write(id + "\\n");
  }
  store.close();`;

/** Runs the writer and kills it after so many milliseconds of writing; gives the trials it said were done. */
async function writeUntilKilled(file: string, milliseconds: number): Promise<readonly string[]> {
  const child = spawn(
    process.execPath,
    ["--import", "tsx", "--input-type=module", "-e", writer(file)],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    if (said === "") setTimeout(() => child.kill("SIGKILL"), milliseconds);
    said += text;
  });
  await once(child, "close");
  return said.split("\n").slice(0, -1);
}

/** A trial is whole or has nothing: six scores, two summaries and three predictions when it is done. */
function tornTrials(store: Store): unknown {
  return store.sqlite
    .prepare(
      `select id, state from trials where state = 'done' <> (
         (select count(*) from scores where trial = key) = 6
         and (select count(*) from summaries where trial = key) = 2
         and (select count(*) from predictions where trial = key) = 3)
       or state <> 'done' and exists (select 1 from scores where trial = key)`,
    )
    .all();
}

test("a runner killed at any moment loses nothing it finished, tears nothing, and the next goes on", async () => {
  const file = join(mkdtempSync(join(tmpdir(), "crash-")), "store.db");
  makeExample(trials, file).store.close();
  const told = new Set<string>();
  for (const milliseconds of [1, 17, 40, 5]) {
    for (const id of await writeUntilKilled(file, milliseconds)) told.add(id);
    using store = openStore(file, { readonly: true });
    expect(store.sqlite.pragma("quick_check", { simple: true })).toBe("ok");
    expect(tornTrials(store)).toEqual([]);
    const done = new Set([...readResults(store)].map((row) => row.trial));
    expect([...told].filter((id) => !done.has(id))).toEqual([]);
  }
  expect(told.size).toBeGreaterThan(4);
  await writeUntilKilled(file, 60_000);
  using store = openStore(file, { runner: true });
  expect(resetRunning(store)).toEqual({ trials: 0, runs: 0 });
  expect(tornTrials(store)).toEqual([]);
  expect([...readResults(store)]).toHaveLength(trials * 2);
}, 120_000);

test("a reader sees whole trials only while a runner writes", async () => {
  const file = join(mkdtempSync(join(tmpdir(), "reader-")), "store.db");
  makeExample(trials, file).store.close();
  const writing = writeUntilKilled(file, 60_000);
  let finished = false;
  void writing.then(() => {
    finished = true;
  });
  using store = openStore(file, { readonly: true });
  const counts = new Set<number>();
  while (!finished) {
    expect(tornTrials(store)).toEqual([]);
    counts.add([...readResults(store)].length);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  expect(counts.size).toBeGreaterThan(2);
  expect([...readResults(store)]).toHaveLength(trials * 2);
}, 120_000);
