"""PyTorch: R1's single layer on every fold of one layer. Arguments: folder; "loader" or "index"."""

import os
import sys

import torch
from r1 import single_layer
from serve import serve
from stored import Stored

torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
stored = Stored(sys.argv[1])
x = torch.from_numpy(stored.layer(0))
y = torch.from_numpy(stored.targets).float()
roles = torch.from_numpy(stored.roles)


def work():
    scores = [single_layer(x, y, one, sys.argv[2]) for one in roles]
    return {"accuracy": sum(scores) / len(scores)}


serve(work)
