"""transformers + PyTorch: one AdamW step of a BERT-base classifier on 8 texts of 128 tokens."""

import resource
import sys

import torch
from serve import serve
from transformers import BertConfig, BertForSequenceClassification

torch.set_num_threads(2)
model = BertForSequenceClassification(BertConfig()).train("eval" not in sys.argv[1:])
optimizer = torch.optim.AdamW(model.parameters(), lr=2e-5, weight_decay=0.01)
ids = (torch.arange(8 * 128).reshape(8, 128) * 7919) % 30000
labels = torch.arange(8) % 2


def work():
    optimizer.zero_grad()
    loss = model(ids, labels=labels).loss
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    return {"peak_kb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}


serve(work)
