/** @file A shard: one dataset, one model and all the probes that are still open on them, as a plain file. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { replaceFile } from "../atomic-file.ts";
import { idOf } from "../canonical.ts";
import { type DeviceChoice, deviceChoices } from "../device-choices.ts";
import type { Experiment } from "../experiment/complete.ts";
import { loadExperiment } from "../experiment.ts";
import type { Grid, Pair } from "../grid.ts";

const shardFile = z.object({
  /** Narrowed to one dataset and one model; functions of the file's own are read from the file again. */
  experiment: z.custom<Omit<Experiment, "custom">>((value) => typeof value === "object"),
  custom: z.boolean(),
  /** Folder that relative paths start from, as for the head. */
  from: z.string(),
  cache: z.string(),
  encoding: z.string(),
  /** As people know it. */
  name: z.string(),
  trials: z.array(z.string()),
  device: z.enum(deviceChoices),
  /** Tokens of a batch; what is usual for the device when null. */
  batchTokens: z.number().nullable(),
  /** How often these trials were given up before without getting on. */
  attempts: z.int(),
  /** Estimated, of one task. */
  seconds: z.number(),
});

export type Shard = z.output<typeof shardFile>;

type Making = {
  readonly grid: Grid;
  readonly cache: string;
  readonly device: DeviceChoice;
  readonly from: string;
};

/** The shard of a pair. */
export function makeShard(
  { grid, cache, device, from }: Making,
  { dataset, model, encoding }: Pair,
  { trials, seconds }: { readonly trials: readonly string[]; readonly seconds: number },
): Shard {
  const { custom, ...plain } = grid.experiment;
  const pick = <Item>(items: readonly Item[], id: string): Item[] =>
    items.filter((_, index) => index === grid.places.get(id));
  return {
    experiment: {
      ...plain,
      datasets: pick(plain.datasets, dataset.id),
      models: pick(plain.models, model.checkpoint.id),
    },
    custom: custom.poolers.size + custom.classifiers.size > 0,
    ...{ from, cache, encoding, device, seconds },
    name: `${dataset.name} x ${model.checkpoint.name}`,
    trials: [...trials],
    batchTokens: null,
    attempts: 0,
  };
}

/** Writes a shard and returns its id. */
export function writeShard(folder: string, shard: Shard): string {
  const id = idOf({ trials: shard.trials, batch: shard.batchTokens, attempts: shard.attempts });
  replaceFile(join(folder, "shards", `${id}.json`), JSON.stringify(shard));
  return id;
}

export function readShard(folder: string, id: string): Shard {
  return shardFile.parse(JSON.parse(readFileSync(join(folder, "shards", `${id}.json`), "utf8")));
}

/** The experiment of a shard, whole again. */
export async function experimentOf({ experiment, custom }: Shard): Promise<Experiment> {
  if (!custom) return { ...experiment, custom: { poolers: new Map(), classifiers: new Map() } };
  const { source, set } = experiment;
  return { ...experiment, custom: (await loadExperiment(source, { set })).custom };
}
