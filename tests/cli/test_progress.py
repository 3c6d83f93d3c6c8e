import io

import pytest

from symnn.cli import progress as module
from symnn.cli.progress import progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def clock(monkeypatch):
    """Return a list that holds the time; tests set its only element."""
    now = [0.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    return now


def work(stream, clock, seconds):
    with progress(4, "reading", stream) as advance:
        for _ in range(4):
            clock[0] += seconds
            advance(1)
    return stream.getvalue()


def test_short_work_shows_nothing(clock):
    assert work(Terminal(), clock, 0.4) == ""


def test_long_work_shows_a_bar_from_where_it_is(clock):
    shown = work(Terminal(), clock, 1.1)
    assert shown.count("reading") >= 2
    assert "50%" in shown
    assert "25%" not in shown
    assert "100%" in shown


def test_a_file_gets_no_bar(clock):
    assert work(io.StringIO(), clock, 10) == ""


def test_a_bar_is_not_opened_for_the_last_piece(clock):
    stream = Terminal()
    with progress(2, "reading", stream) as advance:
        clock[0] = 9
        advance(2)
    assert stream.getvalue() == ""


def test_an_error_passes_through(clock):
    stream = Terminal()

    def fail():
        with progress(4, "reading", stream) as advance:
            clock[0] = 9
            advance(1)
            raise KeyError("x")

    with pytest.raises(KeyError):
        fail()
    assert stream.getvalue().endswith("\n\x1b[?25h") or stream.getvalue().endswith("\n")
