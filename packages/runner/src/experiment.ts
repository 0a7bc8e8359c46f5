/** @file Reads an experiment file (TypeScript, JSON or YAML), checks it and fills in its defaults. */

import { readFileSync, statSync } from "node:fs";
import { dirname, extname, resolve } from "node:path";
import {
  type AttributeExperiment,
  completeAttribute,
  isAttribute,
} from "./attribute/experiment.ts";
import { ExperimentError, messageOf } from "./errors.ts";
import { completeExperiment, type Experiment } from "./experiment/complete.ts";
import { importDefault } from "./experiment/import-module.ts";
import { applyOverrides } from "./experiment/overrides.ts";
import { problemOf } from "./experiment/problems.ts";
import { experimentSchema } from "./experiment/schema.ts";
import { completeFinetune, type FinetuneExperiment, isFinetune } from "./finetune/experiment.ts";
import { parseJson } from "./parse-json.ts";

type Options = {
  /** Changes made before checking, each `path=value`. */
  readonly set?: readonly string[];
};

/** Reads a file that describes probing. Every complaint names the file and the place in it. */
export async function loadExperiment(path: string, options: Options = {}): Promise<Experiment> {
  const experiment = await loadAnyExperiment(path, options);
  if (!("kind" in experiment)) return experiment;
  throw new ExperimentError(
    `${path}: kind: expected an experiment that probes, got "${experiment.kind}"`,
  );
}

/** What an experiment file may describe. */
export type AnyExperiment = Experiment | FinetuneExperiment | AttributeExperiment;

/** Reads a file of any kind. */
export async function loadAnyExperiment(
  path: string,
  { set = [] }: Options = {},
): Promise<AnyExperiment> {
  const file = resolve(path);
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) {
    throw new ExperimentError(
      `${path}: no such file (expected an experiment: .ts, .json or .yaml)`,
    );
  }
  try {
    const value = applyOverrides(await readValue(file), set);
    const source = { source: path, folder: dirname(file) };
    if (isFinetune(value)) return completeFinetune(value, source);
    if (isAttribute(value)) return completeAttribute(value, source);
    const checked = experimentSchema.safeParse(value);
    if (!checked.success) throw problemOf(checked.error);
    return completeExperiment(checked.data, { ...source, set });
  } catch (error) {
    if (!(error instanceof ExperimentError)) throw error;
    throw new ExperimentError(`${path}: ${error.message}`, { cause: error });
  }
}

async function readValue(file: string): Promise<unknown> {
  const extension = extname(file).toLowerCase();
  if (extension === ".json") return parsed(file, parseJson);
  if (extension === ".yaml" || extension === ".yml") {
    const { parse: parseYaml } = await import("yaml");
    return parsed(file, (text) => parseYaml(text, { logLevel: "error" })); // no warnings among our lines
  }
  if (![".ts", ".mts", ".js", ".mjs"].includes(extension)) {
    throw new ExperimentError(
      `expected a file ending in .ts, .json or .yaml, got ${JSON.stringify(extension)}`,
    );
  }
  const value = await imported(file);
  if (value === undefined) {
    throw new ExperimentError(
      "expected `export default defineExperiment({...})`, got no default export",
    );
  }
  return value;
}

async function imported(file: string): Promise<unknown> {
  try {
    return await importDefault(file);
  } catch (cause) {
    throw new ExperimentError(`can not be loaded: ${messageOf(cause)}`, { cause });
  }
}

function parsed(file: string, parse: (text: string) => unknown): unknown {
  const text = readFileSync(file, "utf8").replace(/^\uFEFF/, "");
  try {
    return parse(text);
  } catch (cause) {
    const reason =
      cause instanceof RangeError ? "it is nested too deep" : messageOf(cause).split("\n")[0];
    throw new ExperimentError(`can not be read: ${reason}`, { cause });
  }
}
