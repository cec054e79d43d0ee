"""Every reading of the sources, C01 to C36: what the program takes, and that findings say so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from generator.rules import packs
from generator.rules.checklist import checklist
from generator.rules.engine import check_facts
from generator.rules.finding import Finding
from tests.rules.cards import (
    baseline,
    changed,
    examine,
    follow_up,
    gd,
    ordered,
    pause,
    pml,
    scan,
    situated,
    spine,
    without,
)

Found = tuple[Finding, ...]


def plan(*names: str, settings: dict[str, str] | None = None, **facts: Any) -> Found:
    return check_facts(facts, names or ("ofsep-2020",), settings=settings).findings


def of(found: Found, code: str) -> list[tuple[str, tuple[str, ...]]]:
    return [(one.severity, one.readings) for one in found if one.code == code]


def card(protocol: Any, *names: str, **options: Any) -> Found:
    return examine(protocol, *names, **options).findings


def c01_index_of_one_and_a_half_is_high() -> None:
    common = {"kind": "pml-screening", "treatment_months": 20.0, "interval_months": 12.0}
    assert of(plan(jcv_index=1.5, **common), "GUI053") == [("error", ("C01", "C16"))]
    assert of(plan(jcv_index=1.4, **common), "GUI053") == []
    assert of(plan(jcv_index=1.4, **common), "GUI054") == [("warning", ("C01",))]
    assert of(plan(jcv_index=1.4, settings={"jcv_low_index_policy": "general"}, **common), "GUI054") == []


def c02_susceptibility_is_a_choice_of_the_site() -> None:
    lacking = without(baseline(), "swi")
    for choice, wanted in (("warn", ["warning"]), ("error", ["error"]), ("off", [])):
        found = card(lacking, settings={"susceptibility_at_diagnosis": choice})
        assert [severity for severity, _ in of(found, "GUI015")] == wanted
    long = changed(baseline(), "swi", acquisition_duration=420.0)
    assert of(card(long), "TIM001") == [] and of(card(long), "TIM005") == [("warning", ("C11", "C02"))]


def c03_a_dti_fills_the_place_of_diffusion() -> None:
    steps = (scan("t1_3d_pre"), scan("dti"), scan("flair_3d"))
    tensor = follow_up().model_copy(update={"steps": steps})
    assert of(card(tensor), "GUI040") == []
    found = card(tensor, settings={"dti_satisfies_diffusion": "no"})
    assert of(found, "GUI040") == [("error", ("C03",))]


def c04_fifteen_directions_are_enough() -> None:
    found = card(follow_up(scan("dti", optional=True, diffusion_directions=15)))
    assert of(found, "GEO014") == [("info", ("C04",))]
    assert of(card(follow_up(scan("dti", optional=True, diffusion_directions=16))), "GEO014") == []


def c05_edges_count_not_the_volume() -> None:
    found = card(changed(follow_up(), "flair_3d", voxel_size=(0.5, 0.5, 4.0)))
    assert of(found, "GEO002") == [("error", ("C05",))]


def c06_gadolinium_after_six_months_is_expected_unless_set_otherwise() -> None:
    lacking = without(without(baseline(kind="re-baseline-6-months"), "gd"), "t1_3d_post")
    assert of(card(lacking), "GUI021") == [("error", ("C06",))]
    assert of(card(lacking, settings={"rebaseline_gd": "optional"}), "GUI021") == []
    facts = {"situation": "re-baseline", "gd_decision": "none"}
    assert of(plan(**facts), "GAD011") == [("warning", ("C06",))]
    assert of(plan(settings={"rebaseline_gd": "optional"}, **facts), "GAD011") == []


def c07_the_list_of_moments_counts() -> None:
    assert of(plan(gd_decision="give", situation="new-dmt"), "GAD025") == []
    assert of(plan(gd_decision="give", situation="stable"), "GAD025") == [("warning", ("C07",))]


def c08_order_matters_with_an_injection_only() -> None:
    mixed = ordered(follow_up(), "flair_3d", "dwi", "t1_3d_pre")
    assert of(card(mixed), "GUI032") == [("info", ("C08",))]
    broken = ordered(baseline(), "t1_3d_pre", "gd", "dwi")
    assert of(card(broken), "GUI011") == [("error", ("C08", "C09"))]


def c09_only_places_around_the_injection_are_demanded() -> None:
    late = baseline(scan("dir_3d", optional=True))
    assert of(card(late), "GAD027") == [("error", ("C09",))]
    early = ordered(late, "t1_3d_pre", "dir_3d")
    assert of(card(early), "GAD027") == []


def c10_thinner_slices_are_remarked_on() -> None:
    thin = scan("pdt2_2d", optional=True, slice_thickness=2.0, voxel_size=(0.9, 0.9, 2.0))
    assert of(card(follow_up(thin)), "GEO010") == [("info", ("C10",))]


def c11_the_limit_follows_the_injection() -> None:
    long = changed(follow_up(kind="relapse"), "flair_3d", acquisition_duration=660.0)
    assert of(card(long), "TIM002") == [("error", ("C11",))]
    enhanced = long.model_copy(update={"steps": (*long.steps[:2], gd(), long.steps[2], scan("t1_3d_post"))})
    assert of(card(enhanced), "TIM002") == [] and of(card(enhanced), "TIM001") == []
    assert of(card(changed(spine(), "spine_t2_sag", acquisition_duration=3000.0)), "TIM002") == []


def c12_another_pack_may_be_milder() -> None:
    thick = changed(follow_up(), "dwi", slice_thickness=5.0, slice_gap=1.0, voxel_size=(1.8, 1.8, 5.0))
    assert of(card(thick), "GEO012") == [("error", ("C12",))]
    other = card(thick, "magnims-cmsc-naims-2021")
    assert of(other, "GEO205") == of(other, "GEO206") == []


def c13_c14_each_mri_of_the_second_source_is_a_remark() -> None:
    found = card(follow_up(), "ofsep-2020", "ms-follow-up-2025")
    assert of(found, "GUI109") == [("info", ("C13", "C14", "C33"))]
    assert of(found, "GUI033") == []


def c15_pml_screening_needs_no_t2() -> None:
    found = card(pml(), "ofsep-2020", "ms-follow-up-2025")
    assert of(found, "GUI055") == [] and of(found, "GUI106") == [("info", ("C15", "C33"))]


def c16_screening_starts_at_month_18() -> None:
    facts = {"kind": "pml-screening", "jcv_status": "positive", "interval_months": 12.0}
    late = plan("ms-follow-up-2025", treatment_months=18.0, **facts)
    assert of(late, "GUI105") == [("warning", ("C16", "C33"))]
    assert of(plan("ms-follow-up-2025", treatment_months=17.0, **facts), "GUI105") == []


def c17_each_interval_names_its_source() -> None:
    facts = {"kind": "follow-up", "months_to_next": 24.0, "treatment_months": 6.0, "interval_months": 12.0}
    found = plan("ofsep-2020", "ms-follow-up-2025", **facts)
    assert of(found, "GUI023") == [("warning", ("C17",))]
    assert of(found, "GUI110") == [("warning", ("C17", "C33"))]
    assert len({one.source for one in found if "C17" in one.readings}) == 2


def c18_high_activity_is_the_second_source() -> None:
    facts = {"kind": "follow-up", "high_activity": True, "interval_months": 12.0}
    assert of(plan("ms-follow-up-2025", **facts), "GUI102") == [("warning", ("C18", "C33"))]
    assert of(plan(**facts), "GUI102") == []


def c19_symptoms_decide_on_the_spine() -> None:
    packs_ = ("ofsep-2020", "ms-follow-up-2025")
    yearly = {"planned_interval_months": 12.0}
    assert of(plan(*packs_, spinal_symptoms=False, **yearly), "GUI077") == [("info", ("C19",))]
    assert of(plan(*packs_, spinal_symptoms=True, **yearly), "GUI077") == []
    late = plan(*packs_, spinal_symptoms=True, planned_interval_months=36.0)
    assert of(late, "GUI112") == [("warning", ("C19", "C33"))]


def c20_only_the_sagittal_t2_is_demanded() -> None:
    found = card(situated(spine(), lesion_present=True))
    assert of(found, "GUI072") == of(found, "GUI073") == [("warning", ("C20",))]
    assert of(card(situated(spine(), first_diagnosis=True)), "GUI078") == [("info", ("C20",))]
    assert of(card(situated(spine(), lesion_present=False)), "GUI072") == []


def c21_four_millimetres_hold_in_the_brain_only() -> None:
    for thickness, severity in ((4.0, "warning"), (5.5, "error")):
        axial = scan("spine_t2star_ax", slice_thickness=thickness, voxel_size=(0.9, 0.9, thickness))
        assert of(card(spine(axial)), "GEO023") == [(severity, ("C21",))]
    brain = scan("t2star_2d", optional=True, slice_thickness=4.0, voxel_size=(0.9, 0.9, 4.0))
    assert of(card(follow_up(brain)), "GEO011") == []


def c22_stations_are_asked_of_sagittal_scans() -> None:
    assert of(card(spine(scan("spine_t2star_ax"))), "GEO021") == []
    assert of(card(spine(scan("spine_stir_sag"))), "GEO021") == [("error", ("C22",))]


def c23_both_families_are_accepted_after_gadolinium() -> None:
    echo = {
        **dict(scan("flair_3d")),
        "inversion_time": None,
        "echo_times": (20.0,),
        "echo_train_duration": None,
    }
    spin = changed(baseline(), "t1_3d_post", **{k: echo[k] for k in ("technique", "inversion_time")})
    found = card(spin)
    assert of(found, "GUI013") == [] and of(found, "GUI026") == [("info", ("C23",))]
    assert of(card(baseline()), "GUI024") == [("info", ("C23",))]
    moved = changed(baseline(), "t1_3d_post", voxel_size=(1.0, 1.0, 1.04))
    assert of(card(moved), "GUI018") == [("warning", ("C23",))]


def c24_the_text_goes_before_the_table() -> None:
    steps = (scan("t1_3d_pre"), scan("dti"), gd(), scan("flair_3d"), scan("t1_3d_post"), scan("swi"))
    tensor = baseline().model_copy(update={"steps": steps})
    found = card(tensor)
    assert of(found, "GUI010") == [] and of(found, "GUI090") == [("info", ("C07", "C24"))]


def c25_a_3d_t2_is_the_optional_t2_but_no_fallback() -> None:
    steps = (scan("t1_3d_pre"), scan("dwi"), scan("flair_2d"), scan("t2_3d", optional=True))
    fallback = situated(follow_up().model_copy(update={"steps": steps}), flair_3d_available=False)
    assert of(card(fallback), "GUI043") == [("warning", ("C25",))]
    assert of(card(fallback), "GUI091") == []


def c26_a_relapse_uses_the_list_of_the_follow_up() -> None:
    assert of(card(follow_up(kind="relapse")), "GUI065") == []
    assert of(card(without(follow_up(kind="relapse"), "t1_3d_pre")), "GUI065") == [("info", ("C26",))]


def c27_a_new_treatment_needs_no_swi() -> None:
    bare = without(baseline(kind="baseline-new-dmt"), "swi")
    assert of(card(bare), "GUI015") == of(card(bare), "GUI019") == []


def c28_a_late_scan_is_a_warning() -> None:
    for days in (75.0, -3.0):
        assert of(plan(days_scan_before_visit=days), "GUI085") == [("warning", ("C28",))]


def c29_the_consent_is_that_of_the_registry() -> None:
    (item,) = [one for one in checklist(["ofsep-2020"]) if one.code == "GUI084"]
    assert item.readings == ("C29",) and "collection and use" in item.statement


def c30_an_unknown_index_is_asked_for() -> None:
    found = plan(kind="pml-screening", jcv_status="positive")
    assert of(found, "GUI051") == [("warning", ("C30",))]
    assert of(plan(kind="pml-screening", jcv_status="negative"), "GUI051") == []


def c31_pregnancy_goes_to_a_clinician() -> None:
    facts = {"pregnancy": True, "gd_decision": "give", "manual_review": False}
    assert of(plan("ms-follow-up-2025", **facts), "GAD101") == [("error", ("C31", "C33"))]


def c32_one_and_a_half_tesla_is_enough() -> None:
    rule = packs.find("fu2025.field-strength-min")
    assert "C32" in rule.readings and rule.passing == {"field_strength": 3.0}
    assert of(card(follow_up(), "ms-follow-up-2025"), "VEN101") == []


def c33_nothing_of_the_second_source_is_required() -> None:
    rules = packs.get("ms-follow-up-2025").rules
    assert {rule.level for rule in rules} == {"recommended", "informative"}
    assert all("C33" in rule.readings and "pending review" in rule.citation for rule in rules)


def c34_dwi_in_plane_is_a_warning_above_two_millimetres() -> None:
    coarse = changed(follow_up(), "dwi", voxel_size=(2.5, 2.5, 3.0), acquisition_matrix=(96, 96))
    assert of(card(coarse), "GEO013") == [("warning", ("C34",))]
    fat = scan("pdt2_2d", optional=True, voxel_size=(1.2, 1.2, 3.0))
    assert of(card(follow_up(fat)), "GEO009") == [("error", ("C34",))]


def c35_a_good_flair_is_attested() -> None:
    facts = {"gd_decision": "none", "standardized": True, "flair_ok_both": False}
    assert of(plan(**facts), "GAD018") == [("warning", ("C35",))]


def c36_swi_may_be_anisotropic() -> None:
    thick = changed(baseline(), "swi", voxel_size=(0.8, 0.8, 2.0), slice_thickness=2.0)
    assert of(card(thick), "GEO003") == [("info", ("C36",))]
    assert of(card(thick), "GEO001") == []


TESTS: dict[str, Callable[[], None]] = {
    name: test for name, test in globals().items() if name.startswith("c") and name[1:3].isdigit()
}


@pytest.mark.parametrize("name", TESTS)
def test_a_reading_is_taken_as_declared(name: str) -> None:
    TESTS[name]()


def test_every_reading_has_a_test_and_a_rule() -> None:
    ids = [f"C{number:02}" for number in range(1, 37)]
    assert list(packs.readings()) == ids
    named = " ".join(TESTS).upper()
    assert not [one for one in ids if one not in named]
    used = {reading for rule in packs.every_rule() for reading in rule.readings}
    assert used == set(ids)


def test_every_setting_belongs_to_a_reading_that_names_it() -> None:
    for setting in packs.get("ofsep-2020").settings.values():
        assert packs.readings()[setting.reading].setting == setting.name


def test_a_long_wait_is_no_finding() -> None:
    assert card(baseline(pause(600.0)))  # remarks only
    assert not [one for one in card(baseline(pause(600.0))) if one.severity != "info"]
