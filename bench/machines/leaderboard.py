"""How far off are predicted times? Ours and every peer, on the same workloads, references and runs.

Sections are modules beside this one, each with ``run(quick, seed)``: lumos (whole groups and frameworks left out),
coverage (intervals, 90th percentile), sparecores (suites left out), family (a new machine family), lab (programs left
out), c3o (clusters), size (large inputs from small ones). ``--only`` runs one. Spreads are 90 % bootstraps over groups.
"""

import argparse
import importlib
import os
import sys
import time
from pathlib import Path

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"))
sys.path.insert(0, str(Path(__file__).parent))
from _decisions import Record, finish, machine

SECTIONS = ("lumos", "coverage", "sparecores", "family", "lab", "c3o", "size")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer peers and repetitions, the same bars")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path, help="write the records here")
    parser.add_argument("--only", choices=SECTIONS, action="append", help="one section; may be given again")
    options = parser.parse_args()
    print(machine())
    records: list[Record] = []
    for name in options.only or SECTIONS:
        began = time.perf_counter()
        records += importlib.import_module(f"_{name}").run(options.quick, options.seed)
        print(f"{name}: {time.perf_counter() - began:.0f} s", flush=True)
    finish(records, options.json)


if __name__ == "__main__":
    main()
