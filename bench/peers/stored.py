"""Features, targets and folds as bench/features.ts writes them."""

import json

import numpy as np


class Stored:
    def __init__(self, folder):
        self.folder = folder
        shape = json.load(open(f"{folder}/shape.json"))
        self.rows, self.width, self.folds = shape["rows"], shape["width"], shape["folds"]
        self.targets = np.fromfile(f"{folder}/targets.i32", dtype=np.int32)
        self.roles = np.fromfile(f"{folder}/roles.u8", dtype=np.uint8).reshape(self.folds, -1)

    def layer(self, index):
        path = f"{self.folder}/layer{index}.f32"
        return np.fromfile(path, dtype=np.float32).reshape(self.rows, self.width)
