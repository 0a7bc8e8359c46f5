/** @file Ten folds of lda and logistic regression on 10,000 x 768 features, beside scikit-learn. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { classifiers, createRandom, probe, splitFolds } from "@probegrid/probes";
import { compare, startPeer, timed } from "./peer.ts";

const rows = 10_000;
const width = 768;

/** Correlated features with a weak signal, like hidden states: a random mixture of few directions plus noise. */
function makeFeatures() {
  const random = createRandom("bench/probes");
  const rank = 60;
  const mixing = Float32Array.from({ length: rank * width }, () => random.normal());
  const targets = Int32Array.from({ length: rows }, () => random.integer(2));
  const data = new Float32Array(rows * width);
  for (let row = 0; row < rows; row++) {
    const at = row * width;
    for (let j = 0; j < width; j++) data[at + j] = 2 * random.normal();
    for (let r = 0; r < rank; r++) {
      const weight =
        random.normal() / (1 + r / 6) + (r % 9 === 0 ? 0.02 * (2 * targets[row]! - 1) : 0);
      for (let j = 0; j < width; j++) data[at + j]! += weight * mixing[r * width + j]!;
    }
  }
  return { data, targets };
}

const { data, targets } = makeFeatures();
const folds = splitFolds(
  { kind: "stratified", k: 10, seed: 1 },
  { targets, task: "classification", classes: 2 },
);
const folder = mkdtempSync(join(tmpdir(), "probegrid-bench-"));
const foldOf = new Int32Array(rows);
folds.forEach(({ test }, fold) => {
  for (const row of test) foldOf[row] = fold;
});
writeFileSync(join(folder, "features.f32"), data);
writeFileSync(join(folder, "targets.i32"), targets);
writeFileSync(join(folder, "fold_of.i32"), foldOf);

for (const name of ["lda", "logistic"] as const) {
  const peer = await startPeer("probes.py", [folder, name]);
  const { accuracy } = await peer.run();
  let own = 0;
  const ours = async () => {
    // A fresh matrix object each time: nothing may be remembered from the run before.
    const features = { rows, columns: width, data };
    const classifier = classifiers[name] as (typeof classifiers)["lda"];
    const { scores } = await probe(
      { features, folds, task: "classification", targets, classes: 2, seed: 1 },
      classifier,
      {},
    );
    const values = scores.filter(({ metric }) => metric === "accuracy").map(({ value }) => value);
    own = values.reduce((a, b) => a + b) / values.length;
  };
  await compare(`10-fold ${name}, ${rows} x ${width}`, {
    ours: () => timed(ours),
    peer,
    rounds: 3,
  });
  console.log(
    `  mean accuracy: ours ${own.toFixed(4)}, scikit-learn ${Number(accuracy).toFixed(4)}`,
  );
  peer.close();
}
rmSync(folder, { recursive: true });
