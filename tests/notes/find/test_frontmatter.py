"""The settings at the head of a document."""

from __future__ import annotations

import pytest

from symnn.notes.find import Source, whole
from symnn.notes.find.frontmatter import front_matter


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("---\na: 1\n---\nx", {"a": 1}),
        ("---\n\na: [b, c]\n...\nx", {"a": ["b", "c"]}),
        ("---\n---\nx", {}),
        ("---\na: 1\n---", {"a": 1}),
        ("+++\na = 1\n[b]\nc = 'd'\n+++\nx", {"a": 1, "b": {"c": "d"}}),
        ("--- \n1: a\n--- \n", {"1": "a"}),
    ],
)
def test_data(text: str, data: dict[str, object]) -> None:
    found, end = front_matter(whole(Source("", text)))
    assert found is not None
    assert (found.data, found.problem) == (data, "")
    assert text[end:] in ("x", "")
    assert found.place.line == 1


@pytest.mark.parametrize(
    "text",
    [
        "a: 1\n---\n",
        "---\na: 1\n",
        "---\njust prose\n---\n",
        "\n---\na: 1\n---\n",
        "---\n- a\n---\n",
        "----\na: 1\n----\n",
    ],
)
def test_none(text: str) -> None:
    assert front_matter(whole(Source("", text))) == (None, 0)


@pytest.mark.parametrize(
    "body",
    [
        "a: b: c",
        "a: [1",
        "a: !!python/object/apply:os.system ['echo']",
        "a: &x [1]\nb: *x",
        "date: 2025-13-45",
        "a: " + "[" * 20_000,
        "a: {? {? {}}}}",
    ],
    ids=["nested", "open", "object", "alias", "date", "deep", "odd"],
)
def test_what_is_not_readable_is_told(body: str) -> None:
    found, end = front_matter(whole(Source("", f"---\n{body}\n---\nx")))
    assert found is not None
    assert found.data == {}
    assert "not readable as YAML" in found.problem
    assert end > len(body)
