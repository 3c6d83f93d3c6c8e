"""Shapes by unification: what formulas demand, and what convention settles."""
