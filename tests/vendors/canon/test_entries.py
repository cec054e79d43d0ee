# ruff: noqa: E501  (a row of a table is a line)
"""Every label, word and code of Canon, one line each, against what it means: by hand, from the format notes."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from generator.errors import UnusableInput
from generator.model.tree import Acquisition, Contrast, Pause, Protocol, Reformat
from generator.vendors.account import Reasons
from generator.vendors.canon import DIALECT, dicom, facts
from generator.vendors.canon.writer import cell, sheet_of
from generator.vendors.dialect import BuildOptions
from tests.vendors.canon.sheets import TARGET, build, entries, one_scan, written
from tests.vendors.canon.test_dicom import ELEMENTS, pas, read, write

EPI = {"technique": "echo_planar_diffusion"}

# id of the entry; label, unit, section, element of the block; field and value; what is entered; flag
ENTRIES: list[tuple[str, str, str, str, str | None, dict[str, Any], str, str]] = [
    ("comment", "Comment", "", "Identification", "COMM", {"name": "T2"}, "T2", "as-is"),
    ("sequence", "Sequence", "", "Identification", "SEQID", {}, "FE, 2D", "converted"),
    ("region", "Region", "", "Identification", "SA", {}, "HEAD", "converted"),
    ("orientation", "Patient orientation", "", "Identification", "PORI", {}, "", "choose"),
    ("coil", "Coil", "", "Identification", "PRSRC", {}, "", "choose"),
    ("tr", "TR", "ms", "Timing and contrast", "TR", {"repetition_time": 5000.0}, "5000", "as-is"),
    ("te", "TE", "ms", "Timing and contrast", "FLEXTE", {"echo_times": (20.0, 80.5)}, "20 / 80.5", "as-is"),
    ("ti", "TI", "ms", "Timing and contrast", None, {"inversion_time": 1800.0}, "1800", "as-is"),
    ("flip", "Flip angle", "deg", "Timing and contrast", "FLIP", {"flip_angle": 90.0}, "90", "as-is"),
    ("flop", "Flop angle", "deg", "Timing and contrast", "FLOP", {"refocusing_flip_angle": 150.0}, "150", "as-is"),
    ("fat", "Fat suppression", "", "Timing and contrast", None, {"fat_suppression": "stir"}, "STIR", "approximated"),
    ("presat", "PreSat", "", "Timing and contrast", None, {"saturation_bands": 2}, "2", "approximated"),
    ("presat", "PreSat", "", "Timing and contrast", None, {"saturation_bands": 0}, "off", "as-is"),
    ("mtc", "MTC", "", "Timing and contrast", None, {"magnetization_transfer": True}, "on", "approximated"),
    ("mtc", "MTC", "", "Timing and contrast", None, {"magnetization_transfer": False}, "off", "as-is"),
    ("thickness", "Thickness", "mm", "Geometry", "THK", {"slice_thickness": 2.5}, "2.5", "as-is"),
    ("gap", "Gap", "mm", "Geometry", "GAP", {"slice_gap": 0.5}, "0.5", "as-is"),
    ("matrix", "Matrix (PE x RO)", "", "Geometry", "MTX", {"acquisition_matrix": (256, 208)}, "208 x 256", "converted"),
    ("matrix", "Matrix (PE x RO)", "", "Geometry", "MTX", {"acquisition_matrix": (256, None)}, "? x 256", "choose"),
    ("fov", "FOV (PE x RO)", "cm", "Geometry", "FOV", {"field_of_view": (240.0, 195.0)}, "19.5 x 24.0", "converted"),
    ("slices", "Slices", "", "Geometry", "TS", {"number_of_slices": 44}, "44", "as-is"),
    ("cov", "Coverage", "", "Geometry", None, {"concatenations": 2}, "2", "approximated"),
    ("cov", "Coverage", "", "Geometry", None, {"concatenations": 1}, "1", "as-is"),
    ("naq", "NAQ", "", "Geometry", "NAQ", {"number_of_averages": 3.0}, "3", "as-is"),
    ("plane", "Plane", "", "Geometry", "PLN", {"plane": "transverse"}, "AX", "converted"),
    ("plane", "Plane", "", "Geometry", "PLN", {"plane": "sagittal"}, "SG", "converted"),
    ("plane", "Plane", "", "Geometry", "PLN", {"plane": "coronal"}, "CO", "approximated"),
    ("plane", "Plane", "", "Geometry", "PLN", {"plane": "oblique"}, "Other", "converted"),
    *(
        ("pe", "PE direction", "", "Geometry", "PD", {"phase_encoding_direction": way}, said, "converted")
        for way, said in {
            "AP": "AP, A to P", "PA": "AP, P to A", "LR": "LR, L to R", "RL": "LR, R to L", "HF": "HF, H to F",
            "FH": "HF, F to H",
        }.items()
    ),
    ("speeder", "SPEEDER factor (PE)", "", "Acceleration", "SPDRR", {"parallel_reduction_factor_in_plane": 2.0}, "2.0", "as-is"),
    ("speeder", "SPEEDER factor (PE)", "", "Acceleration", "SPDRR", {"parallel_reduction_factor_in_plane": 1.0}, "off", "as-is"),
    ("speeder-se", "SPEEDER factor (SE)", "", "Acceleration", None, {"parallel_reduction_factor_out_of_plane": 1.5}, "1.5", "approximated"),
    ("multiband", "Multiband SPEEDER", "", "Acceleration", None, {"multiband_factor": 2}, "2", "approximated"),
    ("multiband", "Multiband SPEEDER", "", "Acceleration", None, {"multiband_factor": 1}, "off", "as-is"),
    ("compressed", "Compressed SPEEDER", "", "Acceleration", None, {"compressed_sensing_factor": 4.0}, "4.0", "as-is"),
    ("afi", "AFI (PE)", "", "Acceleration", None, {"partial_fourier_phase": 0.75}, "0.75", "approximated"),
    ("afi", "AFI (PE)", "", "Acceleration", None, {"partial_fourier_phase": 1.0}, "off", "as-is"),
    ("afi-se", "AFI (SE)", "", "Acceleration", None, {"partial_fourier_slice": 0.8125}, "0.8125", "approximated"),
    ("nowrap", "NoWrap (PE)", "%", "Acceleration", None, {"phase_oversampling": 0.5}, "50", "approximated"),
    ("nowrap", "NoWrap (PE)", "%", "Acceleration", None, {"phase_oversampling": 0.0}, "off", "as-is"),
    ("bw", "BW", "Hz/px", "Readout", "BW", {"pixel_bandwidth": 1562.5}, "1562.5", None),
    ("etl", "ETL / echo factor", "", "Readout", "ECHOF", {"echo_train_length": 48}, "48", "as-is"),
    ("spacing", "Echo spacing", "ms", "Readout", "GRESP", {"echo_spacing": 0.7}, "0.7", "as-is"),
    ("b", "b value", "s/mm2", "Diffusion", "BARRAY", EPI | {"b_values": (0.0, 1000.0)}, "0, 1000", None),
    ("b-naq", "NAQ per b", "", "Diffusion", None, EPI | {"b_value_averages": (1, 4)}, "1, 4", "approximated"),
    ("axes", "MPG axes", "", "Diffusion", "MPNAXIS", EPI | {"diffusion_directions": 30}, "30", "as-is"),
    ("gating", "Gating", "", "Options", None, {"gating": "none"}, "off", "as-is"),
    ("gating", "Gating", "", "Options", None, {"gating": "cardiac"}, "ECG or PPG", "approximated"),
    ("gating", "Gating", "", "Options", None, {"gating": "respiratory"}, "respiratory", "approximated"),
    ("repeats", "Repeats", "", "Options", None, {"number_of_temporal_positions": 4}, "4", "approximated"),
    ("repeats", "Repeats", "", "Options", None, {"number_of_temporal_positions": 1}, "1", "as-is"),
    ("filter", "Filter", "", "Options", None, {}, "", "choose"),
    ("intensity", "Intensity correction", "", "Options", None, {}, "", "choose"),
    ("dl", "AiCE / PIQE", "", "Options", None, {}, "", "choose"),
    ("gdc", "GDC / 3D GDC", "", "Options", None, {}, "", "choose"),
    ("time", "Scan time", "min", "Options", "TACQT", {"acquisition_duration": 136.0}, "2:16", "control"),
    *(
        ("fat", "Fat suppression", "", "Timing and contrast", None, {"fat_suppression": word}, said, flag)
        for word, said, flag in [
            ("none", "off", "as-is"), ("fat_saturation", "FatSAT (MSOFT)", "approximated"),
            ("spair", "SPAIR / Enhanced FatSAT", "approximated"),
            ("water_excitation", "PASTA / water excitation", "approximated"), ("dixon", "WFS / Dixon", "approximated"),
        ]
    ),
]  # fmt: skip


def lines(**fields: Any) -> dict[str, Any]:
    """Every line of a scan by its id."""
    sheet = sheet_of(one_scan(**fields), TARGET, BuildOptions(durations=(136.0,)), Reasons())
    return {one.id: one for one in (*sheet.scans[0].entries, *sheet.scans[0].extras)}


def test_every_entry_of_the_console() -> None:
    wrong = []
    for name, label, unit, section, element, stated, value, flag in ENTRIES:
        one = lines(**stated)[name]
        got = (one.label, one.unit, one.section, one.element, one.value, one.flag)
        if got != (label, unit, section, element, value, flag or one.flag):
            wrong.append((name, got))
    assert not wrong
    assert {row[0] for row in ENTRIES} == {key.id for key in facts.KEYS}
    units = {"bw": "Hz/px", "b": "s/mm2"}
    assert {name: lines(**EPI, pixel_bandwidth=9.0, b_values=(1.0,))[name].unit for name in units} == units


# field; label, unit; what asks nothing; another value; what is printed of that
EXTRAS: list[tuple[str, str, str, Any, Any, str]] = [
    ("repetition_time_preparation", "Shot interval", "ms", None, 2300.0, "2300"),
    ("second_inversion_time", "Second TI", "ms", None, 2500.0, "2500"),
    ("echo_train_duration", "Echo train duration", "ms", None, 700.5, "700.5"),
    ("number_of_shots", "Shots", "", 1, 4, "4"),
    ("slab_thickness", "Slab thickness", "mm", None, 160.0, "160"),
    ("slice_oversampling", "Slice oversampling", "%", 0.0, 0.25, "25"),
    ("number_of_volumes_discarded_by_scanner", "Repetitions without image", "", 0, 2, "2"),
    ("rr_intervals", "Heart beats per TR", "", None, 2, "2"),
    ("reference_scan", "Calibration lines", "", "none", "separate", "separate"),
    ("reference_lines", "Calibration lines, PE", "", 0, 24, "24"),
    ("reference_lines_out_of_plane", "Calibration lines, SE", "", 0, 32, "32"),
    ("elliptical_scanning", "k-space corners left out", "", False, True, "yes"),
    ("readout", "k-space trajectory", "", "cartesian", "radial", "radial"),
    ("output_maps", "Images to make", "", ("magnitude",), ("magnitude", "phase"), "magnitude, phase"),
    ("patient_position", "Patient position", "", None, "HFS", "HFS"),
    ("body_part", "Body part", "", None, "BRAIN", "BRAIN"),
    ("laterality", "Side", "", None, "L", "L"),
    ("table_position", "Table position", "mm", None, 12.0, "12"),
    ("receive_coils", "Coils", "", None, ("Head",), "Head"),
    ("number_of_slabs", "Slabs", "", 1, 3, "3"),
    ("slab_overlap", "Slab overlap", "%", None, 0.2, "20"),
    ("slice_order", "Slice order", "", None, "ascending", "ascending"),
    ("magnetization_transfer_offset", "MTC offset", "Hz", None, 1500.0, "1500"),
    ("flow_compensation", "Flow compensation", "", "none", "slice", "slice"),
    ("breath_hold", "Breath-hold", "", False, True, "yes"),
    ("diffusion_scheme", "Diffusion scheme", "", None, "free", "free"),
    ("post_labelling_delay", "Post-labelling delay", "ms", None, 1800.0, "1800"),
    ("distortion_correction", "Distortion correction", "", None, "2D", "2D"),
    ("intensity_normalization", "Intensity correction wanted", "", None, True, "yes"),
    ("interpolation", "Interpolation", "", 1.0, 2.0, "2"),
    ("deep_learning_reconstruction", "Deep learning reconstruction", "", "none", "high", "high"),
    ("gradient_mode", "Gradient mode", "", None, "Fast", "Fast"),
    ("specific_absorption_rate_mode", "SAR mode", "", None, "low", "low"),
]  # fmt: skip
INFORMATION: list[tuple[str, str, Any, str]] = [
    ("definition", "Definition", "t1", "t1"), ("role", "Purpose", "flair_3d", "flair_3d"),
    ("optional", "Optional", True, "yes"), ("coverage", "Spine region", ("cervical",), "cervical"),
    ("plane_reference", "Line up with", "ac-pc", "ac-pc"), ("instruction", "Operator", "still", "still"),
    ("station", "Station", "1", "1"), ("branch", "Branch", "yes", "yes"),
    ("oblique_angles", "Angles from the plane", (-6.4, 1.2), "-6.4 x 1.2"),
]  # fmt: skip


def test_every_field_without_an_entry_is_a_loss_unless_it_asks_nothing() -> None:
    wrong = []
    for name, label, unit, quiet, value, said in EXTRAS:
        one, losses = lines(**{name: value})[name.replace("_", "-")], build(one_scan(**{name: value})).losses
        got = (one.label, one.unit, one.value, one.flag, [loss.field for loss in losses])
        if got != (label, unit, said, "unsupported", [name]):
            wrong.append((name, got))
        if quiet is not None:
            none = lines(**{name: quiet})[name.replace("_", "-")]
            zero = type(quiet) in (int, float) and quiet == 0
            if none.flag != "off" or (none.value == "off") != zero or build(one_scan(**{name: quiet})).losses:
                wrong.append((name, none))
    assert not wrong


def test_every_field_for_the_radiographer() -> None:
    wrong = []
    for name, label, value, said in INFORMATION:
        export = build(one_scan(**{name: value}))
        one = lines(**{name: value})[name.replace("_", "-")]
        if (one.label, one.value, one.flag, list(export.losses)) != (label, said, "information", []):
            wrong.append((name, one, export.losses))
        (scan,) = DIALECT.read_files(export.files).protocols[0].acquisitions
        back = getattr(scan, name)
        if (back == value) != (name in ("station", "branch", "oblique_angles")) and value is not True:
            wrong.append((name, back, value))
    assert not wrong
    assert "optional" not in lines(optional=False)


TSE, IR = "turbo_spin_echo", {"inversion_time": 400.0}
TWO = {"inversion_time": 400.0, "second_inversion_time": 2500.0}
SEQUENCES: list[tuple[str, str, str, dict[str, Any], str]] = [
    ("spin_echo", "2D", "SE, 2D", {}, "L"),
    (TSE, "3D", "MPV (FASE3D_mpv) with two inversions", TWO, "A"),
    (TSE, "3D", "MPV (FASE3D_mpv) with IR", IR, "L"),
    (TSE, "3D", "MPV (FASE3D_mpv)", {}, "L"),
    (TSE, "2D", "FSE with two inversions, 2D", TWO, "A"),
    (TSE, "2D", "FastSTIR, 2D", {"fat_suppression": "stir"} | IR, "L"),
    (TSE, "2D", "FastFLAIR, 2D", {"role": "flair_2d"} | IR, "L"),
    (TSE, "2D", "FSE with IR, 2D", IR, "L"),
    (TSE, "2D", "FSE, 2D", {}, "L"),
    ("single_shot_turbo_spin_echo", "2D", "FASE, 2D", {}, "L"),
    ("gradient_echo", "3D", "FFE (FastFE), 3D", {}, "L"),
    ("gradient_echo", "2D", "FE, 2D", {}, "L"),
    ("multi_echo_gradient_echo", "2D", "FE, multi-echo, 2D", {}, "A"),
    ("magnetization_prepared_gradient_echo", "3D", "FFE3D with IR (FFE3D_IR)", {}, "L"),
    ("magnetization_prepared_gradient_echo", "2D", "FFE with IR, 2D", {}, "A"),
    ("mp2rage", "3D", "MP2RAGE, 3D", {}, "L"),
    ("balanced_ssfp", "2D", "TrueSSFP, 2D", {}, "L"),
    ("susceptibility_weighted", "3D", "FSBB, 3D", {}, "L"),
    ("echo_planar_diffusion", "2D", "SE_EPI (SEEPI2D)", {}, "V"),
    ("echo_planar_bold", "2D", "FE_EPI, 2D", {}, "L"),
    ("arterial_spin_labelling", "3D", "ASTAR, 3D", {}, "L"),
    ("time_of_flight", "3D", "FE TOF, 3D", {}, "L"),
]


def test_every_name_of_a_sequence() -> None:
    wrong = []
    for technique, dimension, text, stated, proof in SEQUENCES:
        one = lines(technique=technique, mr_acquisition_type=dimension, **stated)["sequence"]
        flag = "approximated" if proof == "A" else "converted"
        if (one.value, one.proof, one.flag) != (text, proof, flag):
            wrong.append((technique, dimension, one.value, one.proof, one.flag))
        back = facts.read_sequence(text)
        stated_dimension = {"mr_acquisition_type": dimension} if dimension in text else {}
        if back != {"technique": technique} | stated_dimension:
            wrong.append((text, back))
    assert not wrong
    assert facts.read_sequence("unheard of") == {}
    assert lines(technique="spectroscopy")["sequence"].flag == "choose"


PROOFS = {
    "V": {"comment", "region", "orientation", "coil", "tr", "te", "flip", "flop", "thickness", "gap", "matrix", "fov",
          "slices", "naq", "plane", "pe", "speeder", "bw", "etl", "spacing", "b", "axes", "time"},
    "L": {"sequence", "ti", "compressed"},
}  # fmt: skip


def test_how_sure_every_label_is() -> None:
    for key in facts.KEYS:
        assert key.proof == next((proof for proof, names in PROOFS.items() if key.id in names), "A"), key.id
    etl = {"echo_train_length": 16, "echo_spacing": 9.0}
    trains = {
        name: lines(technique=name, **etl)
        for name in ("turbo_spin_echo", "echo_planar_bold", "echo_planar_diffusion")
    }
    assert {name: (one["etl"].proof, one["spacing"].proof) for name, one in trains.items()} == {
        "turbo_spin_echo": ("L", "L"), "echo_planar_bold": ("V", "V"), "echo_planar_diffusion": ("V", "V"),
    }  # fmt: skip


ASKED = {
    "gradient_echo": "gap", "magnetization_prepared_gradient_echo": "gap ti", "mp2rage": "gap ti",
    "turbo_spin_echo": "gap flop etl", "single_shot_turbo_spin_echo": "gap flop etl", "echo_planar_bold": "gap etl",
    "echo_planar_diffusion": "gap etl b axes", "spin_echo": "gap",
}  # fmt: skip
ALWAYS = ("sequence tr te flip presat thickness matrix fov slices naq plane pe bw orientation coil filter intensity "
          "dl gdc")  # fmt: skip


def test_what_is_asked_of_every_family() -> None:
    for technique, more in ASKED.items():
        open_ = {name for name, one in lines(technique=technique).items() if one.flag == "choose"}
        assert open_ == {*ALWAYS.split(), *more.split()} - {"sequence"}, technique
    assert "gap" not in lines(mr_acquisition_type="3D")


@pytest.mark.parametrize(
    ("fields", "shown", "implied"),
    [
        ({"technique": "turbo_spin_echo", "repetition_time_preparation": 4000.0}, "4000", ["repetition_time_preparation"]),
        ({"technique": "echo_planar_bold", "repetition_time_preparation": 2000.0}, "2000", ["repetition_time_preparation"]),
        ({"technique": "gradient_echo", "repetition_time_excitation": 21.0}, "21", ["repetition_time_excitation"]),
        ({"technique": "gradient_echo", "repetition_time_preparation": 900.0}, "", []),
        ({"technique": "turbo_spin_echo", "repetition_time_excitation": 900.0}, "", []),
        ({"repetition_time": 21.0, "repetition_time_excitation": 21.0}, "21", ["repetition_time_excitation"]),
        ({"repetition_time": 21.0, "repetition_time_excitation": 7.0}, "21", []),
    ],
)  # fmt: skip
def test_which_time_is_entered_as_tr(fields: dict[str, Any], shown: str, implied: list[str]) -> None:
    one = lines(**fields)
    assert one["tr"].value == shown
    assert [
        name
        for name in fields
        if name.replace("_", "-") in one and one[name.replace("_", "-")].flag == "control"
    ] == implied


@pytest.mark.parametrize(
    ("fields", "fov", "matrix", "voxel", "flag"),
    [
        ({"field_of_view": (240.0, 180.0), "voxel_size": (2.0, 1.5, 3.0)}, "18.0 x 24.0", "120 x 120", "1.5 x 2 x 3", "control"),
        ({"acquisition_matrix": (120, 90), "voxel_size": (2.0, 1.5, 3.0)}, "13.5 x 24.0", "90 x 120", "1.5 x 2 x 3", "control"),
        ({"field_of_view": (240.0, None), "voxel_size": (2.0, 1.5, 3.0)}, "? x 24.0", "? x 120", "1.5 x 2 x 3", "control"),
        ({"field_of_view": (240.0, 180.0), "voxel_size": (None, 1.5, 3.0)}, "18.0 x 24.0", "120 x ?", "1.5 x ? x 3", "control"),
        ({"field_of_view": (1.0, 1.0), "voxel_size": (9.0, 9.0, 3.0)}, "0.1 x 0.1", "1 x 1", "1 x 1 x 3", "approximated"),
        ({"field_of_view": (240.0, 240.0), "acquisition_matrix": (100, 100), "voxel_size": (2.4, 2.412, 3.0)},
         "24.0 x 24.0", "100 x 100", "2.412 x 2.4 x 3", "control"),
        ({"field_of_view": (240.0, 240.0), "acquisition_matrix": (100, 100), "voxel_size": (2.4, 2.413, 3.0)},
         "24.0 x 24.0", "100 x 100", "2.4 x 2.4 x 3", "rounded"),
        ({"voxel_size": (2.0, 2.0, 3.0)}, "", "", "2 x 2 x 3", "unsupported"),
    ],
)  # fmt: skip
def test_matrix_field_and_voxel_by_hand(
    fields: dict[str, Any], fov: str, matrix: str, voxel: str, flag: str
) -> None:
    one = lines(**fields)
    assert (one["fov"].value, one["matrix"].value) == (fov, matrix)
    assert (one["voxel-size"].value, one["voxel-size"].flag) == (voxel, flag)
    assert one["thickness"].value == ("" if flag == "unsupported" else "3")
    stated = lines(**fields | {"slice_thickness": 4.0})
    assert stated["thickness"].value == "4"


NOTES: list[tuple[dict[str, Any], str, str]] = [
    ({"echo_times": (2.0, 4.0)}, "te", "2 echoes, in order"),
    ({"acquisition_matrix": (2, 4)}, "matrix", "PE before RO: this order is assumed"),
    ({"field_of_view": (200.0, 100.0)}, "fov", "PE before RO: this order is assumed"),
    ({"mr_acquisition_type": "3D", "number_of_slices": 9}, "slices", "3D: partitions of the slab"),
    (EPI | {"b_values": (0.0, 700.0), "b_value_averages": (1, 2)}, "b", "b 0: 1 x; b 700: 2 x"),
    ({"technique": "mp2rage", "repetition_time": 5000.0}, "tr", "to be checked at the console"),
    ({"flip_angle": 8.6}, "flip", "Canon's value is written as 9 deg"),
]
NO_NOTES: list[tuple[dict[str, Any], str]] = [
    ({"echo_times": (2.0,)}, "te"), ({"acquisition_matrix": (4, 4)}, "matrix"),
    ({"mr_acquisition_type": "3D", "number_of_slices": 9, "slice_gap": 0.0}, "slices"),
    ({"number_of_slices": 9}, "slices"), (EPI | {"b_values": (0.0, 700.0)}, "b"), ({"repetition_time": 9.0}, "tr"),
]  # fmt: skip


def test_every_remark_beside_an_entry() -> None:
    wrong = [(name, text) for fields, name, text in NOTES if text not in lines(**fields)[name].note]
    wrong += [(name, lines(**fields)[name].note) for fields, name in NO_NOTES if lines(**fields)[name].note]
    assert not wrong
    many = lines(vendor={f"k{i}": 1 for i in range(8)})["vendor"]
    assert (many.label, many.value, many.flag) == (
        "Vendor parameters",
        "k0, k1, k2, k3, k4, k5 and 2 more",
        "unsupported",
    )
    assert lines(vendor={f"k{i}": 1 for i in range(6)})["vendor"].value == "k0, k1, k2, k3, k4, k5"


def test_region_and_time() -> None:
    scan = Acquisition(name="a", technique="gradient_echo")
    regions = {}
    for region in ("brain", "knee", None):
        sheet = sheet_of(Protocol(name="p", region=region, steps=(scan,)), TARGET, BuildOptions(), Reasons())
        shown = {one.id: one for one in sheet.scans[0].entries}
        regions[region] = (shown["region"].value, shown["region"].flag, shown["region"].note)
    assert regions == {
        "brain": ("HEAD", "converted", ""),
        "knee": ("", "choose", "knee: its code is not known"),
        None: ("", "choose", "not stated by the spec: to be chosen at the console"),
    }
    assert (shown["time"].value, shown["time"].note) == (
        "",
        "no estimate for this sequence: read it at the console",
    )
    assert lines()["time"].note == "estimated: compare after entry"
    assert lines(acquisition_duration=60.0)["time"].note == "as a console showed it: compare after entry"


def test_boxes_in_words() -> None:
    steps = (
        Contrast(agent="gadobutrol", dose=0.1, minimum_delay=300, text="by hand"), Contrast(), Pause(text="now", duration=90),
        Pause(text="rest"), Reformat(source="x", method="mpr", plane="coronal", slice_thickness=3, slice_gap=0.0),
        Reformat(source="x", plane_reference="ac-pc"),
    )  # fmt: skip
    sheet = sheet_of(Protocol(name="p", steps=steps), TARGET, BuildOptions(), Reasons())
    told = [(box.kind, box.title, box.lines, box.start, box.seconds) for box in sheet.steps]  # type: ignore[union-attr]
    assert told[0][:2] == ("contrast", "Inject gadobutrol, 0.1 mmol/kg body weight")
    assert told[0][2][-2:] == (
        "At least 5:00 min from the injection to the first post-contrast scan.",
        "by hand",
    )
    assert told[1] == ("contrast", "Inject contrast agent, dose not stated by the spec", (), 0, None)
    assert told[2] == ("pause", "Wait 1:30 min", ("now",), 0, 90)
    assert told[3] == ("pause", "Pause", ("rest",), 90, None)
    assert told[4] == ("reformat", "Reformat x", ("mpr", "coronal 3 mm", "gap 0 mm"), 90, None)
    assert told[5][2] == ("along the AC-PC line",)


def test_cells_are_safe_in_a_spreadsheet() -> None:
    cells = {"=1+1": "'=1+1", "+x": "'+x", "-x": "'-x", "@x": "'@x", " =1": "' =1", "-0.5": "-0.5", "-3": "-3", "a=b": "a=b",
             "\tx": "'\tx", "": "", "-1.5.2": "'-1.5.2"}  # fmt: skip
    assert {text: cell(text) for text in cells} == cells


def test_the_head_of_the_sheet() -> None:
    protocol = Protocol(
        name="p\r\nq\x01", id="ms", version="2", kind="follow-up", region="brain", guidelines=("magnims", "x")
    )
    target = TARGET.model_copy(update={"model": "Galan", "software": "V6.1", "field_strength": 1.5})
    reasons = Reasons()
    sheet = sheet_of(protocol, target, BuildOptions(label="a\x02", warnings=("b\rc",)), reasons)
    assert (sheet.title, sheet.pas, sheet.label, sheet.warnings) == (
        "p\nq\ufffd",
        "p\nq\ufffd",
        "a\ufffd",
        ("b\nc",),
    )
    assert sheet.scanner == "Canon · Galan · 1.5 T · V6.1"
    assert sheet.facts == (
        ("Spec", "ms 2"),
        ("Kind", "follow-up"),
        ("Region", "brain"),
        ("Guidelines", "magnims, x"),
    )
    assert sheet.losses == 1 and len(reasons.further) == 1
    assert sheet_of(Protocol(name="p", path=("a", "b")), TARGET, BuildOptions(), Reasons()).pas == "a / b"


def test_control_characters_are_replaced_and_reported() -> None:
    export = build(one_scan(name="a\x01", instruction="b\x02"))
    assert [(loss.kind, loss.field) for loss in export.losses].count(("approximated", None)) == 1
    assert ("approximated", "name") in [(loss.kind, loss.field) for loss in export.losses]


def test_control_characters_of_a_vendor_file_are_nobodys_loss() -> None:
    """Parameters of a vendor's file do not go onto the sheet, whatever they hold."""
    export = build(one_scan(vendor={"k": "a\x01"}))
    assert [(loss.kind, loss.field) for loss in export.losses] == [("unsupported", "vendor")]


def test_tables_of_a_small_exam() -> None:
    steps = (
        Acquisition(name="A", technique="gradient_echo", repetition_time=5.0, optional=True), Pause(text="x", duration=10.0),
    )  # fmt: skip
    export = build(Protocol(name="p", steps=steps), durations=(60.0, 10.0))

    def table(name: str) -> list[list[str]]:
        return list(csv.reader(io.StringIO(export.files[name].decode("utf-8-sig"))))[2:]

    wide = table("canon_protocol.csv")
    assert wide[0][:4] == ["step", "kind", "optional", "start"]
    assert {"TR [ms]", "FOV (PE x RO) [cm]", "Slices", "BW [Hz/px]"} <= set(wide[0])
    assert wide[1][:4] == ["1", "acquisition", "yes", ""] and wide[1][wide[0].index("TR [ms]")] == "5"
    assert wide[2][:5] == ["2", "pause", "no", "0:00", "Wait 0:10 min / x"] and len(wide[2]) == len(wide[0])
    long = table("canon_protocol_long.csv")
    assert long[0] == ["scan", "label", "value", "unit", "note", "flag", "proof", "in the spec"]
    assert [
        "1 A",
        "TR",
        "5",
        "ms",
        "",
        "as-is",
        "seen in data of real scanners",
        "repetition_time = 5 ms",
    ] in long
    assert long[-1] == ["pause", "Wait 0:10 min", "x", "", "", "information", "", ""]


def test_inspection_counts_by_hand(tmp_path: Path) -> None:
    export = build(one_scan(flip_angle=8.6, fat_suppression="spair", number_of_shots=4, reference_lines=24))
    found = DIALECT.inspect(written(export, tmp_path))
    told = dict(found.facts)
    chosen = [name for name, (_, flag) in entries(export).items() if flag == "choose"]
    assert told["entries to choose at the console"] == str(len(chosen))
    assert told["entries rounded or assumed"] == "2"
    assert told["fields without a Canon entry"] == "2"
    assert (told["field strength"], told["scans"], told["protocol"]) == ("3 T", "1", "test")
    assert "software" not in told and found.series == (("scan", None),)


def test_what_the_radiographer_reads_beyond_the_entries() -> None:
    """Losses and what is to be compared are printed apart from what informs."""
    fields = {
        "repetition_time": 900.0, "repetition_time_excitation": 900.0, "number_of_shots": 4, "interpolation": 1.0, "role": "flair_3d",
        "field_of_view": (240.0, 240.0), "acquisition_matrix": (100, 100), "voxel_size": (9.0, 9.0, 3.0), "plane_reference": "ac-pc",
    }  # fmt: skip
    (card,) = sheet_of(one_scan(**fields), TARGET, BuildOptions(), Reasons()).scans
    scan = card.written
    assert {(one.id, one.flag) for one in scan.beyond} == {
        ("repetition-time-excitation", "control"), ("number-of-shots", "unsupported"), ("voxel-size", "approximated"),
    }  # fmt: skip
    assert scan.information == {"role": "3D FLAIR", "plane-reference": "along the AC-PC line"}
    near = {
        "field_of_view": (240.0, 240.0),
        "acquisition_matrix": (100, 100),
        "voxel_size": (2.4, 2.413, 3.0),
    }
    (card,) = sheet_of(one_scan(**near), TARGET, BuildOptions(), Reasons()).scans
    assert [(one.id, one.flag) for one in card.written.beyond] == [("voxel-size", "rounded")]
    heads = [name for name, _ in scan.sections()]
    assert heads == ["Identification", "Timing and contrast", "Geometry", "Readout", "Options"]


def test_what_is_printed_beside_a_value() -> None:
    """The neutral value where the entry does not show it unchanged; a mark where its label is in doubt."""
    one = lines(
        flip_angle=90.0, field_of_view=(240.0, 240.0), repetition_time=500.0, fat_suppression="spair", number_of_shots=4,
        magnetization_transfer=False, inversion_time=100.0, role="flair_3d", slice_oversampling=0.0, acquisition_duration=60.0,
        phase_encoding_direction="LR",
    )  # fmt: skip
    beside = {
        name: one[name].beside
        for name in ("flip", "fov", "fat", "number-of-shots", "role", "slice-oversampling", "time")
    }
    assert beside == {
        "flip": "",
        "fov": "240 x 240 mm",
        "fat": "SPAIR",
        "number-of-shots": "",
        "role": "",
        "slice-oversampling": "",
        "time": "",
    }
    doubt = {
        name: one[name].doubt
        for name in ("tr", "ti", "fat", "mtc", "number-of-shots", "time", "pe", "presat")
    }
    assert doubt == {
        "tr": "",
        "ti": "name?",
        "fat": "label?",
        "mtc": "",
        "number-of-shots": "",
        "time": "",
        "pe": "name?",
        "presat": "label?",
    }
    assert {name: one[name].unit_shown for name in ("tr", "mtc", "fat")} == {
        "tr": True,
        "mtc": False,
        "fat": False,
    }
    assert not lines(phase_oversampling=0.0)["nowrap"].unit_shown
    assert one["flop" if "flop" in one else "speeder-se" if "speeder-se" in one else "naq"].remark.startswith(
        "averages"
    )
    assert [source.field for source in one["sequence"].sources] == ["technique", "mr_acquisition_type"]


def test_results_say_what_was_read(tmp_path: Path) -> None:
    export = build(one_scan(repetition_time=500.0))
    sheet, entered = DIALECT.read(written(export, tmp_path)), DIALECT.read_files(export.files)
    assert (sheet.format, sheet.vendor, entered.format, entered.vendor) == (
        "canon-sheet",
        "canon",
        "canon-sheet",
        "canon",
    )
    result, _ = read(tmp_path)
    assert (result.format, result.vendor) == ("canon-pas-dicom", "canon")
    for strength, wanted in ((0, None), (-1, None), (None, None), (0.4, 0.4), (1.5, 1.5)):
        assert read(tmp_path, public={"MagneticFieldStrength": strength})[0].field_strength == wanted
    told = dict(DIALECT.inspect(tmp_path / "scan.dcm").facts)
    assert (told["what it is"], told["software"], told["field strength"], told["scans"]) == (
        "one executed scan",
        "V6.1SP3002*",
        "1.5 T",
        "1",
    )
    assert told["block"].endswith(" bytes") and told["protocol"] == "OWN-CARD"
    bare = write(
        tmp_path / "bare.dcm", pas(ELEMENTS).replace(b"V6.1SP3002*", b" "), {"MagneticFieldStrength": None}
    )
    found = DIALECT.inspect(bare)
    assert "software" not in dict(found.facts) and dict(found.facts)["field strength"] == "not stated"
    assert [note.code for note in found.warnings][:2] == ["confidential", "executed-scan"]


def test_the_line_of_a_field_that_cannot_be_is_named(tmp_path: Path) -> None:
    export = build(one_scan(repetition_time=500.0, pixel_bandwidth=100.0))
    path = written(export, tmp_path) / facts.XML_NAME
    path.write_text(path.read_text().replace(">100</", ">-100</"))
    at = next(
        number
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if '<source field="pixel_bandwidth"' in line
    )
    with pytest.raises(UnusableInput, match=f"line {at}: pixel_bandwidth: ") as error:
        DIALECT.read(path)
    assert error.value.message
    path.write_text(path.read_text().replace('flag="as-is"', 'flag="odd"'))
    with pytest.raises(UnusableInput, match=r"\(and \d+ more\)"):
        DIALECT.read(path)


def test_a_name_of_a_card_in_any_bytes(tmp_path: Path) -> None:
    class Part:
        def __init__(self, value: Any) -> None:
            self.value = value

    names = {b"USER\\HEAD \\ T\xff\0": ("USER", "HEAD", "T\ufffd"), "one": ("one",), None: (), b"": ()}
    assert {value: dicom._pas_name({0x16: Part(value)}) for value in names} == names
    assert dicom._pas_name({}) == () and dicom._pas_name({0x16: Part(["a ", "", "b\0"])}) == ("a", "b")
