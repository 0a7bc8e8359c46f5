/** @file Names of published classifiers, and what we call the same thing. */

/** Classifiers that we have too stand on one line with ours in charts; the others keep their name in our spelling. */
const names: Readonly<Record<string, string>> = {
  LDA: "lda",
  "Logistic Regression": "logistic",
  "Single Layer": "single-layer",
  "Double Layer": "double-layer",
  "Triple Layer": "triple-layer",
  GLU: "glu",
  "GLU w activation": "glu-activation",
  GaussianNB: "gaussian-nb",
  NearestCentroid: "nearest-centroid",
  "Random Forest": "random-forest",
  QDA: "qda",
  PCA: "pca",
  KNN: "knn",
  SVC: "svc",
};

export function classifierName(published: string): string {
  if (Object.hasOwn(names, published)) return names[published] ?? published;
  return published.trim().toLowerCase().replaceAll(/\s+/g, "-");
}
