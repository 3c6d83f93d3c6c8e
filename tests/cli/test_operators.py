import json

import pytest

from symnn.cli.derive import names_an_operator
from symnn.cli.operators import find_operator
from symnn.declare import registry
from symnn.errors import SymnnError
from symnn.recipes import recipes


def test_every_operator_is_listed_with_its_formula(run):
    result = run("operators")
    assert (result.returncode, result.stderr) == (0, "")
    for operator in registry.all():
        assert f"\n  {operator.name}(" in result.stdout
        assert f"\n      {operator.summary}\n" in result.stdout
    assert "  softmax(x: n) -> n\n" in result.stdout
    assert "      y[i] = e[i]/z\n" in result.stdout


def test_recipes_are_listed_with_their_parts(run):
    shown = run("operators").stdout
    for recipe in recipes.all():
        assert f"\n  {recipe.name}(" in shown
        assert f"\n      {recipe.summary}\n" in shown
    listed = json.loads(run("operators", "--format", "json").stdout)["recipes"]
    assert sorted(entry["name"] for entry in listed) == sorted(recipe.name for recipe in recipes.all())
    momentum = next(entry for entry in listed if entry["name"] == "momentum")
    assert [part["updates"] for part in momentum["parts"]] == ["velocity", "theta"]


def test_the_document_of_a_recipe(run):
    shown = run("derive", "momentum").stdout
    assert "v ← μ v - η g" in shown
    assert "θ ← θ + v" in shown
    assert "The states are v and θ" in " ".join(shown.split())
    refused = run("derive", "momentum", "--order", "2")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "what an optimiser does is no function" in refused.stderr


def test_the_list_as_json(run):
    listed = json.loads(run("operators", "--format", "json").stdout)["operators"]
    assert sorted(entry["name"] for entry in listed) == sorted(operator.name for operator in registry.all())
    softmax = next(entry for entry in listed if entry["name"] == "softmax")
    assert softmax["parameters"] == [{"name": "x", "shape": ["n"]}]
    assert softmax["shape"] == ["n"]
    assert softmax["definition"][-1] == {"entry": "y[i]", "formula": "e[i]/z"}


def test_an_operator_is_found_by_name_and_alias():
    assert find_operator("softmax").name == "softmax"
    assert find_operator("MSE").name == "mean_squared_error"


@pytest.mark.parametrize(
    ("name", "meant"),
    [("softmx", "; did you mean softmax\\?"), ("mlp", "; did you mean mlp.md\\?"), ("qqq", "")],
)
def test_an_unknown_name_says_what_may_have_been_meant(name, meant, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mlp.md").write_text("x")
    with pytest.raises(SymnnError, match=f"^'{name}' is neither a file nor an operator{meant}$"):
        find_operator(name)


def test_a_file_of_that_name_is_a_note(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert names_an_operator("softmax")
    (tmp_path / "softmax").write_text("x")
    assert not names_an_operator("softmax")
    assert not names_an_operator("-")
    assert not names_an_operator("no/such/file")


def test_deriving_what_does_not_exist_is_bad_input(run):
    result = run("derive", "softmx")
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == "symnn: 'softmx' is neither a file nor an operator; did you mean softmax?\n"
