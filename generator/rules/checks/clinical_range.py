"""Each value is one that a clinical scanner reaches.

What it checks
--------------
Every stated time, angle, length, bandwidth and count against what any scanner reaches, in general and for its
technique. A repetition takes at most a minute, the echo of a diffusion EPI comes after 15 ms.

Why
---
A second written for a millisecond, a bandwidth in kHz/px or a slice too many by a digit is a valid number in
a valid unit. No other rule needs to speak of that field.

Example
-------
An echo spacing of 7.1 s.

Use instead
-----------
7.1 ms: the value in the unit it was meant in.

Source
------
specs/ranges/ranges.yaml, `possible`: a source for each range.
"""

from __future__ import annotations

from collections.abc import Iterator

from generator.rules.facts.view import Facts
from generator.rules.language import Comparison
from generator.rules.ranges import compared


def check(facts: Facts) -> Iterator[Comparison]:
    """Compare each value that is stated with what scanners reach."""
    yield from compared(facts, "possible")
