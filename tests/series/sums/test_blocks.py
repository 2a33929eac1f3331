from hypothesis import given
from hypothesis import strategies as st
from tests.series import naive
from tests.series.strategies import samples

from learnsys.series.sums.blocks import block_of


@given(samples(), st.integers(1, 7))
def test_equals_the_twin(made, blocks):
    assert block_of(made, blocks).tolist() == naive.block_of(made, made.t, blocks).tolist()
