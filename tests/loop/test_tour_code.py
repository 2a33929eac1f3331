"""The code that the tour completes is Python that breaks off inside a call, and the answer is what stands before it."""

import pytest

from learnsys.loop.tour_code import CLIENT, complete_client


def test_the_code_breaks_off_where_one_would_ask():
    with pytest.raises(SyntaxError, match="never closed"):
        compile(CLIENT, "client.py", "exec")
    compile(CLIENT + 'flights[0])], "data": flights}\n', "client.py", "exec")


def test_what_is_counted_is_likeliest_and_copied():
    found = complete_client()
    assert found.prefix == ""
    assert found.items[0].text == "flights"
    assert found.items[0].detail == "copy, line 9"
    p = [item.p for item in found.items]
    assert p == sorted(p, reverse=True)
    assert sum(p) <= 1
