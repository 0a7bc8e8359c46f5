/** @file What an experiment file imports: `defineExperiment` and its companions, and the types of their fields. */

export type { CustomClassifier, CustomPooling, Matrix } from "@probegrid/probes";
export { ExperimentError } from "./errors.ts";
export type { CustomPooler } from "./experiment/custom.ts";
export {
  defineClassifier,
  defineExperiment,
  definePooler,
  type ExperimentInput,
} from "./experiment/define.ts";
