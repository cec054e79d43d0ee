from __future__ import annotations

import contextlib
import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from generator import vendors
from generator.errors import UnusableInput
from generator.model.tree import Acquisition, Contrast, ReadResult
from generator.vendors.ge import DIALECT, container
from generator.vendors.ge.container import archive, lxprotocol
from generator.vendors.ge.reader import decode, scan_of
from tests.support.oracles import Oracles
from tests.vendors.ge.support import (
    NOTE,
    SERIES,
    lx,
    oracle_pairs,
    protocol_files,
    same_value,
    session_xml,
    tar_of,
    task_xml,
)


def read_files(tmp_path: Path, files: dict[str, bytes]) -> ReadResult:
    path = tmp_path / "p.tar"
    path.write_bytes(tar_of(files))
    return DIALECT.read(path)


def scan(tmp_path: Path, **changes: str | None) -> Acquisition:
    return read_files(tmp_path, protocol_files({"one": lx(**changes)})).protocols[0].acquisitions[0]


def codes(result: ReadResult) -> list[str]:
    return [note.code for note in result.notes]


def test_a_plain_turbo_spin_echo(tmp_path: Path) -> None:
    found = scan(tmp_path)
    expected: dict[str, Any] = {
        "name": "one", "technique": "turbo_spin_echo", "mr_acquisition_type": "2D", "plane": "transverse",
        "repetition_time": 4000.0, "echo_times": (90.0,), "flip_angle": 142.0, "refocusing_flip_angle": 142.0,
        "echo_train_length": 16, "field_of_view": (240.0, 240.0), "acquisition_matrix": (320, 256),
        "voxel_size": (0.75, 0.9375, 3.0), "slice_thickness": 3.0, "slice_gap": 0.0, "number_of_slices": 40,
        "phase_encoding_direction": "LR", "number_of_averages": 1.0, "pixel_bandwidth": 195.3125,
        "parallel_reduction_factor_in_plane": 2.0, "reference_scan": "integrated", "fat_suppression": "none",
        "acquisition_duration": 200.0, "inversion_time": None,
    }  # fmt: skip
    assert {name: getattr(found, name) for name in expected} == expected


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"TR": "Minimum", "TE": "Min Full"}, {"repetition_time": None, "echo_times": None}),
        ({"IOPT": "EDR, Fast, IrP", "TI": "150"}, {"inversion_time": 150.0, "fat_suppression": "stir"}),
        ({"IOPT": "Fast,  IrP", "TI": "2300"}, {"repetition_time_preparation": 4000.0}),
        ({"TI": "24"}, {"inversion_time": None}),
        ({"IOPT": "IrP", "TI": "150", "AUTOTI": "1"}, {"inversion_time": 150.0}),
        ({"IOPT": "IrP", "AUTOTI": "1"}, {"inversion_time": None}),
        ({"SUPPTQ": "4"}, {"fat_suppression": "fat_saturation"}),
        ({"SUPPTQ": "8"}, {"fat_suppression": "spir"}),
        ({"SUPPTQ": "77"}, {"fat_suppression": None}),
        ({"IOPT": "Fast, Flex"}, {"fat_suppression": "dixon", "parallel_reduction_factor_out_of_plane": 1.0}),
        ({"NEX": "0.50"}, {"number_of_averages": 1.0, "partial_fourier_phase": 0.5}),
        ({"NEX": "1.50"}, {"number_of_averages": 1.5, "partial_fourier_phase": None}),
        ({"NPW_FACTOR": "1.75"}, {"phase_oversampling": 0.75}),
        ({"SPC": "Intleave"}, {"slice_gap": None}),
        ({"PHASEFOV": "0.75"}, {"field_of_view": (240.0, 180.0), "voxel_size": (0.75, 0.9375, 3.0)}),
        ({"PHASEFOV": None}, {"field_of_view": (240.0, None)}),
        ({"PHASEACCEL": None, "PHASEASSET": "1.00"}, {"parallel_reduction_factor_in_plane": 1.0}),
        ({"IOPT": "Fast, HS", "CSACCEL": "1.20"}, {"compressed_sensing_factor": 1.2}),
        ({"IOPT": "EDR, HB", "MBACCEL": "3"}, {"multiband_factor": 3}),
        ({"IOPT": "Gat"}, {"gating": "cardiac"}),
        ({"IOPT": "EDR, MgT", "IMODE": "3D"}, {"magnetization_transfer": True, "slice_gap": None}),
        ({"NECHO": "2"}, {"echo_times": (90.0,)}),
        ({"PLANE": "3-PLANE", "SL3PLANE1": "5", "SL3PLANE2": "6"}, {"number_of_slices": 11, "plane": None}),
        (  # 40 slices of 3 mm from I58.5 to S58.5: the stack runs along the body
            {"PLANE": "OBLIQUE"},
            {"plane": "transverse", "oblique_angles": (0.0, 0.0), "phase_encoding_direction": "LR"},
        ),
        (  # the stack of another prescription says nothing
            {"PLANE": "OBLIQUE", "NOSLC": "7"},
            {"plane": "oblique", "oblique_angles": None, "phase_encoding_direction": None},
        ),
        (  # a normal at 30 deg from the axis of the body towards the front: asin 0.5 = 30
            {"PLANE": "OBLIQUE", "GRIP_SLGROUP1": "0 0 0 0 0.5 0.866025 1 0 0 0 0.8660 -0.5 40 0 1 0 0"},
            {"plane": "transverse", "oblique_angles": (-30.0, 0.0), "phase_encoding_direction": "LR"},
        ),
        (  # a sagittal slab tilted by atan(0.2/0.9) = 12.5 deg towards the feet, 22.8 deg towards the front
            {
                "PLANE": "OBLIQUE", "SWAPPF": "S/I",
                "GRIP_SLGROUP1": "0 0 0 -0.9 0.387298 -0.2 0 0 0 0 0 0 40 0 1 0 0",
            },
            {"plane": "sagittal", "oblique_angles": (-23.3, -11.5), "phase_encoding_direction": "AP"},
        ),
        ({"IOPT": "FC, Fast", "FLDIR": "Freq"}, {"flow_compensation": "readout"}),
        ({"IOPT": "FC, Fast", "FLDIR": "Slice"}, {"flow_compensation": "slice"}),
        ({"IOPT": "FC, Fast"}, {"flow_compensation": "yes"}),
        ({"IOPT": "Fast"}, {"flow_compensation": "none", "magnetization_transfer": False}),
        ({"IOPT": "Fast, MgT"}, {"magnetization_transfer": True}),
        ({"BREATHHOLD": "Expiration"}, {"breath_hold": True}),
        ({"BREATHHOLD": "None"}, {"breath_hold": False}),
        ({"DLRECONCHOICES": "High"}, {"deep_learning_reconstruction": "AIR Recon DL High"}),
        ({"DLRECONCHOICES": "Off"}, {"deep_learning_reconstruction": "none"}),
        ({"ANATOMY": "SRT%5CNone%5CT-D9200"}, {"body_part": "knee"}),
        ({"THREEDGW": "1"}, {"distortion_correction": "3D"}),
        ({"THREEDGW": "0"}, {"distortion_correction": None}),
        ({"AUTOSCIC": "3"}, {"intensity_normalization": True}),
        ({"AUTOSCIC": "0"}, {"intensity_normalization": None}),
        ({"COILPLUGS": "GE40chA;GE16chB"}, {"receive_coils": ("GE40chA", "GE16chB")}),
        ({"COIL": "HNS CTL12"}, {"receive_coils": ("HNS CTL12",)}),
        ({"SATLOCZ1": "9990", "SATLOCY1": "A40.0"}, {"saturation_band_positions": ("superior", "anterior")}),
        ({"IOPT": "Fast, ZIP512"}, {"interpolation": 1.6}),
        ({"SLICEORDER": "1"}, {"slice_order": "interleaved"}),
        (
            {"PSEQ": "Spin Echo", "IOPT": "EPI, DIFF", "MULTIBVALUE": "1000.0;", "DFAX": "7"},
            {"diffusion_scheme": "trace_3"},
        ),
        ({"SLTHICK": "0"}, {"slice_thickness": None}),
        ({"PSDNAME": "3db0map"}, {"technique": "field_map", "reference_scan": "integrated"}),
        ({"PSDNAME": "B0rf", "IOPT": "Fast"}, {"technique": "field_map", "reference_scan": None}),
        ({"PSDNAME": "fse-xl"}, {"technique": "turbo_spin_echo", "fat_suppression": "none"}),
        ({"PSDNAME": "efgre3d_aspir", "PSEQ": "LAVA"}, {"technique": "gradient_echo"}),
        (
            {"PSEQ": "IR", "IOPT": "NPW, TRF, Fast", "TI": "150"},
            {"technique": "turbo_spin_echo", "inversion_time": 150.0, "fat_suppression": "stir"},
        ),
        (
            {"PSEQ": "LAVA", "IMODE": "3D", "IOPT": "EDR, Fast, IrP", "TI": "24"},
            {"repetition_time_preparation": None, "inversion_time": 24.0},
        ),
        (
            {"PSEQ": "Spin Echo", "IOPT": "EDR, Fast, SS, ARC"},
            {"partial_fourier_phase": None, "number_of_averages": 1.0},
        ),
        (
            {"PSEQ": "PROPELLER", "NEX": "3.50", "MATRIXY": None, "PHASEFOV": None},
            {"readout": "propeller", "partial_fourier_phase": None, "acquisition_matrix": (320, None)},
        ),
        ({"PSEQ": "Gradient Echo", "IOPT": "EDR, EPI, MPh"}, {"fat_suppression": None}),
        (
            {"PSEQ": "Spin Echo", "IOPT": "EPI, DIFF", "PHASEFOV": "0.50", "MATRIXY": "160"},
            {"voxel_size": (0.75, 0.75, 3.0)},
        ),
        (
            {"PSEQ": "Cube", "IMODE": "3D", "EXCITATIONMODE": "Focus", "PHASEFOV": "0.50"},
            {"voxel_size": (0.75, 0.9375, 3.0)},
        ),
        ({"IOPT": "Gat", "CPHASE": "20"}, {"gating": "cardiac", "number_of_temporal_positions": None}),
        ({"RESPRATE": "16"}, {"gating": "respiratory"}),
        ({"RTEFFTR": "4000"}, {"gating": "respiratory"}),
        ({"RESPTRGWIN": "30"}, {"gating": "respiratory"}),
        ({"PSEQ": "FRFSE-XL", "IMODE": "3D", "IOPT": "Fast, Asset, FR, Nav"}, {"gating": "respiratory"}),
        (
            {"PSDNAME": "ozteo", "IOPT": "Fast, SqP"},
            {
                "technique": "gradient_echo", "readout": "radial", "fat_suppression": None, "gating": None,
                "multiband_factor": None, "compressed_sensing_factor": None,
            },
        ),
        ({"IOPT": "Fast, Star", "PSEQ": "LAVA"}, {"readout": "radial", "technique": "gradient_echo"}),
    ],
)  # fmt: skip
def test_what_a_key_means(tmp_path: Path, changes: dict[str, str | None], fields: dict[str, Any]) -> None:
    found = scan(tmp_path, **changes)
    assert {name: getattr(found, name) for name in fields} == fields


@pytest.mark.parametrize(
    ("changes", "technique"),
    [
        ({"PSEQ": "Cube", "IMODE": "3D"}, "turbo_spin_echo"),
        ({"PSEQ": "SPGR", "IMODE": "3D", "IOPT": "EDR, Fast, IrP"}, "magnetization_prepared_gradient_echo"),
        ({"PSEQ": "SPGR", "IMODE": "3D", "IOPT": "EDR, Fast, Calib"}, "calibration"),
        ({"PSEQ": "SPGR", "IMODE": "3D"}, "gradient_echo"),
        ({"PSEQ": "Spin Echo", "IOPT": "EDR, EPI, DIFF"}, "echo_planar_diffusion"),
        ({"PSEQ": "Spin Echo", "IOPT": "EDR, SS"}, "single_shot_turbo_spin_echo"),
        ({"PSEQ": "Spin Echo", "IOPT": "EDR"}, "spin_echo"),
        ({"PSEQ": "Spin Echo", "IOPT": "EPI"}, "other"),
        ({"PSEQ": "Gradient Echo", "IOPT": "EPI, FMRI"}, "echo_planar_bold"),
        ({"PSEQ": "Fiesta"}, "balanced_ssfp"),
        ({"PSEQ": "MERGE"}, "multi_echo_gradient_echo"),
        ({"PSEQ": "never seen"}, "other"),
        ({"PSEQ": "Cube T2", "IMODE": "3D"}, "turbo_spin_echo"),
        ({"PSEQ": "Cube T2 FLAIR", "IMODE": "3D"}, "turbo_spin_echo"),
        ({"PSEQ": "SWAN", "IMODE": "3D"}, "susceptibility_weighted"),
        ({"PSEQ": "TOF-SPGR", "IMODE": "3D"}, "time_of_flight"),
        (
            {"PSEQ": "Spin Echo", "IOPT": "EPI, DIFF", "PSDNAME": "/usr/g/x/epi2"},
            "echo_planar_diffusion",
        ),
        (
            {"PSEQ": "SPGR", "IMODE": "3D", "IOPT": "IrP", "PSDNAME": "own"},
            "magnetization_prepared_gradient_echo",
        ),
        ({"PSEQ": "Gradient Echo", "PSDNAME": "B0rf"}, "field_map"),
    ],
)
def test_codes_name_the_technique(tmp_path: Path, changes: dict[str, str], technique: str) -> None:
    assert scan(tmp_path, **changes).technique == technique


def test_a_build_of_its_own_is_inferred_and_said_to_be(tmp_path: Path) -> None:
    """What an unknown binary does without a key for it is not known; a NEX of 0.5 may be something else."""
    path = tmp_path / "LxProtocol"
    path.write_bytes(
        lx(PSDNAME="/usr/g/research/a/fse_navi", NEX="0.50", IOPT="EDR, TRF, Fast, IrP", TI="150")
    )
    result = DIALECT.read(path)
    (found,) = result.protocols[0].acquisitions
    assert (found.technique, found.inversion_time, found.repetition_time) == (
        "turbo_spin_echo",
        150.0,
        4000.0,
    )
    assert (found.partial_fourier_phase, found.repetition_time_preparation, found.gating) == (
        None,
        None,
        None,
    )
    assert [note.field for note in result.notes if note.code == "inferred-sequence"] == ["technique"]


@pytest.mark.parametrize(
    ("changes", "field", "raw"),
    [
        ({"TE": "nan"}, "echo_times", "TE is 'nan'"),
        ({"TE": "3.4e38"}, "echo_times", "TE is '3.4e38'"),
        ({"TR": "3.4e38"}, "repetition_time", "TR is '3.4e38'"),
        ({"NOSLC": "4294967295"}, "number_of_slices", "NOSLC is '4294967295'"),
        ({"FOV": "inf"}, None, "FOV is 'inf'"),
        ({"MATRIXX": "99999"}, "acquisition_matrix", "MATRIXX is '99999'"),
        ({"NEX": "soon"}, None, "NEX is 'soon'"),
        ({"AUTOSCIC": "77"}, "intensity_normalization", "AUTOSCIC is '77'"),
    ],
)
def test_what_no_scan_can_have_is_a_note_with_the_raw_text(
    tmp_path: Path, changes: dict[str, str], field: str | None, raw: str
) -> None:
    path = tmp_path / "LxProtocol"
    path.write_bytes(lx(**changes))
    result = DIALECT.read(path)
    (found,) = result.protocols[0].acquisitions
    notes = [note for note in result.notes if note.code == "implausible" and raw in note.message]
    assert field in [note.field for note in notes]
    assert field is None or getattr(found, field) is None
    assert not any("chooses" in note.message for note in result.notes if note.field == field)
    (key,) = changes
    assert found.vendor[key] == changes[key]


@pytest.mark.parametrize(
    ("entry", "side", "position"),
    [
        ("Head First", "Supine", "HFS"),
        ("Feet First", "Supine", "FFS"),
        ("Head First", "Prone", "HFP"),
        ("", "", None),
    ],
)
def test_entry_and_position_of_the_patient(
    tmp_path: Path, entry: str, side: str, position: str | None
) -> None:
    files = protocol_files({"T2": lx()})
    said = f'<property name="entry" value="{entry}"/><property name="position" value="{side}"/>'.encode()
    files["session.xml"] = files["session.xml"].replace(
        b'<property name="gradcoil"', said + b'<property name="gradcoil"'
    )
    path = tmp_path / "x.tar"
    path.write_bytes(tar_of(files))
    assert DIALECT.read(path).protocols[0].acquisitions[0].patient_position == position


def test_diffusion(tmp_path: Path) -> None:
    found = scan(
        tmp_path, PSEQ="Spin Echo", PLUG="8", IOPT="EDR, EPI, DIFF, Asset", MULTIBVALUE="1000.0;100.0;",
        NUMBVALUE="2", MULTINEXVALUE="3.0;1.0;", DIFNUMT2="2", DIFNUMDIRS="3", NEX=None,
    )  # fmt: skip
    assert found.b_values == (0.0, 1000.0, 100.0)
    assert found.b_value_averages == (2, 3, 1)
    assert found.diffusion_directions == 3
    assert found.reference_scan == "separate"


def test_images_of_a_slab_are_counted_by_their_locations(tmp_path: Path) -> None:
    slab = {
        "IMODE": "3D",
        "PSEQ": "Cube",
        "PLANE": "SAGITTAL",
        "SLTHICK": "1.00",
        "NOSLC": "1",
        "SLABLOC": "192",
    }
    assert scan(tmp_path, **slab, SLOC1="L94.0", ELOC1="R93.0").number_of_slices == 188
    assert scan(tmp_path, **slab, SLOC1=None, ELOC1=None).number_of_slices is None
    two = scan(tmp_path, **{**slab, "NOSLC": "2"}, SLOC1="L95.5", ELOC1="R95.5")
    assert (two.number_of_slices, two.slab_thickness) == (384, 384.0)


def test_one_series_alone_says_itself_how_the_patient_lies(tmp_path: Path) -> None:
    path = tmp_path / "LxProtocol"
    path.write_bytes(lx(ENTRY="Feet First", POSITION="Prone"))
    assert DIALECT.read(path).protocols[0].acquisitions[0].patient_position == "FFP"


def test_nothing_is_lost(tmp_path: Path) -> None:
    odd = lx(USERCV34="null", COILPLUGS="", NEVER_SEEN="as it is")
    found = read_files(tmp_path, protocol_files({"one": odd})).protocols[0].acquisitions[0]
    assert found.vendor["NEVER_SEEN"] == "as it is"
    assert (found.vendor["USERCV34"], found.vendor["COILPLUGS"]) == ("null", "")
    assert "TR" not in found.vendor


def test_a_key_that_is_there_twice_is_noted(tmp_path: Path) -> None:
    result = read_files(tmp_path, protocol_files({"one": lx() + b'    set TE "91.0"\n'}))
    assert result.protocols[0].acquisitions[0].echo_times == (91.0,)
    assert "duplicate-key" in codes(result)
    assert any("90.0" in note.message for note in result.notes)


def test_values_that_cannot_be_are_left_out_and_noted(tmp_path: Path) -> None:
    result = read_files(tmp_path, protocol_files({"one": lx(FLIPANG="900", TR="-5")}))
    found = result.protocols[0].acquisitions[0]
    assert (found.flip_angle, found.repetition_time, found.vendor["FLIPANG"]) == (None, None, "900")
    assert codes(result).count("implausible") >= 2


def test_session_gives_name_order_and_time(tmp_path: Path) -> None:
    files = {f"dir{i}/LxProtocol": lx() for i in range(3)}
    tasks = task_xml("B & <b>", "dir2") + task_xml("A", "dir0", time=None) + task_xml("C", "dir1", time=61000)
    result = read_files(tmp_path, {**files, "session.xml": session_xml(tasks)})
    (protocol,) = result.protocols
    assert [(s.name, s.acquisition_duration) for s in protocol.acquisitions] == [
        ("B & <b>", 200.0),
        ("A", None),
        ("C", 61.0),
    ]
    assert protocol.acquisition_duration is None
    assert (result.software, result.field_strength, protocol.name) == ("MR30.0", 3.0, "Site brain")
    assert "no-scan-time" in codes(result)


def test_an_injection_is_inferred_from_the_first_series_with_contrast(tmp_path: Path) -> None:
    series = {"pre": lx(), "post": lx(CONTRAST="Yes", CONTAG="gad"), "late": lx(CONTRAST="Yes")}
    result = read_files(tmp_path, protocol_files(series))
    assert [step.kind for step in result.protocols[0].steps] == [
        "acquisition",
        "contrast",
        "acquisition",
        "acquisition",
    ]
    assert result.protocols[0].steps[1] == Contrast(agent="gad")
    assert "contrast-inferred" in codes(result)


def test_every_form_of_a_protocol_reads_the_same(tmp_path: Path) -> None:
    files = protocol_files({"one": lx(), "two": lx(TR="500.0")})
    tar = tar_of(files)
    (tmp_path / "p.tar").write_bytes(tar)
    (tmp_path / "p.tar.gz").write_bytes(gzip.compress(tar))
    (tmp_path / "media" / ".rawProtocol").mkdir(parents=True)
    (tmp_path / "media" / ".rawProtocol" / "Protocol3.tar").write_bytes(tar)
    for name, data in files.items():
        path = tmp_path / "unpacked" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        if name.endswith("LxProtocol"):
            (path.parent / "._LxProtocol").write_bytes(b"\0\5")
    forms = ["p.tar", "p.tar.gz", "media", "media/.rawProtocol", "unpacked"]
    found = [vendors.of_file(tmp_path / form)[0].read(tmp_path / form) for form in forms]
    assert all(result == found[0] for result in found)
    assert vendors.of_file(tmp_path / "media")[1] == "ge-protocol"


def test_several_protocols_and_apple_double_members_in_one_archive(tmp_path: Path) -> None:
    first = archive.read(tar_of(protocol_files({"one": lx()}), "a_1"), "x").members
    second = archive.read(
        tar_of({**protocol_files({"two": lx()}), "._session.xml": b"\0"}, "b_2"), "x"
    ).members
    path = tmp_path / "two.tar"
    path.write_bytes(archive.pack([*first, *second]))
    assert [p.acquisitions[0].name for p in DIALECT.read(path).protocols] == ["one", "two"]


def test_one_series_alone(tmp_path: Path) -> None:
    path = tmp_path / "T2w_2019" / "LxProtocol"
    path.parent.mkdir()
    path.write_bytes(lx())
    dialect, found = vendors.of_file(path)
    result = dialect.read(path)
    assert (dialect.vendor, found, result.format) == ("ge", "ge-lxprotocol", "ge-lxprotocol")
    assert result.protocols[0].acquisitions[0].name == "T2w_2019"
    assert "no-session" in codes(result)


def test_notes_of_others_are_not_read_out(tmp_path: Path) -> None:
    result = read_files(tmp_path, protocol_files({"one": lx()}))
    assert b"Dr Nobody" in NOTE
    assert "Nobody" not in result.model_dump_json()


BAD_SESSIONS = {
    "cut off": session_xml(task_xml("a", "d"))[:400],
    "entities": b'<!DOCTYPE s [<!ENTITY a "aa">]>' + session_xml(task_xml("a", "d")).partition(b"?>\n")[2],
    "outside": b'<!DOCTYPE s SYSTEM "file:///etc/passwd">' + session_xml("").partition(b"?>\n")[2],
    "another root": b"<html/>",
    "no folder": session_xml(task_xml("a", "../d")),
    "missing series": session_xml(task_xml("a", "not-there")),
}


@pytest.mark.parametrize("name", BAD_SESSIONS)
def test_a_bad_session_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UnusableInput) as caught:
        read_files(tmp_path, {"session.xml": BAD_SESSIONS[name], "d/LxProtocol": lx()})
    assert "p.tar!adult_head_Sitebrain" in str(caught.value)


@pytest.mark.parametrize("note", [b"<p>x<script>1</script></p>", b'<p><img src="x" onerror="y()"></p>'])
def test_notes_with_script_are_refused(tmp_path: Path, note: bytes) -> None:
    files = protocol_files({"one": lx()})
    with pytest.raises(UnusableInput, match="active content"):
        read_files(tmp_path, {name: note if name.endswith(".html") else data for name, data in files.items()})


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"PK\3\4 zip",
        b'    set A "1"\nbroken',
        gzip.compress(b"no tar", mtime=0),
        b"\x1f\x8b\x08cut",
        bytes(1024),
    ],
)
def test_foreign_files_are_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "x"
    path.write_bytes(data)
    with pytest.raises(UnusableInput):
        DIALECT.read(path)


def test_folders_without_a_protocol_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnusableInput, match=r"no session\.xml"):
        DIALECT.read(tmp_path)
    (tmp_path / ".rawProtocol").mkdir()
    with pytest.raises(UnusableInput, match="no Protocol"):
        DIALECT.read(tmp_path)
    with pytest.raises(UnusableInput):
        container.load(tmp_path / "missing")


# --- sessions, notes and contrast, one by one ------------------------------------------------------------


def test_which_step_and_field_a_remark_is_of(tmp_path: Path) -> None:
    """Steps of a note come before or after their series; remarks count them."""
    files = protocol_files({"one": lx(), "two": lx(TE="Minimum"), "three": lx(TR="Minimum")})
    said = b"<p>Pause before this series: text = a</p><p>Pause after this series: text = b</p>"
    for name in list(files):
        files[name] = said if name.startswith("two") and name.endswith(".html") else files[name]
    result = read_files(tmp_path, files)
    (protocol,) = result.protocols
    assert [step.kind for step in protocol.steps] == [
        "acquisition",
        "pause",
        "acquisition",
        "pause",
        "acquisition",
    ]
    chosen = [note for note in result.notes if note.code == "chosen-by-scanner"]
    assert [(note.protocol, note.step, note.field) for note in chosen] == [
        (0, 2, "echo_times"), (0, 4, "repetition_time"),
    ]  # fmt: skip
    assert (protocol.path, protocol.acquisition_duration) == (("adult", "head"), 600.0)
    assert (result.format, result.vendor) == ("ge-protocol", "ge")


def test_several_protocols_share_a_release_and_a_field_or_have_none(tmp_path: Path) -> None:
    def both(strength: int, version: bytes) -> ReadResult:
        other = protocol_files({"two": lx()}, strength=strength)
        other["session.xml"] = other["session.xml"].replace(b"MR30.0#1", version)
        members = [
            *archive.read(tar_of(protocol_files({"one": lx()}), "a_1"), "x").members,
            *archive.read(tar_of(other, "b_2"), "x").members,
        ]
        path = tmp_path / "two.tar"
        path.write_bytes(archive.pack(members))
        return DIALECT.read(path)

    same = both(30000, b"MR30.0#2")
    assert (same.field_strength, same.software, len(same.protocols)) == (3.0, "MR30.0", 2)
    mixed = both(15000, b"MR29.0#1")
    assert (mixed.field_strength, mixed.software) == (None, None)


def test_contrast_of_series_with_and_without_a_note(tmp_path: Path) -> None:
    def steps(**changes: str) -> tuple[Any, ...]:
        series = {"pre": lx(CONTRAST="No"), "post": lx(CONTRAST="Yes", **changes)}
        return read_files(tmp_path, protocol_files(series)).protocols[0].steps

    assert steps()[1] == Contrast()
    assert steps(CONTAG=" Gd ", CONTAM="Yes   ")[1] == Contrast(agent="Gd")
    assert steps(CONTAG="", CONTAM=" 5 ")[1] == Contrast(text="CONTAM 5")
    files = protocol_files({"pre": lx(), "post": lx(CONTRAST="Yes")})
    note = b"<p>Inject contrast before this series: agent = own</p>"
    told = {
        name: note if name.startswith("post") and name.endswith(".html") else data
        for name, data in files.items()
    }
    result = read_files(tmp_path, told)
    assert [step for step in result.protocols[0].steps if step.kind == "contrast"] == [Contrast(agent="own")]
    assert "contrast-inferred" not in codes(result)


def test_a_series_alone_is_named_after_its_folder_or_file(tmp_path: Path) -> None:
    path = tmp_path / "Cube.txt"
    path.write_bytes(lx() + b'    set TE "91.0"\n')
    result = DIALECT.read(path)
    (protocol,) = result.protocols
    assert (protocol.name, protocol.acquisitions[0].name, result.software) == ("Cube", "Cube", None)
    assert [(note.code, note.step) for note in result.notes if note.code in ("no-session",
        "duplicate-key")] == [
        ("duplicate-key", 0), ("no-session", 0),
    ]  # fmt: skip


def test_values_that_the_tree_refuses_stay_under_the_vendor(tmp_path: Path) -> None:
    found, remarks = scan_of("one", {**SERIES, "TE": "90.0"}, -5.0)
    assert (found.acquisition_duration, found.vendor, found.repetition_time) == (None, SERIES, 4000.0)
    assert [(code, name) for code, name, _ in remarks if code == "implausible"] == [
        ("implausible", "acquisition_duration"),
    ]  # fmt: skip
    note = "This series: optional = yes; coverage = conus"
    found, _ = scan_of("one", dict(SERIES), 5.0, [note], ("Head First", "Prone"))
    assert (found.optional, found.coverage, found.patient_position) == (True, ("conus",), "HFP")
    assert scan_of("one", dict(SERIES), 5.0)[0].patient_position is None


def test_what_no_scan_has_goes_back_with_every_key_it_was_read_from() -> None:
    fields, remarks = decode({**SERIES, "FOV": "9999.0", "PHASEFOV": "0.50"})
    assert "field_of_view" not in fields
    assert {key: fields["vendor"][key] for key in ("FOV", "PHASEFOV")} == {
        "FOV": "9999.0",
        "PHASEFOV": "0.50",
    }
    said = [message for code, name, message in remarks if (code, name) == ("implausible", "field_of_view")]
    assert said == ["FOV is '9999.0', PHASEFOV is '0.50': no scan has that"]


def test_words_that_are_no_numbers() -> None:
    for text, code in {"Minimum": "chosen-by-scanner", " ": "blank", "soon": "implausible"}.items():
        fields, remarks = decode({**SERIES, "FLIPANG": text})
        assert [c for c, name, _ in remarks if name == "flip_angle"] == [code]
        assert fields["vendor"]["FLIPANG"] == text
    for text in ("Intleave", "null", "Maximum", "Min Full", ""):
        assert not [code for code, _, _ in decode({**SERIES, "RBW": text})[1] if code == "implausible"]
    assert [message for code, _, message in decode({**SERIES, "RBW": "x"})[1] if code == "implausible"] == [
        "RBW is 'x', which is no number",
    ]  # fmt: skip


@pytest.mark.parametrize("blank", ["", " "])
def test_a_blank_number_is_said_once(blank: str) -> None:
    for key in ("TR", "TE", "FOV", "RBW", "NOSLC", "NEX"):
        remarks = decode({**SERIES, key: blank})[1]
        said = [message for code, _, message in remarks if code == "blank"]
        assert said == [f"{key} is blank in the file"], key


# --- the corpus ---------------------------------------------------------------------------------------

CORPUS = {
    "ge_dv25_spine.json": "ge/DV25.1/protocol.tar",
    "ge_mr30_artist.json": "ge/MR30.0/SIGNA Artist",
    "ge_mr30_premier.json": "ge/MR30.0/SIGNA Premier",
}


@pytest.mark.parametrize(("expected", "file"), CORPUS.items())
def test_corpus_reads_as_the_printouts_say(shared: Path, tmp_path: Path, expected: str, file: str) -> None:
    actual = tmp_path / "actual.json"
    result = DIALECT.read(shared / "corpus" / file)
    actual.write_text(json.dumps(result.model_dump(mode="json")), "utf-8")
    script = shared / "contract" / "compare_read.py"
    command = [sys.executable, str(script), str(shared / "corpus" / "expected" / expected), str(actual)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    *rows, last = done.stdout.splitlines()
    assert "fields compared" in last, done.stderr
    assert [row for row in rows if not _is_printed_oblique(row)] == []


def _is_printed_oblique(row: str) -> bool:
    """The printout has only the word OBLIQUE, where the archive has the normal of the slices."""
    return '| plane | "oblique" | "transverse"' in row


def corpus_tars(corpus: Path) -> list[Path]:
    return sorted((corpus / "ge").rglob("*.tar"))


def test_corpus_containers_are_lossless(corpus: Path) -> None:
    tars = corpus_tars(corpus)
    assert len(tars) == 3
    for path in tars:
        found = container.load(path, to_write=True)
        assert found.archives[path.name].to_bytes() == path.read_bytes()
        for name, data in _series(found):
            assert lxprotocol.patch(data, {}, (), name).data == data


def _series(found: container.Package) -> list[tuple[str, bytes]]:
    return [
        (f"{folder.name}/{name}", data)
        for folder in found.folders
        for name, data in folder.files.items()
        if name.endswith("/LxProtocol")
    ]


def test_dicompare_reads_the_same_pairs_of_the_corpus(corpus: Path, oracles: Oracles, tmp_path: Path) -> None:
    texts = {name: data for path in corpus_tars(corpus) for name, data in _series(container.load(path))}
    assert len(texts) == 142
    theirs = oracle_pairs(oracles, texts, tmp_path)
    for name, text in texts.items():
        ours = lxprotocol.values(text, name)[0]
        assert set(ours) == set(theirs[name])
        assert [k for k in ours if not same_value(ours[k].strip(), theirs[name][k])] == []


def test_keys_outside_vendor_are_carried_by_fields(corpus: Path) -> None:
    """Each key is under `vendor`, or what is read changes when it goes."""
    for path in corpus_tars(corpus):
        for name, text in _series(container.load(path)):
            values = lxprotocol.values(text, name)[0]
            fields, _ = decode(values)
            for key in set(values) - set(fields["vendor"]):
                without, _ = decode({k: v for k, v in values.items() if k != key})
                assert without != fields, (name, key)


@pytest.mark.parametrize("text", ["inf", "nan", "1e400", "-1e30", "9" * 400, "0x10", "1_0", ""])
@pytest.mark.parametrize(
    "key", ["SLTHICK", "SLABLOC", "NOSLC", "TR", "TI", "FOV", "OVLPLOC", "GRIP_SLGROUP1", "SLOC1"]
)
def test_odd_numbers_end_in_a_note_or_no_value(tmp_path: Path, key: str, text: str) -> None:
    cube = {"IMODE": "3D", "PSEQ": "Cube", "PLANE": "OBLIQUE", "SLABLOC": "192", "NOSLC": "1"}
    found = scan(tmp_path, **{**cube, key: text})
    assert found.technique == "turbo_spin_echo"


@pytest.mark.parametrize("gauss", ["9" * 400, "0", "", "many", "-30000"])
def test_a_field_strength_that_cannot_be_is_not_stated(tmp_path: Path, gauss: str) -> None:
    files = protocol_files({"T2": lx()})
    files["session.xml"] = files["session.xml"].replace(b'value="30000"', f'value="{gauss}"'.encode())
    path = tmp_path / "x.tar"
    path.write_bytes(tar_of(files))
    assert DIALECT.read(path).field_strength is None
    assert DIALECT.describe(path).field_strength is None


@pytest.mark.filterwarnings("ignore::UserWarning")  # of pydicom, about damaged images
def test_hostile_files_end_in_an_error_or_a_reading(shared: Path) -> None:
    folder = shared / "hostile"
    if not folder.is_dir():
        pytest.skip("no hostile files beside the checkout")
    for path in sorted(folder.iterdir()):
        if path.suffix in (".tar", ".tgz") or path.name.startswith(("lx-", "gdcm-", "ge-")):
            for verb in (DIALECT.read, DIALECT.inspect, DIALECT.describe):
                with contextlib.suppress(UnusableInput):
                    verb(path)
