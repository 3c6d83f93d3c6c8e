"""Other ways of writing the same, rewritten before the symbol table is made."""
