/** @file Makes the stores that browser tests look at, by real small runs of the command line. */

import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { claimTrials, openStore, recordProgress, startRun } from "@probegrid/runner/store";
import { buildDashboard } from "../../packages/runner/src/dashboard-build.ts";

export const root = fileURLToPath(new URL("../..", import.meta.url));
export const command = join(root, "packages/runner/bin/probegrid.mjs");

/** Labels and texts of an attacker: markup, formulas, quotes. */
export const hostile = {
  markup: '<img src=x onerror="document.title=1">',
  formula: '=HYPERLINK("http://evil.example","x")',
} as const;

/** Builds the pages and makes the stores, in a fresh folder or in that of PROBEGRID_TEST_STORES, which is kept. */
// biome-ignore lint/style/noDefaultExport: Playwright calls the default export
export default async function makeStores(): Promise<() => void> {
  const given = process.env.PROBEGRID_TEST_STORES;
  const folder = given ?? mkdtempSync(join(tmpdir(), "probegrid-browser-"));
  process.env.PROBEGRID_TEST_STORES = folder;
  await buildDashboard(join(root, "packages/dashboard/"));
  if (!existsSync(join(folder, "done.db"))) {
    runReal(folder);
    runFailing(folder);
    runTunings(folder);
    makeEmpty(folder);
    makeRunning(folder);
  }
  return () => {
    if (given === undefined) rmSync(folder, { recursive: true, force: true });
  };
}

/** Runs a command of the product and returns what it printed. */
export function probegrid(...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [command, ...args], {
    encoding: "utf8",
    cwd: root,
  });
  if (status !== 0 && status !== 1) throw new Error(`probegrid ${args.join(" ")}: ${stderr}`);
  return stdout;
}

/** The first rows of a demo dataset as a file of its own. */
export function firstRows(folder: string, name: string, count: number): string {
  const lines = readFileSync(join(root, "data/demo", `${name}.jsonl`), "utf8").split("\n");
  const file = join(folder, `${name}.jsonl`);
  writeFileSync(file, `${lines.slice(0, count).join("\n")}\n`);
  return file;
}

/** done.db: two datasets, one of them hostile, probed on the demo model; losses, options, three classifiers. */
function runReal(folder: string): void {
  const [polarity, length] = [firstRows(folder, "polarity", 240), firstRows(folder, "length", 240)];
  const texts = readFileSync(polarity, "utf8").trim().split("\n").slice(0, 120);
  const rows = texts.map((line, i) => {
    const { text, sentence } = JSON.parse(line) as { text?: string; sentence?: string };
    const label = i % 2 === 0 ? hostile.markup : hostile.formula;
    return JSON.stringify({ text: `${text ?? sentence} ${hostile.markup}`, label });
  });
  writeFileSync(join(folder, "hostile.jsonl"), `${rows.join("\n")}\n`);
  const experiment = {
    name: "browser",
    question: `Is ${hostile.markup} only text?`,
    datasets: [polarity, length, { path: join(folder, "hostile.jsonl"), name: hostile.formula }],
    models: [join(root, "models/demo-bert")],
    poolers: [
      { layer: "each", token: "mean" },
      { layer: "each", token: "cls" },
      { layer: "all", layerMethod: "mean", token: "mean" },
    ],
    classifiers: ["lda", { name: "ridge", alpha: 10 }],
    folds: { kind: "stratified", k: 5, seed: 1 },
  };
  const trained = {
    ...experiment,
    name: "trained",
    question: "How do losses fall?",
    datasets: [polarity],
    poolers: [{ layer: 6, token: "mean" }],
    classifiers: ["single-layer"],
  };
  for (const one of [experiment, trained]) {
    const file = join(folder, `${one.name}.json`);
    writeFileSync(file, JSON.stringify(one, null, 2));
    probegrid("run", file, "--store", join(folder, "done.db"), "--cache", join(folder, "cache"));
  }
  probegrid(
    "note",
    "browser",
    `A **note** with ${hostile.markup}`,
    "--store",
    join(folder, "done.db"),
  );
  probegrid("tag", "browser", "night", "--store", join(folder, "done.db"));
}

/** failed.db: every trial fails. */
function runFailing(folder: string): void {
  const file = join(folder, "failing.mjs");
  const experiment = {
    name: "failing",
    datasets: [firstRows(folder, "tense", 60)],
    models: [join(root, "models/demo-bert")],
    poolers: [{ layer: "each", token: "mean" }],
    folds: { kind: "stratified", k: 3, seed: 1 },
  };
  const classifier = `{ name: "broken", fit() { throw new Error("no luck with <b>this</b>"); } }`;
  writeFileSync(
    file,
    `export default { ...${JSON.stringify(experiment)}, classifiers: [${classifier}] };\n`,
  );
  probegrid("run", file, "--store", join(folder, "failed.db"), "--cache", join(folder, "cache"));
}

/** finetuned.db: a grid of trainings of which some are pruned, and one that diverges. */
function runTunings(folder: string): void {
  const tuning = {
    kind: "finetune",
    name: "tuning",
    question: `Does ${hostile.markup} train?`,
    datasets: firstRows(folder, "length", 200),
    models: join(root, "models/demo-bert"),
    learningRate: [3e-3, 1e-3],
    layersFrozen: [0, 6],
    maxEpochs: 3,
    batchSize: 32,
    testFrac: 0.25,
    validFrac: 0.2,
    pruning: { kind: "median", startup: 1 },
    checkpoints: join(folder, "checkpoints"),
  };
  const { pruning: _, ...diverging } = {
    ...{ ...tuning, name: "diverging", question: "How does it end?", maxEpochs: 9 },
    ...{
      learningRate: 10,
      layersFrozen: 0,
      weightDecay: 1e30,
      clipNorm: null,
      schedule: "constant",
    },
  };
  for (const one of [diverging, tuning]) {
    const file = join(folder, `${one.name}.json`);
    writeFileSync(file, JSON.stringify(one, null, 2));
    const store = join(folder, "finetuned.db");
    probegrid("run", file, "--store", store, "--cache", join(folder, "cache"), "--device", "cpu");
  }
}

function makeEmpty(folder: string): void {
  openStore(join(folder, "empty.db")).close();
}

/** running.db: the grid of done.db, planned and started, nothing finished. */
function makeRunning(folder: string): void {
  const file = join(folder, "running.db");
  using done = openStore(join(folder, "done.db"));
  done.sqlite.pragma("wal_checkpoint(truncate)");
  copyFileSync(join(folder, "done.db"), file);
  using store = openStore(file);
  store.sqlite.pragma("foreign_keys = off");
  for (const table of ["scores", "summaries", "predictions", "losses", "progress", "runs"]) {
    store.sqlite.exec(`delete from ${table}`);
  }
  store.sqlite.exec(
    "update trials set state = 'pending', finishedAt = null, startedAt = null, seconds = null, attempts = 0",
  );
  const environment = store.sqlite.prepare("select id from environments").pluck().get() as string;
  const ids = store.sqlite.prepare("select id from trials limit 2").pluck().all() as string[];
  const run = startRun(store, {
    ...{ experiment: 1, environment, command: "probegrid run browser.json" },
    ...{ device: "cpu", workers: 2 },
  });
  claimTrials(store, ids);
  recordProgress(store, run, [
    { stage: "probe", done: 0, failed: 0, total: 84, unit: "trials", rate: null, secondsLeft: 40 },
  ]);
}
