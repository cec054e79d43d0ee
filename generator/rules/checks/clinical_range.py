"""Each value is one that a clinical scanner reaches.

What it checks
--------------
Every stated time, angle, length, bandwidth and count against bounds far outside of what is used: a
repetition of at most a minute, an echo spacing of at most 100 ms, and so on.

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
Own bounds, wider than every protocol file and published card that was read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from generator.rules.facts.view import Facts
from generator.rules.language import Comparison
from generator.rules.operators import EACH, RELATIONS

RANGES: dict[str, tuple[float, float]] = {
    "repetition_time": (0.5, 60_000),
    "repetition_time_preparation": (10, 60_000),
    "repetition_time_excitation": (0.5, 1000),
    "echo_times": (0.01, 2500),
    "inversion_time": (10, 10_000),
    "second_inversion_time": (10, 10_000),
    "flip_angle": (0.5, 360),
    "refocusing_flip_angle": (5, 360),
    "echo_train_length": (1, 2048),
    "echo_spacing": (0.1, 100),
    "echo_train_duration": (0.5, 5000),
    "pixel_bandwidth": (5, 20_000),
    "field_of_view": (10, 1000),
    "acquisition_matrix": (4, 4096),
    "voxel_size": (0.05, 100),
    "slice_thickness": (0.1, 500),
    "slice_spacing": (0.05, 500),
    "number_of_slices": (1, 2048),
    "phase_oversampling": (0, 4),
    "slice_oversampling": (0, 4),
    "number_of_averages": (0.25, 128),
    "b_values": (0, 30_000),
    "diffusion_directions": (1, 1024),
}
"""Least and largest value in the canonical unit of the fact, of a list for each entry."""


def check(facts: Facts) -> Iterator[Comparison]:
    """Compare each value that is stated with what scanners reach."""
    holds = RELATIONS["within"].holds
    for name, limits in RANGES.items():
        value = facts.get(name)
        if value is None:
            continue
        if isinstance(value, Sequence):
            known = [one for one in value if one is not None]
            met = all(holds(one, limits) for one in known)
            yield Comparison(name, EACH, "within", value, limits, met)
        else:
            yield Comparison(name, None, "within", value, limits, holds(value, limits))
