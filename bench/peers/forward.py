"""transformers + PyTorch over texts of all lengths. Arguments: a JSON file, and "sorted" or "r1".

sorted: all hidden states of the batches we use ourselves, sorted by length.
r1: once per pooling, batches of 32 in the order of the data, padded to the longest of each batch.
"""

import json
import os
import sys

import torch
from serve import serve
from transformers import AutoModel

torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
task = json.load(open(sys.argv[1]))
model = AutoModel.from_pretrained(task["model"], dtype=torch.float32).eval()
ids = task["ids"]


def batch_of(rows):
    longest = max(len(ids[row]) for row in rows)
    tokens = torch.zeros(len(rows), longest, dtype=torch.long)
    mask = torch.zeros(len(rows), longest, dtype=torch.long)
    for i, row in enumerate(rows):
        tokens[i, : len(ids[row])] = torch.tensor(ids[row])
        mask[i, : len(ids[row])] = 1
    return tokens, mask


def forward(rows):
    tokens, mask = batch_of(rows)
    with torch.inference_mode():
        found = model(input_ids=tokens, attention_mask=mask, output_hidden_states=True)
    return found.hidden_states, mask


def all_states():
    for rows in task["batches"]:
        forward(rows)


def pooled(states, mask, quantile):
    """One vector per text and layer: the mean of the tokens, or the one at a quantile."""
    lengths = mask.sum(1)
    if quantile is None:
        weights = (mask / lengths[:, None]).unsqueeze(1).float()
        return [(weights @ state).squeeze(1) for state in states]
    position = torch.round(quantile * (lengths - 1)).long()
    rows = torch.arange(len(lengths))
    return [state[rows, position] for state in states]


def as_r1():
    for quantile in [None, 0.0, 0.5, 1.0]:
        features = []
        for start in range(0, len(ids), 32):
            rows = range(start, min(start + 32, len(ids)))
            features.append(pooled(*forward(rows), quantile))


serve(all_states if sys.argv[2] == "sorted" else as_r1)
