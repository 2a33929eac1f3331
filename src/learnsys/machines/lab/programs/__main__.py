"""Run one program: ``python PROGRAMS_FOLDER MODULE.NAME [--size S]``."""

import sys
from importlib import import_module

if __name__ == "__main__":
    module, _, name = sys.argv[1].partition(".")
    getattr(import_module(module), name)(float(sys.argv[3]) if sys.argv[2:3] == ["--size"] else 1.0)
