/** @file Nearest neighbours: the classes or values of the closest training rows vote. */

import { z } from "zod";
import { DataError, type Matrix, takeRows } from "../array.ts";
import { add, constant, input, matMul, mul } from "../graph/index.ts";
import { float32, kernel } from "../kernels.ts";
import { type Classifier, type FitInput, outputsOf, type Task } from "./classifier.ts";
import { scalesOf, trainSpreads } from "./fold-moments.ts";
import { ruleOption, withRule } from "./rule.ts";

const options = z.strictObject({
  /** How many training rows vote. */
  neighbours: z.int().positive().default(5),
  /** "uniform": one vote each; "distance": a vote weighs 1 / distance. */
  weights: z.enum(["uniform", "distance"]).default("uniform"),
  metric: z.enum(["euclidean", "cosine"]).default("euclidean"),
  /** Divide features by their deviation in the training rows. */
  standardise: z.boolean().default(false),
  rule: ruleOption,
});
type Options = z.infer<typeof options>;

export const knn: Classifier<Options> = {
  tasks: ["classification", "regression"],
  options,
  version: 1,
  async fit(input, settings) {
    const { folds } = input;
    const fits: { validation: Matrix; test: Matrix }[] = [];
    for (const [f, fold] of folds.entries()) {
      if (fold.train.length < settings.neighbours) {
        throw new DataError(
          `knn: fold ${f}: expected at least ${settings.neighbours} training rows, one per neighbour, got ${fold.train.length}`,
        );
      }
      const vote = await createVote(input, f, settings);
      fits.push({ validation: await vote(fold.validation), test: await vote(fold.test) });
    }
    return withRule(input, fits, settings.rule);
  },
};

/** Distances are computed in float32 and those of so many more rows than needed once more in float64. */
const spare = 8;

/** Numbers of one block of distances. */
const blockLimit = 2 ** 23;

async function createVote(input: FitInput, f: number, settings: Options) {
  const fold = input.folds[f]!;
  const prepare = preparation(input, f, settings);
  const train = prepare(fold.train);
  const squares = squaredLengths(train);
  const kept = Math.min(train.rows, settings.neighbours + spare);
  const session = await distanceKernel();
  const step = Math.max(1, Math.floor(blockLimit / train.rows));
  return async (rows: Uint32Array): Promise<Matrix> => {
    const outputs = outputsOf(input.task);
    const data = new Float32Array(rows.length * outputs);
    const nearest = createNearest(kept);
    for (let start = 0; start < rows.length; start += step) {
      const x = prepare(rows.subarray(start, start + step));
      const { order } = await session.run({
        x: float32(x.data, x.rows, x.columns),
        train: float32(train.data, train.rows, train.columns),
        squares: float32(squares, 1, train.rows),
      });
      const near = order!.data as Float32Array;
      for (let i = 0; i < x.rows; i++) {
        const candidates = nearest(near, i * train.rows, train.rows);
        const found = exactDistances(x, i, { train, candidates }).slice(0, settings.neighbours);
        const votes = countVotes(found, { task: input.task, rows: fold.train, settings });
        data.set(votes, (start + i) * outputs);
      }
    }
    return { rows: rows.length, columns: outputs, data };
  };
}

/** |t|² - 2 x·t for every x and training row t: what orders the training rows by their distance to x. */
const distanceKernel = () =>
  kernel("knn", () => {
    const x = input("x", ["rows", "columns"]);
    const train = input("train", ["height", "columns"]);
    const squares = input("squares", [1, "height"]);
    return { order: add(mul(matMul(x, train, { transposeB: true }), constant(-2)), squares) };
  });

/** Rows as they are compared: in units of the fold's deviations, or of length one for cosines. */
function preparation(
  { features, sums, folds }: FitInput,
  f: number,
  { metric, standardise }: Options,
) {
  const spread = standardise ? trainSpreads(sums, [folds[f]!])[0]! : null;
  const scales = spread === null ? null : scalesOf(spread, true);
  // Distances stay the same about another point, and lose less to rounding; angles do not.
  const source = metric === "cosine" && spread === null ? features : sums.centred;
  return (rows: Uint32Array): Matrix => {
    const taken = takeRows(source, rows);
    const { columns, data } = taken;
    if (spread !== null && scales !== null) {
      for (let i = 0, at = 0; i < taken.rows; i++) {
        for (let j = 0; j < columns; j++, at++)
          data[at] = (data[at]! - spread.mean[j]!) / scales[j]!;
      }
    }
    if (metric === "cosine") {
      const lengths = squaredLengths(taken);
      lengths.forEach((square, i) => {
        const unit = square > 0 ? 1 / Math.sqrt(square) : 0;
        for (let at = i * columns; at < (i + 1) * columns; at++) data[at]! *= unit;
      });
    }
    return taken;
  };
}

function squaredLengths({ rows, columns, data }: Matrix): Float32Array {
  return Float32Array.from({ length: rows }, (_, i) => {
    let sum = 0;
    for (let at = i * columns; at < (i + 1) * columns; at++) sum += data[at]! * data[at]!;
    return sum;
  });
}

/** Finds the places of the `kept` smallest of `count` values, in any order. */
function createNearest(kept: number) {
  const places = new Uint32Array(kept);
  const values = new Float64Array(kept);
  return (all: Float32Array, start: number, count: number): Uint32Array => {
    let filled = 0;
    let worst = Number.POSITIVE_INFINITY;
    for (let i = 0; i < count; i++) {
      const value = all[start + i]!;
      if (filled === kept && value >= worst) continue;
      let at = filled < kept ? filled++ : kept - 1;
      for (; at > 0 && values[at - 1]! > value; at--) {
        values[at] = values[at - 1]!;
        places[at] = places[at - 1]!;
      }
      values[at] = value;
      places[at] = i;
      worst = values[filled - 1]!;
    }
    return places;
  };
}

type Neighbour = { readonly place: number; readonly distance: number };
type Candidates = { readonly train: Matrix; readonly candidates: Uint32Array };

/** Candidates by their distance in float64, nearest first; of equally near ones the earlier row first. */
function exactDistances(
  x: Matrix,
  i: number,
  { train, candidates }: Candidates,
): readonly Neighbour[] {
  const { columns } = x;
  return Array.from(candidates, (place) => {
    let sum = 0;
    for (let j = 0; j < columns; j++) {
      const difference = x.data[i * columns + j]! - train.data[place * columns + j]!;
      sum += difference * difference;
    }
    return { place, distance: Math.sqrt(sum) };
  }).sort((a, b) => a.distance - b.distance || a.place - b.place);
}

type Voting = { readonly task: Task; readonly rows: Uint32Array; readonly settings: Options };

/** Share of the votes for each class (for two, that of class 1 above a half), or the mean value. */
function countVotes(
  found: readonly Neighbour[],
  { task, rows, settings: { weights, metric } }: Voting,
): readonly number[] {
  // For vectors of length one, half the squared distance is 1 - cosine.
  const distanceOf = ({ distance }: Neighbour) =>
    metric === "cosine" ? distance ** 2 / 2 : distance;
  const exact = weights === "distance" && found.some(({ distance }) => distance === 0);
  const weightOf = (neighbour: Neighbour) => {
    if (weights === "uniform") return 1;
    return exact ? Number(neighbour.distance === 0) : 1 / distanceOf(neighbour);
  };
  const votes = new Array<number>(task.kind === "regression" ? 1 : task.classes).fill(0);
  let total = 0;
  for (const neighbour of found) {
    const weight = weightOf(neighbour);
    const target = task.targets[rows[neighbour.place]!]!;
    total += weight;
    if (task.kind === "regression") votes[0]! += weight * target;
    else votes[target]! += weight;
  }
  const shares = votes.map((vote) => vote / total);
  return shares.length === 2 ? [shares[1]! - 0.5] : shares;
}
