"""R1's way through a grid: for every layer and pooling the model over all texts, then each classifier, fold by fold.

Argument: a folder with task.json, targets and roles.
"""

import json
import os
import resource
import sys
import warnings

import torch
from r1 import single_layer
from serve import serve
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LogisticRegression
from stored import Stored
from transformers import AutoModel

torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
warnings.filterwarnings("ignore")
folder = sys.argv[1]
task = json.load(open(f"{folder}/task.json"))
stored = Stored(folder)
model = AutoModel.from_pretrained(task["model"], dtype=torch.float32).eval()
ids = task["ids"]
targets = torch.from_numpy(stored.targets).float()
roles = torch.from_numpy(stored.roles)


def embed(layer, quantile):
    """R1's loader: batches of 32 in the order of the data, the token at round(q (length - 1)) of one layer."""
    features = []
    for start in range(0, len(ids), 32):
        some = ids[start : start + 32]
        longest = max(map(len, some))
        tokens = torch.zeros(len(some), longest, dtype=torch.long)
        mask = torch.zeros(len(some), longest, dtype=torch.long)
        for i, row in enumerate(some):
            tokens[i, : len(row)] = torch.tensor(row)
            mask[i, : len(row)] = 1
        with torch.no_grad():
            states = model(input_ids=tokens, attention_mask=mask, output_hidden_states=True).hidden_states
        position = torch.round(quantile * (mask.sum(1) - 1)).long()
        features.append(states[layer][torch.arange(len(some)), position])
    return torch.cat(features)


def work():
    accuracies = []
    for layer in range(task["layers"] + 1):
        for quantile in task["quantiles"]:
            x = embed(layer, quantile)
            for make in (LinearDiscriminantAnalysis, lambda: LogisticRegression(max_iter=1000)):
                for one in stored.roles:
                    train, test = one == 1, one == 3
                    fitted = make().fit(x[train].numpy(), stored.targets[train])
                    right = fitted.predict(x[test].numpy()) == stored.targets[test]
                    if make is LinearDiscriminantAnalysis:
                        accuracies.append(float(right.mean()))
            for one in roles:
                single_layer(x, targets, one)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {"peak_kb": peak, "lda": sum(accuracies) / len(accuracies)}


serve(work)
