"""Every engine there is, and where each is stopped."""

import pytest

from learnsys.core import engine as door


@pytest.fixture(scope="session", params=["threads-1", "threads-2", "processes-1", "processes-2", "ray-1", "ray-2"])
def engine(request):
    kind, slots = request.param.split("-")
    if kind == "ray":
        shared = request.getfixturevalue("ray_engine")
    if request.param == "ray-2":
        yield shared
        return
    with door.ray(1) if kind == "ray" else door.local(int(slots), kind) as opened:
        yield opened


@pytest.fixture(params=["processes", "ray"])
def remote_engine(request):
    """An engine whose workers can be killed, two slots."""
    if request.param == "ray":
        yield request.getfixturevalue("ray_engine")
        return
    with door.local(2, "processes") as opened:
        yield opened
