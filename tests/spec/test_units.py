"""Units: parsed once, exact where nothing is converted, a closed list."""

from __future__ import annotations

import subprocess
import sys
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.model import units


@pytest.mark.parametrize(
    ("text", "canonical", "wanted"),
    [
        ("2.3 s", "ms", 2300.0),
        ("0.57 m", "cm", 57.0),
        ("5min", "s", 300.0),
        ("1 ms/um2", "s/mm2", 1000.0),
        ("1000 s/mm²", "s/mm2", 1000.0),
        ("1000 s/mm^2", "s/mm2", 1000.0),
        ("3 μs", "ms", 0.003),
        ("3 µs", "ms", 0.003),
        ("0.5 kHz/px", "Hz/px", 500.0),
        ("240 Hz/pixel", "Hz/px", 240.0),
        ("90 °", "deg", 90.0),
        ("1 mT/m/ms", "T/m/s", 1.0),
        ("0.0001 mol/kg", "mmol/kg", 0.1),
        ("-.5e1 mm", "mm", -5.0),
    ],
)
def test_parse(text: str, canonical: str, wanted: float) -> None:
    assert units.parse(text, canonical) == wanted


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2300", "missing-unit"),
        ("fast", "not-a-quantity"),
        ("1 furlong", "unknown-unit"),
        ("2.3 Ms", "unknown-unit"),
        ("1 s**9**9**9", "unknown-unit"),
        ("1 s; import os", "unknown-unit"),
        ("1 /s", "unknown-unit"),
        ("1 2 s", "unknown-unit"),
        ("1 mm", "wrong-dimension"),
        ("1 Hz", "wrong-dimension"),
    ],
)
def test_what_is_no_time(text: str, code: str) -> None:
    with pytest.raises(units.UnitError) as caught:
        units.parse(text, "ms")
    assert caught.value.code == code


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_value_in_its_own_unit_keeps_every_digit(value: float) -> None:
    assert units.parse(f"{value!r} mm", "mm") == value


def test_every_known_unit_is_known_to_pint() -> None:
    codes = set()
    for unit, other in permutations(units.KNOWN_UNITS, 2):
        try:
            there, back = units.factor(unit, other), units.factor(other, unit)
            assert there * back == pytest.approx(1)
        except units.UnitError as error:
            codes.add(error.code)
    assert codes == {"wrong-dimension"}


def test_conversions_of_every_day_are_those_of_pint() -> None:
    assert units._EVERYDAY
    for (unit, canonical), factor in units._EVERYDAY.items():
        assert factor == pytest.approx(units.converted(unit, canonical), rel=1e-15)
        assert units.parse(f"1 {unit}", canonical) == factor


def test_a_check_in_units_of_every_day_starts_without_pint() -> None:
    program = """
import sys
from generator import pipeline
from generator.model.tree import Target
from generator.spec.load import load_text
spec = load_text("protocol: p\\ntitle: t\\nsteps: [{acquisition: flair-3d, repetition_time: 5 s}]\\n")
pipeline.check(pipeline.prepare(spec, Target(vendor="ge", field_strength=3.0)), ["ofsep-2020"])
sys.exit("pint" in sys.modules)
"""
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
