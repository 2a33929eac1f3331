import numpy as np
from tests.series.graph.test_lower import xcov

from learnsys import series
from learnsys.series.graph.cache import Cache


def asked(x):
    t = np.arange(40.0)
    return series.scan({"a": (t, x), "b": (t + 0.5, x)}).ask(xcov())


def test_the_same_question_is_answered_once():
    one = asked(np.arange(40.0) % 7)
    first, second = (series.collect(one) for _ in range(2))
    assert first[0] is second[0]
    assert second.steps == ()
    assert series.collect(one, without=["cache"])[0] is not first[0]


def test_a_file_that_changed_is_read_anew(tmp_path):
    import polars as pl

    path, answers = tmp_path / "x.parquet", []
    for power in (1, 2):
        pl.DataFrame({"t": np.arange(400) / 10, "a": (np.arange(400) % 7) ** power}).write_parquet(path)
        answers.append(series.scan(path, time="t").ask(xcov()).collect())
    assert abs(answers[1].values[0, 5]) > 2 * abs(answers[0].values[0, 5])


def test_the_least_recently_used_is_dropped():
    asks = [asked(np.arange(40.0) % k) for k in (5, 6, 7)]
    results = [one.collect() for one in asks]
    fields = (getattr(results[0], name) for name in results[0].__struct_fields__)
    size = sum(field.nbytes for field in fields if isinstance(field, np.ndarray))
    cache = Cache(most_bytes=5 * size)
    for _ in range(2):
        for one, result in zip(asks, results, strict=True):
            cache.put(one.node, result)
    assert [cache.get(one.node) is result for one, result in zip(asks, results, strict=True)] == [True] * 3
    small = Cache(most_bytes=2 * size)
    small.put(asks[0].node, results[0])
    assert small.get(asks[0].node) is None
