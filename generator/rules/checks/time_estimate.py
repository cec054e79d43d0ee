"""The time that the console showed agrees with the estimate.

What it checks
--------------
The stated time and the estimate differ by no more than the largest of 5 %, 10 s and the uncertainty that
the estimate carries.

Why
---
A time that does not follow from the parameters was copied from another scan, or a parameter was.

Example
-------
7:10 stated for a scan of 4:44.

Use instead
-----------
The time the console shows for these very parameters.

Source
------
41 of 42 timed scans of published cards are within 5 % or 10 s.
"""

from __future__ import annotations

from collections.abc import Iterator

from generator.rules.facts.view import Facts
from generator.rules.language import Comparison
from generator.rules.operators import RELATIONS, Near

FRACTION, SECONDS = 0.05, 10.0


def check(facts: Facts) -> Iterator[Comparison]:
    """Compare a stated time with its estimate."""
    stated, estimate = facts["acquisition_duration"], facts["estimated_duration"]
    width = max(FRACTION * stated, SECONDS, facts.get("estimate_uncertainty") or 0.0)
    limit = Near(estimate, tolerance=width)
    holds = RELATIONS["near"].holds(stated, limit)
    yield Comparison("acquisition_duration", None, "near", stated, limit, holds)
