"""Models for tests, and a server of them: ``python -m tests.serve.toys NAME ...`` (see ``serve_toys``)."""

import time
from collections.abc import Mapping
from typing import Any

import numpy as np

from learnsys.core.predictor import TensorSpec, check_batch

D = 120


class Toy:
    """A linear score over ``d`` features; row ``poison`` (first feature 666) makes it misbehave as told."""

    version = "1"

    def __init__(self, name="toy", *, d=D, max_rows=None, sleep_s=0.0, fault=None, dtype="FP64"):
        self.name = name
        self.max_rows = max_rows
        self.inputs = (TensorSpec(name="x", dtype=dtype, shape=(None, d)),)
        self.outputs = (TensorSpec(name="score", dtype="FP64", shape=(None,)),)
        self.w = np.arange(1.0, d + 1)
        self.sleep_s = sleep_s
        self.fault = fault
        self.batches: list[int] = []

    def predict(self, batch: Mapping[str, Any]) -> dict[str, Any]:
        n = check_batch(batch, self.inputs)
        self.batches.append(n)
        if self.sleep_s:
            time.sleep(self.sleep_s)
        x = batch["x"]
        score = x.astype(float) @ self.w
        poisoned = x[:, 0] == 666
        if self.fault and poisoned.any():
            score = self.fault(score, poisoned)
        return {"score": score}


def explode(score, poisoned):
    raise ZeroDivisionError("poison")


def drop_row(score, poisoned):
    return score[~poisoned]


def go_nan(score, poisoned):
    return np.where(poisoned, np.nan, score)


def shrink(score, poisoned):
    return score.astype(np.float32)


FAULTS = {"explode": explode, "drop_row": drop_row, "go_nan": go_nan, "shrink": shrink}
