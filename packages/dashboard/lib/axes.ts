/** @file The axes a grid can be cut along, in the order in which they are shown. */

/** Every axis of a trial; the names are also columns of `trials` in the store. */
export const axes = [
  "dataset",
  "model",
  "layer",
  "layerMethod",
  "token",
  "classifier",
  "options",
  "seed",
] as const;
export type Axis = (typeof axes)[number];

/** What an axis is called on screen. */
export const axisLabels: { readonly [K in Axis]: string } = {
  dataset: "Dataset",
  model: "Model",
  layer: "Layer",
  layerMethod: "Layer method",
  token: "Token pooling",
  classifier: "Classifier",
  options: "Options",
  seed: "Seed",
};

/** Axes that the sidebar offers as lists of check boxes. */
export const filterAxes = [
  "dataset",
  "model",
  "token",
  "layerMethod",
  "classifier",
  "options",
] as const satisfies readonly Axis[];
export type FilterAxis = (typeof filterAxes)[number];

/** Whether a name is one of those. */
export function isFilterAxis(name: string): name is FilterAxis {
  return (filterAxes as readonly string[]).includes(name);
}

/** Axes that tell one line of a layer curve from another; layer is the horizontal one. */
export const lineAxes = axes.filter((axis) => axis !== "layer");

/** What is shown where a trial has no value on an axis. */
export const none = "none";

/** Whether a text names an axis; everything that reaches SQL as a name passes here. */
export function isAxis(name: string): name is Axis {
  return (axes as readonly string[]).includes(name);
}

/** The axes left after collapsing some, in display order. */
export function keptAxes(from: readonly Axis[], collapsed: readonly Axis[]): readonly Axis[] {
  return from.filter((axis) => !collapsed.includes(axis));
}
