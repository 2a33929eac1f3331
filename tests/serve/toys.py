"""Models for tests, and a server of them in a process of its own."""

import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from learnsys.core.errors import LearnsysError
from learnsys.core.predictor import TensorSpec, check_batch
from learnsys.serve.server import serve

ROOT = Path(__file__).parents[2]

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


def hang(score, poisoned):
    time.sleep(3600)


FAULTS = {"explode": explode, "drop_row": drop_row, "go_nan": go_nan, "shrink": shrink}
FAULTS_OF_A_PROCESS = {**FAULTS, "hang": hang}


@contextmanager
def serving(*, slo="1s", fault="", sleep_s=0.0, names=("toy",)):
    """Serve toys; yields (url, process). The process is ended at the latest with the block."""
    with TemporaryDirectory() as folder:
        url = Path(folder, "url")
        words = ["0", url, slo, fault, sleep_s, *names]
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.serve.toys", *map(str, words)], cwd=ROOT, stderr=subprocess.PIPE, text=True
        )
        try:
            for _ in range(3000):
                if url.exists() or process.poll() is not None:
                    break
                time.sleep(0.01)
            yield url.read_text(), process
        finally:
            process.terminate()
            process.communicate(timeout=30)


def main(port="0", announce="", slo="1s", fault="", sleep_s="0", *more):
    """Serve a toy in this process: ``python -m tests.serve.toys PORT ANNOUNCE SLO FAULT SLEEP_S [NAME ...]``."""
    models = [Toy(name, fault=FAULTS_OF_A_PROCESS.get(fault), sleep_s=float(sleep_s)) for name in (more or ("toy",))]
    try:
        serve(models, port=int(port), slo=slo, announce=announce or None)
    except LearnsysError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main(*sys.argv[1:])
