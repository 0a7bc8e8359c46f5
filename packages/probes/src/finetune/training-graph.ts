/** @file The graphs of a fine-tuning: loss with dropout, outputs without, and which weights are trained. */

import { input, type Node } from "../graph/index.ts";
import type { DropoutRates } from "../models/architecture.ts";
import type { Model } from "../models/index.ts";
import { createDropout } from "../nn/dropout.ts";
import { type Dropout, noDropout, type Weights } from "../nn/layers.ts";
import { crossEntropy, squaredError } from "../nn/losses.ts";
import { type Parameter, trainableWeights } from "../nn/parameters.ts";
import { modelOutputs } from "./body.ts";
import { checkFrozen, type Depth, depthOf, isFrozen } from "./depth.ts";
import type { Head } from "./heads.ts";

export type Task = "classification" | "regression";

export type TrainingGraphSpec = {
  readonly model: Model;
  /** Weights of the body, and of the head where they are not trained; stored ones. */
  readonly weights: Weights;
  readonly task: Task;
  /** Number of classes; 1 for regression. */
  readonly outputs: number;
  readonly head: Head;
  readonly layersFrozen: number;
  readonly dropout: DropoutRates;
  readonly labelSmoothing: number;
  readonly classWeights: readonly number[] | null;
};

/** A weight of the model that is asked for by the graphs. */
export type UsedWeight = {
  readonly name: string;
  readonly shape: readonly number[];
  readonly depth: Depth;
  readonly trained: boolean;
};

export type TrainingGraph = {
  /** Σ over rows of `rowWeights` times the loss of a row; fed with labels or targets. */
  readonly loss: Node;
  /** [batch, outputs], without dropout. */
  readonly outputs: Node;
  readonly parameters: readonly Parameter[];
  /** Every weight that the graphs read, trained or not. */
  readonly used: ReadonlyMap<string, UsedWeight>;
};

/** Builds both graphs over the same parameters. Frozen weights stay where they are stored. */
export function trainingGraph(spec: TrainingGraphSpec): TrainingGraph {
  const { model, layersFrozen } = spec;
  checkFrozen(layersFrozen, model);
  const used = new Map<string, UsedWeight>();
  let inHead = false;
  const { weights, parameters } = trainableWeights(spec.weights, (name) => used.get(name)!.trained);
  const noted: Weights = (name, shape) => {
    if (!used.has(name)) {
      const depth = inHead ? "head" : depthOf(name, model);
      used.set(name, { name, shape, depth, trained: !isFrozen(depth, layersFrozen) });
    }
    return weights(name, shape);
  };
  const outputsOf = (dropout: Dropout): Node => {
    inHead = false;
    return modelOutputs(
      model,
      { weights: noted, ...dropout },
      {
        ...spec,
        beforeHead: () => {
          inHead = true;
        },
      },
    );
  };
  const seed = input("seed", [], "int32");
  const loss = lossOf(spec, outputsOf(createDropout(spec.dropout, seed)));
  return { loss, outputs: outputsOf(noDropout), parameters, used };
}

function lossOf(spec: TrainingGraphSpec, outputs: Node): Node {
  const weights = input("rowWeights", ["batch"]);
  if (spec.task === "regression") {
    return squaredError(outputs, { targets: input("targets", ["batch"]), weights });
  }
  const { labelSmoothing } = spec;
  return crossEntropy(outputs, {
    labels: input("labels", ["batch"], "int64"),
    weights,
    labelSmoothing,
    classWeights: spec.classWeights ?? undefined,
  });
}
