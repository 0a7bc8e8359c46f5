/** @file A shard: work that a task does in one go, as a plain file; of a probing grid one dataset and one model. */

import { join } from "node:path";
import { z } from "zod";
import { replaceFile } from "../atomic-file.ts";
import type { AttributeExperiment } from "../attribute/experiment.ts";
import { idOf } from "../canonical.ts";
import { type DeviceChoice, deviceChoices } from "../device-choices.ts";
import type { Experiment } from "../experiment/complete.ts";
import { loadExperiment } from "../experiment.ts";
import type { FinetuneExperiment } from "../finetune/experiment.ts";
import type { Grid, Pair } from "../grid.ts";
import { readChecked } from "./read-checked.ts";

const object = <Kind>() => z.custom<Kind>((value) => typeof value === "object" && value !== null);

const common = {
  /** Folder that relative paths start from, as for the head. */
  from: z.string(),
  cache: z.string(),
  /** As people know it. */
  name: z.string(),
  /** What has to get a result: ids of trials, or of pieces of them. */
  trials: z.array(z.string()),
  device: z.enum(deviceChoices),
  /** Tokens of a batch, of a training texts; what is usual when null. */
  batchTokens: z.number().nullable(),
  /** How often these trials were given up before without getting on. */
  attempts: z.int(),
  /** Estimated, of one task. */
  seconds: z.number(),
};

const shardFile = z.discriminatedUnion("kind", [
  z.object({
    ...common,
    kind: z.literal("probe"),
    /** Narrowed to one dataset and one model; functions of the file's own are read from the file again. */
    experiment: object<Omit<Experiment, "custom">>(),
    custom: z.boolean(),
    encoding: z.string(),
  }),
  z.object({
    ...common,
    kind: z.literal("finetune"),
    /** Narrowed to one dataset, one model and the points of the trials. */
    experiment: object<FinetuneExperiment>(),
    /** Trainings whose curves prune these. */
    before: z.array(z.string()),
  }),
  z.object({
    ...common,
    kind: z.literal("attribute"),
    /** Narrowed to one dataset and one model. */
    experiment: object<AttributeExperiment>(),
    /** Trials of the methods, all of which explain each piece. */
    methods: z.array(z.string()),
    /** Rows of each piece, from one to before another; none where the model is only to be fine-tuned. */
    pieces: z.record(z.string(), z.tuple([z.int(), z.int()])),
  }),
]);

/** Any shard. */
export type Shard = z.output<typeof shardFile>;

/** A shard of one kind. */
export type ShardOf<Kind extends Shard["kind"]> = Extract<Shard, { readonly kind: Kind }>;

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
): ShardOf<"probe"> {
  const { custom, ...plain } = grid.experiment;
  const pick = <Item>(items: readonly Item[], id: string): Item[] =>
    items.filter((_, index) => index === grid.places.get(id));
  return {
    kind: "probe",
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
  return readChecked(join(folder, "shards", `${id}.json`), shardFile);
}

/** The experiment of a shard of probes, whole again. */
export async function experimentOf({ experiment, custom }: ShardOf<"probe">): Promise<Experiment> {
  if (!custom) return { ...experiment, custom: { poolers: new Map(), classifiers: new Map() } };
  const { source, set } = experiment;
  return { ...experiment, custom: (await loadExperiment(source, { set })).custom };
}
