"""The Jinja2 environments, one per format.

A template holds the shape of a document and nothing else. Every value that it prints passes through the
escape function of its format, unless the renderer made it `Safe`. An undefined name, and a value that is
neither text nor a whole number, is an error.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Final, Literal, TypeAlias

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from symnn.write.escape import Safe, escape_html, escape_latex, escape_markdown, escape_text

TemplateFormat: TypeAlias = Literal["latex", "markdown", "html", "text"]

_ESCAPES: Final[dict[TemplateFormat, Callable[[str], str]]] = {
    "latex": escape_latex,
    "markdown": escape_markdown,
    "html": escape_html,
    "text": escape_text,
}


def _finalizer(escape: Callable[[str], str], wrap: Callable[[str], str]) -> Callable[[object], object]:
    """What happens to each value before it is printed."""

    def finalize(value: object) -> object:
        if isinstance(value, StrictUndefined):
            return value  # printing it raises the error that names it
        if isinstance(value, Safe | Markup):
            return wrap(value)
        if isinstance(value, str):
            return wrap(escape(value))
        if isinstance(value, int) and not isinstance(value, bool):
            return wrap(str(value))
        raise TypeError(f"a template printed a value of type {type(value).__name__}, which is not text")

    return finalize


@cache
def environment(format: TemplateFormat) -> Environment:
    r"""The environment for the templates of one format.

    Expressions are written `<< x >>` and `<% if %>` in LaTeX, where braces are taken, and as usual elsewhere.

    >>> environment("html").from_string("{{ x }}").render(x="a < b")
    'a &lt; b'
    >>> environment("latex").from_string("<< x >>").render(x="50 %")
    '50 \\%'
    """
    braces = format != "latex"
    is_html = format == "html"
    return Environment(
        loader=PackageLoader("symnn.write", f"templates/{format}"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        # In HTML the value is escaped already; Markup tells Jinja so, and what a template builds stays
        # escaped.
        autoescape=is_html,
        finalize=_finalizer(_ESCAPES[format], Markup if is_html else str),
        variable_start_string="{{" if braces else "<<",
        variable_end_string="}}" if braces else ">>",
        block_start_string="{%" if braces else "<%",
        block_end_string="%}" if braces else "%>",
        comment_start_string="{#" if braces else "<#",
        comment_end_string="#}" if braces else "#>",
    )


def render_template(format: TemplateFormat, template: str, /, **values: object) -> Safe:
    """Render one template of a format. The result is `Safe`: it is in that format's language."""
    return Safe(environment(format).get_template(f"{template}.jinja").render(**values))
