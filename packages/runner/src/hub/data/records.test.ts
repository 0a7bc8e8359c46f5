import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { formatOf, readRecords } from "./records.ts";

const folder = mkdtempSync(join(tmpdir(), "probegrid-records-"));

async function read(name: string, contents: string | Uint8Array): Promise<readonly unknown[]> {
  const from = join(folder, name);
  writeFileSync(from, contents);
  const records: unknown[] = [];
  for await (const one of readRecords({ from, format: formatOf(name)! })) records.push(one);
  return records;
}

const rows = [
  { text: "a, b", label: "1" },
  { text: "c\nd", label: "0" },
];
const csv = (end: string) => ["text,label", '"a, b",1', '"c\nd",0', ""].join(end);

test.each([
  ["rows.csv", csv("\n")],
  ["rows.csv.gz", gzipSync(csv("\r\n"))],
  ["rows.json", JSON.stringify(rows)],
  ["rows.json.gz", gzipSync(JSON.stringify({ data: rows }))],
  ["rows.jsonl.gz", gzipSync(rows.map((row) => JSON.stringify(row)).join("\n"))],
])("reads the same records from %s", async (name, contents) => {
  expect(await read(name, contents)).toEqual(rows);
});

test.each(["bad.csv.gz", "bad.json.gz", "bad.jsonl.gz"])("refuses a cut %s", async (name) => {
  const bytes = gzipSync(name.includes("csv") ? csv("\n") : JSON.stringify(rows));
  await expect(read(name, bytes.subarray(0, -10))).rejects.toThrow("unexpected end of file");
  await expect(read(name, bytes.fill(0xff, 12, 30))).rejects.toThrow(/invalid|incorrect/);
});

test("refuses a row of nothing but commas, and one without an end", async () => {
  await expect(read("commas.csv", ",".repeat(2 ** 22 + 1))).rejects.toThrow(
    "at most 4194304 columns",
  );
  await expect(read("long.csv", `text,label\n"${"a".repeat(2 ** 25 + 10)}`)).rejects.toThrow(
    "33554432",
  );
});
