"""The data of contrast: known words only, every tissue there, and what a change costs."""

from __future__ import annotations

from dataclasses import replace

import pytest
import yaml

from generator import resources
from generator.contrast import measures, roles
from generator.contrast.scan import Scan, Unknown, readings, signal
from generator.contrast.svg import PARTS
from generator.contrast.tissues import FIELDS, nominal_field, tissue
from generator.model import words
from generator.vendors.profile import names, profile

FILE = yaml.safe_load(resources.specs("contrast.yaml").read_text("utf-8"))
T2 = Scan(
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
    scan = Scan(
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
