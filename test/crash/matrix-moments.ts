/** @file Kills at the instants that random ones hardly meet: between a rename and its record, inside a migration, a checkpoint, a bundle. */

import { strict as assert } from "node:assert";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { openStore } from "../../packages/runner/src/store/index.ts";
import { fixtures } from "../golden.ts";
import { storeRows } from "../store-rows.ts";
import { base, inTurn, writeRows } from "../tuning.ts";
import { expectQuietEnd, readFolds } from "./check.ts";
import { type Instant, killedAt } from "./kill-at.ts";
import type { Case } from "./matrix.ts";
import { makeNight, type Night, smallFields } from "./night.ts";
import { quietFolds, until } from "./quiet.ts";
import { runToEnd, start, startRun } from "./runner.ts";

const encoded = /[0-9a-f]{16}\.safetensors$/;
const at = (name: string, instant: Instant): Case => ({
  name: `kill -9 ${name}`,
  run: () => probing(instant),
});

export const momentCases: readonly Case[] = [
  at("before an encoding gets its name", { call: "renameSync", file: encoded, when: "before" }),
  at("between an encoding's name and its record", {
    ...{ call: "renameSync", file: encoded, when: "after" },
  }),
  at("between an encoding and its checksum", {
    ...{ call: "renameSync", file: /\.safetensors\.sha256$/, when: "before" },
  }),
  at("in the middle of the first migration", {
    ...{ call: "readFileSync", file: /0002_.*\.sql/, when: "before" },
  }),
  { name: "kill -9 in the middle of the migration of an older store", run: olderStore },
  { name: "kill -9 of the runner that another one waits for with --join", run: joined },
  { name: "kill -9 of the runner that waits with --join", run: joiner },
  ...(["before", "after"] as const).flatMap((when): readonly Case[] => [
    {
      name: `kill -9 ${when} the state of a training gets its name`,
      run: () => training({ call: "renameSync", file: /state\.safetensors$/, when }),
    },
    {
      name: `kill -9 ${when} the best weights of a training get their name`,
      run: () => training({ call: "renameSync", file: /best\.safetensors$/, when }),
    },
    {
      name: `kill -9 ${when} the weights of a checkpoint get their name`,
      run: () => training({ call: "renameSync", file: /model\.safetensors$/, when }),
    },
  ]),
  { name: "kill -9 of a training's runner after an evaluation", run: tunedRunner },
  { name: "kill -9 while texts are explained", run: explaining },
  { name: "kill -9 before a bundle gets its name, and while one is imported", run: bundled },
  { name: "kill -9 in the middle of gc", run: collected },
];

/** A run in which a process is killed at an instant goes on by itself, and ends as a quiet one. */
async function probing(instant: Instant): Promise<void> {
  const night = makeNight(smallFields);
  const { env, expectHit } = killedAt(night, instant);
  await runToEnd(night, { env });
  expectHit();
  for (const name of readdirSync(night.cache)) {
    const stray = /^\..*\.sha256\.\d+-\d+\.partial$/.test(name); // gc takes it, when its process is surely gone
    if (stray) rmSync(join(night.cache, name));
  }
  expectQuietEnd(night, await quietFolds(smallFields));
}

const migrations = new URL("../../packages/runner/src/store/migrations/", import.meta.url);

async function olderStore(): Promise<void> {
  const night = makeNight(smallFields);
  const file = join(night.folder, "older.db");
  const older = new Database(file);
  older.exec(readFileSync(new URL("0000_initial.sql", migrations), "utf8"));
  older.pragma("user_version = 1");
  older.pragma(`application_id = ${0x50477264}`);
  older.exec(
    "insert into experiments (name, kind, spec, createdAt) values ('old', 'probe', '{}', 1)",
  );
  older.close();
  const instant = { call: "readFileSync", file: /0003_.*\.sql/, when: "before" } as const;
  const { env, expectHit } = killedAt(night, instant);
  await runToEnd(night, { env, store: file });
  expectHit();
  expectQuietEnd({ ...night, store: file }, await quietFolds(smallFields));
  using store = openStore(file, { readonly: true });
  const names = store.sqlite.prepare("select name from experiments order by key").pluck().all();
  assert.deepEqual(names, ["old", "night"]);
}

async function twoRunners(first: boolean): Promise<void> {
  const night = makeNight(); // long enough for the second to start
  const runs = [startRun(night)];
  await until("the store", () => existsSync(night.store));
  runs.push(startRun(night, { args: ["--join"] }));
  await until("the second to wait", () => runs[1]?.text().includes("waiting for it") === true);
  runs[first ? 0 : 1]?.child.kill("SIGKILL");
  const { code, text } = await runs[first ? 1 : 0]!.ended;
  assert.equal(code, 0, text);
  await runs[first ? 0 : 1]!.ended;
  expectQuietEnd(night, await quietFolds());
}

async function joined(): Promise<void> {
  await twoRunners(true);
}

async function joiner(): Promise<void> {
  await twoRunners(false);
}

/** A night of another kind of experiment. */
function nightOf(fields: (folder: string, data: string) => object): Night {
  const night = makeNight();
  const data = writeRows(join(night.folder, "rows.csv"), inTurn(80));
  writeFileSync(night.experiment, JSON.stringify(fields(night.folder, data)));
  return night;
}

const trainings = () =>
  nightOf((folder, datasets) => ({
    ...{ kind: "finetune", name: "tune", datasets, models: base, maxEpochs: 4, batchSize: 8 },
    ...{ learningRate: 3e-3, checkpoints: join(folder, "made") },
  }));

/** Everything but attempts, and the weights of every checkpoint. */
function outcome({ folder, store }: Night): unknown {
  const rows = Object.entries(storeRows(store)).map(([table, all]) => [
    table,
    all.map((row) => row.replace(/\battempts=\d+/, "").replaceAll(folder, "")),
  ]);
  const made = join(folder, "made");
  const names = existsSync(made) ? readdirSync(made).sort() : [];
  const weights = names.map((name) =>
    existsSync(join(made, name, "model.safetensors"))
      ? readFileSync(join(made, name, "model.safetensors")).toString("base64")
      : name,
  );
  return [rows, names, weights];
}

const quietOutcomes = new Map<() => Night, Promise<unknown>>();

/** What an undisturbed night of this kind leaves. */
async function quietOutcome(make: () => Night): Promise<unknown> {
  const run = async (): Promise<unknown> => {
    const night = make();
    await runToEnd(night);
    return outcome(night);
  };
  const known = quietOutcomes.get(make) ?? run();
  quietOutcomes.set(make, known);
  return await known;
}

async function training(instant: Instant): Promise<void> {
  const night = trainings();
  const { env, expectHit } = killedAt(night, instant);
  await runToEnd(night, { env });
  expectHit();
  assert.deepEqual(outcome(night), await quietOutcome(trainings));
}

/** Kills everything once a table has rows, and goes on. */
async function disturbed(make: () => Night, table: "curves" | "attributions"): Promise<void> {
  const night = make();
  const run = startRun(night);
  const rows = (): boolean => {
    if (!existsSync(night.store)) return false;
    try {
      using store = openStore(night.store, { readonly: true });
      return store.sqlite.prepare(`select 1 from ${table} limit 1`).get() !== undefined;
    } catch {
      return false; // it is being made
    }
  };
  await until(`rows of ${table}`, () => rows() || run.child.exitCode !== null);
  run.child.kill("SIGKILL");
  await run.ended;
  await runToEnd(night);
  assert.deepEqual(outcome(night), await quietOutcome(make));
}

async function tunedRunner(): Promise<void> {
  await disturbed(trainings, "curves");
}

const attributions = () =>
  nightOf((folder, path) => ({
    ...{ kind: "attribute", name: "why", datasets: { path, limit: 40 } },
    ...{ models: join(fixtures, "bert-classification"), methods: ["gradient", "ig"] },
    ...{ minTokens: 3, minCount: 1, checkedTexts: 1, infidelityDraws: 2 },
    report: join(folder, "report"),
  }));

async function explaining(): Promise<void> {
  await disturbed(attributions, "attributions");
}

async function bundled(): Promise<void> {
  const night = makeNight(smallFields);
  await runToEnd(night);
  const file = join(night.folder, "night.probegrid");
  const rename = killedAt(night, { call: "renameSync", file: /night\.probegrid$/, when: "before" });
  const exporting = ["export", "night", "--store", night.store, "--out", file];
  assert.equal((await start(night, exporting, rename.env).ended).signal, "SIGKILL");
  rename.expectHit();
  assert(!existsSync(file), "a bundle under its name that is not whole");
  assert.equal((await start(night, exporting).ended).code, 0);
  const store = join(night.folder, "imported.db");
  const importing = start(night, ["import", file, "--store", store]);
  await until("the import", () => existsSync(store) || importing.child.exitCode !== null);
  importing.child.kill("SIGKILL");
  await importing.ended;
  const { code, text } = await start(night, ["import", file, "--store", store]).ended;
  assert.equal(code, 0, text);
  expectQuietEnd({ ...night, store }, await quietFolds(smallFields));
}

/** What gc leaves is whole, and what it took is made again. */
async function collected(): Promise<void> {
  const night = makeNight(smallFields);
  await runToEnd(night);
  const { env, expectHit } = killedAt(night, { call: "rmSync", file: encoded, when: "after" });
  const empty = join(night.folder, "empty.db"); // it needs nothing: everything may go
  openStore(empty).close();
  const gc = ["gc", "--store", empty, "--cache", night.cache, "--delete"];
  const ended = await start(night, gc, env).ended;
  assert.equal(ended.signal, "SIGKILL", ended.text);
  expectHit();
  const before = readFolds(night.store);
  const more = { ...smallFields, classifiers: ["lda", "logistic", "ridge"] };
  writeFileSync(
    night.experiment,
    JSON.stringify({ ...JSON.parse(readFileSync(night.experiment, "utf8")), ...more }),
  );
  await runToEnd(night);
  const quiet = await quietFolds(more);
  expectQuietEnd(night, quiet);
  assert(before.size < quiet.size);
}
