/** @file qda, linear-svm, knn, pca and random forests against scikit-learn on stored matrices. */

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { matrix } from "../array.ts";
import { auc } from "../metrics.ts";
import { type ProbeData, probe } from "../probe.ts";
import { createRandom } from "../random.ts";
import { predictFold } from "../scoring.ts";
import { complement, createSums } from "../sums.ts";
import type { Classifier, Task } from "./classifier.ts";
import { classifiers } from "./index.ts";

type Stored = {
  readonly rows: number;
  readonly columns: number;
  readonly classes: number;
  readonly features: readonly number[];
  readonly targets: readonly number[];
  readonly folds: readonly (readonly number[])[];
  readonly models: readonly {
    readonly name: string;
    readonly options: Readonly<Record<string, unknown>>;
    readonly predicted: readonly (readonly number[])[];
    readonly decision: readonly number[] | null;
  }[];
};
type Forests = Omit<Stored, "models" | "classes" | "targets"> & {
  readonly labels: readonly number[];
  readonly values: readonly number[];
  readonly classes: {
    readonly score: number;
    readonly scoreStd: number;
    readonly auc: number;
    readonly aucStd: number;
  };
  readonly numbers: { readonly score: number; readonly scoreStd: number };
};

const path = new URL("../../../../test/fixtures/classifiers/golden.json", import.meta.url);
const golden = JSON.parse(readFileSync(path, "utf8")) as Readonly<
  Record<"threeClasses" | "twoClasses" | "regression", Stored>
> & { readonly forests: Forests };
const table: Readonly<Record<string, Classifier>> = classifiers;

const foldsOf = ({ folds, rows }: Pick<Stored, "folds" | "rows">) =>
  folds.map((test) => ({
    train: complement(test, rows),
    validation: new Uint32Array(0),
    test: Uint32Array.from(test),
  }));

function taskOf({ classes, targets }: Stored): Task {
  return classes === 0
    ? { kind: "regression", targets: Float32Array.from(targets) }
    : { kind: "classification", targets: Int32Array.from(targets), classes };
}

async function fit(stored: Stored, { name, options }: Stored["models"][number]) {
  const features = matrix(stored.rows, stored.columns, Float32Array.from(stored.features));
  const classifier = table[name]!;
  const task = taskOf(stored);
  const input = { features, sums: createSums(features), task, folds: foldsOf(stored) };
  const fits = await classifier.fit(
    { ...input, random: createRandom(1) },
    classifier.options.parse(options),
  );
  return { fits, task };
}

const labelled = (name: string, options: object) => `${name} ${JSON.stringify(options)}`;

const cases = (["threeClasses", "twoClasses", "regression"] as const).flatMap((set) =>
  golden[set].models.map((model) => [set, labelled(model.name, model.options), model] as const),
);

it.each(cases)("%s: %s predicts as scikit-learn does", async (set, _, model) => {
  const { fits, task } = await fit(golden[set], model);
  fits.forEach((fold, f) => {
    const { predicted } = predictFold(task, fold);
    if (task.kind === "classification") expect([...predicted]).toEqual(model.predicted[f]);
    else {
      predicted.forEach((value, i) => {
        expect(Math.abs(value - model.predicted[f]![i]!)).toBeLessThan(1e-4);
      });
    }
    expect(fold.flags ?? []).toEqual([]);
  });
});

it.each(cases.filter(([, , { decision }]) => decision !== null))(
  "%s: %s gives scikit-learn's decision values",
  async (set, _, model) => {
    const { decision } = model;
    const { fits } = await fit(golden[set], model);
    const { data, columns } = fits[0]!.test;
    // Class scores are the same up to a number per row: compare with the row's mean taken out.
    const centred = (values: ArrayLike<number>, at: number) => {
      if (columns === 1) return values[at]!;
      const start = at - (at % columns);
      const row = Array.from({ length: columns }, (_, k) => values[start + k]!);
      return values[at]! - row.reduce((sum, value) => sum + value, 0) / columns;
    };
    const size = Math.max(...decision!.map(Math.abs));
    decision!.forEach((_, at) => {
      // float32 weights, and a minimum found to a slope of 1e-5
      expect(Math.abs(centred(data, at) - centred(decision!, at)) / size).toBeLessThan(1e-4);
    });
  },
);

describe("random-forest", () => {
  const { forests } = golden;
  const features = matrix(forests.rows, forests.columns, Float32Array.from(forests.features));
  const folds = foldsOf(forests);
  const classified = (seed: number): ProbeData => ({
    ...{ features, folds, seed, task: "classification", classes: 2 },
    targets: Int32Array.from(forests.labels),
  });
  const options = classifiers["random-forest"].options.parse({});

  it("is as accurate as scikit-learn's, within the spread over seeds", async () => {
    const scores = new Float32Array(forests.rows);
    const found: number[] = [];
    const ranked: number[] = [];
    for (const seed of [1, 2, 3]) {
      const { predictions } = await probe(classified(seed), classifiers["random-forest"], options);
      let right = 0;
      predictions.forEach(({ predicted, scores: own }, f) => {
        folds[f]!.test.forEach((row, i) => {
          scores[row] = own![i]!;
          if (predicted[i] === forests.labels[row]) right++;
        });
      });
      found.push(right / forests.rows);
      ranked.push(auc(forests.labels, scores)!);
    }
    const mean = (values: readonly number[]) => values.reduce((a, b) => a + b) / values.length;
    const { classes } = forests;
    // Three standard errors of a difference of means of 3 and of 5.
    const allowed = 3 * Math.sqrt(1 / 3 + 1 / 5);
    expect(Math.abs(mean(found) - classes.score)).toBeLessThan(allowed * classes.scoreStd);
    expect(Math.abs(mean(ranked) - classes.auc)).toBeLessThan(allowed * classes.aucStd);
  });

  it("explains as much of numbers as scikit-learn's", async () => {
    const targets = Float32Array.from(forests.values);
    const data: ProbeData = { ...classified(1), task: "regression", classes: 0, targets };
    const { predictions } = await probe(data, classifiers["random-forest"], options);
    const outputs = new Float64Array(forests.rows);
    predictions.forEach(({ predicted }, f) => {
      folds[f]!.test.forEach((row, i) => {
        outputs[row] = predicted[i]!;
      });
    });
    const mean = targets.reduce((a, b) => a + b) / targets.length;
    let residual = 0;
    let total = 0;
    targets.forEach((value, row) => {
      residual += (value - outputs[row]!) ** 2;
      total += (value - mean) ** 2;
    });
    const allowed = 4 * forests.numbers.scoreStd;
    expect(Math.abs(1 - residual / total - forests.numbers.score)).toBeLessThan(allowed);
  });

  it("is the same for the same seed, and another for another", async () => {
    const of = async (seed: number) => {
      const found = await probe(classified(seed), classifiers["random-forest"], {
        ...options,
        trees: 10,
      });
      return found.predictions.flatMap(({ scores }) => [...scores!]);
    };
    expect(await of(7)).toEqual(await of(7));
    expect(await of(7)).not.toEqual(await of(8));
  });

  it("separates by one threshold what one threshold separates", async () => {
    const rows = 40;
    const one = matrix(
      rows,
      1,
      Float32Array.from({ length: rows }, (_, i) => {
        const value = (i * 17) % rows;
        return value < 20 ? value : value + 10;
      }),
    );
    const targets = Int32Array.from(one.data, (value) => Number(value >= 20));
    const test = Uint32Array.from({ length: 10 }, (_, i) => i * 4);
    const fold = { train: complement(test, rows), validation: new Uint32Array(), test };
    const data: ProbeData = {
      features: one,
      folds: [fold],
      seed: 1,
      task: "classification",
      targets,
      classes: 2,
    };
    const { scores } = await probe(data, classifiers["random-forest"], options);
    expect(scores.find(({ metric }) => metric === "accuracy")?.value).toBe(1);
  });
});

describe("errors", () => {
  it("say why a class has no covariance", async () => {
    const features = matrix(
      8,
      5,
      Float32Array.from({ length: 40 }, (_, i) => Math.sin(i * i)),
    );
    const targets = Int32Array.from([0, 1, 0, 1, 0, 1, 0, 1]);
    const fold = {
      train: complement([0, 1], 8),
      validation: new Uint32Array(),
      test: Uint32Array.of(0, 1),
    };
    const data: ProbeData = {
      features,
      folds: [fold],
      seed: 1,
      task: "classification",
      targets,
      classes: 2,
    };
    await expect(probe(data, classifiers.qda, {})).rejects.toThrow(
      "qda: fold 0: expected a covariance of full rank, but the 3 training rows of class 0 do not span 5 features; set regularisation above 0",
    );
    await expect(probe(data, classifiers.knn, { neighbours: 7 })).rejects.toThrow(
      "knn: fold 0: expected at least 7 training rows, one per neighbour, got 6",
    );
    await expect(probe(data, classifiers.pca, { components: 6 })).rejects.toThrow(
      "pca: expected at most 5 components, as many as features or training rows, got 6",
    );
    await expect(probe(data, classifiers["scalar-mix"], {})).rejects.toThrow(
      "probe: this classifier reads several layers side by side, got one vector per row",
    );
  });

  it("name the followers of pca", () => {
    const wrong = classifiers.pca.options.safeParse({ classifier: "lad" });
    expect(wrong.error?.issues[0]?.message).toMatch(
      /^unknown classifier "lad", expected one of lda, qda/,
    );
  });
});
