"""What every test may use."""

import gc
import os
import sys
from pathlib import Path

import pytest

# A test must not depend on the machine of whoever runs it.
os.environ.pop("SYMNN_TRACEBACK", None)
os.environ["COLUMNS"] = "80"
# Tests run side by side: threads of the matrix products would only wait for each other, and count as work.
os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write the golden files, do not compare")
    parser.addoption("--thorough", action="store_true", help="also what takes minutes: every mutant, large cells")


def pytest_collection_finish() -> None:
    """Thousands of tests and every module stay until the end: the garbage collector need not look at them again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def root() -> Path:
    """The directory of the whole project."""
    return Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def symnn_command() -> list[str]:
    """The beginning of a command line that runs symnn in another process."""
    return [sys.executable, "-m", "symnn"]
