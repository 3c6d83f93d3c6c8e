"""Derivatives in claims: of what a document defines, under the names and short names that it has for them."""
