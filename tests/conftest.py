"""One Ray for all tests: it takes seconds to start."""

import pytest

from learnsys.core import engine


@pytest.fixture(scope="session")
def ray_engine():
    """Two slots on a Ray of four CPUs, so that a test can open an engine of its own beside this one.

    Counters add up over the session: compare differences.
    """
    import ray

    from learnsys.core.engine.cluster import start_ray

    start_ray(4, object_store_memory=200 * 2**20)
    try:
        with engine.ray(slots=2) as opened:
            yield opened
    finally:
        ray.shutdown()
