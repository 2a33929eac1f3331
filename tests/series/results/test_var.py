import numpy as np
import pytest

from learnsys.series.results.var import VectorAutoregression
from learnsys.series.simulate.vector import VectorProcess

PROCESS = VectorProcess.ornstein_uhlenbeck([[1.0, -0.5], [0.2, 0.6]], [[1.0, 0.2], [0.2, 0.8]])


def made(residual=((1.0, 0.5), (0.5, 2.0)), matrices=None):
    a = PROCESS.transition(np.array([0.5])) if matrices is None else np.asarray(matrices)
    return VectorAutoregression(
        ids=("a", "b"), dt_s=0.5, matrices=a, low=a - 1, high=np.full_like(a, np.nan), level=0.95,
        residual=np.asarray(residual), nugget=np.zeros(2), mean=np.zeros(2), process=PROCESS, log_likelihood=-1.0,
        aic=(2.0, 3.0), method="whittle", notes=("a note",),
    )  # fmt: skip


def test_responses_follow_the_recursion():
    one = made().matrices[0]
    np.testing.assert_allclose(made().impulse(3), [np.linalg.matrix_power(one, h) for h in range(4)])
    two = np.array([[[0.5, 0.1], [0.0, 0.4]], [[0.1, 0.0], [0.2, 0.1]]])
    responses = made(matrices=two).impulse(2)
    np.testing.assert_allclose(responses[2], two[0] @ two[0] + two[1])


@pytest.mark.parametrize("residual", [((1.0, 0.5), (0.5, 2.0)), ((1.0, 1.0), (1.0, 1.0))])
def test_orthogonal_shocks_make_the_residuals(residual):
    start = made(residual).impulse(0, orthogonal=True)[0]
    np.testing.assert_allclose(start @ start.T, residual, atol=1e-9)
    assert abs(start[0, 1]) < 1e-9


def test_the_radius_is_that_of_the_slowest_mode():
    slowest = np.linalg.eigvals(PROCESS.drift).real.max()
    assert made().radius == pytest.approx(np.exp(0.5 * slowest))


def test_the_table_has_an_entry_a_row(tmp_path):
    table = made().table()
    assert len(table.rows) == 4
    assert table.rows[1][:3] == ("a", "b", 0.5)
    assert table.rows[1][5] is None
    assert table.notes == ("a note",)
    assert made().save(tmp_path / "var.json").stat().st_size > 0


def test_other_libraries_take_it_over():
    assert made().to_xarray()["matrices"].sel(back=0.5, series="a", **{"from": "b"}) == made().matrices[0, 0, 1]
