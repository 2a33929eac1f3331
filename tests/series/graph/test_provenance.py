from tests.series.graph.test_lower import xcov

from learnsys import series
from learnsys.series.graph import nodes
from learnsys.series.graph.provenance import drawn
from learnsys.series.types import Samples


def test_answers_say_where_they_come_from():
    made = Samples.of({"a": ([0.0, 1.0, 2.0, 30.0], [1.0, 2.0, 1.0, 0.0])})
    answers = series.collect(series.scan(made).scale(2).ask(xcov()), without=["sharing"])
    assert "Scale(a=2)" in answers.provenance.query
    assert answers.provenance.sources == (nodes_source(answers, made),)
    assert answers.provenance.options == {"optimise": "full", "without": "sharing"}
    assert "numpy" in answers.provenance.versions


def nodes_source(answers, made):
    from learnsys.series.graph.memory import InMemory

    return InMemory(made).fingerprint


def test_a_node_of_two_parents_is_drawn_once():
    low = nodes.Log(child=nodes.Scale(child=nodes.NOTHING, a=2.0))
    batch = nodes.Batch(asks=(nodes.Demean(child=low), nodes.Difference(child=low)))
    lines = [line.strip() for line in drawn(batch).splitlines()]
    assert lines == ["Batch of 2", "Demean()", "#1 Log()", "Scale(a=2)", "Nothing()", "Difference()", "as #1"]
