/** @file Attacks on the command line and its files; SECURITY.md lists them by number with the names of these tests. */

import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { openCheckpoint } from "../packages/runner/src/checkpoint.ts";
import { csvLine } from "../packages/runner/src/csv.ts";
import { loadExperiment } from "../packages/runner/src/experiment.ts";
import { experimentFields, makeExperimentFolder } from "../packages/runner/src/make-experiment.ts";
import { plainText } from "../packages/runner/src/plain-text.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const probegrid = join(root, "packages/runner/bin/probegrid.mjs");

function run(cwd: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const options = { cwd, env: { ...process.env, ...env }, encoding: "utf8" } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, [probegrid, ...args], options);
  return { status, text: stdout + stderr };
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true })
    .map((name) => join(folder, String(name)))
    .filter((file) => statSync(file).isFile());
}

it("keeps store, cache, reports and secrets of the environment to their owner", () => {
  const { folder, write } = makeExperimentFolder();
  const file = write("e.json", experimentFields());
  const secrets = { HF_TOKEN: "hf_S3CRET", WANDB_API_KEY: "wandb_S3CRET" };
  const hook = "exit 0 # S3CRET";
  const args = ["run", file, "--device", "cpu", "--workers", "1", "--notify", hook];
  const { status, text } = run(folder, args, secrets);
  expect(status, text).toBe(0);
  expect(run(folder, ["report", "tiny"], secrets).status).toBe(0);
  expect(run(folder, ["export", "tiny", "--out", "tiny.probegrid"], secrets).status).toBe(0);
  expect(text).not.toContain("S3CRET");
  const made = filesBelow(folder).filter((path) => !/(texts\.jsonl|e\.json)$/.test(path));
  expect(made.length).toBeGreaterThan(4);
  for (const path of made) {
    expect(readFileSync(path).includes("S3CRET"), path).toBe(false);
    expect(statSync(path).mode & 0o077, path).toBe(0);
  }
  for (const name of ["logs", "data", "data/cache"]) {
    expect(statSync(join(folder, name)).mode & 0o777, name).toBe(0o700);
  }
});

it.each([
  "../../escape",
  "..\\..\\escape",
  "%2e%2e%2fescape",
  "/absolute",
  "file:///etc/passwd",
  "CON",
  "nul\u0000byte",
  "x".repeat(300),
  "$(touch escape)",
  "line\n#SBATCH --wrap=evil",
])("never makes a file name or a command of the experiment name %j", (name) => {
  const { folder, write } = makeExperimentFolder();
  const inner = join(folder, "a/b/c");
  mkdirSync(inner, { recursive: true });
  const file = write("e.json", experimentFields({ name, datasets: [join(folder, "texts.jsonl")] }));
  const { status, text } = run(inner, ["run", file, "--device", "cpu", "--workers", "1"]);
  expect([0, 2], text).toContain(status);
  const outside = filesBelow(folder).filter((path) => !path.startsWith(inner));
  expect(outside.sort()).toEqual([join(folder, "e.json"), join(folder, "texts.jsonl")].sort());
  expect(existsSync("/absolute")).toBe(false);
  expect(filesBelow(inner).filter((path) => !/\/(logs|data\/cache)\/[\w.-]+$/.test(path))).toEqual(
    [],
  );
  expect(text).not.toMatch(/^#SBATCH/m);
});

it("follows no link out of a checkpoint's folder", async () => {
  const folder = mkdtempSync(join(tmpdir(), "probegrid-link-"));
  const model = join(folder, "model");
  mkdirSync(model);
  const source = join(root, "test/fixtures/models/bert-sharded");
  for (const name of readdirSync(source)) {
    if (!name.endsWith(".json")) continue;
    writeFileSync(join(model, name), readFileSync(join(source, name)));
  }
  const index = join(model, "model.safetensors.index.json");
  const said = JSON.parse(readFileSync(index, "utf8")) as { weight_map: Record<string, string> };
  for (const key of Object.keys(said.weight_map)) said.weight_map[key] = "../../../etc/passwd";
  writeFileSync(index, JSON.stringify(said));
  await expect(openCheckpoint(model)).rejects.toThrow(/etc\/passwd/);
  symlinkSync("/etc/passwd", join(model, "vocab.txt.link"));
  await expect(openCheckpoint(model)).rejects.toThrow();
});

it("reads YAML as plain data: no tags, no bombs, no prototypes", async () => {
  const { write } = makeExperimentFolder();
  const bomb = ["a: &a [x, x, x, x, x, x, x, x, x]"];
  for (const [i, name] of [..."bcdefghij"].entries()) {
    const before = "abcdefghi"[i];
    bomb.push(`${name}: &${name} [${Array(9).fill(`*${before}`).join(", ")}]`);
  }
  const begun = performance.now();
  for (const [name, text] of [
    ["bomb.yaml", bomb.join("\n")],
    ["tag.yaml", 'name: !!js/function "function () { process.exit(99) }"\n'],
    ["proto.yaml", "__proto__: {polluted: 1}\nname: x\n"],
    ["constructor.yaml", "constructor: {prototype: {polluted: 1}}\nname: x\n"],
  ] as const) {
    await expect(loadExperiment(write(name, text))).rejects.toMatchObject({ name: /Error/ });
  }
  const json = write("proto.json", '{"name":"x","__proto__":{"polluted":1}}');
  await expect(loadExperiment(json)).rejects.toThrow();
  const file = write("e.json", experimentFields());
  const set = ["__proto__.polluted=1", "constructor.prototype.polluted=1"];
  for (const change of set) {
    await loadExperiment(file, { set: [change] }).catch(() => {});
  }
  expect(({} as { polluted?: number }).polluted).toBe(undefined);
  expect(performance.now() - begun).toBeLessThan(10_000);
});

it("refuses numbers that are none, and sizes that no machine has", async () => {
  const { write } = makeExperimentFolder();
  for (const [field, value] of [
    ["seed", "1e400"],
    ["seed", "9007199254740993"],
    ["seed", "-1"],
    ["folds", '{"kind":"stratified","k":1e15,"seed":1}'],
  ] as const) {
    const fields = JSON.stringify(experimentFields({ [field]: "HERE" })).replace('"HERE"', value);
    const { status, text } = run(tmpdir(), ["plan", write("e.json", fields)]);
    expect(status, `${field} ${value}: ${text}`).toBe(2);
    expect(text).not.toMatch(/^ +at /m);
  }
});

it("takes strange folders, missing files and empty datasets with one line", () => {
  const { folder, write } = makeExperimentFolder();
  write("empty.jsonl", "");
  write("one-class.jsonl", '{"text":"a","label":0}\n{"text":"b","label":0}\n');
  for (const dataset of ["empty.jsonl", "one-class.jsonl", "missing.jsonl", folder, "a\u0000b"]) {
    const file = write("e.json", experimentFields({ datasets: [dataset] }));
    const { status, text } = run(folder, ["run", file, "--device", "cpu"]);
    expect(status, `${dataset}: ${text}`).toBe(2);
    expect(text.trim().split("\n").length, text).toBeLessThan(4);
  }
});

it("writes no formula into a spreadsheet and no escape sequence to a terminal", () => {
  for (const start of ["=", "+", "-", "@", "\t", "\r"]) {
    expect(csvLine([`${start}cmd|' /C calc'!A0`])).not.toMatch(new RegExp(`^"?\\${start}`));
  }
  expect(csvLine([-1.5, 2])).toBe("-1.5,2");
  const start = "\u001b";
  const hostile = `a${start}[2Jb${start}]0;title\u0007c\rd\u202ee\nf`;
  expect(plainText(hostile)).toBe("abc de f");
});

it("passes on only so much of what a worker writes", () => {
  const { folder, write } = makeExperimentFolder();
  const flood = `const flood = { name: "flood", fit: () => {
      for (let i = 0; i < 2000; i++) process.stderr.write("x".repeat(1000) + "\\n");
      throw new Error("flooded");
    } };
    export default ${JSON.stringify(experimentFields()).replace('["lda"]', "[flood]")};`;
  const file = write("flood.ts", flood);
  const { status, text } = run(folder, ["run", file, "--device", "cpu", "--workers", "1"]);
  expect(status).toBe(1);
  expect(text.length).toBeLessThan(200_000);
  expect(text).toContain("a worker writes on; the rest is left out");
});
