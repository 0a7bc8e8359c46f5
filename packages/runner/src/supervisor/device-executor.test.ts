import { existsSync } from "node:fs";
import type { Device } from "@probegrid/probes";
import { expect, test } from "vitest";
import { deviceProblem } from "../device.ts";
import { createInlineExecutor, type Executor } from "../executor.ts";
import { loadExperiment } from "../experiment.ts";
import type { JobKind, JobResult, Work } from "../jobs/index.ts";
import { createLog } from "../log.ts";
import { experimentFields, makeExperimentFolder } from "../make-experiment.ts";
import { runExperiment } from "../run.ts";
import { openStore, readResults } from "../store/index.ts";
import { createDeviceExecutor } from "./device-executor.ts";
import type { Place } from "./place.ts";

const software = "/usr/lib/chromium/vk_swiftshader_icd.json";
if (process.env.VK_DRIVER_FILES === undefined && existsSync(software)) {
  process.env.VK_DRIVER_FILES = software;
}

type Span = { readonly kind: JobKind; readonly begun: number; readonly ended: number };

/** Notes when each job began and ended. */
function timed(executor: Executor): { readonly executor: Executor; readonly spans: Span[] } {
  const spans: Span[] = [];
  const run = async <K extends JobKind>(kind: K, work: Work<K>): Promise<JobResult<K>> => {
    const begun = performance.now();
    const result = await executor.run(kind, work);
    spans.push({ kind, begun, ended: performance.now() });
    return result;
  };
  return { executor: { ...executor, run }, spans };
}

const { write, places: paths } = makeExperimentFolder(400);
write(
  "short.jsonl",
  Array.from({ length: 40 }, (_, i) =>
    JSON.stringify({ text: i % 2 ? "good cat" : "bad dog", label: i % 2 }),
  ).join("\n"),
);
const file = write(
  "e.json",
  experimentFields({ datasets: ["short.jsonl", "texts.jsonl"], classifiers: ["lda", "logistic"] }),
);

const small = write("small.json", experimentFields({ datasets: ["short.jsonl"] }));

type Run = { readonly device?: Device; readonly experiment?: string };

async function run(
  name: string,
  executor: Executor,
  { device = "cpu", experiment = file }: Run = {},
) {
  const places = { store: `${paths.store}.${name}`, cache: `${paths.cache}.${name}` };
  const sink = { write: () => true };
  const outcome = await runExperiment(await loadExperiment(experiment), {
    ...{ ...places, device, workers: executor.workers, createExecutor: () => executor },
    log: createLog({ out: sink, live: sink }),
    ...{ stop: new AbortController(), failFast: false, command: "test" },
  });
  expect(outcome).toBe("done");
  using store = openStore(places.store, { readonly: true });
  return [...readResults(store)];
}

test("encodes on several devices, one job each, while CPU workers probe", async () => {
  const places: readonly Place[] = [0, 1].map((index) => ({ device: "cpu", index }));
  const { executor, spans } = timed(createDeviceExecutor({ places, workers: 1 }));
  const found = await run("devices", executor);
  expect(found).toEqual(await run("inline", createInlineExecutor()));
  const encodings = spans.filter(({ kind }) => kind === "encode");
  const probes = spans.filter(({ kind }) => kind === "probe");
  const lastEncoded = Math.max(...encodings.map(({ ended }) => ended));
  expect(Math.min(...probes.map(({ begun }) => begun))).toBeLessThan(lastEncoded);
  const overlapping = (at: number) => encodings.filter((s) => s.begun <= at && at < s.ended).length;
  expect(Math.max(...encodings.map(({ begun }) => overlapping(begun)))).toBe(2);
});

const missing = await deviceProblem("webgpu", { look: false });

test.skipIf(missing !== null)(
  "encodes on WebGPU and probes on the CPU (skipped where no adapter answers)",
  async () => {
    const places: readonly Place[] = [{ device: "webgpu", index: 0 }];
    const executor = createDeviceExecutor({ places, workers: 1 });
    const found = await run("webgpu", executor, { device: "webgpu", experiment: small });
    const expected = await run("cpu", createInlineExecutor(), { experiment: small });
    expect(found.length).toBe(expected.length);
    const near = found.filter((row, i) => Math.abs(row.mean - expected[i]!.mean) < 0.02);
    expect(near.length / found.length).toBeGreaterThan(0.9); // a text at the border may go either way
  },
);
