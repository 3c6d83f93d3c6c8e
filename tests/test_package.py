"""What is installed is what is needed, and nothing else."""

import ast
import importlib.metadata
import re
import subprocess
import sys
import tomllib
import zipfile

import pytest

import symnn


@pytest.fixture(scope="module")
def project(root):
    return tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]


@pytest.fixture(scope="module")
def wheel(root, tmp_path_factory):
    pytest.importorskip("hatchling")
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=root,
        check=True,
        capture_output=True,
    )
    (path,) = folder.glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        yield archive


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_the_wheel_installs_symnn_and_nothing_else(wheel):
    tops = {name.split("/")[0] for name in wheel.namelist()}
    assert tops == {"symnn", f"symnn-{symnn.__version__}.dist-info"}


def test_the_wheel_holds_every_file_of_the_package(wheel, root):
    tracked = subprocess.run(["git", "ls-files", "-z", "symnn"], cwd=root, capture_output=True, text=True, check=False)
    if tracked.returncode:
        pytest.skip("not a git checkout")
    assert set(tracked.stdout.split("\0")) - {""} <= set(wheel.namelist())
    assert "symnn/py.typed" in wheel.namelist()


def test_the_wheel_says_who_made_it_and_how_to_run_it(wheel):
    info = f"symnn-{symnn.__version__}.dist-info"
    assert wheel.read(f"{info}/entry_points.txt").decode().split() == [
        "[console_scripts]",
        "symnn",
        "=",
        "symnn.cli:main",
    ]
    assert b"MIT License" in wheel.read(f"{info}/licenses/LICENSE")


def test_every_dependency_has_a_lower_and_an_upper_bound(project):
    extras = [entry for group in project["optional-dependencies"].values() for entry in group]
    for requirement in project["dependencies"] + extras:
        if not requirement.startswith("symnn["):
            assert re.fullmatch(r"[A-Za-z0-9-]+>=[0-9.]+,<[0-9.]+", requirement), requirement


def test_every_import_is_declared_and_every_dependency_is_used(project, root):
    needed = project["dependencies"]
    declared = {canonical(re.split(r"[<>=]", requirement)[0]) for requirement in needed}
    owners = importlib.metadata.packages_distributions()
    imported = set()
    for path in (root / "symnn").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                imported.add((node.module or "").split(".")[0])
    foreign = imported - sys.stdlib_module_names - {"symnn"}
    used = {canonical(owner) for name in foreign for owner in owners[name]}
    assert used - declared == set()
    assert declared - used == set()


def test_the_changelog_knows_the_version(root):
    changelog = (root / "CHANGELOG.md").read_text("utf-8")
    assert "## [Unreleased]" in changelog or f"## [{symnn.__version__}]" in changelog
