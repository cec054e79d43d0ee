"""The donor plan: what may serve what, which step wins, what a clone inherits."""

from __future__ import annotations

from typing import Any

import pytest

from generator.model.tree import Acquisition, Protocol, Target
from generator.vendors.matching import (
    BadPin,
    Donor,
    DonorStep,
    Inherited,
    Pin,
    plan,
    refusal,
    region_of,
    same_release,
)

TARGET = Target(vendor="toy", field_strength=3.0)
T1 = Acquisition(
    name="3D T1", role="t1_3d_pre", technique="magnetization_prepared_gradient_echo",
    mr_acquisition_type="3D", inversion_time=900, plane="sagittal", slice_thickness=1,
)  # fmt: skip
FLAIR = Acquisition(
    name="3D FLAIR", role="flair_3d", technique="turbo_spin_echo", mr_acquisition_type="3D",
    inversion_time=1800, repetition_time=5000, echo_times=(390,),
)  # fmt: skip
CUBE = FLAIR.model_copy(update={"name": "T2 Cube", "inversion_time": None, "role": None})
DWI = Acquisition(
    name="DWI", technique="echo_planar_diffusion", mr_acquisition_type="2D", b_values=(0, 1000),
    diffusion_directions=3,
)  # fmt: skip
DTI = DWI.model_copy(update={"name": "DTI", "diffusion_directions": 6})
SCOUT = Acquisition(name="localizer", technique="gradient_echo", mr_acquisition_type="2D")


def step(scan: Acquisition, key: str = "", **known: Any) -> DonorStep:
    fields = {"key": key or scan.name, "path": ("Head", "Routine"), "index": 0, "region": "brain"} | known
    return DonorStep(scan=scan.model_copy(update={"role": None}), **fields)


def donor(*steps: DonorStep, **known: Any) -> Donor:
    fields = {"file": "site.toy", "sha256": "0" * 64, "vendor": "toy", "field_strength": 2.89} | known
    return Donor(steps=steps, **fields)


def brain(*scans: Acquisition) -> Protocol:
    return Protocol(name="p", region="brain", steps=scans)


@pytest.mark.parametrize(
    ("wanted", "have", "known", "strength", "why"),
    [
        (FLAIR, FLAIR, {}, 2.89, ""),
        (FLAIR, CUBE, {}, 3.0, "no inversion, not 1"),
        (FLAIR, CUBE, {"inversions": 1}, 3.0, ""),  # automatic TI: the reader has no time, the dialect knows
        (CUBE, FLAIR, {}, 3.0, "1 inversion, not 0"),
        (FLAIR.model_copy(update={"second_inversion_time": 500.0}), FLAIR, {}, 3.0, "1 inversion, not 2"),
        (FLAIR, FLAIR, {}, 1.494, "1.494 T, not 3 T"),
        (FLAIR, FLAIR, {"region": "pituitary"}, 3.0, "pituitary, not brain"),
        (FLAIR, FLAIR, {"region": "spine"}, 3.0, "spine, not brain"),
        (FLAIR, FLAIR, {"is_localizer": True}, 3.0, "a localizer"),
        (FLAIR, T1, {}, 3.0, "magnetization prepared gradient echo, not turbo spin echo"),
        (T1, T1.model_copy(update={"inversion_time": None}), {}, 3.0, ""),  # prepared whatever is shown
        (DWI, DWI.model_copy(update={"laterality": "L"}), {}, 3.0, "laterality L"),
        (DTI, DWI, {}, 3.0, ""),  # its directions may be patched, unless the dialect says that they cannot
        (DTI, DWI, {"fixed": ("diffusion_directions",)}, 3.0, "another diffusion scheme"),
        (DTI, DTI, {"fixed": ("diffusion_directions",)}, 3.0, ""),
        (DWI, DWI.model_copy(update={"patient_position": "FFS"}), {}, 3.0, "feet first, not brain"),
        (DWI, DWI.model_copy(update={"mr_acquisition_type": "3D"}), {}, 3.0, "3D, not 2D"),
    ],
)
def test_what_must_not_serve(
    wanted: Acquisition, have: Acquisition, known: dict[str, Any], strength: float, why: str
) -> None:
    found = step(have, **known)
    assert refusal(wanted, "brain", TARGET, donor(found, field_strength=strength), found) == why


@pytest.mark.parametrize(
    ("body_part", "path", "name", "region"),
    [
        ("cspine", ("Head",), "t2", "spine"),
        ("brain", ("lowerExtremities", "MSK - Ankle"), "===Options===", "limb"),
        ("head", ("Routine",), "t2 knee", "limb"),
        ("brain", ("adult", "spine", "routine"), "T2", "spine"),
        ("brain", ("adult", "x"), "T2", "brain"),
        ("brain", ("Head and Neck",), "T2", "brain"),
        ("brain", ("pelvis", "Site brain"), "T2", "brain"),
        (None, ("Head and Neck",), "T2", None),
        (None, ("Neuro spine",), "T2", "spine"),
        (None, ("Head", "Pituitary"), "t1_tse", "pituitary"),
        (None, ("USER", "Neuro"), "t1 sag C-spine cord", "spine"),
        (None, ("Hand rechts",), "t2 cor", "limb"),
        (None, ("AAT T&F - MSK - UPPER",), "SCAPHOID (RIGHT)", "limb"),
        (None, ("dense",), "AnatBrain_T1W3D", "brain"),
        (None, ("record", "overhead"), "t2", None),
        (None, ("brain", "library"), "t1_mprage", "brain"),
        (None, ("Default", "x"), "mprage", None),
    ],
)
def test_regions(body_part: str | None, path: tuple[str, ...], name: str, region: str | None) -> None:
    assert region_of(body_part, path, name) == region


def test_the_nearest_step_wins_and_a_product_before_a_research_sequence() -> None:
    far = step(FLAIR.model_copy(update={"name": "x", "echo_times": (100,)}), "far")
    near, research = step(FLAIR, "near"), step(FLAIR, "wip", research="%CustomerSeq%")
    choice = plan(brain(FLAIR), TARGET, [donor(far, research, near)]).choices[0]
    assert choice.step is near
    assert [one.step.key for one in choice.alternatives] == ["far", "wip"]
    alone = plan(brain(FLAIR), TARGET, [donor(research)]).choices[0]
    assert alone.step is research and "no product sequence: %CustomerSeq%" in alone.found.reasons


SINGLE = DWI.model_copy(update={"name": "ep2d", "number_of_shots": 1})
SEGMENTED = step(
    SINGLE.model_copy(update={"name": "resolve", "number_of_shots": 5}), "r", fixed=("number_of_shots",)
)


def test_a_segmented_readout_is_the_last_resort_of_a_single_shot_and_named() -> None:
    wip = step(SINGLE, "wip", research="%CustomerSeq%")
    other = step(SINGLE.model_copy(update={"fat_suppression": "dixon", "echo_times": (500,)}), "far")
    choice = plan(brain(SINGLE), TARGET, [donor(SEGMENTED, wip, other)]).choices[0]
    assert [choice.step, *(one.step for one in choice.alternatives)] == [other, wip, SEGMENTED]
    alone = plan(brain(SINGLE), TARGET, [donor(SEGMENTED)])
    assert alone.choices[0].step is SEGMENTED
    assert alone.warnings == (
        "ep2d: Head/Routine/resolve, the last resort, reads out in 5 segments instead of one shot and takes "
        "about 5 times as long; add a 2D single-shot echo planar diffusion of the brain at 3 T to the export",
    )
    patched = SEGMENTED.model_copy(update={"fixed": ()})  # where the vendor's writer can set the shots
    assert plan(brain(SINGLE), TARGET, [donor(patched)]).warnings == ()


def test_an_optional_scan_is_left_out_rather_than_made_by_the_last_resort() -> None:
    optional = SINGLE.model_copy(update={"optional": True})
    (found,) = plan(brain(T1, optional), TARGET, [donor(step(T1), SEGMENTED)]).left_out
    assert "single-shot" in found.missing
    assert found.nearest[0] == "Head/Routine/resolve (5 readout segments for one shot)"
    by_hand = plan(brain(optional), TARGET, [donor(SEGMENTED)], {"ep2d": Pin("resolve")})
    assert by_hand.choices[0].step is SEGMENTED and "last resort" in by_hand.warnings[0]


def test_gaps_say_what_is_missing_and_what_is_near() -> None:
    optional = DWI.model_copy(update={"optional": True})
    found = plan(brain(T1, FLAIR, optional), TARGET, [donor(step(T1), step(CUBE))])
    assert [(one.scan.name, one.missing) for one in found.gaps] == [
        ("3D FLAIR", "a 3D turbo spin echo with inversion of the brain at 3 T")
    ]
    assert found.gaps[0].nearest[0] == "Head/Routine/T2 Cube (no inversion, not 1)"
    assert [one.scan.name for one in found.left_out] == ["DWI"]
    assert found.choices[2].action == "leave_out" and found.choices[1].action == "pause"


def test_what_is_bound_to_a_body_is_reset_and_what_the_spec_states_is_patched() -> None:
    settings = (
        Inherited(what="gating", value="pulse", bound_to="patient", field="gating", resets_to="off"),
        Inherited(what="saturation_bands", value="2", bound_to="anatomy", resets_to="none"),
        Inherited(what="shim_volume", value="38 x 53 x 75 mm", bound_to="anatomy"),
        Inherited(what="filter", value="raw", bound_to="scanner", resets_to="off"),
    )
    exports = [donor(step(T1, inherited=settings))]
    choice = plan(brain(T1), TARGET, exports).choices[0]
    assert choice.reset == {"gating", "saturation_bands"}
    assert choice.keep == {"shim_volume", "filter"}
    stated = T1.model_copy(update={"gating": "none"})
    assert "gating" not in {one.what for one in plan(brain(stated), TARGET, exports).choices[0].inherited}
    pins = {"3D T1": Pin(keep=frozenset({"saturation_bands"}))}
    assert plan(brain(T1), TARGET, exports, pins).choices[0].reset == {"gating"}


def test_what_a_step_needs_comes_along_and_a_localizer_first() -> None:
    scout = step(SCOUT, "scout", is_localizer=True)
    survey = step(SCOUT, "survey", is_calibration=True)
    reference = step(SCOUT, "ref", is_calibration=True, needs=("survey",))
    exports = [donor(scout, survey, reference, step(T1), step(FLAIR, needs=("ref",)))]
    found = plan(brain(T1, FLAIR), TARGET, exports)
    assert [(one.before, one.step.key) for one in found.along] == [(0, "scout"), (1, "survey"), (1, "ref")]
    spine = step(SCOUT, "other", is_localizer=True, region="spine")
    assert plan(brain(T1), TARGET, [donor(spine, step(T1))]).along == ()
    missing = plan(brain(FLAIR), TARGET, [donor(step(FLAIR, needs=("ref",)))])
    assert "needs is not in site.toy" in missing.warnings[0]


def test_one_release_serves_a_card_and_the_other_is_named() -> None:
    old = donor(step(T1), file="old", release="DV25.1")
    new = donor(step(T1), step(FLAIR), file="new", release="MR30.0")
    found = plan(brain(T1, FLAIR), TARGET, [old, new])
    assert found.release == "MR30.0" and {one.donor.file for one in found.choices.values()} == {"new"}
    assert "DV25.1" in found.warnings[0]
    asked = Target(vendor="toy", field_strength=3.0, software="DV25")
    assert plan(brain(T1, FLAIR), asked, [old, new]).choices[1].step is None


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [("XA61", "syngo MR XA61A", True), ("MR30.0", "MR30.0#1", True), ("DV25.1", "MR30.0", False),
     ("R5.7", "5.7.1", True), ("XA6", "XA61A", False), (None, "XA61A", False), ("", "", False)],
)  # fmt: skip
def test_releases(one: str | None, other: str | None, same: bool) -> None:
    assert same_release(one, other) is same


def test_a_step_named_by_hand_wins_over_the_region_and_over_nothing_else() -> None:
    spine = step(FLAIR, "a", region="spine", path=("Spine", "x"))
    exports = [donor(spine, step(FLAIR, "b"), step(CUBE, "c"))]
    choice = plan(brain(FLAIR), TARGET, exports, {"3D FLAIR": Pin("Spine/x/3D FLAIR")}).choices[0]
    assert choice.step is spine and choice.by_hand
    assert choice.found.reasons == ("by hand: spine, not brain",)
    with pytest.raises(BadPin, match="no inversion"):
        plan(brain(FLAIR), TARGET, exports, {"3D FLAIR": Pin("T2 Cube")})
    with pytest.raises(BadPin, match="2 donor steps are called '3D FLAIR'"):
        plan(brain(FLAIR), TARGET, exports, {"3D FLAIR": Pin("3D FLAIR")})
    with pytest.raises(BadPin, match="0 donor steps"):
        plan(brain(FLAIR), TARGET, exports, {"3D FLAIR": Pin("nowhere")})


def test_scans_of_one_program_stay_together_where_they_are_nearly_as_good() -> None:
    home = [step(T1, "a"), step(DWI, "b"), step(FLAIR.model_copy(update={"repetition_time": 6500}), "home")]
    away = step(FLAIR, "away", path=("Head", "Other"))
    found = plan(brain(T1, DWI, FLAIR), TARGET, [donor(*home, away)])
    assert found.choices[2].step.key == "home"
    far = step(FLAIR.model_copy(update={"repetition_time": 6500, "echo_times": (90,)}), "far")
    assert plan(brain(T1, DWI, FLAIR), TARGET, [donor(*home[:2], far, away)]).choices[2].step.key == "away"


def test_a_step_named_by_hand_decides_the_release() -> None:
    old = donor(step(T1, "x"), file="old", release="DV25.1")
    new = donor(step(T1, "y"), step(FLAIR), file="new", release="MR30.0")
    found = plan(brain(T1, FLAIR), TARGET, [old, new], {"3D T1": Pin("3D T1", file="old")})
    assert found.release == "DV25.1" and [one.scan.name for one in found.gaps] == ["3D FLAIR"]
    with pytest.raises(BadPin, match="cannot serve"):
        plan(brain(FLAIR), TARGET, [old, new], {"3D FLAIR": Pin("3D T1", file="new")})
