/** @file Trains the demo model and writes it as a checkpoint: `npx tsx models/demo-bert/train.ts [folder] [steps]`. */

import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildVocabulary } from "../../data/demo/vocabulary.ts";
import { input, type Node } from "../../packages/probes/src/graph/index.ts";
import { modelInputs } from "../../packages/probes/src/models/architecture.ts";
import { readModel } from "../../packages/probes/src/models/index.ts";
import { createTokenizer } from "../../packages/probes/src/models/tokenizer.ts";
import { inference } from "../../packages/probes/src/nn/layers.ts";
import { crossEntropy, pickTokens } from "../../packages/probes/src/nn/losses.ts";
import { adamW } from "../../packages/probes/src/nn/optimizers.ts";
import { type Parameter, trainableWeights } from "../../packages/probes/src/nn/parameters.ts";
import { createTrainer } from "../../packages/probes/src/nn/train.ts";
import { stateOfParameter, type Trainer } from "../../packages/probes/src/nn/trainer.ts";
import { createRandom, type Random } from "../../packages/probes/src/random.ts";
import { float32ToFloat16 } from "../../packages/runner/src/floats.ts";
import { writeSafetensors } from "../../packages/runner/src/safetensors-writer.ts";
import { maskedBatches } from "./masked-batches.ts";
import { json, tokenizerFiles } from "./tokenizer-files.ts";

const here = dirname(fileURLToPath(import.meta.url));
const folder = process.argv[2] ?? here;
const steps = Number(process.argv[3] ?? 4000);
const seed = "probegrid demo model 1";
const textsPerStep = 64;
const shares = { telling: 0.35, other: 0.12 };
const largestRate = 1e-3;
const warmupSteps = 200;
/** One thread: sums are then added in one order, so that a machine repeats itself bit for bit. */
const threads = 1;

const pieces = buildVocabulary();
const config = {
  architectures: ["BertForMaskedLM"],
  model_type: "bert",
  vocab_size: pieces.length,
  hidden_size: 128,
  num_hidden_layers: 6,
  num_attention_heads: 4,
  intermediate_size: 384,
  hidden_act: "gelu",
  max_position_embeddings: 64,
  type_vocab_size: 2,
  layer_norm_eps: 1e-12,
  initializer_range: 0.02,
  hidden_dropout_prob: 0.1,
  attention_probs_dropout_prob: 0.1,
  pad_token_id: 0,
  tie_word_embeddings: true,
  dtype: "float16",
};

await train();

async function train(): Promise<void> {
  const random = createRandom(seed);
  const files = tokenizerFiles(pieces, config.max_position_embeddings);
  const tokenizer = createTokenizer(files, { maxTokens: config.max_position_embeddings });
  const { loss, parameters } = maskedLoss();
  const trainer = await createTrainer({
    loss,
    parameters: parameters.map((parameter) => ({
      ...parameter,
      initial: initialValues(parameter, random.fork(parameter.name)),
      decays: parameter.shape.length > 1,
      rate: 1,
    })),
    optimizer: adamW(),
    weightDecay: 0.01,
    clipNorm: 1,
    session: { threads },
  });
  const batches = maskedBatches({
    tokenizer,
    random: random.fork("batches"),
    texts: textsPerStep,
    shares,
  });
  const started = performance.now();
  let sum = 0;
  for (let step = 1; step <= steps; step++) {
    sum += (await trainer.takeStep([batches.next().value], rateAt(step))).loss;
    if (step % 100 === 0) {
      const seconds = ((performance.now() - started) / 1000).toFixed(0);
      console.log(`step ${step} of ${steps}, mean loss ${(sum / 100).toFixed(4)}, ${seconds} s`);
      sum = 0;
    }
  }
  await write(parameters, trainer, files);
  await trainer.close();
}

/** Mean cross-entropy of the masked words. */
function maskedLoss(): { readonly loss: Node; readonly parameters: readonly Parameter[] } {
  const model = readModel(config);
  const { weights, parameters } = trainableWeights(nothingStored, () => true);
  const forward = inference(weights);
  const inputs = modelInputs();
  const { hiddenStates } = model.encode(forward, model.embed(forward, inputs), inputs);
  const last = pickTokens(hiddenStates.at(-1)!, input("places", ["masked"], "int64"));
  const logits = model.predictTokens!(forward, { last, inputs }); // [1, masked, vocabulary]
  const loss = crossEntropy(logits, {
    labels: input("labels", ["masked"], "int64"),
    weights: input("weights", ["masked"]),
  });
  return { loss, parameters };
}

function nothingStored(name: string): never {
  throw new Error(`internal: "${name}" is trained from the start, there is no checkpoint`);
}

/** As BERT begins: matrices from a normal distribution of deviation 0.02, scales 1, biases 0. */
function initialValues({ name, shape }: Parameter, random: Random): Float32Array {
  const values = new Float32Array(shape.reduce((product, size) => product * size, 1));
  if (name.endsWith("LayerNorm.weight")) return values.fill(1);
  return name.endsWith("bias")
    ? values
    : values.map(() => config.initializer_range * random.normal());
}

/** Linear warm-up, then linear decay to a fiftieth. */
function rateAt(step: number): number {
  return largestRate * Math.min(1, step / warmupSteps) * Math.max(0.02, 1 - step / steps);
}

async function write(
  parameters: readonly Parameter[],
  trainer: Trainer,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  const { tensors: trained } = await trainer.state();
  const valuesOf = (name: string) => trained[stateOfParameter(name)]!.data as Float32Array;
  const tensors = parameters.map(({ name, shape }) => [
    name.startsWith("cls.") ? name : `bert.${name}`,
    { dtype: "F16" as const, shape, data: float32ToFloat16(valuesOf(name)) },
  ]);
  writeSafetensors(join(folder, "model.safetensors"), Object.fromEntries(tensors), {
    format: "pt",
  });
  writeFileSync(join(folder, "config.json"), json(config));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const count = parameters.reduce((sum, { name }) => sum + valuesOf(name).length, 0);
  console.log(`${count} parameters written to ${folder}`);
}
