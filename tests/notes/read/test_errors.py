"""What cannot be read: one message each, with the place and, for a clash, both places."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from symnn.errors import ExitCode, NoteError
from symnn.network.equations import Network, NetworkError
from symnn.notes.find import FindError
from symnn.notes.read import ReadingError, network_from_note


@dataclass(frozen=True)
class Bad:
    """A note, the message (a part of it), the place, the lines of the related places."""

    text: str
    message: str
    line: int
    column: int
    related: tuple[int, ...] = ()
    hint: str = ""


CASES = {
    "shape clash of declared arrays": Bad(
        "$x \\in \\mathbb{R}^n$\n\n$W \\in \\mathbb{R}^{m \\times k}$\n\n$$ y = W x $$\n\n$$ L = \\|y\\|^2 $$\n",
        "factors of shapes (m, k) and (n) do not fit together",
        5,
        8,
        (3, 1),
    ),
    "shape clash of a sum": Bad(
        "$x \\in \\mathbb{R}^n$, $b \\in \\mathbb{R}^m$\n\n$$ y = x + b $$\n\n$$ L = \\|y\\|^2 $$\n",
        "shapes (m) and (n) do not fit together",
        3,
        8,
        (1, 1),
    ),
    "a size that the sum contradicts": Bad(
        "$x \\in \\mathbb{R}^n$\n\n$$ L = \\sum_{i=1}^{m} x_i^2 $$\n",
        "the index takes m values here, but the axis has n",
        3,
        23,
        (3, 1),
    ),
    "one name defined twice": Bad(
        "$$ h = \\tanh(w x) $$\n\n$$ h = \\sigma(w x) $$\n\n$$ L = (h - t)^2 $$\n",
        "h is defined twice, and not equally",
        3,
        4,
        (1,),
        "another name",
    ),
    "a link that is not equal": Bad(
        "$$ h = \\sigma(a) = \\frac{1}{1 + e^{a}} $$\n\n$$ L = (h - t)^2 $$\n",
        "does not equal the first right side of h",
        1,
        20,
        (1,),
    ),
    "unknown command": Bad("$$ h = \\foo(a) $$\n\n$$ L = (h - t)^2 $$\n", "unknown command \\foo", 1, 8),
    "unknown command in the only formula": Bad("$$ L = \\foo(a) $$\n", "unknown command \\foo", 1, 8),
    "no loss": Bad("Only words and $x$.\n", "there is no loss", 0, 0, (), "--of"),
    "which loss": Bad(
        "$$ A_1 = x^2 $$\n\n$$ B_1 = w x $$\n",
        "which of A_1, B_1 is the loss?",
        1,
        4,
        (3,),
        "--of",
    ),
    "a circle": Bad(
        "$$ a = b + 1 $$\n\n$$ b = a^2 $$\n\n$$ L = a $$\n",
        "the definitions go round in a circle: a -> b -> a",
        1,
        4,
        (3,),
        "h_{t-1}",
    ),
    "a circle of one": Bad("$$ a = \\tanh(w a) $$\n\n$$ L = a^2 $$\n", "circle: a -> a", 1, 4),
    "a function in a circle": Bad("$$ f(x) = x f(x - 1) $$\n\n$$ L = f(w) $$\n", "goes round in a circle", 1, 13),
    "unknown function": Bad(
        "$$ y = f(w x) $$\n\n$$ L = (y - t)^2 $$\n",
        "the function f is not known",
        1,
        8,
        (),
        "f: R → R",
    ),
    "a function without its argument": Bad(
        "$$ y = z + \\operatorname{softmax} $$\n\n$$ L = (y - t)^2 $$\n",
        "its argument is missing",
        1,
        12,
    ),
    "two names that become one": Bad(
        "$$ a = W_1 x + W^{(1)} x $$\n\n$$ L = \\|a\\|^2 $$\n",
        "would both be called W_1",
        1,
        16,
        (1,),
        "rename",
    ),
    "an index that nothing binds": Bad(
        "$$ p = \\operatorname{softmax}(z) $$\n\n$$ L = -t_i \\log p_i $$\n",
        "the index i of p is bound by nothing",
        3,
        20,
    ),
    "an index that does not occur": Bad(
        "$$ L = \\sum_{i=1}^n \\sum_{j=1}^m w x_i $$\n",
        "the index j does not occur",
        1,
        21,
    ),
    "a recurrence that goes back, without a start": Bad(
        "$$ h_t = \\tanh(U h_{t+1}), \\quad t = 1, \\dots, T $$\n\n$$ L = \\|h_1\\|^2 $$\n",
        "where does h start?",
        1,
        18,
        (),
        "h_{T+1} = 0",
    ),
    "a loss that is no scalar": Bad(
        "$x \\in \\mathbb{R}^n$\n\n$$ L = x + 1 $$\n",
        "L is no scalar, so it cannot be the loss",
        3,
        4,
    ),
    "a product with two readings": Bad(
        "$x \\in \\mathbb{R}^n$\n\n$$ z = w x $$\n\n$$ L = -y \\log z $$\n",
        "w x has two readings: a product with a number and a dot product",
        3,
        8,
        (),
        "w ∈ R",
    ),
    "a derivative in a function": Bad(
        "$$ y = \\sigma'(w x) $$\n\n$$ L = (y - t)^2 $$\n",
        "a derivative has no place in a definition",
        1,
        8,
    ),
    "a set that is not understood": Bad(
        "$x \\in \\mathcal{X}$\n\n$$ L = x^2 $$\n",
        "a set that is not understood",
        1,
        8,
    ),
    "conditions that do not cover": Bad(
        "$$ y = \\begin{cases} x & x > 1 \\\\ 0 & x < 0 \\end{cases} $$\n\n$$ L = y^2 $$\n",
        "do not cover every case",
        1,
        8,
    ),
    "only a conditional definition": Bad(
        "$$ y = x^2 \\text{ if } x > 0 $$\n\n$$ L = (y - t)^2 $$\n",
        "the only definition of y is not understood",
        3,
        9,
        (1,),
    ),
    "a loose argument": Bad(
        "$$ L = \\log x y $$\n",
        "where the argument of \\log ends is not certain",
        1,
        8,
        (),
        "brackets",
    ),
    "the power of a matrix": Bad(
        "$$ L = \\operatorname{tr}(A^2) $$\n",
        "is this a power of the matrix, or of its entries?",
        1,
        26,
    ),
    "a negative power of a matrix": Bad(
        "$$ L = x^\\top A^{-2} x $$\n", "the inverse of an array is not supported", 1, 15
    ),
    "the inverse of a vector": Bad(
        "$x \\in \\mathbb{R}^n$\n\n$$ L = \\operatorname{sum}(x^{-1}) $$\n",
        "something of shape (n) does not fit: this is one over a number, or the inverse of a square matrix",
        3,
        27,
        (1,),
    ),
    "a vector of uncertain length": Bad("$$ L = \\|\\mathbf{1}\\|^2 $$\n", "is not certain", 1, 10),
    "a prime on a known name": Bad(
        "$x \\in \\mathbb{R}^n$\n\n$$ L = x' x $$\n", "a transpose, a derivative or another name?", 3, 8
    ),
    "an entry that may be two": Bad(
        "$$ P = \\operatorname{softmax}(Z) $$\n\n$$ L = P_{12} $$\n", "is this the place 12 of P", 3, 11
    ),
    "a limit beyond the axis": Bad(
        "$x \\in \\mathbb{R}^n$\n\n$$ L = \\sum_{i=1}^{n} x_{i+1} $$\n",
        "the index takes n values here, but the axis has n",
        3,
        23,
        (3, 1),
    ),
    "a limit before the axis": Bad("$$ L = \\sum_{i=1}^{n} x_{i-1} $$\n", "reaches before the first entry", 1, 23),
    "plus or minus": Bad("$$ L = x \\pm y $$\n", "± has two values", 1, 8),
    "an ellipsis": Bad("$$ L = x_1 + \\dots + x_n $$\n", "ellipsis is not understood", 1, 14),
    "division by zero": Bad("$$ L = \\frac{x}{0} $$\n", "division by zero", 1, 17),
    "ragged matrix": Bad(
        "$$ A = \\begin{bmatrix} a & b \\\\ c \\end{bmatrix} $$\n\n$$ L = \\operatorname{tr}(A) $$\n",
        "rows differ in length",
        1,
        8,
    ),
    "trace of a vector": Bad(
        "$x \\in \\mathbb{R}^n$\n\n$$ L = \\operatorname{tr}(x) $$\n",
        "shapes (n) and (?, ?) do not fit together",
        3,
        26,
        (1,),
    ),
    "wrong number of arguments": Bad(
        "$$ f(u, v) = u v $$\n\n$$ L = f(w) $$\n",
        "f takes 2 arguments, not 1",
        3,
        8,
        (1,),
    ),
    "operator with too many arguments": Bad(
        "$$ L = \\operatorname{ReLU}(a, b) $$\n", "takes 1 arguments (x), not 2", 1, 8
    ),
    "front matter with an unknown fact": Bad(
        "---\nfacts: [x is nice]\n---\n\n$$ L = x^2 $$\n",
        "",
        2,
        9,
    ),
    "front matter with two losses": Bad("---\nloss: [L, M]\n---\n\n$$ L = x^2 $$\n", "loss is one name", 2, 1),
}


@pytest.mark.parametrize("name", CASES)
def test_message_and_place(name: str, read: Callable[..., Network]) -> None:
    bad = CASES[name]
    with pytest.raises(NoteError) as caught:
        read(bad.text)
    error = caught.value
    assert bad.message in error.message
    assert error.exit_code == ExitCode.BAD_INPUT
    assert ((error.line or 0), (error.column or 0)) == (bad.line, bad.column), str(error)
    assert tuple(place.line for place in error.related) == bad.related
    assert bad.hint in (error.hint or "")
    if bad.line:
        assert error.source_line == bad.text.splitlines()[bad.line - 1]
        assert "^" in str(error)


def test_unknown_names_on_the_command_line(read: Callable[..., Network]) -> None:
    text = "$$ L = (w x - y)^2 $$\n"
    with pytest.raises(ReadingError, match="there is no definition of M; the document defines L"):
        read(text, of="M")
    with pytest.raises(NetworkError, match="v is not a leaf"):
        read(text, inputs=("v",))
    with pytest.raises(NetworkError, match="there is no v"):
        read(text, wrt=("v",))


def test_claims_that_do_not_parse_are_no_obstacle(read: Callable[..., Network]) -> None:
    network = read(
        "$$ L = (w x - y)^2 $$\n\nThe slope is $\\frac{\\partial L}{\\partial w} = \\foo$, and $$a)$$ is a label.\n"
    )
    assert network.loss.name == "L"


def test_a_display_near_the_network_that_does_not_parse_is_told(read: Callable[..., Network]) -> None:
    with pytest.raises(NoteError, match="unknown command"):
        read("$$ L = (w x - y)^2 $$\n\n$$ w = \\foo{3} $$\n")


@pytest.mark.parametrize(
    ("content", "message"), [(b"", "empty"), (b"\x00\x01\x02" * 50, None), (b"a" * 10_000_000, None)]
)
def test_files_that_are_no_notes(tmp_path: Path, content: bytes, message: str | None) -> None:
    path = tmp_path / "note.md"
    path.write_bytes(content)
    with pytest.raises(FindError, match=message) as caught:
        network_from_note(path)
    assert caught.value.exit_code == ExitCode.BAD_INPUT


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(NoteError, match="no such file"):
        network_from_note(tmp_path / "absent.md")
