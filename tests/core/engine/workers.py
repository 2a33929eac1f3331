"""Workers for the tests, in a module that other processes can import."""

import os
import signal
import time

import numpy as np


class Descent:
    """Gradient steps of least squares on one shard: BLAS products, a random generator, and a state of both."""

    stateless_methods = frozenset({"gradient", "pid", "nap", "peek"})

    def __init__(self, shard, scale=1.0):
        self.X, self.y, seed = shard
        self.scale = scale
        self.w = np.zeros(self.X.shape[1])
        self.rng = np.random.default_rng(seed)
        self.steps = 0

    def gradient(self, v):
        return self.scale * (self.X.T @ (self.X @ v - self.y))

    def step(self, v, pause=0.0):
        time.sleep(pause)
        noise = self.rng.normal(size=v.size)
        self.w = self.w - 1e-3 * (self.gradient(v) + noise)
        self.steps += 1
        return self.w

    def gram(self):
        return self.X.T @ self.X

    def peek(self):
        return self.w, self.steps

    def pid(self):
        return os.getpid()

    def nap(self, seconds):
        time.sleep(seconds)
        return os.getpid()

    def get_state(self):
        return self.w.copy(), self.steps, self.rng.bit_generator.state

    def set_state(self, state):
        self.w, self.steps, self.rng.bit_generator.state = state[0].copy(), state[1], state[2]


class Number:
    """Holds a number; adds to it, fails or dies on demand."""

    stateless_methods = frozenset({"get", "die", "same", "threads"})

    def __init__(self, shard, *shared):
        self.value = shard
        self.shared = shared

    def get(self):
        return self.value

    def add(self, more):
        self.value += more
        return self.value

    def refuse(self, at):
        """Count up, then fail if the value is large enough."""
        self.value += 1
        if self.value >= at:
            raise ValueError(f"value {self.value}")
        return self.value

    def same(self, *args):
        return args

    def die(self):
        os.kill(os.getpid(), signal.SIGKILL)

    def make_unpicklable(self):
        return lambda: None

    def get_state(self):
        return self.value

    def set_state(self, state):
        self.value = state
