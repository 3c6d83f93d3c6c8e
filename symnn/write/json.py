"""Documents as JSON: the same tree as data, for programs that do something else with it.

Each block and inline is an object with its `kind`; each formula has its LaTeX and its plain notation.
Optional parts that are empty are left out. This is a one-way format: what a program wants to read back and
check is the derivation, not the document.
"""

from __future__ import annotations

import json
from typing import Final, TypeAlias

from symnn.write.check import check_document
from symnn.write.document import (
    AlignedChain,
    Block,
    Code,
    CodeBlock,
    Display,
    Document,
    Figure,
    Formula,
    Inlines,
    Link,
    Listing,
    Note,
    Paragraph,
    Section,
    Step,
    Steps,
    Strong,
    Table,
    Words,
)
from symnn.write.formulas import Printers, notation_printers
from symnn.write.graph import Graph

VERSION: Final = 1

Data: TypeAlias = "dict[str, Data] | list[Data] | str | int | bool | None"


def render_json(document: Document, printers: Printers | None = None) -> str:
    r"""Render a document as JSON.

    Raises `DocumentError` for a document that cannot be printed.

    >>> print(render_json(Document("A title", ())))
    {
      "format": "symnn document",
      "version": 1,
      "title": "A title",
      "language": "en",
      "blocks": []
    }
    <BLANKLINE>
    """
    check_document(document)
    return json.dumps(document_data(document, printers or notation_printers()), ensure_ascii=False, indent=2) + "\n"


def document_data(document: Document, printers: Printers) -> Data:
    """A document as plain values: dictionaries, lists, text and whole numbers."""
    return _Writer(printers).document(document)


class _Writer:
    def __init__(self, printers: Printers) -> None:
        self.printers = printers

    def document(self, document: Document) -> Data:
        return _object(
            {
                "format": "symnn document",
                "version": VERSION,
                "title": document.title,
                "language": document.language,
            },
            subtitle=document.subtitle,
            abstract=self.inlines(document.abstract),
            metadata=[{"name": name, "value": value} for name, value in document.metadata],
            always={"blocks": [self.block(block) for block in document.blocks]},
        )

    def formula(self, node: object) -> Data:
        if node is None:
            return None
        return {"latex": self.printers.latex(node), "text": self.printers.text(node)}  # type: ignore[arg-type]

    def inlines(self, parts: Inlines) -> Data:
        return [self.inline(part) for part in parts]

    def inline(self, part: object) -> Data:
        match part:
            case Words(text=text):
                return {"kind": "words", "text": text}
            case Formula(node=node):
                return {"kind": "formula", "formula": self.formula(node)}
            case Strong(inlines=inner):
                return {"kind": "strong", "inlines": self.inlines(inner)}
            case Code(text=text):
                return {"kind": "code", "text": text}
            case Link(anchor=anchor, inlines=inner):
                return {"kind": "link", "anchor": anchor, "inlines": self.inlines(inner)}
            case _:
                raise TypeError(f"{type(part).__name__} is not an inline")

    def block(self, block: Block) -> Data:
        match block:
            case Section():
                return _object(
                    {"kind": "section", "level": block.level, "title": self.inlines(block.title)},
                    anchor=block.anchor,
                    always={"blocks": [self.block(inner) for inner in block.blocks]},
                )
            case Paragraph(inlines=parts):
                return {"kind": "paragraph", "inlines": self.inlines(parts)}
            case Listing(items=items, ordered=ordered):
                return {"kind": "list", "ordered": ordered, "items": [self.inlines(item) for item in items]}
            case Display():
                return _object(
                    {"kind": "display", "formula": self.formula(block.node)},
                    name=self.inlines(block.name),
                    anchor=block.anchor,
                )
            case AlignedChain():
                links: list[Data] = [
                    _object(
                        {"relation": link.relation, "formula": self.formula(link.node)},
                        reason=self.inlines(link.reason),
                    )
                    for link in block.links
                ]
                return _object(
                    {"kind": "chain", "first": self.formula(block.first), "links": links},
                    name=self.inlines(block.name),
                    anchor=block.anchor,
                )
            case Steps():
                return _object(
                    {"kind": "steps", "title": self.inlines(block.title)},
                    anchor=block.anchor,
                    always={"steps": [self.step(step) for step in block.steps]},
                )
            case Table():
                return _object(
                    {"kind": "table"},
                    caption=self.inlines(block.caption),
                    anchor=block.anchor,
                    always={
                        "header": [self.inlines(cell) for cell in block.header],
                        "rows": [[self.inlines(cell) for cell in row] for row in block.rows],
                    },
                )
            case Figure():
                return _object(
                    {"kind": "graph", **self.graph(block.picture)},
                    caption=self.inlines(block.caption),
                    anchor=block.anchor,
                )
            case Note():
                return _object(
                    {"kind": "note", "note": block.kind, "inlines": self.inlines(block.inlines)},
                    anchor=block.anchor,
                )
            case CodeBlock(text=text, language=language):
                return _object({"kind": "code", "text": text}, language=language)

    def step(self, step: Step) -> Data:
        return _object(
            {"rule": step.rule},
            sentence=self.inlines(step.sentence),
            before=self.formula(step.before),
            after=self.formula(step.after),
            cites=step.cites.anchor if step.cites else None,
            steps=[self.step(substep) for substep in step.substeps],
        )

    def graph(self, graph: Graph) -> dict[str, Data]:
        nodes: list[Data] = [
            _object(
                {"id": node.id, "kind": node.kind, "label": self.formula(node.label)},
                shape=self.formula(node.shape),
                anchor=node.anchor,
            )
            for node in graph.nodes
        ]
        edges: list[Data] = [
            _object(
                {"from": edge.src, "to": edge.dst},
                forward=self.formula(edge.forward),
                adjoint=self.formula(edge.adjoint),
                anchor=edge.anchor,
            )
            for edge in graph.edges
        ]
        return {"nodes": nodes, "edges": edges}


def _object(required: dict[str, Data], *, always: dict[str, Data] | None = None, **optional: Data) -> Data:
    """An object with its required parts, the optional ones that are not empty, and those that come last."""
    return required | {key: value for key, value in optional.items() if value not in (None, "", [])} | (always or {})
