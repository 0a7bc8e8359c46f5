/** @file What an experiment file imports: the types of its fields, and `defineExperiment`. */

export { ExperimentError } from "./errors.ts";
export type { CustomPooler, PoolerInput } from "./experiment/custom.ts";
export { defineExperiment, definePooler, type ExperimentInput } from "./experiment/define.ts";
