/** @file Every closed-form classifier against scikit-learn, on stored matrices of good and bad condition. */

import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { type Matrix, matrix } from "../array.ts";
import type { Fold } from "../folds.ts";
import { type ProbeData, probe } from "../probe.ts";
import { complement } from "../sums.ts";
import type { Classifier } from "./classifier.ts";
import { classifiers } from "./index.ts";

type Stored = {
  readonly rows: number;
  readonly columns: number;
  readonly classes?: number;
  readonly features: readonly number[];
  readonly targets: readonly number[];
  readonly folds: readonly (readonly number[])[];
  readonly classifiers: Readonly<
    Record<string, Readonly<Record<string, readonly number[] | null>>>
  >;
};

const path = new URL("../../../../test/fixtures/scikit-learn/golden.json", import.meta.url);
const golden = JSON.parse(readFileSync(path, "utf8")) as Record<string, Stored>;
const table: Readonly<Record<string, Classifier>> = classifiers;

function dataOf({
  rows,
  columns,
  classes,
  features,
  targets,
  folds,
}: Stored): ProbeData & { readonly features: Matrix } {
  return {
    features: matrix(rows, columns, Float32Array.from(features)),
    targets: classes === undefined ? Float32Array.from(targets) : Int32Array.from(targets),
    task: classes === undefined ? "regression" : "classification",
    classes: classes ?? 0,
    folds: folds.map((test): Fold => {
      const train = complement(test, rows);
      return { train, validation: new Uint32Array(0), test: Uint32Array.from(test) };
    }),
    seed: 1,
  };
}

function split(name: string): { classifier: Classifier; standardise: boolean } {
  return {
    classifier: table[name.replace(" standardised", "")]!,
    standardise: name.endsWith("standardised"),
  };
}

const cases = ["threeClasses", "twoClasses", "illConditioned", "fewRows", "regression"].flatMap(
  (set) => Object.keys(golden[set]!.classifiers).map((name) => [set, name] as const),
);

it.each(cases)("%s: %s scores as scikit-learn does", async (set, name) => {
  const stored = golden[set]!;
  const { classifier, standardise } = split(name);
  const data = dataOf(stored);
  const { scores, flags } = await probe(data, classifier, { standardise });
  for (const [metric, expected] of Object.entries(stored.classifiers[name]!)) {
    if (metric === "outputs" || expected === null) continue;
    const found = scores.filter((score) => score.metric === metric).map(({ value }) => value);
    found.forEach((value, fold) => {
      expect(
        Math.abs(value - expected[fold]!) / Math.max(1, Math.abs(expected[fold]!)),
      ).toBeLessThan(1e-3);
    });
    expect(found.length).toBe(expected.length);
  }
  expect(flags).toEqual([]);
});

const withOutputs = cases.filter(([set, name]) => golden[set]!.classifiers[name]!.outputs);

it.each(withOutputs)("%s: %s gives scikit-learn's decision values", async (set, name) => {
  const stored = golden[set]!;
  const { classifier, standardise } = split(name);
  const { features, folds, targets, task, classes } = dataOf(stored);
  const { createSums } = await import("../sums.ts");
  const { createRandom } = await import("../random.ts");
  const fits = await classifier.fit(
    {
      features,
      sums: createSums(features),
      folds,
      random: createRandom(1),
      task: { kind: task, targets, classes } as Parameters<Classifier["fit"]>[0]["task"],
    },
    classifier.options.parse({ standardise }),
  );
  const expected = stored.classifiers[name]!.outputs!;
  const { data, columns } = fits[0]!.test;
  const size = Math.max(...expected.map(Math.abs));
  // Softmax and class scores are the same up to a number per row: compare with the row's mean taken out.
  const centred = (values: ArrayLike<number>, at: number) => {
    if (columns === 1) return values[at]!;
    const start = at - (at % columns);
    const row = Array.from({ length: columns }, (_, k) => values[start + k]!);
    return values[at]! - row.reduce((sum, value) => sum + value, 0) / columns;
  };
  const worst = expected.reduce(
    (most, _, at) => Math.max(most, Math.abs(centred(data, at) - centred(expected, at))),
    0,
  );
  // float32 weights and logits: 1e-3 of the largest value.
  expect(worst / size).toBeLessThan(1e-3);
});
