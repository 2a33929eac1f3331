"""The tour's report opens offline: all charts drawn, no error, nothing asked of anybody."""

from tests.browser import opened


def test_the_report_of_a_real_tour(tour):
    path = tour.out / "report.html"
    page = opened(path)
    assert page.drawn == ["yes"] * 10
    assert all(page.marks), f"a chart without marks: {page.marks}"
    assert page.console == []
    assert page.requests == [path.resolve().as_uri()]
    for words in (
        "The certificate",
        "On held-out days",
        "Who leads?",
        "Predicted and measured",
        "Which machine",
        "p99",
        "scikit-learn",
        "What code comes next?",
    ):
        assert words in page.text
    assert "undefined" not in page.text
    assert "NaN" not in page.text
