/** @file Probegrid's numbers: graphs, models, poolings, probes, attributions. Touches no file, clock or thread. */

export { type Batch, planBatches } from "./batching.ts";
export {
  type CustomPooling,
  Encoder,
  type EncoderSpec,
  type Feature,
  StateReader,
} from "./encode.ts";
export { type Encoded, type ModelInputs, modelInputs } from "./models/architecture.ts";
export { batchFeeds, type TokenizedText } from "./models/batch.ts";
export { type Model, modelTypes, readModel } from "./models/index.ts";
export { findTensor, type StoredTensor, storedWeights } from "./models/weights.ts";
export { type Forward, inference, type Weights } from "./nn/layers.ts";
export { combineLayers, type LayerMethod, type TokenPooling } from "./pooling.ts";
