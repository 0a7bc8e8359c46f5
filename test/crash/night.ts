/** @file A scratch folder with a small grid of a few seconds: one night, to be disturbed and compared with a quiet one. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** The fields of the grid: 2 encodings of 8 chunks each, 112 trials of 5 folds. */
export const nightFields = {
  name: "night",
  datasets: ["tense", "length"].map((name) => ({
    path: join(root, "data/demo", `${name}.jsonl`),
    limit: 800,
  })),
  models: [join(root, "test/fixtures/models/bert")],
  poolers: [
    { layer: "each", token: "mean" },
    { layer: "each", token: "cls" },
  ],
  classifiers: [
    ...["lda", "gaussian-nb", "single-layer"],
    ...[0.01, 0.1, 1, 10].map((c) => ({ name: "logistic", c })),
  ],
  folds: { kind: "stratified", k: 5, seed: 1 },
};

/** Fields of a smaller grid: 1 encoding of 3 chunks, 16 trials; most of a run is its start. */
export const smallFields = {
  datasets: nightFields.datasets.slice(0, 1).map((dataset) => ({ ...dataset, limit: 300 })),
  classifiers: ["lda", "logistic"],
};

/** Where a night takes place. */
export type Night = {
  readonly folder: string;
  readonly experiment: string;
  readonly store: string;
  readonly cache: string;
};

/** A fresh folder with the experiment file in it; `fields` replace some of the grid's. */
export function makeNight(fields: object = {}): Night {
  const folder = mkdtempSync(join(tmpdir(), "probegrid-night-"));
  const experiment = join(folder, "night.json");
  writeFileSync(experiment, JSON.stringify({ ...nightFields, ...fields }));
  return {
    folder,
    experiment,
    store: join(folder, "logs/probegrid.db"),
    cache: join(folder, "data/cache"),
  };
}

/** Forgets what was computed; the experiment file stays. */
export function forget({ store, cache }: Night): void {
  for (const suffix of ["", "-wal", "-shm", ".lock"]) rmSync(store + suffix, { force: true });
  rmSync(cache, { recursive: true, force: true });
}
