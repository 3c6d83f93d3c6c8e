"""The bounds of the finder: what a document may be at most."""

MAX_BYTES = 20_000_000
"""Size of a document, and of all the files that it includes together."""

MAX_LINES = 200_000
MAX_LINE = 1_000_000
"""Characters in one line of a note (for a notebook, of one of its Markdown cells)."""

MAX_FILES = 100
"""How often one document may include a file."""

MAX_INCLUDE_DEPTH = 10
MAX_DISPLAY_LINES = 500
"""Lines that a display may span in Markdown before its delimiter counts as stray."""

MAX_DEPTH = 200
"""How deep elements of HTML, JSON or braces may nest."""

MAX_MATHML_DEPTH = 60
"""How deep a formula in MathML may nest."""

CONTEXT = 400
"""Characters of prose that are kept before and after a span."""
