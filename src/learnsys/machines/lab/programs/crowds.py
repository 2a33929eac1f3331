"""Programs of several processes or threads."""

import os
import queue
import subprocess
import threading
import zlib
from concurrent.futures import ProcessPoolExecutor


def zlib_pool(size: float) -> None:
    """Compress blocks in four processes."""
    with ProcessPoolExecutor(4) as pool:
        list(pool.map(_pack, range(max(1, round(36 * size)))))


def _pack(seed: int) -> int:
    block = b"".join(b"%d,%d;" % (i, i * seed % 1013) for i in range(60_000))
    return len(zlib.compress(block, 7))


def pipe_pair(size: float) -> None:
    """Send small messages to another process and back: system calls and switches."""
    here_in, there_out = os.pipe()
    there_in, here_out = os.pipe()
    if os.fork() == 0:
        os.close(here_out)
        while message := os.read(there_in, 512):
            os.write(there_out, message)
        os._exit(0)
    for _ in range(round(140_000 * size)):
        os.write(here_out, b"x" * 512)
        os.read(here_in, 512)
    os.close(here_out)
    os.wait()


def spawn_many(size: float) -> None:
    """Start many short commands one after the other."""
    for _ in range(round(1_300 * size)):
        subprocess.run(["/bin/true"], check=True)


def shared_queue(size: float) -> None:
    """Let one thread fill a bounded queue that another one empties."""
    line: queue.Queue[int | None] = queue.Queue(64)

    def produce() -> None:
        for i in range(round(600_000 * size)):
            line.put(i)
        line.put(None)

    threading.Thread(target=produce).start()
    while (item := line.get()) is not None:
        zlib.crc32(b"%d" % item)
