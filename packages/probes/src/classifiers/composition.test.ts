/** @file Networks that read layers (scalar-mix) or tokens (attention): losses and gradients against torch. */

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { matrix } from "../array.ts";
import { compile, type Tensor } from "../graph/index.ts";
import { type ProbeData, probe } from "../probe.ts";
import { createRandom } from "../random.ts";
import { complement } from "../sums.ts";
import { classifiers } from "./index.ts";
import { feedForward, oneLayer } from "./networks.ts";
import { mixedLayers, mixedProducts } from "./scalar-mix.ts";
import { attending } from "./token-attention.ts";
import {
  type Forward,
  type NetworkSpec,
  networkParameters,
  trainingGraph,
} from "./training-graph.ts";

type Case = {
  readonly parameters: Readonly<Record<string, readonly number[]>>;
  readonly losses: readonly number[];
  readonly gradients: Readonly<Record<string, readonly number[]>>;
};
type Networks = Readonly<
  Record<"folds" | "rows" | "layers" | "dim" | "hidden" | "tokens", number>
> &
  Readonly<Record<"targets" | "mixFeatures" | "attentionFeatures", readonly number[]>> &
  Readonly<Record<"linearMix" | "deepMix" | "attention", Case>>;

const path = new URL("../../../../test/fixtures/classifiers/golden.json", import.meta.url);
const golden = (JSON.parse(readFileSync(path, "utf8")) as { readonly networks: Networks }).networks;
const { folds, rows, layers, hidden, tokens } = golden;

type Setting = {
  readonly forward: Forward;
  readonly features: readonly number[];
  readonly shared: boolean;
};

async function compare({ forward, features, shared }: Setting, expected: Case): Promise<void> {
  const width = features.length / rows;
  const spec: NetworkSpec = {
    ...{ forward, folds, width, shared, outputs: 1, loss: "binary", standardise: false },
  };
  const parameters = networkParameters(spec);
  expect(parameters.map(({ name }) => name).sort()).toEqual(
    Object.keys(expected.parameters).sort(),
  );
  const groups = shared ? 1 : folds;
  const perGroup = <Item>(items: readonly Item[]) =>
    Array.from({ length: groups }, () => items).flat();
  const numbers = (values: readonly number[], ...shape: number[]): Tensor => ({
    data: Float32Array.from(values),
    shape,
  });
  const session = await compile(trainingGraph(spec, parameters));
  const found = await session.run({
    features: numbers(features, rows, width),
    order: {
      data: Int32Array.from(perGroup(golden.targets.map((_, i) => i))),
      shape: [groups, rows],
    },
    target: numbers(perGroup(golden.targets), groups, rows, 1),
    weight: numbers(
      Array.from({ length: folds * rows }, () => 1 / rows),
      folds,
      rows,
    ),
    ...Object.fromEntries(
      parameters.map(({ name, shape }) => [
        `parameter ${name}`,
        numbers(expected.parameters[name]!, ...shape),
      ]),
    ),
  });
  await session.close();
  const close = (name: string, values: readonly number[]) => {
    const own = found[name]!.data as Float32Array;
    expect(own.length).toBe(values.length);
    values.forEach((value, i) => {
      expect(Math.abs(own[i]! - value)).toBeLessThan(1e-5);
    });
  };
  close("losses", expected.losses);
  for (const [name, values] of Object.entries(expected.gradients))
    close(`gradient ${name}`, values);
}

const mixFeatures = golden.mixFeatures;

it.each([true, false])(
  "mixes the products of layers as torch mixes layers, rows shared: %s",
  async (shared) => {
    await compare(
      { forward: mixedProducts(layers), features: mixFeatures, shared },
      golden.linearMix,
    );
  },
);

it("puts a hidden layer behind the mix as torch does", async () => {
  const forward = mixedLayers(layers, feedForward([hidden], "relu"));
  await compare({ forward, features: mixFeatures, shared: false }, golden.deepMix);
});

it("attends to tokens as torch does, and never to room that a text does not fill", async () => {
  const { forward } = attending(
    { name: "single-layer", forward: oneLayer },
    { kind: "tokens", count: tokens },
  );
  await compare({ forward, features: golden.attentionFeatures, shared: false }, golden.attention);
});

describe("scalar-mix", () => {
  // Layer 2 of layers 1, 2, 5 tells the class; the others are noise.
  const random = createRandom(3);
  const n = 200;
  const width = 4;
  const targets = Int32Array.from({ length: n }, () => random.integer(2));
  const features = matrix(
    n,
    3 * width,
    Float32Array.from({ length: 3 * n * width }, (_, at) => {
      const told = Math.floor((at % (3 * width)) / width) === 1;
      return random.normal() + (told ? 2 * targets[Math.floor(at / (3 * width))]! - 1 : 0);
    }),
  );
  const test = Uint32Array.from({ length: n / 4 }, (_, i) => 4 * i);
  const fold = { train: complement(test, n), validation: new Uint32Array(), test };
  const composition = { kind: "layers", layers: [1, 2, 5] } as const;
  const data: ProbeData = {
    features,
    composition,
    folds: [fold, fold],
    targets,
    classes: 2,
    seed: 1,
    task: "classification",
  };

  it("finds the layer that tells, and says so per fold", async () => {
    const { measures, scores } = await probe(data, classifiers["scalar-mix"], {
      epochs: 200,
      learningRate: 0.02,
    });
    for (const fold of [0, 1]) {
      const of = (name: string) =>
        measures.find((one) => one.metric === name && one.fold === fold)?.value ?? Number.NaN;
      const weights = [1, 2, 5].map((layer) => of(`layerWeight${layer}`));
      expect(weights[0]! + weights[1]! + weights[2]!).toBeCloseTo(1, 6);
      expect(weights[1]!).toBeGreaterThan(0.8);
      expect(of("centreOfGravity")).toBeCloseTo(weights[0]! + 2 * weights[1]! + 5 * weights[2]!, 6);
      expect(of("mixScale")).toBeGreaterThan(0);
    }
    for (const { metric, value } of scores) {
      if (metric === "accuracy") expect(value).toBeGreaterThan(0.9);
    }
  });
});
