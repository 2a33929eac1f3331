import msgspec

from learnsys.core.store import default_root
from learnsys.series.graph import calibrate
from learnsys.series.sums.cost import UnitCosts


def fresh(monkeypatch, home, units=None):
    monkeypatch.setenv("LEARNSYS_HOME", str(home))
    if units is not None:
        monkeypatch.setattr(calibrate, "measured", lambda: units)
    calibrate.model.cache_clear()
    return calibrate.model().units


def test_costs_are_measured_once_and_kept(monkeypatch, tmp_path):
    first = fresh(monkeypatch, tmp_path, UnitCosts(fft=7.0))
    assert fresh(monkeypatch, tmp_path, UnitCosts(fft=8.0)) == first
    kept = msgspec.json.decode((tmp_path / calibrate.FILE).read_bytes())
    assert kept["host"] == calibrate.host_digest()


def test_those_of_another_machine_or_a_torn_file_are_measured_anew(monkeypatch, tmp_path):
    for content in (b'{"host": "other", "units": {}}', b'{"host'):
        (tmp_path / calibrate.FILE).write_bytes(content)
        assert fresh(monkeypatch, tmp_path, UnitCosts(fft=9.0)).fft == 9.0


def test_a_folder_that_cannot_be_written_is_no_failure(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    assert fresh(monkeypatch, tmp_path / "file" / "home", UnitCosts(fft=5.0)).fft == 5.0


def test_what_is_measured_is_positive(monkeypatch, tmp_path):
    units = calibrate.measured()
    assert all(getattr(units, f) > 0 for f in units.__struct_fields__)
    assert units.lag < 1e-6
    calibrate.model.cache_clear()


def test_costs_that_tests_measure_are_not_put_among_the_users_files(monkeypatch, tmp_path):
    for name in ("HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    calibrate.model.cache_clear()
    calibrate.model()
    assert (default_root() / calibrate.FILE).exists()
    assert not any(tmp_path.iterdir())
