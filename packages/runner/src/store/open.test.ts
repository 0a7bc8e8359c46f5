import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { expect, test } from "vitest";
import { networkFileSystem } from "./file-system.ts";
import { makeExample } from "./make-example.ts";
import { openStore } from "./open.ts";
import { startRun } from "./runs.ts";
import { experiments } from "./schema.ts";
import { StoreError } from "./store-error.ts";

const newFile = () => join(mkdtempSync(join(tmpdir(), "store-")), "logs", "probegrid.db");
const module = JSON.stringify(new URL("./open.ts", import.meta.url).href);

test("makes the file and its folder readable by the owner only", () => {
  const file = newFile();
  openStore(file).close();
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(statSync(join(file, "..")).mode & 0o777).toBe(0o700);
});

test("sets the pragmas that durability rests on", () => {
  using store = openStore(newFile());
  const value = (name: string) => store.sqlite.pragma(name, { simple: true });
  expect(value("journal_mode")).toBe("wal");
  expect(value("synchronous")).toBe(2);
  expect(value("foreign_keys")).toBe(1);
  expect(value("trusted_schema")).toBe(0);
  expect(value("busy_timeout")).toBe(10_000);
});

test("keeps what was written, and an empty store in memory needs no file", () => {
  const file = newFile();
  const row = { name: "layers", kind: "probe" as const, spec: "{}", createdAt: 1 };
  const first = openStore(file);
  first.drizzle.insert(experiments).values(row).run();
  first.close();
  using again = openStore(file, { readonly: true });
  expect(again.drizzle.select().from(experiments).all()).toMatchObject([row]);
  using memory = openStore(":memory:");
  expect(memory.drizzle.select().from(experiments).all()).toEqual([]);
});

test("opens a store for reading while another connection writes to it", () => {
  const file = newFile();
  using writer = openStore(file);
  writer.sqlite.exec("begin immediate");
  writer.sqlite.exec(
    "insert into experiments (name, kind, spec, createdAt) values ('a','probe','',1)",
  );
  using reader = openStore(file, { readonly: true });
  expect(reader.drizzle.select().from(experiments).all()).toEqual([]);
  writer.sqlite.exec("commit");
  expect(reader.drizzle.select().from(experiments).all()).toHaveLength(1);
  expect(() => reader.sqlite.exec("delete from experiments")).toThrow("readonly database");
});

test("names the file when there is nothing to read", () => {
  const file = newFile();
  expect(() => openStore(file, { readonly: true })).toThrow(`store ${file}: no such file`);
  expect(existsSync(file)).toBe(false);
});

test("refuses a store of a newer version, to read and to write", () => {
  const file = newFile();
  const store = openStore(file);
  store.sqlite.pragma("user_version = 999");
  store.close();
  for (const readonly of [true, false]) {
    expect(codeOf(() => openStore(file, { readonly }))).toBe("newer");
  }
});

test("names a store whose heading asks for a format that no SQLite has", () => {
  const file = newFile();
  openStore(file).close();
  const bytes = readFileSync(file);
  bytes[47] = 9; // the schema format, 1 to 4
  writeFileSync(file, bytes);
  expect(codeOf(() => openStore(file, { readonly: true }))).toBe("damaged");
  expect(codeOf(() => openStore(file))).toBe("damaged");
});

test("refuses other databases, files that are no database, and stores with a trigger", () => {
  const other = newFile();
  openStore(other).close();
  const foreign = join(other, "..", "foreign.db");
  new Database(foreign).exec("create table notes (text)").close();
  expect(codeOf(() => openStore(foreign))).toBe("not-a-store");
  expect(codeOf(() => openStore(foreign, { readonly: true }))).toBe("not-a-store");
  const text = join(other, "..", "text.db");
  writeFileSync(
    text,
    "this is a letter, and a rather long one at that, so it has a header's length\n",
  );
  expect(codeOf(() => openStore(text))).toBe("not-a-store");
  new Database(other)
    .exec("create trigger t after insert on trials begin delete from trials; end")
    .close();
  expect(() => openStore(other)).toThrow("expected plain tables, got trigger t");
});

test("reads a store that was copied without its log", () => {
  const file = newFile();
  openStore(file).close();
  const copy = join(mkdtempSync(join(tmpdir(), "copy-")), "copied.db");
  copyFileSync(file, copy);
  chmodSync(copy, 0o400);
  using store = openStore(copy, { readonly: true });
  expect(store.drizzle.select().from(experiments).all()).toEqual([]);
});

test("a second runner is told who holds the store, readers and writers of notes are not", () => {
  const file = newFile();
  const runner = openStore(file, { runner: true });
  expect(() => openStore(file, { runner: true })).toThrow(
    new RegExp(`a runner is already at work, process ${process.pid} on `),
  );
  openStore(file).close();
  openStore(file, { readonly: true }).close();
  runner.close();
  openStore(file, { runner: true }).close();
});

test("the lock dies with its process", async () => {
  const file = newFile();
  const script = `const { openStore } = await import(${module}); openStore(${JSON.stringify(file)}, { runner: true });
    console.log("held"); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script]);
  await once(child.stdout, "data");
  expect(() => openStore(file, { runner: true })).toThrow(`process ${child.pid} on `);
  child.kill("SIGKILL");
  await once(child, "exit");
  openStore(file, { runner: true }).close();
}, 60_000);

test("several processes that make the same store at once all succeed", async () => {
  const file = newFile();
  const script = `const { openStore } = await import(${module}); console.log("ready");
    process.stdin.once("data", () => { openStore(${JSON.stringify(file)}).close(); process.exit(0); });`;
  const children = [1, 2, 3].map(() =>
    spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script]),
  );
  await Promise.all(children.map((child) => once(child.stdout, "data")));
  const codes = children.map(async (child) => (await once(child, "exit"))[0]);
  for (const child of children) child.stdin.write("go");
  expect(await Promise.all(codes)).toEqual([0, 0, 0]);
}, 60_000);

test("after a run that never ended, a damaged file is noticed before it is written to", () => {
  const file = join(mkdtempSync(join(tmpdir(), "damaged-")), "store.db");
  const { store, experiment, environment } = makeExample(2000, file);
  const run = { experiment, environment, command: "run", device: "cpu", workers: 1 };
  startRun(store, run);
  store.close();
  openStore(file, { runner: true }).close();
  const bytes = readFileSync(file);
  bytes.fill(0xff, bytes.length - 40_000, bytes.length - 20_000);
  writeFileSync(file, bytes);
  expect(codeOf(() => openStore(file, { runner: true }))).toBe("damaged");
});

test("knows network file systems by their number, also when it is given as a negative one", () => {
  expect(networkFileSystem(0x6969)).toBe("NFS");
  expect(networkFileSystem(0xff534d42 | 0)).toBe("CIFS");
  expect(networkFileSystem(0xef53)).toBeUndefined(); // ext4
});

function codeOf(action: () => unknown): string | undefined {
  try {
    action();
  } catch (error) {
    if (error instanceof StoreError) return error.code;
    throw error;
  }
  return undefined;
}

test("says that a folder or a device is no store, to write and to read", () => {
  for (const file of ["/dev/null", tmpdir()]) {
    expect(() => openStore(file)).toThrow("expected a file, got a folder or a device");
    expect(() => openStore(file, { readonly: true })).toThrow("expected a file, got a folder");
  }
});
