"""Claims in index notation: dots, reach of sums, arrays of which nothing is known but their letters."""

from __future__ import annotations

import pytest
from verdicts import RIGHT, verdict

TRUE = [
    # dots
    (r"v, z \in \mathbb{R}^M", r"v_1 z_1 + v_2 z_2 + \cdots + v_M z_M = v^\top z"),
    (r"v, z \in \mathbb{R}^M, c \in \mathbb{R}", r"c + v_1 z_1 + \cdots + v_M z_M = v \cdot z + c"),
    (r"v, z \in \mathbb{R}^M", r"\sum_{i=1}^{M} v_i z_i = v_1 z_1 + v_2 z_2 + v_3 z_3 + \dots + v_M z_M"),
    # the reach of a sum: what has its index belongs to it
    (r"q, r \in \mathbb{R}^n", r"\sum_{i=1}^n q_i + r_i = \sum_{i=1}^n r_i + q_i"),
    (r"q, r \in \mathbb{R}^n", r"-\frac1n \sum_{i=1}^n r_i q_i + (1 - r_i) q_i = -\frac1n \sum_{i=1}^n q_i"),
    # names that nothing else is said of
    (r"\frac{\partial}{\partial v_{ij}} \left( \sum_{j=1}^n v_{ij} h_j + c_i \right) = h_j",),
    (r"\frac{\partial}{\partial c_i} \left( \sum_{j=1}^n v_{ij} h_j + c_i \right) = 1",),
    (r"\frac{\partial}{\partial h_k} \sum_{i=1}^n h_i^2 = 2 h_k",),
    (r"\sum_{i=1}^n (h_i - c)^2 = \sum_{i=1}^n h_i^2 - 2 c \sum_{i=1}^n h_i + n c^2",),
    # products over an index
    (r"\log \prod_{i=1}^n h_i = \sum_{i=1}^n \log h_i",),
    (r"\frac{\partial}{\partial h_k} \log \prod_{i=1}^n h_i = \frac{1}{h_k}",),
]  # fmt: skip

FALSE = [
    (r"v, z \in \mathbb{R}^M", r"v_1 z_1 + v_2 z_2 + \cdots + v_M z_M = v^\top z + 1"),
    (r"v, z \in \mathbb{R}^M", r"v_2 z_2 + v_3 z_3 + \cdots + v_M z_M = v^\top z"),
    (r"q, r \in \mathbb{R}^n", r"\sum_{i=1}^n q_i - r_i = \sum_{i=1}^n q_i + r_i"),
    (r"\frac{\partial}{\partial v_{ij}} \left( \sum_{j=1}^n v_{ij} h_j + c_i \right) = h_i",),
    (r"\frac{\partial}{\partial c_i} \left( \sum_{j=1}^n v_{ij} h_j + c_i \right) = c_i",),
    (r"\frac{\partial}{\partial h_k} \sum_{i=1}^n h_i^2 = 2 \sum_{i=1}^n h_i",),
    (r"\sum_{i=1}^n (h_i - c)^2 = \sum_{i=1}^n h_i^2 - 2 c \sum_{i=1}^n h_i + c^2",),
    (r"\log \prod_{i=1}^n h_i = \prod_{i=1}^n \log h_i",),
    (r"\frac{\partial}{\partial h_k} \log \prod_{i=1}^n h_i = h_k",),
]  # fmt: skip


@pytest.mark.parametrize("note", TRUE)
def test_true(note):
    assert verdict(*note) in RIGHT


@pytest.mark.parametrize("note", FALSE)
def test_false(note):
    assert verdict(*note) not in RIGHT


def test_number_below_an_unknown_name():
    # h_1 may be the first of the h_i or another name: nothing is concluded
    assert verdict(r"h_1 + \sum_{i=1}^n h_i = \sum_{i=1}^n h_i + c") == "undecided"
