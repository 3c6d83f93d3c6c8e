"""Worked examples in notes: arithmetic, formulas at numbers, tables, traces, truth tables, update rules."""

from __future__ import annotations

from symnn.notes.worked.judge import judge_worked

__all__ = ["judge_worked"]
