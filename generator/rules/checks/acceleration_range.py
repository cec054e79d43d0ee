"""The acceleration is one that a head coil carries.

What it checks
--------------
The parallel-imaging factors of phase and slab direction multiplied are at most 4 below 2 T and 6 above;
simultaneous slices times the in-plane factor at most 8; compressed sensing at most 8.

Why
---
Beyond that the g-factor eats the signal, or the scanner refuses the value.

Example
-------
4 × 4 at 1.5 T.

Use instead
-----------
2 × 2, or a smaller matrix if the time has to be kept.

Source
------
Highest factors of published clinical cards: 3 × 2 for FLAIR, SMS 4 × 2 for DTI, compressed sensing 8.
"""

from __future__ import annotations

from collections.abc import Iterator

from generator.rules.facts.physics import HIGH_FIELD_T
from generator.rules.facts.view import Facts
from generator.rules.language import Comparison
from generator.rules.operators import RELATIONS

LOW_FIELD_LIMIT, HIGH_FIELD_LIMIT = 4.0, 6.0
MULTISLICE_LIMIT, SPARSE_LIMIT = 8.0, 8.0


def check(facts: Facts) -> Iterator[Comparison]:
    """Compare each kind of acceleration that is stated with its limit."""
    holds = RELATIONS["at_most"].holds
    limits = {"compressed_sensing_factor": SPARSE_LIMIT, "multislice_acceleration": MULTISLICE_LIMIT}
    for name, limit in limits.items():
        value = facts.get(name)
        if value is not None:
            yield Comparison(name, None, "at_most", value, limit, holds(value, limit))
    limit = HIGH_FIELD_LIMIT if facts["field_strength"] >= HIGH_FIELD_T else LOW_FIELD_LIMIT
    value = facts["coil_acceleration"]
    yield Comparison("coil_acceleration", None, "at_most", value, limit, holds(value, limit))
