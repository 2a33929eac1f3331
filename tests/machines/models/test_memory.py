"""What a program needs: rigid ones die below their appetite, adaptive ones live, and evidence is never forgotten."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from learnsys.core.errors import InputError
from learnsys.core.fingerprint import Run
from learnsys.machines.lab.table import load_lab
from learnsys.machines.models.memory import Seen, fit_need, need_of, seen_in

MIB = float(1 << 20)
PLENTY = 4096 * MIB


def rigid(size, limit, base=20, slope=400):
    """A program that holds base + slope x size MiB, and dies below."""
    need = (base + slope * size) * MIB
    lived = limit >= need
    return Seen(size=size, limit=limit, held=min(need, limit), anonymous=min(need, limit) - 8 * MIB, lived=lived)


def adaptive(size, limit, base=20, slope=1600):
    """A program that takes a quarter of the memory that it sees, at most."""
    held = (base + min(slope * size, limit / MIB / 4)) * MIB
    return Seen(size=size, limit=limit, held=held, anonymous=held - 8 * MIB, lived=True)


def small(program, limits=(PLENTY, 128 * MIB), **how):
    return [program(size, limit, **how) for size in (0.125, 0.25, 0.5) for limit in limits]


@given(st.floats(5, 100), st.floats(100, 5000), st.floats(20, 8000))
def test_a_rigid_program_fits_where_its_appetite_does(base, slope, mib):
    need = fit_need(small(rigid, base=base, slope=slope))
    truth = base + slope
    if not 0.93 < mib / truth < 1.07:
        assert (need.p_fits(1.0, mib * MIB) > 0.5) == (mib > truth)
        assert need.appetite(1.0) == pytest.approx(truth * MIB, rel=1e-6)


def test_one_small_run_in_little_memory_tells_that_a_program_adapts():
    unseen, seen = fit_need(small(adaptive, limits=(PLENTY,))), fit_need(small(adaptive))
    assert not unseen.adapts
    assert unseen.p_fits(1.0, 512 * MIB) < 0.1, "its appetite alone looks rigid"
    assert seen.adapts
    assert np.all(seen.p_fits(1.0, np.array([128, 256, 512, 1024]) * MIB) > 0.8)


def test_a_rigid_program_that_gave_up_pages_of_files_is_still_rigid():
    def library(size, limit):  # 60 MiB of its base lie in libraries
        held, least = (170 + 70 * size) * MIB, (110 + 70 * size) * MIB
        return Seen(size=size, limit=limit, held=held, anonymous=least, lived=limit >= least)

    need = fit_need(small(library))
    assert not need.adapts
    assert need.p_fits(0.25, 128 * MIB) > 0.9
    assert need.p_fits(1.0, 128 * MIB) < 0.1
    assert need.p_fits(1.0, 256 * MIB) > 0.9


def test_where_a_larger_input_died_the_floor_of_an_adaptive_program_grows():
    runs = [o for o in small(adaptive) if o.size < 0.5 or o.limit == PLENTY]
    died = Seen(size=0.5, limit=128 * MIB, held=128 * MIB, anonymous=120 * MIB, lived=False)
    need = fit_need([*runs, died])
    assert need.adapts
    assert need.p_fits(1.0, 128 * MIB) < 0.05
    assert need.p_fits(1.0, 1024 * MIB) > 0.9


@given(st.lists(st.tuples(st.floats(0.1, 2), st.floats(50, 4000), st.floats(10, 3000), st.booleans()), min_size=2))
def test_laws(rows):
    runs = [Seen(size=s, limit=L * MIB, held=h * MIB, anonymous=0.8 * h * MIB, lived=ok) for s, L, h, ok in rows]
    if not any(o.lived for o in runs):
        with pytest.raises(InputError, match="smaller input"):
            fit_need(runs)
        return
    need = fit_need(runs)
    memory = np.geomspace(10, 1e5, 60) * MIB
    p = need.p_fits(1.0, memory)
    assert np.all((p >= 0) & (p <= 1))
    contradicted = any(d.limit >= o.limit and d.size <= o.size for d in runs if not d.lived for o in runs if o.lived)
    if not contradicted:
        assert np.all(np.diff(p) >= -1e-12), "more memory never hurts"
        assert all(need.p_fits(o.size, o.limit) >= 0.98 for o in runs if o.lived)
        assert all(need.p_fits(o.size, o.limit) <= 0.02 + 1e-12 for o in runs if not o.lived)


def test_the_appetite_is_at_least_what_grows():
    need = fit_need([rigid(0.25, PLENTY), rigid(0.5, PLENTY)])
    assert need.appetite(2.0) > need.appetite(1.0) > 0


def test_one_size_says_little_of_others():
    need = fit_need([rigid(1.0, PLENTY)])
    assert 0.05 < need.p_fits(4.0, 2 * 420 * MIB) < 0.5
    assert need.p_fits(1.0, 600 * MIB) > 0.99


def test_runs_of_a_fingerprint_that_say_nothing_are_left_out():
    def run(outcome, size, peak):
        return Run(machine="host/cpu=1,mem=4GiB", outcome=outcome, elapsed_s=1.0, cpu_s=1.0, peak_bytes=peak,
                   working_set_bytes=peak, size=size)  # fmt: skip

    runs = [run("ok", 1e6, 100 << 20), run("ok", 2e6, 180 << 20), run("failed", 4e6, 1 << 40), run("timeout", 4e6, 1)]
    need = need_of(runs, {"host/cpu=1,mem=4GiB": PLENTY}.get)
    assert need.appetite(4e6) == pytest.approx(340 * MIB, rel=0.01)
    assert need_of(runs, lambda key: None).appetite(4e6) == need.appetite(4e6), "memory may be unknown"


def test_the_lab_s_cells_out_of_memory_are_told_from_smaller_inputs():
    lab = load_lab()
    memory = np.array([m.memory_bytes for m in lab.catalog.machines], float)
    flags = {True: [], False: []}
    for i in (i for i, w in enumerate(lab.workloads) if w.size == 1.0):
        smaller = [j for j, w in enumerate(lab.workloads) if w.group == lab.workloads[i].group and w.size < 1.0]
        p = fit_need(seen_in(lab, smaller)).p_fits(1.0, memory)
        for v in np.flatnonzero(lab.oom[i] | (lab.runs[i] > 0)):
            flags[bool(lab.oom[i, v])].append(p[v] < 0.5)
    assert np.mean(flags[True]) >= 0.95
    assert np.mean(flags[False]) <= 0.02
