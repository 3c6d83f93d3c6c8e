r"""Convolutions and pooling as a note spells them out: strides, padding with its condition, ranges of maxima."""

from __future__ import annotations

import pytest

from symnn.check.gradients import check_network_gradients
from symnn.check.kernel import check_derivation
from symnn.derive import derive
from symnn.notes.read import network_from_note

IMAGE = (
    "- $x \\in \\mathbb{R}^{C \\times H \\times W}$ is the input, $t$ the target\n"
    "- $w \\in \\mathbb{R}^{O \\times C \\times P \\times Q}$ is the kernel\n\n"
)
LOSS = "\n\n$$L = \\sum_{o,i,j} (y_{o,i,j} - t_{o,i,j})^2$$\n"
SIGNAL = "- $x \\in \\mathbb{R}^n$ is the input, $w \\in \\mathbb{R}^K$ the kernel, $t$ the target\n\n"
SHORT = "\n\n$$L = \\sum_i (y_i - t_i)^2$$\n"
NOTES = {
    "plain": (
        IMAGE + "$$y_{o,i,j} = \\sum_{c,p,q} w_{o,c,p,q} x_{c,i+p,j+q} + b_o$$" + LOSS,
        "O, H - P + 1, -Q + W + 1",
    ),
    "a number for the stride": (
        IMAGE + "$$y_{o,i,j} = \\sum_{c,p,q} w_{o,c,p,q} x_{c,2i+p,2j+q} + b_o$$" + LOSS,
        "O, floor(H/2 - P/2) + 1, floor(-Q/2 + W/2) + 1",
    ),
    "a letter for the stride": (
        IMAGE + "$$y_{o,i,j} = \\sum_{c,p,q} w_{o,c,p,q} x_{c,S i+p,S j+q} + b_o$$" + LOSS,
        "O, floor(H/S - P/S) + 1, floor(-Q/S + W/S) + 1",
    ),
    "batched and padded": (
        IMAGE.replace("^{C", "^{N \\times C")
        + "$$y_{n,o,i,j} = b_o + \\sum_{c,p,q} w_{o,c,p,q} x_{n,c,2i+p-1,2j+q-1} [0 \\le 2i+p-1 < H] "
        "[0 \\le 2j+q-1 < W]$$" + LOSS.replace("o,i,j}", "n,o,i,j}"),
        "N, O, n, m",
    ),
    "padded, of one dimension": (
        SIGNAL + "$$y_i = \\sum_{k=0}^{K-1} w_k x_{i+k-1} [0 \\le i+k-1 < n]$$" + SHORT,
        "m",
    ),
    "padded, by cases": (
        SIGNAL + "$$a_i = v x_i$$\n\n$$z_i = \\begin{cases} a_{i-P} & \\text{if } 0 \\le i-P < n \\\\ "
        "0 & \\text{otherwise} \\end{cases}$$\n\n$$y_i = \\sum_{k=0}^{K-1} w_k z_{i+k}$$" + SHORT,
        "-K + m + 1",
    ),
    "dilated": (
        SIGNAL + "$$y_i = \\sum_{k=0}^{K-1} w_k x_{i+2k}$$" + SHORT,
        "-2*K + n + 2",
    ),
    "the operators": (
        IMAGE + "$$a = \\operatorname{conv2d}(x, w, b)$$\n\n$$h = \\operatorname{ReLU}(a)$$\n\n"
        "$$y = \\operatorname{maxpool2d}(h, 2, 2)$$" + LOSS,
        "O, floor(H/2 - P/2 + 1/2), floor(-Q/2 + W/2 + 1/2)",
    ),
    "the largest of a window": (
        "- $x \\in \\mathbb{R}^{H \\times W}$ is the input, $t$ the target\n\n$$a_{i,j} = v x_{i,j}$$\n\n"
        "$$y_{i,j} = \\max_{0 \\le p < 2, 0 \\le q < 2} a_{2i+p,2j+q}$$\n\n"
        "$$L = \\sum_{i,j} (y_{i,j} - t_{i,j})^2$$\n",
        "floor(H/2), floor(W/2)",
    ),
}


@pytest.fixture(params=NOTES)
def note(request, tmp_path):
    text, shape = NOTES[request.param]
    path = tmp_path / "note.md"
    path.write_text(f"# {request.param}\n\n{text}", encoding="utf-8")
    return path, shape


def test_shapes_gradients_and_steps(note):
    path, shape = note
    network = network_from_note(path)
    assert ", ".join(map(str, network.tensor("y").shape)) == shape
    assert check_derivation(derive(network))
    report = check_network_gradients(network)
    assert report.passed, str(report)
    assert all(row.code is not None for row in report.rows)


def refused(tmp_path, text):
    path = tmp_path / "note.md"
    path.write_text(f"# A note\n\n{text}", encoding="utf-8")
    with pytest.raises(Exception) as caught:  # noqa: PT011
        network_from_note(path)
    return str(caught.value)


def test_a_place_before_the_first_entry_needs_a_condition(tmp_path):
    text = SIGNAL + "$$y_i = \\sum_{k=0}^{K-1} w_k x_{i+k-1}$$" + SHORT
    assert "reaches before the first entry" in refused(tmp_path, text)


def test_a_condition_on_another_place_does_not_help(tmp_path):
    text = SIGNAL + "$$y_i = \\sum_{k=0}^{K-1} w_k x_{i+k-1} [0 \\le i+k < n]$$" + SHORT
    assert "reaches before the first entry" in refused(tmp_path, text)


def test_a_condition_that_says_another_length_is_a_clash(tmp_path):
    text = SIGNAL + "$$y_i = \\sum_{k=0}^{K-1} w_k x_{i+k-1} [0 \\le i+k-1 < m]$$" + SHORT
    assert "differ" in refused(tmp_path, text) or "fit" in refused(tmp_path, text)


def test_a_stride_is_a_whole_number(tmp_path):
    text = IMAGE + "$$y = \\operatorname{conv2d}(x, w, b, 0)$$" + LOSS
    assert "whole number from 1" in refused(tmp_path, text)
