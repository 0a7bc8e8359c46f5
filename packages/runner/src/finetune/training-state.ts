/** @file A training on disk: the last saved step, and the best weights so far; what a kill can not take. */

import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import {
  type Finetuning,
  type Progress,
  stateOfParameter,
  type TrainingState,
} from "@probegrid/probes";
import { z } from "zod";
import { ExperimentError } from "../errors.ts";
import { parseJson } from "../parse-json.ts";
import { readHeader, readRows } from "../safetensors.ts";
import { writeSafetensors } from "../safetensors-writer.ts";

/** The folder of a training's state, beside the checkpoint that it will become. */
export const stateFolder = (out: string): string => `${out}.training`;

const stateFile = (out: string): string => join(stateFolder(out), "state.safetensors");
const bestFile = (out: string): string => join(stateFolder(out), "best.safetensors");

/** Saves where a training stands: progress and tensors are one file, so they always fit together. */
export async function saveState(out: string, id: string, training: Finetuning): Promise<void> {
  const { progress } = training;
  const state = await training.state();
  mkdirSync(stateFolder(out), { recursive: true });
  const tensors = Object.fromEntries(
    Object.entries(state.tensors).map(([name, { data, shape }]) => [
      name,
      { dtype: "F32" as const, shape, data },
    ]),
  );
  writeSafetensors(stateFile(out), tensors, {
    id,
    step: String(state.step),
    progress: JSON.stringify(progress),
  });
}

/** What was saved last of the training with this id; null where there is nothing. */
export function loadState(
  out: string,
  id: string,
): { readonly progress: Progress; readonly state: TrainingState } | null {
  const file = stateFile(out);
  if (!existsSync(file)) return null;
  const { tensors, metadata } = readHeader(file);
  if (metadata.id !== id) {
    throw new ExperimentError(
      `${stateFolder(out)}: holds an unfinished training with other data or settings; remove it to start over`,
    );
  }
  return {
    progress: readProgress(file, metadata),
    state: {
      step: Number(metadata.step),
      tensors: Object.fromEntries(
        [...tensors].map(([name, tensor]) => [
          name,
          { data: readRows(tensor), shape: tensor.shape },
        ]),
      ),
    },
  };
}

const count = z.int().min(0);
const progressSchema = z.looseObject({
  ...{ step: count, epoch: count, update: count, pieceRows: z.int().min(1) },
  points: z.array(z.looseObject({ evaluation: count, epoch: z.number(), step: count })),
  best: z.looseObject({ evaluation: count }).nullable(),
  losses: z.looseObject({ count }),
  finished: z.enum(["all epochs", "early"]).nullable(),
});

function readProgress(file: string, metadata: Readonly<Record<string, string>>): Progress {
  try {
    count.parse(Number(metadata.step));
    return progressSchema.parse(parseJson(metadata.progress ?? "")) as unknown as Progress;
  } catch (cause) {
    const advice = "remove it to start over";
    throw new ExperimentError(`${file}: is not the state of a training; ${advice}`, { cause });
  }
}

/** Keeps the trained weights as they are now, as the best so far. */
export async function saveBest(
  out: string,
  training: Finetuning,
  { id, evaluation }: { readonly id: string; readonly evaluation: number },
): Promise<void> {
  const trained = await trainedValues(training);
  mkdirSync(stateFolder(out), { recursive: true });
  const tensors = Object.fromEntries(
    training.graph.parameters.map(({ name, shape }) => [
      name,
      { dtype: "F32" as const, shape, data: trained(name) },
    ]),
  );
  writeSafetensors(bestFile(out), tensors, { id, evaluation: String(evaluation) });
}

/** The trained weights as they are now, by name. */
export async function trainedValues(training: Finetuning): Promise<(name: string) => Float32Array> {
  const { tensors } = await training.state();
  return (name) => tensors[stateOfParameter(name)]!.data as Float32Array;
}

/** Reads the best weights by name; they must be those of this evaluation. */
export function openBest(out: string, evaluation: number): (name: string) => Float32Array {
  const { tensors, metadata } = readHeader(bestFile(out));
  if (metadata.evaluation !== String(evaluation)) {
    throw new Error(
      `internal: best weights are of evaluation ${metadata.evaluation}, expected ${evaluation}`,
    );
  }
  return (name) => {
    const tensor = tensors.get(name);
    if (!tensor) throw new Error(`internal: best weights lack "${name}"`);
    return readRows(tensor);
  };
}

/** Forgets a training that has become a checkpoint. */
export function removeState(out: string): void {
  rmSync(stateFolder(out), { recursive: true, force: true });
}
