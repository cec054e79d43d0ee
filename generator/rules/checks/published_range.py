"""Each value is near what published cards have.

What it checks
--------------
Every number of a scan against the range that published cards of its role have, with room on both sides; where
it has no role, as in a vendor file, against the much wider range of its technique.

Why
---
A decimal point in the wrong place gives a value that a scanner would run: a FLAIR with a TR of 50 s, a 3D T1
with a flip angle of 80 degrees. No reader has seen such images of this scan.

Example
-------
A 3D FLAIR with an inversion time of 180 ms.

Use instead
-----------
1800 ms; or a suppression that says why this scan is another one.

Source
------
specs/ranges/ranges.yaml, `usual`: for each range the number of published cards and what they have.
"""

from __future__ import annotations

from collections.abc import Iterator

from generator.rules.facts.view import Facts
from generator.rules.language import Comparison
from generator.rules.ranges import compared


def check(facts: Facts) -> Iterator[Comparison]:
    """Compare each value that is stated with what published cards have."""
    yield from compared(facts, "usual")
