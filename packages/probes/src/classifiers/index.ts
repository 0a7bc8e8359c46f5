/** @file The table of classifiers. */

import type { Classifier } from "./classifier.ts";
import { doubleLayer } from "./double-layer.ts";
import { gaussianNb } from "./gaussian-nb.ts";
import { glu } from "./glu.ts";
import { lda } from "./lda.ts";
import { linear } from "./linear.ts";
import { logistic } from "./logistic.ts";
import { mlp } from "./mlp.ts";
import { nearestCentroid } from "./nearest-centroid.ts";
import { ridge } from "./ridge.ts";
import { singleLayer } from "./single-layer.ts";

/** Every classifier by the name that experiment files use. */
export const classifiers = {
  lda,
  logistic,
  ridge,
  linear,
  "nearest-centroid": nearestCentroid,
  "gaussian-nb": gaussianNb,
  "single-layer": singleLayer,
  "double-layer": doubleLayer,
  glu,
  mlp,
} as const satisfies Record<string, Classifier>;

export type ClassifierName = keyof typeof classifiers;
