"""Running an emitted module on numbers, to compare it with the derived formulas."""

from __future__ import annotations

import importlib.util
import tempfile
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from symnn.formula.evaluate import Assignment, positions
from symnn.formula.nodes import Tensor
from symnn.network.equations import Network
from symnn.network.parts import entries_of, part_shapes
from symnn.network.widths import layer_axis


def load_module(source: str) -> ModuleType:
    """Import the text of an emitted module. Only for text that `symnn.emit` has just written."""
    with tempfile.TemporaryDirectory(prefix="symnn-") as folder:
        path = Path(folder) / "emitted.py"
        path.write_text(source, encoding="utf-8")
        spec = importlib.util.spec_from_file_location("symnn_emitted", path)
        if spec is None or spec.loader is None:
            raise ImportError("the emitted module cannot be loaded")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return module


def array_of(leaves: Assignment, tensor: Tensor, network: Network | None = None) -> Any:
    """The values of a leaf as a double precision array; a list of arrays where its parts have different shapes."""
    if network is None or network.widths is None or network.widths.longest not in tensor.shape:
        array = np.zeros(leaves.shape(tensor))
        for position in positions(leaves.shape(tensor)):
            array[position] = float(leaves.values[tensor][position])
        return array
    shapes = part_shapes(network, leaves, tensor)
    parts = [np.zeros(shape) for shape in shapes]
    if layer_axis(tensor, tensor.rank, network.widths.layers) is None:
        for position in positions(shapes[0]):
            parts[0][position] = float(leaves.values[tensor][position])
        return parts[0]
    for position in entries_of(network, leaves, tensor):
        parts[position[0]][position[1:]] = float(leaves.values[tensor][position])
    return parts


def entry_of(value: Any, position: tuple[int, ...]) -> Any:
    """One entry of a gradient, which is a list of arrays where the parts of a family have different shapes."""
    return value[position[0]][position[1:]] if isinstance(value, list) else value[position]


def gradients_from_code(network: Network, leaves: Assignment) -> dict[str, Any]:
    """The gradients of one sample that the emitted module computes, by parameter name."""
    from symnn.emit import emit
    from symnn.emit.names import identifiers

    module = load_module(emit(network))
    every = [t.name for t in network.all_tensors] + [str(s) for s in network.hyperparameters]
    names = identifiers(every)
    params = {names[p.name]: array_of(leaves, p, network) for p in network.parameters if network.equation(p) is None}
    data = [array_of(leaves, tensor, network) for tensor in (*network.inputs, *network.targets)]
    scalars = {
        names[str(s)]: leaves.dimensions[s] if s in leaves.dimensions else float(leaves.scalars[s])
        for s in network.hyperparameters
    }
    _, found = module.value_and_grad(params, *data, **scalars)
    values = {p.name: found[names[p.name]] for p in network.parameters}
    return {name: value if isinstance(value, list) else np.asarray(value) for name, value in values.items()}
