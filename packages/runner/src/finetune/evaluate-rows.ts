/** @file Scores of a classifier on rows of a dataset, beside a predictor that looks at no text. */

import {
  type ClassificationReport,
  classesOf,
  probabilitiesOf,
  type RegressionReport,
  reportClasses,
  reportValues,
  type TokenizedText,
} from "@probegrid/probes";
import type { Classifier } from "./open-classifier.ts";

export type Evaluation =
  | {
      readonly task: "classification";
      readonly labels: readonly string[];
      readonly report: ClassificationReport;
      /** Always the most frequent class of the rows. */
      readonly baseline: {
        readonly label: string;
        readonly accuracy: number;
        readonly macroF1: number;
      };
      readonly predicted: Int32Array;
      /** Probability of class 1; for two classes only. */
      readonly scores: Float32Array | null;
    }
  | {
      readonly task: "regression";
      readonly report: RegressionReport;
      /** Always the mean of the rows. */
      readonly baseline: { readonly mse: number };
      readonly predicted: Float32Array;
    };

/** Predicts texts and compares with their targets: numbers of the classifier's classes, or values. */
export async function evaluateRows(
  classifier: Pick<Classifier, "predict" | "labels" | "width">,
  texts: readonly TokenizedText[],
  targets: Int32Array | Float32Array,
): Promise<Evaluation> {
  const outputs = await classifier.predict(texts);
  const { labels, width } = classifier;
  if (labels === null) {
    const report = reportValues(outputs, targets);
    const mean = Array.from(targets).reduce((a, b) => a + b, 0) / Math.max(1, targets.length);
    const { mse } = reportValues(new Float32Array(targets.length).fill(mean), targets);
    return { task: "regression", report, baseline: { mse }, predicted: outputs };
  }
  const predicted = classesOf(outputs, width);
  const report = reportClasses(predicted, targets, width);
  const supports = report.perClass.map(({ support }) => support);
  const majority = supports.indexOf(Math.max(...supports));
  const always = new Int32Array(targets.length).fill(majority);
  const { accuracy, macroF1 } = reportClasses(always, targets, width);
  return {
    task: "classification",
    ...{ labels, report, predicted },
    baseline: { label: labels[majority]!, accuracy, macroF1 },
    scores: width === 2 ? probabilitiesOf(outputs, width).filter((_, i) => i % 2 === 1) : null,
  };
}
