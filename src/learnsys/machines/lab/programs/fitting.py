"""Programs that look at the memory they may use and make themselves fit: less memory makes them slower, not dead."""

import os
import tempfile
from collections import OrderedDict
from pathlib import Path

from machinery import java  # type: ignore[import-not-found]  # this folder is on the path of a program


def memory_limit() -> int:
    """Bytes this process may use: the smallest limit of its control groups, or the memory of the machine."""
    found = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        if "memory" in controllers.split(","):
            files = ("memory", "memory.limit_in_bytes")
        elif not controllers:
            files = (".", "memory.max")
        else:
            continue
        at = Path("/sys/fs/cgroup", files[0], path.lstrip("/"))
        for folder in (at, *at.parents):
            try:
                found.append(int((folder / files[1]).read_text()))
            except (OSError, ValueError):
                continue
    return min(found)


def chunks(size: float) -> None:
    """Sum the roots of many numbers in blocks as large as a quarter of the memory."""
    import numpy as np

    total, chunk = round(360_000_000 * size), max(200_000, memory_limit() // 4 // 8)
    for start in range(0, total, chunk):
        x = np.arange(start, min(total, start + chunk), dtype=float)
        np.sqrt(x, out=x)
        x.sum()


def cache(size: float) -> None:
    """Keep computed blocks in a cache of half the memory: what does not fit is computed again."""
    import numpy as np

    block_bytes, kept = 8 << 20, OrderedDict[int, object]()
    most = max(2, memory_limit() // 2 // block_bytes)
    draw, blocks = np.random.default_rng(1), max(2, round(200 * size))
    for at in draw.integers(0, blocks, 4 * blocks).tolist():
        if at in kept:
            kept.move_to_end(at)
            continue
        kept[at] = np.sqrt(np.random.default_rng(at).random(block_bytes // 8))
        if len(kept) > most:
            kept.popitem(last=False)


def duckdb_spill(size: float) -> None:
    """Sort a table in a column store that may use half of the memory and spills the rest to disk."""
    import duckdb

    with tempfile.TemporaryDirectory() as folder:
        limit = f"{memory_limit() // 2 >> 20}MB"
        db = duckdb.connect(config={"memory_limit": limit, "temp_directory": folder, "threads": 2})
        db.execute(f"create table t as select hash(i) as h, i as id from range({round(6_000_000 * size)}) r(i)")
        db.execute("select sum(id * n) from (select id, row_number() over (order by h) as n from t)").fetchall()


def java_heap(size: float) -> None:
    """Make garbage in a virtual machine whose heap is half of the memory: a small heap is collected more often."""
    java(_GARBAGE, "-XX:MaxRAMPercentage=50", size=size)


_GARBAGE = """
import java.util.*;
class Main {
    public static void main(String[] words) {
        int n = Integer.parseInt(words[0]) * 14000;
        ArrayDeque<byte[]> recent = new ArrayDeque<>();
        long total = 0;
        for (int i = 0; i < n; i++) {
            recent.add(new byte[100 + i % 200]);
            if (recent.size() > 60000) total += recent.poll().length;
        }
        if (total < 0) System.out.println(total);
    }
}
"""
