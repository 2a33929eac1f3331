"""Rows are made when they are looked at, and say why they stand where they do."""

import msgspec
import numpy as np
import pytest
from tests.machines.decide import made

from learnsys.machines.decide.evidence import look
from learnsys.machines.decide.fitted import fit_for
from learnsys.machines.decide.rank import answer, ask
from learnsys.machines.predictions import Rows


@pytest.fixture(scope="module")
def evidence():
    job = made.job(made.speed(np.random.default_rng(99)), ["ash/c2.2", "birch/c4.4"])
    return look(job, fit_for(made.benchmark(W=12), ["ash/c2.2", "birch/c4.4"]))


def test_a_row_made_alone_is_the_row_made_with_all(evidence):
    rows = answer(evidence, ask(deadline=20.0)).rows
    assert [rows[i] for i in range(len(rows))] == rows.tolist() == rows[:]
    assert rows[-1] == rows.tolist()[-1]


def test_the_first_of_none_in_time_is_not_called_the_cheapest(evidence):
    assert answer(evidence, ask(deadline=0.01)).best.why.startswith("likeliest of 16")


def test_where_a_prediction_comes_from_is_told(evidence):
    rows = answer(evidence, ask()).rows
    assert {r.source for r in rows} == {"measured", "predicted"}
    assert all(r.why.endswith(", measured") for r in rows if r.source == "measured")
    carried = msgspec.structs.replace(rows.columns, scored=np.ones(len(rows), bool))
    told = Rows(carried, rows.objective, rows.cost, rows.feasible)
    assert {r.source for r in told} == {"measured", "scores"}
    assert all(", by scores" in r.why for r in told if r.source == "scores")


def test_what_does_not_fit_says_so(evidence):
    rows = answer(evidence, ask()).rows
    told = msgspec.structs.replace(rows.columns, p_fits=np.linspace(0, 1, len(rows)))
    why = [r.why for r in Rows(told, rows.objective, rows.cost, rows.feasible)]
    assert why[0].endswith(", does not fit")
    assert why[8].endswith(", fits with probability 0.53")
    assert "fit" not in why[-1]


def test_columns_are_taken_together(evidence):
    columns = answer(evidence, ask(deadline=20.0)).rows.columns
    two = columns.take(np.array([3, 0]))
    assert [m.key for m in two.machines] == [columns.machines[3].key, columns.machines[0].key]
    assert two.usd.tolist() == [columns.usd[3], columns.usd[0]]
    assert two.p_deadline.tolist() == [columns.p_deadline[3], columns.p_deadline[0]]
