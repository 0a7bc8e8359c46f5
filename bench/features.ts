/** @file Feature matrices to probe: mean-pooled layers of the user's own model and data, or synthetic ones. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  createRandom,
  Encoder,
  type Fold,
  planBatches,
  readModel,
  storedWeights,
} from "@probegrid/probes";
import { openMaterial } from "./material.ts";
import type { BenchOptions } from "./options.ts";

export type Features = {
  /** One matrix per layer, row-major. */
  readonly layers: readonly Float32Array[];
  readonly rows: number;
  readonly width: number;
  readonly targets: Int32Array;
  readonly classes: number;
  /** For the title: where they come from. */
  readonly name: string;
};

/** Layers of `--model` over `--data`; without both, synthetic features. */
export async function openFeatures(
  options: BenchOptions,
  signal: "hard" | "separable" = "hard",
): Promise<Features> {
  return options.data !== null && options.model !== null
    ? await encodeFeatures(options)
    : makeFeatures(options, signal);
}

async function encodeFeatures(options: BenchOptions): Promise<Features> {
  const material = await openMaterial(options);
  const { checkpoint, tokenized, targets, classes } = material;
  const model = readModel(checkpoint.config);
  const { layers, width } = model.geometry;
  const encoder = await Encoder.create({
    model,
    weights: storedWeights(checkpoint.tensors, model.prefix),
    features: Array.from({ length: layers + 1 }, (_, layer) => ({
      ...{ layer, token: { kind: "mean" } as const },
    })),
    padId: 0,
  });
  const rows = tokenized.length;
  const found = Array.from({ length: layers + 1 }, () => new Float32Array(rows * width));
  const lengths = tokenized.map(({ ids }) => ids.length);
  for (const batch of planBatches(lengths, 2048)) {
    const states = await encoder.encode(Array.from(batch.rows, (row) => tokenized[row]!));
    states.forEach((values, layer) => {
      batch.rows.forEach((row, i) => {
        found[layer]!.set(values.subarray(i * width, (i + 1) * width), row * width);
      });
    });
  }
  await encoder.close();
  material.close();
  // The best layers are neither the first nor the last: begin in the middle.
  const from = Math.floor(found.length / 2);
  const ordered = [...found.slice(from), ...found.slice(0, from)];
  return { layers: ordered, rows, width, targets, classes, name: checkpoint.name };
}

/**
 * Correlated features like hidden states: a random mixture of few directions plus noise, columns of different sizes.
 * Hard: the classes overlap; separable: a plane divides them.
 */
function makeFeatures({ rows, width }: BenchOptions, signal: "hard" | "separable"): Features {
  const random = createRandom("bench/probes");
  const rank = 60;
  const strength = signal === "hard" ? 0.02 : 0.4;
  const mixing = Float32Array.from({ length: rank * width }, () => random.normal());
  const sizes = Float32Array.from({ length: width }, () => Math.exp(0.5 * random.normal()));
  const targets = Int32Array.from({ length: rows }, () => random.integer(2));
  const data = new Float32Array(rows * width);
  for (let row = 0; row < rows; row++) {
    const at = row * width;
    for (let j = 0; j < width; j++) data[at + j] = 2 * random.normal();
    for (let r = 0; r < rank; r++) {
      const shift = r % 9 === 0 ? strength * (2 * targets[row]! - 1) : 0;
      const weight = random.normal() / (1 + r / 6) + shift;
      for (let j = 0; j < width; j++) data[at + j]! += weight * mixing[r * width + j]!;
    }
    for (let j = 0; j < width; j++) data[at + j]! *= sizes[j]!;
  }
  return { layers: [data], rows, width, targets, classes: 2, name: `synthetic, ${signal}` };
}

/** Writes a layer, targets and folds where peers read them: a row's role in each fold is 1 train, 2 validation, 3 test. */
export function writeFeatures(
  folder: string,
  { layers, rows, width, targets }: Features,
  folds: readonly Fold[],
): void {
  const roles = new Uint8Array(folds.length * rows);
  folds.forEach(({ train, validation, test }, fold) => {
    [train, validation, test].forEach((part, role) => {
      for (const row of part) roles[fold * rows + row] = role + 1;
    });
  });
  layers.forEach((data, layer) => {
    writeFileSync(join(folder, `layer${layer}.f32`), data);
  });
  writeFileSync(join(folder, "targets.i32"), targets);
  writeFileSync(join(folder, "roles.u8"), roles);
  writeFileSync(join(folder, "shape.json"), JSON.stringify({ rows, width, folds: folds.length }));
}
