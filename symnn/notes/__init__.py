"""Notes: find the mathematics of a document, read it, judge its claims."""
