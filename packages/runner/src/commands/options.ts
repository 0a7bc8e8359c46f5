/** @file Options that several commands share, and their defaults. */

import type { Options } from "yargs";
import { type DeviceChoice, deviceChoices } from "../device-choices.ts";

export const storeOption = {
  type: "string",
  default: "logs/probegrid.db",
  describe: "Database of results",
  requiresArg: true,
} as const satisfies Options;

export const cacheOption = {
  type: "string",
  default: "data/cache",
  describe: "Folder of encodings",
  requiresArg: true,
} as const satisfies Options;

export const deviceOption = {
  choices: deviceChoices,
  default: "auto" as DeviceChoice,
  describe: "Where models run",
  requiresArg: true,
} as const satisfies Options;

export const workersOption = {
  type: "number",
  describe: "Processes that compute; one per core when not given",
  requiresArg: true,
} as const satisfies Options;

export const executorOption = {
  choices: ["local", "inline", "slurm"] as const,
  default: "local" as "local" | "inline" | "slurm",
  describe: "Where jobs run: workers here, this process alone, or a Slurm cluster",
  requiresArg: true,
} as const satisfies Options;

export const slurmOption = {
  type: "string",
  array: true,
  default: [] as string[],
  defaultDescription: "none",
  requiresArg: true,
  describe: "What a task asks for: key=value, such as partition=gpu (docs/slurm.md)",
} as const satisfies Options;

export const setOption = {
  type: "string",
  array: true,
  default: [] as string[],
  defaultDescription: "none",
  requiresArg: true,
  describe: "Change a field of the experiment: path=value",
} as const satisfies Options;

export const failFastOption = {
  type: "boolean",
  default: false,
  describe: "Stop at the first trial that fails",
} as const satisfies Options;
