import { chmodSync, mkdirSync, mkdtempSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { atLeast } from "../at-least.ts";
import { writeChecksum } from "../checksum.ts";
import { writeSafetensors } from "../safetensors-writer.ts";
import { makeExample } from "../store/make-example.ts";
import { examineCache } from "./cache.ts";
import { examineDevices } from "./devices.ts";
import { examineDisks } from "./disk.ts";
import type { Finding } from "./finding.ts";
import { examinePrivacy } from "./privacy.ts";
import { examineSoftware } from "./software.ts";
import { examineStore } from "./store.ts";

const scratch = (): string => mkdtempSync(join(tmpdir(), "probegrid-doctor-"));
const told = (findings: readonly Finding[]): readonly string[] =>
  findings.map(({ level, text }) => `${level} ${text}`);

test("finds nothing wrong with this software and the CPU", async () => {
  const findings = [...examineSoftware(), ...(await examineDevices())];
  expect(findings.filter(({ level }) => level === "problem")).toEqual([]);
  expect(findings.map(({ subject }) => subject)).toContain("device cpu");
});

test("says whether a store is sound, damaged, of dangling rows, or not there", () => {
  const file = join(scratch(), "s.db");
  expect(told(examineStore(file))[0]).toContain("is not there yet");
  const { store } = makeExample(3, file);
  expect(told(examineStore(file))[0]).toMatch(/^ok .* 0 finished trials, sound$/);
  store.sqlite.pragma("foreign_keys = off");
  store.sqlite.exec("update trials set model = 'gone' where id = 'trial-1'");
  expect(told(examineStore(file))[0]).toBe("problem 1 row refers to nothing");
  store.sqlite.exec("update trials set model = 'model-1', state = 'done'");
  expect(told(examineStore(file))[0]).toBe("problem 3 trials done without a score");
  store.close();
  truncateSync(file, 8192);
  expect(told(examineStore(file))[0]).toMatch(/^problem /);
});

test("tells encodings that changed since they were written, and what is left of crashes", async () => {
  const cache = join(scratch(), "cache");
  mkdirSync(cache, { mode: 0o700 });
  const file = join(cache, "0123456789abcdef.safetensors");
  const data = new Float32Array([1, 2]);
  writeSafetensors(file, { x: { dtype: "F32", shape: [2], data } });
  chmodSync(file, 0o600);
  expect(told(await examineCache(cache))[1]).toBe("note 1 encoding file without a checksum");
  await writeChecksum(file);
  expect(told(await examineCache(cache))).toEqual([expect.stringMatching(/^ok .* sound$/)]);
  writeFileSync(join(cache, ".weights.4194305-0.partial"), "x", { mode: 0o600 });
  expect(told(await examineCache(cache))[1]).toBe("note 1 file of processes that are gone, 1 B");
  data[1] = 3;
  writeSafetensors(file, { x: { dtype: "F32", shape: [2], data } });
  expect(told(await examineCache(cache))[0]).toMatch(/^problem .* not what was written/);
  truncateSync(file, 20);
  const [cut] = await examineCache(cache);
  expect(cut).toMatchObject({ level: "problem", advice: expect.stringContaining("rm ") });
});

test("notes what others can read", async () => {
  const cache = scratch();
  writeFileSync(join(cache, "notes.txt"), "x");
  chmodSync(cache, 0o755);
  expect(told(await examineCache(cache)).at(-1)).toMatch(/^note .* is open to others/);
});

test("compares versions by number", () => {
  expect([atLeast("3.51.10", "3.51.3"), atLeast("3.9.0", "3.51.3")]).toEqual([true, false]);
});

test("speaks of a disk once, and of folders only where others may write", () => {
  const folder = scratch();
  const [disk, ...others] = examineDisks({ store: folder, cache: join(folder, "not/there/yet") });
  expect(others).toEqual([]);
  expect(disk?.text).toMatch(/ free for the store \(.*\) and the cache \(.*yet\)$/);
  chmodSync(folder, 0o755);
  expect(examinePrivacy("store", [folder])).toEqual([]);
  chmodSync(folder, 0o775);
  expect(told(examinePrivacy("store", [folder]))).toEqual([
    `note others may write in ${folder} (0775)`,
  ]);
});
