"""From formulas to notation: what a formula looks like in matrix notation, or entry by entry.

`Names` knows what things are called, `matrix_form` prints an array in matrix notation, `index_form` prints one entry,
`formula_form` and `equation_form` print formulas and whole equations in whichever of the two there is.
"""

from symnn.write.notate.chains import NoMatrixForm
from symnn.write.notate.equations import Written, equation_form, formula_form
from symnn.write.notate.letters import NotateError
from symnn.write.notate.names import Names
from symnn.write.notate.printer import condition_form, index_form, matrix_form

__all__ = [
    "Names",
    "NoMatrixForm",
    "NotateError",
    "Written",
    "condition_form",
    "equation_form",
    "formula_form",
    "index_form",
    "matrix_form",
]
