"""Programs of ``words`` end well on a tiny input."""

from tests.machines.lab.programs import running


@running.of("words")
def test_it_ends_well_and_leaves_nothing(name, tmp_path):
    running.run(name, tmp_path)


def test_text_has_so_many_words_and_is_the_same_each_time():
    from learnsys.machines.lab.programs import words

    assert len(words.text(250_123).split()) == 250_123
    assert words.text(1000) == words.text(1000)
