"""Tasks run in order, in one thread; those that wait can be taken back."""

import asyncio
import threading

import pytest

from learnsys.complete.lsp.worker import Worker


@pytest.mark.asyncio
async def test_order_one_thread_and_cancel():
    worker, ran, gate = Worker(), [], threading.Event()

    def task(name):
        gate.wait(10)
        ran.append((name, threading.current_thread().name))
        return name

    asked = [asyncio.ensure_future(worker.run(lambda name=name: task(name))) for name in "abcd"]
    await asyncio.sleep(0.05)
    assert worker.waiting == 3
    asked[2].cancel()
    await asyncio.sleep(0.05)
    assert worker.waiting == 2
    gate.set()
    assert await asyncio.gather(*asked[:2], asked[3]) == ["a", "b", "d"]
    assert worker.waiting == 0
    assert [name for name, _ in ran] == ["a", "b", "d"]
    assert len({thread for _, thread in ran}) == 1
    with pytest.raises(ZeroDivisionError):
        await worker.run(lambda: 1 / 0)
    worker.close()
    with pytest.raises(RuntimeError):
        await worker.run(lambda: None)
