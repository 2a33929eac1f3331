"""Facts about the machine that a measurement was made on."""

import os
import platform
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final, final

import msgspec

_LIBRARIES: Final = ("learnsys", "numpy", "scipy", "numba", "scikit-learn", "ray", "uvicorn")


@final
class Host(msgspec.Struct, frozen=True, kw_only=True):
    """Processor, cores this process may use, memory, and the versions that matter."""

    cpu: str
    cores: int
    memory_bytes: int
    system: str
    python: str
    versions: dict[str, str]


@cache
def this_host() -> Host:
    """Describe this machine."""
    return Host(
        cpu=_cpu(),
        cores=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        memory_bytes=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        system=f"{platform.system()} {platform.release()}",
        python=platform.python_version(),
        versions={name: found for name in _LIBRARIES if (found := _version(name))},
    )


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
