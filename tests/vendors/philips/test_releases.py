"""What the format notes say of releases outside the corpus, on parameters and cards of our own making."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from generator.errors import CannotBuild
from generator.model.tree import Acquisition, Protocol
from generator.vendors.philips import DIALECT, inspect
from generator.vendors.philips.container import envelope, graph
from generator.vendors.philips.container.graph import Inline, Node, Null, Plain, Text
from generator.vendors.philips.fields import fields, geometry
from generator.vendors.philips.fields.scan import ScanValues
from tests.vendors.philips import cards
from tests.vendors.philips.releases import dress

Values = dict[str, Any]

FFE: Values = {"EX_ACQ_imaging_sequence": "FFE", "EX_ACQ_fast_imaging_mode": "NO", "EX_FFE_ceffe": "T1"}
IR: Values = {"EX_ACQ_imaging_sequence": "IR", "EX_ACQ_fast_imaging_mode": "TSE"}
# R3.2 and R5.1 have neither EX_GEO_acq_voxel_size_s nor EX_GEO_acq_slice_thickness.
OLD_3D: Values = FFE | {
    "EX_ACQ_scan_mode": "3D",
    "EX_ACQ_overcont_slices": "YES",
    "EX_ACQ_measurements": 2,
    "EX_ACQ_foldover_sup": "NO",
    "EX_GEO_fov": 240.0,
    "EX_GEO_fov_p": 192.0,
    "EX_GEO_voxel_size_m": 1.2,
    "EX_GEO_voxel_size_p": 1.2,
    "EX_GEO_voxel_size_s": 0.75,
    "EX_GEO_slice_thickness": 0.75,
    "EX_GEO_stacks": 2,
    "EX_GEO_stacks_slices": (90, 30, *[7] * 18),
    "EX_GEO_stacks_fov_ss": (67.5, 22.5, *[99.0] * 18),
    "EX_GEO_stacks_orientations": ("SAGITTAL", "SAGITTAL", *["CORONAL"] * 18),
    "EX_GEO_stacks_prep_dirs": ("AP", "AP", *["LR"] * 18),
    "IF_meas_matrix_size": "200 x 151",
    "IF_meas_voxel_size": "1.20 / 1.27 / 1.50",
}


def read(values: Values, **changes: Any) -> tuple[dict[str, Any], list[str]]:
    """Read the fields of made-up parameters, and which of them got a note."""
    noted: list[str] = []
    scan = ScanValues(values | changes, 3.0, False, lambda field, code, message: noted.append(field))
    return fields(scan), noted


def test_the_oldest_geometry() -> None:
    found, _ = read(OLD_3D)
    assert found["voxel_size"] == pytest.approx((1.2, 192 / 151, 1.5))
    assert found["slice_thickness"] == 1.5  # as measured: partitions shown at every 0.75 mm overlap
    assert found["number_of_slices"] == 120  # slots after the stacks in use are leftovers
    assert (found["plane"], found["phase_encoding_direction"]) == ("sagittal", "AP")
    assert found["slab_thickness"] == 90
    assert found["number_of_averages"] == 2
    assert found["phase_oversampling"] == 0


def test_a_thickness_that_no_computed_value_proves_is_null() -> None:
    found, noted = read(OLD_3D, IF_meas_voxel_size="")
    assert found["slice_thickness"] is None
    assert "slice_thickness" in noted
    assert read(OLD_3D, IF_meas_voxel_size="", EX_ACQ_overcont_slices="NO")[0]["slice_thickness"] == 0.75


@pytest.mark.parametrize(
    ("shown", "exact", "expected"),
    [
        (1.5, (2.0, 1.5033), 1.5033),
        (2.28, (2.2, 2.277228), 2.277228),
        (29.38, (30.0, 29.375), 29.375),
        (3.05, (3.0328, 2.98), 3.05),
        (None, (None, 2.0), 2.0),
        (0.0, (1.0,), 1.0),
        (None, (), None),
    ],
)
def test_the_measured_size(shown: float | None, exact: tuple[float, ...], expected: float | None) -> None:
    assert geometry.measured(shown, *exact) == expected


def test_two_echoes_in_a_release_without_second_echo_time() -> None:
    two = FFE | {"EX_ACQ_echoes": 2, "EX_ACQ_first_echo_time_enum": "SHORTEST"}
    # A real breath-hold mDIXON: TR 2.8, echoes at 1.00 and 1.7; 2.7 would be after its next excitation.
    shown = {"IF_act_rep_time_echo_time": "2.8 / 1.00 / 1.7"}
    assert read(two | shown)[0]["echo_times"] == (1.0, 1.7)
    assert read(two | {"IF_act_rep_time_echo_time": "20 / 2.3 / 2.1"})[0]["echo_times"] is None
    found, noted = read(two | {"IF_act_rep_time_echo_time": "20 / 2.3"})
    assert found["echo_times"] is None and "echo_times" in noted
    spin = two | {"EX_ACQ_imaging_sequence": "SE", "IF_act_SE_echo_time": "15"}
    assert read(spin | {"IF_act_rep_time_echo_time": "2000 / 15 / 15"})[0]["echo_times"] is None


@pytest.mark.parametrize("switch", ["EX_IR_2nd_inv", "EX_IR_inv_2nd"])
def test_of_two_inversions_none_is_guessed(switch: str) -> None:
    found, noted = read(IR | {"EX_IR_delay": 3000.0, switch: "YES"})
    assert found["inversion_time"] is None
    assert {"inversion_time", "second_inversion_time"} <= set(noted)
    assert read(IR | {"EX_IR_delay": 3000.0, switch: "NO"})[0]["inversion_time"] == 3000


def test_mp2rage_is_told_from_mprage() -> None:
    prepared = FFE | {
        "EX_ACQ_fast_imaging_mode": "TFE",
        "EX_TFEPP_prepulses": "INV",
        "EX_TFEPP_pre_T1_delay_enum": "USER_DEF",
        "EX_TFEPP_pre_T1_delay": 900.0,
        "EX_TFEPP_MP2RAGE": "NO",
    }
    assert read(prepared)[0]["technique"] == "magnetization_prepared_gradient_echo"
    assert read(prepared)[0]["inversion_time"] == 900
    found, noted = read(prepared, EX_TFEPP_MP2RAGE="YES")
    assert (found["technique"], found["inversion_time"]) == ("mp2rage", None)
    assert "second_inversion_time" in noted


SPECTRUM: Values = {
    "EX_ACQ_scan_type": "SPECTRO",
    "EX_ACQ_imaging_sequence": "ECHO",
    "EX_ACQ_scan_mode": "SV",
    "EX_ACQ_se_rep_time_enum": "USER_DEF",
    "EX_ACQ_se_rep_time": 2000.0,
    "EX_ACQ_first_echo_time_enum": "USER_DEF",
    "EX_ACQ_first_echo_time": 30.0,
    "EX_ACQ_measurements": 64.0,
    "EX_GEO_fov_p": 20.0,
    "EX_GEO_voxel_size_m": 20.0,
}


def test_a_spectrum_has_no_image_geometry() -> None:
    found, noted = read(SPECTRUM)
    assert (found["technique"], found["repetition_time"]) == ("spectroscopy", 2000)
    assert (found["echo_times"], found["number_of_averages"]) == ((30,), 64)
    assert not {"field_of_view", "voxel_size", "plane", "mr_acquisition_type"} & set(found)
    assert "technique" in noted


DIFFUSION: Values = {
    "EX_ACQ_imaging_sequence": "SE",
    "EX_ACQ_fast_imaging_mode": "EPI",
    "EX_DIFF_enable": "DTI",
    "EX_DIFF_nr_weightings": 2,
    "EX_DIFF_b_order": "LIN",
    "EX_DIFF_b_factor": 1000,
    "EX_DIFF_average_high_b": "NO",
}


@pytest.mark.parametrize(
    ("scheme", "directions"),
    [({"EX_DIFF_directional_resolution": "USER_DEF", "EX_DIFF_nr_of_directions": 48}, 48),
     ({"EX_DIFF_directional_resolution": "USER_DEF"}, None),
     ({"EX_DIFF_directional_resolution": "LOW"}, 6),
     ({"EX_DIFF_directional_resolution": "OPT40"}, 40),
     ({"EX_DIFF_directional_resolution": "OTHER3"}, None)],
)  # fmt: skip
def test_directions_of_every_scheme(scheme: Values, directions: int | None) -> None:
    found, noted = read(DIFFUSION | scheme)
    assert found["diffusion_directions"] == directions
    assert found["b_values"] == (0, 1000)
    assert ("diffusion_directions" in noted) is (directions is None or directions == 6)


def test_b_values_in_the_users_order() -> None:
    listed = (0, 20, 50, 70, 100, 200, 800)
    values = DIFFUSION | {
        "EX_DIFF_enable": "DWI",
        "EX_DIFF_nr_weightings": 7,
        "EX_DIFF_b_order": "USER_DEF",
        "EX_DIFF_b_factors": (*listed, *[0] * 25),
        "EX_DIFF_average_high_b": "USER_DEF",
        "EX_DIFF_nr_averages": (1, 1, 1, 1, 2, 4, 4, *[1] * 25),
    }
    found, _ = read(values)
    assert found["b_values"] == listed
    assert found["b_value_averages"] == (1, 1, 1, 1, 2, 4, 4)
    assert (found["diffusion_directions"], found["diffusion_scheme"]) == (3, "trace_3")
    found, noted = read(values, EX_DIFF_b_order=None, EX_DIFF_nr_weightings=1)
    assert found["b_values"] is None and "b_values" in noted


def test_breath_hold_and_spair() -> None:
    found, noted = read(
        FFE | {"EX_RESP_synch": "HOLD", "EX_CARD_sync": "NO", "EX_SPIR_fat_suppression": "SPAIR"}
    )
    assert (found["gating"], found["fat_suppression"]) == ("none", "spair")
    assert "gating" in noted


@pytest.mark.parametrize(
    ("angio", "technique"),
    [("NO", "gradient_echo"), ("INFLOW", "time_of_flight"), ("CE", "gradient_echo"), ("PC", "other")],
)
def test_phase_contrast_is_no_plain_gradient_echo(angio: str, technique: str) -> None:
    """Its lines are measured with several flow encodings: one each would be several times too short."""
    assert read(FFE | {"EX_PC_angio_mode": angio})[0]["technique"] == technique


@pytest.mark.parametrize(
    ("navigator", "gating"),
    [("OFF", "none"), ("GATE", "respiratory"), ("TRACK", "respiratory"), (3, None), (None, "none")],
)
def test_a_navigator_is_gated_and_its_unknown_number_says_so(
    navigator: str | int | None, gating: str | None
) -> None:
    """R11.1 stores bare numbers: one whose meaning is not known may be a gate."""
    free = FFE | {"EX_RESP_synch": "NO", "EX_CARD_sync": "NO", "EX_SPIR_fat_suppression": "NO"}
    found, noted = read(free if navigator is None else free | {"EX_RNAV_resp_comp": navigator})
    assert found["gating"] == gating
    assert ("gating" in noted) is (gating is None)


@pytest.mark.parametrize("text", ["MULTI_ACQ", "MULTI_ECHO", "YES", "QUANT"])
def test_dixon_in_the_words_of_every_release(text: str) -> None:
    assert (
        read(FFE | {"EX_ACQ_dixon": text, "EX_SPIR_fat_suppression": "NO"})[0]["fat_suppression"] == "dixon"
    )


@pytest.mark.parametrize("shown", ["01:27.9", "1:01:27.9", "00:09.5", "15.0", "", "--:--"])
def test_times_of_the_info_page(tmp_path: Path, shown: str) -> None:
    from generator.vendors.philips.container import block
    from generator.vendors.philips.container.graph import Bytes

    path = cards.write(tmp_path)
    card = graph.load(envelope.load(path))
    for row in graph.rows(card):
        edited = cards.block_of(row)
        record = edited.get("IF_str_total_scan_time")
        if record is not None:
            record.raw = block.pack(block.TEXT, [shown])
        row.procedure.set("parameterData", Bytes(cards.packed(edited)))
        row.execution.set("stepDuration", Plain("0"))
    path.write_bytes(graph.dump(card))
    seconds = {"01:27.9": 87.9, "1:01:27.9": 3687.9, "00:09.5": 9.5}
    read_back = DIALECT.read(path)
    assert read_back.protocols[0].acquisitions[0].acquisition_duration == seconds.get(shown)
    assert read_back.protocols[0].acquisition_duration is None


def rewritten(path: Path, old: bytes, new: bytes) -> list[str]:
    raw = path.read_bytes()
    assert old in raw
    path.write_bytes(raw.replace(old, new))
    return [scan.name for scan in DIALECT.read(path).protocols[0].acquisitions]


def test_line_ends_declarations_and_tails(tmp_path: Path) -> None:
    path = cards.write(tmp_path)
    original = path.read_bytes()
    names = ["T1", "FLAIR"]
    assert rewritten(path, b"\r\n", b"\n") == names
    card = graph.load(envelope.load(path, keep_tail=True))
    assert graph.dump(card) == path.read_bytes()
    for changed in (
        original.removesuffix(b"\n"),
        original.rstrip(),
        original + b"\0" * 5000,
        original + original,
        original + b"\xff</SOAP-ENV:Envelope>",
    ):
        path.write_bytes(changed)
        loaded = envelope.load(path, keep_tail=True)
        assert loaded.content + loaded.tail == changed
        assert loaded.tail_size == len(loaded.tail)
        assert graph.dump(graph.load(loaded)) == changed
        assert [scan.name for scan in DIALECT.read(path).protocols[0].acquisitions] == names
    for before in (b"\xef\xbb\xbf", b'<?xml version="1.0" encoding="utf-8"?>\r\n'):
        path.write_bytes(before + original)
        assert [scan.name for scan in DIALECT.read(path).protocols[0].acquisitions] == names
        assert "not-canonical" in {warning.code for warning in DIALECT.inspect(path).warnings}


def test_prefixes_and_ids_of_another_writer(tmp_path: Path) -> None:
    import re

    path = cards.write(tmp_path)
    text = re.sub(r"\ba(\d+):|xmlns:a(\d+)=", lambda m: m[0].replace("a", "ns_", 1), path.read_text())
    path.write_text(re.sub(r"ref-(\d+)", lambda m: f"ref-{9000 - 7 * int(m[1])}", text))
    result = DIALECT.read(path)
    assert [scan.name for scan in result.protocols[0].acquisitions] == ["T1", "FLAIR"]
    assert result.software == "5.7.1.1"


def test_a_scan_without_a_note_and_a_card_with_values_in_an_array(tmp_path: Path) -> None:
    """SR_ADULT cards have scans whose note is null, and R5.1 an array of inline values."""
    path = cards.write(tmp_path)
    card = graph.load(envelope.load(path, keep_tail=True))
    detail = graph.rows(card)[1].single.get("detail")
    assert isinstance(detail, Node)
    detail.members = [(name, Null()) for name, _ in detail.members]
    space = "http://schemas.microsoft.com/clr/nsassem/A.B/c"
    review = Inline(space, "ConfirmReviewType", [("name", Text("x")), ("confirm", Plain("true"))])
    from generator.vendors.philips.container.graph import Array

    card.root.members.append(("reviewRequired", Array(space, "ConfirmReviewType", 4, [review])))
    path.write_bytes(graph.dump(card))
    assert graph.dump(graph.load(envelope.load(path, keep_tail=True))) == path.read_bytes()
    assert DIALECT.read(path).protocols[0].acquisitions[1].instruction is None


DIR = cards.FLAIR.model_copy(update={"name": "DIR", "inversion_time": 3000.0, "second_inversion_time": 450.0})


def test_a_double_inversion_is_never_written_as_a_single_one(tmp_path: Path) -> None:
    protocol = Protocol(name="x", id="x", steps=(DIR,))
    export = cards.build(protocol)
    assert {"inversion_time", "second_inversion_time"} <= {loss.field for loss in export.losses}
    template = cards.write(tmp_path / "template", protocol)
    row = graph.rows(graph.load(envelope.load(template)))[0]
    block = cards.block_of(row)
    assert block.get("EX_IR_delay") is None
    second = block.get("EX_IR_inv_2nd")
    assert second is not None and second.choices[second.numbers[0]] == "YES"
    assert "3000 ms and 450 ms" in str(DIALECT.read(template).protocols[0].acquisitions[0].instruction)
    donor = cards.write(tmp_path / "donor")
    with pytest.raises(CannotBuild, match="two inversions"):
        cards.build(protocol, donor=donor)
    with pytest.raises(CannotBuild, match="FLAIR: a 3D turbo spin echo with inversion"):
        cards.build(Protocol(name="x", steps=(cards.FLAIR,)), donor=template)
    again = cards.build(protocol, donor=template)
    assert {"inversion_time", "second_inversion_time"} <= {loss.field for loss in again.losses}


def test_the_shown_voxel_follows_a_patch(tmp_path: Path) -> None:
    donor = cards.write(tmp_path / "donor")
    coarse = Acquisition(
        name="FLAIR",
        technique="turbo_spin_echo",
        mr_acquisition_type="3D",
        inversion_time=1650,
        field_of_view=(250, 250),
        voxel_size=(1.25, 1.3, None),
    )
    path = cards.write(tmp_path / "out", Protocol(name="x", id="x", steps=(coarse,)), donor=donor)
    scan = DIALECT.read(path).protocols[0].acquisitions[0]
    assert scan.voxel_size is not None
    assert scan.voxel_size[:2] == pytest.approx((1.25, 1.3))


RELEASES = [(3, 2), (5, 1), (5, 3), (5, 6), (5, 7), (5, 9), (11, 1)]
ORIGINAL = Protocol(name="Dress", id="dress", steps=(cards.T1, cards.FLAIR))


@pytest.mark.parametrize("release", RELEASES, ids=str)
def test_a_card_of_every_release_is_read_kept_and_cloned(tmp_path: Path, release: graph.Release) -> None:
    path = dress(cards.write(tmp_path, ORIGINAL), release)
    card = graph.load(envelope.load(path, keep_tail=True))
    assert inspect.problems(card) == []
    assert graph.dump(card) == path.read_bytes()
    result = DIALECT.read(path)
    assert result.software == f"{release[0]}.{release[1]}.0.0"
    for scan, wanted in zip(result.protocols[0].acquisitions, (cards.T1, cards.FLAIR), strict=True):
        assert (scan.name, scan.plane, scan.mr_acquisition_type) == (wanted.name, wanted.plane, "3D")
        assert scan.number_of_slices == wanted.number_of_slices
        assert scan.slice_thickness == pytest.approx(wanted.slice_thickness)
        assert scan.voxel_size == pytest.approx(wanted.voxel_size)
        assert scan.flip_angle == wanted.flip_angle
    clone = cards.SMALL if release < (11, 1) else ORIGINAL
    again = cards.write(tmp_path / "again", clone.model_copy(update={"name": "Again"}), donor=path)
    copied = graph.load(envelope.load(again, keep_tail=True))
    assert inspect.problems(copied) == []
    assert graph.dump(copied) == again.read_bytes()
    scans = DIALECT.read(again).protocols[0].acquisitions
    assert [scan.repetition_time_preparation for scan in scans] == [
        scan.repetition_time_preparation for scan in result.protocols[0].acquisitions
    ]
