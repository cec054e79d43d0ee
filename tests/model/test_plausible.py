"""What no scan can have, whatever the vendor."""

from __future__ import annotations

from math import inf, nan
from typing import Any

import pytest

from generator.model import plausible
from generator.model.fields import field_table
from generator.model.tree import Acquisition


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("repetition_time", 3.4e38),
        ("repetition_time", nan),
        ("echo_times", (3.0, nan)),
        ("echo_times", (-1.0,)),
        ("number_of_slices", 4_294_967_295),
        ("number_of_slices", 0),
        ("field_of_view", (240.0, inf)),
        ("acquisition_matrix", (256, 65_536)),
        ("slice_gap", -3.9e33),
        ("flip_angle", 361.0),
    ],
)
def test_absurd_values_are_refused(name: str, value: Any) -> None:
    assert plausible.refused({"plane": "sagittal", name: value}) == {name: value}


def test_what_scanners_do_is_not() -> None:
    """Values of real cards at the edges: zero echo time, a free vector table, the gap of a localizer."""
    real = {
        "repetition_time": 0.8, "echo_times": (0.016,), "diffusion_directions": 258, "slice_gap": 140.0,
        "field_of_view": (530.0, None), "acquisition_matrix": (None, 512), "b_values": (0.0, 17_800.0),
        "repetition_time_preparation": 25_000.0, "acquisition_duration": 3_600.0, "inversion_time": None,
        "number_of_averages": 0.5, "interpolation": 1.0,
    }  # fmt: skip
    assert plausible.refused(real) == {}


def test_every_range_is_of_a_number_in_the_tree() -> None:
    table = field_table(Acquisition)
    assert [name for name in plausible.RANGES if table[name].type not in (int, float)] == []
    assert all(least < most for least, most in plausible.RANGES.values())
