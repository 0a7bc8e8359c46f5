import { createHash } from "node:crypto";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { beforeAll, expect, test } from "vitest";
import { damage } from "../damage.ts";
import { createInlineExecutor } from "../executor.ts";
import { loadExperiment } from "../experiment.ts";
import { createLog } from "../log.ts";
import { experimentFields, makeExperimentFolder } from "../make-experiment.ts";
import { runExperiment } from "../run.ts";
import { openStore, readFoldResults, type Store } from "../store/index.ts";
import { importBundle } from "./import-bundle.ts";
import { isBundle } from "./read-bundle.ts";
import { writeBundle } from "./write-bundle.ts";

const { folder, write, places } = makeExperimentFolder();
const bundle = join(folder, "tiny.probegrid");

beforeAll(async () => {
  const sink = { write: () => true };
  await runExperiment(await loadExperiment(write("e.json", experimentFields())), {
    ...places,
    ...{ device: "cpu", workers: 1, failFast: false, command: "test" },
    createExecutor: createInlineExecutor,
    log: createLog({ out: sink, live: sink }),
    stop: new AbortController(),
  });
  using store = openStore(places.store, { readonly: true });
  await writeBundle(store, { experiment: "tiny", file: bundle });
});

const folds = (store: Store) => [...readFoldResults(store)];
const lines = (): string[] => gunzipSync(readFileSync(bundle)).toString().trimEnd().split("\n");

/** A bundle whose lines were changed by hand; its checksum no longer fits unless it never mattered. */
function pack(text: string): string {
  const file = join(folder, "changed.probegrid");
  writeFileSync(file, gzipSync(text));
  return file;
}

function edit(table: string, change: (row: Record<string, unknown>) => void): string {
  const changed = lines().map((line) => {
    const value = JSON.parse(line) as { table?: string; row: Record<string, unknown> };
    if (value.table === table) change(value.row);
    return JSON.stringify(value);
  });
  return pack(`${changed.join("\n")}\n`);
}

async function refusal(file: string): Promise<string> {
  using store = openStore(":memory:");
  const error = await importBundle(store, { file }).then(
    () => new Error("was imported"),
    (thrown: unknown) => thrown as Error,
  );
  expect(store.sqlite.prepare("select count(*) from trials").pluck().get()).toBe(0);
  expect(error).toMatchObject({ name: "ExperimentError" });
  return error.message;
}

test("carries every fold, split, prediction and run into another store", async () => {
  using from = openStore(places.store, { readonly: true });
  using to = openStore(":memory:");
  expect(await importBundle(to, { file: bundle })).toEqual({
    experiment: "tiny",
    added: 4,
    known: 0,
  });
  expect(folds(to)).toEqual(folds(from));
  for (const table of ["split_folds", "predictions", "baselines", "datasets", "summaries"]) {
    const rows = ({ sqlite }: Store) => sqlite.prepare(`select * from ${table} order by 1, 2, 3`);
    expect(rows(to).all()).toEqual(rows(from).all());
  }
  expect(to.sqlite.prepare("select outcome from runs").pluck().all()).toEqual(["done"]);
});

test("changes nothing when imported again, and takes another name when given one", async () => {
  using store = openStore(":memory:");
  await importBundle(store, { file: bundle });
  const before = folds(store);
  expect(await importBundle(store, { file: bundle })).toMatchObject({ added: 0, known: 4 });
  expect(folds(store)).toEqual(before);
  const again = await importBundle(store, { file: bundle, experiment: "theirs" });
  expect(again).toEqual({ experiment: "theirs", added: 0, known: 4 });
  expect(folds(store)).toHaveLength(2 * before.length);
  expect(store.sqlite.prepare("select count(*) from runs").pluck().get()).toBe(2);
});

test("finishes trials that the store had only planned", async () => {
  using store = openStore(":memory:");
  await importBundle(store, { file: bundle });
  store.sqlite.exec(
    "delete from scores; delete from summaries; delete from predictions; delete from losses; update trials set state = 'pending'",
  );
  expect(await importBundle(store, { file: bundle })).toMatchObject({ added: 4, known: 0 });
  using from = openStore(places.store, { readonly: true });
  expect(folds(store)).toEqual(folds(from));
});

test("keeps a bundle to its owner", () => {
  expect(statSync(bundle).mode & 0o777).toBe(0o600);
  expect(isBundle(bundle)).toBe(true);
  expect(isBundle(folder)).toBe(false);
});

test.each([
  [
    "a trial that is not its spec",
    { table: "trials", change: { spec: "{}" }, reason: "is not the hash of its spec" },
  ],
  ["a trial at work", { table: "trials", change: { state: "running" }, reason: "is running" }],
  [
    "an unknown state",
    { table: "trials", change: { state: "won" }, reason: "expected one of pending, running, done" },
  ],
  [
    "a score of the wrong kind",
    { table: "scores", change: { value: "0.9" }, reason: "expected a real" },
  ],
  [
    "a number JSON reads as infinite",
    { table: "scores", change: { value: "1e400" }, reason: "expected a real" },
  ],
  [
    "a key beyond exact numbers",
    { table: "scores", change: { fold: 2 ** 53 }, reason: "expected a integer" },
  ],
  [
    "bytes that are not base64",
    { table: "predictions", change: { predicted: "<script>" }, reason: "expected a blob" },
  ],
  [
    "an unknown column",
    { table: "scores", change: { "value; drop table trials": 1 }, reason: "unknown column" },
  ],
  [
    "a spec that is not JSON",
    { table: "experiments", change: { spec: "{" }, reason: "expected a text" },
  ],
  ["a score of no trial", { table: "scores", change: { trial: 99 }, reason: "no such trials" }],
  [
    "too few targets",
    { table: "datasets", change: { rows: 3 }, reason: "expected a target for each of 3 rows" },
  ],
  [
    "a model of no checkpoint",
    { table: "trials", change: { model: "gone" }, reason: "contradicts itself" },
  ],
])("refuses %s and writes nothing", async (_, { table, change, reason }) => {
  const file = edit(table, (row) => Object.assign(row, change));
  expect(await refusal(file)).toContain(reason);
});

test("refuses a bundle that was cut, changed, or is of another version", async () => {
  const all = lines();
  expect(await refusal(pack(`${all.slice(0, -1).join("\n")}\n`))).toContain("its end is missing");
  expect(await refusal(pack(all.join("\n")))).toContain("its last line is cut off");
  const fewer = all.filter((line) => !line.includes('"losses"'));
  fewer.splice(-2, 1);
  expect(await refusal(pack(`${fewer.join("\n")}\n`))).toContain("not all of them");
  const notes = edit("experiments", (row) => Object.assign(row, { note: "another" }));
  expect(await refusal(notes)).toContain("its checksum differs");
  const newer = JSON.stringify({ ...JSON.parse(all[0] ?? ""), version: 999 });
  expect(await refusal(pack(`${[newer, ...all.slice(1)].join("\n")}\n`))).toContain("version 999");
  expect(await refusal(pack("[]\n"))).toContain("expected an experiment that probegrid export");
});

test("reads a bundle from before tables that it has no rows for", async () => {
  const [first = "", ...rest] = lines().slice(0, -1);
  const all = [JSON.stringify({ ...JSON.parse(first), version: 3 }), ...rest];
  const sha256 = createHash("sha256")
    .update(all.map((line) => `${line}\n`).join(""))
    .digest("hex");
  const file = pack(`${[...all, JSON.stringify({ rows: rest.length, sha256 })].join("\n")}\n`);
  using store = openStore(":memory:");
  expect(await importBundle(store, { file })).toMatchObject({ added: 4 });
});

test("refuses a file that unpacks to far more than it is", async () => {
  const [first = ""] = lines();
  const bomb = Buffer.concat([Buffer.from(`${first}\n"`), Buffer.alloc(64 * 2 ** 20, 32)]);
  const file = join(folder, "bomb.probegrid");
  writeFileSync(file, gzipSync(bomb, { level: 9 }));
  const before = process.memoryUsage().rss;
  expect(await refusal(file)).toContain("unpacks to far more than it is");
  expect(process.memoryUsage().rss - before).toBeLessThan(200e6);
});

test("is not fooled by names of every object", async () => {
  const all = lines();
  all.splice(1, 0, '{"table":"__proto__","row":{}}');
  expect(await refusal(pack(`${all.join("\n")}\n`))).toContain("unexpected table");
  all[1] = '{"table":"environments","row":{"__proto__":{"x":1},"id":"a","details":"{}"}}';
  await refusal(pack(`${all.join("\n")}\n`));
  expect(({} as { x?: number }).x).toBe(undefined);
});

test("answers damaged bundles with an error that names the file, packed and unpacked", async () => {
  const packed = readFileSync(bundle);
  const unpacked = gunzipSync(packed);
  for (const bytes of damage(packed, { rounds: 60, seed: 3 })) {
    const file = join(folder, "changed.probegrid");
    writeFileSync(file, bytes);
    if (isBundle(file) && !bytes.equals(packed)) await mayBeWhole(file);
  }
  for (const bytes of damage(unpacked, { rounds: 60, seed: 4 })) {
    if (!bytes.equals(unpacked)) expect(await refusal(pack(bytes.toString()))).toContain("changed");
  }
});

/** Damage to what gzip does not check (its time stamp) leaves the contents whole. */
async function mayBeWhole(file: string): Promise<void> {
  using store = openStore(":memory:");
  try {
    await importBundle(store, { file });
  } catch (error) {
    expect(error).toMatchObject({ name: "ExperimentError" });
    expect((error as Error).message).toContain(file);
  }
}
