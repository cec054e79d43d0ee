"""What no scan can have, whatever the vendor."""

from __future__ import annotations

from math import inf, nan
from typing import Any

import pytest

from generator.model import plausible
from generator.model.fields import field_table
from generator.model.tree import Acquisition, Contrast, Note, Pause, Protocol, ReadResult


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
    table = {n: f for m in (ReadResult, Pause, Contrast, Acquisition) for n, f in field_table(m).items()}
    assert [name for name in plausible.RANGES if table[name].type not in (int, float)] == []
    assert all(least < most for least, most in plausible.RANGES.values())


@pytest.mark.parametrize(
    ("scan", "field"),
    [
        ({"echo_times": (80.0, 20.0)}, "echo_times"),
        ({"technique": "magnetization_prepared_gradient_echo", "b_values": (0.0, 1000.0)}, "b_values"),
        ({"mr_acquisition_type": "3D", "concatenations": 2}, "concatenations"),
        ({"mr_acquisition_type": "3D", "concatenations": 5, "number_of_slabs": 4}, "concatenations"),
    ],
)
def test_values_that_cannot_be_beside_each_other(scan: dict[str, Any], field: str) -> None:
    assert [one.field for one in plausible.contradictions(Acquisition(name="a", **scan))] == [field]


@pytest.mark.parametrize(
    "scan",
    [
        {"echo_times": (11.0, 80.0)},
        {"technique": "magnetization_prepared_gradient_echo", "b_values": (0.0,)},
        {"technique": "echo_planar_diffusion", "b_values": (0.0, 1000.0)},
        {"technique": "time_of_flight", "mr_acquisition_type": "3D", "concatenations": 4},
        {"mr_acquisition_type": "3D", "concatenations": 4, "number_of_slabs": 4},
        {"mr_acquisition_type": "2D", "concatenations": 4},
    ],
)
def test_values_of_real_exports_go_together(scan: dict[str, Any]) -> None:
    assert list(plausible.contradictions(Acquisition(name="a", **scan))) == []


def test_what_was_read_is_judged_whoever_read_it() -> None:
    """A value that cannot be is null afterwards and named in a note: scans, injections, waits, totals."""
    scan = Acquisition(name="a", repetition_time=5e8, echo_times=(80.0, 20.0), flip_angle=90.0)
    steps = (scan, Contrast(agent="x", dose=1e17), Pause(text="wait", duration=1e9))
    odd = Protocol(name="p", steps=steps, acquisition_duration=1e9)
    read = ReadResult(format="f", vendor="v", field_strength=289362.0, protocols=(odd,), notes=(_NOTE,))
    found = plausible.judged(read)
    assert found.field_strength is None
    assert found.protocols[0].acquisition_duration is None
    first, second, third = found.protocols[0].steps
    assert (first.repetition_time, first.echo_times, first.flip_angle) == (None, None, 90.0)  # type: ignore[union-attr]
    assert (second.dose, third.duration) == (None, None)  # type: ignore[union-attr]
    assert found.notes[0] == _NOTE
    assert {(n.code, n.step, n.field) for n in found.notes[1:]} == {
        ("implausible", 0, "repetition_time"), ("implausible", 0, "echo_times"), ("implausible", 1, "dose"),
        ("implausible", 2, "duration"), ("implausible", None, "acquisition_duration"),
        ("implausible", None, "field_strength"),
    }  # fmt: skip


_NOTE = Note(code="own", message="of the reader")


def test_what_can_be_is_left_alone() -> None:
    sound = ReadResult(format="f", vendor="v", field_strength=3.0, protocols=(Protocol(name="p"),))
    assert plausible.judged(sound) is sound
