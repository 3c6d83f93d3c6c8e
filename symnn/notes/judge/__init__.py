"""Judging: from a document to a verdict on every claim in it."""
