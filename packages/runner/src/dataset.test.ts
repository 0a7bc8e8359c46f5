/** @file Reading datasets: every layout, what is found out by itself, and what is refused, with file and line. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { damage } from "./damage.ts";
import { type Dataset, loadDataset } from "./dataset.ts";

const folder = mkdtempSync(join(tmpdir(), "dataset-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Reads a file with these contents. */
function read(name: string, contents: string | Buffer, options: object = {}): Promise<Dataset> {
  writeFileSync(join(folder, name), contents);
  return loadDataset({ path: name, ...options }, { from: folder });
}

const summary = ({ texts, targets, labels, task }: Dataset) => ({
  texts,
  targets: [...targets],
  labels,
  task,
});
const good = {
  texts: ["bad", "good", "fine"],
  targets: [0, 1, 1],
  labels: ["0", "1"],
  task: "classification",
};

test.each<[string, string, string]>([
  [
    "JSON lines",
    "a.jsonl",
    '{"text":"bad","label":0}\n\n{"text":"good","label":1}\n{"text":"fine","label":1}',
  ],
  [
    "a JSON list",
    "a.json",
    '[{"text":"bad","label":0},{"text":"good","label":1},{"text":"fine","label":1}]',
  ],
  ["JSON columns", "a.json", '{"text":["bad","good","fine"],"label":[0,1,1]}'],
  ["CSV", "a.csv", "text,label\nbad,0\ngood,1\nfine,1\n"],
  [
    "CSV with a byte order mark and Windows line ends",
    "a.csv",
    "\ufefftext,label\r\nbad,0\r\ngood,1\r\nfine,1\r\n",
  ],
  ["semicolons", "a.csv", "label;text\n0;bad\n1;good\n1;fine"],
  ["CSV without a header", "a.csv", "bad,0\ngood,1\nfine,1"],
  ["TSV", "a.tsv", "sentence\tlabel\nbad\t0\ngood\t1\nfine\t1"],
  ["text, tab, label", "a.txt", "bad\t0\ngood\t1\nfine\t1"],
  ["label, space, text", "a.all", "0 bad\n1 good\n1 fine\n"],
  [
    "SST trees",
    "a.txt",
    "(0 (2 bad))\n(1 (1 good))\n(1 fine)\n".replace("(1 fine)", "(1 (3 fine))"),
  ],
])("reads %s", async (_, name, contents) => {
  expect(summary(await read(name, contents))).toEqual(good);
});

test("reads both forms of a described dataset and recounts its rows", async () => {
  const description = {
    name: "Toy",
    task: "Classification",
    size: 99,
    labels: { 0: "Negative", 1: "Positive" },
  };
  const lists = { sentences: ["bad", "good", "fine"], labels: [0, 1, 1] };
  const byKey = { sentences: { 0: "bad", 2: "good", 7: "fine" }, labels: { 7: 1, 2: 1, 0: 0 } };
  for (const data of [lists, byKey]) {
    const dataset = await read("toy.json", JSON.stringify({ data, ...description }));
    expect(summary(dataset)).toEqual({ ...good, labels: ["Negative", "Positive"] });
    expect(dataset.name).toBe("Toy");
    expect(dataset.findings.messages).toContain("the file says 99 rows, it has 3");
  }
});

test("takes the task a file names, and the one the experiment names over it", async () => {
  const data = { sentences: ["a", "b"], labels: [0, 1] };
  const file = JSON.stringify({ data, task: "Regression" });
  expect((await read("r.json", file)).task).toBe("regression");
  expect((await read("r.json", file, { task: "classification" })).task).toBe("classification");
});

test("reads fractions as scores", async () => {
  const dataset = await read("s.csv", "text,label\na,0.25\nb,1\nc,5e-1\n");
  expect(summary(dataset)).toEqual({
    texts: ["a", "b", "c"],
    targets: [0.25, 1, 0.5],
    labels: null,
    task: "regression",
  });
});

test("orders classes by number where all are numbers, else by character", async () => {
  const numbers = await read("n.csv", "text,label\na,10\nb,9\nc,9.0\nd,-1\n");
  expect([numbers.labels, [...numbers.targets]]).toEqual([
    ["-1", "9", "10"],
    [2, 1, 1, 0],
  ]);
  const words = await read("w.csv", "text,label\na,b\nb,B\nc,10\n");
  expect(words.labels).toEqual(["10", "B", "b"]);
});

test("keeps commas, quotes and newlines inside quotes", async () => {
  const dataset = await read("q.csv", 'text,label\n"a, ""b""\nc",0\nd,1\n');
  expect(dataset.texts).toEqual(['a, "b"\nc', "d"]);
});

test("leaves quotes in tab separated text alone, unless the file follows the rules of CSV", async () => {
  const plain = await read("p.tsv", 'text\tlabel\n"so" he said\t0\n"no\t1\nyes"\t1\n');
  expect(plain.texts).toEqual(['"so" he said', '"no', 'yes"']);
  const quoted = await read("q.tsv", 'text\tlabel\n"say ""so"""\t0\nno\t1\n');
  expect(quoted.texts).toEqual(['say "so"', "no"]);
  const broken = await read("b.tsv", 'text\tlabel\n"two\nlines"\t0\nno\t1\n');
  expect(broken.texts).toEqual(["two\nlines", "no"]);
});

test("takes columns by name, and by number where there is no header", async () => {
  const named = { text: "tweet", label: "feeling", textPair: null };
  const csv = await read("t.csv", "id,tweet,feeling\n1,so,x\n2,no,y\n", named);
  expect([csv.texts, csv.labels]).toEqual([
    ["so", "no"],
    ["x", "y"],
  ]);
  const cola = await read("c.tsv", "gj04\t1\t\tFine.\ngj04\t0\t*\tNot.\n", { text: 3, label: 1 });
  expect([cola.texts, [...cola.targets]]).toEqual([
    ["Fine.", "Not."],
    [1, 0],
  ]);
});

test("reads sentence pairs, or one of them where no pair is wanted", async () => {
  const rte = "index\tsentence1\tsentence2\tlabel\n0\ta\tb\tyes\n1\tc\td\tno\n";
  const pairs = await read("rte.tsv", rte);
  expect([pairs.texts, pairs.textPairs]).toEqual([
    ["a", "c"],
    ["b", "d"],
  ]);
  const single = await read("rte.tsv", rte, { text: "sentence2", textPair: null });
  expect([single.texts, single.textPairs]).toEqual([["b", "d"], null]);
});

test("reads parts from SentEval's first column, from a part column and from files of their own", async () => {
  const senteval = await read("e.txt", "tr\tx\ta\nva\ty\tb\nte\tx\tc\n");
  expect([senteval.texts, [...senteval.parts!]]).toEqual([
    ["a", "b", "c"],
    [1, 2, 3],
  ]);
  const column = await read("p.csv", "text,label,split\na,0,train\nb,1,dev\nc,1,test\n");
  expect([...column.parts!]).toEqual([1, 2, 3]);
  writeFileSync(join(folder, "1.txt"), "0 a\n1 b\n");
  writeFileSync(join(folder, "2.txt"), "1 b\n2 c\n");
  const files = await loadDataset({ train: "1.txt", test: "2.txt", name: "two" }, { from: folder });
  expect(files).toMatchObject({
    name: "two",
    texts: ["a", "b", "b", "c"],
    labels: ["0", "1", "2"],
  });
  expect([...files.parts!]).toEqual([1, 1, 3, 3]);
  expect(files.findings.leaked).toBe(1);
});

test("puts identical texts and rows of one group together", async () => {
  const dataset = await read(
    "g.csv",
    "text,label,group\na,0,x\nb,1,y\nc,1,x\nb,0,z\nd,1,z\ne,0,\nf,0,\n",
  );
  // a and c share x; b stands twice, which joins y and z; rows without a group are alone
  expect([...dataset.groups]).toEqual([0, 1, 0, 1, 1, 2, 3]);
});

test("reads latin-1 and windows-1252 where bytes are not UTF-8, and UTF-16 by its mark", async () => {
  const latin = Buffer.concat([Buffer.from("0 caf\xe9 \x85\n", "latin1"), Buffer.from("1 b\n")]);
  const dataset = await read("l.all", latin);
  expect(dataset.texts).toEqual(["café …", "b"]);
  expect(dataset.findings.messages).toContain("not valid UTF-8, read as windows-1252");
  const wide = Buffer.from("\ufefftext,label\né,0\nb,1\n", "utf16le");
  expect((await read("w.csv", wide)).texts).toEqual(["é", "b"]);
  await expect(read("l.all", latin, { encoding: "utf-8" })).rejects.toThrow("expected UTF-8");
});

test("draws a sample that keeps the order and depends on the seed alone", async () => {
  const rows = Array.from({ length: 100 }, (_, i) => `{"text":"${i}","label":${i % 2}}`).join("\n");
  const first = await read("many.jsonl", rows, { limit: 20 });
  const numbers = first.texts.map(Number);
  expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
  expect(new Set(numbers).size).toBe(20);
  expect((await read("again.jsonl", rows, { limit: 20 })).id).toBe(first.id);
  expect((await read("many.jsonl", rows, { limit: 20, seed: 1 })).id).not.toBe(first.id);
  expect(first.findings.messages).toEqual(["20 of 100 rows, drawn at random"]);
});

test("has an id of its rows, not of its place or format", async () => {
  const { id } = await read("one.csv", "text,label\na,0\nb,1\n");
  expect(id).toMatch(/^[0-9a-f]{16}$/);
  expect((await read("two.txt", "0 a\n1 b\n")).id).toBe(id);
  expect((await read("two.txt", "0 a\n1 c\n")).id).not.toBe(id);
  expect((await read("two.txt", "1 a\n0 b\n")).id).not.toBe(id);
});

test("says what is odd: empty and repeated texts, conflicts, classes of one row", async () => {
  const { findings } = await read("odd.csv", "text,label\n,0\nb,1\nb,0\nb,1\nc,2\n");
  expect(findings).toMatchObject({
    emptyTexts: 1,
    duplicates: 2,
    conflicts: 1,
    classCounts: [2, 2, 1],
  });
  expect(findings.messages).toEqual([
    "1 text is empty",
    "2 rows repeat an earlier text, 1 with another label; grouped folds keep them together",
    "1 class has one row only",
  ]);
});

test.each<[string, string, string, object, string]>([
  [
    "a row too short",
    "a.csv",
    "text,label\na,0\nb\n",
    {},
    "a.csv:3: expected 2 columns as the header has, got 1",
  ],
  [
    "a row after a quoted newline",
    "a.csv",
    'text,label\n"a\nb",0\nc\n',
    {},
    "a.csv:4: expected 2 columns",
  ],
  [
    "an open quote",
    "a.csv",
    'text,label\na,0\n"b,1\n',
    {},
    "a quote opened after line 2 is never closed",
  ],
  [
    "an empty label",
    "a.csv",
    "text,label\na,\nb,1\n",
    {},
    'a.csv:2: expected a label in column "label", got ""',
  ],
  [
    "broken JSON lines",
    "a.jsonl",
    '{"text":"a","label":0}\n{oops\n',
    {},
    "a.jsonl:2: expected JSON",
  ],
  [
    "a list as row",
    "a.jsonl",
    "[1]\n[2]\n",
    { format: "jsonl" },
    "a.jsonl:1: expected an object, got [1]",
  ],
  [
    "a missing text",
    "a.jsonl",
    '{"text":"a","label":0}\n{"label":1}',
    {},
    'a.jsonl:2: expected a text in column "text", got null',
  ],
  [
    "a text that is a number",
    "a.json",
    '[{"text":5,"label":0}]',
    {},
    'a.json: row 1: expected a text in column "text", got 5',
  ],
  ["NaN", "a.json", '[{"text":"a","label":NaN}]', {}, "(NaN and Infinity are not JSON)"],
  [
    "1e400",
    "a.json",
    '[{"text":"a","label":1e400}]',
    {},
    'row 1: expected a label in column "label", got Infinity',
  ],
  [
    "2^53 + 1",
    "a.json",
    '[{"text":"a","label":9007199254740993}]',
    {},
    "has more digits than a number keeps",
  ],
  [
    "a word as score",
    "a.csv",
    "text,label\na,0.5\nb,x\n",
    { task: "regression" },
    'a.csv:3: expected a number as label, got "x"',
  ],
  [
    "one class",
    "a.csv",
    "text,label\na,0\nb,0\n",
    {},
    'expected at least 2 classes, all 2 rows have label "0"',
  ],
  ["only empty texts", "a.csv", "text,label\n,0\n,1\n", {}, "expected texts, all 2 are empty"],
  ["an empty file", "a.csv", " \n", {}, "a.csv: the file is empty"],
  ["a header alone", "a.csv", "text,label\n", {}, "expected rows, got none"],
  [
    "an unknown column",
    "a.csv",
    "tweets,feeling\na,0\n",
    { text: "tweet" },
    'unknown column "tweet", did you mean "tweets"? expected one of tweets, feeling',
  ],
  [
    "a column beyond the last",
    "a.tsv",
    "a\t0\nb\t1\n",
    { text: 2 },
    'expected a column from 0 to 1, got 2; the first row is 0: "a", 1: "0"',
  ],
  [
    "columns without usual names",
    "a.csv",
    "a,b,c\nx,y,z\n",
    {},
    'expected "text" to name the text column, none has a usual name; columns are a, b, c',
  ],
  [
    "a name that stands twice",
    "a.csv",
    "text,text\na,0\n",
    {},
    'column "text" stands twice in the header',
  ],
  [
    "what may be a header",
    "a.tsv",
    "input\toutput\na\tx\nb\ty\nc\tx\nd\ty\n",
    {},
    "the first line may be a header, say header: true or false",
  ],
  [
    "columns of different lengths",
    "a.json",
    '{"text":["a"],"label":[0,1]}',
    {},
    'columns "text" and "label" differ in length, 1 and 2 rows',
  ],
  [
    "keys that do not match",
    "a.json",
    '{"text":{"0":"a"},"label":{"1":0}}',
    {},
    'row "0" is missing from column "label"',
  ],
  [
    "prose",
    "a.txt",
    Array.from({ length: 30 }, (_, i) => `word${i} follows`).join("\n"),
    {},
    "got 30 different first words",
  ],
  [
    "an unknown part",
    "a.csv",
    "text,label,split\na,0,x\n",
    {},
    'a.csv:2: unknown part "x", expected one of train, validation, test',
  ],
  [
    "a broken tree",
    "a.txt",
    "(3 (2 a)\n",
    { format: "trees" },
    "a.txt:1: expected a bracketed tree",
  ],
  [
    "two columns of SentEval",
    "a.txt",
    "tr\ta\n",
    { format: "senteval" },
    "a.txt:1: expected part, label and text, got 2 columns",
  ],
  [
    "an unknown format",
    "a.txt",
    "x",
    { format: "cvs" },
    'format: unknown format "cvs", did you mean "csv"?',
  ],
  [
    "an unknown field",
    "a.txt",
    "x",
    { lable: "x" },
    'unknown field of a dataset "lable", did you mean "label"?',
  ],
  ["a fraction as limit", "a.txt", "x", { limit: 1.5 }, "limit: expected a whole number of rows"],
])("refuses %s", async (_, ...[name, contents, options, message]) => {
  const loaded = read(name, contents, options);
  await expect(loaded).rejects.toThrow(message);
  await expect(loaded).rejects.toMatchObject({ name: "ExperimentError" });
});

test.each<[string, unknown, string]>([
  ["nothing", {}, "dataset: expected a path, or train and test"],
  ["train alone", { train: "a" }, "dataset: expected both train and test, test is missing"],
  [
    "a path and parts",
    { path: "a", train: "b", test: "c" },
    "expected either path or train and test",
  ],
  ["a number", 3, "expected"],
  ["a missing file", "nowhere.csv", 'dataset "nowhere.csv": not found, looked for'],
  ["a folder", ".", 'dataset ".": expected a file, got a folder'],
])("refuses a spec with %s", async (_, spec, message) => {
  await expect(loadDataset(spec, { from: folder })).rejects.toThrow(message);
});

test("is not fooled by columns and labels named like properties of every object", async () => {
  const rows =
    '{"text":"a","label":"__proto__","__proto__":{"x":1}}\n{"text":"b","label":"constructor"}\n';
  const dataset = await read("proto.jsonl", rows);
  expect(dataset.labels).toEqual(["__proto__", "constructor"]);
  expect(({} as { x?: number }).x).toBe(undefined);
  await expect(read("proto.jsonl", rows, { text: "toString" })).rejects.toThrow(
    'unknown column "toString"',
  );
});

test("reads a row of 10 MB in a moment", async () => {
  const long = "word ".repeat(2_000_000);
  const { texts } = await read("long.csv", `text,label\n"${long}",0\nb,1\n`);
  expect(texts.map((text) => text.length)).toEqual([10_000_000, 1]);
});

test("answers damaged files with rows or with an error that names the file", async () => {
  const samples: readonly [string, string][] = [
    ["d.csv", 'text,label,group\n"a, ""b""\nc",0,x\nd,1,y\ne,0,x\n'],
    ["d.tsv", 'sentence1\tsentence2\tlabel\na\t"b"\t0\nc\td\t1\ne\t""f""\t1\n'],
    ["d.jsonl", '{"text":"a","label":0}\n{"text":"b","label":1}\n{"text":"é","label":1}\n'],
    ["d.json", '{"data":{"sentences":{"0":"a","1":"b"},"labels":{"0":0,"1":1}},"size":2}'],
    ["d.txt", "tr\t0\ta b c\nva\t1\td e\nte\t1\tf\n"],
    ["e.txt", "(3 (2 It) (4 (4 works)))\n(1 (2 No) (1 way))\n"],
    ["f.txt", "0 some words\n1 other words\n1 more\n"],
  ];
  for (const [name, contents] of samples) {
    for (const bytes of damage(Buffer.from(contents), { rounds: 150, seed: 7 })) {
      try {
        const { texts, targets, groups } = await read(name, bytes);
        expect([targets.length, groups.length]).toEqual([texts.length, texts.length]);
      } catch (error) {
        expect(error).toMatchObject({ name: "ExperimentError" });
        expect((error as Error).message).toContain(name);
      }
    }
  }
});
