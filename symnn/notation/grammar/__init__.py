r"""The grammar that LaTeX and plain text share.

From loose to tight: rows; wide space; ``;``; ``,``; words; ``:``; relations; ``+ -``; ``\cdot \times \odot
/`` and the other product signs, from left to right; juxtaposition; scripts. One module for each of these,
each a class on top of the one before: `cursor`, `arithmetic`, `statements`, `scripts`, `brackets`, `calls`,
`derivatives`, `operands`.
"""
