/** @file What a checkpoint's config.json says about its classifier: task, class names, head. */

import { type Head, headPoolings, nativeHead, type Task } from "@probegrid/probes";
import { z } from "zod";
import { ExperimentError } from "../errors.ts";

/** What a classifier answers with, and how its head is built. */
export type ClassifierConfig = {
  readonly task: Task;
  /** Class names in the order of the outputs; null for regression. */
  readonly labels: readonly string[] | null;
  readonly head: Head;
};

/** Our own part of config.json, which `transformers` carries along unread. */
const ownSchema = z.object({
  head: z.object({ pooling: z.enum(headPoolings), hidden: z.int().min(0) }),
});

/** Reads the classifier of a config; `transformers` means two classes where it names none. */
export function readClassifierConfig(config: Readonly<Record<string, unknown>>): ClassifierConfig {
  const own = ownSchema.safeParse(config.probegrid);
  const head = own.success ? own.data.head : nativeHead;
  const labels = readLabels(config);
  const regression = config.problem_type === "regression" || labels.length === 1;
  if (regression) return { task: "regression", labels: null, head };
  return { task: "classification", labels, head };
}

function readLabels({ id2label, num_labels: count }: Readonly<Record<string, unknown>>) {
  if (typeof id2label !== "object" || id2label === null) {
    return Array.from({ length: typeof count === "number" ? count : 2 }, (_, i) => `LABEL_${i}`);
  }
  const names = Object.entries(id2label).map(([id, name]) => [Number(id), String(name)] as const);
  names.sort(([a], [b]) => a - b);
  if (names.some(([id], i) => id !== i)) {
    throw new ExperimentError(
      `config.json: expected id2label to number the classes from 0, got ${names.map(([id]) => id).join(", ")}`,
    );
  }
  return names.map(([, name]) => name);
}

/** config.json of a fine-tuned checkpoint. */
export function writeClassifierConfig(
  base: Readonly<Record<string, unknown>>,
  { task, labels, head }: ClassifierConfig,
  architecture: string,
): Record<string, unknown> {
  const names = labels ?? ["LABEL_0"];
  // An older file's own part, and counts that id2label implies, would contradict what is written here.
  const { probegrid: _, num_labels: __, ...kept } = base;
  return {
    ...kept,
    architectures: [architecture],
    id2label: Object.fromEntries(names.map((name, id) => [String(id), name])),
    label2id: Object.fromEntries(names.map((name, id) => [name, id])),
    problem_type: task === "regression" ? "regression" : "single_label_classification",
    dtype: "float32",
    torch_dtype: "float32",
    probegrid: { head },
  };
}
