"""Conversions against values that a console printed or a hand worked out; no round trip sees these."""

from __future__ import annotations

from typing import Any

import pytest

from generator.model.tree import Acquisition
from generator.vendors.dialect import Reasons
from generator.vendors.philips import facts
from generator.vendors.philips.fields import express, fields
from generator.vendors.philips.fields.scan import ScanValues, Settings
from tests.vendors.philips.vectors import DWI, EPI, FFE, NOTED, READ, SE, SILENT, SPECTRUM, TFE, WRITTEN

# Field strength, pixels and Hz as consoles printed them: "Act. WFS (pix) / BW (Hz)" of real cards.
PRINTED_SHIFTS = [
    (1.5, 0.601, 361.7),
    (1.5, 0.569, 381.8),
    (3.0, 1.056, 411.2),
    (3.0, 0.817, 531.5),
    (3.0, 3.496, 124.2),
]


def read(values: dict[str, Any], field_strength: float = 3.0, **changes: Any) -> dict[str, Any]:
    return fields(ScanValues(values | changes, field_strength, False, lambda *_: None))


@pytest.mark.parametrize(("tesla", "pixels", "hertz"), PRINTED_SHIFTS)
def test_fat_shift_is_the_printed_bandwidth(tesla: float, pixels: float, hertz: float) -> None:
    stated = {"EX_ACQ_water_fat_shift": "USER_DEF", "EX_ACQ_user_def_water_fat_shift": pixels}
    digits = 0.0006 / pixels  # half of the last digit that was printed, as a share
    assert read(FFE | stated, tesla)["pixel_bandwidth"] == pytest.approx(hertz, rel=digits)
    assert read(FFE | stated, 7.0)["pixel_bandwidth"] is None  # no constant is known
    settings = Settings(FFE, tesla, is_template=True)
    express(Acquisition(name="x", pixel_bandwidth=hertz), settings, None)
    # The bandwidth has one decimal: half of it, as a share, comes on top.
    assert settings.wanted[facts.SHIFT] == pytest.approx(pixels, abs=0.0006 + 0.05 / hertz * pixels)
    assert settings.wanted[facts.SHIFT_MODE] == "USER_DEF"


@pytest.mark.parametrize(
    ("mode", "stated", "shown", "times"),
    [
        ("USER_DEF", 4.6, "20 / 2.3 / 4.6", (2.3, 4.6)),  # fcMRI field mapping, R5.7
        ("SHORTEST", None, "2.8 / 1.00 / 1.7", (1.0, 1.7)),  # breath-hold mDIXON, R5.6
        ("SHORTEST", 9.9, "2.8 / 1.00 / 1.7", (1.0, 1.7)),  # a leftover beside SHORTEST
    ],
)
def test_second_echo_is_no_spacing(
    mode: str, stated: float | None, shown: str, times: tuple[float, ...]
) -> None:
    two = {"EX_ACQ_echoes": 2, "EX_ACQ_second_echo_time_enum": mode, "IF_act_rep_time_echo_time": shown}
    held = {} if stated is None else {"EX_ACQ_second_echo_time": stated}
    assert read(FFE | two | held)["echo_times"] == times


def test_three_echoes_have_a_spacing() -> None:
    shown = {"EX_ACQ_echoes": 3, "IF_act_rep_time_echo_time": "600 / 7.2 / 6.5"}
    assert read(FFE | shown)["echo_times"] == (7.2, 13.7, 20.2)


@pytest.mark.parametrize(
    ("sequence", "fast", "delay", "expected"),
    [("IR", "TSE", 155.0, "stir"), ("IR", "TSE", 220.0, "stir"), ("IR", "TSE", 400.0, "none"),
     ("SE", "TSE", 155.0, "none"), ("IR", "EPI", 155.0, "none")],
)  # fmt: skip
def test_stir_is_known_by_its_inversion(sequence: str, fast: str, delay: float, expected: str) -> None:
    scan = {"EX_ACQ_imaging_sequence": sequence, "EX_ACQ_fast_imaging_mode": fast, "EX_IR_delay": delay}
    assert read(scan, EX_SPIR_fat_suppression="NO")["fat_suppression"] == expected
    assert read(scan, EX_SPIR_fat_suppression="SPIR")["fat_suppression"] == "spir"


@pytest.mark.parametrize(("mode", "shots"), [("3D", None), ("MS", 1)])
def test_single_shot_in_3d_is_a_shot_a_partition(mode: str, shots: int | None) -> None:
    scan = TFE | {"EX_ACQ_shot_mode": "SSH", "EX_ACQ_scan_mode": mode, "IF_tfe_factor": 176}
    found = read(scan)
    assert found["number_of_shots"] == shots
    assert found["echo_train_length"] == 176
    assert read(scan, IF_tfe_shots=120)["number_of_shots"] == 120


def test_echo_time_of_a_spectrum() -> None:
    """PRESS: the actual times show TR and TE, as those of a field echo do."""
    found = read(SPECTRUM, EX_ACQ_imaging_sequence="ECHO", IF_act_rep_time_echo_time="2000 / 30")
    assert (found["repetition_time"], found["echo_times"]) == (2000, (30.0,))
    assert read(SPECTRUM, EX_ACQ_imaging_sequence="SE", IF_act_SE_echo_time="35")["echo_times"] == (35.0,)
    assert (
        read(SPECTRUM, EX_ACQ_imaging_sequence="FID", IF_act_rep_time_echo_time="2000 / 30")["echo_times"]
        is None
    )


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("flip_angle", {"EX_ACQ_flip_angle": 400.0}),
        ("repetition_time", {"EX_ACQ_ffe_rep_time_enum": "USER_DEF", "EX_ACQ_ffe_rep_time": 3.4e38}),
        ("number_of_averages", {"EX_ACQ_measurements": 1e9}),
    ],
)
def test_what_no_scanner_can_have_is_a_note(field: str, values: dict[str, Any]) -> None:
    noted: list[tuple[str, str]] = []
    found = fields(
        ScanValues(FFE | values, 3.0, False, lambda name, code, message: noted.append((name, code)))
    )
    assert found[field] is None
    assert (field, "implausible") in noted


def test_each_field_out_of_what_a_block_holds() -> None:
    wrong = []
    for values, wanted in READ:
        found = read(values)
        differ = {name: found.get(name) for name, value in wanted.items() if found.get(name) != value}
        if differ:
            wrong.append((values, differ, wanted))
    assert wrong == []


def test_what_is_not_stated_is_noted_and_nothing_else() -> None:
    def noted(values: dict[str, Any]) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        fields(ScanValues(values, 3.0, False, lambda field, code, _: found.append((field, code))))
        return found

    assert [
        (values, field, code) for values, field, code in NOTED if (field, code) not in noted(values)
    ] == []
    assert [(values, field) for values, field in SILENT if field in dict(noted(values))] == []


def test_each_field_as_it_is_written_into_a_clone() -> None:
    wrong = []
    for is_template, current, wanted, written in WRITTEN:
        settings = Settings(current, 3.0, is_template=is_template)
        express(Acquisition(name="x", **wanted), settings, None)
        if settings.wanted != written:
            both = settings.wanted.keys() | written.keys()
            differ = {
                name: (settings.wanted.get(name, "-"), written.get(name, "-"))
                for name in both
                if settings.wanted.get(name, "-") != written.get(name, "-")
            }
            wrong.append((current, wanted, differ))
    assert not wrong, "\n".join(map(str, wrong))


def test_fat_shifts_along_its_axis_whichever_side() -> None:
    """A side of the right axis stays; another becomes that of the other axis in the plane."""
    planes = {"AP": "SAGITTAL", "LR": "CORONAL", "FH": "SAGITTAL"}
    for side, axis in (("A", "AP"), ("P", "AP"), ("L", "LR"), ("R", "LR"), ("F", "FH"), ("H", "FH")):
        stack = {
            "EX_GEO_stacks": 1,
            "EX_STACKS_0__orientation": planes[axis],
            "EX_STACKS_0__fat_shift_dir": side,
        }
        settings = Settings(EPI | stack, 3.0, is_template=False)
        express(Acquisition(name="x", phase_encoding_direction=axis), settings, None)  # type: ignore[arg-type]
        assert settings.wanted == {"EX_STACKS_0__prep_dir": [axis]}, side
    for plane, phase, wanted in (
        ("SAGITTAL", "LR", {"prep_dir": ["AP"], "fat_shift_dir": ["F"]}),
        ("TRANSVERSAL", "FH", {"prep_dir": ["AP"], "fat_shift_dir": ["L"]}),
        ("CORONAL", "AP", {"prep_dir": ["LR"], "fat_shift_dir": ["F"]}),
    ):
        neutral = {"SAGITTAL": "sagittal", "TRANSVERSAL": "transverse", "CORONAL": "coronal"}[plane]
        stack = {"EX_GEO_stacks": 1, "EX_STACKS_0__orientation": "OTHER", "EX_STACKS_0__prep_dir": phase}
        settings = Settings(SE | stack, 3.0, is_template=False)
        express(Acquisition(name="x", plane=neutral), settings, None)  # type: ignore[arg-type]
        found = {f"EX_STACKS_0__{name}": value for name, value in wanted.items()}
        assert settings.wanted == found | {"EX_STACKS_0__orientation": [plane]}
        assert len(settings.notes) == 2 and f"plane set to {neutral}" in settings.notes[0]
        assert f"set to {wanted['prep_dir'][0]}" in settings.notes[1]


def test_why_a_clone_does_not_have_what_is_wanted() -> None:
    for values, wanted, field, word in (
        (SE | {"EX_ACQ_accelerationMethod": "CS"}, {"parallel_reduction_factor_in_plane": 2.0},
         "parallel_reduction_factor_in_plane", "no R11.1 scan with SENSE is known"),
        (SE | {"EX_ACQ_accelerationMethod": "CS"}, {"parallel_reduction_factor_out_of_plane": 2.0},
         "parallel_reduction_factor_out_of_plane", "no R11.1 scan with SENSE is known"),
        (SE | {"EX_ACQ_accelerationMethod": "CS"}, {"parallel_reduction_factor_in_plane": 2.0},
         "compressed_sensing_factor", "no R11.1 scan with SENSE is known"),
        (SE | {"EX_CARD_sync": "NO"}, {"gating": "cardiac"}, "gating", "no scan of the donor is triggered"),
        (SE | {"EX_ACQ_dixon": "YES"}, {"fat_suppression": "none"}, "fat_suppression",
        "made for Dixon or is not"),
        (SE, {"fat_suppression": "spir"}, "fat_suppression", "the records that come with it"),
        (DWI, {"b_values": (0, 1000), "b_value_averages": (1, 4)}, "b_value_averages", "averages of its own"),
        (FFE, {"flow_compensation": "all"}, "flow_compensation", "one switch for all axes"),
    ):  # fmt: skip
        reasons = Reasons()
        settings = Settings(values, 3.0, is_template=False, reasons=reasons.at(None))
        express(Acquisition(name="x", **wanted), settings, None)
        assert word in reasons.of[None].whys.get(field, ""), (field, wanted)
