"""transformers + PyTorch: AdamW steps of a classifier on given batches, padded to the longest text of each.

Argument: a JSON file with the model's folder and, for each batch, token ids and labels.
"""

import json
import os
import resource
import sys

import torch
from serve import serve
from transformers import AutoModelForSequenceClassification

torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
task = json.load(open(sys.argv[1]))
labels = 1 + max(label for batch in task["batches"] for label in batch["labels"])
model = AutoModelForSequenceClassification.from_pretrained(
    task["model"], num_labels=max(2, labels), dtype=torch.float32
).train()
optimizer = torch.optim.AdamW(model.parameters(), lr=2e-5, weight_decay=0.01)


def step(batch):
    longest = max(len(ids) for ids in batch["ids"])
    tokens = torch.zeros(len(batch["ids"]), longest, dtype=torch.long)
    mask = torch.zeros_like(tokens)
    for i, ids in enumerate(batch["ids"]):
        tokens[i, : len(ids)] = torch.tensor(ids)
        mask[i, : len(ids)] = 1
    optimizer.zero_grad()
    found = model(input_ids=tokens, attention_mask=mask, labels=torch.tensor(batch["labels"]))
    found.loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()


def work():
    for batch in task["batches"]:
        step(batch)
    return {"peak_kb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}


serve(work)
