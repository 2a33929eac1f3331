"""Programs of ``crowds`` end well on a tiny input."""

from tests.machines.lab.programs import running


@running.of("crowds")
def test_it_ends_well_and_leaves_nothing(name, tmp_path):
    running.run(name, tmp_path)
