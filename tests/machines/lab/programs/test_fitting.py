"""Programs of ``fitting`` end well on a tiny input."""

import sys
from pathlib import Path

from tests.machines.lab.programs import running

from learnsys.machines.lab import programs
from learnsys.machines.measure.run import measure
from learnsys.machines.measure.shape import Shape

FOLDER = Path(programs.__file__).parent


@running.of("fitting")
def test_it_ends_well_and_leaves_nothing(name, tmp_path):
    running.run(name, tmp_path)


def test_the_limit_is_that_of_the_shape():
    code = "import sys; sys.path.insert(0, sys.argv[1]); import fitting; sys.exit(fitting.memory_limit() != 64 << 20)"
    run = measure([sys.executable, "-c", code, str(FOLDER)], shape=Shape(cpu=1, memory_bytes=64 << 20))
    assert run.outcome == ("ok" if run.isolation != "weak" else "failed")
