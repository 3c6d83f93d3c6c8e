import pickle

import pytest
from timing import is_bounded

from symnn.errors import ExitCode, NoteError, Place, SymnnError, display_width, excerpt, printable


def caret_cells(rendered: str) -> tuple[int, int]:
    """Return first cell and number of cells that the carets of the first place underline."""
    carets = rendered.split("\n")[2].split("| ", 1)[1]
    return len(carets) - len(carets.lstrip()), carets.count("^")


def shown_line(rendered: str) -> str:
    return rendered.split("\n")[1].split("| ", 1)[1]


def underlined(rendered: str) -> str:
    """Return the text above the carets, by walking over terminal cells."""
    start, count = caret_cells(rendered)
    cell, out = 0, ""
    for char in shown_line(rendered):
        width = display_width(char)
        if start <= cell - (width == 0) < start + count:  # a combining mark stands after its letter
            out += char
        cell += width
    return out


def test_the_whole_message():
    error = NoteError(
        "shape clash: W_1 x needs n = k",
        "mlp.md",
        12,
        7,
        12,
        "a_1 = W_1 x + b_1",
        hint="declare x in R^n",
        related=[Place("mlp.md", 4, 1, 4, "W_1 is m × n here", "W_1 in R^{m x n}")],
    )
    assert str(error) == (
        "mlp.md:12:7: shape clash: W_1 x needs n = k\n"
        "   12 | a_1 = W_1 x + b_1\n"
        "      |       ^^^^^\n"
        "mlp.md:4:1: W_1 is m × n here\n"
        "    4 | W_1 in R^{m x n}\n"
        "      | ^^^\n"
        "      = hint: declare x in R^n"
    )


@pytest.mark.parametrize(
    ("arguments", "head"),
    [
        (("wrong",), "wrong"),
        (("wrong", "a.md"), "a.md: wrong"),
        (("wrong", "a.md", 3), "a.md:3: wrong"),
        (("wrong", "a.md", 3, 4), "a.md:3:4: wrong"),
        (("wrong", None, 3, 4), "line 3, column 4: wrong"),
        (("wrong", None, None, 4), "column 4: wrong"),
    ],
)
def test_the_head_says_as_much_as_is_known(arguments, head):
    assert str(NoteError(*arguments)) == head


@pytest.mark.parametrize(
    ("source", "column", "end", "expected"),
    [
        ("a = b + c", 5, 6, "b"),
        ("은닉층 a = b", 1, 4, "은닉층"),  # full-width characters take two cells
        ("은닉층 a = b", 5, 6, "a"),
        ("出力 ŷ = 1", 4, 5, "ŷ"),
        ("출력 y\u0302 = 1", 4, 6, "y\u0302"),  # a combining mark takes none
        ("출력 y\u0302 = 1", 5, 6, "y\u0302"),  # pointing at the mark points at its letter
        ("\u1112\u1161\u11ab = b", 5, 6, "="),  # decomposed Hangul: one syllable, two cells
        ("\ta = b", 2, 3, "a"),
        ("x\ta\t= b", 5, 6, "="),
        ("가\ta", 3, 4, "a"),
        ("a\x1b[0m = b", 9, 10, "b"),  # an escape sequence is printed, not sent
        ("a\u200b = b", 2, 3, "\\u200b"),
        ("𝑊 = b", 1, 2, "𝑊"),
        ("🙂 = b", 3, 4, "="),
    ],
)
def test_carets_stand_under_the_right_glyphs(source, column, end, expected):
    assert underlined(str(NoteError("here", "n.md", 1, column, end, source))) == expected


def test_a_tab_is_underlined_as_wide_as_it_is_printed():
    assert caret_cells(str(NoteError("a tab", "n.md", 1, 2, 3, "x\ty"))) == (1, 3)


@pytest.mark.parametrize("column", [4, 5, 300])
def test_a_caret_after_the_end_of_the_line(column):
    assert caret_cells(str(NoteError("expected more", "n.md", 1, column, None, "가 ="))) == (4, 1)


def test_a_span_that_leaves_the_line_ends_with_it():
    assert caret_cells(str(NoteError("open", "n.md", 1, 2, 99, "a{bc\n"))) == (1, 3)


def test_a_line_without_a_column_has_no_caret():
    assert str(NoteError("no loss", "n.md", 2, source_line="a = b")) == "n.md:2: no loss\n    2 | a = b"


@pytest.mark.parametrize("filler", ["x", "가", "\t", "\x00", "y\u0302"])
@pytest.mark.parametrize("where", ["start", "middle", "end"])
def test_a_line_of_megabytes_is_shown_around_the_caret(filler, where):
    count = 10_000_000 // len(filler)
    before = {"start": 0, "middle": count // 2, "end": count - 1}[where]
    source = filler * before + "W" + filler * (count - before)
    column = len(filler) * before + 1
    error = NoteError("long", "n.md", 1, column, column + 1, source)
    rendered = str(error)
    assert is_bounded(lambda: str(error), lambda: source.count("\n"), 10)
    assert underlined(rendered) == "W"
    assert display_width(shown_line(rendered)) <= 120
    assert shown_line(rendered).startswith("…") == (where != "start")


def test_the_caret_line_is_cut_with_a_long_line():
    rendered = str(NoteError("long", "n.md", 1, 10, 5_000_000, "x" * 10_000_000))
    assert len(rendered) < 400
    assert caret_cells(rendered)[0] == 9


def test_line_numbers_of_all_places_are_aligned():
    related = [Place("n.md", 1_234_567, 1, 2, "and here", "b")]
    lines = str(NoteError("here", "n.md", 3, 1, 2, "a", related=related)).split("\n")
    assert {line.index("|") for line in lines if "|" in line} == {9}


def test_nothing_reaches_the_terminal_but_text():
    evil = "\x1b]0;title\x07\x9b31m\u202e\u2066\ud800\r"
    rendered = str(NoteError(evil, evil, 1, 1, 3, evil, hint=evil, related=[Place(evil, 2, 1, 2, evil, evil)]))
    assert all(char.isprintable() or char == "\n" for char in rendered)
    assert "\\x1b]0;title\\x07" in rendered


def test_a_message_without_end_is_cut():
    assert len(str(NoteError("x" * 10**6))) < 3000


def test_excerpt_keeps_both_ends():
    assert excerpt("a" * 50 + "b" * 50, limit=11) == "aaaaa…bbbbb"
    assert excerpt("a\nb") == "a\\x0ab"
    assert excerpt("short", limit=5) == "short"


def test_printable_keeps_mathematics():
    text = "∂L/∂W₁ = δ ⊗ x̂ 가 – 𝑥²"
    assert printable(text) == text
    assert printable("a\u00a0b\u3000c") == "a b c"


class ShapeError(NoteError):
    """As other packages may derive one: with arguments of its own."""

    def __init__(self, message: str, size: int) -> None:
        super().__init__(message, column=3, end_column=4, hint="look")
        self.size = size


def test_relocated_keeps_class_message_and_hint():
    inner = ShapeError("clash", 5)
    outer = inner.relocated("n.md", 12, 9, 10, "text a + b")
    assert type(outer) is ShapeError
    assert str(outer) == "n.md:12:9: clash\n   12 | text a + b\n      |         ^\n      = hint: look"
    assert (inner.path, inner.column) == (None, 3)
    assert outer.size == 5


def test_an_error_survives_another_process():
    error = NoteError("clash", "n.md", 1, 2, 3, "a b", hint="look", related=[Place("n.md", 2, 1, 2, "and", "b")])
    again = pickle.loads(pickle.dumps(error))
    assert str(again) == str(error)
    assert again.place == error.place
    derived = pickle.loads(pickle.dumps(ShapeError("clash", 5)))
    assert (type(derived), derived.size, derived.args) == (ShapeError, 5, ("clash",))


def test_exit_codes():
    assert [int(code) for code in ExitCode] == [0, 1, 2]
    assert SymnnError("x").exit_code == 2
    assert issubclass(NoteError, SymnnError)
