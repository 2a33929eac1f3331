"""A server takes half a second to start: tests of a module that leave no trace in it share one."""

import pytest
import pytest_asyncio
from tests.complete.lsp.clients import connected


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared():
    async with connected("visual_studio_code") as client:
        yield client


@pytest.fixture
def client(shared):
    """VS Code, connected; what it was told before is forgotten."""
    shared.messages.clear()
    return shared
