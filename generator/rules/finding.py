"""A finding is typed data first; prose, JSON and SARIF are made from it."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from generator.model import words
from generator.model.tree import Node


class Finding(Node):
    """One result of one rule on one protocol for one target."""

    code: str = Field(description="short stable code, family and number: TIM001")
    rule: str = Field(description="long stable id: ofsep2020.time.full-20min")
    severity: words.Severity
    message: str = Field(description="one sentence with the measured value and the limit")
    step: int | None = Field(None, description="index of the step, null for the whole protocol")
    step_name: str | None = None
    field: str | None = None
    against: str | None = Field(None, description="the other field that the limit comes from")
    measured: Any = None
    limit: Any = None
    unit: str | None = None
    remedy: str | None = None
    source: str | None = None
    readings: tuple[str, ...] = Field((), description="ids of ambiguities in the source that it rests on")
