"""captum's integrated gradients, or LXT's AttnLRP, on a classification checkpoint: seconds and scores of every row.

    attribution.py ig|attnlrp <checkpoint> <ids.json>

Scores are for class 1 at the output of the embedding block; integrated gradients take 50 Gauss-Legendre points from a
baseline whose inner tokens are padding.
"""

import json
import os
import sys
import types
from functools import partial

import torch
from serve import serve
from transformers import AutoModelForSequenceClassification

method, folder, file = sys.argv[1:]
torch.set_num_threads(int(os.environ.get("PROBEGRID_BENCH_THREADS", "2")))
model = AutoModelForSequenceClassification.from_pretrained(folder, attn_implementation="eager", dtype=torch.float32).eval()
for parameter in model.parameters():
    parameter.requires_grad_(False)
rows = torch.tensor(json.load(open(file)))
CLASS = 1
swap = {"to": None, "seen": None}
base = model.base_model
block = getattr(base, "embeddings_project", base.embeddings)


def cut(module, args, output):
    if swap["to"] is not None:
        return swap["to"]
    swap["seen"] = output.detach()


block.register_forward_hook(cut)


# RoBERTa numbers positions by looking for padding; a baseline keeps the positions of its text.
first = model.config.pad_token_id + 1 if "roberta" in model.config.model_type else 0
positions = (first + torch.arange(rows.shape[1])).expand_as(rows)


def embed(ids):
    swap["to"] = None
    with torch.no_grad():
        base(input_ids=ids, **({"position_ids": positions} if first else {}))
    return swap["seen"]


def logit(x, ids):
    swap["to"] = x
    out = model(input_ids=ids[:1].expand(x.shape[0], -1) if ids.shape[0] != x.shape[0] else ids).logits[:, CLASS]
    swap["to"] = None
    return out


def integrated():
    from captum.attr import IntegratedGradients

    baseline = rows.clone()
    baseline[:, 1:-1] = model.config.pad_token_id or 0
    x, start = embed(rows), embed(baseline)
    ig = IntegratedGradients(lambda v: logit(v, rows))
    found = ig.attribute(x, baselines=start, n_steps=50, method="gausslegendre", internal_batch_size=rows.shape[0])
    return found.sum(-1)


def relevance():
    x = embed(rows)
    leaf = x.clone().requires_grad_()
    logit(leaf, rows).sum().backward()
    return (leaf * leaf.grad).sum(-1).detach()


def patch():
    """LXT 2.1's patches on transformers' own modules: its copy of BERT does not load under transformers 5."""
    models = types.ModuleType("lxt.efficient.models")
    models.get_default_map = None
    sys.modules["lxt.efficient.models"] = models
    from lxt.efficient import patches
    from lxt.efficient.rules import identity_rule_implicit

    class Identity(torch.nn.Module):
        def __init__(self, act):
            super().__init__()
            self.act = act

        def forward(self, x):
            return identity_rule_implicit(self.act, x)

    module = __import__(type(model).__module__, fromlist=["x"])
    module.eager_attention_forward = patches.wrap_attention_forward(module.eager_attention_forward)
    for part in model.modules():
        if isinstance(part, torch.nn.LayerNorm):
            part.forward = partial(patches.layer_norm_forward, part)
        for attribute in ("intermediate_act_fn", "activation"):
            act = getattr(part, attribute, None)
            if callable(act):
                setattr(part, attribute, Identity(act))


if method == "attnlrp":
    patch()
work = integrated if method == "ig" else relevance
serve(lambda: {"scores": work().tolist()})
