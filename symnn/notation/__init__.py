"""Neutral notation: one tree for formulas as they are written."""
