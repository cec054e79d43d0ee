"""What members mean, release by release: one row for each fact that a file outside the corpus may need."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from generator.vendors.siemens import DIALECT, facts
from generator.vendors.siemens.container.ascconv import Ascconv, parse
from generator.vendors.siemens.fields import read_fields
from tests.vendors.siemens.make import written

VB, VE, XA = {"ulVersion": "0x14b44b6"}, {"ulVersion": "51130001"}, {"ulVersion": "66110001"}
Members = dict[str, str]


def sequence(binary: str, folder: str = "SiemensSeq") -> Members:
    return {"tSequenceFileName": f'"%{folder}%\\{binary}"'}


def read(*parts: Members) -> tuple[dict[str, Any], dict[str, str]]:
    """Fields, and field to code of each doubt."""
    raw: Members = {"sKSpace.ucDimension": "2"} | sequence("gre")
    for part in parts:
        raw |= part
    fields, protocol = read_fields(Ascconv(raw, waves=any("Wave" in key for key in raw)))
    return fields, {what: code for code, what, _ in protocol.doubts}


@pytest.mark.parametrize(
    ("release", "members", "word"),
    [
        (VB, {"sPrepPulses.ucFatSat": "0x1"}, "fat_saturation"),
        (VB, {"sPrepPulses.ucFatSat": "0x2"}, "water_excitation"),
        (VB, {"sPrepPulses.ucFatSat": "0x4"}, "none"),
        (VE, {"sPrepPulses.ucFatSat": "32"}, "spair"),
        (VE, {}, None),
        (XA, {"sPrepPulses.lFatWaterContrast": "1"}, "none"),
        (XA, {"sPrepPulses.lFatWaterContrast": "4"}, "fat_saturation"),
        (XA, {"sPrepPulses.lFatWaterContrast": "4096"}, "spair"),
        (XA, {"sPrepPulses.lFatWaterContrast": "16"}, "water_excitation"),
        (XA, {"sPrepPulses.lFatWaterContrast": "64"}, None),
        # XA keeps the old switch beside the new one; the new one counts.
        (XA, {"sPrepPulses.ucFatSat": "1", "sPrepPulses.lFatWaterContrast": "1"}, "none"),
    ],
)
def test_fat_suppression(release: Members, members: Members, word: str | None) -> None:
    assert read(release, members)[0]["fat_suppression"] == word


@pytest.mark.parametrize(
    ("code", "fraction"), [("16", 1.0), ("8", 0.875), ("0x4", 0.75), ("2", 0.625), ("1", None), ("32", None)]
)
def test_partial_fourier(code: str, fraction: float | None) -> None:
    fields, doubts = read(XA, {"sKSpace.ucPhasePartialFourier": code})
    assert fields["partial_fourier_phase"] == fraction
    assert ("partial_fourier_phase" in doubts) == (fraction is None)


def test_a_slab_is_stored_as_a_whole() -> None:
    members = {
        "sKSpace.ucDimension": "4",
        "sSliceArray.lSize": "3",
        "sSliceArray.asSlice[0].dThickness": "40.0",
        "sKSpace.lImagesPerSlab": "80",
        "sKSpace.dSliceResolution": "0.5",
        "sKSpace.dSliceOversamplingForDialog": "0.2",
        "sSliceArray.asSlice[0].dReadoutFOV": "200.0",
        "sSliceArray.asSlice[0].dPhaseFOV": "150.0",
        "sKSpace.lBaseResolution": "400",
        "sKSpace.dPhaseResolution": "0.8",
        "sKSpace.lPhaseEncodingLines": "288",
        "sKSpace.dPhaseOversamplingForDialog": "0.2",
    }
    fields, _ = read(XA, sequence("fl_tof"), members)
    assert (fields["slice_thickness"], fields["slice_gap"], fields["number_of_slices"]) == (0.5, None, 240)
    assert fields["voxel_size"] == (0.5, 0.625, 1.0)
    assert (fields["field_of_view"], fields["acquisition_matrix"]) == ((200.0, 150.0), (400, 240))
    assert (fields["phase_oversampling"], fields["slice_oversampling"]) == (0.2, 0.2)


def test_slices_may_overlap() -> None:
    members = {
        "sSliceArray.lSize": "5",
        "sSliceArray.asSlice[0].dThickness": "4.0",
        "sGroupArray.lSize": "1",
        "sGroupArray.asGroup[0].nSize": "5",
        "sGroupArray.asGroup[0].dDistFact": "-0.2",
    }
    assert read(VE, members)[0]["slice_gap"] == pytest.approx(-0.8)


@pytest.mark.parametrize(
    ("normal", "quarter", "plane", "direction"),
    [
        ("dTra", 0, "transverse", "AP"),
        ("dTra", 1, "transverse", "RL"),
        ("dTra", 2, "transverse", "PA"),
        ("dTra", -1, "transverse", "LR"),
        ("dSag", 0, "sagittal", "AP"),
        ("dSag", 1, "sagittal", "HF"),
        ("dSag", -1, "sagittal", "FH"),
        ("dCor", 0, "coronal", "RL"),
        ("dCor", 1, "coronal", "FH"),
        ("dCor", -1, "coronal", "HF"),
    ],
)
def test_phase_directions_turn_about_the_normal(
    normal: str, quarter: int, plane: str, direction: str
) -> None:
    stem = "sSliceArray.asSlice[0]"
    members = {
        f"{stem}.sNormal.{normal}": "0.97",
        f"{stem}.sNormal.{'dCor' if normal != 'dCor' else 'dTra'}": "-0.24",
        f"{stem}.dInPlaneRot": str(quarter * math.pi / 2 - 0.1),
    }
    fields, doubts = read(XA, members)
    assert (fields["plane"], fields["phase_encoding_direction"]) == (plane, direction)
    assert ("phase_encoding_direction" in doubts) == (plane == "coronal" and quarter != 0)


@pytest.mark.parametrize(
    ("members", "b_values", "directions"),
    [
        ({"sDiffusion.ulMode": "256", "sDiffusion.lDiffDirections": "30"}, (0.0, 700.0), 30),
        ({"sDiffusion.ulMode": "128", "sDiffusion.lDiffDirections": "258"}, (0.0, 700.0), 258),
        ({"sDiffusion.ulMode": "0x400"}, (0.0, 700.0), None),
        ({"sDiffusion.ulMode": "512", "sDiffusion.lDiffDirections": "6"}, (0.0, 700.0), None),
        ({"sDiffusion.ulMode": "1024", "sDiffusion.lQSpaceSteps": "4"}, None, None),
        ({"sDiffusion.ulMode": "1"}, None, None),
    ],
)
def test_diffusion_modes(
    members: Members, b_values: tuple[float, ...] | None, directions: int | None
) -> None:
    weights = {"sDiffusion.lDiffWeightings": "2", "sDiffusion.alBValue[1]": "700"}
    fields, _ = read(XA, sequence("ep2d_diff"), weights, members)
    assert (fields.get("b_values"), fields.get("diffusion_directions")) == (b_values, directions)


@pytest.mark.parametrize(
    ("members", "times", "doubted"),
    [
        ({"sPrepPulses.ucInversion": "1"}, (150.0, None), False),
        ({"sPrepPulses.ucInversion": "2"}, (150.0, None), False),
        ({"sPrepPulses.ucInversion": "0x10"}, (150.0, 600.0), False),
        ({"sPrepPulses.ucInversion": "2", "lInvContrasts": "2"}, (150.0, 600.0), False),
        ({"sPrepPulses.ucInversion": "4", "sPrepPulses.ucSatRecovery": "1"}, (None, None), False),
        ({"sPrepPulses.ucInversion": "4", "sPrepPulses.ucSatRecovery": "2"}, (None, None), True),
        ({"sPrepPulses.ucInversion": "8"}, (None, None), True),
    ],
)
def test_inversion_times(members: Members, times: tuple[float | None, float | None], doubted: bool) -> None:
    fields, doubts = read(XA, {"alTI[0]": "150000", "alTI[1]": "600000"}, members)
    assert (fields["inversion_time"], fields["second_inversion_time"]) == times
    assert ("inversion_time" in doubts) == doubted


@pytest.mark.parametrize(
    ("binary", "members", "averages", "positions"),
    [
        ("tse", {"lAverages": "2", "dAveragesDouble": "1.0"}, 2.0, 1),
        ("tse", {"lAverages": "1", "dAveragesDouble": "1.4"}, None, 1),
        ("tse_vfl", {"lAverages": "1", "dAveragesDouble": "1.4"}, 1.4, 1),
        ("space", {"lAverages": "2"}, 2.0, 1),
        ("ep2d_bold", {"lAverages": "1", "lRepetitions": "499"}, 1.0, 500),
        ("tgse_asl", {"lAverages": "1", "lRepetitions": "15"}, 1.0, 8),
        ("tgse_asl", {"lAverages": "1", "lRepetitions": "16"}, 1.0, None),
        ("ep2d_pasl", {"lAverages": "1", "lRepetitions": "90"}, 1.0, None),
    ],
)
def test_averages_and_measurements(
    binary: str, members: Members, averages: float | None, positions: int | None
) -> None:
    fields, _ = read(XA, sequence(binary), members)
    assert (fields["number_of_averages"], fields["number_of_temporal_positions"]) == (averages, positions)


@pytest.mark.parametrize(
    ("members", "in_plane", "through", "bands"),
    [
        ({"sPat.ucPATMode": "1", "sPat.lAccelFactPE": "2"}, 1.0, 1.0, 1),
        ({"sPat.ucPATMode": "0x2", "sPat.lAccelFactPE": "3", "sPat.lAccelFact3D": "1"}, 3.0, 1.0, 1),
        ({"sPat.ucPATMode": "16", "sPat.lAccelFactPE": "2", "sPat.lAccelFact3D": "2"}, 2.0, 2.0, 1),
        ({"sPat.ucPATMode": "32", "sPat.lAccelFactPE": "2", "sPat.lAccelFact3D": "1",
          "sSliceAcceleration.lMultiBandFactor": "3"}, 2.0, 1.0, 3),
        ({"sPat.ucPATMode": "64", "sPat.lAccelFactPE": "2"}, None, None, 1),
    ],
)  # fmt: skip
def test_acceleration(members: Members, in_plane: float | None, through: float | None, bands: int) -> None:
    fields, _ = read(XA, members)
    assert fields["parallel_reduction_factor_in_plane"] == in_plane
    assert fields["parallel_reduction_factor_out_of_plane"] == through
    assert fields["multiband_factor"] == bands


READOUT = {
    "sKSpace.lBaseResolution": "128",
    "sRXSPEC.alDwellTime[0]": "2500",
    "sFastImaging.lTurboFactor": "9",
    "sFastImaging.lEPIFactor": "128",
    "sKSpace.lPhaseEncodingLines": "96",
}


@pytest.mark.parametrize(
    ("binary", "bandwidth", "train", "doubt"),
    [
        ("gre", 1562.5, None, None),
        ("tse", 1562.5, 9, None),
        ("ep2d_diff", 1562.5, 96, None),
        ("ep2d_bold", 1562.5, 96, None),
        ("fl3d_vibe", 1562.5, None, "unverified-rule"),
        ("tse_dixon", 1562.5, 9, "unverified-rule"),
        ("trufi", 1562.5, None, "unverified-rule"),
        ("resolve", None, None, "unknown-rule"),
        ("svs_se", None, None, "unknown-rule"),
        ("BEAT", None, None, "unknown-rule"),
    ],
)
def test_bandwidth_and_train(
    binary: str, bandwidth: float | None, train: int | None, doubt: str | None
) -> None:
    fields, doubts = read(XA, sequence(binary), READOUT)
    assert (fields["pixel_bandwidth"], fields["echo_train_length"]) == (bandwidth, train)
    assert doubts.get("pixel_bandwidth") == doubt


def test_of_a_segmented_epi_only_what_is_known() -> None:
    segmented = {"sFastImaging.lSegments": "5", "sDiffusion.ulMode": "256", "sDiffusion.lDiffWeightings": "2"}
    fields, doubts = read(XA, sequence("ep2d_diff"), READOUT, segmented)
    assert fields["pixel_bandwidth"] is None
    assert fields["echo_train_length"] is None
    assert fields.get("b_values") is None
    assert {"pixel_bandwidth", "b_values"} <= set(doubts)


def test_a_protocol_of_several_steps_is_said_to_be_one(tmp_path: Path) -> None:
    block = "### ASCCONV BEGIN ###\nulVersion\t = \t66110001\n### ASCCONV END ###\n"
    for count in (1, 2):
        result = DIALECT.read(written(tmp_path, block.encode() * count, "a.pro"))
        assert any(note.code == "multi-step" for note in result.notes) == (count == 2)


def test_a_wavelet_is_no_wave() -> None:
    wavelet = {"sCommonIterRecon.dThresholdWavelet": "7.0"}
    assert read(XA, READOUT, wavelet)[0]["pixel_bandwidth"] == 1562.5
    text = "### ASCCONV BEGIN ###\nW = 1\nx.dThresholdWavelet = 7.0\n### ASCCONV END ###"
    assert not parse(text).waves
    assert parse(text.replace("W = 1", "x.ucWaveMode = 1")).waves


def test_refocusing_angles_that_vary_are_not_one_angle() -> None:
    angles = {"adFlipAngleDegree[0]": "120.0", "ucFlipAngleMode": "16"}
    assert read(XA, sequence("space"), angles)[0]["flip_angle"] is None
    constant = read(XA, sequence("space"), angles | {"ucFlipAngleMode": "1"})[0]
    assert (constant["flip_angle"], constant["refocusing_flip_angle"]) == (120.0, 120.0)


def test_the_volume_of_a_spectroscopy_is_no_image() -> None:
    fields, doubts = read(XA, sequence("svs_se"), {"sSliceArray.asSlice[0].dReadoutFOV": "250.0"})
    assert fields["technique"] == "spectroscopy"
    assert fields.get("field_of_view") is None
    assert "field_of_view" in doubts


@pytest.mark.parametrize(
    ("members", "gating"),
    [
        ({"sPhysioImaging.lSignal1": "1"}, "none"),
        ({"sPhysioImaging.lSignal1": "0x2"}, "cardiac"),
        ({"sPhysioImaging.lSignal1": "4"}, "cardiac"),
        ({"sPhysioImaging.lSignal1": "16"}, "respiratory"),
        ({"sPhysioImaging.lSignal1": "8"}, None),
        ({"sPhysioImaging.lSignal1": "1", "sNavigatorPara.lRespComp": "16"}, None),
    ],
)
def test_gating(members: Members, gating: str | None) -> None:
    fields, doubts = read(XA, members)
    assert fields["gating"] == gating
    assert ("gating" in doubts) == (gating is None)


@pytest.mark.parametrize(
    ("version", "name"),
    [
        (21710006, "VB17A"),
        (51190001, "VE11P"),
        (61120000, "XA11B"),
        (65110001, "XA51A"),
        (66120003, "XA61B"),
        (51990000, None),
        (0, None),
    ],
)
def test_releases_are_told_from_the_version(version: int, name: str | None) -> None:
    assert facts.release(version) == name


def test_a_protocol_file_of_vb_says_its_name_in_utf7(tmp_path: Path) -> None:
    text = (
        "<XProtocol>\n### ASCCONV BEGIN ###\n"
        "ulVersion                                = 0x14b44b6\n"
        'tSequenceFileName                        = "%SiemensSeq%\\gre"\n'
        'tProtocolName                            = "t1+AF8-3d"\n'
        "sProtConsistencyInfo.flNominalB0         = -1\n"
        "### ASCCONV END ###\n"
    )
    result = DIALECT.read(written(tmp_path, text.encode(), "a.pro"))
    assert result.protocols[0].acquisitions[0].name == "t1_3d"
    assert (result.software, result.field_strength) == ("VB17A", None)


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("value", ['"t2"', '"t2 TE = 90"', '"a b c"', '""'])
def test_members_are_the_same_however_strings_are_spelled(value: str, newline: str) -> None:
    lines = [
        "### ASCCONV BEGIN ###",
        "ulVersion\t = \t5",
        f"tProtocolName\t = \t{value}",
        "lAverages\t = \t2",
    ]
    block = parse(newline.join([*lines, "### ASCCONV END ###"]))
    assert block.raw == {"ulVersion": "5", "tProtocolName": value, "lAverages": "2"}
