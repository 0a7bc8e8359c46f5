import { expect, test } from "vitest";
import { ExperimentError } from "./errors.ts";
import { loadExperiment } from "./experiment.ts";
import { experimentFields, makeExperimentFolder } from "./make-experiment.ts";

const { write } = makeExperimentFolder(2);
let count = 0;

async function load(change: Readonly<Record<string, unknown>>, set: readonly string[] = []) {
  return await loadExperiment(write(`e${count++}.json`, experimentFields(change)), { set });
}

async function complaint(change: Readonly<Record<string, unknown>>, set: readonly string[] = []) {
  const error = await load(change, set).then(
    () => expect.unreachable("the experiment was accepted"),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ExperimentError);
  return (error as Error).message.replace(/^.*?\.json: /, "");
}

test("fills in every default", async () => {
  const experiment = await load({ folds: undefined, poolers: [{}] });
  expect(experiment.folds).toEqual({ kind: "stratified", k: 10, seed: 0, validation: 0 });
  expect(experiment.poolers).toEqual([
    { layer: "each", layerMethod: null, token: { kind: "mean" } },
  ]);
  const { question, truncation, maxTokens, precision, seed } = experiment;
  expect({ question, truncation, maxTokens, precision, seed }).toEqual({
    ...{ question: null, truncation: "end", maxTokens: null, precision: "float32", seed: 0 },
  });
});

test("takes the folds' seed from the experiment's", async () => {
  const { folds } = await load({ seed: 5, folds: { kind: "resampled", n: 4 } });
  expect(folds).toEqual({ kind: "resampled", n: 4, seed: 5, test: 0.2, validation: 0.1 });
});

test("reads first and last as the quantiles they are", async () => {
  const tokens = ["first", "last", { quantile: 0.5 }, { firstMean: 3 }, { lastMean: 2 }, "cls"];
  const { poolers } = await load({ poolers: tokens.map((token) => ({ token })) });
  expect(poolers.map(({ token }) => token)).toEqual([
    { kind: "quantile", quantile: 0 },
    { kind: "quantile", quantile: 1 },
    { kind: "quantile", quantile: 0.5 },
    { kind: "firstMean", count: 3 },
    { kind: "lastMean", count: 2 },
    { kind: "cls" },
  ]);
});

test.each([
  [
    { poolers: [{ token: "avg" }] },
    'poolers[0].token: unknown token pooling "avg", did you mean "mean"? expected one of cls, mean, max, min, first, last',
  ],
  [
    { poolers: [{ tokens: "mean" }] },
    'poolers[0]: unknown field of a pooler "tokens", did you mean "token"? expected one of layer, layerMethod, token',
  ],
  [
    { poolers: [{ layer: "penultimate" }] },
    'poolers[0].layer: unknown layer "penultimate", did you mean "second-to-last"? expected one of last, second-to-last, all, every, each',
  ],
  [
    { poolers: [{ layer: 1.5 }] },
    "poolers[0].layer: expected a layer index, a list of them, or one of last, second-to-last, all, every, each, got 1.5",
  ],
  [{ poolers: [{ token: { quantile: 2 } }] }, "poolers[0].token.quantile: expected 0 to 1, got 2"],
  [
    { poolers: [{ token: "median" }] },
    'poolers[0].token: unknown token pooling "median", did you mean "mean"? expected one of cls, mean, max, min, first, last, attention',
  ],
  [
    { poolers: [{ layerMethod: "extend" }] },
    'poolers[0].layerMethod: unknown layer method "extend", did you mean "concat"? expected one of mean, max, min, concat',
  ],
  [{ poolers: [] }, "poolers: expected at least one entry, got none"],
  [{ classifiers: "lda" }, 'classifiers: expected a list of classifiers, got "lda"'],
  [
    { model: ["x"] },
    'unknown field of an experiment "model", did you mean "models"? expected one of name, question, datasets, models, poolers, classifiers, folds, truncation, maxTokens, precision, seed',
  ],
  [{ folds: { kind: "stratified", k: 1 } }, "folds.k: expected at least 2, got 1"],
  [
    { folds: { kind: "kfold" } },
    'folds.kind: unknown kind of folds "kfold", did you mean "stratified"? expected one of stratified, grouped, resampled, fixed',
  ],
  [
    { folds: { kind: "stratified", n: 3 } },
    'folds: unknown field of stratified folds "n", did you mean "k"? expected one of kind, k, seed, validation',
  ],
  [{ name: undefined }, "name: expected the name of the experiment, got nothing"],
  [{ truncation: "left" }, 'truncation: unknown truncation "left", expected one of end, front'],
  [
    { datasets: [{ pth: "a.csv" }] },
    /^datasets\[0\]: unknown field of a dataset "pth", did you mean "path"\?/,
  ],
  [{ datasets: [{ path: "a.csv", limit: 0 }] }, "datasets[0].limit: expected at least 1 row"],
])("complains about %j", async (change, expected) => {
  expect(await complaint(change)).toMatch(expected);
});

test("names the nearest classifier and the options it has", async () => {
  expect(await complaint({ classifiers: ["LDA2"] })).toMatch(
    /^classifiers\[0\]: unknown classifier "LDA2", did you mean "lda"\?/,
  );
  expect(await complaint({ classifiers: [{ name: "lda", tolerence: 1 }] })).toMatch(
    /^classifiers\[0\]: unknown option of classifier "lda" "tolerence", did you mean "tolerance"\?/,
  );
});

test("changes fields by --set before checking", async () => {
  const set = ["folds.k=5", "datasets.0.limit=40", 'poolers[0].token={"quantile":1}', "name=other"];
  const experiment = await load({}, set);
  expect(experiment.name).toBe("other");
  expect(experiment.folds).toMatchObject({ k: 5 });
  expect(experiment.datasets).toEqual([{ path: "texts.jsonl", limit: 40 }]);
  expect(experiment.poolers[0]?.token).toEqual({ kind: "quantile", quantile: 1 });
  expect(await complaint({}, ["datasets.3.limit=1"])).toBe(
    '--set datasets.3: expected an index below 1, got "3"',
  );
  expect(await complaint({}, ["folds"])).toBe('--set: expected path=value, got "folds"');
});

test("reads the same experiment from YAML", async () => {
  const yaml = `name: tiny
datasets: [texts.jsonl]
models: [m]
poolers:
  - { layer: [1, -1], layerMethod: concat, token: { quantile: 0.25 } }
classifiers: [lda]
`;
  const { poolers } = await loadExperiment(write("e.yaml", yaml));
  expect(poolers).toEqual([
    { layer: [1, -1], layerMethod: "concat", token: { kind: "quantile", quantile: 0.25 } },
  ]);
});

test("says which file is missing, unreadable or of no known kind", async () => {
  await expect(loadExperiment("nowhere.json")).rejects.toThrow("nowhere.json: no such file");
  await expect(loadExperiment(write("bad.json", "{"))).rejects.toThrow("bad.json: can not be read");
  await expect(loadExperiment(write("e.toml", ""))).rejects.toThrow(
    'expected a file ending in .ts, .json or .yaml, got ".toml"',
  );
});
