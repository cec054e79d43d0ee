"""Slips of unit and of decimal point: a valid number in a valid unit that no scanner reaches."""

from __future__ import annotations

import pytest

from generator import pipeline
from generator.model.tree import Target
from generator.rules.engine import Report
from generator.spec.load import load_text

GE = Target(vendor="ge", field_strength=3.0)

HEAD = "protocol: slip\ntitle: A slip\nfield_strengths: [3 T]\nsteps:\n  - acquisition: t1-3d\n    "


def report(line: str) -> Report:
    return pipeline.check(pipeline.prepare(load_text(f"{HEAD}{line}\n"), GE))


@pytest.mark.parametrize(
    "line, code",
    [
        ("repetition_time_excitation: 7.1 s", "PHY033"),
        ("repetition_time: 1e300 s", "PHY033"),
        ("echo_spacing: 7.1 s", "PHY033"),
        ("inversion_time: 0.9 ms", "PHY033"),
        ("flip_angle: 8 mrad", "PHY033"),
        ("flip_angle: 0 deg", "PHY033"),
        ("pixel_bandwidth: 240 kHz/px", "PHY033"),
        ("number_of_slices: 99999999999999999999", "PHY033"),
        ("slice_gap: -100 mm", "PHY033"),
        ("slice_thickness: 1 cm", "PHY034"),
        ("echo_train_length: 1920", "PHY035"),
        ("echo_times: []", "GUI906"),
        ("echo_times: null", "GUI906"),
        ("number_of_slices: null", "GUI906"),
    ],
)
def test_a_slip_is_found(line: str, code: str) -> None:
    assert code in {finding.code for finding in report(line).findings}


def test_without_a_slip_there_is_no_finding_of_the_kind() -> None:
    slips = {"PHY033", "PHY034", "PHY035", "GUI906"}
    assert not slips & {finding.code for finding in report("flip_angle: 9 deg").findings}


@pytest.mark.parametrize(
    "line, code",
    [
        ("repetition_time_preparation: 500 ms", "PHY002"),
        ("inversion_time: 2500 ms", "PHY002"),
        ("slice_thickness: 1 cm", "PHY034"),
        ("echo_train_length: 1920", "PHY035"),
    ],
)
def test_of_two_values_the_one_of_the_protocol_is_shown(line: str, code: str) -> None:
    """Whichever side of a comparison was changed in place, that is where the author has to look."""
    card = pipeline.prepare(load_text(f"{HEAD}{line}\n", "slip.yaml"), GE)
    (found,) = [one for one in pipeline.check(card).findings if one.code == code]
    place = card.position(found)
    assert place is not None and (place.file, place.line) == ("slip.yaml", 6)
