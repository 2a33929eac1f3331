"""Sums over pairs of samples from few frequencies, drawn at random: a state whose size one chooses.

With g >= 0 the transform of a lag kernel (Belletti, Sparks, Bayen & Gonzalez, AISTATS 2017, project so),

    sum_ij K(t^b_j - t^a_i - tau) c^a_i c^b_j = int_0^inf g(w) Re[conj(C^a(w)) C^b(w) e^{i w tau}] dw / pi

is an expectation over frequencies of density q proportional to g, and its mean over F draws is unbiased. Draws one from
each of F strata of equal probability vary less. Coefficients at F frequencies take 16 F bytes a series, whatever the
number of samples and the time they span, and those of chunks or workers add. This pays where F is far less than the
T / h frequencies that an exact transform needs.
"""

from typing import Any, Final, Literal, Self, final

import msgspec
import numpy as np
from numpy.typing import NDArray

from learnsys.core.errors import Incompatible, InputError, MissingExtra
from learnsys.series.sums.kernels import moments, transform
from learnsys.series.types import Floats, Kernel, KernelSums, Samples, SumsSpec

SELF: Final = {"ww": 0, "xy": 2, "xw": 1, "wx": 1}  # powers of x in the terms i = j
SIDES: Final = {"ww": "WW", "xy": "XX", "xw": "XW", "wx": "WX"}
FARTHEST: Final = 9.0  # standard deviations of the Gaussian at which drawing ends


@final
class Design(msgspec.Struct, frozen=True, kw_only=True):
    """F frequencies for a lag kernel, the same for all who know the design.

    Attributes
    ----------
    kernel : Kernel
        Not a box; kernels as wide or wider can be computed from the same frequencies.
    count : int
        F.
    how : {"stratified", "random"}
    seed : int
    """

    kernel: Kernel
    count: int
    how: Literal["stratified", "random"] = "stratified"
    seed: int = 0

    def __post_init__(self) -> None:
        if self.kernel.name == "box":
            raise InputError("the transform of a box is negative in places: no density", value="box", next="use k4")
        if self.count < 1:
            raise InputError.below("count", self.count, 1)

    @property
    def omega(self) -> Floats:
        """The angular frequencies, shape (F,), radians a second.

        Examples
        --------
        >>> Design(kernel=Kernel(name="gaussian", h=2.0), count=4).omega.round(2).tolist()
        [0.1, 0.2, 0.35, 0.58]
        """
        u = np.random.default_rng(self.seed).uniform(size=self.count)
        if self.how == "stratified":
            u = (np.arange(self.count) + u) / self.count
        z = np.linspace(0, FARTHEST, 20_001)
        below = np.cumsum(self._shape(z))
        below = np.concatenate([[0], 0.5 * (below[1:] + below[:-1]) - 0.5 * below[0]])
        return np.asarray(np.interp(u * below[-1], below, z) / self.kernel.h, float)

    def density(self, omega: Floats) -> Floats:
        """Evaluate q, the probability density of a frequency."""
        z = np.linspace(0, FARTHEST, 20_001)
        total = np.trapezoid(self._shape(z), z)
        return np.asarray(self._shape(omega * self.kernel.h) * self.kernel.h / total, float)

    def _shape(self, z: Floats) -> Floats:
        """q up to a factor: moments of the kernel need more high frequencies than the Gaussian."""
        return np.exp(-0.5 * z**2) * (1.0 if self.kernel.name == "gaussian" else 1 + 0.5 * z**2)


@final
class Sketch(msgspec.Struct, frozen=True, kw_only=True):
    """Coefficients of D series at the frequencies of a design: 16 bytes a series and frequency.

    Attributes
    ----------
    ids : tuple of str
    t0_ns : int
    design : Design
    X, W : ndarray of complex64, shape (D, F)
        Of values times weights, and of weights.
    own : ndarray, shape (3, D)
        Sums of squared weights times 1, x and x^2: what samples paired with themselves add.
    """

    ids: tuple[str, ...]
    t0_ns: int
    design: Design
    X: NDArray[np.complex64]
    W: NDArray[np.complex64]
    own: Floats

    def __add__(self, other: Self) -> Self:
        """Add the coefficients of other samples of the same series.

        Raises
        ------
        Incompatible
            If the series, the origin or the design differ.
        """
        for name in ("ids", "t0_ns", "design"):
            ours, theirs = getattr(self, name), getattr(other, name)
            if ours != theirs:
                raise Incompatible(
                    f"sketches with {name} {ours} and {theirs} do not add", value=str(theirs),
                    next=f"make both with the same {name}",
                )  # fmt: skip
        sums = {name: getattr(self, name) + getattr(other, name) for name in ("X", "W", "own")}
        return msgspec.structs.replace(self, **sums)


def sketch(samples: Samples, design: Design) -> Sketch:
    """Compute the coefficients at the frequencies of a design.

    Parameters
    ----------
    samples : Samples
        Centred, if covariances are wanted; all, or a chunk.
    design : Design

    Examples
    --------
    >>> s = Samples.of({"a": ([0.0, 1.0, 2.5], [1.0, 2.0, -3.0])})
    >>> made = sketch(s, Design(kernel=Kernel(name="gaussian", h=2.0), count=100))
    >>> made.X.nbytes + made.W.nbytes
    1600
    """
    X = np.zeros((len(samples), design.count), np.complex64)
    W, omega, transform_3 = np.zeros_like(X), design.omega, _finufft().nufft1d3
    for d in range(len(samples)):
        t, x, w = samples.one(d)
        if t.size:
            given = np.stack([w * x, w]).astype(complex)
            X[d], W[d] = transform_3(t, given, omega, eps=1e-8, isign=-1, nthreads=1)
    own = np.stack([samples.sums(samples.w**2 * samples.x**power) for power in range(3)])
    return Sketch(ids=samples.ids, t0_ns=samples.t0_ns, design=design, X=X, W=W, own=own)


def sums(given: Sketch, spec: SumsSpec) -> tuple[KernelSums, ...]:
    """Estimate the sums over pairs of samples, without bias.

    Parameters
    ----------
    given : Sketch
    spec : SumsSpec
        Of kernels as wide as the design's or wider, and one block.

    Raises
    ------
    Incompatible
        If a kernel is a box or narrower than the design's, or there are several blocks.
    """
    least = given.design.kernel.h
    for kernel in spec.kernels:
        if kernel.name == "box" or kernel.h < least * (1 - 1e-9):
            raise Incompatible(
                f"frequencies for a bandwidth of {least} s do not serve a {kernel.name} of {kernel.h} s",
                value=kernel.h, next="make a design for the narrowest kernel",
            )  # fmt: skip
    if spec.blocks != 1:
        raise Incompatible("a sketch has no blocks", value=spec.blocks, next="make a sketch of each block, or blocks=1")
    return tuple(_of_kernel(given, spec, kernel) for kernel in spec.kernels)


def _of_kernel(given: Sketch, spec: SumsSpec, kernel: Kernel) -> KernelSums:
    pairs, omega = spec.numbered(len(given.ids)), given.design.omega
    share = np.exp(1j * np.outer(omega, spec.lags.values)) / (np.pi * omega.size * given.design.density(omega))[:, None]
    same = np.flatnonzero(pairs[:, 0] == pairs[:, 1])
    fields = {}
    for name in SIDES if spec.cross else ("ww", "xy"):
        a, b = (getattr(given, side)[pairs[:, n]].astype(complex) for n, side in enumerate(SIDES[name]))
        terms = a.conj() * b
        terms[same] -= given.own[SELF[name], pairs[same, 0], None]
        by_moment = [
            (terms @ (np.conj(transform(kernel, omega, p))[:, None] * share)).real
            for p in range(moments(kernel)[name != "ww"])
        ]
        fields[name] = np.stack(by_moment)[:, None]
    return KernelSums(kernel=kernel, lags=spec.lags, pairs=pairs, **fields)


def _finufft() -> Any:
    try:
        import finufft
    except ImportError as error:
        raise MissingExtra.of("finufft", "series") from error
    return finufft
