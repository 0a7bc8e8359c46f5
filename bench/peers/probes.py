"""scikit-learn: ten folds of a classifier on a stored matrix. Arguments: folder, name of the classifier."""

import sys
import warnings

import numpy as np
from serve import serve
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LogisticRegression

folder, name = sys.argv[1:]
targets = np.fromfile(f"{folder}/targets.i32", dtype=np.int32)
features = np.fromfile(f"{folder}/features.f32", dtype=np.float32).reshape(len(targets), -1)
fold_of = np.fromfile(f"{folder}/fold_of.i32", dtype=np.int32)
warnings.filterwarnings("ignore")

make = {
    "lda": LinearDiscriminantAnalysis,
    "logistic": lambda: LogisticRegression(C=1.0, max_iter=1000),
}[name]


def work():
    scores = []
    for fold in range(10):
        train = fold_of != fold
        fitted = make().fit(features[train], targets[train])
        scores.append(float((fitted.predict(features[~train]) == targets[~train]).mean()))
    return {"accuracy": sum(scores) / 10}


serve(work)
