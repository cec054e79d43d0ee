"""What the main job checks, on hand-made cards: each of them accepted, and refused when spoilt."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from generator.model.tree import Protocol, Target
from tests.rules.cards import (
    SIEMENS,
    baseline,
    changed,
    codes,
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

LESION = {"lesion_present": True, "first_diagnosis": False}


def spine_with_lesion() -> Protocol:
    stations = [scan("spine_t1_sag_post", name=name) for name in ("t1 upper", "t1 lower")]
    return situated(spine(gd(), pause(310.0), *stations, scan("spine_t2star_ax")), **LESION)


GOOD: dict[str, Callable[[], Protocol]] = {
    "baseline at diagnosis": baseline,
    "baseline of a new treatment": lambda: baseline(kind="baseline-new-dmt"),
    "re-baseline": lambda: baseline(kind="re-baseline-6-months"),
    "follow-up": follow_up,
    "relapse": lambda: follow_up(kind="relapse"),
    "pml screening": pml,
    "spine": spine,
    "spine with a lesion": spine_with_lesion,
}


@pytest.mark.parametrize("name", GOOD)
def test_a_good_card_is_green(name: str) -> None:
    report = examine(GOOD[name]())
    assert [f.message for f in report.findings if f.severity != "info"] == []
    assert report.green and report.compared > 20


SPOILT: dict[str, tuple[Callable[[], Protocol], str]] = {
    # total time by kind
    "baseline of 21 minutes": (lambda: changed(baseline(), "flair_3d", acquisition_duration=700.0), "TIM001"),
    "baseline of 21 minutes with its SWI": (
        lambda: changed(baseline(), "swi", acquisition_duration=420.0),
        "TIM005",
    ),
    "follow-up of 16 minutes": (
        lambda: changed(follow_up(), "flair_3d", acquisition_duration=660.0),
        "TIM002",
    ),
    "relapse of 16 minutes": (
        lambda: changed(follow_up(kind="relapse"), "flair_3d", acquisition_duration=660.0),
        "TIM002",
    ),
    "PML screening of 11 minutes": (lambda: changed(pml(), "flair_3d", acquisition_duration=600.0), "TIM003"),
    # required sequences by kind
    "baseline without T1": (lambda: without(baseline(), "t1_3d_pre"), "GUI010"),
    "baseline without diffusion": (lambda: without(baseline(), "dwi"), "GUI010"),
    "baseline without gadolinium": (lambda: without(baseline(), "gd"), "GUI010"),
    "baseline without FLAIR": (lambda: without(baseline(), "flair_3d"), "GUI010"),
    "baseline without the second T1": (lambda: without(baseline(), "t1_3d_post"), "GUI010"),
    "baseline with an optional FLAIR": (lambda: changed(baseline(), "flair_3d", optional=True), "GUI010"),
    "re-baseline without the second T1": (
        lambda: without(baseline(kind="re-baseline-6-months"), "t1_3d_post"),
        "GUI021",
    ),
    "follow-up without T1": (lambda: without(follow_up(), "t1_3d_pre"), "GUI030"),
    "PML screening with a DTI for its DWI": (
        lambda: pml(scan("dti")).model_copy(update={"steps": without(pml(scan("dti")), "dwi").steps}),
        "GUI055",
    ),
    "spine without T2": (lambda: without(without(spine(), "spine_t2_sag"), "spine_t2_sag"), "GUI070"),
    "diagnosis without susceptibility": (lambda: without(baseline(), "swi"), "GUI015"),
    # order
    "baseline with FLAIR last": (
        lambda: ordered(baseline(), "t1_3d_pre", "dwi", "gd", "t1_3d_post", "flair_3d", "swi"),
        "GUI011",
    ),
    "injection before diffusion": (
        lambda: ordered(
            baseline(kind="re-baseline-6-months"), "t1_3d_pre", "gd", "dwi", "flair_3d", "t1_3d_post"
        ),
        "GAD006",
    ),
    "SWI first": (lambda: ordered(baseline(), "swi"), "GUI016"),
    # gadolinium
    "linear agent": (lambda: _injected(agent="gadodiamide"), "GAD002"),
    "agent outside the list": (lambda: _injected(agent="gadopiclenol"), "GAD001"),
    "agent not stated": (lambda: _injected(agent=None), "GAD002"),
    "double dose": (lambda: _injected(dose=0.2), "GAD003"),
    "T1 too early": (lambda: changed(baseline(), "flair_3d", acquisition_duration=275.0), "GAD004"),
    "gadolinium at follow-up": (lambda: follow_up(gd(), scan("t1_3d_post")), "GAD016"),
    "gadolinium at PML screening": (lambda: pml(gd(), scan("t1_3d_post")), "GAD024"),
    # geometry
    "volume of 1.2 mm": (lambda: changed(follow_up(), "flair_3d", voxel_size=(1.2, 1.2, 1.2)), "GEO002"),
    "volume not isotropic": (lambda: changed(follow_up(), "flair_3d", voxel_size=(0.7, 0.7, 1.0)), "GEO001"),
    "PD/T2 of 1.2 mm in plane": (
        lambda: follow_up(scan("pdt2_2d", optional=True, voxel_size=(0.9, 1.2, 3.0))),
        "GEO009",
    ),
    "PD/T2 of 4 mm": (
        lambda: follow_up(scan("pdt2_2d", optional=True, slice_thickness=4.0, voxel_size=(0.9, 0.9, 4.0))),
        "GEO010",
    ),
    "T2* of 5 mm": (
        lambda: follow_up(scan("t2star_2d", optional=True, slice_thickness=5.0, voxel_size=(0.9, 0.9, 5.0))),
        "GEO011",
    ),
    "DWI of 5 mm": (
        lambda: changed(follow_up(), "dwi", slice_thickness=5.0, voxel_size=(1.875, 1.875, 5.0)),
        "GEO012",
    ),
    "DTI of 12 directions": (
        lambda: follow_up(scan("dti", optional=True, diffusion_directions=12)),
        "GEO014",
    ),
    "DTI of 2.5 mm": (lambda: follow_up(scan("dti", optional=True, voxel_size=(2.5, 2.5, 2.5))), "GEO015"),
    "gap of 10 %": (lambda: changed(follow_up(), "dwi", slice_gap=0.3), "GEO016"),
    "gap not stated": (lambda: changed(follow_up(), "dwi", slice_gap=None), "GEO016"),
    "one station of the spine": (lambda: without(spine(), "spine_t2_sag"), "GEO021"),
    "conus not covered": (lambda: _stations("cervical", "thoracic"), "GEO020"),
    # physics
    "TE above TR": (lambda: changed(follow_up(), "dwi", repetition_time=70.0), "PHY001"),
    "TI above TR": (lambda: changed(follow_up(), "flair_3d", repetition_time=1700.0), "PHY002"),
    "voxel against matrix": (
        lambda: changed(follow_up(), "t1_3d_pre", acquisition_matrix=(320, 240)),
        "PHY016",
    ),
    "TE too short for the bandwidth": (
        lambda: changed(follow_up(), "t1_3d_pre", echo_times=(0.9,)),
        "PHY015",
    ),
    "train longer than its repetition": (
        lambda: changed(follow_up(), "flair_3d", echo_train_duration=4000.0),
        "PHY007",
    ),
    "TE beyond the train": (lambda: changed(follow_up(), "flair_3d", echo_train_duration=300.0), "PHY007"),
    "train of seconds": (
        lambda: follow_up(scan("pdt2_2d", optional=True, echo_train_length=900, echo_times=(100.0,))),
        "PHY029",
    ),
    "acceleration of 16": (
        lambda: changed(
            follow_up(),
            "flair_3d",
            parallel_reduction_factor_in_plane=4.0,
            parallel_reduction_factor_out_of_plane=4.0,
        ),
        "PHY019",
    ),
    "time of another scan": (
        lambda: follow_up(scan("flair_2d", optional=True, slice_gap=1.0)),
        "GEO016",
    ),
}


def _injected(**changes: object) -> Protocol:
    good = baseline()
    steps = [gd(**changes) if step.kind == "contrast" else step for step in good.steps]
    return good.model_copy(update={"steps": tuple(steps)})


def _stations(*regions: str) -> Protocol:
    good = spine()
    steps = [s.model_copy(update={"coverage": (r,)}) for s, r in zip(good.steps, regions, strict=True)]
    return good.model_copy(update={"steps": tuple(steps)})


@pytest.mark.parametrize("name", SPOILT)
def test_a_spoilt_card_is_found(name: str) -> None:
    make, code = SPOILT[name]
    report = examine(make())
    assert code in codes(report), [f.message for f in report.findings]
    found = next(f for f in report.findings if f.code == code)
    assert found.remedy and found.source and ": " in found.message


def test_low_field_is_an_error() -> None:
    target = Target(vendor="siemens", field_strength=0.55)
    (found,) = [f for f in examine(follow_up(), target=target).findings if f.code == "VEN001"]
    assert (found.severity, found.measured, found.limit, found.unit) == ("error", 0.55, 1.5, "T")


def test_a_finding_carries_value_limit_unit_step_and_field() -> None:
    report = examine(changed(follow_up(), "flair_3d", voxel_size=(1.0, 1.0, 1.2)))
    (found,) = [f for f in report.findings if f.code == "GEO002"]
    assert (found.step, found.step_name, found.field) == (2, "flair_3d", "voxel_size")
    assert (found.measured, found.limit, found.unit) == (1.2, 1.05, "mm")
    assert found.readings == ("C05",)
    title, said = found.message.split(": ")
    assert title == "No edge of a volume's voxel is longer than 1 mm"
    assert said == "largest edge of the voxel is 1.2 mm, must be at most 1.05 mm"


def test_isotropy_is_a_warning_up_to_20_percent_and_an_error_above() -> None:
    for edge, severity in ((1.2, "warning"), (1.3, "error")):
        report = examine(changed(follow_up(), "flair_3d", voxel_size=(1.0, 1.0, edge)))
        assert [f.severity for f in report.findings if f.code == "GEO001"] == [severity]


def test_optional_scans_do_not_count() -> None:
    assert "TIM002" not in codes(
        examine(follow_up(scan("pdt2_2d", optional=True, acquisition_duration=900.0)))
    )
    assert "TIM002" in codes(examine(follow_up(scan("pdt2_2d", acquisition_duration=900.0))))


def test_an_uncertain_total_cannot_be_told() -> None:
    """14:50 with half a minute of doubt is neither within 15 minutes nor beyond them."""
    fast = {"acquisition_duration": None, "parallel_reduction_factor_in_plane": 3.0, "reference_lines": 24}
    estimated = changed(follow_up(), "flair_3d", **fast)
    assert "TIM002" not in codes(examine(estimated))
    rest = 900.0 - _counted(estimated)
    near = changed(estimated, "t1_3d_pre", acquisition_duration=240.0 + rest)
    (found,) = [f for f in examine(near).findings if f.code == "TIM002"]
    assert found.severity == "warning"
    assert "cannot be decided" in found.message and "±" in found.message


def _counted(protocol: Protocol) -> float:
    from generator.timing.timeline import build_timeline

    return build_timeline(protocol, SIEMENS).counted


def test_an_unknown_time_is_not_passed_in_silence() -> None:
    unknown = changed(follow_up(), "flair_3d", technique="other", acquisition_duration=None)
    (found,) = [f for f in examine(unknown).findings if f.code == "TIM002"]
    assert found.severity == "warning" and "does not state" in found.message


def test_gadolinium_with_a_reason_is_accepted_at_follow_up() -> None:
    reasoned = situated(
        follow_up(gd(), pause(310.0), scan("t1_3d_post")), gadolinium_reason="atypical pattern"
    )
    assert "GAD016" not in codes(examine(reasoned))


def test_the_fallback_without_3d_flair() -> None:
    steps = [scan("t1_3d_pre"), scan("dwi"), scan("flair_2d"), scan("pdt2_2d")]
    fallback = follow_up().model_copy(update={"steps": tuple(steps)})
    accepted = examine(situated(fallback, flair_3d_available=False))
    assert not codes(accepted) & {"GUI030", "GUI042", "GUI043"}
    assert "GUI030" in codes(examine(situated(fallback, flair_3d_available=True)))
    assert "GUI030" in codes(examine(fallback))
    lacking = situated(without(fallback, "pdt2_2d"), flair_3d_available=False)
    assert "GUI043" in codes(examine(lacking), "error")


def test_a_rule_that_says_more_silences_one_that_says_less() -> None:
    found = codes(examine(without(baseline(), "gd")))
    assert "GUI010" in found
    assert not found & {"GUI003", "GAD008"}


def test_the_gradient_of_the_scanner_is_held_against_the_b_value() -> None:
    card = changed(follow_up(), "dwi", echo_times=(55.0,))
    assert "PHY021" in codes(examine(card, scanner={"gradient_amplitude": 30.0}))
    assert "PHY021" not in codes(examine(card, scanner={"gradient_amplitude": 80.0}))
    assert "PHY021" not in codes(examine(card))


def test_a_coil_that_can_accelerate_is_used() -> None:
    plain = changed(follow_up(), "flair_3d", parallel_reduction_factor_in_plane=1.0)
    assert "TIM006" in codes(examine(plain, scanner={"receive_channels": 32}))
    assert "TIM006" not in codes(examine(plain, scanner={"receive_channels": 4}))


def test_physics_looks_at_scans_without_a_role() -> None:
    unknown = follow_up(scan("flair_3d").model_copy(update={"role": None, "repetition_time": 1000.0}))
    assert "PHY002" in codes(examine(unknown), "error")
