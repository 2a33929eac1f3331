from itertools import pairwise, permutations

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.series.strategies import samples
from tests.series.sums.gridded import assert_close
from tests.series.sums.rows import grid_for, rows_of, run, spec_of

from learnsys.core.errors import BadFile, Incompatible
from learnsys.series import state_file
from learnsys.series.sums import direct
from learnsys.series.types import Samples

SPEC = spec_of("gaussian", "local-linear", cross=True)


def parts_of(made, cuts, grid, **options):
    codes, t, x = rows_of(made)
    edges = [-np.inf, *sorted(cuts), np.inf]
    inside = [(t >= low) & (t < high) for low, high in pairwise(edges)]
    return [run((codes[i], t[i], x[i]), grid, made.ids, **options) for i in inside]


@settings(deadline=None, max_examples=12)
@given(samples(), st.lists(st.floats(-5, 55), min_size=1, max_size=4), st.randoms(), st.sampled_from([1, 4]))
def test_states_of_disjoint_times_add_in_any_order(made, cuts, random, blocks):
    made = msgspec.structs.replace(made, w=np.ones_like(made.t))
    parts = parts_of(made, cuts, grid_for(SPEC, 1e-8), blocks=blocks)
    while len(parts) > 1:  # neighbours, in any order
        k = random.randrange(len(parts) - 1)
        pair = parts[k : k + 2]
        random.shuffle(pair)
        parts[k : k + 2] = [pair[0] + pair[1]]
    assert_close(parts[0].sums(SPEC), direct.sums(made, SPEC), made, 3e-7)
    np.testing.assert_allclose(parts[0].facts().mean, made.means, atol=1e-12)


def many(seed, n=900, span_s=3000.0):
    rng = np.random.default_rng(seed)
    return Samples.of({name: (rng.uniform(0, span_s, n), rng.normal(3, 1, n)) for name in "ab"})


def test_long_states_add_in_any_order():
    made = many(1)
    parts = parts_of(made, [700, 1900], grid_for(SPEC, 1e-8))
    expected = direct.sums(made, SPEC)
    for a, b, c in permutations(parts):
        if {id(a), id(b)} != {id(parts[0]), id(parts[2])}:
            assert_close((a + b + c).sums(SPEC), expected, made, 1e-7)


def test_a_state_between_two_that_were_added_is_added_too():
    made = many(2)
    first, middle, last = parts_of(made, [1000, 1004], grid_for(SPEC, 1e-8))
    with pytest.raises(Incompatible, match="overlap"):
        (first + last) + middle
    assert_close((first + middle + last).sums(SPEC), direct.sums(made, SPEC), made, 1e-7)


def test_states_of_the_same_time_are_refused():
    made = many(3)
    codes, t, x = rows_of(made)
    grid = grid_for(SPEC, 1e-4)
    halves = [run((codes[half::2], t[half::2], x[half::2]), grid, made.ids) for half in (0, 1)]
    with pytest.raises(Incompatible, match="overlap by"):
        halves[0] + halves[1]


def test_times_may_overlap_by_a_few_lags():
    made = many(4)
    codes, t, x = rows_of(made)
    first = (t < 1500) | ((t < 1504) & (np.arange(t.size) % 2 == 0))
    grid = grid_for(SPEC, 1e-8)
    parts = [run((codes[i], t[i], x[i]), grid, made.ids) for i in (first, ~first)]
    assert_close((parts[0] + parts[1]).sums(SPEC), direct.sums(made, SPEC), made, 1e-7)


def test_other_grids_and_other_series_are_refused():
    made = many(5)
    state = run(rows_of(made), grid_for(SPEC, 1e-4), made.ids)
    with pytest.raises(Incompatible, match="grids differ"):
        state + run(rows_of(made), grid_for(SPEC, 1e-3), made.ids)
    with pytest.raises(Incompatible, match="series differ: b, c"):
        state + run(rows_of(made), grid_for(SPEC, 1e-4), ("a", "c"))


def test_pairs_in_any_order():
    made = many(6)
    state = run(rows_of(made), grid_for(SPEC, 1e-8), made.ids)
    spec = msgspec.structs.replace(SPEC, pairs=((1, 0), (0, 0), (0, 1)))
    assert_close(state.sums(spec), direct.sums(made, spec), made, 1e-7)


def test_states_of_other_series_are_put_in_one_order_and_added():
    rng = np.random.default_rng(8)
    made = Samples.of({name: (rng.uniform(0, 3000, 400), rng.normal(3, 1, 400)) for name in "abc"})
    grid, cut = grid_for(SPEC, 1e-8), 1500
    codes, t, x = rows_of(made)
    early, late = (t < cut) & (codes != 2), t >= cut
    place = np.array([2, 0, 1], np.int32)  # the later state knows its series in the order b, c, a
    states = [run((codes[early], t[early], x[early]), grid, ("a", "b")),
              run((place[codes[late]], t[late], x[late]), grid, ("b", "c", "a"))]  # fmt: skip
    both = states[0].of(made.ids) + states[1].of(made.ids)
    kept = early | late
    whole = Samples.of({name: (t[kept & (codes == d)], x[kept & (codes == d)]) for d, name in enumerate(made.ids)})
    assert_close(both.sums(SPEC), direct.sums(whole, SPEC), whole, 1e-7)
    assert both.facts().n.tolist() == [int((kept & (codes == d)).sum()) for d in range(3)]


def test_a_state_is_kept_in_a_file(tmp_path):
    made = many(7)
    first, second = parts_of(made, [1000], grid_for(SPEC, 1e-8), blocks=3)
    path = first.save(tmp_path / "a.state")
    both = state_file.read(path) + second
    for name in ("r", "own", "tally", "head", "tail"):
        np.testing.assert_array_equal(getattr(both, name), getattr(first + second, name))
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(BadFile):
        state_file.read(path)
