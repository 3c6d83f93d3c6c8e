from __future__ import annotations

from html.parser import HTMLParser

from networks import softmax_regression, two_layer_perceptron

from symnn.write.compose.notebook import network_html, network_latex


class Balanced(HTMLParser):
    """Fails on tags that do not match."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_latex_shows_the_definitions() -> None:
    shown = network_latex(two_layer_perceptron())
    assert r"a_{1} &= W_{1} x + b_{1}" in shown
    assert r"\hat{y} &= \sigma(a_{2})" in shown


def test_an_operator_is_shown_by_its_name() -> None:
    assert r"p &= \operatorname{softmax}(z)" in network_latex(softmax_regression())
    assert "e_" not in network_latex(softmax_regression())


def test_html_is_balanced_and_needs_nothing_from_outside() -> None:
    shown = network_html(two_layer_perceptron().with_(title="<b>x</b>"))
    parser = Balanced()
    parser.feed(shown)
    assert not parser.open
    assert "&lt;b&gt;" in shown
    assert "src=" not in shown
    assert "href=" not in shown


def test_networks_display_themselves() -> None:
    network = softmax_regression()
    assert network._repr_latex_() == network_latex(network)
    assert network._repr_html_() == network_html(network)
