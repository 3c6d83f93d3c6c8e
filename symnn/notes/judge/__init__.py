"""Judging: from a document to a verdict on every claim in it."""

from __future__ import annotations

from symnn.notes.judge.claims import Claim, FileReport, Report
from symnn.notes.judge.process.files import Input, documents
from symnn.notes.judge.process.verify import verify_file, verify_notes

__all__ = ["Claim", "FileReport", "Input", "Report", "documents", "verify_file", "verify_notes"]
