"""The work of checking a card grows with the number of its steps, and not with its square."""

from __future__ import annotations

import sys
from typing import Any

from generator.model.tree import Acquisition, Contrast, Pause, Protocol, Reformat, Target
from generator.rules.engine import Subject, check
from generator.rules.facts.card import view
from generator.timing.timeline import build_timeline

TARGET = Target(vendor="ge", field_strength=3.0)


def _subject(count: int) -> Subject:
    scan = Acquisition(name="FLAIR", role="flair_3d", acquisition_duration=60.0, slice_gap=0.0)
    steps = [scan.model_copy(update={"name": f"scan {i}", "optional": i % 3 == 0}) for i in range(count)]
    own = [part for step in steps for part in (step, Pause(text="wait"), Reformat(source=step.name))]
    protocol = Protocol(name="long", steps=(Contrast(agent="gadoteric acid"), *own))
    return Subject(protocol, TARGET, build_timeline(protocol, TARGET))


def _work(count: int, what: Any) -> int:
    """Count the calls, of Python and of C, and the values that generators yield."""
    calls = 0

    def count_one(*_: object) -> None:
        nonlocal calls
        calls += 1

    subject = _subject(count)
    sys.setprofile(count_one)
    try:
        what(subject)
    finally:
        sys.setprofile(None)
    return calls


def test_facts_and_verdicts_of_twice_the_steps_are_twice_the_work() -> None:
    check(_subject(1))  # packs are read, formulas imported
    for what in (view, check):
        few, many = (_work(count, what) for count in (40, 80))
        assert many < 2.2 * few, what.__name__
