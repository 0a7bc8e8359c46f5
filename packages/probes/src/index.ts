/** @file Probegrid's numbers: graphs, models, poolings, probes, attributions. Touches no file, clock or thread. */

export { type Batch, planBatches } from "./batching.ts";
export {
  type CustomPooling,
  Encoder,
  type EncoderSpec,
  type Feature,
  StateReader,
} from "./encode.ts";
export { availableDevices, type Device } from "./graph/session.ts";
export {
  type Encoded,
  type Geometry,
  type ModelInputs,
  modelInputs,
} from "./models/architecture.ts";
export { batchFeeds, type TokenizedText } from "./models/batch.ts";
export { type Model, modelTypes, readModel } from "./models/index.ts";
export {
  checkVocabulary,
  createTokenizer,
  type Tokenizer,
  type TokenizerFiles,
  type Truncation,
} from "./models/tokenizer.ts";
export { findTensor, type StoredTensor, storedWeights } from "./models/weights.ts";
export { createDropout } from "./nn/dropout.ts";
export { type Forward, inference, type Weights, widthOf } from "./nn/layers.ts";
export { crossEntropy, labelWeight, pickTokens, rowWeights, squaredError } from "./nn/losses.ts";
export { type AdamWOptions, adamW, clipScale, type Optimizer } from "./nn/optimizers.ts";
export { type Parameter, parameterInput, trainableWeights } from "./nn/parameters.ts";
export {
  DivergenceError,
  type StepReport,
  Trainer,
  type TrainerSpec,
  type TrainingState,
} from "./nn/train.ts";
export type { TrainedParameter } from "./nn/training-memory.ts";
export { combineLayers, type LayerMethod, type TokenPooling } from "./pooling.ts";
export { createRandom, type Random } from "./random.ts";
