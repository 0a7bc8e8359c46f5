/** @file The command that trains one point again: `probegrid finetune` with the files, the knobs and the device it had. */

import { shellQuoted } from "../command-line.ts";
import type { DatasetOptions } from "../datasets/spec.ts";
import { type FinetuneSettings, type KnobName, knobs, optionName } from "./settings.ts";
import { type FinetuneWork, trainingId } from "./train-checkpoint.ts";

type Repeated = Pick<FinetuneWork, "checkpoint" | "dataset" | "settings" | "pruning" | "device"> & {
  /** Where the rows came from, with absolute paths. */
  readonly data: DatasetOptions;
};

/** One line for a POSIX shell; checkpoint and store are new ones, named after the trial. */
export function repeatCommand(work: Repeated): string {
  const { checkpoint, settings, data, device } = work;
  const name = `repeat-${trainingId(work)}`;
  const words = [
    ...["probegrid", "finetune", "--model", checkpoint.path, ...dataArguments(data)],
    ...knobArguments(settings),
    ...["--device", device, "--out", name, "--store", `${name}.db`],
  ];
  return ["npx", ...words.map(shellQuoted)].join(" ");
}

/** Fields of a dataset that have an option of their own. */
const plain = ["text", "textPair", "label", "task", "limit"] as const;

/** The file and its columns as options; what no option can say is written as a whole. */
function dataArguments({ path, train, validation, test, ...rest }: DatasetOptions): string[] {
  const said = new Set<string>(plain);
  const whole = Object.entries(rest).some(
    ([name, value]) => !said.has(name) || (typeof value !== "string" && name !== "limit"),
  );
  if (whole) return ["--data", JSON.stringify({ path, train, validation, test, ...rest })];
  const given = { data: path ?? train, validation, test, ...rest };
  return Object.entries(given).flatMap(([name, value]) =>
    value === undefined ? [] : [optionName(name), String(value)],
  );
}

/** Knobs that are not at their defaults. */
function knobArguments(settings: FinetuneSettings): string[] {
  return (Object.keys(knobs) as KnobName[]).flatMap((name) => {
    const [own, usual] = [settings[name], knobs[name].schema.parse(undefined)];
    if (JSON.stringify(own) === JSON.stringify(usual)) return [];
    if (typeof own === "boolean") return [own ? optionName(name) : optionName(`no-${name}`)];
    return [optionName(name), typeof own === "string" ? own : JSON.stringify(own)];
  });
}
