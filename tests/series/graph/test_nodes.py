from learnsys.series.graph import nodes
from learnsys.series.graph.memory import InMemory
from learnsys.series.types import Samples


def source():
    return InMemory(Samples.of({"a": ([0.0, 1.0], [1.0, 2.0])}))


def test_equal_expressions_are_one_object():
    scan = nodes.Scan(source=source())
    one, two = (nodes.Log(child=nodes.Scale(child=scan, a=2.0)) for _ in range(2))
    assert one is two
    assert one is not nodes.Log(child=nodes.Scale(child=scan, a=3.0))
    assert nodes.Scan(source=source()) is not scan


def test_what_nobody_holds_is_forgotten():
    scan = nodes.Scan(source=source())
    made = nodes.Log(child=scan)
    before = len(nodes._Interned.known)
    del made
    assert len(nodes._Interned.known) < before


def test_a_shared_node_is_walked_and_rebuilt_once():
    scan = nodes.Scan(source=source())
    log = nodes.Log(child=scan)
    batch = nodes.Batch(asks=(nodes.Scale(child=log, a=2.0), nodes.Scale(child=log, a=3.0)))
    assert list(nodes.walk(batch)) == [scan, log, *batch.asks, batch]
    assert nodes.depth(batch) == 4
    seen = []
    rebuilt = nodes.rebuild(batch, lambda n: (seen.append(n), n.child if n is log else n)[1])
    assert [c.child for c in rebuilt.children] == [scan, scan]
    assert len(seen) == 5


def test_labels_name_what_matters():
    scale = nodes.Scale(child=nodes.Scan(source=source()), a=2.0, ids=("a", "b", "c", "d", "e"))
    assert scale.label == "Scale(a=2, ids=(a, b, c, d, ... 5))"
