/** @file Bytes and seconds of work that has not been done, from the rates of work that has. */

import type { Dataset } from "./dataset.ts";
import type { Statistics } from "./experiment/statistics.ts";
import { type Cell, foldCount, type Grid, type Pair } from "./grid.ts";
import type { SizedFeature } from "./grid-model.ts";
import type { Store } from "./store/index.ts";

/** How fast things went before, over all workers; what was never measured has a guess. */
export type Rates = {
  /** Floating-point operations per second while encoding, by model id; "" is the mean over all models. */
  readonly encode: ReadonlyMap<string, number>;
  /** Seconds of one worker per value of a feature matrix, by classifier name. */
  readonly probe: ReadonlyMap<string, number>;
};

type Cost = { readonly bytes: number; readonly seconds: number };

// Guesses for a machine that has not worked yet: what two cores of a laptop did.
const guessedEncodeRate = 5e10; // operations per second
const guessedProbeCost = 2e-7; // seconds per value
const guessedTrialCost = 0.004; // seconds per trial, however small

/** An online code beside the folds of a trial: eleven probes, half of them on very few rows. */
const codeCost = 0.3;

/** How much more than its folds alone a trial computes. */
function fitsOf({ permutations, control, descriptionLength }: Statistics): number {
  return 1 + permutations + Number(control) + codeCost * descriptionLength;
}

/** Rates measured by earlier runs into this store. */
export function measuredRates({ sqlite }: Store): Rates {
  const encodings = sqlite
    .prepare<[], { model: string; operations: number; seconds: number }>(
      `select model, sum(tokens * 24.0 * layers * width * width) as operations, sum(seconds) as seconds
       from encodings join models on models.id = encodings.model group by model`,
    )
    .all();
  const trials = sqlite
    .prepare<[], { classifier: string; cost: number }>(
      `select classifier, sum(seconds) / sum(1.0 * rows * width * fits) as cost
       from (select classifier, dataset, model, seconds, 1
               + coalesce(json_extract(spec, '$.statistics.permutations'), 0)
               + coalesce(json_extract(spec, '$.statistics.control'), 0)
               + ${codeCost} * coalesce(json_extract(spec, '$.statistics.descriptionLength'), 0) as fits
             from trials
             where state = 'done' and kind = 'probe' and seconds is not null order by key desc limit 5000) as recent
       join datasets on datasets.id = recent.dataset join models on models.id = recent.model
       group by classifier`,
    )
    .all();
  const measured = encodings.filter(({ seconds }) => seconds > 0);
  const encode = new Map(measured.map((row) => [row.model, row.operations / row.seconds]));
  if (encode.size > 0) encode.set("", mean([...encode.values()]));
  return { encode, probe: new Map(trials.map((row) => [row.classifier, row.cost])) };
}

export const noRates: Rates = { encode: new Map(), probe: new Map() };

/** Cost of one pass of a model over a dataset, writing these features. */
export function estimateEncoding(
  grid: Grid,
  { dataset, model }: Pair,
  {
    missing,
    rates,
  }: { readonly missing: ReadonlyMap<string, SizedFeature>; readonly rates: Rates },
): Cost {
  const { layers, width, maxTokens } = model.model.geometry;
  const longest = Math.min(grid.experiment.maxTokens ?? maxTokens, maxTokens);
  const operations = estimatedTokens(dataset, longest) * 24 * layers * width ** 2; // 2 x 12 width^2 weights a layer
  const rate = rates.encode.get(model.checkpoint.id) ?? rates.encode.get("") ?? guessedEncodeRate;
  const values = [...missing.values()].reduce((sum, feature) => sum + feature.width, 0);
  const valueBytes = grid.experiment.precision === "float16" ? 2 : 4;
  return {
    bytes: dataset.texts.length * values * valueBytes,
    seconds: operations / rate,
  };
}

/** Cost of each classifier of a cell on its feature matrix. */
export function estimateProbing(
  grid: Grid,
  { dataset, model, pooling, classifiers }: Cell,
  { rates, workers }: { readonly rates: Rates; readonly workers: number },
): readonly Cost[] {
  const rows = dataset.texts.length;
  const { layerMethod, layers, token } = pooling;
  const copies = layerMethod === "concat" || layerMethod === "rows" ? layers.length : 1;
  const tokens = token.kind === "attention" ? token.count : 1;
  const values = rows * model.model.geometry.width * copies * tokens;
  const folds = foldCount(grid.experiment);
  const tested = testedRows(grid, rows);
  const { statistics } = grid.experiment;
  const { permutations, control, descriptionLength } = statistics;
  const extra = permutations + 2 * folds * Number(control) + 15 * descriptionLength; // rows of scores and code blocks
  const bytes = 600 + folds * 150 + tested * predictionBytes(dataset) + extra * 40;
  const fits = fitsOf(statistics);
  return classifiers.map(({ name }) => {
    const measured = rates.probe.get(name);
    const seconds =
      measured === undefined ? guessedTrialCost + values * guessedProbeCost : values * measured;
    return { bytes, seconds: (fits * seconds) / workers };
  });
}

/** Test rows of all folds together. */
function testedRows({ experiment }: Grid, rows: number): number {
  const { folds } = experiment;
  if (folds.kind === "resampled") return rows * (folds.test ?? 0.2) * folds.n;
  return folds.kind === "fixed" ? rows : rows * (folds.repeats ?? 1);
}

/** A prediction, and for two classes a score next to it. */
function predictionBytes({ labels }: Dataset): number {
  return labels?.length === 2 ? 8 : 4;
}

/** About four characters make a token; two special tokens frame each text. */
function estimatedTokens({ texts, textPairs }: Dataset, longest: number): number {
  let tokens = 0;
  for (let i = 0; i < texts.length; i++) {
    const characters = (texts[i]?.length ?? 0) + (textPairs?.[i]?.length ?? 0);
    tokens += Math.min(2 + Math.ceil(characters / 4), longest);
  }
  return tokens;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
