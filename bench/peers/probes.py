"""scikit-learn: every fold of a classifier on a stored matrix.

Arguments: folder; lda, or logistic and the objective it must reach.
"""

import sys
import warnings

import numpy as np
from scipy.special import logsumexp
from serve import serve
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LogisticRegression
from stored import Stored

stored = Stored(sys.argv[1])
features, targets = stored.layer(0), stored.targets
warnings.filterwarnings("ignore")


def lda():
    scores = []
    for roles in stored.roles:
        train, test = roles == 1, roles == 3
        fitted = LinearDiscriminantAnalysis().fit(features[train], targets[train])
        scores.append(float((fitted.predict(features[test]) == targets[test]).mean()))
    return {"accuracy": sum(scores) / len(scores)}


def fit_all(tolerance):
    fits = []
    for roles in stored.roles:
        train = roles == 1
        model = LogisticRegression(C=1.0, max_iter=10_000, tol=tolerance)
        fits.append(model.fit(features[train], targets[train]))
    return fits


def objective(fits):
    total = 0.0
    for fit, roles in zip(fits, stored.roles):
        train = roles == 1
        scores = features[train].astype(np.float64) @ fit.coef_.T.astype(np.float64)
        scores += fit.intercept_
        if scores.shape[1] == 1:
            scores = np.hstack([np.zeros_like(scores), scores])
        own = scores[np.arange(len(scores)), targets[train]]
        total += (logsumexp(scores, axis=1) - own).sum() + (fit.coef_.astype(np.float64) ** 2).sum() / 2
    return float(total)


def choose_tolerance(wanted):
    """The largest power of ten at which the objective is within a thousandth of ours."""
    tolerance = 1e-4
    while tolerance > 1e-9 and objective(fit_all(tolerance)) > 1.001 * wanted:
        tolerance /= 10
    return tolerance


if sys.argv[2] == "lda":
    serve(lda)
else:
    tolerance = choose_tolerance(float(sys.argv[3]))
    last = fit_all(tolerance)
    told = {
        "objective": objective(last),
        "tolerance": tolerance,
        "iterations": float(np.mean([fit.n_iter_.max() for fit in last])),
    }
    serve(lambda: (fit_all(tolerance), told)[1])
