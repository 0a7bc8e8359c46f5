/** @file The table of classifiers. */

import type { Classifier } from "./classifier.ts";
import { doubleLayer } from "./double-layer.ts";
import { gaussianNb } from "./gaussian-nb.ts";
import { glu } from "./glu.ts";
import { knn } from "./knn.ts";
import { lda } from "./lda.ts";
import { linear } from "./linear.ts";
import { linearSvm } from "./linear-svm.ts";
import { logistic } from "./logistic.ts";
import { mlp } from "./mlp.ts";
import { nearestCentroid } from "./nearest-centroid.ts";
import { pca } from "./pca.ts";
import { qda } from "./qda.ts";
import { randomForest } from "./random-forest.ts";
import { ridge } from "./ridge.ts";
import { scalarMix } from "./scalar-mix.ts";
import { singleLayer } from "./single-layer.ts";

/** Every classifier by the name that experiment files use. */
export const classifiers = {
  lda,
  qda,
  logistic,
  "linear-svm": linearSvm,
  ridge,
  linear,
  "nearest-centroid": nearestCentroid,
  "gaussian-nb": gaussianNb,
  knn,
  "random-forest": randomForest,
  pca,
  "single-layer": singleLayer,
  "double-layer": doubleLayer,
  glu,
  mlp,
  "scalar-mix": scalarMix,
} as const satisfies Record<string, Classifier>;

export type ClassifierName = keyof typeof classifiers;
