/** @file What a probe job is sent: where its features lie, the targets, and the trials. */

import type { Composition } from "@probegrid/probes";
import { featureName, openEncoding } from "../cache.ts";
import type { Pooling } from "../experiment/poolers.ts";
import type { Cell, Trial } from "../grid.ts";
import { featuresOf } from "../grid-model.ts";
import type { ProbeWork } from "../jobs/probe.ts";
import type { StoredTensor } from "../safetensors.ts";
import { controlTaskOf } from "../statistics/control-record.ts";
import { readRival } from "../store/rival.ts";
import type { RunContext } from "./context.ts";

/** Makes the work of a batch of trials; the features of the last encoding are looked up once. */
export function createProbeWork({
  grid,
  cache,
  executor,
  store,
  experiment,
}: RunContext): (cell: Cell, trials: readonly Trial[]) => ProbeWork {
  const { folds, seed, source, set, statistics } = grid.experiment;
  let latest: { encoding: string; tensors: ReadonlyMap<string, StoredTensor> } | undefined;
  return ({ dataset, pooling, encoding }, trials) => {
    if (latest?.encoding !== encoding) {
      latest = { encoding, tensors: openEncoding(cache, encoding).features };
    }
    const { tensors } = latest;
    const { task, targets, groups, parts, labels } = dataset;
    return {
      features: featuresOf(pooling).map((feature) => {
        const tensor = tensors.get(featureName(feature));
        if (!tensor)
          throw new Error(`internal: encoding ${encoding} lacks ${featureName(feature)}`);
        return tensor;
      }),
      layerMethod: pooling.layerMethod,
      composition: compositionOf(pooling),
      rows: { task, targets, groups, parts, classes: labels?.length ?? 0 },
      split: grid.splits.get(dataset.id)?.id ?? "",
      ...{ folds, seed, statistics },
      control: statistics.control ? (controlTaskOf(dataset, seed)?.targets ?? null) : null,
      rival:
        statistics.stop > 0
          ? readRival(store, { experiment, split: grid.splits.get(dataset.id)?.id ?? "" })
          : null,
      trials: trials.map(({ id, classifier }) => ({ id, classifier })),
      experiment: { source, set },
      threads: executor.threads,
    };
  };
}

/** What the columns of a pooling's features are: layers side by side, tokens side by side, or one vector. */
function compositionOf({ layers, layerMethod, token }: Pooling): Composition | undefined {
  if (token.kind === "attention") return { kind: "tokens", count: token.count };
  return layerMethod === "concat" ? { kind: "layers", layers } : undefined;
}
