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


def array_of(leaves: Assignment, tensor: Tensor) -> Any:
    """The values of a leaf as a double precision array."""
    shape = leaves.shape(tensor)
    array = np.zeros(shape)
    for position in positions(shape):
        array[position] = float(leaves.values[tensor][position])
    return array


def gradients_from_code(network: Network, leaves: Assignment) -> dict[str, Any]:
    """The gradients of one sample that the emitted module computes, by parameter name."""
    from symnn.emit import emit
    from symnn.emit.names import identifiers

    module = load_module(emit(network))
    every = [t.name for t in network.all_tensors] + [str(s) for s in network.hyperparameters]
    names = identifiers(every)
    params = {names[p.name]: array_of(leaves, p) for p in network.parameters if network.equation(p) is None}
    data = [array_of(leaves, tensor) for tensor in (*network.inputs, *network.targets)]
    scalars = {
        names[str(s)]: leaves.dimensions[s] if s in leaves.dimensions else float(leaves.scalars[s])
        for s in network.hyperparameters
    }
    _, found = module.value_and_grad(params, *data, **scalars)
    return {p.name: np.asarray(found[names[p.name]]) for p in network.parameters}
