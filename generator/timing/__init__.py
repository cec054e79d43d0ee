"""Acquisition time: one formula per pulse-sequence family, and the exam on a time axis."""

from __future__ import annotations

from generator.timing.estimate import Estimate, Term, explain
from generator.timing.families import estimate, explain_missing

__all__ = ["Estimate", "Term", "estimate", "explain", "explain_missing"]
