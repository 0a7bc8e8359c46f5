/** @file Pulling data sets: the table's mappings, archives, the hub's layouts, cut connections, no network. */

import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadDataset } from "../../dataset.ts";
import type { HubSettings } from "../settings.ts";
import { type StandIn, startStandIn } from "../stand-in.ts";
import { pullData } from "./pull-data.ts";
import type { DataSource } from "./source.ts";
import { dataSources } from "./sources.ts";
import { tarOf } from "./tar-of.ts";

const parquet = (name: string): Buffer =>
  readFileSync(
    fileURLToPath(new URL(`../../../../../test/fixtures/parquet/${name}`, import.meta.url)),
  );

const card = (text: string): Buffer => Buffer.from(`---\n${text}\n---\n# A data set\n`);
const configs = [
  "license: cc-by-4.0",
  "configs:",
  "- config_name: sst2",
  "  data_files:",
  "  - split: train",
  "    path: sst2/train-*",
  "  - split: validation",
  "    path: sst2/validation-*",
  "- config_name: other",
  "  data_files: other/*",
].join("\n");

const labelled = Buffer.from("DESC:manner How did it start ?\nNUM:date When was that ?\n");
const long = Array.from({ length: 400 }, (_, i) => `tr\t${i % 2 ? "PAST" : "PRES"}\tline ${i} .`);
const senteval = Buffer.from(`${[...long, "te\tPAST\tit was ."].join("\n")}\n`);

let stand: StandIn;
let into = "";
let hub: HubSettings;
const file = (name: string): string => `${stand.url}/files/x/resolve/main/${name}`;
const options = () => ({ hub, into, force: false, limit: null });

beforeEach(async () => {
  into = mkdtempSync(join(tmpdir(), "probegrid-data-"));
  stand = await startStandIn({
    "datasets/nyu-mll/glue": {
      "README.md": card(configs),
      "sst2/train-00000-of-00001.parquet": parquet("train.parquet"),
      "sst2/validation-00000-of-00001.parquet": parquet("test.parquet"),
      "other/train.csv": Buffer.from("a,b\n1,2\n"),
    },
    "datasets/owner/paths": {
      "data/train-00000-of-00001.parquet": parquet("train.parquet"),
      "data/test-00000-of-00001.parquet": parquet("test.parquet"),
    },
    "datasets/owner/csv": {
      "train.csv": Buffer.from('text,stars\n"one, two",0.5\n"line\nbreak",1\n'),
      "dev.jsonl.gz": gzipSync(Buffer.from('{"text": "a\u2028b", "stars": 0.25}\n')),
    },
    "datasets/owner/script": { "script.py": Buffer.from("raise SystemExit") },
    "files/x": {
      "train_5500.label": labelled,
      "past_present.txt": senteval,
      "set.tar.gz": gzipSync(
        tarOf({
          "../../escape": Buffer.from("no"),
          "plot.tok": Buffer.from("it happens .\nthen ends .\n"),
          "quote.tok": Buffer.from("i loved it , naïve .\n", "latin1"),
        }),
      ),
    },
  });
  hub = { endpoint: stand.url, cache: join(into, ".hub"), offline: false, token: null };
});
afterEach(async () => {
  await stand.close();
  rmSync(into, { recursive: true });
});

/** A row of the table with its files at home on loopback. */
function at(name: keyof typeof dataSources, files: readonly object[]): Record<string, DataSource> {
  return { [name]: { ...dataSources[name], from: { kind: "url", files } as never } };
}

const lines = (path: string): unknown[] =>
  readFileSync(path, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

describe("the hub", () => {
  it("pulls a task of GLUE by its card, with parts, class names, licence and checksum", async () => {
    const pulled = await pullData("sst2", options());
    expect(pulled).toMatchObject({
      rows: 9,
      parts: { train: 7, validation: 2 },
      expectedRows: 68221,
    });
    expect(lines(pulled.file)[1]).toEqual({ text: "sentence 1 – naïve", label: 1, part: "train" });
    const readme = readFileSync(join(into, "sst2/README.md"), "utf8");
    expect(readme).toContain("Rows: 9 (train 7, validation 2)");
    expect(readme).toContain(`sha256 of sst2.jsonl: \`${pulled.sha256}\``);
    const dataset = await loadDataset(pulled.file);
    expect(dataset).toMatchObject({ name: "sst2", labels: ["negative", "positive"] });
    expect([...dataset.parts!]).toEqual([1, 1, 1, 1, 1, 1, 1, 2, 2]);
  });

  it("finds splits by path, class names in parquet, and fetches nothing twice", async () => {
    const pulled = await pullData("owner/paths", { ...options(), splits: ["test"] });
    expect(lines(pulled.file)).toEqual([
      { text: "sentence 7 – naïve", label: 1, part: "test" },
      { text: "sentence 8 – naïve", label: 0, part: "test" },
    ]);
    const { labels } = await loadDataset(pulled.file);
    expect(labels).toEqual(["bad", "good"]);
    const asked = stand.requests.filter((request) => request.includes("/resolve/")).length;
    await pullData("owner/paths", { ...options(), splits: ["test"] });
    expect(stand.requests.filter((request) => request.includes("/resolve/")).length).toBe(asked);
  });

  it("takes the columns it is told, and sees scores", async () => {
    const pulled = await pullData("owner/paths", {
      ...options(),
      text: "sentence",
      label: "score",
    });
    const dataset = await loadDataset(pulled.file);
    expect(dataset.task).toBe("regression");
    expect([...dataset.targets]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8].map((i) => i / 8));
  });

  it("reads csv and packed jsonl, commas, newlines and U+2028 included", async () => {
    const pulled = await pullData("owner/csv", { ...options(), label: "stars" });
    const texts = lines(pulled.file).map((row) => (row as { text: string }).text);
    expect(texts).toEqual(["one, two", "line\nbreak", "a\u2028b"]);
  });

  it.each([
    ["owner/csv", {}, /say --label, the columns are text, stars/],
    ["owner/csv", { label: "star" }, /unknown column "star", did you mean "stars"\?/],
    ["owner/paths", { splits: ["dev"] }, /no split "dev", expected one of train, test/],
    ["nyu-mll/glue", {}, /has 2 configs, say --config: expected one of sst2, other/],
    ["nyu-mll/glue", { config: "sst3" }, /unknown config "sst3"/],
    ["owner/script", {}, /expected parquet, csv or jsonl files, the repository has none/],
    ["colla", {}, /unknown data set "colla", did you mean "cola"\?/],
  ])("says what is wrong with %s %j", async (id, more, message) => {
    await expect(pullData(id, { ...options(), ...more })).rejects.toThrow(message);
  });

  it("works from the cache when offline, and says what is missing", async () => {
    const online = await pullData("sst2", options());
    const asked = stand.requests.length;
    const offline = { ...options(), hub: { ...hub, offline: true } };
    expect((await pullData("sst2", offline)).sha256).toBe(online.sha256);
    await expect(pullData("liar", offline)).rejects.toThrow(
      /dataset "ucsbnlp\/liar": offline, and not in .*, which holds nyu-mll\/glue/,
    );
    await expect(pullData("trec", offline)).rejects.toThrow(
      /offline, and https:.*train_5500\.label/,
    );
    expect(stand.requests.length).toBe(asked);
  });
});

describe("files at other homes", () => {
  it("maps TREC's coarse classes", async () => {
    const files = [{ url: file("train_5500.label"), part: "train", format: "labelled" }];
    const pulled = await pullData("trec", { ...options(), sources: at("trec", files) });
    expect(lines(pulled.file)).toEqual([
      { text: "How did it start ?", label: 2, part: "train" },
      { text: "When was that ?", label: 5, part: "train" },
    ]);
  });

  it("takes named files out of an archive and unpacks nothing", async () => {
    const url = file("set.tar.gz");
    const files = ["plot.tok", "quote.tok"].map((member, label) => ({
      ...{ url, member, part: null, format: "lines", encoding: "latin-1", add: { label } },
    }));
    const pulled = await pullData("subj", { ...options(), sources: at("subj", files) });
    expect(lines(pulled.file)).toEqual([
      { text: "it happens .", label: 0 },
      { text: "then ends .", label: 0 },
      { text: "i loved it , naïve .", label: 1 },
    ]);
    expect(readdirSync(into)).toEqual(["subj"]);
    const [first] = files;
    const missing = at("subj", [{ ...first, member: "other.tok" }]);
    await expect(pullData("subj", { ...options(), sources: missing })).rejects.toThrow(
      /other\.tok is not in the archive/,
    );
  });

  it("goes on where a download was cut, and keeps SentEval's parts", async () => {
    stand.cuts.set("past_present.txt", [1000, 500]);
    const files = [{ url: file("past_present.txt"), part: null, format: "senteval" }];
    const sources = at("past-present", files);
    const pulled = await pullData("past_present", { ...options(), sources });
    expect(pulled).toMatchObject({ rows: 401, parts: { train: 400, test: 1 } });
    const ranges = stand.requests.flatMap((request) => request.match(/bytes=\d+-/)?.[0] ?? []);
    expect(ranges).toEqual(["bytes=1000-", "bytes=1500-"]);
    const dataset = await loadDataset(pulled.file);
    expect(dataset.labels).toEqual(["PAST", "PRES"]);
  });

  it("draws a sample that is the same each time", async () => {
    const files = [{ url: file("past_present.txt"), part: null, format: "senteval" }];
    const sources = at("past-present", files);
    const one = await pullData("past-present", { ...options(), sources, limit: 50 });
    const two = await pullData("past-present", { ...options(), sources, limit: 50 });
    expect(one.rows).toBe(50);
    expect(two.sha256).toBe(one.sha256);
    expect(readFileSync(join(into, "past-present/README.md"), "utf8")).toContain("a random sample");
  });
});

describe("mappings", () => {
  it.each([
    ["app-reviews", { review: "x", star: 4 }, 0.75],
    ["liar", { statement: "x", label: 1 }, 0.8],
    ["dutch-social", { text_translation: "x", sentiment_pattern: -0.5 }, 0.25],
    ["hate-speech", { text: "x", label: 1 }, 1],
    ["colbert", { text: "x", humor: "True" }, 1],
    ["amazon-polarity", { content: "x", label: 0n }, 0],
    ["tweets-hate-speech", { tweet: "x", label: "0" }, 0],
    ["commonsense", { input: "x", label: "1", is_short: "True" }, 1],
  ] as const)("%s as the probing pipeline maps it", (name, record, label) => {
    expect(dataSources[name].row(record)).toEqual({ text: "x", label });
  });

  it("leaves out what has no label or was not meant", () => {
    expect(dataSources["hate-speech"].row({ text: "x", label: 2 })).toBeNull();
    expect(dataSources.commonsense.row({ input: "x", label: 1, is_short: "False" })).toBeNull();
    expect(dataSources.rte.row({ sentence1: "x", sentence2: "y", label: -1 })).toBeNull();
    expect(() => dataSources.sst.row({ sentence: "x", label: "" })).toThrow(/expected a number/);
  });

  it("puts the edit of a headline in its place", () => {
    const row = { original: "Trump <wins/> again", edit: "$& cries", meanGrade: 1.5 };
    expect(dataSources.microedit.row(row)).toEqual({ text: "Trump $& cries again", label: 0.5 });
  });

  it("rounds scores to classes when asked, a half to the even one", async () => {
    const sst: DataSource = {
      ...dataSources.sst,
      from: { kind: "hub", id: "owner/paths", config: null, splits: [["train", null]] },
      row: (record) => dataSources.sst.row({ ...record, label: record.score }),
    };
    const sources = { sst };
    const pulled = await pullData("sst", { ...options(), force: true, sources });
    // 0, 1/8, ..., 6/8: one half is the fifth.
    expect(lines(pulled.file).map((line) => (line as { label: number }).label)).toEqual([
      ...[0, 0, 0, 0, 0, 1, 1],
    ]);
    expect(await loadDataset(pulled.file)).toMatchObject({ labels: ["Negative", "Positive"] });
    await expect(pullData("sst2", { ...options(), force: true })).rejects.toThrow(
      /is classification already/,
    );
  });
});
