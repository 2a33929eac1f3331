from hypothesis import given
from hypothesis import strategies as st

from learnsys.serve.metrics import Metrics, exposition


@given(st.lists(st.tuples(st.sampled_from([200, 400, 503]), st.floats(0, 3)), max_size=40))
def test_the_counters_add_up(responses):
    metrics = Metrics()
    for status, seconds in responses:
        metrics.response(status, seconds)
    lines = dict(line.rsplit(" ", 1) for line in exposition({"m/1": metrics}).splitlines() if line[0] != "#")
    assert float(lines['learnsys_response_seconds_count{model="m/1"}']) == len(responses)
    assert float(lines['learnsys_response_seconds_bucket{model="m/1",le="+Inf"}']) == len(responses)
    for edge in (0.001, 0.01, 1.0):
        below = float(lines[f'learnsys_response_seconds_bucket{{model="m/1",le="{edge}"}}'])
        assert below == sum(seconds <= edge for _, seconds in responses)
    for status in {s for s, _ in responses}:
        count = float(lines[f'learnsys_responses_total{{model="m/1",status="{status}"}}'])
        assert count == sum(s == status for s, _ in responses)


def test_batches_and_rewards_are_counted():
    metrics = Metrics()
    metrics.batch(requests=3, rows=5, seconds=0.25)
    metrics.batch(requests=1, rows=1, seconds=0.25)
    metrics.feedback(1.0)
    metrics.feedback(0.25)
    text = exposition({"m/1": metrics})
    for name, value in (("batches", 2), ("batched_requests", 4), ("batched_rows", 6), ("model_seconds", 0.5),
                        ("rewarded", 2), ("reward", 1.25)):  # fmt: skip
        assert f'learnsys_{name}_total{{model="m/1"}} {value}\n' in text
