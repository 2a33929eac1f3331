import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.plan.strategies import quick

from learnsys.core.errors import InputError
from learnsys.core.trace import Network
from learnsys.plan.network import network_s, parse_network


@pytest.mark.parametrize(
    ("text", "latency_s", "bytes_s"),
    [("10gbps", 1e-4, 1.25e9), ("50us,10Gbps", 5e-5, 1.25e9), ("1ms, 100mbps", 1e-3, 1.25e7), ("1GB", 1e-4, 1e9),
     ("2us,1GB/s", 2e-6, 1e9)],
)  # fmt: skip
def test_reads(text, latency_s, bytes_s):
    network = parse_network(text)
    assert (network.latency_s, network.bytes_s) == pytest.approx((latency_s, bytes_s))


def test_an_assumed_latency_is_named():
    assert "assumed" in parse_network("10gbps").source
    assert "assumed" not in parse_network("1ms,10gbps").source


@pytest.mark.parametrize("text", ["fast", "0gbps", "x,10gbps", "1.2.3gbps", "10gbps,50us", ""])
def test_refuses_what_is_no_network(text):
    with pytest.raises(InputError, match="write 10gbps"):
        parse_network(text)


@quick
@given(st.integers(2, 512), st.floats(1, 1e9))
def test_more_workers_or_bytes_take_longer(p, size):
    network = Network(latency_s=1e-4, bytes_s=1e9, source="test")
    assert network_s(network, 1, size) == 0.0
    assert 2e-4 < network_s(network, p, size) < network_s(network, p + 1, size)
    assert network_s(network, p, size) < network_s(network, p, 2 * size)
