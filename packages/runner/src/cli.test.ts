import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { experimentFields, makeExperimentFolder, tinyBert } from "./make-experiment.ts";
import { readHeader, readRows } from "./safetensors.ts";

const bin = fileURLToPath(new URL("../bin/probegrid.mjs", import.meta.url));

function start(args: readonly string[], cwd?: string) {
  const child = spawn(process.execPath, [bin, ...args], { cwd });
  let out = "";
  let errors = "";
  child.stdout.on("data", (data) => (out += String(data)));
  child.stderr.on("data", (data) => (errors += String(data)));
  const ended = new Promise<{ code: number | null; out: string; errors: string }>((resolve) => {
    child.on("close", (code) => resolve({ code, out, errors }));
  });
  return { child, ended };
}

const call = (args: readonly string[], cwd?: string) => start(args, cwd).ended;

/** A grid whose classifier is slow, so that it can be interrupted. */
function slowGrid() {
  const made = makeExperimentFolder();
  const fields = JSON.stringify(experimentFields()).replace('["lda"]', '["lda", slow]');
  const file = made.write(
    "slow.ts",
    `import { defineClassifier, defineExperiment } from "@probegrid/runner";
    const slow = defineClassifier({
      name: "slow",
      fit: async (x, y) => {
        await new Promise((resolve) => setTimeout(resolve, 150));
        const columns = x.columns;
        const sums = [new Float64Array(columns), new Float64Array(columns)];
        y.forEach((label, row) => sums[label].forEach((_, j) => (sums[label][j] += x.data[row * columns + j])));
        return (test) => Int32Array.from({ length: test.rows }, (_, row) => {
          let side = 0;
          for (let j = 0; j < columns; j++) side += test.data[row * columns + j] * (sums[1][j] - sums[0][j]);
          return side > 0 ? 1 : 0;
        });
      },
    });
    export default defineExperiment(${fields});`,
  );
  const run = (name: string) => [
    ...["run", file, "--workers", "1", "--device", "cpu"],
    ...["--store", join(made.folder, `${name}.db`), "--cache", join(made.folder, name)],
  ];
  const results = async (name: string) => {
    const store = join(made.folder, `${name}.db`);
    return (await call(["results", "--store", store, "--format", "csv"])).out;
  };
  return { run, results };
}

async function waitFor(child: ChildProcess, condition: () => Promise<boolean>): Promise<void> {
  while (child.exitCode === null && !(await condition())) await sleep(50);
}

test("explains wrong commands and options in one line, and exits with 2", async () => {
  const cases: readonly (readonly [readonly string[], string])[] = [
    [["rn"], 'unknown command "rn", did you mean "run"? expected one of plan, run,'],
    [["run", "a.json", "--stor", "x"], "unknown option --stor, did you mean --store?"],
    [["run"], "run: an argument is missing, expected probegrid run <experiment>"],
    [
      ["results", "--format", "xml"],
      '--format: unknown value "xml", expected one of table, json, csv',
    ],
    [["plan", "none.json"], "none.json: no such file"],
  ];
  for (const [args, expected] of cases) {
    const { code, out, errors } = await call(args);
    expect(errors).toContain(`probegrid: ${expected}`);
    expect({ code, out, lines: errors.trim().split("\n").length }).toEqual({
      ...{ code: 2, out: "", lines: 1 },
    });
  }
});

test("says its version", async () => {
  const { version } = JSON.parse(
    readFileSync(fileURLToPath(new URL("../package.json", import.meta.url)), "utf8"),
  ) as { version: string };
  expect(await call(["--version"])).toEqual({ code: 0, out: `${version}\n`, errors: "" });
});

test("has help with examples for every command", async () => {
  const { out } = await call(["--help"]);
  const commands = [...out.matchAll(/^ {2}probegrid (\w+)/gm)].map(([, name]) => name ?? "");
  expect(commands.slice(0, 4)).toEqual(["plan", "run", "status", "results"]);
  for (const command of ["plan", "run", "encode", "demo"]) {
    const help = await call([command, "--help"]);
    expect(help.code).toBe(0);
    expect(help.out).toMatch(/Options:[\s\S]*Examples:/);
  }
});

test("goes on after kill -9 and ends with the same results", { timeout: 240_000 }, async () => {
  const { run, results } = slowGrid();
  expect((await call(run("whole"))).code).toBe(0);
  for (const lines of [1, 8]) {
    const { child, ended } = start(run("killed"));
    await waitFor(child, async () => (await results("killed")).split("\n").length > lines);
    child.kill("SIGKILL");
    await ended;
  }
  expect((await call(run("killed"))).code).toBe(0);
  const scores = await results("killed");
  expect(scores.split("\n").length).toBeGreaterThan(8 * 6);
  expect(scores).toBe(await results("whole"));
});

test("ends well at the first Ctrl-C, and goes on later", { timeout: 120_000 }, async () => {
  const { run, results } = slowGrid();
  const { child, ended } = start(run("stopped"));
  await waitFor(child, async () => (await results("stopped")).split("\n").length > 1);
  child.kill("SIGINT");
  const { code, out } = await ended;
  expect(code).toBe(130);
  expect(out).toContain("stopping: what is in flight is finished first");
  expect(out).toContain("stopped before the end: another run goes on from here");
  expect((await call(run("stopped"))).code).toBe(0);
});

test("plans as JSON with exactly the promised fields", async () => {
  const { write, places } = makeExperimentFolder();
  const file = write("e.json", experimentFields());
  const { store, cache } = places;
  const { code, out } = await call(["plan", file, "--json", "--store", store, "--cache", cache]);
  expect(code).toBe(0);
  const { bytes, seconds, stages, ...counts } = JSON.parse(out);
  expect(counts).toEqual({
    ...{ experiment: "tiny", encodings: 1, trials: 4, folds: 12 },
    cached: { encodings: 0, trials: 0 },
  });
  expect(bytes).toBe(stages.encode.bytes + stages.probe.bytes);
  expect(seconds).toBeCloseTo(stages.encode.seconds + stages.probe.seconds, 9);
});

test("writes hidden states, ids and attentions of texts", async () => {
  const folder = mkdtempSync(join(tmpdir(), "probegrid-"));
  const { write } = makeExperimentFolder(2);
  const input = write("a.txt", "the cat\n\na dog house tree\n");
  const out = join(folder, "a.safetensors");
  const args = ["encode", "--model", tinyBert, "--input", input, "--out", out, "--attentions"];
  expect((await call(args)).out).toContain("3 texts, 12 tokens"); // 4 + 2 + 6 with [CLS] and [SEP]
  const { tensors } = readHeader(out);
  expect(tensors.get("text.0.hidden_states")?.shape).toEqual([4, 4, 16]);
  expect(tensors.get("text.1.attentions")?.shape).toEqual([3, 2, 2, 2]);
  const attentions = readRows(tensors.get("text.0.attentions")!);
  expect(attentions.slice(0, 4).reduce((sum, one) => sum + one, 0)).toBeCloseTo(1, 5);
  const ids = tensors.get("text.0.input_ids")!;
  expect(ids).toMatchObject({ dtype: "I64", shape: [4] });
  expect(readFileSync(out).readBigInt64LE(ids.offset)).toBe(2n); // [CLS]
});

test("tells what a checkpoint holds", async () => {
  const { out } = await call(["models", "info", tinyBert, "--json"]);
  expect(JSON.parse(out)).toMatchObject({
    ...{ name: "bert", architecture: "BERT", layers: 3, hiddenStates: 4, width: 16, heads: 2 },
    tokenizer: { files: ["tokenizer_config.json", "vocab.txt"], tokens: 64 },
  });
});
