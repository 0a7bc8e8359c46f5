/** @file Valid files that are made to be slow, large or deep: a clear error or a result, in a moment. */

import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { importBundle } from "./bundle/import-bundle.ts";
import { bundleFormat } from "./bundle/write-bundle.ts";
import { loadDataset } from "./dataset.ts";
import { loadAnyExperiment } from "./experiment.ts";
import { openGrid } from "./grid.ts";
import { readRecords } from "./hub/data/records.ts";
import { readTar } from "./hub/data/tar.ts";
import { tarOf } from "./hub/data/tar-of.ts";
import { importResults } from "./import/import-results.ts";
import { experimentFields, makeExperimentFolder } from "./make-experiment.ts";
import { openStore } from "./store/index.ts";
import { storeVersion } from "./store/migrate.ts";

const folder = mkdtempSync(join(tmpdir(), "probegrid-hostile-"));
const put = (name: string, contents: string | Uint8Array): string => {
  const file = join(folder, name);
  writeFileSync(file, contents);
  return file;
};
const nested = (levels: number) => "[".repeat(levels) + "]".repeat(levels);
const sized = (name: string, contents: string, options: object = {}) =>
  loadDataset({ path: put(name, contents), ...options }, {});
const columns = (count: number) => Array.from({ length: count }, (_, i) => `c${i}`);

test.each([
  ["text.jsonl", `{"text":${nested(50_000)},"label":1}\n`],
  ["list.json", nested(1_000_000)],
  ["data.json", `{"data":${nested(200_000)}}`],
  ["about.json", `{"data":[{"text":"a","label":1}],"task":${nested(200_000)}}`],
])("%s that nests without end is refused by its name", async (name, contents) => {
  await expect(sized(name, contents)).rejects.toThrow(/json.*at most 100 levels/);
});

test("reads a hundred thousand columns", async () => {
  const wide = columns(100_000);
  const row = (label: number) => `a${label},${label},${wide.map(() => 7).join(",")}\n`;
  const text = `text,label,${wide.join(",")}\n${row(0)}${row(1)}`;
  expect((await sized("wide.csv", text)).texts).toEqual(["a0", "a1"]);
  await expect(sized("twice.csv", `text,label,text\n`)).rejects.toThrow('"text" stands twice');
});

test("refuses records that hardly share a field, and names of columns without end", async () => {
  const lines = Array.from({ length: 6000 }, (_, i) => `{"text":"a${i}","label":1,"k${i}":1}`);
  await expect(sized("sparse.jsonl", lines.join("\n"))).rejects.toThrow(
    "expected records with the same fields, 6000 of them have 6002 different ones",
  );
  const error: unknown = await sized("unnamed.csv", `${columns(5000).join(",")}\n`).catch((e) => e);
  expect(String(error).length).toBeLessThan(600);
});

test("refuses rows of nothing but separators, and lines and values that are no table's", async () => {
  const many = 2 ** 22 + 10;
  const wide = `text,label\n"a,\n",1\n${",".repeat(many)}\n`;
  await expect(sized("commas.csv", wide)).rejects.toThrow(
    "commas.csv:4: expected at most 4194304 columns, got more",
  );
  await expect(sized("first.csv", ",".repeat(many))).rejects.toThrow("at most 4194304 columns");
  await expect(sized("rows.csv", `text,label\r\n${"\r\n".repeat(many)}`)).rejects.toThrow(
    "rows.csv:4194305: expected at most 4194304 rows, got more",
  );
  const { texts } = await sized("long.csv", `text,label\n"a${"\n".repeat(many)}b",1\nc,0\n`);
  expect(texts.map(({ length }) => length)).toEqual([many + 2, 1]);
  await expect(sized("lines.jsonl", `{}\n${"\n".repeat(many)}`)).rejects.toThrow(
    `expected at most 4194304 lines, got ${many + 1}`,
  );
  await expect(sized("empty.json", `[${"[],".repeat(2 ** 24)}1]`)).rejects.toThrow(
    "empty.json: expected at most 33554432 values",
  );
});

test("reads a header of megabytes, whatever ends its rows, and lists it shortly", async () => {
  const name = "n".repeat(3e6);
  for (const ending of ["\n", "\r\n", "\r"]) {
    const rows = [`text,label,"${name}\n"`, '"a\r\nb",1,x', "c,0,y", ""];
    expect((await sized("wide.csv", rows.join(ending))).texts).toEqual(["a\r\nb", "c"]);
  }
  const error: unknown = await sized("named.csv", `${name},b\n1,2\n`, { text: "t" }).catch(
    (e) => e,
  );
  expect(String(error)).toMatch(/unknown column "t", .*expected one of n{59}…, b$/);
});

test("reads quoted fields of megabytes in a .tsv, and trees of nothing but brackets", async () => {
  const long = `"${"a".repeat(3e6)}""x"`;
  const { texts } = await sized("long.tsv", `text\tlabel\n${long}\t1\n"b"\t0\n`);
  expect(texts.map(({ length }) => length)).toEqual([3_000_002, 1]);
  const doubled = `text\tlabel\n"${'a""'.repeat(200_000)}\t1\n"b"\t0\n`;
  expect((await sized("doubled.tsv", doubled)).texts).toHaveLength(2);
  const brackets = `(1 ${"(".repeat(60_000)}a${")".repeat(60_001)}\n`;
  await expect(sized("trees.txt", brackets, { format: "trees" })).rejects.toThrow("bracketed tree");
});

test("says what a file is that is no text", async () => {
  const utf16 = Buffer.from("text,label\nhello,1\nbye,0\n", "utf16le");
  const load = (name: string, bytes: Uint8Array) => loadDataset({ path: put(name, bytes) }, {});
  await expect(load("u.csv", utf16)).rejects.toThrow("UTF-16 without a mark? give encoding");
  const read = { path: put("u16.csv", utf16), encoding: "utf-16le" };
  expect((await loadDataset(read, {})).texts).toEqual(["hello", "bye"]);
  await expect(load("p.csv", Buffer.from("PAR1 and more"))).rejects.toThrow("got parquet");
  await expect(load("e.json", Buffer.from("[]"))).rejects.toThrow("expected rows, got none");
});

test("refuses grids whose axes alone would fill memory", async () => {
  const { write, places } = makeExperimentFolder();
  const open = async (change: object) =>
    openGrid(
      (await loadAnyExperiment(write("e.json", experimentFields({ ...change })))) as never,
      places.cache,
    );
  const k3 = { kind: "stratified", k: 3, seed: 1 };
  await expect(open({ folds: { ...k3, repeats: 1e9 } })).rejects.toThrow("folds: expected at most");
  await expect(open({ folds: { kind: "resampled", n: 1e9 } })).rejects.toThrow(
    "folds: expected at most",
  );
  const seeds = Array.from({ length: 300_000 }, (_, i) => i);
  const classifiers = ["lda", "ridge", "logistic", "gaussian-nb"];
  await expect(open({ seeds, classifiers })).rejects.toThrow("got 1,200,000");
  const set = `${"a.".repeat(20_000)}b=1`;
  await expect(
    loadAnyExperiment(write("e.json", experimentFields()), { set: [set] }),
  ).rejects.toThrow("--set: expected at most 20 steps");
  const rates = Array.from({ length: 3000 }, (_, i) => (i + 1) * 1e-6);
  const tuning = { kind: "finetune", name: "t", datasets: "texts.jsonl", models: "bert" };
  const load = (more: object) => loadAnyExperiment(write("f.json", { ...tuning, ...more }));
  await expect(load({ learningRate: rates, weightDecay: rates })).rejects.toThrow(
    "weightDecay: expected at most 100,000 combinations",
  );
  await expect(load({ learningRate: rates, search: { trials: 1e9 } })).rejects.toThrow(
    "search.trials: expected at most 100,000",
  );
});

test("refuses bundles whose lines unpack to lists without end", async () => {
  const heading = JSON.stringify({ format: bundleFormat, version: storeVersion, experiment: "x" });
  const row = (spec: string) =>
    JSON.stringify({
      table: "experiments",
      row: { key: 1, name: "x", kind: "probe", spec, createdAt: 1 },
    });
  const load = async (line: string) => {
    using store = openStore(":memory:");
    return await importBundle(store, {
      file: put("b.probegrid", gzipSync(`${heading}\n${line}\n`)),
    });
  };
  await expect(load("[".repeat(2e7))).rejects.toThrow("a line is not JSON of a row");
  const wide = `{"table":"experiments","row":{"spec":[${"1,".repeat(1e7)}1]}}`;
  await expect(load(wide)).rejects.toThrow("a line is not JSON of a row");
  await expect(load(row(nested(1e6)))).rejects.toThrow("experiments.spec: expected");
  await expect(load(row(`[${"{},".repeat(12e6)}1]`))).rejects.toThrow("experiments.spec: expected");
});

test("refuses published results of a million metrics, and reads one with a byte order mark", () => {
  const published = (data: object) => ({
    metadata: { name: "d", task: "Classification", labels: { 0: "a", 1: "b" } },
    ...{ expdata: { model: "m", classifier: "lda", layer: 1 }, data },
  });
  const load = (text: string) => {
    using store = openStore(":memory:");
    return importResults(store, put("r1.json", text), { experiment: "r" });
  };
  const metrics = Object.fromEntries(columns(100_000).map((name) => [name, [0.5]]));
  expect(() => load(JSON.stringify(published(metrics)))).toThrow("expected at most 1000 metrics");
  const marked = `\ufeff${JSON.stringify(published({ Accuracy: [0.5, 0.6] }))}`;
  expect(load(marked).trials).toBe(1);
});

test("names published results that hold infinities, names without end, or open quotes", () => {
  const load = (text: string) => {
    using store = openStore(":memory:");
    return importResults(store, put("r1.json", text), { experiment: "r" });
  };
  const published = (field: string, data: string) =>
    `{"metadata":{"name":"d","task":"Classification","more":${field}},` +
    `"expdata":{"model":"m","classifier":"LDA","layer":1},"data":${data}}`;
  expect(() => load(published("1e400", '{"F1":[1]}'))).toThrow("metadata: expected finite numbers");
  expect(load(published('"a \\"NaN"', '{"F1":[1, NaN]}')).scores).toBe(1);
  expect(() => load(`{"a":NaN,"b":"${'\\"'.repeat(1e6)}`)).toThrow("expected published results");
  const message = (text: string): string => {
    try {
      return String(load(text).trials);
    } catch (error) {
      return String(error);
    }
  };
  const long = "n".repeat(1e6);
  expect(message(`{"${long}":1}`).length).toBeLessThan(600);
  expect(message(published("1", `{"${long}":["x"]}`)).length).toBeLessThan(600);
});

test("takes a packed member of 100 MB out of an archive, and no packed line or page without end", async () => {
  const packed = gzipSync(tarOf({ "a.csv": Buffer.alloc(1e8) }), { level: 1 });
  const found = await readTar(put("t.tar.gz", packed), ["a.csv"]);
  expect(found.get("a.csv")?.length).toBe(1e8);
  const from = put("line.jsonl.gz", gzipSync(Buffer.alloc(3e8, 97), { level: 1 }));
  const read = async () => {
    for await (const _ of readRecords({ from, format: "jsonl" }));
  };
  await expect(read()).rejects.toThrow("a line is longer than");
  const bomb = new URL("../../../test/fixtures/parquet/bomb.parquet", import.meta.url).pathname;
  const rows = async () => {
    for await (const _ of readRecords({ from: bomb, format: "parquet" }));
  };
  await expect(rows()).rejects.toThrow("row group 0 unpacks to more than 536870912 bytes");
});
