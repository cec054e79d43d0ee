"""What a difference of one field matters: every value by hand."""

from __future__ import annotations

from typing import Any

import pytest

from generator.compare.comparison import as_data, compare
from generator.compare.fields import OPEN, Difference, Terms, compare_steps, is_off
from generator.model.tree import Acquisition, Note, Protocol, ReadResult

SCAN = Acquisition(
    name="t2", technique="turbo_spin_echo", repetition_time=4000.0, echo_times=(100.0,), flip_angle=150.0,
    pixel_bandwidth=200.0, number_of_slices=20, acquisition_duration=120.0, vendor={"x": 1, "y": 2},
)  # fmt: skip
ONE_FILE, ONE_VENDOR = Terms(exact=True, complete=True), Terms(complete=True)


def changed(**fields: Any) -> Acquisition:
    return SCAN.model_copy(update=fields)


@pytest.mark.parametrize(
    ("name", "value", "severity"),
    [
        ("repetition_time", 4030.0, "raster"),  # 0.75 %, a console rounds by up to 1 %
        ("repetition_time", 4050.0, "image"),
        ("pixel_bandwidth", 208.0, "raster"),  # 4 %, dwell times step by up to 5 %
        ("pixel_bandwidth", 220.0, "image"),
        ("number_of_slices", 21, "image"),  # counts are exact
        ("acquisition_duration", 150.0, "time"),
        ("name", "t2 new", "bookkeeping"),
    ],
)
def test_severity_between_vendors(name: str, value: Any, severity: str) -> None:
    found = compare_steps(SCAN, changed(**{name: value}), OPEN)
    assert found.differences == (Difference(name, getattr(SCAN, name), value, severity),)  # type: ignore[arg-type]


def test_within_one_file_format_nothing_is_explained_by_a_raster() -> None:
    (one,) = compare_steps(SCAN, changed(repetition_time=4030.0), ONE_FILE).differences
    assert one.severity == "image"
    assert compare_steps(SCAN, changed(repetition_time=4000.0000001), ONE_FILE).differences == ()


def test_what_one_format_does_not_hold_is_no_difference() -> None:
    found = compare_steps(SCAN, changed(flip_angle=None, echo_spacing=9.0), OPEN)
    assert (found.differences, found.only_a, found.only_b) == ((), ("flip_angle",), ("echo_spacing",))


def test_what_is_gone_from_the_same_format_is_one() -> None:
    found = compare_steps(SCAN, changed(flip_angle=None), ONE_VENDOR)
    assert found.differences == (Difference("flip_angle", 150.0, None, "image"),)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("fat_suppression", "none"),
        ("multiband_factor", 1),
        ("partial_fourier_phase", 1.0),
        ("saturation_bands", 0),
    ],
)
def test_off_and_not_stated_are_the_same(name: str, value: Any) -> None:
    assert is_off(name, value)
    assert compare_steps(SCAN, changed(**{name: value}), ONE_VENDOR).differences == ()


def test_an_open_entry_of_a_list_is_no_difference() -> None:
    one, other = changed(acquisition_matrix=(256, 205)), changed(acquisition_matrix=(256, None))
    assert (
        compare_steps(one, other, ONE_FILE).differences == compare_steps(other, one, OPEN).differences == ()
    )
    (found,) = compare_steps(one, changed(acquisition_matrix=(320, None)), ONE_FILE).differences
    assert (found.a, found.b) == ((256, 205), (320, None))


def test_a_word_that_leaves_it_open_contradicts_nothing() -> None:
    found = compare_steps(changed(plane="oblique"), changed(plane="sagittal"), ONE_FILE)
    assert (found.differences, found.only_b) == ((), ("plane",))
    assert compare_steps(changed(plane="coronal"), changed(plane="sagittal"), ONE_FILE).differences


def test_an_inversion_that_one_side_lacks_is_a_difference_between_any_formats() -> None:
    found = compare_steps(SCAN, changed(inversion_time=2000.0), OPEN)
    assert found.differences == (Difference("inversion_time", None, 2000.0, "image"),)


def test_an_inversion_that_a_reader_could_not_say_is_none() -> None:
    found = compare_steps(SCAN, changed(inversion_time=2000.0), OPEN, frozenset({"inversion_time"}))
    assert (found.differences, found.only_b) == ((), ("inversion_time",))


def test_prepared_scans_of_two_vendors_are_compared_by_the_cycle_not_by_what_is_shown() -> None:
    siemens = changed(repetition_time=2300.0, repetition_time_preparation=2300.0)
    philips = changed(repetition_time=7.1, repetition_time_preparation=2300.0)
    assert compare_steps(siemens, philips, OPEN).differences == ()
    assert [one.name for one in compare_steps(siemens, philips, ONE_VENDOR).differences] == [
        "repetition_time"
    ]


def test_words_of_a_console_are_compared_with_those_of_its_own_vendor() -> None:
    other = changed(gradient_mode="Fast")
    mine = changed(gradient_mode="Normal")
    assert compare_steps(mine, other, OPEN).differences == ()
    assert len(compare_steps(mine, other, ONE_VENDOR).differences) == 1


def test_vendor_parameters_are_compared_on_demand() -> None:
    other = changed(vendor={"x": 1, "y": 3, "z": 4})
    assert compare_steps(SCAN, other, ONE_FILE).differences == ()
    terms = Terms(exact=True, complete=True, vendor_parameters=True)
    assert [(d.name, d.a, d.b) for d in compare_steps(SCAN, other, terms).differences] == [
        ("vendor.y", 2, 3),
        ("vendor.z", None, 4),
    ]


def result(*steps: Acquisition, notes: tuple[Note, ...] = (), **head: Any) -> ReadResult:
    fields = {"format": "spec", "vendor": "ge", **head}
    return ReadResult(protocols=(Protocol(name="p", steps=steps),), notes=notes, **fields)


def test_a_comparison_as_data_has_the_contract_keys() -> None:
    other = changed(name="dwi", technique="echo_planar_diffusion", echo_times=(60.0,))
    data = as_data([compare(result(SCAN, other), result(changed(repetition_time=5000.0)), ("x", "y"))])
    (pair,) = data["pairs"]
    assert (pair["a"], pair["b"]) == (
        {"protocol": "p", "step": 0, "name": "t2", "kind": "acquisition"},
        {"protocol": "p", "step": 0, "name": "t2", "kind": "acquisition"},
    )
    assert pair["moved"] is False
    assert pair["fields"] == [{"name": "repetition_time", "a": 4000.0, "b": 5000.0, "severity": "image"}]
    assert [one["name"] for one in data["only_in_a"]] == ["dwi"]
    assert data["only_in_b"] == []


def test_a_raster_alone_is_no_difference() -> None:
    other = result(changed(repetition_time=4010.0), vendor="siemens")
    found = compare(result(SCAN), other)
    assert not found.differs
    assert found.counts() == {"raster": 1}
    assert compare(result(SCAN), result(changed(repetition_time=4010.0))).differs
