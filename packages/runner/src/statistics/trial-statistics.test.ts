import { type Classifier, classifiers, createRandom, probe, splitFolds } from "@probegrid/probes";
import { expect, test } from "vitest";
import { defaultStatistics } from "../experiment/statistics.ts";
import { statisticsOfTrial } from "./trial-statistics.ts";

const random = createRandom(4);
const rows = 120;
const targets = Int32Array.from({ length: rows }, (_, row) => row % 2);
const control = Int32Array.from({ length: rows }, () => random.integer(2));
// The first feature tells the task, the second the control task, both without fail.
const data = Float32Array.from({ length: rows * 3 }, (_, i) => {
  const row = Math.floor(i / 3);
  const signal = [targets[row] ?? 0, control[row] ?? 0, 0][i % 3] ?? 0;
  return 8 * signal + random.normal();
});
const task = { task: "classification", targets, classes: 2 } as const;
const folds = splitFolds({ kind: "stratified", k: 4, seed: 0 }, task);
const input = { features: { rows, columns: 3, data }, folds, ...task, seed: 0 };

async function run(name: "lda" | "ridge", statistics: object, labels: Int32Array | null = control) {
  const classifier: Classifier<unknown> = classifiers[name] as Classifier<unknown>;
  const found = await probe(input, classifier, {});
  const context = { data: input, classifier, name, options: {}, copies: 1, control: labels };
  const more = await statisticsOfTrial(found, {
    ...context,
    statistics: { ...defaultStatistics, ...statistics },
  });
  const valuesOf = (metric: string) =>
    more.scores.flatMap((score) => (score.metric === metric ? score.value : []));
  return { found, more, valuesOf };
}

test("selectivity is the task less the control task, fold by fold", async () => {
  const { found, valuesOf } = await run("lda", { control: true });
  const accuracy = found.scores.flatMap(({ metric, value }) =>
    metric === "accuracy" ? value : [],
  );
  expect(valuesOf("controlAccuracy").length).toBe(4);
  // Both can be read off the features, so the probe is not selective at all.
  expect(Math.min(...valuesOf("controlAccuracy"))).toBeGreaterThan(0.9);
  expect(valuesOf("selectivity")).toEqual(
    valuesOf("controlAccuracy").map((value, fold) => (accuracy[fold] ?? 0) - value),
  );
});

test("permuted labels give the smallest p there is where the task is easy", async () => {
  const { valuesOf } = await run("lda", { permutations: 19 });
  expect(valuesOf("permutedAccuracy").length).toBe(19);
  expect(Math.max(...valuesOf("permutedAccuracy"))).toBeLessThan(0.75);
  expect(valuesOf("permutationP")).toEqual([1 / 20]);
});

test("codes add up to their blocks, and intervals come by themselves", async () => {
  const { more, valuesOf } = await run("lda", { descriptionLength: 2 });
  for (const shuffle of [0, 1]) {
    const own = more.codeBlocks.filter((block) => block.shuffle === shuffle);
    expect(own.reduce((sum, block) => sum + block.rows, 0)).toBe(rows);
    const bits = own.reduce((sum, block) => sum + block.bits, 0);
    expect(valuesOf("descriptionLength")[shuffle]).toBeCloseTo(bits, 8);
    expect(valuesOf("compression")[shuffle]).toBeCloseTo(rows / bits, 8);
  }
  expect(more.items.map(({ metric }) => metric)).toContain("accuracy");
});

test("what can not be had becomes a flag, and the trial keeps its scores", async () => {
  const { more } = await run("ridge", { descriptionLength: 1, control: true }, null);
  expect(more.scores).toEqual([]);
  expect(more.flags).toEqual([
    "no control task: no word of the texts can be remembered by",
    "no description length: ridge gives no probabilities",
  ]);
});
