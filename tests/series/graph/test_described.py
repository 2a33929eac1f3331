import numpy as np
import polars as pl
import pytest

from learnsys import series
from learnsys.series.graph.described import description_of
from learnsys.series.types import Samples

FRAME = pl.DataFrame(
    {
        "t": [0.0, 1.0, 2.0, 3.0, 4.0, 5.0],
        "s": ["a", "b", "a", "b", "a", "b"],
        "x": [1.0, np.nan, 2.0, None, 4.0, 3.0],
        "q": [0, 0, 0, 1, 1, 0],
    }
)


def source():
    return series.scan(FRAME, time="t", series="s", value="x")


@pytest.mark.parametrize("optimise", ["full", "none"])
@pytest.mark.parametrize(
    ("choose", "dropped", "n"),
    [
        (lambda q: q, [0, 2], [3, 1]),
        (lambda q: q.filter(q=0), [0, 1], [2, 1]),
        (lambda q: q.between(0.5, 4.5).select(["b", "a"]), [2, 0], [0, 2]),
    ],
)
def test_what_was_left_out_is_counted(choose, dropped, n, optimise):
    made = series.collect(choose(source()).describe(), optimise=optimise, without=["cache"])[0]
    assert made.dropped.tolist() == dropped
    assert made.n.tolist() == n
    assert any("left out" in note for note in made.notes)


def test_it_comes_with_other_answers():
    lags = series.lags(0, 1, 1)
    asked = source().describe(), source().xcov(lags=lags, bandwidth=1, ci=None, shrink=False, weights="uniform")
    made = series.collect(*asked, without=["cache"])
    assert made[0].dropped.tolist() == [0, 2]
    assert made[1].ids == ("a", "b")


def test_other_questions_and_changed_samples_go_the_usual_way():
    query = source()
    assert description_of(query.node, query.describe().node) is not None
    assert description_of(query.scale(2).node, query.scale(2).describe().node) is None
    held = series.scan(Samples.of({"a": ([0, 1], [1, 2])}))
    assert description_of(held.node, held.describe().node) is None
    assert held.describe().collect().n.tolist() == [2]
