"""Touch memory just before a run that will need it.

A virtual machine hands pages that stay free for seconds back to its host (free page reporting), and pays for them
when they are touched again: here 2.3 s a GiB, ten times the work of many a program. What was touched a moment ago is
given out first, so the run finds its memory as a busy machine would have it.
"""

import subprocess
import sys

# In a process of its own: the kernel hands a parent's largest size on to the programs that it starts.
_TOUCH = """
import mmap, sys
size, step = int(sys.argv[1]), 2 << 20
with mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as pages:
    if hasattr(mmap, "MADV_HUGEPAGE"):
        pages.madvise(mmap.MADV_HUGEPAGE)
    for at in range(0, size, step):
        pages[at] = 1
"""


def warm(size: int) -> None:
    """Touch ``size`` bytes and free them at once."""
    if size > 0:
        subprocess.run([sys.executable, "-I", "-S", "-c", _TOUCH, str(size)], check=False)
