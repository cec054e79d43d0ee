# ruff: noqa: E501  (a row of a table is a line)
"""Every element of the PAS block against what it means: by hand, from the format notes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from generator.vendors.canon import DIALECT, dicom, facts
from generator.vendors.canon import reader as canon
from tests.images.test_vendor_elements import Fake
from tests.vendors.canon.test_dicom import ELEMENTS, codes, pas, read, write

PLAIN = {"SEQID": "FSE2D", "BVAL": "0"}


@pytest.mark.parametrize(
    ("keyword", "field", "near", "far"),
    [
        ("RepetitionTime", "repetition_time", 8001, 8001.5), ("EchoTime", "echo_times", 82.5, 83),
        ("FlipAngle", "flip_angle", 90.5, 91), ("SliceThickness", "slice_thickness", 2.54, 2.6),
        ("PixelBandwidth", "pixel_bandwidth", 1314, 1317), ("AcquisitionDuration", "acquisition_duration", 138.3, 138.5),
    ],
)  # fmt: skip
def test_where_block_and_attribute_disagree(
    tmp_path: Path, keyword: str, field: str, near: float, far: float
) -> None:
    for value, wanted in ((near, []), (far, [field]), (None, [])):
        result, _ = read(tmp_path, public={keyword: value})
        assert [note.field for note in result.notes if note.code == "disagrees"] == wanted, value
    result, _ = read(tmp_path, public={"EchoTime": [81.5, 200]})
    assert "disagrees" not in codes(result)


@pytest.mark.parametrize(
    ("changes", "public", "wanted"),
    [
        (
            PLAIN,
            {"MRAcquisitionType": "3D"},
            {"mr_acquisition_type": "3D", "slice_gap": None, "technique": None},
        ),
        (
            PLAIN,
            {"MRAcquisitionType": "2D"},
            {"mr_acquisition_type": "2D", "slice_gap": 0, "echo_spacing": None},
        ),
        (PLAIN, {"MRAcquisitionType": "OTHER"}, {"mr_acquisition_type": None, "slice_gap": None}),
        ({"BVAL": "0"}, {"MRAcquisitionType": "3D"}, {"mr_acquisition_type": "2D", "technique": None}),
        ({}, {"InversionTime": 160}, {"inversion_time": 160}),
        ({}, {"InversionTime": 0}, {"inversion_time": None}),
        ({"MTX": "96x128"}, {"AcquisitionMatrix": [128, 0, 0, 96]}, {"acquisition_matrix": (128, 96)}),
        ({"MTX": "96x128"}, {"AcquisitionMatrix": [128, 0, 0, 100]}, {"acquisition_matrix": None}),
        ({"MTX": "96X96"}, {"AcquisitionMatrix": [96, 96]}, {"acquisition_matrix": (96, 96)}),
        (
            {"FOV": "24x20"},
            {"AcquisitionMatrix": [0, 240, 200, 0]},
            {"field_of_view": None, "voxel_size": None},
        ),
        ({"MTX": "96x96x2"}, {}, {"acquisition_matrix": None}),
        ({"MTX": "0x96"}, {}, {"acquisition_matrix": None}),
        ({"GAP": "0.5"}, {}, {"slice_gap": 0.5}),
        (
            {"TR": "0", "NAQ": "2", "THK": "3"},
            {},
            {"repetition_time": None, "number_of_averages": 2, "slice_thickness": 3},
        ),
        ({"SPDRR": "0.5,1,1"}, {}, {"parallel_reduction_factor_in_plane": None}),
        ({"SPDRR": "1,1,1"}, {}, {"parallel_reduction_factor_in_plane": 1}),
        ({"SPDRR": ""}, {}, {"parallel_reduction_factor_in_plane": None}),
        ({"NBARRAY": "2", "BARRAY": "16,500,1000,0"}, {}, {"b_values": (500, 1000)}),
        ({"VG": "1,[0],[0],[0,0,0]"}, {}, {"phase_encoding_direction": None}),
        ({"VG": "1,[0],[0],[0,0,1]"}, {}, {"phase_encoding_direction": "FH"}),
        ({"VG": "1,[0],[0],[0,1]"}, {}, {"phase_encoding_direction": None}),
        ({"VG": "1,[0],[0,1,0]"}, {}, {"phase_encoding_direction": None}),
        ({"VG": "1,[0],[0],[0.9,-0.95,0]"}, {}, {"phase_encoding_direction": "AP"}),
        ({"PLN": "AX"}, {}, {"plane": "transverse"}),
        ({"PLN": "SG"}, {}, {"plane": "sagittal"}),
        ({"PLN": "SG_OBL"}, {}, {"plane": "sagittal"}),
        ({"PLN": ""}, {}, {"plane": None}),
    ],
)
def test_elements_by_hand(
    tmp_path: Path, changes: dict[str, str | None], public: dict[str, Any], wanted: dict[str, Any]
) -> None:
    _, scan = read(tmp_path, changes, public=public)
    assert {name: getattr(scan, name) for name in wanted} == wanted


KEPT: list[tuple[dict[str, str | None], set[str], set[str]]] = [
    ({}, {"VG", "SA"}, {"PD", "PLN", "SPDR", "SPDRR", "NBARRAY", "BVAL", "BARRAY", "ECHOF", "GRESP", "FLOP", "TACQT"}),
    ({"VG": None, "PD": "AP"}, set(), {"PD"}),
    ({"VG": None}, {"PD"}, set()),
    ({"VG": "1,[0],[0],[1,0,0]"}, {"VG"}, {"PD"}),
    ({"SPDRR": "2,2,1"}, {"SPDR", "SPDRR"}, set()),
    ({"BVAL": "700"}, {"BVAL"}, {"NBARRAY"}),
    (PLAIN, {"ECHOF", "GRESP", "FLOP", "BARRAY", "MPNAXIS", "SEQID"}, {"TR", "FLIP"}),
    ({"PLN": "WHAT", "MTX": "1x2"}, {"PLN", "MTX"}, {"FOV"}),
]  # fmt: skip


def test_what_was_not_made_use_of_is_kept(tmp_path: Path) -> None:
    for changes, kept, used in KEPT:
        _, scan = read(tmp_path, changes)
        assert kept <= scan.vendor.keys() and not used & scan.vendor.keys(), changes


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"PLN": "WHAT"}, "unknown-code", "plane"), ({"PLN": "CO"}, "assumed-code", "plane"),
        ({"MTX": "1x2x3"}, "not-read", "acquisition_matrix"), ({"FOV": "20x24"}, "order-unknown", "field_of_view"),
        ({"VG": None, "PD": "AP"}, "axis-only", "phase_encoding_direction"),
        ({"VG": "1,[0],[0],[1,0,0]"}, "axis-only", "phase_encoding_direction"),
        (PLAIN, "unknown-sequence", "technique"), (PLAIN, "not-verified", None), ({"SPDRR": "2,2,1"}, "not-verified", None),
        ({}, "b-zero", "b_values"),
    ],
)  # fmt: skip
def test_every_note_of_a_block(
    tmp_path: Path, changes: dict[str, str | None], code: str, field: str | None
) -> None:
    result, _ = read(tmp_path, changes)
    told = [(note.field, note.protocol, note.step) for note in result.notes if note.code == code]
    assert told == [(field, 0, 0)]


def test_what_identifies_the_site_is_withheld(tmp_path: Path) -> None:
    result, _ = read(tmp_path)
    (note,) = [note for note in result.notes if note.code == "withheld"]
    assert note.message.startswith("site and FILE/@name of the block") and note.protocol == 0
    path = tmp_path / "scan.dcm"
    for without, said in (
        (b"<site>Testville</site>", "FILE/@name of the block"),
        (b" name='/console/path'", "site of the block"),
    ):
        result = DIALECT.read(write(path, pas(ELEMENTS).replace(without, b"")))
        (note,) = [note for note in result.notes if note.code == "withheld"]
        assert note.message.startswith(said)
        assert [note.protocol for note in result.notes if note.code == "executed-scan"] == [0]


def test_two_scans_of_a_block_have_no_total(tmp_path: Path) -> None:
    block = pas(ELEMENTS, 'name="x"')
    start, end = block.index(b"<SEQ"), block.index(b"</SEQ>") + 6
    double = (
        block[:end]
        + block[start:end].replace(b"<TR>8000", b"<TR>7000").replace(b' name="x"', b"")
        + block[end:]
    )
    (protocol,) = DIALECT.read(write(tmp_path / "scan.dcm", double)).protocols
    assert [(a.name, a.repetition_time) for a in protocol.acquisitions] == [
        ("x", 8000),
        ("unnamed scan", 7000),
    ]
    assert protocol.acquisition_duration is None
    repeated = pas(ELEMENTS).replace(b"<PORI>HS</PORI>", b"<PORI>HS</PORI><PORI>FF</PORI>")
    (protocol,) = DIALECT.read(write(tmp_path / "scan.dcm", repeated)).protocols
    assert protocol.acquisitions[0].vendor["PORI"] == "HS\nFF" and protocol.acquisition_duration == 136


@pytest.mark.parametrize("creator", ["TOSHIBA_MEC_MR3^10", "CANON_MEC_MR3^10"])
def test_the_block_of_an_image(creator: str) -> None:
    own: dict[Any, Any] = {(0x700D, creator, 0x19): pas(ELEMENTS) + b"\0"}
    told = canon.of_image(Fake({"RepetitionTime": 8000.0, "MRAcquisitionType": "2D"}, own))
    assert (told.fields["repetition_time"], told.fields["technique"]) == (8000, "echo_planar_diffusion")
    assert "name" not in told.fields and "b_values" not in told.fields
    assert told.surer == {"technique", "phase_encoding_direction"}
    assert [code for code, _, _ in told.remarks] == []
    own = {(0x700D, creator, 0x19): pas(ELEMENTS | {"PLN": "WHAT", "VG": ""})}
    told = canon.of_image(Fake({}, own))
    assert [(code, name) for code, name, _ in told.remarks] == [("unknown-code", "plane")]
    assert told.surer == {"technique"} and "plane" not in told.fields
    double = pas(ELEMENTS).replace(b"</FILE>", b"<SEQ/></FILE>")
    for block, said in ((double, "holds 2 scans"), (b"<PAS>", "closing tag")):
        (remark,) = canon.of_image(Fake({}, {(0x700D, creator, 0x19): block})).remarks
        assert remark[:2] == ("no-protocol", "") and said in remark[2]
    assert canon.of_image(Fake()).fields == {}
    assert dicom.CREATORS == ("TOSHIBA_MEC_MR3^10", "CANON_MEC_MR3^10")


def test_images_without_a_weighting_are_those_of_b_zero() -> None:
    weightings = {
        name: canon.weighting(Fake({"SequenceName": name})) for name in ("SEEPI2D+0.7", "FSE2D", None)
    }
    assert facts.DIFFUSION_PREFIX == "SEEPI2D"
    assert weightings == {"SEEPI2D+0.7": (0, None), "FSE2D": (None, None), None: (None, None)}
