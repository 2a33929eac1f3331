"""Programs of ``files`` end well on a tiny input."""

from tests.machines.lab.programs import running


@running.of("files")
def test_it_ends_well_and_leaves_nothing(name, tmp_path):
    running.run(name, tmp_path)
