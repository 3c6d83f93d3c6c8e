"""An operator that the README declares goes through every part, with no other line anywhere."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from readback import Check

from symnn.check.gradients import check_network_gradients
from symnn.check.kernel import check_derivation
from symnn.check.serialize import dumps, from_json
from symnn.cli import main
from symnn.declare import Operator, registry
from symnn.derive import derive
from symnn.emit import emit
from symnn.formula.nodes import Tensor
from symnn.network.equations import Network
from symnn.notes.judge import verify_file
from symnn.notes.read import network_from_note
from symnn.write import FORMATS, render
from symnn.write.compose import document_of, document_of_operator
from symnn.write.notate import Names

README = Path(__file__).resolve().parents[2] / "README.md"
NOTE = r"""# A layer with Mish

The input is $x \in \mathbb{R}^n$, the target $t \in \mathbb{R}^m$, and $W \in \mathbb{R}^{m \times n}$.

$$a = W x + b$$
$$h = \operatorname{Mish}(a)$$
$$L = \frac{1}{2} \sum_i (h_i - t_i)^2$$
"""
CLAIMS = r"""# Mish by hand

Let $y = \operatorname{Mish}(x)$ for a number $x$, and $u = \tanh(\operatorname{softplus}(x))$.

$$y = x \tanh(\log(1 + e^x))$$
$$\frac{dy}{dx} = u + x (1 - u^2) \sigma(x)$$
"""


def imported(path: Path, code: str) -> ModuleType:
    path.write_text(code, "utf-8")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def mish(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operator]:
    """The operator of the README, declared for the time of these tests."""
    (code,) = (
        block
        for block in re.findall(r"^```python\n(.*?)^```$", README.read_text("utf-8"), re.MULTILINE | re.DOTALL)
        if "@operator" in block
    )
    assert registry.find("mish") is None
    example = imported(tmp_path_factory.mktemp("readme") / "example.py", code)
    declared = registry.find("mish")
    assert declared is not None
    assert declared is example.mish
    yield declared
    registry.remove("mish")


@pytest.fixture(scope="module")
def note(mish: Operator, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("mish") / "layer.md"
    path.write_text(NOTE, "utf-8")
    return path


@pytest.fixture(scope="module")
def network(note: Path) -> Network:
    return network_from_note(note)


@pytest.fixture(scope="module")
def module(network: Network, tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    return imported(tmp_path_factory.mktemp("mish") / "layer.py", emit(network, hvp=True))


def test_it_is_listed(mish: Operator, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["operators"]) == 0
    assert "mish(x: scalar) -> scalar\n      A number times the hyperbolic tangent" in capsys.readouterr().out
    assert main(["operators", "--format", "json"]) == 0
    assert any(item["name"] == "mish" for item in json.loads(capsys.readouterr().out)["operators"])


def test_it_is_derived_by_its_name(mish: Operator, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["derive", "mish"]) == 0
    printed = capsys.readouterr().out
    assert "Mish'(x)" in printed
    assert "by the rules" in printed


@pytest.mark.parametrize("name", [name for name in FORMATS if name not in ("pdf", "json")])
def test_documents_in_every_format(mish: Operator, network: Network, name: str) -> None:
    for document in (document_of_operator(mish), document_of(derive(network)), document_of(derive(network, order=2))):
        assert "Mish" in render(document, name)


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs pdflatex")
def test_the_documents_compile(note: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["derive", str(note), "-o", str(note.with_suffix(".pdf"))]) == 0
    assert main(["derive", "mish", "-o", str(note.with_name("mish.pdf"))]) == 0
    assert capsys.readouterr().err == ""
    for path in (note.with_suffix(".pdf"), note.with_name("mish.pdf")):
        assert path.read_bytes().startswith(b"%PDF")


def test_what_is_printed_reads_back(mish: Operator, network: Network) -> None:
    check = Check(Names.of_network(network), network.dimensions, [t.shape for t in network.all_tensors])
    for equation in network.equations:
        check.equation(equation.tensor, equation.indices, equation.formula)
    for adjoint in derive(network).adjoints:
        check.equation(adjoint.tensor, adjoint.indices, adjoint.formula)
    Check(Names.of_operator(mish), ()).equation(Tensor("y"), (), mish.function.body)


def test_its_derivation_replays_and_is_stored(network: Network) -> None:
    derivation = derive(network)
    steps = check_derivation(derivation)
    assert steps > 0
    assert check_derivation(from_json(json.loads(dumps(derivation)))) == steps


def test_its_gradients_are_those_of_differences(network: Network) -> None:
    for seed in range(3):
        report = check_network_gradients(network, seed=seed)
        assert report.passed, str(report)


def test_its_module_checks_itself(module: ModuleType) -> None:
    assert module.check()


def test_its_module_is_safe_from_overflow(module: ModuleType) -> None:
    points = np.array([1e4, -1e4, 1e-300, -1e-300, 0.0, 710.0, -710.0])
    with np.errstate(all="raise", under="ignore"):
        loss, grads = module.value_and_grad({"W": points[:, None], "b": np.zeros(7)}, np.ones(1), np.zeros(7))
    assert np.isfinite(loss)
    assert all(np.all(np.isfinite(grad)) for grad in grads.values())


def test_claims_about_it_are_judged(mish: Operator, tmp_path: Path) -> None:
    right, wrong = tmp_path / "right.md", tmp_path / "wrong.md"
    right.write_text(CLAIMS, "utf-8")
    wrong.write_text(CLAIMS.replace("u + x (1", "u - x (1"), "utf-8")
    claims = [claim for claim in verify_file(right).claims if claim.verdict != "definition"]
    assert [claim.verdict for claim in claims] == ["proved", "proved"], [(c.reading, c.reason) for c in claims]
    assert [claim.verdict for claim in verify_file(wrong).claims][-1] == "refuted"
