"""Formulas under standard names, beside the operators of these names."""
