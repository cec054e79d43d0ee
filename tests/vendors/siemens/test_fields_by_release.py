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
    assert "phase_encoding_direction" not in doubts


@pytest.mark.parametrize(
    ("members", "b_values", "directions"),
    [
        ({"sDiffusion.ulMode": "256", "sDiffusion.lDiffDirections": "30"}, (0.0, 700.0), 30),
        ({"sDiffusion.ulMode": "128", "sDiffusion.lDiffDirections": "258"}, (0.0, 700.0), 258),
        ({"sDiffusion.ulMode": "0x400"}, (0.0, 700.0), 4),
        ({"sDiffusion.ulMode": "512", "sDiffusion.lDiffDirections": "6"}, (0.0, 700.0), 1),
        ({"sDiffusion.ulMode": "64"}, (0.0, 700.0), 3),
        ({"sDiffusion.ulMode": "2048"}, (0.0, 700.0), None),
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
        ("resolve", 781.25, 128, None),
        ("gre_wave", 520.833, None, None),
        ("svs_se", None, None, "unknown-rule"),
        ("BEAT", 1562.5, None, None),
        ("cmrr_mbep2d_diff_R016a", 1562.5, 96, "unverified-rule"),
        ("mgh_mbep2d_diff", None, None, "unknown-rule"),
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
    assert fields["b_values"] == (0.0, 0.0)
    assert "pixel_bandwidth" in doubts


def test_a_protocol_of_several_steps_is_said_to_be_one(tmp_path: Path) -> None:
    block = "### ASCCONV BEGIN ###\nulVersion\t = \t66110001\n### ASCCONV END ###\n"
    for count in (1, 2):
        result = DIALECT.read(written(tmp_path, block.encode() * count, "a.pro"))
        assert any(note.code == "stations" for note in result.notes) == (count == 2)
        stations = [a.station for a in result.protocols[0].acquisitions]
        assert stations == [None if count == 1 else ""] * count


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
        ({"sPhysioImaging.lSignal1": "1", "sNavigatorPara.lRespComp": "8"}, None),
        ({"sPhysioImaging.lSignal1": "1", "sNavigatorPara.lRespComp": "16"}, "none"),
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


CMRR = sequence("cmrr_mbep2d_bold")
TRANSVERSE = {"sSliceArray.asSlice[0].sNormal.dTra": "1.0"}


@pytest.mark.parametrize(("switches", "direction"), [("0x2", "AP"), ("0x102", "PA"), ("256", "PA")])
def test_a_switch_of_cmrr_turns_the_phase_direction_round(switches: str, direction: str) -> None:
    members = TRANSVERSE | {"sWipMemBlock.alFree[0]": switches}
    assert read(XA, CMRR, members)[0]["phase_encoding_direction"] == direction
    assert read(XA, sequence("ep2d_bold"), members)[0]["phase_encoding_direction"] == "AP"


RESEARCH = {"tSequenceFileName": '"%CustomerSeq%\\tfl_mgh_epinav_ABCD"', "sKSpace.ucDimension": "4"}


def test_a_research_sequence_is_of_the_family_that_its_parameters_say_and_no_number_is_made_up() -> None:
    inverted = {"sPrepPulses.ucInversion": "2", "alTI[0]": "1060000", "adFlipAngleDegree[0]": "8.0"}
    fields, doubts = read(XA, READOUT, RESEARCH, inverted)
    assert fields["technique"] == "magnetization_prepared_gradient_echo"
    assert (fields["inversion_time"], fields["pixel_bandwidth"], fields["echo_train_length"]) == (
        1060,
        None,
        None,
    )
    assert doubts["technique"] == "inferred-sequence"


@pytest.mark.parametrize(
    ("binary", "members", "technique"),
    [
        ("tse_vfl_mgh_epinav_ABCD", {"sKSpace.ucDimension": "4"}, "turbo_spin_echo"),
        ("a_site_epi", {"sDiffusion.ulMode": "128"}, "echo_planar_diffusion"),
        ("mbep2d_bold_site", {}, "echo_planar_bold"),
        ("eja_svs_mslaser", {}, "spectroscopy"),
        ("fl_pc_site", {}, "gradient_echo"),
        ("my_own", {"sSpecPara.sVoI.dThickness": "20.0"}, "spectroscopy"),
        ("my_own", {"ucSWI": "0x1"}, "susceptibility_weighted"),
        ("my_own", {}, "other"),
    ],
)
def test_what_a_sequence_of_unknown_make_is(binary: str, members: Members, technique: str) -> None:
    fields, doubts = read(XA, sequence(binary), TRANSVERSE, members)
    assert fields["technique"] == technique
    assert doubts["technique"] == ("unknown-sequence" if technique == "other" else "inferred-sequence")
    assert (fields.get("phase_encoding_direction") is None) == (technique == "spectroscopy")


def test_private_members_of_an_unknown_sequence_may_accelerate_it() -> None:
    off = {"sPat.ucPATMode": "1", "sPat.lAccelFactPE": "1"}
    plain, _ = read(XA, sequence("gre_site"), off)
    private, doubts = read(XA, sequence("gre_site"), off, {"sWipMemBlock.alFree[3]": "4"})
    product, _ = read(XA, sequence("gre"), off, {"sWipMemBlock.alFree[3]": "4"})
    key = "parallel_reduction_factor_in_plane"
    assert (plain[key], private[key], product[key]) == (1.0, None, 1.0)
    assert private["multiband_factor"] is None
    assert doubts[key] == "unknown-rule"


def test_b_values_of_a_table_go_with_the_squares_of_its_vectors() -> None:
    # 3000 s/mm2 at length 1: 1000 at the root of a third, 2000 at the root of two thirds.
    lengths = (0.0, 0.57735027, 0.81649658, 1.0)
    table = {
        f"sDiffusion.sFreeDiffusionData.asDiffDirVector[{i}].dCor": str(x) for i, x in enumerate(lengths)
    }
    listed = {"sDiffusion.ulMode": "128", "sDiffusion.lDiffDirections": "4", "sDiffusion.alBValue[1]": "3000",
              "sDiffusion.lDiffWeightings": "2"}  # fmt: skip
    fields, doubts = read(XA, sequence("ep2d_diff"), listed, table)
    assert fields["b_values"] == (0.0, 1000.0, 2000.0, 3000.0)
    assert (fields["diffusion_directions"], fields["diffusion_scheme"]) == (3, "free")
    assert doubts["b_values"] == "free-table"
    equal = dict.fromkeys(table, "1.0")
    assert read(XA, sequence("ep2d_diff"), listed, equal)[0]["b_values"] == (0.0, 3000.0)


def test_of_many_inversion_times_none_is_the_second() -> None:
    times = {"sPrepPulses.ucInversion": "1", "lInvContrasts": "5", "alTI[0]": "100000", "alTI[1]": "400000"}
    fields, doubts = read(XA, sequence("tfl"), times)
    assert (fields["inversion_time"], fields["second_inversion_time"]) == (100.0, None)
    assert fields["technique"] == "magnetization_prepared_gradient_echo"
    assert doubts["inversion_time"] == "first-of-many"


@pytest.mark.parametrize(("lines", "phase"), [("408", 184), ("369", 184), ("370", 184)])
def test_lines_that_fill_the_last_train_are_no_matrix(lines: str, phase: int) -> None:
    """XA51 prints base 272, 230 x 207.92 mm, resolution 75 %, oversampling 100 %; it measures 408 lines."""
    members = {
        "sKSpace.lBaseResolution": "272",
        "sKSpace.dPhaseResolution": "0.75",
        "sKSpace.dPhaseOversamplingForDialog": "1.0",
        "sKSpace.lPhaseEncodingLines": lines,
        "sSliceArray.asSlice[0].dReadoutFOV": "230.0",
        "sSliceArray.asSlice[0].dPhaseFOV": "207.92",
    }
    assert read(XA, members)[0]["acquisition_matrix"] == (272, phase)


@pytest.mark.parametrize(
    ("normal", "angles"),
    [
        ((-0.0217, 0.9597, 0.2803), (-16.3, 1.2)),  # printed C > T-16.3 > S1.2
        ((0.0, -0.1595, 0.9872), (9.2, 0.0)),  # printed T > C9.2
        ((0.9990, 0.0313, -0.0321), (1.8, -1.8)),  # printed S > T1.8 > C-1.8
        ((0.0, 0.0, 1.0), (0.0, 0.0)),
    ],
)
def test_oblique_angles_are_as_printed(normal: tuple[float, ...], angles: tuple[float, float]) -> None:
    stem = "sSliceArray.asSlice[0].sNormal"
    members = {f"{stem}.{axis}": str(x) for axis, x in zip(("dSag", "dCor", "dTra"), normal, strict=True)}
    assert read(XA, members)[0]["oblique_angles"] == pytest.approx(angles, abs=0.11)


def test_saturation_bands_have_a_side() -> None:
    stem = "sRSatArray.asElm"
    members = {
        "sRSatArray.lSize": "2",
        f"{stem}[0].sNormal.dCor": "1.0",
        f"{stem}[0].sPosition.dCor": "-70.0",
        f"{stem}[1].sNormal.dTra": "-0.9",
        f"{stem}[1].sPosition.dTra": "40.0",
        "sSliceArray.sTSat.ucOn": "0x1",
    }
    fields, _ = read(XA, members)
    assert fields["saturation_bands"] == 3
    assert fields["saturation_band_positions"] == ("anterior", "superior", "parallel")


DEEP, RECONSTRUCTION = (
    "MrAdvancedReconstruction.lAdvancedReconstructionMode",
    "deep_learning_reconstruction",
)


@pytest.mark.parametrize(
    ("members", "field", "value"),
    [
        # printed words of XA51, XA61 and VE11C beside the codes
        ({"acFlowComp[0]": "8"}, "flow_compensation", "slice"),
        ({"acFlowComp[0]": "16"}, "flow_compensation", "all"),
        ({"sDistortionCorrFilter.ucMode": "4"}, "distortion_correction", "3D"),
        ({"sGRADSPEC.ucMode": "17"}, "gradient_mode", "Fast*"),
        ({"sTXSPEC.ucRFPulseType": "4"}, "specific_absorption_rate_mode", "Low SAR"),
        ({"sSliceArray.ucMode": "0x2"}, "slice_order", "descending"),
        ({"sKSpace.uc2DInterpolation": "0x1"}, "interpolation", 2.0),
        ({"sKSpace.fl2DInterpolation": "1.5"}, "interpolation", 1.5),
        ({}, "interpolation", 1.0),
        ({"lScanRegionPosTra": "-31.0", "ucScanRegionPosValid": "0x1"}, "table_position", -31.0),
        ({"sPreScanNormalizeFilter.ucOn": "0x1"}, "intensity_normalization", True),
        ({DEEP: "2", "MrAdvancedReconstruction.lDenoisingMethod": "1"}, RECONSTRUCTION, "Deep Resolve Gain"),
        ({DEEP: "1"}, RECONSTRUCTION, "none"),
        ({}, RECONSTRUCTION, None),
        ({"sPrepPulses.ucInversion": "128", "alTI[0]": "2050000"}, "inversion_time", 2050.0),
        ({"sPat.ucPATMode": "256", "sPat.dTotalAccelFact": "5.0"}, "compressed_sensing_factor", 5.0),
        ({"sPat.ucPATMode": "1024", "sPat.lAccelFactPE": "2"}, "parallel_reduction_factor_in_plane", 2.0),
    ],
)  # fmt: skip
def test_words_of_the_console(members: Members, field: str, value: object) -> None:
    assert read(XA, members)[0][field] == value
