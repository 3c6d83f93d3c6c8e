"""The hand derivations of the project: every claim in them is proved."""

from __future__ import annotations

from pathlib import Path

import pytest

from symnn.cli import main
from symnn.notes.judge import verify_file

FOLDER = Path(__file__).parents[3] / "derivations" / "notes" / "by_hand"
CLAIMS = {
    "attention": 7,
    "attention_backward": 7,
    "batch_norm": 12,
    "batch_of_columns": 8,
    "convolution": 6,
    "deep_perceptron": 7,
    "divergences": 9,
    "dropout": 10,
    "elman": 14,
    "gru_step": 13,
    "layer_norm": 19,
    "logistic_regression": 14,
    "lstm_step": 11,
    "matrix_derivatives": 13,
    "momentum_and_adam": 13,
    "rms_norm": 12,
    "robust_losses": 15,
    "sigmoid": 18,
    "softmax_cross_entropy": 16,
    "two_layer_perceptron": 13,
}
"""How many claims each of them makes at least, definitions aside."""


def test_there_is_one_for_every_main_subject() -> None:
    assert {path.stem for path in FOLDER.glob("*.md")} == CLAIMS.keys()


@pytest.mark.parametrize("name", CLAIMS)
def test_every_claim_is_proved(name: str) -> None:
    report = verify_file(FOLDER / f"{name}.md")
    assert not report.problem
    claims = [claim for claim in report.claims if claim.verdict != "definition"]
    assert [(claim.line, claim.reading, claim.reason) for claim in claims if claim.verdict != "proved"] == []
    assert len(claims) >= CLAIMS[name]


def test_the_command_succeeds(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "--jobs", "1", str(FOLDER / "sigmoid.md"), str(FOLDER / "dropout.md")]) == 0
    assert "refuted" not in capsys.readouterr().out
