"""Calculations written out, and formulas at numbers."""
