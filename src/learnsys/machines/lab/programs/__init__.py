"""Small real programs of different nature: what the lab measures.

Each is a function of ``size``, 1 for the full input, and runs as ``python PROGRAMS_FOLDER words.zlib_pack --size 0.5``:
by the path of this folder and not with ``-m``, so that what the package imports does not weigh on the programs.
"""

import shutil
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Final, final

import msgspec


@final
class Program(msgspec.Struct, frozen=True, kw_only=True):
    """A program, the Python libraries and commands that it needs, and the bytes that it writes to files."""

    name: str
    libraries: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    disk_bytes: float = 0.0

    def command(self, size: float) -> tuple[str, ...]:
        """Words that run it on ``size`` of its full input."""
        return (sys.executable, str(Path(__file__).parent), self.name, "--size", f"{size:g}")

    def lacks(self) -> str | None:
        """Name the first thing it needs that is not here."""
        missing = [x for x in self.libraries if find_spec(x) is None] + [x for x in self.tools if not shutil.which(x)]
        return missing[0] if missing else None


def _programs(
    module: str, names: str, libraries: tuple[str, ...] = (), tools: tuple[str, ...] = (), disk_bytes: float = 0.0
) -> list[Program]:
    return [
        Program(name=f"{module}.{name}", libraries=libraries, tools=tools, disk_bytes=disk_bytes)
        for name in names.split()
    ]


PROGRAMS: Final = {
    program.name: program
    for program in (
        *_programs("words", "zlib_pack lzma_pack json_trip regex_scan count_tokens hash_blocks scrypt_keys join_lines"),
        *_programs("words", "zstd_pack", ("zstandard",)),
        *_programs("arrays", "matmul_one matmul_two fft triad gather monte_carlo sort_floats", ("numpy",)),
        *_programs("arrays", "sparse_matvec", ("numpy", "scipy")),
        *_programs("arrays", "forest kmeans", ("numpy", "sklearn")),
        *_programs("arrays", "blur_image", ("PIL",)),
        *_programs("tables", "sqlite_join"),
        *_programs("tables", "duckdb_group", ("duckdb",)),
        *_programs("tables", "polars_group polars_join", ("numpy", "polars")),
        *_programs("files", "many_files merge_sort", disk_bytes=4e7),
        *_programs("files", "write_sync", disk_bytes=1e9),
        *_programs("files", "map_scan", disk_bytes=6.3e8),
        *_programs("crowds", "zlib_pool pipe_pair spawn_many shared_queue"),
        *_programs("machinery", "interpret breadth_first"),
        *_programs("machinery", "compile_c sieve_c", tools=("gcc",)),
        *_programs("machinery", "java_sort", tools=("java",)),
        *_programs("fitting", "chunks cache", ("numpy",)),
        *_programs("fitting", "duckdb_spill", ("duckdb",), disk_bytes=2e8),
        *_programs("fitting", "java_heap", tools=("java",)),
    )
}
