"""captum's or LXT's attributions of a classification checkpoint: seconds, and the scores of every row.

    attribution.py ig|saliency|input-x-gradient|attnlrp <checkpoint> <rows.json>

rows.json: {"ids": [[..]], "kinds": [[..]] or null}, rows of one length. Scores are for class 1 at the output of the
embedding block; integrated gradients take 50 Gauss-Legendre points from a baseline whose inner tokens are padding.
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
given = json.load(open(file))
rows = torch.tensor(given["ids"])
CLASS = 1
swap = {"to": None, "seen": None}
base = model.base_model
kind = model.config.model_type


def embedding_block():
    """The module whose output is hidden state 0."""
    if kind == "albert":
        return base.encoder.embedding_hidden_mapping_in
    for name in ("embeddings_project", "embeddings", "drop", "emb_dropout", "embed_tokens"):
        if hasattr(base, name):
            return getattr(base, name)
    raise SystemExit(f"attribution.py: no embedding block known for {kind}")


def cut(module, args, output):
    if swap["to"] is not None:
        return swap["to"]
    swap["seen"] = output.detach()


embedding_block().register_forward_hook(cut)
extra = {}
if given["kinds"] is not None:
    extra["token_type_ids"] = torch.tensor(given["kinds"])
# RoBERTa numbers positions by looking for padding; a baseline keeps the positions of its text.
if "roberta" in kind:
    extra["position_ids"] = (model.config.pad_token_id + 1 + torch.arange(rows.shape[1])).expand_as(rows)
extra["attention_mask"] = torch.ones_like(rows)


def arguments(count):
    """Everything but the tokens, for so many rows; rows repeat where steps of a path share a run."""
    return {name: value[:1].expand(count, -1) if value.shape[0] != count else value for name, value in extra.items()}


def embed(ids):
    swap["to"] = None
    with torch.no_grad():
        model(input_ids=ids, **arguments(ids.shape[0]))
    return swap["seen"]


def logit(x):
    swap["to"] = x
    count = x.shape[0]
    ids = rows if count == rows.shape[0] else rows[:1].expand(count, -1)
    out = model(input_ids=ids, **arguments(count)).logits[:, CLASS]
    swap["to"] = None
    return out


def integrated():
    from captum.attr import IntegratedGradients

    baseline = rows.clone()
    baseline[:, 1:-1] = model.config.pad_token_id or 0
    x, start = embed(rows), embed(baseline)
    ig = IntegratedGradients(logit)
    found = ig.attribute(x, baselines=start, n_steps=50, method="gausslegendre", internal_batch_size=rows.shape[0])
    return found.sum(-1)


def saliency():
    from captum.attr import Saliency

    return Saliency(logit).attribute(embed(rows), abs=False).sum(-1)


def input_x_gradient():
    from captum.attr import InputXGradient

    return InputXGradient(logit).attribute(embed(rows)).sum(-1)


def relevance():
    x = embed(rows)
    leaf = x.clone().requires_grad_()
    logit(leaf).sum().backward()
    return (leaf * leaf.grad).sum(-1).detach()


def patch():
    """LXT 2.1's own rules on transformers' own modules: its table of models does not load under transformers 5."""
    package = types.ModuleType("lxt.efficient.models")
    package.get_default_map = None
    sys.modules["lxt.efficient.models"] = package
    from lxt.efficient import patches
    from lxt.efficient.rules import divide_gradient, identity_rule_implicit

    class Identity(torch.nn.Module):
        def __init__(self, act):
            super().__init__()
            self.act = act

        def forward(self, x):
            return identity_rule_implicit(self.act, x)

    def gated(part, x):
        inner, gate = part.Wi(x).chunk(2, dim=-1)
        return part.Wo(divide_gradient(identity_rule_implicit(part.act, inner) * gate, 2))

    module = __import__(type(model).__module__, fromlist=["x"])
    module.eager_attention_forward = patches.wrap_attention_forward(module.eager_attention_forward)
    for part in list(model.modules()):
        name = type(part).__name__
        if isinstance(part, torch.nn.LayerNorm):
            part.forward = partial(patches.layer_norm_forward, part)
        elif name.endswith("RMSNorm"):
            part.forward = partial(patches.rms_norm_forward, part)
        elif hasattr(part, "gate_proj"):
            part.forward = partial(patches.gated_mlp_forward, part)
            continue
        elif name.endswith("RobertaClassificationHead"):
            part.forward = lambda x, head=part: head.out_proj(identity_rule_implicit(torch.tanh, head.dense(x[:, 0])))
        elif name == "ModernBertMLP":
            part.forward = partial(gated, part)
            continue
        for attribute in ("intermediate_act_fn", "activation", "act", "pooler_activation"):
            act = getattr(part, attribute, None)
            if callable(act):
                setattr(part, attribute, Identity(act))


if method == "attnlrp":
    patch()
works = {"ig": integrated, "saliency": saliency, "input-x-gradient": input_x_gradient, "attnlrp": relevance}
serve(lambda: {"scores": works[method]().tolist()})
