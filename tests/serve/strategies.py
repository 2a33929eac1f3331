"""What may come to a batcher."""

from hypothesis import strategies as st


@st.composite
def traffic(draw):
    """Arrivals (time, rows), in order, some at once; who leaves when; how the model's seconds vary."""
    gaps = draw(st.lists(st.sampled_from([0.0, 0.0001, 0.001, 0.003]) | st.floats(0, 0.02), min_size=1, max_size=60))
    rows = draw(st.lists(st.integers(1, 20), min_size=len(gaps), max_size=len(gaps)))
    at, arrivals = 0.0, []
    for gap, n in zip(gaps, rows, strict=True):
        at += gap
        arrivals.append((at, n))
    gone = draw(st.lists(st.tuples(st.integers(0, len(gaps) - 1), st.floats(0, 0.02)), max_size=5))
    leaves = [(i, arrivals[i][0] + later) for i, later in dict(gone).items()]
    fixed, each = draw(st.sampled_from([(0.0005, 0.00005), (0.002, 0.0002), (0.007, 0.0001), (0.05, 0.001)]))
    factors = draw(st.lists(st.sampled_from([1.0, 1.0, 1.0, 0.5, 8.0]), min_size=1, max_size=20))
    return arrivals, leaves, Service(fixed, each, factors)


class Service:
    """Seconds of a batch: a line, times the factors in turn."""

    def __init__(self, fixed, each, factors):
        self.fixed, self.each, self.factors, self.calls = fixed, each, factors, 0

    def __call__(self, rows):
        self.calls += 1
        return (self.fixed + self.each * rows) * self.factors[self.calls % len(self.factors)]
