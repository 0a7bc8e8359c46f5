/** @file A whole grid, from texts to scores: every layer x 3 poolings x 3 classifiers x 10 folds, beside R1's way. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readModel, splitFolds } from "@probegrid/probes";
import { openStore, readResults } from "@probegrid/runner/store";
import { loadDataset } from "../packages/runner/src/dataset.ts";
import { writeFeatures } from "./features.ts";
import { type Material, openMaterial } from "./material.ts";
import { type BenchOptions, benchOptions, isMain } from "./options.ts";
import { compare, printRows, type Row, ratioText, startPeer } from "./peer.ts";

/** Not the first token: before the first layer it is the same in every text, and scikit-learn refuses that. */
const quantiles = [0.25, 0.5, 1];
const folds = { kind: "resampled", n: 10, seed: 1 } as const;

/** The time from an empty store to all scores, and the most memory that all processes together had. */
export async function measureGrid(options: BenchOptions): Promise<readonly Row[]> {
  const material = await openMaterial(options);
  try {
    const { layers, width } = readModel(material.checkpoint.config).geometry;
    const { folder, tokenized } = material;
    await writeTask(material, layers);
    const peaks: number[] = [];
    const ours = async () => {
      const { seconds, peak } = await runGrid(material, peaks.length);
      peaks.push(peak);
      return seconds;
    };
    const peer = await startPeer("grid.py", [folder], options.threads);
    const title = `grid: 1 model x ${layers + 1} layers x 3 poolings x 3 classifiers x 10 folds, ${tokenized.length} rows, width ${width}`;
    const rounds = options.rounds;
    let told: Record<string, unknown> = {};
    const run = async () => {
      const found = await peer.run();
      told = found;
      return found;
    };
    const ratio = await compare(title, { ours, peer: { ...peer, run }, rounds, warmUp: false });
    peer.close();
    const memory = Math.max(...peaks);
    const theirs = Number(told.peak_kb) * 1024;
    console.log(
      `  mean accuracy of lda: ours ${accuracyOf(folder, peaks.length - 1).toFixed(4)}, R1's way ${Number(told.lda).toFixed(4)}; ` +
        `peak memory: ours ${megabytes(memory)}, R1's way ${megabytes(theirs)}`,
    );
    return [
      {
        work: title,
        against: "R1's way in PyTorch + scikit-learn",
        atLeast: "20x",
        measured: ratioText(ratio),
      },
      {
        ...{ work: "memory of the whole grid", against: "the same", atLeast: "at most 0.5x" },
        measured: `${(memory / theirs).toFixed(2)}x (${megabytes(memory)} of ${megabytes(theirs)})`,
      },
    ];
  } finally {
    material.close();
  }
}

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`;

/** The experiment for us; tokens, folds and poolings for the peer. */
async function writeTask({ folder, file, model, tokenized }: Material, layers: number) {
  const experiment = {
    ...{ name: "grid", datasets: [file], models: [model], folds },
    poolers: quantiles.map((quantile) => ({ layer: "each", token: { quantile } })),
    classifiers: ["lda", "logistic", "single-layer"],
  };
  writeFileSync(join(folder, "grid.json"), JSON.stringify(experiment));
  const dataset = await loadDataset(file);
  const classes = dataset.labels?.length ?? 0;
  const { targets } = dataset;
  if (!(targets instanceof Int32Array)) throw new Error("bench: expected classes");
  const divided = splitFolds(folds, { ...dataset, classes });
  const rows = dataset.texts.length;
  writeFeatures(folder, { layers: [], rows, width: 0, targets, classes, name: "" }, divided);
  const ids = tokenized.map((text) => Array.from(text.ids));
  writeFileSync(join(folder, "task.json"), JSON.stringify({ model, ids, layers, quantiles }));
}

/** `probegrid run` into a store and cache of its own, as a user starts it. */
async function runGrid(
  { folder }: Material,
  round: number,
): Promise<{ readonly seconds: number; readonly peak: number }> {
  const begun = performance.now();
  const bin = new URL("../packages/runner/bin/probegrid.mjs", import.meta.url).pathname;
  const store = join(folder, `grid${round}.db`);
  const cache = join(folder, `cache${round}`);
  const args = [bin, "run", join(folder, "grid.json"), "--store", store, "--cache", cache];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "inherit"] });
  let peak = 0;
  const watch = setInterval(() => {
    peak = Math.max(peak, memoryOfTree(child.pid ?? 0));
  }, 250);
  const [code] = await once(child, "exit");
  clearInterval(watch);
  if (code !== 0) throw new Error(`bench: probegrid run ended with ${code}`);
  return { seconds: (performance.now() - begun) / 1000, peak };
}

/** Bytes of a process and all it started, pages they share counted once. */
function memoryOfTree(root: number): number {
  const parents = new Map<number, number>();
  for (const name of readdirSync("/proc")) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    const stat = readOrEmpty(`/proc/${pid}/stat`);
    parents.set(pid, Number(stat.slice(stat.lastIndexOf(")") + 4).split(" ")[0]));
  }
  const inTree = (pid: number): boolean =>
    pid === root || (parents.has(pid) && inTree(parents.get(pid) ?? -1));
  let sum = 0;
  for (const pid of parents.keys()) {
    if (!inTree(pid)) continue;
    const [, kilobytes] = /^Pss:\s+(\d+)/m.exec(readOrEmpty(`/proc/${pid}/smaps_rollup`)) ?? [];
    sum += Number(kilobytes ?? 0) * 1024;
  }
  return sum;
}

function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return ""; // it ended meanwhile
  }
}

function accuracyOf(folder: string, round: number): number {
  using store = openStore(join(folder, `grid${round}.db`), { readonly: true });
  const means = [...readResults(store)].flatMap(({ classifier, metric, mean }) =>
    classifier === "lda" && metric === "accuracy" ? [mean] : [],
  );
  return means.reduce((sum, mean) => sum + mean, 0) / means.length;
}

if (isMain(import.meta)) {
  const sizes = { rows: 5000, width: 768, layers: 12, rounds: 1 };
  printRows(await measureGrid(benchOptions(sizes)));
}
