"""The slips in words, for people."""

from __future__ import annotations

SLIPS = {
    "sign": "a sign is the wrong way round",
    "factor": "a number in front is wrong",
    "transpose": "a transpose is missing, or stands where none belongs",
    "missing term": "a term is missing",
    "extra term": "there is a term too many",
    "missing derivative": "a function stands where its derivative belongs",
    "wrong index": "an index is wrong",
    "wrong variable": "one name stands where another belongs",
    "dropped path": "a path of the chain rule is left out",
    "arithmetic": "the numbers are worked out wrongly",
    "misplaced bracket": "a bracket stands in the wrong place",
    "direction": "the step goes the wrong way",
    "missing factor": "a factor is missing",
    "exponent": "an exponent is wrong",
    "another formula": "no single slip explains it",
}
"""What a person did who wrote a wrong formula, by the name of the slip."""
