"""Say what is in a data set: its size, the balance of its target, and the scale of its columns."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, final

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from learnsys.core.chart import altair, styled
from learnsys.core.data.dataset import Dataset
from learnsys.core.data.registry import load
from learnsys.core.result import AbstractResult
from learnsys.core.table import Column, Table
from learnsys.core.units import format_size

if TYPE_CHECKING:
    import altair as alt

MOST_COLUMNS: Final = 200  # of a wider data set only the fullest are listed
MOST_CLASSES: Final = 20  # more whole numbers than these are taken for an amount
BINS: Final = 24
ROWS_A_BLOCK: Final = 8192


@final
class Bin(msgspec.Struct, frozen=True, kw_only=True):
    """How many rows have one label, or a target in one interval."""

    label: str
    count: int


@final
class ColumnSummary(msgspec.Struct, frozen=True, kw_only=True):
    """Scale of one column over all rows, zeros included."""

    name: str
    mean: float
    sd: float
    low: float
    high: float
    nonzero_share: float


@final
class Description(AbstractResult, frozen=True, kw_only=True):
    """What is in a data set.

    ``classes`` are the labels in order, empty if the target is an amount; ``positive_share`` is the share of the
    second of two classes; ``y_low`` and ``y_high`` bound an amount.
    """

    name: str
    target: str
    rows: int
    columns: int
    nnz: int
    size_bytes: int
    sparse: bool
    dtype: str
    digest: str
    source: str
    licence: str
    classes: tuple[str, ...]
    positive_share: float | None
    y_low: float | None
    y_high: float | None
    balance: tuple[Bin, ...]
    summary: tuple[ColumnSummary, ...]

    def table(self) -> Table:
        """Show a row a column, with the size, the target and the origin below."""
        return Table(
            title=f"{self.name}: {self.rows:,} rows x {self.columns:,} columns",
            columns=(
                Column(name="column"),
                Column(name="mean", kind="number"),
                Column(name="sd", kind="number"),
                Column(name="min", kind="number"),
                Column(name="max", kind="number"),
                Column(name="non-zero", kind="percent"),
            ),
            rows=tuple((c.name, c.mean, c.sd, c.low, c.high, c.nonzero_share) for c in self.summary),
            notes=self._notes(),
        )

    def _notes(self) -> tuple[str, ...]:
        form = "compressed rows" if self.sparse else "dense"
        if self.positive_share is not None:
            target = f"{self.classes[1]} in {100 * self.positive_share:.1f} % of rows, else {self.classes[0]}"
        elif self.classes:
            target = f"{len(self.classes)} class{'es' * (len(self.classes) > 1)}"
        else:
            target = f"from {self.y_low:.4g} to {self.y_high:.4g}"
        shown = len(self.summary)
        return (
            f"{self.nnz:,} non-zeros, {form} {self.dtype}, {format_size(self.size_bytes)}",
            f"target {self.target}: {target}",
            f"from {self.source or 'memory'}, licence {self.licence or 'not stated'}; sha256 {self.digest[:12]}",
            *((f"only the {shown} fullest columns are shown",) if shown < self.columns else ()),
        )

    def chart(self, kind: str | None = None) -> "alt.Chart":
        """Draw the balance of the target, or with ``kind="columns"`` the columns of the greatest deviation."""
        alt = altair()
        if kind == "columns":
            top = sorted(self.summary, key=lambda c: -c.sd)[:BINS]
            data = alt.Data(values=[{"column": c.name, "deviation": c.sd} for c in top])
            bars = alt.Chart(data, title=f"{self.name}: columns by deviation").mark_bar()
            return styled(bars.encode(x="deviation:Q", y=alt.Y("column:N", sort="-x", title=None)))
        data = alt.Data(values=[{"target": b.label, "rows": b.count} for b in self.balance])
        bars = alt.Chart(data, title=f"{self.name}: {self.target}").mark_bar()
        return styled(bars.encode(x=alt.X("target:O", sort=None, title=self.target), y=alt.Y("rows:Q")))


def describe(name_or_path: "str | Path | Dataset", *, target: str | None = None) -> Description:
    """Describe a registered data set, a file or a loaded data set.

    Parameters
    ----------
    name_or_path : str, Path or Dataset
        As in ``load``.
    target : str, optional
        As in ``load``.
    """
    data = name_or_path if isinstance(name_or_path, Dataset) else load(name_or_path, target=target)
    labels, counts = np.unique(data.y, return_counts=True)
    is_class = _are_classes(labels)
    return Description(
        name=data.name,
        target=data.target,
        rows=data.ref.n,
        columns=data.ref.d,
        nnz=data.ref.nnz,
        size_bytes=data.size_bytes,
        sparse=data.is_sparse,
        dtype=str(data.X.dtype),
        digest=data.ref.digest,
        source=data.source,
        licence=data.licence,
        classes=tuple(map(_label, labels)) if is_class else (),
        positive_share=float(counts[1] / counts.sum()) if is_class and labels.size == 2 else None,
        y_low=None if is_class else float(labels[0]),
        y_high=None if is_class else float(labels[-1]),
        balance=tuple(
            Bin(label=_label(label), count=int(count)) for label, count in zip(labels, counts, strict=True)
        ) if is_class else _histogram(data.y),
        summary=_summarise(data),
    )  # fmt: skip


def _are_classes(labels: NDArray[Any]) -> bool:
    return labels.dtype.kind not in "fi" or (labels.size <= MOST_CLASSES and bool((labels == np.round(labels)).all()))


def _label(label: Any) -> str:
    return f"{label:g}" if isinstance(label, np.floating) else str(label)


def _histogram(y: NDArray[np.float64]) -> tuple[Bin, ...]:
    counts, edges = np.histogram(y, bins=BINS)
    return tuple(Bin(label=f"{low:.4g}", count=int(count)) for low, count in zip(edges, counts, strict=False))


def _summarise(data: Dataset) -> tuple[ColumnSummary, ...]:
    X, n = data.X, data.X.shape[0]
    mean, sd, nonzero = _sparse_moments(X) if isinstance(X, sparse.csr_array) else _dense_moments(X)
    low, high = _bounds(X)
    shown = np.arange(X.shape[1])
    if shown.size > MOST_COLUMNS:
        shown = np.sort(np.argsort(-nonzero, kind="stable")[:MOST_COLUMNS])
    return tuple(
        ColumnSummary(
            name=data.column(j),
            mean=float(mean[j]),
            sd=float(sd[j]),
            low=float(low[j]),
            high=float(high[j]),
            nonzero_share=float(nonzero[j] / n),
        )
        for j in shown.tolist()
    )


def _bounds(X: Any) -> tuple[NDArray[Any], NDArray[Any]]:
    low, high = X.min(axis=0), X.max(axis=0)
    return (low.toarray().ravel(), high.toarray().ravel()) if sparse.issparse(X) else (low, high)


def _dense_moments(X: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Compute mean, deviation and count of non-zeros of each column in two passes, without a copy of X in float64."""
    n = X.shape[0]
    blocks = [slice(i, i + ROWS_A_BLOCK) for i in range(0, n, ROWS_A_BLOCK)]
    mean = sum(X[b].sum(axis=0, dtype=float) for b in blocks) / n
    square = sum(np.square(X[b] - mean).sum(axis=0) for b in blocks)
    return mean, np.sqrt(square / n), sum(np.count_nonzero(X[b], axis=0) for b in blocks)


def _sparse_moments(X: sparse.csr_array) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Compute the same from the stored entries; every other entry is 0, at distance ``mean`` from the mean."""
    n, d = X.shape
    mean = np.bincount(X.indices, X.data, minlength=d) / n
    stored = np.bincount(X.indices, minlength=d)
    square = np.bincount(X.indices, np.square(X.data - mean[X.indices]), minlength=d) + (n - stored) * mean**2
    return mean, np.sqrt(square / n), np.bincount(X.indices, X.data != 0, minlength=d)
