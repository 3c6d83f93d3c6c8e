"""Judging: from a document to a verdict on every claim in it."""

from __future__ import annotations

from symnn.notes.judge.claims import Claim, FileReport, Report
from symnn.notes.judge.judge import JUDGES, Judge, judge_document
from symnn.notes.judge.verify import verify_file, verify_notes

__all__ = ["JUDGES", "Claim", "FileReport", "Judge", "Report", "judge_document", "verify_file", "verify_notes"]
