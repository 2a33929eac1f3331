"""A part of this host: so many CPUs and so much memory, written ``cpu=1,mem=2g``."""

import math
import os
from typing import Final, Self, final

import msgspec

from learnsys.core.errors import InputError
from learnsys.core.host import this_host
from learnsys.core.units import parse_size
from learnsys.machines.measure import cgroup

_UNITS: Final = (("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10))
LEAST_CPU: Final = 0.01  # the kernel grants no smaller share: 1 ms in 100 ms
LEAST_MEMORY: Final = 4 << 20  # a process that only starts needs about this
FORM: Final = "write cpu=1,mem=2g, with cpu in cores and mem as 512m, 2g or 2GiB"


@final
class Shape(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """CPUs, fractions allowed, and bytes of memory that a job may use.

    Examples
    --------
    >>> Shape.parse("cpu=1,mem=2g").key
    'host/cpu=1,mem=2GiB'
    """

    cpu: float
    memory_bytes: int

    def __post_init__(self) -> None:
        if not (math.isfinite(self.cpu) and self.cpu >= LEAST_CPU):
            raise InputError.below("cpu", self.cpu, LEAST_CPU)
        if self.memory_bytes < LEAST_MEMORY:
            raise InputError.below("mem", self.memory_bytes, LEAST_MEMORY)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``cpu=1,mem=2g``, or the key of a shape, which has ``host/`` before it.

        Raises
        ------
        InputError
            If the text is no shape, or its sizes are too small to run anything.
        """
        parts = [part.partition("=") for part in text.strip().removeprefix("host/").split(",")]
        words = {name.strip(): value.strip() for name, _, value in parts}
        if len(parts) != 2 or set(words) != {"cpu", "mem"}:
            raise InputError(f"{text!r} is no shape", value=text, next=FORM)
        try:
            cpu = float(words["cpu"])
        except ValueError:
            raise InputError(f"{words['cpu']!r} is no number of CPUs", value=words["cpu"], next=FORM) from None
        return cls(cpu=cpu, memory_bytes=parse_size(words["mem"]))

    @classmethod
    def of_host(cls) -> Self:
        """Take all that this process may use: of the host, in whole GiB of memory, or of the container it is in."""
        held, host = cgroup.ceiling(), this_host()
        cpu, memory = float(len(os.sched_getaffinity(0))), max(1, round(host.memory_bytes / 2**30)) << 30
        return cls(
            cpu=cpu if held.cpu is None else min(cpu, held.cpu),
            memory_bytes=memory if held.memory_bytes is None else min(memory, held.memory_bytes),
        )

    def within(self, other: "Shape") -> bool:
        """Tell whether this is a part of ``other``, or all of it."""
        return self.cpu <= other.cpu and self.memory_bytes <= other.memory_bytes

    @property
    def key(self) -> str:
        """Name this shape among machines."""
        unit, scale = next(((u, s) for u, s in _UNITS if self.memory_bytes % s == 0), ("B", 1))
        return f"host/cpu={self.cpu:.12g},mem={self.memory_bytes // scale}{unit}"
