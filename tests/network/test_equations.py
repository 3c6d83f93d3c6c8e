"""Networks: order, circles, recurrences, roles, operators hoisted."""

from __future__ import annotations

import pytest
from networks import apply, softmax_regression, two_layer_perceptron

from symnn.declare import registry
from symnn.formula.application import Application
from symnn.formula.index import Index, dimension
from symnn.formula.nodes import Call, Inside, Tensor, Total
from symnn.network.arrays import exp, tensor, total
from symnn.network.batch import batched
from symnn.network.build import Draft, network_of
from symnn.network.equations import Equation, NetworkError, ordered, recurrent_groups


def scalar(name: str, formula: object) -> Equation:
    return Equation(Tensor(name), (), formula)


def entry(name: str) -> object:
    return Tensor(name).entry()


def test_definitions_may_come_in_any_order() -> None:
    given = [scalar("c", entry("b") + 1), scalar("b", entry("a") * 2), scalar("a", entry("x"))]  # type: ignore[operator]
    assert [e.name for e in ordered(given)] == ["a", "b", "c"]


def test_a_name_defined_twice() -> None:
    with pytest.raises(NetworkError, match="a is defined twice"):
        ordered([scalar("a", entry("x")), scalar("a", entry("y"))])


def test_a_circle_is_named() -> None:
    with pytest.raises(NetworkError, match="circle: a -> b -> a"):
        ordered([scalar("a", entry("b")), scalar("b", entry("a"))])


def test_a_circle_through_a_shift_is_a_recurrence() -> None:
    n = dimension("T")
    t = Index("t", n)
    h, c = Tensor("h", (n,)), Tensor("c", (n,))
    equations = [Equation(h, (t,), c[t] ** 2), Equation(c, (t,), Inside(t - 1, n) * h[t - 1] + 1)]
    assert [e.name for e in ordered(equations)] == ["c", "h"]
    assert recurrent_groups(equations) == [frozenset({h, c})]


def test_roles() -> None:
    network = two_layer_perceptron()
    assert [t.name for t in network.inputs] == ["x"]
    assert [t.name for t in network.targets] == ["y"]
    assert [t.name for t in network.parameters] == ["W_1", "b_1", "W_2", "b_2"]
    assert network.loss.name == "L"
    assert [str(d) for d in network.dimensions] == ["n", "m"]


def test_an_unknown_role_is_an_error() -> None:
    draft = Draft()
    draft.define("L", tensor("w") ** 2)
    with pytest.raises(NetworkError, match="not a leaf"):
        draft.network(inputs=["z"])


def test_two_possible_losses_are_an_error_unless_one_is_named() -> None:
    draft = Draft()
    draft.define("L", tensor("w") ** 2)
    draft.define("K", tensor("w") ** 3)
    with pytest.raises(NetworkError, match="which of"):
        draft.network()
    assert draft.network(loss="K").loss.name == "K"


def test_a_vector_is_no_loss() -> None:
    draft = Draft()
    draft.define("h", exp(tensor("w", "n")))
    with pytest.raises(NetworkError, match="no loss"):
        draft.network()


def test_operators_are_hoisted_with_their_intermediate_values() -> None:
    network = softmax_regression()
    assert [e.name for e in network.equations] == ["z", "e_p", "z_p", "p", "L"]
    assert not any(e.formula.has(Application) for e in network.equations)
    assert [e.hidden for e in network.equations] == [False, True, True, False, False]


def test_nested_operators_get_names() -> None:
    draft = Draft()
    draft.define("L", total(apply("softmax", tensor("W", "m n") @ tensor("x", "n")) ** 2))
    network = draft.network(inputs=["x"])
    assert len(network.equations) == 5
    assert len({e.name for e in network.equations}) == 5


def test_a_batch_is_one_more_index_on_what_depends_on_data() -> None:
    network = batched(two_layer_perceptron())
    shapes = {t.name: len(t.shape) for t in network.all_tensors}
    assert shapes["x"] == 2
    assert shapes["W_1"] == 2
    assert shapes["a_1"] == 2
    assert shapes["b_1"] == 1
    assert shapes["loss"] == 0
    with pytest.raises(NetworkError, match="already"):
        batched(network)


def test_the_batch_letter_avoids_names_in_use() -> None:
    draft = Draft()
    draft.define("L", total((tensor("B", "n") - tensor("x", "n")) ** 2))
    assert str(batched(draft.network(inputs=["x"])).loss.name) == "loss"
    assert "B" not in {str(d) for d in batched(draft.network(inputs=["x"])).dimensions}


def test_inconsistent_shapes_of_one_leaf() -> None:
    n, m = dimension("n"), dimension("m")
    i, j = Index("i", n), Index("j", m)
    equations = [
        Equation(Tensor("a", (n,)), (i,), Tensor("x", (n,))[i]),
        Equation(Tensor("b", (m,)), (j,), Tensor("x", (m,))[j]),
    ]
    with pytest.raises(NetworkError, match="x is used with shapes"):
        network_of(equations)


def test_the_argument_of_a_function_inside_a_sum_gets_a_name_of_its_own() -> None:
    """So its adjoint is derived once, in matrix form, and laws of floating point find the function alone."""
    draft = Draft()
    u, w_1, w_2 = tensor("u", "m"), tensor("W_1", "n d"), tensor("W_2", "m n")
    gelu = registry.find("gelu")
    assert gelu is not None
    y = draft.define("y", w_2 @ gelu(w_1 @ tensor("x", "d")) + u)
    draft.define("L", total(y**2))
    network = draft.network(inputs=["x"])
    assert [e.name for e in network.equations] == ["a_y", "y", "L"]
    assert network.tensor("a_y").shape == w_1.shape[:1]


def test_nothing_is_named_that_has_no_value_at_some_index() -> None:
    """``[0 <= t - 1 < T] tanh(x[t - 1] + y[t])``: there is no argument at ``t = 0``."""
    steps = dimension("T")
    t = Index("t", steps)
    x, y, h = Tensor("x", (steps,)), Tensor("y", (steps,)), Tensor("h", (steps,))
    tanh = registry.find("tanh")
    assert tanh is not None
    step = Equation(h, (t,), Inside(t - 1, steps) * Call(tanh.function, x[t - 1] + y[t]))
    network = network_of([step, Equation(Tensor("L"), (), Total(h[t] ** 2, t))], inputs=["x", "y"], wrt=[])
    assert [e.name for e in network.equations] == ["h", "L"]
