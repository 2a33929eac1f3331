"""Programs on arrays: arithmetic, memory bandwidth, memory latency, small models, an image."""

import os


def _threads(count: int) -> None:
    """Say how many threads BLAS and OpenMP use; before numpy is imported."""
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = str(count)


def matmul_one(size: float) -> None:
    """Multiply dense matrices on one thread."""
    _threads(1)
    _matmul(size, 14)


def matmul_two(size: float) -> None:
    """Multiply dense matrices on two threads."""
    _threads(2)
    _matmul(size, 20)


def _matmul(size: float, repeats: int) -> None:
    import numpy as np

    a = np.random.default_rng(1).random((1500, 1500))
    for _ in range(max(1, round(repeats * size))):
        a = a @ a
        a /= a.max()


def fft(size: float) -> None:
    """Transform a long signal there and back."""
    import numpy as np

    signal = np.random.default_rng(1).random(round(7_000_000 * size))
    np.fft.irfft(np.fft.rfft(signal) * 0.5)
    np.fft.fft(signal)


def triad(size: float) -> None:
    """Stream three large arrays: bound by memory bandwidth."""
    import numpy as np

    n = round(100_000_000 * size)
    a, b = np.ones(n), np.ones(n)
    out = np.empty_like(a)
    for scale in range(4):
        np.multiply(b, scale, out=out)
        out += a


def gather(size: float) -> None:
    """Follow random indices through a large array: bound by memory latency."""
    import numpy as np

    n = round(40_000_000 * size)
    links = np.random.default_rng(1).integers(0, n, n)
    at = links
    for _ in range(2):
        at = links[at]


def monte_carlo(size: float) -> None:
    """Draw random walks in a cache-sized block: arithmetic only."""
    import numpy as np

    draw = np.random.default_rng(1)
    for _ in range(round(300 * size)):
        np.exp(draw.standard_normal(200_000) * 0.1).sum()


def sort_floats(size: float) -> None:
    """Sort, rank and search random numbers."""
    import numpy as np

    x = np.random.default_rng(1).standard_normal(round(5_000_000 * size))
    order = np.argsort(x)
    np.searchsorted(x[order], x[:1_000_000])


def sparse_matvec(size: float) -> None:
    """Iterate a sparse matrix on a vector, as in ranking pages."""
    import numpy as np
    from scipy.sparse import csr_array

    n, each = round(2_400_000 * size), 12
    columns = np.random.default_rng(1).integers(0, n, n * each, dtype=np.int32)
    matrix = csr_array((np.ones(n * each), columns, np.arange(0, n * each + 1, each)), shape=(n, n))
    x = np.ones(n)
    for _ in range(10):
        x = np.asarray(matrix @ x)
        x /= x.sum()


def forest(size: float) -> None:
    """Grow a random forest on two threads."""
    import numpy as np
    from sklearn.ensemble import RandomForestRegressor

    x = np.random.default_rng(1).random((round(12_000 * size), 20))
    RandomForestRegressor(12, n_jobs=2, random_state=1).fit(x, x @ np.arange(20.0))


def kmeans(size: float) -> None:
    """Cluster points by Lloyd's iteration; the library picks the threads."""
    import numpy as np
    from sklearn.cluster import KMeans

    x = np.random.default_rng(1).random((round(220_000 * size), 16))
    KMeans(12, n_init=1, max_iter=25, tol=0.0, random_state=1).fit(x)


def blur_image(size: float) -> None:
    """Blur, turn and shrink a large photograph."""
    from PIL import Image, ImageFilter

    image = Image.effect_noise((6000, max(8, round(3600 * size))), 60).convert("RGB")
    image.filter(ImageFilter.GaussianBlur(4)).rotate(90, expand=True).resize((1024, 1024), Image.Resampling.LANCZOS)
