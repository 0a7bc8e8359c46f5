/** @file Probegrid's numbers: graphs, models, poolings, probes, attributions. Touches no file, clock or thread. */

export { DataError, type Matrix, matrix, matrixOf } from "./array.ts";
export {
  averagePrecision,
  byScore,
  kendall,
  pearson,
  spearman,
  topOverlap,
} from "./attributions/agreement.ts";
export { AttentionReader } from "./attributions/attention-reader.ts";
export {
  type Attribution,
  type Example,
  type LayerScores,
  ordinaryTokens,
  sumOf,
  type Target,
} from "./attributions/attribution.ts";
export {
  Attributor,
  type AttributorSpec,
  type Explanation,
  type Refusal,
} from "./attributions/attributor.ts";
export type { ExplainedSpec, Objective, Site } from "./attributions/explained.ts";
export {
  deletions,
  eraserShares,
  type Faithfulness,
  measureFaithfulness,
  type Scored,
} from "./attributions/faithfulness.ts";
export type { Query } from "./attributions/feeds.ts";
export {
  type MethodName,
  type MethodSpec,
  methodAliases,
  methodLabel,
  methodNames,
  methodSpec,
  methods,
} from "./attributions/index.ts";
export { infidelity, maxSensitivity } from "./attributions/infidelity.ts";
export { interpret, interpreterPresets, type SolverSettings } from "./attributions/interpret.ts";
export type { TokenFunction, Tolerance } from "./attributions/noise-tolerance.ts";
export { type Perturbation, perturbations } from "./attributions/perturb.ts";
export { type Plausibility, plausibility } from "./attributions/plausibility.ts";
export {
  type RandomisedPart,
  randomisedParts,
  randomisedWeights,
} from "./attributions/randomised-weights.ts";
export { measureRegularization } from "./attributions/regularization.ts";
export { Scorer } from "./attributions/scorer.ts";
export {
  joinPieces,
  mergeWords,
  type ScoredWord,
  tokenScores,
} from "./attributions/words.ts";
export { type BagOfWordsData, scoreBagOfWords } from "./bag-of-words.ts";
export { type BaselineScore, baselineScores } from "./baselines.ts";
export { type Batch, planBatches } from "./batching.ts";
export type {
  Classifier,
  Composition,
  FitInput,
  FoldFit,
  Task as ProbeTask,
} from "./classifiers/classifier.ts";
export {
  type CustomClassifier,
  customClassifier,
  type MatrixClassifier,
  type NetworkClassifier,
} from "./classifiers/custom.ts";
export { type ClassifierName, classifiers } from "./classifiers/index.ts";
export type { Forward as NetworkForward, NetworkContext } from "./classifiers/training-graph.ts";
export { type ControlTask, type ControlWord, controlTask } from "./control.ts";
export { type CodeBlock, type OnlineCode, onlineCodes } from "./description-length.ts";
export {
  type CustomPooling,
  Encoder,
  type EncoderSpec,
  type Feature,
  StateReader,
} from "./encode.ts";
export { epochOrder, type Sampling } from "./finetune/batches.ts";
export { modelFeeds, modelOutputs } from "./finetune/body.ts";
export {
  type FinetuneData,
  type FinetuneEvent,
  type FinetuneSpec,
  Finetuning,
  type TrainingSettings,
} from "./finetune/finetuning.ts";
export {
  type Head,
  type HeadPooling,
  headPoolings,
  headPrefix,
  isNative,
  nativeHead,
} from "./finetune/heads.ts";
export { Predictor } from "./finetune/predictor.ts";
export { type Point, type Progress, scoresOf, watchedScore } from "./finetune/progress.ts";
export {
  type ClassificationReport,
  classesOf,
  meanLoss,
  probabilitiesOf,
  type RegressionReport,
  reportClasses,
  reportValues,
} from "./finetune/report.ts";
export {
  type Task,
  type TrainingGraph,
  type TrainingGraphSpec,
  trainingGraph,
  type UsedWeight,
} from "./finetune/training-graph.ts";
export { type Fold, type FoldSpec, type Rows, splitFolds } from "./folds.ts";
export { availableDevices, type Device } from "./graph/session.ts";
export { setKernelThreads } from "./kernels.ts";
export {
  type Encoded,
  type Geometry,
  type ModelInputs,
  modelInputs,
} from "./models/architecture.ts";
export { batchFeeds, type TokenizedText } from "./models/batch.ts";
export { type Model, modelTypes, readModel } from "./models/index.ts";
export { smallConfig } from "./models/small-configs.ts";
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
export { type Precision, precisions } from "./nn/loss-scale.ts";
export { crossEntropy, labelWeight, pickTokens, rowWeights, squaredError } from "./nn/losses.ts";
export { type AdamWOptions, adamW, clipScale, type Optimizer } from "./nn/optimizers.ts";
export { type Parameter, parameterInput, trainableWeights } from "./nn/parameters.ts";
export { type ScheduleName, scheduleNames } from "./nn/schedules.ts";
export { createTrainer } from "./nn/train.ts";
export {
  DivergenceError,
  type StepReport,
  stateOfParameter,
  type Trainer,
  type TrainerSpec,
  type TrainingState,
} from "./nn/trainer.ts";
export type { TrainedParameter } from "./nn/training-memory.ts";
export { combineLayers, type LayerMethod, type TokenPooling } from "./pooling.ts";
export { type ProbeData, type ProbeResult, probe, type ScoreEntry } from "./probe.ts";
export { createRandom, type Random } from "./random.ts";
export type { RowSource } from "./row-blocks.ts";
export { type Predictions, scoreFold } from "./scoring.ts";
export {
  type Summary,
  type SummaryOptions,
  studentCdf,
  studentQuantile,
  summarise,
} from "./statistics.ts";
export { limitTraining, type TrainSize } from "./train-sizes.ts";
