import {
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checksumFile, verifyChecksum } from "../checksum.ts";
import { createInlineExecutor } from "../executor.ts";
import { loadExperiment } from "../experiment.ts";
import { createLog } from "../log.ts";
import { experimentFields, makeExperimentFolder } from "../make-experiment.ts";
import { runExperiment } from "../run.ts";
import { openStore, readResults } from "../store/index.ts";

type Places = { readonly store: string; readonly cache: string };

async function run(file: string, places: Places): Promise<string> {
  const written: string[] = [];
  const sink = { write: (text: string) => written.push(text) };
  const outcome = await runExperiment(await loadExperiment(file), {
    ...{ ...places, device: "cpu", workers: 1, failFast: false, command: "test" },
    createExecutor: createInlineExecutor,
    log: createLog({ out: sink, live: sink }),
    stop: new AbortController(),
  });
  expect(outcome).toBe("done");
  return written.join("");
}

function results({ store: file }: Places) {
  using store = openStore(file, { readonly: true });
  return [...readResults(store)];
}

const parts = ({ cache }: Places) =>
  readdirSync(cache)
    .filter((name) => name.endsWith(".safetensors"))
    .sort((a, b) => a.length - b.length)
    .map((name) => join(cache, name));

/** Changes the highest bit of a feature's exponent: a number that still is one. */
function flipByte(file: string): void {
  const descriptor = openSync(file, "r+");
  const byte = Buffer.alloc(1);
  const place = statSync(file).size - 9;
  readSync(descriptor, byte, 0, 1, place);
  writeSync(descriptor, Buffer.of(byte[0]! ^ 0x40), 0, 1, place);
  closeSync(descriptor);
}

const mean = { layer: "each", token: "mean" };
const more = { poolers: [mean, { layer: "each", token: "last" }], classifiers: ["lda", "ridge"] };

test.each([
  ["the only part", 0, [mean]],
  ["the first part of two", 0, [mean]],
  ["the second part of two", 1, more.poolers],
])("makes features anew when a byte of %s was flipped, and says so", async (_, part, poolers) => {
  const { write, places } = makeExperimentFolder();
  await run(write("first.json", experimentFields()), places);
  await run(write("second.json", experimentFields({ poolers })), places);
  const file = parts(places)[part]!;
  expect(await verifyChecksum(file)).toBe(true);
  flipByte(file);
  const text = await run(write("e.json", experimentFields(more)), places);
  expect(text).toContain(`cache: ${file} is not what was written (checksum)`);
  expect(text).toMatch(/^encode .* texts in /m);
  for (const one of parts(places)) expect(await verifyChecksum(one)).toBe(true);

  const fresh = { store: `${places.store}.fresh`, cache: `${places.cache}.fresh` };
  await run(write("e.json", experimentFields(more)), fresh);
  const trial = ({ trial, metric }: { trial: string; metric: string }) => `${trial} ${metric}`;
  const byTrial = (some: Places) => new Map(results(some).map((row) => [trial(row), row.values]));
  for (const [key, values] of byTrial(fresh)) expect(byTrial(places).get(key), key).toEqual(values);
});

test("reads a sound encoding without a word, and gives a checksum to one whose run was killed", async () => {
  const { write, places } = makeExperimentFolder();
  await run(write("e.json", experimentFields()), places);
  const [file = ""] = parts(places);
  rmSync(checksumFile(file));
  const text = await run(write("e.json", experimentFields({ classifiers: ["ridge"] })), places);
  expect(text).not.toMatch(/^cache|^encode .* texts in /m);
  expect(existsSync(checksumFile(file))).toBe(true);
  expect(await verifyChecksum(file)).toBe(true);
});
