/** @file Archives that mean harm. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, it } from "vitest";
import { readTar } from "./tar.ts";
import { tarOf } from "./tar-of.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "probegrid-tar-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (name: string, bytes: Buffer): string => {
  writeFileSync(join(folder, name), bytes);
  return join(folder, name);
};

it("finds files in plain and packed archives", async () => {
  const archive = tarOf({ "./a/b.csv": Buffer.from("one"), "c.csv": Buffer.alloc(1500, 65) });
  for (const file of [write("x.tar", archive), write("x.tar.gz", gzipSync(archive))]) {
    const found = await readTar(file, ["a/b.csv", "c.csv"]);
    expect(found.get("a/b.csv")?.toString()).toBe("one");
    expect(found.get("c.csv")?.length).toBe(1500);
  }
});

it("refuses a link in place of a file", async () => {
  const file = write("x.tar", tarOf({ "a.csv": Buffer.alloc(0) }, { "a.csv": "2" }));
  await expect(readTar(file, ["a.csv"])).rejects.toThrow("a.csv is not a plain file");
});

it("refuses what is no archive, or ends too early", async () => {
  const archive = tarOf({ "a.csv": Buffer.alloc(2000, 65) });
  await expect(readTar(write("x.tar", Buffer.alloc(600, 1)), ["a.csv"])).rejects.toThrow(
    "expected a tar archive",
  );
  const cut = write("y.tar", archive.subarray(0, 1000));
  await expect(readTar(cut, ["a.csv"])).rejects.toThrow("ends inside a.csv");
});

it("refuses an archive that unpacks without end", async () => {
  const bomb = gzipSync(Buffer.alloc(64 << 20));
  const header = tarOf({ "big.csv": Buffer.alloc(0) }).subarray(0, 512);
  header.write("77777777777\0", 124);
  header.write("        ", 148);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  const file = write("x.tar.gz", Buffer.concat([gzipSync(header), ...Array(18).fill(bomb)]));
  await expect(readTar(file, ["other.csv"])).rejects.toThrow(/unpacks to more than/);
});
