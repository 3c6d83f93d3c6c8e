import pytest

NOTE = r"""The inputs are $x \in \mathbb{R}^n$, the weights $W \in \mathbb{R}^{m \times n}$, the target $t$ is one-hot.

$$z = W x + b$$
$$p = \operatorname{softmax}(z)$$
$$L = -\sum_{i} t_i \log p_i$$
"""


@pytest.mark.parametrize(("reduction", "loss", "error"), [("mean", "L̄", "(1/B) (p - t)"), ("sum", "loss", "p - t")])
def test_a_batch_is_one_more_index(run, tmp_path, reduction, loss, error):
    (tmp_path / "note.md").write_text(NOTE, encoding="utf-8")
    result = run("derive", "note.md", "--batch", reduction)
    assert (result.returncode, result.stderr) == (0, "")
    assert f"∂{loss}/∂z = {error}   (in matrix notation, B × m)" in result.stdout
    assert f"∂{loss}/∂W = (∂{loss}/∂z)ᵀ x" in result.stdout
    assert f"∂{loss}/∂b = (∂{loss}/∂z)ᵀ 1" in result.stdout


def test_an_operator_has_no_batch(run):
    result = run("derive", "softmax", "--batch", "mean")
    assert result.returncode == 2
    assert "--batch is for a note" in result.stderr
