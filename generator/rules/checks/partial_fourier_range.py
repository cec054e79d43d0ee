"""Partial Fourier leaves enough of k-space.

What it checks
--------------
At least half is measured in phase and in slice direction, and not less than seven tenths in both.

Why
---
The phase of the image is estimated from the symmetric centre; less of it blurs and loses signal.

Example
-------
3/8 in phase direction.

Use instead
-----------
6/8, or a higher acceleration.

Source
------
Ranges that consoles offer (4/8 on Siemens, 0.6 on Philips, half NEX on GE); 20 published cards keep them.
"""

from __future__ import annotations

from collections.abc import Iterator

from generator.rules.facts.view import Facts
from generator.rules.language import Comparison
from generator.rules.operators import RELATIONS

SINGLE_LIMIT, COMMON_LIMIT = 0.5, 0.7
_FIELDS = ("partial_fourier_phase", "partial_fourier_slice")


def check(facts: Facts) -> Iterator[Comparison]:
    """Compare each fraction that is stated, then the larger of the two."""
    holds = RELATIONS["at_least"].holds
    stated = {name: facts.get(name) for name in _FIELDS}
    known = {name: value for name, value in stated.items() if value is not None}
    for name, value in known.items():
        yield Comparison(name, None, "at_least", value, SINGLE_LIMIT, holds(value, SINGLE_LIMIT))
    if len(known) == len(_FIELDS):
        name = max(known, key=lambda field: known[field])
        yield Comparison(name, None, "at_least", known[name], COMMON_LIMIT, holds(known[name], COMMON_LIMIT))
