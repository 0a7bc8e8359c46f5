"""transformers + PyTorch: fine-tunes a classifier by the recipe of `probegrid finetune`, prints its accuracy as JSON.

    finetune.py MODEL TRAIN.tsv TEST.tsv TEXT PAIR|- LABEL [name=value ...]

Knobs: epochs, batch, lr, tokens, warmup (share of the steps), decay, clip, seed, threads. AdamW without decay on biases and
norms, linear schedule, as transformers' Trainer sets them up. Rows that Python's csv reads; .jsonl is understood too.
"""

import csv
import json
import math
import random
import sys
import time

import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

model_path, train_path, test_path, text, pair, label = sys.argv[1:7]
knobs = dict(epochs=3, batch=16, lr=5e-5, tokens=512, warmup=0, decay=0.01, clip=1.0, seed=0, threads=2)
for word in sys.argv[7:]:
    name, value = word.split("=")
    knobs[name] = type(knobs[name])(float(value))
torch.set_num_threads(knobs["threads"])
torch.manual_seed(knobs["seed"])
random.seed(knobs["seed"])


def rows_of(path):
    with open(path, encoding="utf8", newline="") as file:
        if path.endswith(".jsonl"):
            return [json.loads(line) for line in file]
        # As GLUE's own files are meant: tabs separate, quotes are characters.
        quoting = csv.QUOTE_NONE if path.endswith(".tsv") else csv.QUOTE_MINIMAL
        return list(csv.DictReader(file, delimiter="\t" if path.endswith(".tsv") else ",", quoting=quoting))


train, test = rows_of(train_path), rows_of(test_path)
names = sorted({row[label] for row in train})
tokenizer = AutoTokenizer.from_pretrained(model_path)
model = AutoModelForSequenceClassification.from_pretrained(model_path, num_labels=len(names))
model.config.pad_token_id = tokenizer.pad_token_id


def batch_of(rows):
    texts = [row[text] for row in rows]
    pairs = None if pair == "-" else [row[pair] for row in rows]
    fed = tokenizer(texts, pairs, truncation=True, max_length=knobs["tokens"], padding=True, return_tensors="pt")
    return fed, torch.tensor([names.index(row[label]) for row in rows])


plain = lambda name: name.endswith("bias") or "LayerNorm" in name or "layer_norm" in name or ".norm" in name
groups = [
    {"params": [p for n, p in model.named_parameters() if not plain(n)], "weight_decay": knobs["decay"]},
    {"params": [p for n, p in model.named_parameters() if plain(n)], "weight_decay": 0.0},
]
optimizer = torch.optim.AdamW(groups, lr=knobs["lr"])
total = knobs["epochs"] * math.ceil(len(train) / knobs["batch"])
warmup = math.ceil(knobs["warmup"] * total)
schedule = torch.optim.lr_scheduler.LambdaLR(
    optimizer, lambda step: step / max(1, warmup) if step < warmup else (total - step) / max(1, total - warmup)
)


def accuracy():
    model.eval()
    hits = 0
    with torch.no_grad():
        for start in range(0, len(test), 32):
            fed, labels = batch_of(test[start : start + 32])
            hits += (model(**fed).logits.argmax(1) == labels).sum().item()
    return hits / len(test)


start, scores = time.perf_counter(), []
for epoch in range(knobs["epochs"]):
    model.train()
    order = random.sample(train, len(train))
    for at in range(0, len(order), knobs["batch"]):
        fed, labels = batch_of(order[at : at + knobs["batch"]])
        model(**fed, labels=labels).loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), knobs["clip"])
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
    scores.append(accuracy())
    print(f"epoch {epoch + 1}: accuracy {scores[-1]:.4f}", file=sys.stderr, flush=True)
seconds = time.perf_counter() - start
print(json.dumps({"accuracy": scores, "rows": len(test), "steps": total, "seconds": seconds, "knobs": knobs}))
