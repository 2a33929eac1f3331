"""Workers are made from values and from loaders, and must be able to go back."""

import pytest
from tests.core.engine.workers import Number, load_seven

from learnsys.core.engine.building import build_worker, check_open, check_shards
from learnsys.core.errors import InputError


@pytest.mark.parametrize(("shard", "value"), [(5, 5), (load_seven, 7), ((load_seven,), (load_seven,))])
def test_a_loader_is_called_and_a_value_is_not(shard, value):
    assert build_worker(Number, shard, ["shared"]).get() == (value, "shared")


@pytest.mark.parametrize("lacking", ["get_state", "set_state"])
def test_a_worker_that_cannot_go_back_is_refused(lacking):
    half = type("Half", (Number,), {lacking: None})
    with pytest.raises(InputError, match=rf"worker Half has no {lacking}\(\)"):
        build_worker(half, 1, [])


def test_what_cannot_work_is_refused():
    with pytest.raises(InputError, match="at least 1"):
        check_shards([])
    with pytest.raises(InputError, match="closed"):
        check_open(False)
    check_open(True)
    check_shards([1])
