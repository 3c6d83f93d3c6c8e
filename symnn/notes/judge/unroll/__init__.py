"""Unrolling: a recurrence at a few lengths, written out as a network without any.

For T = 3 and T = 4 every ``h_t`` becomes a name of its own, every sum over t a sum of so many terms, every product over
an index a product of so many factors. What is claimed of the recurrence is then a handful of ordinary claims.
"""
