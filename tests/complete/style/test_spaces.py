"""White space that is learned: own habits win over those of all, and what is forgotten leaves nothing."""

from tests.complete.toys import program

from learnsys.complete.data.layout import Line
from learnsys.complete.lexing.leaves import tokens
from learnsys.complete.style.gaps import gaps, key
from learnsys.complete.style.indents import unit_of
from learnsys.complete.style.spaces import END, QUOTE, Counts, Spaces, before, contexts, count, learn, modal


def accuracy(spaces, text):
    found = tokens(text, "js")
    pairs = zip(gaps(found, unit_of(found)), spaces.names(found), strict=True)
    hits = [gap.name == name for gap, name in pairs]
    return sum(hits) / len(hits)


def test_probabilities_are_none_below_zero_and_sum_to_one():
    found = tokens(program(1, 20), "js")
    spaces = Spaces(learn([found], least=1))
    for gap in gaps(found, "  "):
        p = spaces.p(contexts(gap.place, gap.word, gap.kind))
        assert all(value >= 0 for value in p.values())
        assert sum(p.values()) <= 1 + 1e-9
        assert sum(p.values()) > 0.6


def test_a_style_is_learned_and_the_project_wins_over_training():
    tight, wide = program(1, 40), program(2, 40).replace("(", "( ").replace(")", " )")
    spaces = Spaces(learn([tokens(tight, "js")], least=1))
    assert accuracy(spaces, program(5, 40)) > 0.95
    other = program(6, 40).replace("(", "( ").replace(")", " )")
    before = accuracy(spaces, other)
    spaces.read(tokens(wide, "js"))
    assert accuracy(spaces, other) > max(before, 0.95)


def test_the_file_itself_is_learned_from_while_it_is_read():
    empty = Spaces()
    assert accuracy(empty, program(1, 60)) > 0.85


def test_blank_lines_between_statements_follow_what_the_block_holds():
    routine = "\n\n\ndef {0}(a):\n    b = a\n    if b:\n        return {0}(b)\n    return b"
    text = "import x\nimport y" + "".join(routine.format(name) for name in "fgh") + "\n\n\nz = f(1)\nz = g(z)\n"
    spaces, found = Spaces(), tokens(text, "py")
    spaces.read(tokens(text.replace("x", "u").replace("z", "v"), "py"))
    seen = list(gaps(found, "    "))
    names = [(gap.word, name) for gap, name in zip(seen, spaces.names(found), strict=True) if gap.column is not None]
    assert [name for word, name in names if word == "def"] == ["2L"] * 3
    assert [name for word, name in names if word in ("if", "return", "b", "import")] == ["0L"] * 13
    assert [name for word, name in names if word == "z"] == ["2L", "0L"]


def test_a_sign_has_behind_it_what_it_has_before():
    text = "def f(a: int = 1, b=2):\n    return f(a=1, b=2)\n\n\nc: int = 3\n"
    spaces = Spaces()
    spaces.read(tokens(text * 3, "py"))
    found = tokens("def g(u: str = 5, v=6): return g(u=5, v=6)", "py")
    pairs = zip(gaps(found, "    "), spaces.names(found), strict=True)
    assert [name for gap, name in pairs if gap.place.last == "="] == ["1", "0", "0", "0"]


def test_what_was_read_and_taken_back_leaves_the_same_answers():
    general = learn([tokens(program(1, 40), "js")], least=1)
    spaces, text = Spaces(general), tokens(program(3, 30), "js")
    before = spaces.names(text)
    other = tokens(program(2, 40).replace(" ", "  "), "js")
    spaces.read(other)
    spaces.read(other, -1)
    assert spaces.names(text) == before


def test_the_place_and_counts_at_a_cursor_are_those_of_the_tokens_before():
    found = tokens(program(1, 10), "js")
    place, own = before(found, "  ", 9)
    by_hand, seen = Counts(), list(gaps(found, "  "))
    for gap in seen[:8]:
        count(by_hand, gap)
    assert own.table == by_hand.table
    for n in (1, 2, 9):
        assert before(found, "  ", n)[0] == seen[n - 1].place
    assert place == seen[8].place


def test_habits_are_those_of_a_project_not_of_training():
    found = tokens("f('a');\ng('b');\n" * 9, "js")
    spaces = Spaces(learn([found], least=1))
    assert (spaces.habit(QUOTE), spaces.habit(END)) == ("", "")
    spaces.read(found)
    assert (spaces.habit(QUOTE), spaces.habit(END)) == ("'", ";")


def test_the_modal_rule_is_the_commonest_class_of_a_pair():
    rule = modal([tokens("f(a, b, c,d)", "js")])
    assert rule[",", key("x", 0)] == "1"
    assert rule["<name>", ","] == "0"


def test_lines_end_where_they_did():
    spaces = Spaces()
    spaces.read(tokens(program(1, 60), "js"))
    for gap in gaps(tokens(program(4, 60), "js"), "  "):
        if gap.place.last in (";", "("):
            assert (spaces.lines(gap.place)[Line.SAME] < 0.1) == (gap.place.last == ";")
