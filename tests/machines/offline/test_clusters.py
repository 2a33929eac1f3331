import numpy as np
import polars as pl
import pytest
from cyclopts import App

from learnsys.core.command import run
from learnsys.core.errors import InputError, UnknownMachine, UnknownName
from learnsys.machines.offline.cli import clusters as command
from learnsys.machines.offline.clusters import rank_clusters

CORES = {"m4.xlarge": 4, "m4.2xlarge": 8}


@pytest.fixture
def runs(tmp_path):
    rows = [
        {"instance_count": n, "machine_type": t, "slots": c * n, "memory": 4000 * c * n, "data_size_MB": s, "k": k}
        | {"gross_runtime": 20 + 0.2 * k * s / (c * n) + 3 * n}
        for n in (2, 4, 8)
        for t, c in CORES.items()
        for s in (1000, 4000)
        for k in (3, 6)
    ]
    pl.DataFrame(rows).write_csv(tmp_path / "kmeans.csv")
    return tmp_path / "kmeans.csv"


def test_clusters_are_ranked_by_dollars(runs):
    ranking = rank_clusters(runs, size_bytes=4e9, nodes=[2, 3, 8], parameters={"k": 6}, region="us-east-1")
    costs = [c.cost_usd for c in ranking.choices]
    assert costs == sorted(costs)
    assert len(costs) == 6
    for c in ranking.choices:
        truth = 20 + 0.2 * 6 * 4000 / (CORES[c.machine.removeprefix("aws/")] * c.nodes) + 3 * c.nodes
        assert c.time_s.median == pytest.approx(truth, rel=0.15)
        assert c.price.region == "us-east-1"
        assert c.cost_usd == pytest.approx(c.nodes * c.price.usd_hour * c.time_s.mean / 3600)
    assert "prices on demand of apache-libcloud" in ranking.table().notes[1]
    assert len(ranking.chart().to_dict()["layer"]) == 2


def test_a_machine_that_was_not_measured_is_sized_by_the_catalogue(runs):
    ranking = rank_clusters(runs, size_bytes=4e9, nodes=[4], machines=["aws/m4.4xlarge"], parameters={"k": 6})
    assert np.isfinite(ranking.choices[0].time_s.median)
    with pytest.raises(UnknownMachine, match="did you mean aws/m4"):
        rank_clusters(runs, size_bytes=4e9, nodes=[4], machines=["aws/m4.4xlarg"], parameters={"k": 6})


def test_without_prices_the_fastest_comes_first(runs):
    ranking = rank_clusters(runs, size_bytes=4e9, nodes=[2, 8], parameters={"k": 6}, region="westeurope")
    times = [c.time_s.mean for c in ranking.choices]
    assert times == sorted(times)
    assert ranking.choices[0].cost_usd is None
    assert ranking.table().notes[0] == "the fastest first: no price of aws/m4.2xlarge, aws/m4.xlarge"
    with pytest.raises(UnknownName, match="did you mean us-east-1"):
        rank_clusters(runs, size_bytes=4e9, nodes=[2], parameters={"k": 6}, region="us-east-11")


def test_what_does_not_match_is_told(runs, tmp_path):
    with pytest.raises(InputError, match="k is missing; give each of them once: --param k=VALUE"):
        rank_clusters(runs, size_bytes=4e9, nodes=[2])
    with pytest.raises(UnknownName, match="did you mean kmeans"):
        rank_clusters(runs, size_bytes=4e9, nodes=[2], job="kmean")
    other = tmp_path / "sort.csv"
    other.write_text(runs.read_text())
    with pytest.raises(InputError, match=r"of 2 jobs; choose: --job kmeans\|sort"):
        rank_clusters(runs, other, size_bytes=4e9, nodes=[2])


def test_the_command_reads_sizes_counts_and_parameters(runs, tmp_path, capsys):
    app = App(name="x")
    app.command(command, name="clusters")
    words = ["clusters", str(runs), "--size", "4GB", "--nodes", "2-3,8", "--param", "k=6"]
    assert run(app, [*words, "--save", str(tmp_path / "r.csv")]) == 0
    assert "aws/m4.xlarge" in capsys.readouterr().out
    assert len((tmp_path / "r.csv").read_text().splitlines()) == 7
    for wrong, message in (("0", "names no cluster"), ("a-b", "no list of numbers"), ("4-2", "names no cluster")):
        assert run(app, [*words[:5], wrong, *words[6:]]) == 2
        assert message in capsys.readouterr().err
    assert run(app, [*words, "--param", "k"]) == 2
    assert "write NAME=NUMBER" in capsys.readouterr().err
