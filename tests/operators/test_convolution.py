"""Convolution and pooling with numbers for stride, padding and dilation, against sums written out in Python."""

import random
from fractions import Fraction

import pytest
from operator_points import are_close, in_parameters, slope, value

from symnn.declare import registry
from symnn.derive import derive
from symnn.formula.evaluate import Assignment, evaluate, positions
from symnn.formula.index import dimension
from symnn.formula.nodes import Delta, tensors
from symnn.network.arrays import ShapeError, tensor, total
from symnn.network.build import Draft

SETTINGS = [(1, 0, 1), (2, 0, 1), (1, 1, 1), (2, 1, 1), (1, 2, 2), (3, 1, 1), (2, 2, 2)]


def numbers(shape, seed):
    source = random.Random(seed)
    return {place: Fraction(source.randint(-40, 40), 8) for place in positions(shape)}


def assignment(network, sizes):
    empty = Assignment(sizes)
    leaves = (*network.inputs, *network.targets, *network.parameters)
    return Assignment(sizes, {t: numbers(empty.shape(t), t.name) for t in leaves})


def written_out(network, tensor_):
    equation = network.equation(tensor_)
    return in_parameters(equation.formula, network.equations[: network.equations.index(equation)]), equation.indices


@pytest.mark.parametrize(("stride", "padding", "dilation"), SETTINGS)
def test_conv1d_is_a_sum_over_windows(stride, padding, dilation):
    x, w, b = tensor("x", "c n"), tensor("w", "o c k"), tensor("b", "o")
    draft = Draft()
    y = draft.define("y", registry.find("conv1d")(x, w, b, stride=stride, padding=padding, dilation=dilation))
    draft.define("L", total(y**2))
    network = draft.network(inputs=["x"])
    sizes = {dimension("c"): 2, dimension("n"): 7, dimension("o"): 2, dimension("k"): 3}
    given = assignment(network, sizes)
    data = {t.name: v for t, v in given.values.items()}
    count = (7 + 2 * padding - dilation * 2 - 1) // stride + 1
    assert [given.size(size) for size in y.shape] == [2, count]
    formula, (channel, place) = written_out(network, network.tensor("y"))
    for o, i in positions([2, count]):
        places = [(c, p, stride * i + dilation * p - padding) for c, p in positions([2, 3])]
        expected = data["b"][o,] + sum(data["w"][o, c, p] * data["x"].get((c, q), 0) for c, p, q in places)
        assert evaluate(formula, given, {channel: o, place: i}) == int(expected * 64) / 64


@pytest.mark.parametrize(("stride", "padding", "dilation"), SETTINGS)
def test_its_gradients_agree_with_differences(stride, padding, dilation):
    x, w, b = tensor("x", "c n"), tensor("w", "o c k"), tensor("b", "o")
    draft = Draft()
    y = draft.define("y", registry.find("conv1d")(x, w, b, stride=stride, padding=padding, dilation=dilation))
    draft.define("L", total(y**2))
    network = draft.network(wrt=["x", "w", "b"])
    derivation = derive(network)
    given = assignment(network, {dimension("c"): 1, dimension("n"): 5, dimension("o"): 2, dimension("k"): 2})
    loss, _ = written_out(network, network.loss)
    for name in ("x", "w", "b"):
        adjoint = derivation.adjoint(name)
        formula = adjoint.formula
        if 1 in (stride, dilation):
            assert not formula.has(Delta), formula
        for other in reversed(derivation.adjoints):
            formula = in_parameters(formula, [other]) if other.tensor in tensors(formula) else formula
        formula = in_parameters(formula, network.equations)
        of = network.tensor(name)
        for place in positions(given.shape(of)):
            found = value(formula, given, dict(zip(adjoint.indices, place, strict=True)))
            assert are_close(found, slope(loss, given, of, place))


@pytest.mark.parametrize(("name", "of"), [("max_pool2d", max), ("average_pool2d", lambda v: sum(v) / len(v))])
@pytest.mark.parametrize(("width", "stride"), [(2, 2), (3, 1), (2, 1)])
def test_pooling_takes_every_window(name, of, width, stride):
    x = tensor("x", "h v")
    y = registry.find(name)(x, width=width, stride=stride)
    draft = Draft()
    draft.define("y", y)
    draft.define("L", total(y))
    network = draft.network(wrt=["x"])
    given = assignment(network, {dimension("h"): 5, dimension("v"): 4})
    data = given.values[network.tensor("x")]
    formula, indices = written_out(network, network.tensor("y"))
    for i, j in positions([given.size(size) for size in y.shape]):
        window = [data[stride * i + p, stride * j + q] for p, q in positions([width, width])]
        found = evaluate(formula, given, dict(zip(indices, (i, j), strict=True)))
        assert abs(found - float(of(window))) < 1e-12


def test_a_batch_and_its_channels_are_leading_axes():
    x, w, b = tensor("x", "N c h v"), tensor("w", "o c k l"), tensor("b", "o")
    y = registry.find("conv2d")(x, w, b)
    assert [str(size) for size in y.shape] == ["N", "o", "h - k + 1", "-l + v + 1"]
    pooled = registry.find("max_pool2d")(y, width=2, stride=2)
    assert pooled.rank == 4
    with pytest.raises(ShapeError):
        registry.find("conv2d")(tensor("x", "c h v"), tensor("w", "o d k l"), b)


def test_the_gradient_of_conv2d_has_no_delta_left():
    x, w, b = tensor("x", "c h v"), tensor("w", "o c k l"), tensor("b", "o")
    draft = Draft()
    y = registry.find("conv2d")(x, w, b, padding=1)
    draft.define("y", y)
    draft.define("L", total(y**2))
    network = draft.network(wrt=["x", "w", "b"])
    assert not derive(network).adjoint("x").formula.has(Delta)
