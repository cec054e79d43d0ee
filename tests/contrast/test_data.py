"""The data of contrast: known words only, every tissue there, and what a change costs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from generator import resources
from generator.contrast import measures, roles
from generator.contrast.comparison import compare
from generator.contrast.scan import NAMES, SignalParameters, Unknown, readings, signal
from generator.contrast.svg import PARTS
from generator.contrast.tissues import FIELDS, nominal_field, tissue
from generator.model import words
from generator.model.tree import Acquisition, Protocol, Target
from generator.vendors.profile import names, profile

FILE = yaml.safe_load(resources.specs("contrast.yaml").read_text("utf-8"))
T2 = SignalParameters(
    technique="turbo_spin_echo", mr_acquisition_type="2D", field_strength=3.0, repetition_time=3500.0,
    echo_times=(100.0,), refocusing_flip_angle=140.0, echo_train_length=17, echo_spacing=10.0,
)  # fmt: skip


@pytest.mark.parametrize("name", FILE["roles"])
def test_a_role_names_tissues_that_there_are(name: str) -> None:
    role = roles.role(name)
    assert name in words.ROLES and role is not None
    assert set(role.tissues) <= {*PARTS, "plain"} and set(role.pair) <= set(role.tissues)
    assert 0 < role.spread < 0.5
    for one in role.tissues.values():
        assert all(tissue(one, field).t1 > tissue(one, field).t2 >= 0 for field in FIELDS)


def test_every_role_that_a_guideline_lists_is_asked_for_its_contrast() -> None:
    assert set(FILE["roles"]) == set(words.ROLES) - {"localizer", "calibration", "other"}


@pytest.mark.parametrize("vendor", names())
def test_a_vendor_means_what_the_list_of_meanings_knows(vendor: str) -> None:
    for kind, chosen in profile(vendor).meanings.items():
        assert set(chosen) <= set(FILE["readings"][kind]["meanings"]), (vendor, kind)


def test_a_vendor_of_which_nothing_is_known_may_mean_anything() -> None:
    assert roles.meanings("echo_time_3d", "nobody") == ("centre", "equivalent")


def test_real_field_strengths_are_nominal_ones() -> None:
    assert [nominal_field(one) for one in (1.494, 2.89, 3.0, 0.55, 7.0, None)] == [
        1.5,
        3.0,
        3.0,
        None,
        None,
        None,
    ]


def test_a_field_without_tissues_is_said() -> None:
    with pytest.raises(Unknown) as said:
        readings(replace(T2, field_strength=7.0))
    assert said.value.what == "field_strength"


def test_a_train_without_echo_spacing_or_angle_is_read_in_several_ways() -> None:
    bare = replace(T2, echo_spacing=None, refocusing_flip_angle=None)
    found = readings(bare)
    assert {one.spacing for one in found} == {10.0, 7.0, 12.1}
    assert {one.angle for one in found} == {150.0, 180.0, 120.0}
    low, high = measures.contrast_range(bare, "spine_t2_sag")
    assert low < measures.contrast(T2, "spine_t2_sag") < high


def test_a_change_costs_the_contrast_that_it_takes() -> None:
    shorter = replace(T2, echo_times=(20.0,))
    assert measures.relative_difference(T2, shorter, "spine_t2_sag") < 0.9
    assert measures.relative_difference(T2, T2, "spine_t2_sag") == 1.0
    assert measures.relative_difference(T2, replace(T2, echo_times=None), "spine_t2_sag") == 1.0
    assert measures.relative_difference(T2, shorter, None) == 1.0


def test_an_mp2rage_is_shown_as_its_uniform_image() -> None:
    """Marques 2010: white brighter than grey matter, and CSF nearly black."""
    scan = SignalParameters(
        technique="mp2rage", vendor="siemens", field_strength=3.0, repetition_time=5000.0,
        inversion_time=700.0, second_inversion_time=2500.0, flip_angle=4.0, echo_train_length=160,
        echo_spacing=7.0, echo_times=(2.9,),
    )  # fmt: skip
    white, grey, csf = (
        signal(scan, readings(scan)[0], name) for name in ("white_matter", "grey_matter", "csf")
    )
    assert 1 > white > grey > csf > 0 and csf < 0.1 < white / 4
    with pytest.raises(Unknown):
        readings(replace(scan, second_inversion_time=1200.0))


TIMES = st.one_of(st.none(), st.sampled_from([0.0, 1e-9, 0.1, 1e9]), st.floats(0, 30_000))
SCANS = st.builds(
    SignalParameters,
    technique=st.sampled_from(words.TECHNIQUES),
    mr_acquisition_type=st.sampled_from(["2D", "3D", None]),
    vendor=st.sampled_from(["siemens", "ge", "philips", "canon", "nobody", None]),
    field_strength=st.sampled_from([1.5, 3.0]),
    repetition_time=TIMES,
    repetition_time_preparation=TIMES,
    echo_times=st.one_of(st.none(), st.lists(st.floats(0, 500), max_size=3).map(tuple)),
    inversion_time=TIMES,
    second_inversion_time=TIMES,
    flip_angle=st.one_of(st.none(), st.floats(0, 360)),
    refocusing_flip_angle=st.one_of(st.none(), st.floats(0, 360)),
    echo_train_length=st.one_of(st.none(), st.integers(1, 2048)),
    echo_spacing=TIMES,
    b_values=st.one_of(st.none(), st.lists(st.floats(0, 30_000), max_size=2).map(tuple)),
)


@settings(deadline=None, max_examples=40)
@given(SCANS, st.sampled_from(sorted(FILE["roles"])))
def test_whatever_numbers_a_scan_has_it_is_simulated_or_said(scan: SignalParameters, role: str) -> None:
    try:
        found = [signal(scan, one, "lesion") for one in readings(scan)]
    except Unknown as unknown:
        assert unknown.what
    else:
        assert all(-1.001 <= one <= 1.001 for one in found)
    protocol = Protocol(name="any", steps=(Acquisition.model_construct(**{**_stated(scan), "role": role}),))
    target = Target(vendor=scan.vendor or "nobody", field_strength=scan.field_strength or 3.0)
    (compared,) = compare([(target, protocol)])
    assert compared.views[0].missing or compared.views[0].signals


def _stated(scan: SignalParameters) -> dict[str, Any]:
    own = {name: getattr(scan, name) for name in NAMES if name not in ("vendor", "field_strength")}
    return {**dict.fromkeys(Acquisition.model_fields), **own, "name": "scan", "kind": "acquisition"}
