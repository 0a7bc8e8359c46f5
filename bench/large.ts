/**
 * @file Probes on features larger than memory: 2,000,000 x 768 rows from a file, with the peak of the memory they took.
 *
 * node --import tsx bench/large.ts [rows] [folds] [classifiers], for example 2000000 5 lda,logistic,single-layer
 */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRandom } from "@probegrid/probes";
import { resolveClassifier } from "../packages/runner/src/experiment/classifiers.ts";
import { defaultStatistics } from "../packages/runner/src/experiment/statistics.ts";
import { type ProbeWork, probeFeatures } from "../packages/runner/src/jobs/probe.ts";
import { readHeader } from "../packages/runner/src/safetensors.ts";
import { createSafetensors } from "../packages/runner/src/safetensors-writer.ts";

const [rows, k] = [Number(process.argv[2] ?? 2_000_000), Number(process.argv[3] ?? 5)];
const names = (process.argv[4] ?? "lda,ridge,logistic").split(",");
const width = 768;
const random = createRandom("bench/large");
const targets = Int32Array.from({ length: rows }, () => random.integer(2));
const folder = mkdtempSync(join(tmpdir(), "probegrid-bench-"));

/** Windows of one long stream of normal numbers, with a weak signal in every 24th feature. */
function writeFeatures(file: string): void {
  const stream = Float32Array.from({ length: 2 ** 22 }, () => random.normal());
  const tensor = { dtype: "F32", shape: [rows, width] } as const;
  const writer = createSafetensors(file, { tensors: { features: tensor } });
  const step = 4096;
  for (let start = 0; start < rows; start += step) {
    const block = new Float32Array(Math.min(step, rows - start) * width);
    for (let i = 0; i * width < block.length; i++) {
      const from = random.integer(stream.length - width);
      block.set(stream.subarray(from, from + width), i * width);
      for (let j = 0; j < width; j += 24) block[i * width + j]! += 0.15 * targets[start + i]!;
    }
    writer.write("features", block, start);
  }
  writer.close();
}

function workOf(name: string, file: string): ProbeWork {
  const feature = readHeader(file).tensors.get("features");
  if (feature === undefined) throw new Error(`${file}: no features`);
  const options = name === "single-layer" ? { name, epochs: 2 } : name;
  return {
    features: [feature],
    layerMethod: null,
    composition: undefined,
    rows: { task: "classification", targets, classes: 2 },
    folds: { kind: "stratified", k, seed: 1 },
    split: String(rows),
    seed: 1,
    statistics: defaultStatistics,
    control: null,
    rival: null,
    trials: [{ id: name, classifier: resolveClassifier(options, 0) }],
    experiment: { source: "", set: [] },
    threads: 2,
  };
}

const peak = () => `${(process.resourceUsage().maxRSS / 2 ** 20).toFixed(2)} GiB`;
try {
  const file = join(folder, "features.safetensors");
  writeFeatures(file);
  console.log(
    `${rows} x ${width} rows, ${((rows * width * 4) / 1e9).toFixed(1)} GB; peak ${peak()}`,
  );
  for (const name of names) {
    const begun = performance.now();
    const used = process.cpuUsage();
    const [found] = await probeFeatures(workOf(name, file));
    if (found === undefined || "error" in found) throw found?.error;
    const { user, system } = process.cpuUsage(used);
    const values = found.scores.flatMap(({ metric, value }) =>
      metric === "accuracy" ? value : [],
    );
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const seconds = ((performance.now() - begun) / 1000).toFixed(1);
    console.log(
      `${name}: accuracy ${mean.toFixed(5)} over ${k} folds, ${seconds} s (CPU ${((user + system) / 1e6).toFixed(1)} s), peak ${peak()} ${found.flags.join("; ")}`,
    );
  }
} finally {
  rmSync(folder, { recursive: true });
}
