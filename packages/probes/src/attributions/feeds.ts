/** @file Feeds of attribution graphs: texts, seeds, and the token that is read. */

import type { Tensor } from "../graph/index.ts";
import type { Reads } from "../models/architecture.ts";
import { batchFeeds } from "../models/batch.ts";
import type { Model } from "../models/index.ts";
import type { Example, Target } from "./attribution.ts";

/** One row of a batch: a text and what is explained about it. */
export type Query = { readonly example: Example; readonly target: Target };

type Setup = {
  readonly model: Model;
  readonly padId: number;
  readonly outputs: number;
  readonly reads: Reads;
};

/** Everything a graph made by `explained` may ask for. */
export function queryFeeds(
  { model, padId, outputs, reads }: Setup,
  queries: readonly Query[],
): Record<string, Tensor> {
  const texts = queries.map(({ example }) => example);
  const feeds = batchFeeds(model, texts, padId);
  const [batch, tokens] = feeds.mask.shape as [number, number];
  const seed = new Float32Array(batch * outputs);
  const predicted = new Float32Array(batch);
  const position = new Float32Array(batch * tokens);
  queries.forEach(({ example, target }, row) => {
    if (target.output === "predicted") predicted[row] = 1;
    else seed[row * outputs + target.output] = 1;
    const length = example.ids.length;
    if (reads === "mean" && target.position === undefined) {
      position.fill(1 / length, row * tokens, row * tokens + length);
    } else {
      const read = target.position ?? (reads === "last" ? length - 1 : 0);
      position[row * tokens + read] = 1;
    }
  });
  return {
    ...feeds,
    seed: { data: seed, shape: [batch, outputs] },
    predicted: { data: predicted, shape: [batch, 1] },
    position: { data: position, shape: [batch, 1, tokens] },
  };
}

/** One float32 number per token, zero where a text has ended. [batch, tokens] */
export function tokenTensor(rows: readonly ArrayLike<number>[], tokens: number): Tensor {
  const data = new Float32Array(rows.length * tokens);
  rows.forEach((row, i) => {
    data.set(Float32Array.from(row), i * tokens);
  });
  return { data, shape: [rows.length, tokens] };
}

/** Token numbers, `padId` where a text has ended. [batch, tokens] */
export function idTensor(
  rows: readonly ArrayLike<number>[],
  tokens: number,
  padId: number,
): Tensor {
  const data = new BigInt64Array(rows.length * tokens).fill(BigInt(padId));
  rows.forEach((row, i) => {
    for (let j = 0; j < row.length; j++) data[i * tokens + j] = BigInt(row[j]!);
  });
  return { data, shape: [rows.length, tokens] };
}
