"""Workers for the tests, in a module that other processes can import."""

import gc
import os
import signal
import time
from pathlib import Path

import numpy as np

from learnsys.core.engine.crews import Crews


class Descent:
    """Gradient steps of least squares on one shard: BLAS products, a random generator, and a state of both."""

    stateless_methods = frozenset({"gram", "pid", "nap"})

    def __init__(self, shard, scale=1.0):
        self.X, self.y, seed = shard
        self.scale = scale
        self.w = np.zeros(self.X.shape[1])
        self.rng = np.random.default_rng(seed)
        self.steps = 0

    def step(self, v, pause=0.0):
        time.sleep(pause)
        gradient = self.scale * (self.X.T @ (self.X @ v - self.y))
        self.w = self.w - 1e-3 * (gradient + self.rng.normal(size=v.size))
        self.steps += 1
        return self.w

    def gram(self):
        return self.X.T @ self.X

    def pid(self):
        return os.getpid()

    def nap(self, seconds):
        time.sleep(seconds)
        return self.steps

    def get_state(self):
        return self.w, self.steps, self.rng.bit_generator.state

    def set_state(self, state):
        self.w, self.steps, self.rng.bit_generator.state = state


def shards(p, rows=200, columns=30):
    """Rows, targets and a seed for each of p workers."""
    rng = np.random.default_rng(p)
    return [(rng.normal(size=(rows, columns)), rng.normal(size=rows), k) for k in range(p)]


def descend(group, rounds=8, pause=0.0):
    """Average the workers' weights round by round."""
    v = np.zeros(30)
    for _ in range(rounds):
        v = group.reduce("step", v, pause, op=np.add) / 4
    return v


class Number:
    """Holds a value; adds to it, fails or dies on demand."""

    stateless_methods = frozenset({"get", "same", "die", "threads", "generate"})

    def __init__(self, value, *shared):
        self.value = value
        self.shared = shared

    def get(self):
        return self.value, *self.shared

    def add(self, more):
        self.value = self.value + more
        return self.value

    def same(self, *args):
        return args

    def refuse(self, limit):
        """Add one, then fail if the value has passed the limit."""
        self.value += 1
        if self.value > limit:
            raise ValueError(f"value {self.value} is above {limit}")
        return self.value

    def die(self):
        os.kill(os.getpid(), signal.SIGKILL)

    def threads(self):
        """Count the threads of the BLAS that this process has loaded, by a library loaded late."""
        import scipy.linalg  # noqa: F401
        from threadpoolctl import threadpool_info

        return max(library["num_threads"] for library in threadpool_info())

    def generate(self):
        return (letter for letter in "ab")

    def get_state(self):
        return self.value

    def set_state(self, state):
        self.value = state


class DiesAtBirth(Number):
    """The first ``deaths`` that are made die; a folder counts them."""

    def __init__(self, shard):
        folder, deaths = shard
        super().__init__(len(list(Path(folder).iterdir())))
        if self.value < deaths:
            Path(folder, str(self.value)).touch()
            self.die()


class Census(Number):
    """Counts the crews that its process holds."""

    def groups(self):
        return sum(len(found._crews) for found in gc.get_objects() if isinstance(found, Crews))


class Fussy(Number):
    """Goes back only if a file allows it."""

    def __init__(self, folder):
        super().__init__(0)
        self.permit = Path(folder, "permit")

    def set_state(self, state):
        if not self.permit.exists():
            raise ValueError("no permit")
        self.value = state


class Stateless:
    """No worker: it has no state to give."""

    def __init__(self, shard):
        self.shard = shard


def load_seven():
    """A shard that is loaded where the worker runs."""
    return 7


def scaled(item, factor=1.0):
    return item * factor


def refuse_odd(item):
    if item % 2:
        raise ValueError(f"{item} is odd")
    return item


def die_once(path):
    """Die, unless a file tells that this happened before."""
    if not path.exists():
        path.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return path.name
