"""Programs that no table has: ``python _fresh_programs.py NAME SIZE``. Nothing was chosen by how they are predicted."""

import sys


def bz2_pack(size):
    import bz2

    bz2.compress(b"".join(b"%d,%d;" % (i, i * i % 10_007) for i in range(round(900_000 * size))))


def set_algebra(size):
    n = round(1_000_000 * size)
    a, b = {(i, i % 7) for i in range(n)}, {(2 * i, i % 5) for i in range(n)}
    len(a & b), len(a | b)


def solve(size):
    import numpy as np

    a = np.random.default_rng(1).random((max(50, round(3000 * size)),) * 2)
    np.linalg.solve(a, a[:, :200])


def unique(size):
    import numpy as np

    x = np.random.default_rng(1).integers(0, 5_000_000, round(14_000_000 * size))
    values, counts = np.unique(x, return_counts=True)
    np.repeat(values, counts).cumsum()


if __name__ == "__main__":
    globals()[sys.argv[1]](float(sys.argv[2]))
