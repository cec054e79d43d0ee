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
    candidate,
    describe,
    last_resort,
    plan,
    refusal,
    region_of,
    same_release,
    stated,
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
        ("knee", ("spine",), "t2", "limb"),
        ("knee", ("brain",), "t2", "limb"),
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


# --- what each difference costs, by hand ----------------------------------------------------------------

TSE = FLAIR.model_copy(
    update={
        "plane": "sagittal", "fat_suppression": "none", "readout": "linear", "gating": "none",
        "slice_thickness": 2.0, "number_of_slices": 100, "echo_train_length": 100,
        "phase_encoding_direction": "AP", "role": None,
    }
)  # fmt: skip
PLANAR = DWI.model_copy(update={"number_of_shots": 1, "diffusion_directions": 3})
SINGLE_SHOT = TSE.model_copy(update={"number_of_shots": 1})

# changed in the donor's scan: what is left of 100, and why; log(2) = 0.6931, log(1.06) = 0.0583
COSTS: tuple[tuple[Acquisition, dict[str, Any], float, str], ...] = (
    (TSE, {}, 100, "nothing differs"),
    (TSE, {"plane": "coronal"}, 94, "plane coronal for sagittal"),
    (TSE, {"plane": None}, 100, "nothing differs"),
    (TSE, {"fat_suppression": "spair"}, 95, "fat suppression spair for none"),
    (TSE, {"readout": "radial"}, 90, "readout radial for linear"),
    (TSE, {"gating": "ecg"}, 96, "gating ecg for none"),
    (TSE, {"patient_position": "HFS"}, 100, "nothing differs"),
    (TSE, {"patient_position": "HFP"}, 90, "patient position HFP"),
    (TSE, {"name": "3D T2"}, 100, "nothing differs"),  # a word in common
    (TSE, {"name": "sag cube"}, 96, "another name"),
    (TSE, {"repetition_time": 10_000}, 97.9, "repetition time 10000 for 5000"),  # 3 x 0.6931
    (TSE, {"repetition_time": 5_250}, 100, "nothing differs"),  # within 5 %
    (TSE, {"repetition_time": 5_300}, 99.8, "repetition time 5300 for 5000"),
    (TSE, {"repetition_time": 5_000_000}, 88, "repetition time 5e+06 for 5000"),  # at most four weights
    (TSE, {"inversion_time": 900}, 95.8, "inversion time 900 for 1800"),
    (TSE, {"slice_thickness": 4}, 97.9, "slice thickness 4 for 2"),
    (TSE, {"number_of_slices": 50}, 98.6, "number of slices 50 for 100"),
    (TSE, {"echo_train_length": 200}, 98.6, "echo train length 200 for 100"),
    (TSE, {"echo_times": (195,)}, 96.5, "echo times 195 for 390"),
    (TSE, {"echo_times": (10, 390)}, 92, "2 echoes for 1"),
    (TSE, {"echo_times": None}, 100, "nothing differs"),
    (TSE, {"phase_encoding_direction": "RL"}, 97, "phase direction RL"),
    (PLANAR, {"number_of_shots": 5}, 80, "5 readout segments for one shot"),
    (PLANAR, {"b_values": (0, 1100)}, 100, "nothing differs"),  # within 10 %
    (PLANAR, {"b_values": (0, 1101)}, 88, "b 1101 for 1000"),
    (PLANAR, {"b_values": None}, 100, "nothing differs"),
    (PLANAR.model_copy(update={"b_values": None}), {"b_values": (0, 2000)}, 100, "nothing differs"),
    (PLANAR, {"number_of_shots": None}, 100, "nothing differs"),
    (PLANAR, {"number_of_shots": 1}, 100, "nothing differs"),
    (SINGLE_SHOT, {"number_of_shots": 5}, 100, "nothing differs"),  # only planar readouts are segmented so
    (TSE, {"phase_encoding_direction": None}, 100, "nothing differs"),
    (PLANAR, {"diffusion_directions": 6}, 85, "a tensor scan for a trace scan"),
    (PLANAR, {"diffusion_directions": 5}, 100, "nothing differs"),
    (DTI, {"diffusion_directions": 3}, 85, "a trace scan for a tensor scan"),
)  # fmt: skip


def test_what_each_difference_costs() -> None:
    wrong = []
    for wanted, changed, score, why in COSTS:
        found = candidate(wanted, "brain", TARGET, donor(), step(wanted.model_copy(update=changed)))
        if (found.score, found.reasons) != (score, (why,)):
            wrong.append((changed, found.score, found.reasons))
    gradient = SCOUT.model_copy(update={"name": "a"})
    echoes = step(gradient.model_copy(update={"technique": "multi_echo_gradient_echo"}))
    found = candidate(gradient, "brain", TARGET, donor(), echoes)
    assert (found.score, found.reasons[0]) == (84, "multi echo gradient echo for gradient echo")
    for known, score, why in (
        ({"region": None}, 75, "its body region is not stated"),
        ({"research": "WIP"}, 60, "no product sequence: WIP"),
    ):
        found = candidate(TSE, "brain", TARGET, donor(), step(TSE, **known))
        if (found.score, found.reasons) != (score, (why,)):
            wrong.append((known, found.score, found.reasons))
    assert not wrong


def test_a_field_strength_within_a_tenth_serves_and_none_that_is_not_stated() -> None:
    found = step(FLAIR)
    said = [
        refusal(FLAIR, "brain", TARGET, donor(field_strength=b0), found) for b0 in (2.71, 2.69, 3.31, None)
    ]
    assert said == ["", "2.69 T, not 3 T", "3.31 T, not 3 T", "its field strength is not stated, not 3 T"]


def test_each_kind_of_scan_is_served_by_its_own_kind_only() -> None:
    localizer = SCOUT.model_copy(update={"role": "localizer"})
    survey = SCOUT.model_copy(update={"role": "calibration"})
    scout, reference = step(SCOUT, is_localizer=True), step(SCOUT, is_calibration=True)
    assert refusal(localizer, "brain", TARGET, donor(), scout) == ""
    assert refusal(survey, "brain", TARGET, donor(), reference) == ""
    assert refusal(localizer, "brain", TARGET, donor(), reference) == "a calibration"
    assert refusal(survey, "brain", TARGET, donor(), scout) == "a localizer"
    two = step(FLAIR.model_copy(update={"second_inversion_time": 500}))
    assert refusal(FLAIR, "brain", TARGET, donor(), two) == "2 inversions, not 1"
    mp2rage = T1.model_copy(update={"technique": "mp2rage", "second_inversion_time": 2500})
    bare = step(mp2rage.model_copy(update={"inversion_time": None}))
    assert refusal(mp2rage, "brain", TARGET, donor(), bare) == ""  # prepared anyway
    left = step(FLAIR.model_copy(update={"laterality": "L"}))
    assert refusal(FLAIR, None, TARGET, donor(), left) == ""  # no region is wanted
    feet = step(FLAIR.model_copy(update={"patient_position": "FFS"}), region="spine")
    assert refusal(FLAIR, "spine", TARGET, donor(), feet) == ""


REGIONS = {
    "pituitary": "pituitary hypophyse sella sellaire", "orbit": "orbits Augen oeil",
    "inner ear": "IAC Kleinhirnbrückenwinkel cochlea Innenohr CAES",
    "neck": "neck Halsweichteile cou carotids Carotis larynx pharynx TSA",
    "limb": "Knee bothknees genou Knie hand Handgelenk main Wrist poignet finger scaphoid Elbow coude hip "
            "mains Ellenbogen Shoulder epaule Schulter hips hanche Huefte Ankle foot feet cheville pied Fuss "
            "limb Sprunggelenk Achilles meniscus thigh calf femur tibia humerus forearm MSK lowerExtremities "
            "limbs",
    "trunk": "Abdomen liver foie Leber kidney rein reins Niere pancreas MRCP bile Pelvis Prostata uterus "
             "bassin Becken heart Cardiac coeur Herz thorax chest breast sein seins mamma",
    "spine": "Spine wholespine spinal CSpine TSpine LSpine CTSpine cervical thoracic lumbar cord rachis "
             "moelle medullaire myelo HWS BWS LWS Wirbelsäule",
    "brain": "Brain AnatBrain head cranial cerebral neuro encephale tete tête Kopf Schaedel Schädel crâne "
             "stroke epilepsy hippocampus limbic",
    None: "coupes maintenance reindl hipster",
}  # fmt: skip


def test_every_word_of_a_region() -> None:
    found = {word: region_of(None, (word,)) for words in REGIONS.values() for word in words.split()}
    assert found == {word: region for region, words in REGIONS.items() for word in words.split()}


def test_a_gap_names_the_steps_that_are_nearest() -> None:
    """The family counts 4, another region 3, dimensions 2, inversions 1; of equal ones the first is named."""
    flat, both = (
        one.model_copy(update={"name": f"2D {one.name}", "mr_acquisition_type": "2D"})
        for one in (FLAIR, CUBE)
    )
    family, spine, unknown = (
        step(T1), step(FLAIR, region="spine"),
        step(FLAIR.model_copy(update={"name": "?", "mr_acquisition_type": None}), region="spine"),
    )  # fmt: skip
    kinds = step(FLAIR, "a", is_localizer=True), step(FLAIR, "b", is_calibration=True)
    for steps, nearest in (
        ((*kinds, family, spine, step(flat), step(CUBE)), ["T2 Cube", "2D 3D FLAIR"]),
        ((step(flat), step(both), step(CUBE)), ["T2 Cube", "2D 3D FLAIR"]),
        ((family, step(both)), ["2D T2 Cube", "3D T1"]),
        ((family, spine), ["3D FLAIR", "3D T1"]),
        ((unknown, family), ["3D T1", "?"]),  # 3 + 2 and 4
    ):
        (gap,) = plan(brain(FLAIR), TARGET, [donor(*steps)]).gaps
        assert [one.removeprefix("Head/Routine/").partition(" (")[0] for one in gap.nearest] == nearest
    (gap,) = plan(brain(FLAIR), TARGET, [donor(family, spine)]).gaps
    assert gap.nearest[0] == "Head/Routine/3D FLAIR (spine, not brain)"
    assert gap.text == "3D FLAIR: to be set up by hand, no donor step serves; see the sheet beside this card"
    found = plan(brain(FLAIR), TARGET, [donor(family)])
    assert found.by_hand == found.gaps and not found.gaps[0].by_hand
    found = plan(brain(FLAIR), TARGET, [donor(family)], template=True)
    assert found.choices[0].action == "template" and not found.by_hand


def test_what_is_wanted_is_said_in_words() -> None:
    said = [describe(one, None, 1.494) for one in (FLAIR, SINGLE, DWI, SINGLE_SHOT, T1)]
    assert said == [
        "a 3D turbo spin echo with inversion at 1.494 T",
        "a 2D single-shot echo planar diffusion at 1.494 T",
        "a 2D echo planar diffusion at 1.494 T",
        "a 3D turbo spin echo with inversion at 1.494 T",
        "a 3D magnetization prepared gradient echo at 1.494 T",
    ]
    double = FLAIR.model_copy(update={"second_inversion_time": 500.0, "mr_acquisition_type": None})
    assert describe(double, "brain", 3) == "a turbo spin echo with two inversions of the brain at 3 T"


def test_only_a_segmented_planar_readout_that_cannot_be_changed_is_a_last_resort() -> None:
    fixed = {"fixed": ("number_of_shots",)}
    shots = {n: step(SINGLE.model_copy(update={"number_of_shots": n}), **fixed) for n in (None, 1, 2)}
    assert [bool(last_resort(SINGLE, one)) for one in shots.values()] == [False, False, True]
    assert last_resort(SINGLE_SHOT, shots[2]) == last_resort(shots[2].scan, shots[2]) == ""


def test_what_a_scan_is_for_is_not_how_it_is_scanned() -> None:
    about = {
        "definition": "t1",
        "role": "dwi",
        "optional": True,
        "instruction": "slowly",
        "vendor": {"A": "1"},
    }
    scan = Acquisition(name="a", technique="gradient_echo", flip_angle=5, **about)
    assert stated(scan) == ["technique", "flip_angle"]


def test_defaults_of_what_a_dialect_describes() -> None:
    setting = Inherited(what="a", value="b")
    assert (setting.bound_to, setting.resets_to, setting.field) == ("anatomy", None, None)
    assert Inherited(what="a", value="b", bound_to="plan").bound_to == "plan"
    (choice,) = plan(brain(T1), TARGET, [donor(step(T1))]).choices.values()
    assert (choice.action, choice.by_hand, choice.missing, choice.nearest) == ("clone", False, "", ())


OTHERWISE = {"name": "z", "number_of_shots": 5, "diffusion_directions": 6, "plane": "coronal"}
WORST = step(SINGLE.model_copy(update=OTHERWISE), region=None, research="WIP")


def test_the_least_fit_step_still_serves_where_no_other_does() -> None:
    """What is left of 100 after 40 + 25 + 20 + 15 + 6 + 4 is nothing."""
    wanted = SINGLE.model_copy(update={"plane": "sagittal"})
    (choice,) = plan(brain(wanted), TARGET, [donor(WORST)]).choices.values()
    assert choice.step is WORST and choice.found.score == 0
    pinned = plan(brain(wanted), TARGET, [donor(WORST)], {"ep2d": Pin("z")}).choices[0]
    assert pinned.found == choice.found and not pinned.elsewhere
    spine = step(SINGLE, region="spine")
    assert candidate(wanted, "brain", TARGET, donor(), spine).score == -1
    taken = plan(brain(wanted), TARGET, [donor(spine)], {"ep2d": Pin("ep2d")}).choices[0]
    assert taken.found.score == 0 and taken.elsewhere


def test_two_alternatives_are_named_in_their_order() -> None:
    times = (5000, 6000, 7000, 8000, 9000)
    steps = [step(FLAIR.model_copy(update={"repetition_time": time}), str(time)) for time in times]
    (choice,) = plan(brain(FLAIR), TARGET, [donor(*reversed(steps))]).choices.values()
    assert [choice.step, *(one.step for one in choice.alternatives)] == steps[:3]
    pins = {"3D FLAIR": Pin("3D FLAIR#9")}
    last = step(FLAIR.model_copy(update={"repetition_time": 9500}), "last", index=9)
    (choice,) = plan(brain(FLAIR), TARGET, [donor(*steps, last)], pins).choices.values()
    assert [choice.step, *(one.step for one in choice.alternatives)] == [last, *steps[:2]]
    with pytest.raises(BadPin) as caught:
        plan(brain(FLAIR), TARGET, [donor(*steps, last)], {"3D FLAIR": Pin("3D FLAIR")})
    assert "6 donor steps" in str(caught.value) and str(caught.value).count(" of site.toy") == 5


def test_an_optional_scan_that_a_step_serves_is_in_the_card() -> None:
    found = plan(brain(T1.model_copy(update={"optional": True})), TARGET, [donor(step(T1))])
    assert found.choices[0].step is not None and not found.left_out


AWAY = ("Head", "Other")


def at_home(*steps: DonorStep, pins: dict[str, Pin] | None = None) -> Any:
    """What becomes of a scan of which these steps may serve, the others being of ``Head/Routine``."""
    others = step(T1, "a"), step(DWI, "b"), step(SCOUT, "c")
    return plan(brain(T1, DWI, SCOUT, TSE), TARGET, [donor(*others, *steps)], pins).choices[3]


def test_a_scan_moves_to_the_program_of_the_others_and_only_there() -> None:
    slower = TSE.model_copy(update={"repetition_time": 6500})
    away, third = step(TSE, "away", path=AWAY), step(slower, "third", path=("Head", "Third"))
    assert at_home(away, third).step is away  # neither is at home
    assert at_home(step(TSE, "best"), step(slower, "less")).step.key == "best"  # both are
    five = TSE.model_copy(update={"fat_suppression": "spair"})
    moved = at_home(away, step(five, "home"))
    assert moved.step.key == "home" and [one.step for one in moved.alternatives] == [away]
    assert at_home(away, step(slower, "wip", research="WIP")).step is away
    pinned = at_home(away, step(slower, "home"), pins={"3D FLAIR": Pin("Other/3D FLAIR")})
    assert pinned.step is away and pinned.by_hand


def test_what_the_user_keeps_is_kept_at_home_too_and_nothing_else() -> None:
    """A setting that stays in one step because it cannot be reset there is reset where it can be."""
    slower = TSE.model_copy(update={"repetition_time": 6500})
    bands = Inherited(what="bands", value="2", resets_to="none")
    gating = Inherited(what="gate", value="pulse", resets_to="off")
    away = step(TSE, "away", path=AWAY, inherited=(gating.model_copy(update={"resets_to": None}), bands))
    home = step(slower, "home", inherited=(gating, bands))
    assert at_home(away, home).reset == {"gate", "bands"}
    kept = at_home(away, home, pins={"3": Pin(keep=frozenset({"bands"}))})
    assert (kept.step, kept.reset, kept.keep, kept.by_hand) == (home, {"gate"}, {"bands"}, False)


def test_the_localizer_is_that_of_the_program_else_of_the_file() -> None:
    other = step(SCOUT, "other", is_localizer=True, path=AWAY)
    near = step(SCOUT, "near", is_localizer=True)
    for steps, key in (((other, near, step(T1)), "near"), ((step(T1), other), "other")):
        (along,) = plan(brain(T1), TARGET, [donor(*steps)]).along
        assert along.step.key == key
    needs = step(T1, needs=("other",))
    assert [one.step for one in plan(brain(T1), TARGET, [donor(near, other, needs)]).along] == [other]
    own = SCOUT.model_copy(update={"role": "localizer"})
    found = plan(brain(own, T1), TARGET, [donor(near, other, step(T1))])
    assert found.along == () and found.choices[0].step in (near, other)


def test_a_choice_says_what_is_patched_and_a_scan_left_out_by_hand_is_a_gap() -> None:
    other = step(T1.model_copy(update={"slice_thickness": 2, "plane": None}))
    (choice,) = plan(brain(T1), TARGET, [donor(other)]).choices.values()
    assert set(choice.patched) == {"slice_thickness", "plane"} and not choice.elsewhere
    found = plan(brain(T1), TARGET, [donor(step(T1))], {"0": Pin(leave_out=True)})
    assert found.choices[0].step is None and found.choices[0].patched == found.choices[0].inherited == ()
    with pytest.raises(BadPin, match="no scan 'T9': it has 3D T1"):
        plan(brain(T1), TARGET, [donor(step(T1))], {"T9": Pin(leave_out=True)})


def test_a_place_in_the_program_tells_steps_of_one_name_apart() -> None:
    steps = [step(T1, str(index), index=index) for index in (7, 8)]
    for place in (7, 8):
        (choice,) = plan(
            brain(T1), TARGET, [donor(*steps)], {"3D T1": Pin(f"3D T1#{place}")}
        ).choices.values()
        assert choice.step is steps[place - 7] and [one.step for one in choice.alternatives] == [
            steps[8 - place]
        ]
