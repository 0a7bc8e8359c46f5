/** @file The second opinion: the same graphs by ONNX Runtime and by tfjs, and how far apart their numbers are. */

import {
  batchFeeds,
  createRandom,
  inference,
  modelInputs,
  modelTypes,
  readModel,
  smallConfig,
} from "@probegrid/probes";
import {
  evaluate,
  gradients,
  input,
  type Node,
  type Runtime,
  reduceMean,
  scale,
  square,
  sub,
  type Tensor,
  tanh,
} from "@probegrid/probes/graph";
import { examples, feedsOf, inputsOf } from "@probegrid/probes/graph/examples";

/** How far two backends are apart on one op or model. */
export type Agreement = {
  readonly what: string;
  /** The largest difference, relative to the largest number of its tensor where that is above 1. */
  readonly difference: number;
};

/** What float32 in another order of summation, and another approximation of erf, may come to. */
export const opTolerance = 2e-6;
/** A step through a whole model: many such sums one after the other, forward and back. */
export const stepTolerance = 1e-5;

/** Every op by both, on its examples. */
export async function compareOps(runtime: Runtime): Promise<readonly Agreement[]> {
  const found: Agreement[] = [];
  for (const [op, list] of Object.entries(examples)) {
    if (list.length === 0) continue; // a stored weight: the models below are made of them
    let difference = 0;
    for (const example of list) {
      const y = example.build(...inputsOf(example));
      difference = Math.max(difference, await differenceOf({ y }, feedsOf(example), runtime));
    }
    found.push({ what: op, difference });
  }
  return found;
}

/** One training step of every architecture by both: hidden states, loss, gradients and changed weights. */
export async function compareModels(
  runtime: Runtime,
  types: readonly string[] = modelTypes,
): Promise<readonly Agreement[]> {
  const found: Agreement[] = [];
  for (const type of types) {
    const { outputs, feeds } = stepOf(type);
    found.push({ what: type, difference: await differenceOf(outputs, feeds, runtime) });
  }
  return found;
}

type Graph = {
  readonly outputs: Readonly<Record<string, Node>>;
  readonly feeds: Readonly<Record<string, Tensor>>;
};

const learningRate = 0.5;

/** A step down the gradient of mean tanh² of the last hidden state, on random weights and texts. */
function stepOf(type: string): Graph {
  const model = readModel(smallConfig(type));
  const random = createRandom(`second opinion on ${type}`);
  const weights = new Map<string, Node>();
  const feeds: Record<string, Tensor> = {};
  const forward = inference((name, shape) => {
    const known = weights.get(name);
    if (known) return known;
    const made = input(`weight ${name}`, shape);
    weights.set(name, made);
    const size = shape.reduce((product, dim) => product * Number(dim), 1);
    const deviation = 1 / Math.sqrt(Number(shape[0] ?? 1));
    feeds[`weight ${name}`] = {
      data: Float32Array.from({ length: size }, () => deviation * random.normal()),
      shape: shape.map(Number),
    };
    return made;
  });
  const inputs = modelInputs();
  const last = model.encode(forward, model.embed(forward, inputs), inputs).hiddenStates.at(-1);
  if (!last) throw new Error(`internal: model ${type} has no hidden states`);
  const loss = reduceMean(square(tanh(last)));
  const used = [...weights.values()];
  const slopes = gradients(loss, used);
  const texts = [7, 4].map((length) => ({
    ids: Int32Array.from({ length }, () => random.integer(model.geometry.vocabulary)),
  }));
  return {
    outputs: {
      ...{ last, loss },
      ...Object.fromEntries(slopes.map((slope, i) => [`gradient ${i}`, slope])),
      ...Object.fromEntries(
        used.map((node, i) => [`weight ${i}`, sub(node, scale(slopes[i] as Node, learningRate))]),
      ),
    },
    feeds: { ...feeds, ...batchFeeds(model, texts, 0) },
  };
}

async function differenceOf(
  outputs: Graph["outputs"],
  feeds: Graph["feeds"],
  runtime: Runtime,
): Promise<number> {
  const expected = await evaluate(outputs, feeds, { device: "cpu" });
  const found = await evaluate(outputs, feeds, { runtime });
  let worst = 0;
  for (const [name, { data }] of Object.entries(expected)) {
    const other = found[name]?.data ?? [];
    if (other.length !== data.length) return Number.POSITIVE_INFINITY;
    const values = Array.from(data, Number);
    const size = values.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
    for (const [i, value] of values.entries()) {
      const difference = Math.abs(value - Number(other[i])) / size;
      if (!(difference <= worst)) worst = difference; // also where it is not a number
    }
  }
  return worst;
}
