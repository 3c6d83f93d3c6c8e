"""What the body of a declaration says about states."""

import pytest

from symnn.declare import let, operator, registry, state, update
from symnn.formula.nodes import Tensor
from symnn.network.arrays import mean, total
from symnn.registry import DeclarationError

# ruff: noqa: F722, F821


def declare(body):
    return operator(kind="test")(body)


def test_a_state_has_a_start_an_update_and_a_use():
    def centred(x: "N d", *, rate: "positive" = 1) -> "N d":
        """A test."""
        kept = state("kept", "d", start=2, latex="k")
        middle = let("middle", mean(x, axis=0), in_use=kept)
        update(kept, kept + rate * (middle - kept))
        return x - middle

    try:
        found = declare(centred)
    finally:
        registry.remove("centred")
    (kept,) = found.definition.updates
    (in_use,) = found.definition.in_use
    (size,) = kept.tensor.shape
    assert kept.tensor == Tensor("kept", (size,))
    assert kept.start == 2
    assert in_use.tensor.name == "middle"
    assert found.constants == ()
    assert [rate.name for rate in found.rates] == ["rate"]
    assert found.definition.rates == {found.rates[0].symbol: 1}
    assert found.latex_names == {"kept": "k"}


def without_update(x: "d") -> "":
    """A test."""
    state("kept", "d", start=0)
    return total(x)


def twice(x: "d") -> "":
    """A test."""
    kept = state("kept", "d", start=0)
    update(kept, x)
    update(kept, x)
    return total(x)


def of_another_shape(x: "d") -> "":
    """A test."""
    update(state("kept", "", start=0), x)
    return total(x)


def of_no_state(x: "d") -> "":
    """A test."""
    update(x, x)
    return total(x)


def named_twice(x: "d") -> "":
    """A test."""
    let("kept", x)
    update(state("kept", "d", start=0), x)
    return total(x)


def another_shape_in_use(x: "d") -> "":
    """A test."""
    kept = state("kept", "", start=0)
    update(kept, total(x))
    return total(let("e", 2 * x, in_use=kept))


def without_a_usual_rate(x: "d", *, rate: "positive") -> "":
    """A test."""
    kept = state("kept", "d", start=0)
    update(kept, kept + rate * x)
    return total(x)


def of_other_operators(x: "d") -> "d":
    """A test."""
    kept = state("kept", "d", start=0)
    update(kept, x)
    return registry.find("softmax")(x) - kept


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (without_update, "the state kept has no update"),
        (twice, "the state kept is updated twice"),
        (of_another_shape, r"has shape \(\), but its update \(d,\)"),
        (of_no_state, "only a state has an update"),
        (named_twice, "kept is named twice"),
        (another_shape_in_use, r"e has shape \(d,\), but \(\) in use"),
        (without_a_usual_rate, "needs a usual value"),
        (of_other_operators, "can neither be reduced nor use other operators"),
    ],
)
def test_states_that_do_not_fit_are_refused(body, message):
    with pytest.raises(DeclarationError, match=message):
        declare(body)
    assert registry.find(body.__name__) is None


def test_states_are_for_declarations_only():
    with pytest.raises(DeclarationError, match="only for the body"):
        state("kept", "d", start=0)
