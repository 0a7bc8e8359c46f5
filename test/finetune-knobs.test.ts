/** @file Every knob of a fine-tuning changes what it says it changes, in numbers; the table is total over the knobs. */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { batchFeeds, inference, modelInputs, readModel, storedWeights } from "@probegrid/probes";
import { compile } from "@probegrid/probes/graph";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openCheckpoint } from "../packages/runner/src/checkpoint.ts";
import { type Dataset, loadDataset } from "../packages/runner/src/dataset.ts";
import { openClassifier } from "../packages/runner/src/finetune/open-classifier.ts";
import { type KnobName, knobs } from "../packages/runner/src/finetune/settings.ts";
import { tokenizeAll } from "../packages/runner/src/finetune/tokenize-all.ts";
import type { TrainingNews } from "../packages/runner/src/finetune/train-checkpoint.ts";
import { readHeader, readRows } from "../packages/runner/src/safetensors.ts";
import { largestDifference } from "./golden.ts";
import {
  base,
  inTurn,
  type Told,
  train as trainOne,
  valuesOf,
  weightsOf,
  words,
  workFolder,
  writeRows,
} from "./tuning.ts";

const { path: folder, remove } = workFolder("knobs");
afterAll(remove);
const rows = join(folder, "rows.csv");
const uneven = join(folder, "uneven.csv");
beforeAll(() => {
  writeRows(rows, inTurn(160));
  writeRows(uneven, inTurn(120, ["neg", "neg", "neg", "neg", "neg", "pos"]), ["neg", "pos"]);
});

let made = 0;
const train = (knobs: Readonly<Record<string, unknown>>, told: Partial<Omit<Told, "out">> = {}) =>
  trainOne(knobs, { rows, ...told, out: join(folder, `out-${made++}`) });

/** Nothing random but the head, no held-out rows. */
const still = { dropout: { hidden: 0, attention: 0, head: 0 }, validFrac: 0 };
/** One update with all rows, by the bare gradient. */
const oneStep = {
  ...{ ...still, batchSize: 1000, maxEpochs: 1, weightDecay: 0, clipNorm: null },
  schedule: "constant",
};

const bytesOf = (out: string): string =>
  readFileSync(join(out, "model.safetensors")).toString("base64");

/** Gradients of the first update, as AdamW's first moments keep them, by parameter. */
async function gradientsOf(knobs: Readonly<Record<string, unknown>>) {
  const found = new Map<string, Float32Array>();
  await train(
    { ...oneStep, ...knobs },
    {
      tell: (news) => {
        if (news.kind !== "evaluation") return;
        const file = join(folder, `out-${made - 1}.training`, "state.safetensors");
        for (const [name, tensor] of readHeader(file).tensors) {
          if (name.startsWith("first ")) found.set(name.slice(6), readRows(tensor));
        }
      },
    },
  );
  return found;
}

const normOf = (all: Iterable<Float32Array>): number =>
  Math.sqrt([...all].reduce((sum, values) => sum + values.reduce((s, x) => s + x * x, 0), 0));

/** Learning rates of the updates of a training of 10. */
async function ratesOf(knobs: Readonly<Record<string, unknown>>): Promise<readonly number[]> {
  const rates: number[] = [];
  await train(
    { ...still, batchSize: 16, learningRate: 1e-3, ...knobs },
    { tell: (news: TrainingNews) => news.kind === "update" && rates.push(news.learningRate) },
  );
  return rates;
}

/** Largest change of a stored weight. */
function movedBy(out: string, name: string): number {
  const before = readRows(weightsOf(base).get(name)!);
  return largestDifference(valuesOf(out, `bert.${name}`), before);
}

const logitsOf = async (out: string, dataset: Dataset): Promise<Float32Array> => {
  const classifier = await openClassifier(await openCheckpoint(out), { device: "cpu" });
  const texts = dataset.texts.map((text) => classifier.tokenizer.encode(text));
  const logits = await classifier.predict(texts);
  await classifier.close();
  return logits;
};

/** Log-probabilities of two classes, worked out in double precision. */
function logProbabilities(logits: Float32Array, row: number): readonly [number, number] {
  const [a, b] = [logits[2 * row]!, logits[2 * row + 1]!];
  const sum = Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b)));
  return [a - sum, b - sum];
}

const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** The loss before anything was learned, and the logits it is of. */
async function firstLoss(knobs: Readonly<Record<string, unknown>>, file = rows) {
  const { points, out } = await train(
    { ...oneStep, learningRate: 1e-30, ...knobs },
    { rows: file },
  );
  const dataset = await loadDataset(file);
  return { loss: points[0]!.trainLoss, logits: await logitsOf(out, dataset), dataset };
}

/** Three words of which the first or the last one is kept. */
async function kept(knobs: { truncation: "end" | "front"; maxTokens: number }, text: string) {
  const checkpoint = await openCheckpoint(base);
  const { texts } = await tokenizeAll({ checkpoint, texts: [text], textPairs: null, ...knobs }, 0);
  const vocabulary = readFileSync(join(base, "vocab.txt"), "utf8").split("\n");
  return Array.from(texts[0]!.ids, (id) => vocabulary[id]);
}

const cases: { readonly [Name in KnobName]: () => Promise<void> } = {
  pooling: async () => {
    const checkpoint = await openCheckpoint(base);
    const model = readModel(checkpoint.config);
    const inputs = modelInputs();
    const plain = inference(storedWeights(checkpoint.tensors, model.prefix));
    const { hiddenStates } = model.encode(plain, model.embed(plain, inputs), inputs);
    const session = await compile({ last: hiddenStates.at(-1)! }, { threads: 1 });
    const dataset = await loadDataset(rows);
    for (const pooling of ["cls", "mean", "max"] as const) {
      const { out } = await train({ ...oneStep, pooling, learningRate: 1e-30 });
      const [weight, bias] = ["weight", "bias"].map((part) =>
        valuesOf(out, `probegrid_head.out.${part}`),
      );
      const logits = await logitsOf(out, dataset);
      const { texts } = await tokenizeAll(
        { checkpoint, texts: dataset.texts, textPairs: null, truncation: "end", maxTokens: null },
        0,
      );
      for (const row of [0, 1, 2]) {
        const tokens = texts[row]!;
        const { last } = await session.run(batchFeeds(model, [tokens], 0));
        const states = last!.data as Float32Array; // [1, tokens, 16]
        const column = (j: number) => Array.from(tokens.ids, (_, t) => states[16 * t + j]!);
        const pooled = Array.from({ length: 16 }, (_, j) =>
          pooling === "cls"
            ? column(j)[0]!
            : pooling === "mean"
              ? meanOf(column(j))
              : Math.max(...column(j)),
        );
        for (const c of [0, 1]) {
          const own = pooled.reduce((sum, x, j) => sum + x * weight![16 * c + j]!, bias![c]!);
          expect(Math.abs(own - logits[2 * row + c]!), `${pooling} of row ${row}`).toBeLessThan(
            1e-5,
          );
        }
      }
    }
    await session.close();
    const { out } = await train({ ...oneStep, pooling: "pooler" });
    const names = [...weightsOf(out).keys()];
    expect(names).toContain("classifier.weight");
    expect(names.filter((name) => name.startsWith("probegrid_head"))).toEqual([]);
  },
  layersFrozen: async () => {
    for (const frozen of [0, 1, 2, 3]) {
      const gradients = await gradientsOf({ layersFrozen: frozen });
      const { out } = await train({ ...oneStep, layersFrozen: frozen });
      for (const [name, tensor] of weightsOf(base)) {
        const layer = /encoder\.layer\.(\d)/.exec(name)?.[1];
        const lowest = name.startsWith("embeddings") ? 0 : layer === undefined ? 3 : Number(layer);
        const still = name.startsWith("embeddings") ? frozen > 0 : lowest < frozen;
        const change = largestDifference(valuesOf(out, `bert.${name}`), readRows(tensor));
        if (still) expect(change, name).toBe(0);
        // A key's bias has no gradient but rounding, and not every word occurs.
        else expect(change, name).toBeGreaterThan(0);
        expect(gradients.has(name), `state of ${name}`).toBe(!still);
      }
    }
    await expect(train({ layersFrozen: 4 })).rejects.toThrow("expected 0 to 3");
  },
  maxEpochs: async () => {
    const { steps, points } = await train({ ...still, maxEpochs: 3, batchSize: 50 });
    expect(steps).toBe(3 * 4); // 160 rows are 3 batches of 50 and one of 10
    expect(points.map(({ epoch }) => epoch)).toEqual([1, 2, 3]);
  },
  earlyStopping: async () => {
    const hardly = { learningRate: 1e-9, maxEpochs: 5, patience: 1 };
    expect((await train(hardly)).points).toHaveLength(2);
    const all = await train({ ...hardly, earlyStopping: false });
    expect(all.points).toHaveLength(5);
    expect(all.kept).toBe(null);
    // It keeps the weights of the best evaluation: scores of the checkpoint are those of that point.
    const best = await train({ learningRate: 0.02, maxEpochs: 4, patience: 4, validFrac: 0.3 });
    const { evaluation } = best;
    if (evaluation.task !== "classification") throw new Error("expected classes");
    const scores = best.points.map(({ validation }) => validation!.scores.macroF1!);
    expect(best.kept).toBe(1 + scores.indexOf(Math.max(...scores)));
    expect(evaluation.report.macroF1).toBeCloseTo(Math.max(...scores), 12);
  },
  patience: async () => {
    for (const patience of [1, 2, 4]) {
      const { points, kept } = await train({ learningRate: 1e-9, maxEpochs: 9, patience });
      expect(points).toHaveLength(1 + patience); // the first is the best of equals
      expect(kept).toBe(1);
    }
  },
  truncation: async () => {
    const [a, b, c] = words as [string, string, string];
    const text = `${a} ${b} ${c}`;
    expect(await kept({ truncation: "end", maxTokens: 4 }, text)).toEqual(["[CLS]", a, b, "[SEP]"]);
    expect(await kept({ truncation: "front", maxTokens: 4 }, text)).toEqual([
      ...["[CLS]", b, c, "[SEP]"],
    ]);
    const long = join(folder, "long.csv");
    const lines = Array.from({ length: 60 }, (_, i) => {
      const middle = Array.from({ length: 20 }, (_, k) => words[(i + k) % words.length]);
      return `${words[i % 2]} ${middle.join(" ")},${i % 2}`;
    });
    writeFileSync(long, `text,label\n${lines.join("\n")}\n`);
    const dropout = { hidden: 0, attention: 0, head: 0 };
    const knobs = { maxTokens: 6, maxEpochs: 20, learningRate: 3e-3, pooling: "mean", dropout };
    const f1 = async (truncation: string) => {
      const { evaluation, warnings } = await train({ ...knobs, truncation }, { rows: long });
      expect(warnings.join()).toContain("60 texts of 60 truncated");
      return evaluation.task === "classification" ? evaluation.report.macroF1 : 0;
    };
    expect(await f1("end")).toBe(1); // the word that tells is the first one
    expect(await f1("front")).toBeLessThan(1);
  },
  maxTokens: async () => {
    const text = words.slice(0, 9).join(" ");
    expect(await kept({ truncation: "end", maxTokens: 5 }, text)).toHaveLength(5);
    expect(await kept({ truncation: "end", maxTokens: 50 }, text)).toHaveLength(11);
  },
  validFrac: async () => {
    const { division } = await train({ validFrac: 0.25, testFrac: 0 });
    expect([division.train, division.validation].map(({ length }) => length)).toEqual([120, 40]);
    const { targets } = await loadDataset(rows);
    const ones = [...division.validation].filter((row) => targets[row] === 1).length;
    expect(ones).toBe(20); // every class its share
    const none = await train({ validFrac: 0 });
    expect(none.points[0]!.validation).toBe(null);
    expect(none.warnings.join()).toContain("scored on the training rows");
  },
  testFrac: async () => {
    const { division, evaluation } = await train({ validFrac: 0.2, testFrac: 0.1 });
    const { train: learned, validation, test } = division;
    expect(test.length).toBe(16);
    expect(validation.length).toBe(2 * 14); // a fifth of the 72 rows that are left of each class
    expect(new Set([...learned, ...validation, ...test]).size).toBe(160);
    expect(evaluation.predicted).toHaveLength(16);
  },
  learningRate: async () => {
    for (const learningRate of [1e-3, 1e-2]) {
      const { out } = await train({ ...oneStep, learningRate });
      // One AdamW step moves every weight with a gradient by its learning rate.
      expect(movedBy(out, "encoder.layer.1.output.dense.weight")).toBeCloseTo(learningRate, 6);
    }
  },
  headLearningRate: async () => {
    const { out } = await train({ ...oneStep, learningRate: 1e-3, headLearningRate: 1e-2 });
    expect(movedBy(out, "pooler.dense.weight")).toBeCloseTo(1e-2, 5);
    expect(movedBy(out, "encoder.layer.2.output.dense.weight")).toBeCloseTo(1e-3, 6);
  },
  layerDecay: async () => {
    const { out } = await train({ ...oneStep, learningRate: 1e-2, layerDecay: 0.5 });
    const expected = {
      "pooler.dense.weight": 1e-2,
      "encoder.layer.2.output.dense.weight": 5e-3,
      "encoder.layer.1.output.dense.weight": 2.5e-3,
      "encoder.layer.0.output.dense.weight": 1.25e-3,
      "embeddings.word_embeddings.weight": 6.25e-4,
    };
    for (const [name, rate] of Object.entries(expected)) {
      expect(Math.abs(movedBy(out, name) / rate - 1), name).toBeLessThan(1e-3);
    }
  },
  schedule: async () => {
    const close = (rates: readonly number[], factors: readonly number[]) =>
      factors.forEach((factor, i) => {
        expect(rates[i]! / 1e-3).toBeCloseTo(factor, 12);
      });
    const tenths = Array.from({ length: 10 }, (_, i) => i / 10);
    close(
      await ratesOf({ schedule: "linear" }),
      tenths.map((t) => 1 - t),
    );
    close(
      await ratesOf({ schedule: "cosine" }),
      tenths.map((t) => (1 + Math.cos(Math.PI * t)) / 2),
    );
    close(
      await ratesOf({ schedule: "constant" }),
      tenths.map(() => 1),
    );
  },
  warmup: async () => {
    const expected = [0, 0.25, 0.5, 0.75, 1, 1, 1, 1, 1, 1].map((factor) => factor * 1e-3);
    expect(await ratesOf({ schedule: "constant", warmup: 4 })).toEqual(expected);
    expect(await ratesOf({ schedule: "constant", warmup: 0.4 })).toEqual(expected);
  },
  weightDecay: async () => {
    const knobs = { ...oneStep, learningRate: 1e-2 };
    const plain = await train(knobs);
    const decayed = await train({ ...knobs, weightDecay: 0.5 });
    // p (1 - rate · decay) - step: the runs differ by rate · decay · p.
    const compare = (name: string, factor: number) => {
      const before = readRows(weightsOf(base).get(name)!);
      const [a, b] = [plain, decayed].map(({ out }) => valuesOf(out, `bert.${name}`));
      const expected = a!.map((value, i) => value - factor * before[i]!);
      expect(largestDifference(b!, expected), name).toBeLessThan(1e-6);
    };
    compare("encoder.layer.0.output.dense.weight", 0.005);
    compare("encoder.layer.0.output.dense.bias", 0);
    compare("encoder.layer.0.output.LayerNorm.weight", 0);
    compare("embeddings.LayerNorm.weight", 0);
  },
  clipNorm: async () => {
    const whole = await gradientsOf({ clipNorm: null });
    const norm = normOf(whole.values());
    expect(norm).toBeGreaterThan(0.01);
    const clipped = await gradientsOf({ clipNorm: norm / 4 });
    expect(normOf(clipped.values()) / norm).toBeCloseTo(0.25, 4);
    const loose = await gradientsOf({ clipNorm: norm * 4 });
    expect(normOf(loose.values()) / norm).toBeCloseTo(1, 4);
  },
  batchSize: async () => {
    expect((await train({ ...still, batchSize: 16 })).steps).toBe(10);
    expect((await train({ ...still, batchSize: 30 })).steps).toBe(6);
  },
  accumulation: async () => {
    const whole = await gradientsOf({ batchSize: 1000 });
    const pieces = await gradientsOf({ batchSize: 20, accumulation: 8 });
    expect(pieces.size).toBe(whole.size);
    for (const [name, values] of whole) {
      expect(largestDifference(pieces.get(name)!, values), name).toBeLessThan(1e-6);
    }
    const knobs = { ...still, maxEpochs: 2 };
    const [a, b] = [
      await train({ ...knobs, batchSize: 32 }),
      await train({ ...knobs, batchSize: 8, accumulation: 4 }),
    ];
    expect(b.steps).toBe(a.steps);
    const name = "bert.encoder.layer.0.output.dense.weight";
    expect(largestDifference(valuesOf(b.out, name), valuesOf(a.out, name))).toBeLessThan(1e-3);
  },
  dropout: async () => {
    const knobs = { ...oneStep, learningRate: 1e-30 };
    const loss = async (dropout: unknown) =>
      (await train({ ...knobs, dropout })).points[0]!.trainLoss;
    const none = await loss({ hidden: 0, attention: 0, head: 0 });
    const { logits, dataset } = await firstLoss({});
    const plain = dataset.texts.map((_, i) => -logProbabilities(logits, i)[dataset.targets[i]!]!);
    expect(none).toBeCloseTo(meanOf(plain), 5);
    for (const site of ["hidden", "attention", "head"]) {
      const rates = { hidden: 0, attention: 0, head: 0, [site]: 0.4 };
      expect(Math.abs((await loss(rates)) - none), site).toBeGreaterThan(1e-6);
    }
    // A number is the head's own rate, beside those of the checkpoint.
    expect(await loss(0.4)).toBe(await loss({ head: 0.4 }));
    expect(await loss(null)).toBe(await loss({ hidden: 0.1, attention: 0.1, head: 0.1 }));
  },
  classificatorSize: async () => {
    const shapes = async (pooling: string, classificatorSize: number) => {
      const { out } = await train({ ...oneStep, pooling, classificatorSize });
      const own = [...weightsOf(out)].filter(([name]) => name.startsWith("probegrid_head."));
      return Object.fromEntries(own.map(([name, { shape }]) => [name.slice(15), shape]));
    };
    const hidden = {
      "dense.weight": [5, 16],
      "dense.bias": [5],
      "out.weight": [2, 5],
      "out.bias": [2],
    };
    expect(await shapes("mean", 5)).toEqual(hidden);
    expect(await shapes("pooler", 5)).toEqual(hidden);
    expect(await shapes("mean", 0)).toEqual({ "out.weight": [2, 16], "out.bias": [2] });
  },
  weightedSampling: async () => {
    const learned = await train({ ...still, maxEpochs: 3, pooling: "mean" }, { rows: uneven });
    const knobs = { ...still, pooling: "mean", learningRate: 1e-30, maxEpochs: 8 };
    const loss = async (weightedSampling: boolean) => {
      const told = { rows: uneven, model: learned.out };
      const { points } = await train({ ...knobs, weightedSampling, batchSize: 1000 }, told);
      return meanOf(points.map(({ trainLoss }) => trainLoss));
    };
    const dataset = await loadDataset(uneven);
    const logits = await logitsOf(learned.out, dataset);
    const byClass = [0, 1].map((c) =>
      meanOf(
        dataset.texts.flatMap((_, i) =>
          dataset.targets[i] === c ? [-logProbabilities(logits, i)[c as 0 | 1]] : [],
        ),
      ),
    ) as [number, number];
    expect(Math.abs(byClass[0] - byClass[1])).toBeGreaterThan(0.2);
    // Five rows in six are of class 0; drawn in equal shares it is one in two.
    expect(await loss(false)).toBeCloseTo((5 * byClass[0] + byClass[1]) / 6, 4);
    const expected = meanOf(byClass);
    const spread = Math.abs(byClass[0] - byClass[1]) / 2 / Math.sqrt(8 * 120);
    expect(Math.abs((await loss(true)) - expected)).toBeLessThan(6 * spread + 0.05 * expected);
  },
  classWeights: async () => {
    const check = async (classWeights: unknown, [a, b]: readonly [number, number]) => {
      const { loss, logits, dataset } = await firstLoss({ classWeights }, uneven);
      let [sum, total] = [0, 0];
      for (const [i, target] of [...dataset.targets].entries()) {
        const weight = target === 0 ? a : b;
        sum -= weight * logProbabilities(logits, i)[target as 0 | 1];
        total += weight;
      }
      expect(loss).toBeCloseTo(sum / total, 5); // torch's mean divides by the weights
    };
    await check([1, 3], [1, 3]);
    await check("balanced", [120 / (2 * 100), 120 / (2 * 20)]); // as scikit-learn
    await expect(train({ classWeights: [1, 2, 3] })).rejects.toThrow("expected 2 for the classes");
  },
  labelSmoothing: async () => {
    for (const share of [0, 0.2]) {
      const { loss, logits, dataset } = await firstLoss({ labelSmoothing: share });
      const expected = dataset.texts.map((_, i) => {
        const logs = logProbabilities(logits, i);
        return -(1 - share) * logs[dataset.targets[i] as 0 | 1] - (share / 2) * (logs[0] + logs[1]);
      });
      expect(loss).toBeCloseTo(meanOf(expected), 5);
    }
  },
  evaluateEvery: async () => {
    const { points } = await train({ ...still, batchSize: 16, maxEpochs: 2, evaluateEvery: 6 });
    expect(points.map(({ step }) => step)).toEqual([6, 12, 18, 20]); // and at the end
    expect(points.map(({ epoch }) => epoch)).toEqual([0.6, 1.2, 1.8, 2]);
  },
  numWorkers: async () => {
    const [one, three] = [await train({}), await train({ numWorkers: 3 })];
    expect(bytesOf(three.out)).toBe(bytesOf(one.out));
  },
  precision: async () => {
    expect(() => knobs.precision.schema.parse("float8")).toThrow("float32, float16");
    await expect(train({ precision: "float16" })).rejects.toThrow(
      'precision "float16": device cpu computes in float32',
    );
    const { out } = await train({ precision: "float32" });
    expect([...weightsOf(out).values()].every(({ dtype }) => dtype === "F32")).toBe(true);
  },
  seed: async () => {
    const [one, same, other] = [
      await train({ seed: 1 }),
      await train({ seed: 1 }),
      await train({ seed: 2 }),
    ];
    expect(bytesOf(same.out)).toBe(bytesOf(one.out));
    expect(bytesOf(other.out) === bytesOf(one.out)).toBe(false);
    expect([...other.division.validation]).not.toEqual([...one.division.validation]);
  },
};

describe("knobs", () => {
  it.each(Object.keys(cases) as KnobName[])("%s", async (name) => await cases[name]());
});
