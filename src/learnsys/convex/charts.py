"""Pictures of evaluations; those of solutions are the pictures of their traces."""

from typing import TYPE_CHECKING, Any

from learnsys.convex.types import Evaluation
from learnsys.core.chart import altair, styled

if TYPE_CHECKING:
    import altair as alt


def evaluation_chart(result: Evaluation) -> "alt.Chart":
    """Draw the ROC curve where there is one, else each metric beside its base rate."""
    draw = _bars if result.roc is None else _roc
    chart: alt.Chart = styled(draw(altair(), result))
    return chart


def _bars(alt: Any, result: Evaluation) -> Any:
    rows = [
        {"metric": name, "of": of, "value": value}
        for of, values in (("model", result.metrics), ("base rate", result.base))
        for name, value in values.items()
    ]
    chart = alt.Chart(alt.Data(values=rows), title=f"{result.model} on {result.data}").mark_bar()
    return chart.encode(x="value:Q", y=alt.Y("of:N", title=None), row="metric:N", color=alt.Color("of:N", legend=None))


def _roc(alt: Any, result: Evaluation) -> Any:
    assert result.roc is not None
    points = [{"f": f, "t": t} for f, t in zip(result.roc.false_positive, result.roc.true_positive, strict=True)]
    title = {"text": f"{result.model} on {result.data}", "subtitle": f"AUC {result.metrics['auc']:.3f}"}
    x, y = alt.X("f:Q", title="false positive rate"), alt.Y("t:Q", title="true positive rate")
    curve = alt.Chart(alt.Data(values=points), title=title).mark_line().encode(x=x, y=y, order="t:Q")
    diagonal = alt.Data(values=[{"f": 0, "t": 0}, {"f": 1, "t": 1}])
    chance = alt.Chart(diagonal).mark_line(strokeDash=[4, 4], color="#9aa5ad").encode(x=x, y=y)
    return chance + curve
