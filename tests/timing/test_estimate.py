"""What an estimate promises: monotone, finite, explained; None where it cannot be told."""

from __future__ import annotations

from math import isfinite
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.model import words
from generator.model.tree import Acquisition
from generator.text import clock
from generator.timing import estimate, explain, explain_missing
from generator.timing.families import FAMILIES
from generator.timing.overheads import HABITS, NEUTRAL, habit, overhead, rows
from generator.vendors.profile import names, profile
from tests.timing.facts import own, own_scan

VENDORS = st.sampled_from([None, "siemens", "ge", "philips", "canon"])
SCANS = st.sampled_from([card.scans[0] for card in own()])


def seconds(scan: Acquisition, vendor: str | None, **changes: Any) -> float:
    found = estimate(scan.model_copy(update=changes), vendor)
    assert found is not None, explain_missing(scan.model_copy(update=changes), vendor)
    assert isfinite(found.seconds) and found.seconds >= 0
    assert isfinite(found.uncertainty) and found.uncertainty > 0
    return found.seconds


@given(scan=SCANS, vendor=VENDORS, factor=st.floats(1, 4))
def test_a_longer_repetition_never_shortens_the_scan(
    scan: Acquisition, vendor: str | None, factor: float
) -> None:
    # One slice, one package: a longer TR holds more slices, which may need fewer packages.
    single = {"number_of_slices": 1, "concatenations": 1} if scan.mr_acquisition_type == "2D" else {}
    fixed = scan.model_copy(update=single)
    longer = {"repetition_time": (scan.repetition_time or 0) * factor}
    slack = 3.1  # EPI settles for about 3 s, in whole repetitions
    assert seconds(fixed, vendor, **longer) >= seconds(fixed, vendor) - slack


@given(scan=SCANS, vendor=VENDORS, more=st.integers(0, 300))
def test_more_lines_never_shorten_the_scan(scan: Acquisition, vendor: str | None, more: int) -> None:
    if scan.technique == "echo_planar_diffusion":
        return
    plain = scan.model_copy(update={"field_of_view": None, "voxel_size": None, "phase_oversampling": None})
    read, phase = plain.acquisition_matrix or (256, 256)
    assert phase is not None
    wider = {"acquisition_matrix": (read, phase + more)}
    assert seconds(plain, vendor, **wider) >= seconds(plain, vendor)


@given(scan=SCANS, vendor=VENDORS, averages=st.integers(1, 8))
def test_more_averages_lengthen_the_scan(scan: Acquisition, vendor: str | None, averages: int) -> None:
    once, often = (seconds(scan, vendor, number_of_averages=float(n)) for n in (averages, averages + 1))
    assert often > once


@given(scan=SCANS, vendor=VENDORS, factor=st.integers(2, 6))
def test_acceleration_shortens_the_scan_or_leaves_it(
    scan: Acquisition, vendor: str | None, factor: int
) -> None:
    if scan.technique == "echo_planar_diffusion":
        return  # it shortens the train of one shot, not the scan, and costs calibration
    slack = 1.05 if scan.mr_acquisition_type == "3D" else 1.0
    plain = scan.model_copy(update={"reference_lines": 24})
    slower, faster = (
        seconds(plain, vendor, parallel_reduction_factor_in_plane=float(r)) for r in (factor, factor + 1)
    )
    assert faster <= slower * slack


@given(scan=SCANS, vendor=VENDORS)
def test_every_term_is_named_and_sourced(scan: Acquisition, vendor: str | None) -> None:
    found = estimate(scan, vendor)
    assert found is not None
    assert found.terms
    assert all(term.name and term.source for term in found.terms)
    assert len(explain(found)) == len(found.terms) + 1


def test_an_estimate_is_written_out_term_by_term() -> None:
    found = estimate(own_scan("own-t1_3d_pre-3p0t"), "siemens")
    assert found is not None
    lines = explain(found)
    low, high = found.interval or (0.0, 0.0)
    shown = f"prepared gradient echo: 5:03 ({clock(low)}-{clock(high)}), nine of ten by"
    assert lines[0] == f"{shown} {found.exports} exports of this vendor"
    assert "  measured lines: 131 (lines x partial Fourier / R + block x (1 - 1/R))" in lines
    assert any(line.startswith("  preparation: 1.6 s") and "± 0.6 s" in line for line in lines)


@pytest.mark.parametrize("technique", sorted(set(words.TECHNIQUES) - set(FAMILIES)))
def test_a_family_without_a_formula_has_no_time(technique: Any) -> None:
    scan = own_scan("own-t1_3d_pre-3p0t", technique=technique)
    assert estimate(scan, "siemens") is None
    name = "a sequence of its own" if technique == "other" else technique.replace("_", " ")
    assert explain_missing(scan, "siemens") == f"a formula for {name}"


@pytest.mark.parametrize(
    ("source", "lost", "said"),
    [
        ("own-flair_3d-3p0t", "echo_train_length", "echo_train_length"),
        ("own-flair_3d-3p0t", "mr_acquisition_type", "mr_acquisition_type"),
        ("own-t1_3d_pre-3p0t", "technique", "technique"),
        ("own-swi-3p0t", "number_of_slices", "number_of_slices"),
        ("own-dti-3p0t", "b_values", "b_values"),
        ("own-dti-3p0t", "repetition_time", "repetition_time"),
    ],
)
def test_a_missing_parameter_is_named(source: str, lost: str, said: str) -> None:
    scan = own_scan(source).model_copy(update={lost: None})
    assert estimate(scan, "siemens") is None
    assert explain_missing(scan, "siemens") == said


def test_a_scan_without_any_size_is_not_guessed() -> None:
    blind = {"field_of_view": None, "voxel_size": None, "acquisition_matrix": None}
    scan = own_scan("own-swi-3p0t").model_copy(update=blind)
    assert estimate(scan, None) is None
    assert "acquisition_matrix" in explain_missing(scan)


def test_a_radial_readout_has_no_formula() -> None:
    assert estimate(own_scan("own-swi-3p0t", readout="radial"), "siemens") is None


def test_modelled_quantities_widen_the_uncertainty() -> None:
    """A Philips slab with the scanner's own oversampling is far less certain than a stated one."""
    stated = estimate(own_scan("own-flair_3d-3p0t", slice_oversampling=0.0), "philips")
    modelled = estimate(
        own_scan("own-flair_3d-3p0t").model_copy(update={"slice_oversampling": None}), "philips"
    )
    assert stated is not None and modelled is not None
    assert modelled.seconds > stated.seconds
    assert modelled.uncertainty > 1.5 * stated.uncertainty


def test_trace_weighted_diffusion_takes_three_directions() -> None:
    scan = own_scan("own-dwi-3p0t", diffusion_directions=None, b_values=(0, 1000), b_value_averages=(2, 4))
    found = estimate(scan, None)
    assert found is not None
    assert next(term.value for term in found.terms if term.name == "volumes") == 2 + 3 * 4


def test_the_tables_name_their_sources_and_bounds() -> None:
    tables = [*(entry for vendor in names() for row in rows(vendor).values() for _, entry in row)]
    for entry in (*NEUTRAL.values(), *tables):
        assert entry.low <= entry.value <= entry.high, entry
        assert entry.source, entry
    assert len(tables) > 30
    for vendor in names():
        assert profile(vendor).timing.get("habits", {}).keys() <= HABITS.keys()


def test_a_vendor_of_whom_nothing_is_known_has_the_neutral_values() -> None:
    for name, entry in NEUTRAL.items():
        assert overhead(name, "unheard-of") is overhead(name, None) is entry
    assert all(habit(name, "unheard-of") is usual for name, usual in HABITS.items())


def test_what_no_export_proves_has_no_interval() -> None:
    scan = own_scan("own-t1_3d_pre-3p0t")
    for vendor in (None, "canon", "unheard-of"):
        found = estimate(scan, vendor)
        assert found is not None and found.interval is None and found.exports == 0
        assert "unproven on this vendor" in explain(found)[0]
    proven = estimate(scan, "siemens")
    assert proven is not None and proven.interval is not None and proven.exports >= 3
    assert proven.interval[0] < proven.seconds < proven.interval[1]
