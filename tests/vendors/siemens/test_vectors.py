# ruff: noqa: E501  (tables: one row a line)
"""Double-entry bookkeeping: members of a block beside what they mean, both written down by hand.

Sources: the printouts beside the archives (formats/siemens.md sections 6 and 12, siemens_keys.json), the
enumerations of the sequence headers, and arithmetic by hand. Nothing here is taken from the program.
"""

from __future__ import annotations

from typing import Any

import pytest

from generator.model.tree import Acquisition
from generator.vendors.siemens import facts
from generator.vendors.siemens.container.ascconv import Ascconv, parse
from generator.vendors.siemens.fields import block as block_module
from generator.vendors.siemens.fields import read_fields, write_fields
from generator.vendors.siemens.fields.block import Said
from tests.support.translate import same

VB, VE, XA = "0x14b44b6", "51130001", "66110001"


def block(text: str, binary: str = "gre", version: str = XA) -> Ascconv:
    """A block of some members, one a line, after those that each has."""
    head = f'ulVersion = {version}\ntSequenceFileName = "%SiemensSeq%\\{binary}"\n'
    return parse(f"### ASCCONV BEGIN ###\n{head}{text.strip()}\n### ASCCONV END ###\n")


def read(text: str, binary: str = "gre", version: str = XA) -> tuple[dict[str, Any], set[tuple[str, str]]]:
    """Fields, and code and field of each doubt."""
    fields, protocol = read_fields(block(text, binary, version))
    return fields, {(code, what) for code, what, _ in protocol.doubts}


def wrong(got: dict[str, Any], wanted: dict[str, Any]) -> list[str]:
    """What differs, field by field; numbers to six digits."""
    names = sorted(got.keys() | wanted.keys())
    pairs = [(name, got.get(name, "nothing"), wanted.get(name, "nothing")) for name in names]
    return [f"{name}: {one!r}, not {other!r}" for name, one, other in pairs if not same(other, one)]


# --- whole scans --------------------------------------------------------------------------------------

NOT_THERE = dict.fromkeys((
    "repetition_time_preparation", "repetition_time_excitation", "inversion_time", "second_inversion_time",
    "echo_spacing", "slice_oversampling", "number_of_shots", "reference_lines", "table_position",
    "reference_lines_out_of_plane", "deep_learning_reconstruction", "receive_coils", "output_maps",
    "saturation_band_positions", "fat_suppression", "gating", "refocusing_flip_angle", "slice_order",
    "echo_train_length", "acquisition_duration", "number_of_averages", "flip_angle",
))  # fmt: skip
OFF: dict[str, Any] = {
    "readout": "cartesian", "phase_oversampling": 0.0, "number_of_temporal_positions": 1,
    "parallel_reduction_factor_in_plane": 1.0, "parallel_reduction_factor_out_of_plane": 1.0,
    "compressed_sensing_factor": 1.0, "multiband_factor": 1, "reference_scan": "none",
    "partial_fourier_phase": 1.0, "partial_fourier_slice": 1.0, "breath_hold": False,
    "elliptical_scanning": False, "magnetization_transfer": False, "intensity_normalization": False,
    "interpolation": 1.0, "saturation_bands": 0,
}  # fmt: skip

TSE = r"""
ucReconstructionMode = 8
lAverages = 2
lContrasts = 2
alTR[0] = 5000000
alTE[0] = 11000
alTE[1] = 88000
alTE[2] = 5000
adFlipAngleDegree[0] = 150.0
lTotalScanTimeSec = 128
lScanTimeSec = 126
lRepetitions = 2
acFlowComp[0] = 4
sPrepPulses.lFatWaterContrast = 4
sPrepPulses.ucMTC = 0x1
sRXSPEC.alDwellTime[0] = 6200
sRXSPEC.alDwellTime[1] = 6200
sTXSPEC.ucRFPulseType = 4
sGRADSPEC.ucMode = 18
sDistortionCorrFilter.ucMode = 2
sPreScanNormalizeFilter.ucOn = 0x1
sKSpace.ucDimension = 2
sKSpace.lBaseResolution = 320
sKSpace.dPhaseResolution = 0.8
sKSpace.lPhaseEncodingLines = 230
sKSpace.dPhaseOversamplingForDialog = 0.2
sKSpace.ucPhasePartialFourier = 8
sKSpace.ucEnableEllipticalScanning = 0x1
sKSpace.uc2DInterpolation = 0x1
sFastImaging.lTurboFactor = 9
sPat.ucPATMode = 2
sPat.lAccelFactPE = 2
sPat.lAccelFact3D = 1
sPat.lRefLinesPE = 32
sPat.ucRefScanMode = 2
sSliceArray.lSize = 2
sSliceArray.lConc = 2
sSliceArray.ucMode = 4
sSliceArray.asSlice[0].dThickness = 4.0
sSliceArray.asSlice[0].dReadoutFOV = 240.0
sSliceArray.asSlice[0].dPhaseFOV = 180.0
sSliceArray.asSlice[0].sNormal.dTra = 1.0
sSliceArray.asSlice[0].dInPlaneRot = 1.5707963268
sSliceArray.asSlice[1].dThickness = 4.0
sSliceArray.asSlice[1].dReadoutFOV = 240.0
sSliceArray.asSlice[1].dPhaseFOV = 180.0
sSliceArray.asSlice[1].sNormal.dTra = 1.0
sSliceArray.asSlice[1].sPosition.dTra = 4.4
sSliceArray.asSlice[1].dInPlaneRot = 1.5707963268
sGroupArray.lSize = 1
sGroupArray.asGroup[0].nSize = 2
sGroupArray.asGroup[0].dDistFact = 0.1
sPhysioImaging.lSignal1 = 16
sPhysioImaging.lMethod1 = 2
sNavigatorPara.lRespComp = 16
lScanRegionPosTra = -31.0
ucScanRegionPosValid = 0x1
MrAdvancedReconstruction.lAdvancedReconstructionMode = 2
MrAdvancedReconstruction.lDenoisingMethod = 2
MrAdvancedReconstruction.sDeepResolveBoost.lDenoisingStrength = 3
sKSpace.ucIsSuperResolution = 0x1
sCoilSelectMeas.aRxCoilSelectData[0].asList[0].sCoilElementID.tCoilID = "HeadNeck_20"
sCoilSelectMeas.aRxCoilSelectData[0].asList[1].sCoilElementID.tCoilID = "HeadNeck_20"
sCoilSelectMeas.aRxCoilSelectData[0].asList[2].sCoilElementID.tCoilID = "Spine_32"
"""
TSE_FIELDS: dict[str, Any] = {
    "technique": "turbo_spin_echo", "mr_acquisition_type": "2D", "repetition_time": 5000.0,
    "echo_times": (11.0, 88.0), "flip_angle": 150.0, "refocusing_flip_angle": 150.0,
    "acquisition_duration": 128.0, "field_of_view": (240.0, 180.0), "acquisition_matrix": (320, 192),
    "voxel_size": (0.75, 0.9375, 4.0), "slice_thickness": 4.0, "slice_gap": 0.4, "number_of_slices": 2,
    "phase_oversampling": 0.2, "plane": "transverse", "phase_encoding_direction": "RL",
    "oblique_angles": (0.0, 0.0), "pixel_bandwidth": 252.016, "echo_train_length": 9,
    "number_of_averages": 2.0, "number_of_temporal_positions": 3, "concatenations": 2,
    "parallel_reduction_factor_in_plane": 2.0, "reference_scan": "integrated", "reference_lines": 32,
    "partial_fourier_phase": 0.875, "fat_suppression": "fat_saturation", "gating": "respiratory",
    "breath_hold": True, "output_maps": ("magnitude", "phase"), "elliptical_scanning": True,
    "magnetization_transfer": True, "flow_compensation": "readout", "distortion_correction": "2D",
    "intensity_normalization": True, "gradient_mode": "Normal*",
    "specific_absorption_rate_mode": "Low SAR", "interpolation": 2.0, "slice_order": "interleaved",
    "table_position": -31.0, "deep_learning_reconstruction": "Deep Resolve Boost 3, Sharp",
    "receive_coils": ("HeadNeck_20", "Spine_32"),
}  # fmt: skip

TFL = r"""
alTR[0] = 2300000
alTE[0] = 2980
alTI[0] = 900000
adFlipAngleDegree[0] = 9.0
lTotalScanTimeSec = 314
lAverages = 1
sPrepPulses.ucInversion = 2
sPrepPulses.ucFatSat = 2
sRXSPEC.alDwellTime[0] = 8100
sKSpace.ucDimension = 4
sKSpace.lBaseResolution = 256
sKSpace.dPhaseResolution = 1.0
sKSpace.lPhaseEncodingLines = 240
sKSpace.lPartitions = 192
sKSpace.lImagesPerSlab = 160
sKSpace.dSliceResolution = 0.5
sKSpace.dSliceOversamplingForDialog = 0.2
sKSpace.ucSlicePartialFourier = 4
sFastImaging.lTurboFactor = 16
sFastImaging.ucFreeEchoSpacing = 0x1
sFastImaging.lEchoSpacing = 7100
sPat.ucPATMode = 16
sPat.lAccelFactPE = 2
sPat.lAccelFact3D = 3
sPat.lRefLinesPE = 24
sPat.lRefLines3D = 22
sPat.ucRefScanMode = 4
sSliceArray.lSize = 2
sSliceArray.asSlice[0].dThickness = 176.0
sSliceArray.asSlice[0].dReadoutFOV = 256.0
sSliceArray.asSlice[0].dPhaseFOV = 240.0
sSliceArray.asSlice[0].sNormal.dSag = 1.0
sSliceArray.asSlice[1].dThickness = 176.0
sSliceArray.asSlice[1].dReadoutFOV = 256.0
sSliceArray.asSlice[1].dPhaseFOV = 240.0
sSliceArray.asSlice[1].sNormal.dSag = 1.0
sGroupArray.lSize = 1
sGroupArray.asGroup[0].nSize = 2
sGroupArray.asGroup[0].dDistFact = -0.2
sPhysioImaging.lSignal1 = 1
asCoilSelectMeas[0].asList[0].sCoilElementID.tCoilID = "HeadMatrix"
"""
TFL_FIELDS: dict[str, Any] = {
    "technique": "magnetization_prepared_gradient_echo", "mr_acquisition_type": "3D",
    "repetition_time": 2300.0, "repetition_time_preparation": 2300.0, "echo_times": (2.98,),
    "inversion_time": 900.0, "flip_angle": 9.0, "acquisition_duration": 314.0, "echo_spacing": 7.1,
    "field_of_view": (256.0, 240.0), "acquisition_matrix": (256, 240), "voxel_size": (1.0, 1.0, 2.2),
    "slice_thickness": 1.1, "slice_gap": None, "number_of_slices": 320, "slab_thickness": 352.0,
    "number_of_slabs": 2, "slab_overlap": 0.2, "slice_oversampling": 0.2, "plane": "sagittal",
    "phase_encoding_direction": "AP", "oblique_angles": (0.0, 0.0), "pixel_bandwidth": 241.127,
    "echo_train_length": 144, "number_of_averages": 1.0, "parallel_reduction_factor_in_plane": 2.0,
    "parallel_reduction_factor_out_of_plane": 3.0, "reference_scan": "separate", "reference_lines": 24,
    "reference_lines_out_of_plane": 22, "partial_fourier_slice": 0.75, "gating": "none",
    "fat_suppression": "water_excitation", "receive_coils": ("HeadMatrix",),
}  # fmt: skip

DIFFUSION = r"""
alTR[0] = 4400000
alTE[0] = 89000
lAverages = 1
sPrepPulses.lFatWaterContrast = 4096
sRXSPEC.alDwellTime[0] = 2700
sKSpace.ucDimension = 2
sKSpace.lBaseResolution = 128
sKSpace.lPhaseEncodingLines = 128
sKSpace.dPhaseResolution = 1.0
sFastImaging.lEPIFactor = 64
sFastImaging.lSegments = 1
sPat.ucPATMode = 32
sPat.lAccelFactPE = 2
sPat.ucRefScanMode = 256
sSliceAcceleration.lMultiBandFactor = 3
sDiffusion.ulMode = 256
sDiffusion.lDiffWeightings = 2
sDiffusion.alBValue[1] = 1000
sDiffusion.alAverages[0] = 5
sDiffusion.alAverages[1] = 1
sDiffusion.lDiffDirections = 30
sSliceArray.lSize = 1
sSliceArray.asSlice[0].dThickness = 2.0
sSliceArray.asSlice[0].dReadoutFOV = 256.0
sSliceArray.asSlice[0].dPhaseFOV = 256.0
sSliceArray.asSlice[0].sNormal.dTra = 1.0
sPhysioImaging.lSignal1 = 4
"""
DIFFUSION_FIELDS: dict[str, Any] = {
    "technique": "echo_planar_diffusion", "mr_acquisition_type": "2D", "repetition_time": 4400.0,
    "echo_times": (89.0,), "field_of_view": (256.0, 256.0), "acquisition_matrix": (128, 128),
    "voxel_size": (2.0, 2.0, 2.0), "slice_thickness": 2.0, "slice_gap": 0.0, "number_of_slices": 1,
    "plane": "transverse", "phase_encoding_direction": "AP", "oblique_angles": (0.0, 0.0),
    "pixel_bandwidth": 1446.759, "echo_train_length": 128, "number_of_shots": 1, "number_of_averages": 1.0,
    "parallel_reduction_factor_in_plane": 2.0, "multiband_factor": 3, "reference_scan": "separate",
    "fat_suppression": "spair", "gating": "cardiac", "b_values": (0.0, 1000.0), "b_value_averages": (5, 1),
    "diffusion_scheme": "vendor", "diffusion_directions": 30,
    # acceleration is there, and out of the plane there is no member that says how much
    "parallel_reduction_factor_out_of_plane": None,
}  # fmt: skip

SCANS = {
    ("tse", XA): (TSE, TSE_FIELDS, {("unverified-code", "breath_hold")}),
    # XA30 to XA51 keep 16 as a stale turbo factor: three quarters of 192 partitions are measured
    ("tfl", "63110002"): (TFL, TFL_FIELDS, set()),
    ("ep2d_diff", VE): (DIFFUSION, DIFFUSION_FIELDS, set()),
}


@pytest.mark.parametrize("scan", SCANS, ids=lambda scan: scan[0])
def test_every_member_of_a_scan_is_read(scan: tuple[str, str]) -> None:
    text, wanted, doubts = SCANS[scan]
    fields, said = read(text, *scan)
    assert wrong(fields, NOT_THERE | OFF | wanted) == []
    assert said == doubts


# --- sequences and releases ---------------------------------------------------------------------------

READOUT = """
lAverages = 1
sKSpace.lBaseResolution = 128
sRXSPEC.alDwellTime[0] = 2500
sFastImaging.lTurboFactor = 9
sFastImaging.lEPIFactor = 64
sFastImaging.lReadoutSegments = 5
sFastImaging.lSegments = 1
sKSpace.lPhaseEncodingLines = 96
adFlipAngleDegree[0] = 60.0
"""
# Technique; bandwidth in Hz/px (1e9 / (2 x 128 x 2500), RESOLVE 4 and wave 6 instead of 2); echo train: the
# turbo factor 9, the lines 96, the EPI factor of a segmented readout 64; shots; whether a printout was seen.
PLAIN, CHECKED, ASSUMED = 1562.5, True, False
SEQUENCES = {
    "gre": ("gradient_echo", PLAIN, None, None, CHECKED),
    "tfl": ("gradient_echo", PLAIN, 9, None, CHECKED),
    "tse": ("turbo_spin_echo", PLAIN, 9, None, CHECKED),
    "tse_vfl": ("turbo_spin_echo", PLAIN, 9, None, CHECKED),
    "space": ("turbo_spin_echo", PLAIN, 9, None, CHECKED),
    "haste": ("single_shot_turbo_spin_echo", PLAIN, 9, None, CHECKED),
    "ep2d_diff": ("echo_planar_diffusion", PLAIN, 96, 1, CHECKED),
    "ep2d_bold": ("echo_planar_bold", PLAIN, 96, 1, CHECKED),
    "medic": ("multi_echo_gradient_echo", PLAIN, None, None, CHECKED),
    "fl_tof": ("time_of_flight", PLAIN, None, None, CHECKED),
    "gre_field_mapping": ("field_map", PLAIN, None, None, CHECKED),
    "tgse_asl": ("arterial_spin_labelling", PLAIN, None, 1, CHECKED),
    "AALScout": ("gradient_echo", PLAIN, None, None, CHECKED),
    "cmrr_mbep2d_diff": ("echo_planar_diffusion", PLAIN, 96, 1, CHECKED),
    "resolve": ("echo_planar_diffusion", 781.25, 64, 5, CHECKED),
    "gre_wave": ("gradient_echo", 520.833, None, None, CHECKED),
    "beat": ("gradient_echo", PLAIN, None, None, CHECKED),
    "se": ("spin_echo", PLAIN, None, None, ASSUMED),
    "tse_dixon": ("turbo_spin_echo", PLAIN, 9, None, ASSUMED),
    "fast_tse": ("turbo_spin_echo", PLAIN, 9, None, ASSUMED),
    "fl3d_vibe": ("gradient_echo", PLAIN, None, None, ASSUMED),
    "fl3d_ce": ("gradient_echo", PLAIN, None, None, ASSUMED),
    "tfl_b1map": ("calibration", PLAIN, None, None, ASSUMED),
    "tfl_rfmap": ("calibration", PLAIN, None, None, ASSUMED),
    "trufi": ("balanced_ssfp", PLAIN, None, None, ASSUMED),
    "dess": ("gradient_echo", PLAIN, None, None, ASSUMED),
    "ep2d_fid": ("echo_planar_bold", PLAIN, 96, 1, ASSUMED),
    "ep2d_pace": ("echo_planar_bold", PLAIN, 96, 1, ASSUMED),
    "ep2d_se": ("other", PLAIN, 96, 1, ASSUMED),
    "ep2d_pasl": ("arterial_spin_labelling", PLAIN, 96, 1, ASSUMED),
    "cmrr_mbep2d_bold": ("echo_planar_bold", PLAIN, 96, 1, ASSUMED),
    "cmrr_mbep2d_se": ("other", PLAIN, 96, 1, ASSUMED),
    "cmrr_mbep2d_diff_R016a": ("echo_planar_diffusion", PLAIN, 96, 1, ASSUMED),
    "cmrr_mbep2d_bold_x": ("echo_planar_bold", PLAIN, 96, 1, ASSUMED),
    "cmrr_mbep2d_se_x": ("other", PLAIN, 96, 1, ASSUMED),
    "qdwi": ("echo_planar_diffusion", None, None, None, None),
    "svs_se": ("spectroscopy", None, None, None, None),
    "svs_st": ("spectroscopy", None, None, None, None),
    "csi_se": ("spectroscopy", None, None, None, None),
    "csi_st": ("spectroscopy", None, None, None, None),
    "csi_slaser": ("spectroscopy", None, None, None, None),
    "csi_fid": ("spectroscopy", None, None, None, None),
}  # fmt: skip


def test_every_sequence_is_what_its_maker_calls_it_and_its_numbers_follow_its_rule() -> None:
    found = {}
    for binary in SEQUENCES:
        fields, doubts = read(READOUT, binary)
        names = ("technique", "pixel_bandwidth", "echo_train_length", "number_of_shots")
        codes = {code for code, what in doubts if what == "pixel_bandwidth"}
        trust = {"": CHECKED, "unverified-rule": ASSUMED}.get("".join(codes))
        found[binary] = (*(fields.get(name) for name in names), trust)
        assert not {"unknown-sequence", "inferred-sequence"} & {code for code, _ in doubts}, binary
    assert found == SEQUENCES


# Names of site builds and research sequences: what they are a relative of.
RELATIVES = {
    "my_mrsi": "spectroscopy", "zoomit_site": "echo_planar_diffusion", "pcasl_site": "arterial_spin_labelling",
    "epi3d_site": "echo_planar_bold", "dream_site": "calibration", "b0map_site": "field_map",
    "mprage_site": "gradient_echo", "spc_site": "turbo_spin_echo", "haste_site": "single_shot_turbo_spin_echo",
    "blade_site": "turbo_spin_echo", "medic_site": "multi_echo_gradient_echo", "tof_site": "time_of_flight",
    "ciss_site": "balanced_ssfp", "flash_site": "gradient_echo", "site_se": "spin_echo", "site": "other",
}  # fmt: skip


def test_a_name_says_whose_relative_a_sequence_is() -> None:
    found = {name: read("", name) for name in RELATIVES}
    assert {name: fields["technique"] for name, (fields, _) in found.items()} == RELATIVES
    codes = {
        name: [code for code, what in doubts if what == "technique"] for name, (_, doubts) in found.items()
    }
    assert codes == {n: ["unknown-sequence" if n == "site" else "inferred-sequence"] for n in RELATIVES}
    # The train of a relative is not known, and no rule is taken over.
    assert all(not fields.get("echo_train_length") for fields, _ in found.values())


FAMILY_BY_PARAMETERS = [
    ("sSpecPara.sVoI.dThickness = 20.0", "spectroscopy"),
    ("sDiffusion.ulMode = 256\nsKSpace.ucDimension = 2", "echo_planar_diffusion"),
    ("sDiffusion.ulMode = 256\nsKSpace.ucDimension = 4", "other"),
    ("sDiffusion.ulMode = 1\nsKSpace.ucDimension = 2", "other"),
    ("sAsl.ulMode = 2", "arterial_spin_labelling"),
    ("sAsl.ulMode = 1", "other"),
    ("sAsl.ulMode = 0", "other"),
    ("sKSpace.ucDimension = 4\nsPrepPulses.ucInversion = 2\nadFlipAngleDegree[0] = 30.0",
     "magnetization_prepared_gradient_echo"),
    ("sKSpace.ucDimension = 4\nsPrepPulses.ucInversion = 2\nadFlipAngleDegree[0] = 31.0", "other"),
    ("sKSpace.ucDimension = 4\nsPrepPulses.ucInversion = 2", "other"),
    ("sKSpace.ucDimension = 2\nsPrepPulses.ucInversion = 2\nadFlipAngleDegree[0] = 9.0", "other"),
    ("sKSpace.ucDimension = 4\nsPrepPulses.ucInversion = 4\nadFlipAngleDegree[0] = 9.0", "other"),
    ("ucSWI = 0x1", "susceptibility_weighted"),
]  # fmt: skip
REFINED = [
    ("gre", "ucSWI = 0x1\nlContrasts = 3", "susceptibility_weighted"),
    ("gre", "lContrasts = 2", "multi_echo_gradient_echo"),
    ("gre", "lContrasts = 1", "gradient_echo"),
    ("gre_wave", "ucSWI = 0x1", "susceptibility_weighted"),
    ("gre_wave", "lContrasts = 2", "multi_echo_gradient_echo"),
    ("tse", "ucSWI = 0x1\nlContrasts = 2", "turbo_spin_echo"),
    ("tfl", "sPrepPulses.ucInversion = 2\nlInvContrasts = 2", "mp2rage"),
    ("tfl", "sPrepPulses.ucInversion = 2\nlInvContrasts = 1", "magnetization_prepared_gradient_echo"),
    ("tfl", "sPrepPulses.ucInversion = 4", "gradient_echo"),
    ("TFL", "sPrepPulses.ucInversion = 1", "magnetization_prepared_gradient_echo"),
    ("tse", "sPrepPulses.ucInversion = 2\nlInvContrasts = 2", "turbo_spin_echo"),
    ("beat", "sTXSPEC.ucExcitMode = 256", "time_of_flight"),
    ("beat", "sTXSPEC.ucExcitMode = 1", "gradient_echo"),
    ("tse", "sTXSPEC.ucExcitMode = 256", "turbo_spin_echo"),
]  # fmt: skip


def test_parameters_say_what_a_scan_is() -> None:
    found = [(text, read(text, "site")[0]["technique"]) for text, _ in FAMILY_BY_PARAMETERS]
    assert found == FAMILY_BY_PARAMETERS
    refined = [(binary, text, read(text, binary)[0]["technique"]) for binary, text, _ in REFINED]
    assert refined == REFINED


RELEASES = {
    21710006: "VB17A", 51120003: "VE11B", 51130001: "VE11C", 51150000: "VE11E", 51190001: "VE11P",
    51280000: "VE12U", 61110001: "XA11A", 61120000: "XA11B", 62010002: "XA20A", 63110002: "XA31A",
    65010000: "XA50A", 66010002: "XA60A", 66110001: "XA61A",
    # by the digits: 6 is XA, two of the release, one of the letter
    65110001: "XA51A", 66120003: "XA61B", 67130000: "XA71C",
    66100001: None, 51990000: None, 6511000: None, 0: None,
}  # fmt: skip


def test_every_release_has_the_number_that_its_files_state() -> None:
    assert {number: facts.release(number) for number in RELEASES} == RELEASES


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("XA61", "XA61A", True),
        ("syngo MR XA61A", "XA61A", True),
        ("syngo MR VA61A", "xa61", True),
        ("XA61A", "XA61B", False),
        ("XA60A", "XA61A", False),
        ("VE11C", "VE11", True),
        ("VE11C", "VD11C", False),
        ("VB17A", "VB 17", True),
        ("own build", "OWN BUILD ", True),
        ("own build", "XA61", False),
    ],
)
def test_names_of_one_release(one: str, other: str, same: bool) -> None:
    assert facts.same_release(one, other) is same


# --- codes --------------------------------------------------------------------------------------------

# Member, field, and the word or number of each code as consoles print it; a name in brackets after it is the
# code of a doubt. What is not printed comes from the enumerations of the sequence headers.
CODES: list[tuple[str, str, str, dict[str, Any]]] = [
    (XA, "sKSpace.ucDimension", "mr_acquisition_type", {"2": "2D", "4": "3D", "1": None}),
    (XA, "sKSpace.ucTrajectory", "readout", {"1": "cartesian", "2": "radial", "4": None}),
    (XA, "sKSpace.ucPhasePartialFourier", "partial_fourier_phase",
     {"16": 1.0, "8": 0.875, "4": 0.75, "2": 0.625, "1": "? unknown-code", "32": "? scanner-chooses"}),
    (XA, "sKSpace.ucSlicePartialFourier", "partial_fourier_slice",
     {"16": 1.0, "8": 0.875, "4": 0.75, "2": 0.625, "1": "? unknown-code", "32": "? scanner-chooses"}),
    (XA, "sPrepPulses.lFatWaterContrast", "fat_suppression",
     {"1": "none", "4": "fat_saturation", "4096": "spair", "16": "water_excitation",
      "32": "water_excitation", "8": "fat_saturation unverified-code", "8192": "dixon unverified-code",
      "16384": "dixon unverified-code", "64": "? unknown-code"}),
    (VE, "sPrepPulses.ucFatSat", "fat_suppression",
     {"4": "none", "1": "fat_saturation", "32": "spair", "2": "water_excitation",
      "8": "fat_saturation unverified-code", "16": "water_excitation unverified-code",
      "64": "? unknown-code"}),
    (XA, "sPhysioImaging.lSignal1", "gating",
     {"1": "none", "2": "cardiac", "4": "cardiac", "16": "respiratory", "8": "? unknown-code"}),
    (XA, "sNavigatorPara.lRespComp", "breath_hold", {"4": False, "16": "True unverified-code"}),
    (XA, "ucReconstructionMode", "output_maps",
     {"1": ("magnitude",), "2": ("phase",), "8": ("magnitude", "phase"), "4": None}),
    (XA, "acFlowComp[0]", "flow_compensation",
     {"1": "none", "2": "yes", "4": "readout", "8": "slice", "16": "all", "3": "? unknown-code"}),
    (XA, "sDistortionCorrFilter.ucMode", "distortion_correction",
     {"1": "none", "2": "2D", "4": "3D", "8": "? unknown-code"}),
    (XA, "sGRADSPEC.ucMode", "gradient_mode",
     {"1": "Fast", "2": "Normal", "4": "Whisper", "8": "Performance", "17": "Fast*", "18": "Normal*",
      "20": "Whisper*", "24": "Performance*", "16": "? unknown-code"}),
    (XA, "sTXSPEC.ucRFPulseType", "specific_absorption_rate_mode",
     {"1": "Fast", "2": "Normal", "4": "Low SAR", "3": "? unknown-code"}),
    (XA, "sSliceArray.ucMode", "slice_order", {"1": "ascending", "2": "descending", "4": "interleaved", "8": None}),
    (XA, "sKSpace.uc2DInterpolation", "interpolation", {"0x1": 2.0, "0": 1.0}),
    (XA, "sKSpace.fl2DInterpolation", "interpolation",
     {"1.0": "2.0 unverified-rule", "1.5": 1.5, "0.5": 1.0}),
    (XA, "sKSpace.ucEnableEllipticalScanning", "elliptical_scanning", {"0x1": True, "0": False}),
    (XA, "sPrepPulses.ucMTC", "magnetization_transfer", {"0x1": True, "0": False}),
    (XA, "sPreScanNormalizeFilter.ucOn", "intensity_normalization", {"0x1": True, "0": False}),
    (XA, "MrAdvancedReconstruction.lAdvancedReconstructionMode", "deep_learning_reconstruction",
     {"1": "none", "2": "Deep Resolve", "4": None}),
    (XA, "sSliceArray.lConc", "concatenations", {"3": 3}),
]  # fmt: skip
# The same, where parallel imaging is on.
ACCELERATED = [
    (XA, "sPat.ucRefScanMode", "reference_scan",
     {"1": "none", "2": "integrated", "4": "separate", "16": "separate", "256": "separate",
      "512": "separate", "8": None}),
]  # fmt: skip


def _meaning(member: str, field: str, code: str, version: str, beside: str) -> Any:
    fields, doubts = read(f"{beside}{member} = {code}", version=version)
    said = [kind for kind, what in doubts if what == field]
    value = fields.get(field)
    return f"{'?' if value is None else value} {said[0]}" if said else value


@pytest.mark.parametrize(("table", "beside"), [(CODES, ""), (ACCELERATED, "sPat.ucPATMode = 2\n")])
def test_every_code_means_what_the_console_prints(table: list[Any], beside: str) -> None:
    found = []
    for version, member, field, codes in table:
        beside_it = beside or ("sKSpace.ucDimension = 2\n" if field == "slice_order" else "")
        read_as = {code: _meaning(member, field, code, version, beside_it) for code in codes}
        found.append((version, member, field, read_as))
    assert found == table


# --- rules of several members -------------------------------------------------------------------------

# Mode of diffusion: scheme and number of directions, where 30 are stored.
DIFFUSION_MODES = {
    2: ("single", 1, True), 4: ("trace_3", 3, True), 8: ("single", 1, True), 16: ("single", 1, True),
    32: ("single", 1, True), 64: ("trace_3", 3, True), 128: ("free", 30, False), 256: ("vendor", 30, False),
    512: ("diagonal", 1, False), 1024: ("trace_4", 4, False), 2048: (None, None, True), 1: (None, None, False),
}  # fmt: skip
# Mode of acceleration: factors in and out of the plane and in all, where 2, 3 and 6 are stored.
PAT_MODES = {
    0: (None, None, None), 1: (1.0, 1.0, 1.0), 2: (2.0, 3.0, 1.0), 4: (2.0, 3.0, 1.0), 8: (2.0, 3.0, 1.0),
    16: (2.0, 3.0, 1.0), 32: (2.0, 3.0, 1.0), 64: (None, None, None), 128: (2.0, 3.0, 6.0),
    256: (2.0, 3.0, 6.0), 1024: (2.0, 3.0, 1.0),
}  # fmt: skip


def test_modes_say_what_of_the_members_beside_them_counts() -> None:
    diffusion, acceleration = {}, {}
    for mode in DIFFUSION_MODES:
        text = f"sDiffusion.ulMode = {mode}\nsDiffusion.lDiffDirections = 30\nsDiffusion.alBValue[0] = 800"
        fields, doubts = read(text, "ep2d_diff")
        doubted = "diffusion_directions" in {what for _, what in doubts}
        diffusion[mode] = fields.get("diffusion_scheme"), fields.get("diffusion_directions"), doubted
    assert diffusion == DIFFUSION_MODES
    stored = "sPat.lAccelFactPE = 2\nsPat.lAccelFact3D = 3\nsPat.dTotalAccelFact = 6.0"
    for mode in PAT_MODES:
        fields, doubts = read(f"sPat.ucPATMode = {mode}\n{stored}")
        factors = ("parallel_reduction_factor_in_plane", "parallel_reduction_factor_out_of_plane")
        acceleration[mode] = tuple(fields[name] for name in (*factors, "compressed_sensing_factor"))
        unknown = ("unknown-rule", "compressed_sensing_factor") in doubts
        assert unknown == (mode in (0, 64)), mode
        assert (("unverified-code", factors[0]) in doubts) == (mode in (4, 8)), mode
    assert acceleration == PAT_MODES


SLICE = "sSliceArray.asSlice"
SIZED = f"{SLICE}[0].dReadoutFOV = 200.0\n{SLICE}[0].dPhaseFOV = 150.0\n{SLICE}[0].dThickness = 4.0\n"
MATRIX = SIZED + "sKSpace.lBaseResolution = 200\n"
AS_3D = "sKSpace.ucDimension = 4\n"
GROUPS = (
    "sSliceArray.lSize = 3\nsGroupArray.lSize = 2\nsGroupArray.asGroup[0].nSize = 2\n"
    f"sGroupArray.asGroup[1].nSize = 1\n{SLICE}[0].sNormal.dTra = 1.0\n{SLICE}[1].sNormal.dTra = 1.0\n"
)
TRANSVERSE = f"{SLICE}[0].sNormal.dTra = 1.0\n"
PHASE, PLANE = "phase_encoding_direction", "plane"
TFL_TRAIN = ("sKSpace.lPartitions = 176\nsKSpace.ucSlicePartialFourier = 8\nsPrepPulses.ucInversion = 2\n"
             "sKSpace.lBaseResolution = 128\n")  # fmt: skip
INVERTED = "alTR[0] = 2000000\nalTI[0] = 150000\nalTI[1] = 600000\n"
TIMES = ("repetition_time_preparation", "inversion_time", "second_inversion_time")
POSITIONS, AVERAGES = "number_of_temporal_positions", "number_of_averages"
CMRR = "cmrr_mbep2d_bold"
FREE = "sDiffusion.ulMode = 128\nsDiffusion.lDiffWeightings = 2\nsDiffusion.alBValue[1] = 3000\n"
VECTOR = "sDiffusion.sFreeDiffusionData.asDiffDirVector"

# Release, sequence, members, fields that they mean (by hand), fields about which there is a doubt.
RULES: list[tuple[str, str, str, dict[str, Any], set[str]]] = [
    # lines, matrix and voxel
    (XA, "gre", MATRIX + "sKSpace.lPhaseEncodingLines = 120", {"acquisition_matrix": (200, 120), "voxel_size": None,
     "field_of_view": (200.0, 150.0)}, set()),
    (XA, "gre", MATRIX + "sKSpace.lPhaseEncodingLines = 144\nsKSpace.dPhaseOversamplingForDialog = 0.2",
     {"acquisition_matrix": (200, 120)}, set()),
    (XA, "tse", MATRIX + "sKSpace.lPhaseEncodingLines = 121\nsKSpace.dPhaseResolution = 0.8",
     {"acquisition_matrix": (200, 121), "voxel_size": (1.0, 1.25, 4.0)}, set()),
    (XA, "tse", MATRIX + "sKSpace.lPhaseEncodingLines = 122\nsKSpace.dPhaseResolution = 0.8",
     {"acquisition_matrix": (200, 120)}, set()),
    (XA, "tse", MATRIX + "sKSpace.lPhaseEncodingLines = 150\nsKSpace.dPhaseResolution = 0.8\n"
     "sKSpace.dPhaseOversamplingForDialog = 0.25", {"acquisition_matrix": (200, 120)}, set()),
    (XA, "tse", MATRIX, {"acquisition_matrix": None, "field_of_view": (200.0, 150.0)}, set()),
    (XA, "gre", "sKSpace.lPhaseEncodingLines = 96", {"acquisition_matrix": None, "field_of_view": None}, set()),
    (XA, "gre", "sKSpace.dPhaseOversamplingForDialog = -0.5", {"phase_oversampling": 0.0}, set()),
    (XA, "gre", AS_3D + MATRIX + "sKSpace.dPhaseResolution = 0.5\nsKSpace.dSliceResolution = 0.5\n"
     "sKSpace.lImagesPerSlab = 4\nsSliceArray.lSize = 1",
     {"voxel_size": (1.0, 2.0, 2.0), "slice_thickness": 1.0, "slab_thickness": 4.0, "number_of_slices": 4,
      "slab_overlap": None, "slice_gap": None, "number_of_slabs": 1}, set()),
    (XA, "gre", AS_3D + MATRIX + "sKSpace.dPhaseResolution = 0.5\nsKSpace.lImagesPerSlab = 4",
     {"voxel_size": (1.0, 2.0, None), "number_of_slices": None, "slab_thickness": None}, set()),
    (XA, "gre", AS_3D + MATRIX + "sKSpace.dPhaseResolution = 0.5\nsSliceArray.lSize = 2",
     {"voxel_size": None, "slice_thickness": None, "slab_overlap": 0.0}, {"field_of_view"}),
    (XA, "gre", MATRIX + f"sSliceArray.lSize = 2\n{SLICE}[1].dReadoutFOV = 200.0\n{SLICE}[1].dPhaseFOV = 150.0\n"
     f"{SLICE}[1].dThickness = 5.0", {"slice_thickness": 4.0}, {"field_of_view"}),
    (XA, "gre", MATRIX + f"sSliceArray.lSize = 2\n{SLICE}[1].dReadoutFOV = 200.0\n{SLICE}[1].dPhaseFOV = 151.0\n"
     f"{SLICE}[1].dThickness = 4.0", {}, {"field_of_view"}),
    (XA, "gre", MATRIX + f"sSliceArray.lSize = 2\n{SLICE}[1].dReadoutFOV = 201.0\n{SLICE}[1].dPhaseFOV = 150.0\n"
     f"{SLICE}[1].dThickness = 4.0", {}, {"field_of_view"}),
    (XA, "gre", MATRIX + f"sSliceArray.lSize = 1\n{SLICE}[1].dThickness = 5.0", {}, set()),
    # slabs and groups
    (XA, "gre", AS_3D + "sSliceArray.lSize = 2\nsGroupArray.asGroup[0].dDistFact = -1.0", {"slab_overlap": None}, set()),
    (XA, "gre", AS_3D + "sSliceArray.lSize = 2\nsGroupArray.asGroup[0].dDistFact = 0.5", {"slab_overlap": None}, set()),
    (XA, "gre", AS_3D + "sSliceArray.lSize = 2\nsGroupArray.asGroup[0].dDistFact = -0.5", {"slab_overlap": 0.5}, set()),
    (XA, "gre", AS_3D + GROUPS + "sGroupArray.asGroup[0].dDistFact = -0.5", {"slab_overlap": None}, {"plane"}),
    (XA, "gre", SIZED + GROUPS + f"{SLICE}[2].sNormal.dSag = 1.0\nsGroupArray.asGroup[0].dDistFact = 0.5",
     {PLANE: None, PHASE: None, "oblique_angles": None, "slice_gap": None, "number_of_slices": 3},
     {"slice_gap", "plane", "field_of_view"}),
    (XA, "gre", GROUPS + f"{SLICE}[2].sNormal.dTra = 1.0", {PLANE: "transverse", PHASE: "AP"}, set()),
    (XA, "gre", AS_3D, {"slice_oversampling": 0.0, "number_of_slabs": None}, set()),
    # Which way: of two as large components transverse is before coronal is before sagittal
    (XA, "gre", f"{SLICE}[0].sNormal.dTra = 0.7071066\n{SLICE}[0].sNormal.dCor = 0.70710678", {PLANE: "transverse"}, set()),
    (XA, "gre", f"{SLICE}[0].sNormal.dSag = -0.70710678\n{SLICE}[0].sNormal.dCor = 0.70710678", {PLANE: "coronal"}, set()),
    (XA, "gre", f"{SLICE}[0].sNormal.dSag = -1.0", {PLANE: "sagittal", PHASE: "AP"}, set()),
    (XA, "gre", "", {PLANE: None, PHASE: None, "oblique_angles": None}, set()),
    (XA, "gre", TRANSVERSE + f"{SLICE}[0].dInPlaneRot = 0.75", {PHASE: "AP"}, set()),
    (XA, "gre", TRANSVERSE + f"{SLICE}[0].dInPlaneRot = 0.78", {PHASE: None, PLANE: "transverse"}, set()),
    (XA, "gre", TRANSVERSE + f"{SLICE}[0].dInPlaneRot = 3.14159265", {PHASE: "PA"}, set()),
    (XA, "gre", TRANSVERSE + f"{SLICE}[0].dInPlaneRot = -1.57079633", {PHASE: "LR"}, set()),
    (XA, "gre", f"{SLICE}[0].sNormal.dSag = 1.0\n{SLICE}[0].dInPlaneRot = 3.14159265", {PHASE: "PA"}, set()),
    (XA, "gre", f"{SLICE}[0].sNormal.dSag = 1.0\n{SLICE}[0].dInPlaneRot = 1.57079633", {PHASE: "HF"}, set()),
    (XA, "gre", f"{SLICE}[0].sNormal.dSag = 1.0\n{SLICE}[0].dInPlaneRot = -1.57079633", {PHASE: "FH"}, set()),
    (XA, "gre", f"{SLICE}[0].sNormal.dCor = 1.0", {PHASE: "RL"}, set()),
    (XA, "gre", f"{SLICE}[0].sNormal.dCor = 1.0\n{SLICE}[0].dInPlaneRot = 3.14159265", {PHASE: "LR"}, set()),
    (XA, "gre", f"{SLICE}[0].sNormal.dCor = 1.0\n{SLICE}[0].dInPlaneRot = 1.57079633", {PHASE: "FH"}, set()),
    (XA, "gre", f"{SLICE}[0].sNormal.dCor = 1.0\n{SLICE}[0].dInPlaneRot = -1.57079633", {PHASE: "HF"}, set()),
    # T > C30: sine a half, cosine 0.866; the same from below
    (XA, "gre", f"{SLICE}[0].sNormal.dTra = 0.8660254\n{SLICE}[0].sNormal.dCor = -0.5", {"oblique_angles": (30.0, 0.0)}, set()),
    (XA, "gre", f"{SLICE}[0].sNormal.dTra = -0.8660254\n{SLICE}[0].sNormal.dCor = 0.5", {"oblique_angles": (30.0, 0.0)}, set()),
    (XA, "gre", f"{SLICE}[0].sNormal.dCor = 0.8660254\n{SLICE}[0].sNormal.dSag = 0.5", {"oblique_angles": (-30.0, 0.0)}, set()),
    (XA, "gre", f"{SLICE}[0].sNormal.dSag = -0.8660254\n{SLICE}[0].sNormal.dTra = 0.4330127\n{SLICE}[0].sNormal.dCor = 0.25",
     {"oblique_angles": (26.6, 14.5)}, set()),
    (XA, CMRR, TRANSVERSE + "sWipMemBlock.alFree[0] = 256", {PHASE: "PA"}, {"pixel_bandwidth", "multiband_factor"}),
    (XA, CMRR, TRANSVERSE + "sWiPMemBlock.alFree[0] = 0x302", {PHASE: "PA"}, {"pixel_bandwidth", "multiband_factor"}),
    (XA, CMRR, TRANSVERSE + "sWipMemBlock.alFree[0] = 255", {PHASE: "AP"}, {"pixel_bandwidth", "multiband_factor"}),
    (XA, "gre", TRANSVERSE + "sWipMemBlock.alFree[0] = 256", {PHASE: "AP"}, set()),
    # times and inversion
    (XA, "gre", INVERTED, {"repetition_time": 2000.0, "repetition_time_excitation": 2000.0, TIMES[0]: None, TIMES[1]: None}, set()),
    (XA, "fl_tof", INVERTED, {"repetition_time_excitation": 2000.0}, set()),
    (XA, "medic", INVERTED, {"repetition_time_excitation": None}, set()),
    (XA, "tfl", INVERTED, {"repetition_time_excitation": None, TIMES[0]: None}, set()),
    (XA, "gre", INVERTED + "sPrepPulses.ucInversion = 1", {"repetition_time_excitation": None, TIMES[0]: 2000.0, TIMES[1]: 150.0, TIMES[2]: None}, set()),
    (XA, "tfl", INVERTED + "sPrepPulses.ucInversion = 16", {TIMES[1]: 150.0, TIMES[2]: 600.0}, set()),
    (XA, "tfl", INVERTED + "sPrepPulses.ucInversion = 2\nlInvContrasts = 2", {TIMES[1]: 150.0, TIMES[2]: 600.0}, set()),
    (XA, "tse", INVERTED + "sPrepPulses.ucInversion = 128", {TIMES[0]: 2000.0, TIMES[1]: 150.0, TIMES[2]: None}, set()),
    (XA, "tse", INVERTED + "sPrepPulses.ucInversion = 4", {TIMES[0]: None, TIMES[1]: None, TIMES[2]: None}, set()),
    (XA, "tse", INVERTED + "sPrepPulses.ucInversion = 2\nlInvContrasts = 3", {TIMES[1]: 150.0, TIMES[2]: None}, {TIMES[1]}),
    (XA, "tse", INVERTED + "sPrepPulses.ucInversion = 8", {TIMES[1]: None}, {TIMES[1]}),
    (XA, "tse", INVERTED + "sPrepPulses.ucSatRecovery = 2", {TIMES[1]: None}, {TIMES[1]}),
    (XA, "tse", INVERTED + "sPrepPulses.ucSatRecovery = 1", {TIMES[1]: None}, set()),
    (XA, "tgse_asl", INVERTED, {TIMES[1]: None}, {TIMES[1], "echo_train_length"}),
    (XA, "gre", "alTE[0] = 2460", {"echo_times": (2.46,)}, set()),
    (XA, "gre", "alTE[0] = 2460\nalTE[1] = 4920", {"echo_times": (2.46,)}, set()),
    (XA, "gre", "lContrasts = 2", {"echo_times": None}, set()),
    (XA, "gre", "sFastImaging.lEchoSpacing = 7100", {"echo_spacing": None}, set()),
    (XA, "tse", "adFlipAngleDegree[0] = 120.0\nucFlipAngleMode = 16", {"flip_angle": None, "refocusing_flip_angle": None}, {"flip_angle"}),
    (XA, "tse", "adFlipAngleDegree[0] = 120.0\nucFlipAngleMode = 0", {"flip_angle": 120.0, "refocusing_flip_angle": 120.0}, set()),
    (XA, "gre", "adFlipAngleDegree[0] = 20.0\nucFlipAngleMode = 16", {"flip_angle": 20.0, "refocusing_flip_angle": None}, set()),
    # trains of an MPRAGE: 7/8 of 176 partitions are 154; from XA60 on the console stores them
    (VB, "tfl", TFL_TRAIN + "sFastImaging.lTurboFactor = 120", {"echo_train_length": 154}, set()),
    ("61120000", "tfl", TFL_TRAIN + "sFastImaging.lTurboFactor = 120", {"echo_train_length": 154}, set()),
    ("62999999", "tfl", TFL_TRAIN + "sFastImaging.lTurboFactor = 120", {"echo_train_length": 154}, set()),
    ("63000000", "tfl", TFL_TRAIN + "sFastImaging.lTurboFactor = 120", {"echo_train_length": None}, {"echo_train_length"}),
    ("63110002", "tfl", TFL_TRAIN + "sFastImaging.lTurboFactor = 16", {"echo_train_length": 154}, set()),
    ("63110002", "tfl", TFL_TRAIN + "sFastImaging.lTurboFactor = 1", {"echo_train_length": 154}, set()),
    ("63110002", "tfl", TFL_TRAIN + "sFastImaging.lTurboFactor = 154", {"echo_train_length": 154}, set()),
    ("63110002", "tfl", TFL_TRAIN, {"echo_train_length": 154}, set()),
    ("65999999", "tfl", TFL_TRAIN + "sFastImaging.lTurboFactor = 16", {"echo_train_length": 154}, set()),
    ("66000000", "tfl", TFL_TRAIN + "sFastImaging.lTurboFactor = 16", {"echo_train_length": 16}, set()),
    (XA, "tfl", TFL_TRAIN, {"echo_train_length": None}, set()),
    (VE, "tfl", TFL_TRAIN.replace("= 8", "= 32"), {"echo_train_length": None}, {"partial_fourier_slice"}),
    (VE, "tfl", "sKSpace.lPartitions = 176\nsPrepPulses.ucInversion = 2", {"echo_train_length": 176}, set()),
    # averages and measurements
    (VB, "ep2d_diff", "lAverages = 1\nlRepetitions = 3", {AVERAGES: 4.0, POSITIONS: 1}, set()),
    ("49999999", "ep2d_diff", "lAverages = 1\nlRepetitions = 3", {AVERAGES: 4.0, POSITIONS: 1}, set()),
    ("50000000", "ep2d_diff", "lAverages = 1\nlRepetitions = 3", {AVERAGES: 1.0, POSITIONS: 4}, set()),
    (VB, "ep2d_bold", "lAverages = 1\nlRepetitions = 3", {AVERAGES: 1.0, POSITIONS: 4}, set()),
    (XA, "tgse_asl", "lRepetitions = 15", {POSITIONS: 8}, {"inversion_time", "echo_train_length"}),
    (XA, "tgse_asl", "lRepetitions = 16", {POSITIONS: None}, {"inversion_time", "echo_train_length"}),
    (XA, "ep2d_pasl", "lRepetitions = 90", {POSITIONS: None}, {"inversion_time", POSITIONS, "pixel_bandwidth"}),
    (XA, "ep2d_pasl", "", {POSITIONS: 1, AVERAGES: None}, {"inversion_time", "pixel_bandwidth"}),
    (XA, "space", "lAverages = 2\ndAveragesDouble = 1.4", {AVERAGES: 1.4}, set()),
    (XA, "tse_vfl", "lAverages = 2", {AVERAGES: 2.0}, set()),
    (XA, "tse", "lAverages = 2\ndAveragesDouble = 1.4", {AVERAGES: None}, {AVERAGES}),
    (XA, "tse", "lAverages = 2\ndAveragesDouble = 1.0", {AVERAGES: 2.0}, set()),
    (XA, "tse", "lAverages = 2\ndAveragesDouble = 2.0", {AVERAGES: 2.0}, set()),
    # acceleration that is not stored where it usually is
    (XA, "haste", "sKSpace.ucPhasePartialFourier = 1", {"partial_fourier_phase": 0.625}, set()),
    (XA, "haste", "sKSpace.ucPhasePartialFourier = 4", {"partial_fourier_phase": 0.75}, set()),
    (XA, CMRR, "sSliceArray.lSize = 60\nsWipMemBlock.alFree[13] = 4", {"multiband_factor": 4}, {"pixel_bandwidth", "multiband_factor"}),
    (XA, CMRR, "sSliceArray.lSize = 60\nsWiPMemBlock.alFree[13] = 4", {"multiband_factor": 4}, {"pixel_bandwidth", "multiband_factor"}),
    (XA, CMRR, "sSliceArray.lSize = 64\nsWipMemBlock.alFree[13] = 32", {"multiband_factor": 32}, {"pixel_bandwidth", "multiband_factor"}),
    (XA, CMRR, "sSliceArray.lSize = 66\nsWipMemBlock.alFree[13] = 33", {"multiband_factor": None}, {"pixel_bandwidth", "multiband_factor"}),
    (XA, CMRR, "sSliceArray.lSize = 61\nsWipMemBlock.alFree[13] = 4", {"multiband_factor": None}, {"pixel_bandwidth", "multiband_factor"}),
    (XA, CMRR, "sSliceArray.lSize = 60\nsWipMemBlock.alFree[13] = 1", {"multiband_factor": 1}, {"pixel_bandwidth", "multiband_factor"}),
    (XA, CMRR, "sSliceAcceleration.lMultiBandFactor = 3", {"multiband_factor": 3}, {"pixel_bandwidth"}),
    (XA, "gre", "sPat.ucPATMode = 2\nsPat.lAccelFactPE = 0\nsPat.lAccelFact3D = 1",
     {"parallel_reduction_factor_in_plane": None, "parallel_reduction_factor_out_of_plane": 1.0}, set()),
    (XA, "gre", "sPat.ucPATMode = 1\nsPat.lRefLinesPE = 24\nsPat.ucRefScanMode = 2",
     {"reference_lines": None, "reference_scan": "none"}, set()),
    # where the rules do not hold
    (XA, "gre", READOUT + "sKSpace.ucUndersamplingPattern = 2", {"pixel_bandwidth": None, "parallel_reduction_factor_in_plane": None},
     {"pixel_bandwidth", "compressed_sensing_factor"}),
    (XA, "gre", READOUT + "sKSpace.ucUndersamplingPattern = 0", {"pixel_bandwidth": 1562.5}, set()),
    (XA, "gre", READOUT + "sPat.ucPATMode = 1024", {"pixel_bandwidth": None}, {"pixel_bandwidth"}),
    (XA, "gre_wave", READOUT + "sPat.ucPATMode = 1024", {"pixel_bandwidth": 520.833}, set()),
    (XA, "my_gre_WAVE", READOUT, {"pixel_bandwidth": None}, {"pixel_bandwidth", "technique"}),
    (XA, "gre", READOUT + "x.ucWaveMode = 2", {"pixel_bandwidth": None}, {"pixel_bandwidth"}),
    (XA, "gre", READOUT + "x.ucWaveMode = 1", {"pixel_bandwidth": 1562.5}, set()),
    (XA, "gre", READOUT + "x.ucWaveMode = 0x1", {"pixel_bandwidth": None}, {"pixel_bandwidth"}),
    (XA, "gre", READOUT + "x.dWaveletSize = 7.0\nx.ucWaveMode = 1", {"pixel_bandwidth": 1562.5}, set()),
    (XA, "gre", READOUT + "sKSpace.ucTrajectory = 2", {"pixel_bandwidth": None, "readout": "radial"}, {"pixel_bandwidth"}),
    (XA, "ep2d_diff", READOUT.replace("lSegments = 1", "lSegments = 2"), {"pixel_bandwidth": None, "echo_train_length": None}, {"pixel_bandwidth"}),
    (XA, "tse", READOUT.replace("lSegments = 1", "lSegments = 2"), {"pixel_bandwidth": 1562.5}, set()),
    (XA, "site", "sPat.ucPATMode = 1\nsWipMemBlock.adFree[3] = 1.5", {"parallel_reduction_factor_in_plane": None, "multiband_factor": None},
     {"technique", "pixel_bandwidth", "parallel_reduction_factor_in_plane"}),
    # diffusion: the b-value goes with the square of the length
    (XA, "ep2d_diff", FREE + f"sDiffusion.lDiffDirections = 3\n{VECTOR}[0].dSag = 1.0\n{VECTOR}[1].dCor = 0.5\n{VECTOR}[2].dTra = 0.70710678",
     {"b_values": (0.0, 750.0, 1500.0, 3000.0), "diffusion_directions": 3, "diffusion_scheme": "free"}, {"b_values"}),
    (XA, "ep2d_diff", FREE + f"sDiffusion.lDiffDirections = 2\n{VECTOR}[0].dSag = 1.0\n{VECTOR}[1].dCor = 0.99",
     {"b_values": (0.0, 3000.0), "diffusion_directions": 2, "b_value_averages": None}, set()),
    (XA, "ep2d_diff", FREE + f"sDiffusion.lDiffDirections = 2\n{VECTOR}[0].dSag = 1.0\n{VECTOR}[1].dCor = 0.98",
     {"b_values": (0.0, 2880.0, 3000.0), "diffusion_directions": 2}, {"b_values"}),
    (XA, "ep2d_diff", FREE.replace("[1]", "[0]") + f"sDiffusion.alBValue[1] = 5\nsDiffusion.lDiffDirections = 2\n{VECTOR}[0].dSag = 1.0\n{VECTOR}[1].dCor = 0.5",
     {"b_values": (750.0, 3000.0)}, {"b_values"}),
    (XA, "ep2d_diff", "sDiffusion.ulMode = 256\nsDiffusion.lQSpaceSteps = 2", {"b_values": None}, {"b_values"}),
    (XA, "ep2d_diff", "sDiffusion.ulMode = 256\nsDiffusion.lQSpaceSteps = 1\nsDiffusion.lDiffDirections = 30",
     {"b_values": (0.0,), "diffusion_directions": None}, set()),
    (XA, "ep2d_diff", "sDiffusion.lDiffDirections = 30", {"b_values": None}, set()),
    (XA, "qdwi", "sDiffusion.ulMode = 256", {"b_values": None}, {"b_values", "pixel_bandwidth"}),
    (XA, "ep2d_diff", "sDiffusion.ulMode = 256\nsDiffusion.lDiffWeightings = 2\nsDiffusion.alBValue[1] = 500\nsDiffusion.alAverages[0] = 2",
     {"b_values": (0.0, 500.0), "b_value_averages": None}, set()),
    # breathing, bands, reconstruction
    (XA, "gre", "sPhysioImaging.lSignal1 = 1\nsNavigatorPara.lRespComp = 8", {"gating": None, "breath_hold": None}, {"gating"}),
    (XA, "gre", "sPhysioImaging.lSignal1 = 4\nsNavigatorPara.lRespComp = 8", {"gating": "cardiac", "breath_hold": False}, set()),
    (XA, "gre", "ucSWI = 0x1\nucReconstructionMode = 8", {"output_maps": ("magnitude", "phase", "swi")}, set()),
    (XA, "ep2d_bold", "ucReconstructionMode = 8", {"output_maps": None}, set()),
    (XA, "tgse_asl", "ucReconstructionMode = 8", {"output_maps": None}, {"inversion_time", "echo_train_length"}),
    (XA, "ep2d_diff", "ucReconstructionMode = 8", {"output_maps": None}, set()),
    (XA, "gre", "lScanRegionPosTra = -31.0", {"table_position": None}, set()),
    (XA, "gre", "ucScanRegionPosValid = 0x1", {"table_position": 0.0}, set()),
    (XA, "gre", AS_3D + "sSliceArray.ucMode = 1", {"slice_order": None}, set()),
    (XA, "gre", "sKSpace.ucDimension = 2\nsKSpace.dSliceOversamplingForDialog = 0.2", {"slice_oversampling": None}, set()),
    (XA, "gre", "MrAdvancedReconstruction.lAdvancedReconstructionMode = 2\nMrAdvancedReconstruction.lDenoisingMethod = 1\n"
     "MrAdvancedReconstruction.sDeepResolveGain.lDenoisingStrength = 5", {"deep_learning_reconstruction": "Deep Resolve Gain 5"}, set()),
    (XA, "gre", "MrAdvancedReconstruction.lAdvancedReconstructionMode = 2\nMrAdvancedReconstruction.lDenoisingMethod = 3",
     {"deep_learning_reconstruction": "Deep Resolve"}, set()),
    # spectroscopy has no image
    (XA, "svs_se", SIZED, {"field_of_view": None, "slice_thickness": None}, {"field_of_view", "pixel_bandwidth"}),
]  # fmt: skip


def test_rules_of_several_members() -> None:
    failed = []
    for version, binary, text, wanted, doubted in RULES:
        fields, doubts = read(text, binary, version)
        found = {name: fields.get(name) for name in wanted}
        differ = wrong(found, wanted)
        said = {what for _, what in doubts}
        differ += [f"doubts: {said}, not {doubted}"] if said != doubted else []
        failed += [f"{binary} {version} {text!r}: {one}" for one in differ]
    assert "\n".join(failed) == ""


# Side of a band: where it lies from the middle of the slices (here 10 mm to each side of the isocentre of the
# axis), along the axis that its normal is nearest to.
BANDS = [
    ("dSag", 50.0, "left"), ("dSag", -50.0, "right"), ("dCor", 50.0, "posterior"), ("dCor", -50.0, "anterior"),
    ("dTra", 50.0, "superior"), ("dTra", -50.0, "inferior"), ("dTra", 5.0, "free"), ("dTra", 5.1, "superior"),
    ("dTra", -5.1, "inferior"),
]  # fmt: skip


def test_a_band_lies_on_the_side_that_it_is_on() -> None:
    slices = "sSliceArray.lSize = 2\n" + "".join(
        f"{SLICE}[{i}].sPosition.{axis} = {sign}10.0\n"
        for i, sign in enumerate(("-", ""))
        for axis in ("dSag", "dCor", "dTra")
    )
    band, found = "sRSatArray.asElm[0]", []
    for axis, at, _ in BANDS:
        text = f"{slices}sRSatArray.lSize = 1\n{band}.sNormal.{axis} = -0.9\n{band}.sPosition.{axis} = {at}"
        fields = read(text)[0]
        assert fields["saturation_bands"] == 1
        found.append((axis, at, fields["saturation_band_positions"][0]))
    assert found == BANDS
    beside = slices.replace("-10.0", "30.0").replace("= 10.0", "= 50.0")
    fields = read(f"{beside}sRSatArray.lSize = 1\n{band}.sNormal.dCor = 1.0\n{band}.sPosition.dCor = 20.0")[0]
    assert fields["saturation_band_positions"] == ("anterior",)


# --- writing ------------------------------------------------------------------------------------------

MPRAGE = r"""
lContrasts = 1
lInvContrasts = 1
lAverages = 1
alTR[0] = 2300000
alTE[0] = 2980
alTI[0] = 900000
adFlipAngleDegree[0] = 9.0
lTotalScanTimeSec = 314
lScanTimeSec = 312
sPrepPulses.ucInversion = 2
sPrepPulses.lFatWaterContrast = 1
sRXSPEC.alDwellTime[0] = 8100
sKSpace.ucDimension = 4
sKSpace.lBaseResolution = 256
sKSpace.dPhaseResolution = 1.0
sKSpace.lPhaseEncodingLines = 240
sKSpace.lPartitions = 176
sKSpace.lImagesPerSlab = 176
sKSpace.dSliceResolution = 1.0
sKSpace.ucPhasePartialFourier = 16
sKSpace.ucSlicePartialFourier = 16
sFastImaging.lTurboFactor = 176
sPat.ucPATMode = 2
sPat.lAccelFactPE = 2
sPat.lAccelFact3D = 1
sPat.dTotalAccelFact = 2.0
sPat.lRefLinesPE = 24
sPat.ucRefScanMode = 2
sSliceArray.lSize = 1
sSliceArray.lSag = 1
sSliceArray.asSlice[0].dThickness = 176.0
sSliceArray.asSlice[0].dReadoutFOV = 256.0
sSliceArray.asSlice[0].dPhaseFOV = 240.0
sSliceArray.asSlice[0].sNormal.dSag = 1.0
sGroupArray.asGroup[0].nSize = 1
sAAInitialOffset.SliceInformation.sNormal.dSag = 1.0
"""
DTI = DIFFUSION.replace("sPat.ucPATMode = 32", "sPat.ucPATMode = 2").replace(
    "MultiBandFactor = 3", "MultiBandFactor = 1"
) + ("sPat.lRefLinesPE = 40\nsPhysioImaging.lMethod1 = 2\nsGroupArray.asGroup[0].nSize = 1")
SPACE = MPRAGE.replace("ucInversion = 2", "ucInversion = 4") + "dAveragesDouble = 1.0\nsPat.lRefLines3D = 24"
LOCALIZER = "sKSpace.ucDimension = 2\n" + GROUPS + (
    "".join(f"{SLICE}[{i}].d{side} = 200.0\n" for i in range(3) for side in ("ReadoutFOV", "PhaseFOV"))
    + "".join(f"{SLICE}[{i}].dThickness = 8.0\n" for i in range(3))
)  # fmt: skip
SLABS = AS_3D + (
    "sSliceArray.lSize = 2\nsGroupArray.asGroup[0].nSize = 2\nsKSpace.lImagesPerSlab = 40\nsKSpace.lPartitions = 40\n"
    f"{SLICE}[0].dThickness = 40.0\n{SLICE}[1].dThickness = 40.0\nalTR[0] = 25000"
)
BLOCKS = {
    "tse": (TSE, "tse", XA), "mprage": (MPRAGE, "tfl", XA), "dti": (DTI, "ep2d_diff", XA), "space": (SPACE, "space", XA),
    "vb": (DTI, "ep2d_diff", VB), "localizer": (LOCALIZER, "gre", XA), "slabs": (SLABS, "fl_tof", XA),
    "asl": ("alTR[0] = 4000000\nsPrepPulses.ucInversion = 2\nalTI[0] = 900000", "tgse_asl", XA),
    "medic": ("lContrasts = 1\nlCombinedEchoes = 4\nalTR[0] = 600000\nalTE[0] = 17000", "medic", XA),
    "empty": ("", "gre", XA), "resolve": ("sKSpace.lBaseResolution = 128\nsFastImaging.lReadoutSegments = 5", "resolve", XA),
    "haste": (MPRAGE.replace("ucPhasePartialFourier = 16", "ucPhasePartialFourier = 8"), "haste", XA),
    "bare": (TSE.replace("sKSpace.dPhaseResolution = 0.8\n", ""), "tse", XA),
    "ve": ("sPrepPulses.ucFatSat = 4", "tse", VE), "ve fat": ("sPrepPulses.ucFatSat = 1", "tse", VE),
    "cmrr": (TSE + "sWipMemBlock.alFree[13] = 2", "cmrr_mbep2d_bold", XA),
    "cs": (MPRAGE.replace("ucPATMode = 2", "ucPATMode = 128").replace("FactPE = 2", "FactPE = 1") .replace("TotalAccelFact = 2.0", "TotalAccelFact = 5.0"), "gre", XA),
    "free": (DTI.replace("ulMode = 256", "ulMode = 128") + f"\n{VECTOR}[0].dSag = 1.0\nsDiffusion.sFreeDiffusionData.sComment = \"x\"", "ep2d_diff", XA),
    "trace": (DTI.replace("ulMode = 256", "ulMode = 512").replace("Directions = 30", "Directions = 1"), "ep2d_diff", XA),
    "b off": (DTI.replace("ulMode = 256", "ulMode = 1"), "ep2d_diff", XA),
    "swi": ("ucSWI = 0x1\nalTR[0] = 28000", "gre", XA),
}  # fmt: skip
LIKE: dict[str, dict[str, Any]] = {
    "tse": {"technique": "turbo_spin_echo", "mr_acquisition_type": "2D"},
    "mprage": {"technique": "magnetization_prepared_gradient_echo", "mr_acquisition_type": "3D", "inversion_time": 900.0},
    "space": {"technique": "turbo_spin_echo", "mr_acquisition_type": "3D"},
    "haste": {"technique": "single_shot_turbo_spin_echo", "mr_acquisition_type": "3D", "inversion_time": 900.0},
    "localizer": {"technique": "gradient_echo", "mr_acquisition_type": "2D"},
    "slabs": {"technique": "time_of_flight", "mr_acquisition_type": "3D"},
    "asl": {"technique": "arterial_spin_labelling"}, "medic": {"technique": "multi_echo_gradient_echo"},
    "bare": {"technique": "turbo_spin_echo"}, "ve": {"technique": "turbo_spin_echo"}, "ve fat": {"technique": "turbo_spin_echo"},
    "cmrr": {"technique": "echo_planar_bold"},
    "swi": {"technique": "susceptibility_weighted"},
    "cs": {"technique": "gradient_echo", "mr_acquisition_type": "3D", "inversion_time": 900.0},
    "empty": {"technique": "gradient_echo"}, "resolve": {"technique": "echo_planar_diffusion"},
} | {key: {"technique": "echo_planar_diffusion", "mr_acquisition_type": "2D"} for key in ("dti", "vb", "free", "trace", "b off")}  # fmt: skip
AT = SLICE
B, N_B = "sDiffusion.alBValue", "sDiffusion.alAverages"
OF_VECTORS = {f"{VECTOR}[0].dSag": None, "sDiffusion.sFreeDiffusionData.sComment": None}
QUARTER = 1.5707963267949

# What is there, what is wanted beside that, the members that this sets, the fields that get a reason.
WRITES: list[tuple[str, dict[str, Any], dict[str, Any], set[str]]] = [
    ("tse", TSE_FIELDS, {}, set()),
    ("tse", {}, {}, set()),
    # times: whole microseconds on the console's raster
    ("tse", {"repetition_time": 4000.0}, {"alTR[0]": 4000000}, set()),
    ("tse", {"repetition_time": 4003.4}, {"alTR[0]": 4000000}, {"repetition_time"}),
    ("tse", {"repetition_time_excitation": 4000.0}, {"alTR[0]": 4000000}, set()),
    ("tse", {"repetition_time_preparation": 4000.0}, {"alTR[0]": 4000000}, set()),
    ("tse", {"repetition_time": 4000.0, "repetition_time_preparation": 3000.0}, {"alTR[0]": 4000000}, set()),
    ("mprage", {"repetition_time": 7.0, "repetition_time_preparation": 1900.0}, {"alTR[0]": 1900000}, set()),
    ("mprage", {"repetition_time": 1900.0}, {"alTR[0]": 1900000}, set()),
    ("tse", {"echo_times": (12.0, 90.0)}, {"alTE[0]": 12000, "alTE[1]": 90000}, set()),
    ("tse", {"echo_times": (12.0,)}, {"alTE[0]": 12000, "lContrasts": 1}, set()),
    ("tse", {"echo_times": (12.0, 50.0, 90.0)}, {"alTE[0]": 12000, "alTE[1]": 50000, "alTE[2]": 90000, "lContrasts": 3}, set()),
    ("medic", {"echo_times": (14.0,)}, {"alTE[0]": 14000}, set()),
    ("medic", {"echo_times": (7.0, 14.0)}, {}, set()),
    ("mprage", {"inversion_time": 1000.0}, {"alTI[0]": 1000000}, set()),
    ("mprage", {"inversion_time": None}, {"sPrepPulses.ucInversion": 4}, set()),
    ("mprage", {"inversion_time": 1200.0, "second_inversion_time": 450.0},
     {"alTI[0]": 1200000, "alTI[1]": 450000, "sPrepPulses.ucInversion": 16}, set()),
    ("mprage", {"technique": "mp2rage", "inversion_time": 700.0, "second_inversion_time": 2200.0},
     {"alTI[0]": 700000, "alTI[1]": 2200000, "lInvContrasts": 2}, set()),
    ("space", {"inversion_time": 1800.0}, {"alTI[0]": 1800000, "sPrepPulses.ucInversion": 2}, set()),
    ("tse", {"inversion_time": 2500.0}, {"alTI[0]": 2500000, "sPrepPulses.ucInversion": 1}, set()),
    ("asl", {"inversion_time": None}, {}, set()),
    ("asl", {"inversion_time": 1800.0}, {}, set()),
    ("tse", {"inversion_time": 6000.0}, {"alTI[0]": 6000000, "sPrepPulses.ucInversion": 1, "alTR[0]": 12180000}, {"repetition_time"}),
    ("tse", {"acquisition_duration": 99.0}, {}, set()),
    # angles
    ("tse", {"refocusing_flip_angle": 120.0, "flip_angle": 90.0}, {"adFlipAngleDegree[0]": 120.0}, set()),
    ("tse", {"flip_angle": 90.0}, {"adFlipAngleDegree[0]": 90.0}, set()),
    ("haste", {"refocusing_flip_angle": 120.0, "flip_angle": 90.0}, {"adFlipAngleDegree[0]": 120.0}, set()),
    ("mprage", {"flip_angle": 8.0, "refocusing_flip_angle": 120.0}, {"adFlipAngleDegree[0]": 8.0}, set()),
    # readout: 1e9 / (2 x 320 x 300) is 5208 ns, of which 100 ns are the raster, for both echoes
    ("tse", {"pixel_bandwidth": 300.0}, {"sRXSPEC.alDwellTime[0]": 5200, "sRXSPEC.alDwellTime[1]": 5200}, set()),
    ("tse", {"pixel_bandwidth": 300.0, "echo_times": (12.0,)}, {"sRXSPEC.alDwellTime[0]": 5200, "alTE[0]": 12000, "lContrasts": 1}, set()),
    ("tse", {"pixel_bandwidth": 1e6}, {"sRXSPEC.alDwellTime[0]": 100, "sRXSPEC.alDwellTime[1]": 100}, set()),
    ("resolve", {"pixel_bandwidth": 781.25}, {"sRXSPEC.alDwellTime[0]": 2500}, set()),
    ("tse", {"echo_train_length": 11}, {"sFastImaging.lTurboFactor": 11}, set()),
    ("haste", {"echo_train_length": 11}, {"sFastImaging.lTurboFactor": 11}, set()),
    ("mprage", {"echo_train_length": 160}, {"sFastImaging.lTurboFactor": 160}, set()),
    ("mprage", {"echo_train_length": 160, "technique": "mp2rage"}, {"sFastImaging.lTurboFactor": 160, "lInvContrasts": 2}, set()),
    ("dti", {"echo_train_length": 11}, {}, set()),
    ("tse", {"readout": "radial"}, {"sKSpace.ucTrajectory": 2}, set()),
    ("tse", {"readout": "spiral"}, {}, set()),
    ("tse", {"number_of_averages": 3.0}, {"lAverages": 3}, set()),
    ("tse", {"number_of_averages": 0.4}, {"lAverages": 1}, set()),
    ("space", {"number_of_averages": 1.4}, {"dAveragesDouble": 1.4}, set()),
    ("vb", {"number_of_averages": 4.0}, {"lRepetitions": 3}, set()),
    ("vb", {"number_of_averages": 0.3}, {}, set()),
    ("dti", {"number_of_averages": 4.0}, {"lAverages": 4}, set()),
    ("tse", {"number_of_temporal_positions": 5}, {"lRepetitions": 4}, set()),
    ("asl", {"number_of_temporal_positions": 8}, {"lRepetitions": 15}, set()),
    # field of view, matrix, voxel
    ("tse", {"field_of_view": (220.0, 165.0)},
     {f"{AT}[{i}].{side}": x for i in (0, 1) for side, x in (("dReadoutFOV", 220.0), ("dPhaseFOV", 165.0))}, set()),
    # 256 points in read of 240 mm; 80 % of 3/4 of them in phase are 154 (153.6), 20 % more are 185 (184.8)
    ("tse", {"voxel_size": (0.9375, None, None)}, {"sKSpace.lBaseResolution": 256, "sKSpace.lPhaseEncodingLines": 185}, set()),
    ("tse", {"acquisition_matrix": (256, 192)}, {"sKSpace.lBaseResolution": 256, "sKSpace.dPhaseResolution": 1.0}, set()),
    ("tse", {"acquisition_matrix": (320, 240)}, {"sKSpace.dPhaseResolution": 1.0, "sKSpace.lPhaseEncodingLines": 288}, set()),
    ("tse", {"acquisition_matrix": (320, 180)}, {"sKSpace.dPhaseResolution": 0.75, "sKSpace.lPhaseEncodingLines": 216}, set()),
    ("tse", {"voxel_size": (0.75, 0.75, 4.0)}, {"sKSpace.dPhaseResolution": 1.0, "sKSpace.lPhaseEncodingLines": 288}, set()),
    ("tse", {"phase_oversampling": 0.5}, {"sKSpace.dPhaseOversamplingForDialog": 0.5, "sKSpace.lPhaseEncodingLines": 288}, set()),
    ("tse", {"phase_oversampling": 0.0}, {"sKSpace.dPhaseOversamplingForDialog": 0.0, "sKSpace.lPhaseEncodingLines": 192}, set()),
    ("tse", {"acquisition_matrix": (321, 240)}, {"sKSpace.lBaseResolution": 322, "sKSpace.dPhaseResolution": 1.0,
     "sKSpace.lPhaseEncodingLines": 290}, {"acquisition_matrix", "voxel_size"}),
    ("mprage", {"number_of_slices": 160}, {"sKSpace.lImagesPerSlab": 160, "sKSpace.lPartitions": 160, f"{AT}[0].dThickness": 160.0}, set()),
    ("mprage", {"slice_oversampling": 0.125}, {"sKSpace.dSliceOversamplingForDialog": 0.125, "sKSpace.lPartitions": 198}, set()),
    ("mprage", {"slice_thickness": 1.5, "voxel_size": (1.0, 1.0, 1.5)}, {f"{AT}[0].dThickness": 264.0}, set()),
    ("mprage", {"slice_thickness": 1.0, "voxel_size": (1.0, 1.0, 2.0)}, {"sKSpace.dSliceResolution": 0.5, "sKSpace.lPartitions": 88}, set()),
    ("mprage", {"slice_thickness": 1.0, "voxel_size": (1.0, 1.0, 0.5)}, {}, {"voxel_size", "slice_oversampling"}),
    ("mprage", {"voxel_size": (None, None, 2.0)}, {f"{AT}[0].dThickness": 352.0}, set()),
    ("mprage", {"number_of_slices": 175}, {"sKSpace.lImagesPerSlab": 175, f"{AT}[0].dThickness": 175.0,
     "sKSpace.dSliceOversamplingForDialog": 1 / 175}, {"slice_oversampling"}),
    ("slabs", {"number_of_slices": 100}, {"sKSpace.lImagesPerSlab": 50, "sKSpace.lPartitions": 50, f"{AT}[0].dThickness": 50.0,
     f"{AT}[1].dThickness": 50.0}, set()),
    ("slabs", {"number_of_slices": 101}, {}, set()),
    # slices: around the middle of those that are there, 4.4 mm from one to the next
    ("tse", {"slice_thickness": 5.0, "slice_gap": 1.0},
     {f"{AT}[0].dThickness": 5.0, f"{AT}[1].dThickness": 5.0, "sGroupArray.asGroup[0].dDistFact": 0.2,
      f"{AT}[0].sPosition.dTra": -0.8, f"{AT}[1].sPosition.dTra": 5.2}, set()),
    ("tse", {"slice_gap": 0.0}, {"sGroupArray.asGroup[0].dDistFact": 0.0, f"{AT}[0].sPosition.dTra": 0.2, f"{AT}[1].sPosition.dTra": 4.2}, set()),
    ("tse", {"number_of_slices": 1}, {"sSliceArray.lSize": 1, "sGroupArray.asGroup[0].nSize": 1, f"{AT}[0].sPosition.dTra": 2.2,
     "sGroupArray.anMember[1]": -1} | {f"{AT}[1].{m}": None for m in
     ("dThickness", "dReadoutFOV", "dPhaseFOV", "sNormal.dTra", "sPosition.dTra", "dInPlaneRot")}, set()),
    ("tse", {"number_of_slices": 3}, {"sSliceArray.lSize": 3, "sGroupArray.asGroup[0].nSize": 3, f"{AT}[0].sPosition.dTra": -2.2,
     f"{AT}[1].sPosition.dTra": 2.2, f"{AT}[2].sPosition.dTra": 6.6, f"{AT}[2].dThickness": 4.0, f"{AT}[2].dReadoutFOV": 240.0,
     f"{AT}[2].dPhaseFOV": 180.0, f"{AT}[2].sNormal.dTra": 1.0, f"{AT}[2].dInPlaneRot": QUARTER, "sGroupArray.anMember[1]": 1,
     "sGroupArray.anMember[2]": 2, "sGroupArray.anMember[3]": -1}
     | {f"sSliceArray.{order}[{i}]": i for order in ("alSliceAcqOrder", "anAsc", "anPos") for i in (1, 2)}, set()),
    ("tse", {"phase_encoding_direction": "AP"}, {f"{AT}[0].dInPlaneRot": None, f"{AT}[1].dInPlaneRot": None}, set()),
    ("tse", {"phase_encoding_direction": "PA"}, {f"{AT}[0].dInPlaneRot": 2 * QUARTER, f"{AT}[1].dInPlaneRot": 2 * QUARTER}, set()),
    ("tse", {"phase_encoding_direction": "LR"}, {f"{AT}[0].dInPlaneRot": -QUARTER, f"{AT}[1].dInPlaneRot": -QUARTER}, set()),
    ("tse", {"phase_encoding_direction": "HF"}, {}, set()),
    ("tse", {"plane": "sagittal"}, {"sSliceArray.lSag": 2, f"{AT}[0].sPosition.dSag": -2.2, f"{AT}[0].sPosition.dTra": 2.2,
     f"{AT}[1].sPosition.dSag": 2.2, f"{AT}[1].sPosition.dTra": 2.2} | {f"{AT}[{i}].{m}": x for i in (0, 1) for m, x in
     (("sNormal.dTra", None), ("sNormal.dSag", 1.0), ("dInPlaneRot", None))}, set()),
    ("mprage", {"plane": "coronal", "phase_encoding_direction": "FH"}, {"sSliceArray.lSag": None, "sSliceArray.lCor": 1,
     f"{AT}[0].sNormal.dSag": None, f"{AT}[0].sNormal.dCor": 1.0, f"{AT}[0].dInPlaneRot": QUARTER,
     "sAAInitialOffset.SliceInformation.sNormal.dSag": None, "sAAInitialOffset.SliceInformation.sNormal.dCor": 1.0,
     "sAAInitialOffset.SliceInformation.dInPlaneRot": QUARTER}, set()),
    ("mprage", {"plane": "transverse"}, {"sSliceArray.lSag": None, f"{AT}[0].sNormal.dSag": None, f"{AT}[0].sNormal.dTra": 1.0,
     "sAAInitialOffset.SliceInformation.sNormal.dSag": None, "sAAInitialOffset.SliceInformation.sNormal.dTra": 1.0}, set()),
    ("localizer", {"slice_thickness": 6.0, "field_of_view": (250.0, 200.0), "number_of_slices": 5},
     {f"{AT}[{i}].{m}": x for i in range(3) for m, x in (("dThickness", 6.0), ("dReadoutFOV", 250.0))}, set()),
    ("empty", {"slice_thickness": 5.0}, {"sSliceArray.lSize": 1, "sGroupArray.asGroup[0].nSize": 1, f"{AT}[0].dThickness": 5.0,
     f"{AT}[0].sNormal.dTra": 1.0, "sGroupArray.anMember[1]": -1}, set()),
    ("empty", {"mr_acquisition_type": "3D", "slice_thickness": 1.0, "slab_thickness": 160.0}, {"sKSpace.ucDimension": 4,
     "sSliceArray.lSize": 1, "sGroupArray.asGroup[0].nSize": 1, f"{AT}[0].dThickness": 160.0, f"{AT}[0].sNormal.dTra": 1.0,
     "sGroupArray.anMember[1]": -1}, set()),
    # acceleration
    ("mprage", {"parallel_reduction_factor_in_plane": 3.0}, {"sPat.lAccelFactPE": 3, "sPat.dTotalAccelFact": 3.0}, set()),
    ("mprage", {"parallel_reduction_factor_in_plane": 2.6}, {"sPat.lAccelFactPE": 3, "sPat.dTotalAccelFact": 3.0}, set()),
    ("mprage", {"parallel_reduction_factor_out_of_plane": 2.0}, {"sPat.lAccelFact3D": 2, "sPat.dTotalAccelFact": 4.0}, set()),
    ("mprage", {"parallel_reduction_factor_in_plane": 1.0}, {"sPat.lAccelFactPE": 1, "sPat.ucPATMode": 1, "sPat.dTotalAccelFact": 1.0,
     "sPat.ucRefScanMode": 1}, {"reference_scan"}),
    ("mprage", {"parallel_reduction_factor_in_plane": 2.0, "reference_lines": 32}, {"sPat.lRefLinesPE": 32}, set()),
    ("mprage", {"reference_lines_out_of_plane": 22}, {"sPat.lRefLines3D": 22}, set()),
    ("mprage", {"reference_scan": "separate"}, {"sPat.ucRefScanMode": 4}, set()),
    ("tse", {"reference_scan": "separate"}, {"sPat.ucRefScanMode": 512}, set()),
    ("mprage", {"reference_scan": "none"}, {}, {"reference_scan"}),
    ("haste", {"reference_scan": "separate"}, {"sPat.ucRefScanMode": 512}, set()),
    ("dti", {"reference_scan": "integrated"}, {"sPat.ucRefScanMode": 2}, set()),
    ("asl", {"parallel_reduction_factor_in_plane": 2.0}, {"sPat.lAccelFactPE": 2, "sPat.lAccelFact3D": 1, "sPat.ucPATMode": 2,
     "sPat.ucRefScanMode": 2, "sPat.lRefLinesPE": 24}, {"reference_lines"}),
    ("cmrr", {"parallel_reduction_factor_in_plane": 3.0, "multiband_factor": 2}, {"sPat.lAccelFactPE": 3}, set()),
    ("cmrr", {"reference_scan": "separate"}, {"sPat.ucRefScanMode": 256}, set()),
    ("resolve", {"parallel_reduction_factor_in_plane": 2.0}, {"sPat.lAccelFactPE": 2, "sPat.lAccelFact3D": 1,
     "sPat.ucPATMode": 2, "sPat.ucRefScanMode": 256, "sPat.lRefLinesPE": 24}, {"reference_lines"}),
    # a multiple of the bands: two slices, 2 mm from one to the other
    ("dti", {"multiband_factor": 2}, {"sSliceAcceleration.lMultiBandFactor": 2, "sPat.ucPATMode": 32, "sPat.lAccelFact3D": 1,
     "sSliceArray.lSize": 2, "sGroupArray.asGroup[0].nSize": 2, f"{AT}[0].sPosition.dTra": -1.0, f"{AT}[1].sPosition.dTra": 1.0,
     f"{AT}[1].dThickness": 2.0, f"{AT}[1].dReadoutFOV": 256.0, f"{AT}[1].dPhaseFOV": 256.0, f"{AT}[1].sNormal.dTra": 1.0,
     "sSliceArray.alSliceAcqOrder[1]": 1, "sSliceArray.anAsc[1]": 1, "sSliceArray.anPos[1]": 1, "sGroupArray.anMember[1]": 1,
     "sGroupArray.anMember[2]": -1}, set()),
    ("space", {"compressed_sensing_factor": 4.0}, {"sPat.ucPATMode": 256, "sPat.lAccelFactPE": 1, "sPat.dTotalAccelFact": 4.0}, set()),
    ("cs", {"compressed_sensing_factor": 4.0}, {"sPat.dTotalAccelFact": 4.0}, set()),
    ("cs", {"compressed_sensing_factor": 1.0}, {"sPat.ucPATMode": 1, "sPat.dTotalAccelFact": 1.0, "sPat.ucRefScanMode": 1}, {"reference_scan"}),
    ("cs", {"parallel_reduction_factor_in_plane": 2.0, "compressed_sensing_factor": 1.0},
     {"sPat.ucPATMode": 2, "sPat.lAccelFactPE": 2, "sPat.dTotalAccelFact": 2.0}, set()),
    ("mprage", {"compressed_sensing_factor": 4.0}, {}, set()),
    ("mprage", {"partial_fourier_phase": 0.875, "partial_fourier_slice": 0.75},
     {"sKSpace.ucPhasePartialFourier": 8, "sKSpace.ucSlicePartialFourier": 4}, set()),
    ("mprage", {"partial_fourier_phase": 0.625}, {"sKSpace.ucPhasePartialFourier": 2}, set()),
    ("haste", {"partial_fourier_phase": 0.625}, {"sKSpace.ucPhasePartialFourier": 1}, set()),
    ("haste", {"partial_fourier_phase": 1.0}, {"sKSpace.ucPhasePartialFourier": 16}, set()),
    # what depends on one another is written together, even where a part of it is there already
    ("tse", TSE_FIELDS | {"voxel_size": (0.9375, 0.9375, 4.0)}, {}, set()),
    ("tse", TSE_FIELDS | {"field_of_view": (240.0, 150.0)}, {f"{AT}[0].dPhaseFOV": 150.0, f"{AT}[1].dPhaseFOV": 150.0,
     "sKSpace.dPhaseResolution": 0.96}, set()),
    ("tse", TSE_FIELDS | {"acquisition_matrix": (256, 192)}, {"sKSpace.lBaseResolution": 256, "sKSpace.dPhaseResolution": 1.0,
     "sRXSPEC.alDwellTime[0]": 7800, "sRXSPEC.alDwellTime[1]": 7800}, set()),
    ("bare", TSE_FIELDS | {"phase_oversampling": 0.5}, {"sKSpace.dPhaseOversamplingForDialog": 0.5, "sKSpace.dPhaseResolution": 0.8,
     "sKSpace.lPhaseEncodingLines": 288}, set()),
    ("mprage", {"repetition_time": 1900.0, "repetition_time_preparation": 2300.0}, {}, set()),
    ("tse", {"repetition_time": 5000.0, "repetition_time_excitation": 4000.0}, {}, set()),
    ("dti", {"b_values": (0.0, 1000.0), "b_value_averages": (5, 2)}, {f"{N_B}[1]": 2}, set()),
    # what an absent member says needs no line
    ("empty", {"number_of_temporal_positions": 1, "elliptical_scanning": False, "magnetization_transfer": False}, {}, set()),
    ("tse", {"parallel_reduction_factor_in_plane": 3.0, "multiband_factor": 1}, {"sPat.lAccelFactPE": 3}, set()),
    ("mprage", {"slice_oversampling": 0.0, "number_of_slices": 160}, {"sKSpace.lImagesPerSlab": 160, "sKSpace.lPartitions": 160,
     f"{AT}[0].dThickness": 160.0}, set()),
    ("mprage", {"phase_oversampling": 0.0, "field_of_view": (256.0, 224.0)}, {f"{AT}[0].dPhaseFOV": 224.0, "sKSpace.lPhaseEncodingLines": 224}, set()),
    # contrast and what is made of it
    ("tse", {"fat_suppression": "none"}, {"sPrepPulses.lFatWaterContrast": 1}, set()),
    ("tse", {"fat_suppression": "stir"}, {"sPrepPulses.lFatWaterContrast": 1}, set()),
    ("tse", {"fat_suppression": "spir"}, {}, set()),
    ("tse", {"fat_suppression": "spair"}, {"sPrepPulses.lFatWaterContrast": 4096}, set()),
    ("tse", {"fat_suppression": "water_excitation"}, {"sPrepPulses.lFatWaterContrast": 16}, set()),
    ("tse", {"fat_suppression": "dixon"}, {"sPrepPulses.lFatWaterContrast": 8192}, set()),
    ("mprage", {"fat_suppression": "spir"}, {"sPrepPulses.lFatWaterContrast": 4}, set()),
    ("ve", {"fat_suppression": "fat_saturation"}, {"sPrepPulses.ucFatSat": 1}, set()),
    ("ve", {"fat_suppression": "spair"}, {"sPrepPulses.ucFatSat": 32}, set()),
    ("ve", {"fat_suppression": "water_excitation"}, {"sPrepPulses.ucFatSat": 2}, set()),
    ("ve", {"fat_suppression": "dixon"}, {}, set()),
    ("ve fat", {"fat_suppression": "none"}, {"sPrepPulses.ucFatSat": 4}, set()),
    ("tse", {"gating": "none"}, {"sPhysioImaging.lSignal1": 1, "sPhysioImaging.lMethod1": 1}, set()),
    ("tse", {"gating": "cardiac"}, {"sPhysioImaging.lSignal1": 4}, set()),
    ("mprage", {"gating": "respiratory"}, {"sPhysioImaging.lSignal1": 16, "sPhysioImaging.lMethod1": 2}, set()),
    ("tse", {"output_maps": ("magnitude",)}, {"ucReconstructionMode": 1}, set()),
    ("tse", {"output_maps": ("phase", "minip")}, {"ucReconstructionMode": 2}, set()),
    ("mprage", {"output_maps": ("phase", "magnitude")}, {"ucReconstructionMode": 8}, set()),
    ("tse", {"output_maps": ("minip",)}, {}, set()),
    ("swi", {}, {}, set()),
    ("swi", {"technique": "gradient_echo"}, {"ucSWI": False}, set()),
    ("empty", {"technique": "susceptibility_weighted", "repetition_time": 28.0}, {"ucSWI": True, "alTR[0]": 28000}, set()),
    # diffusion: traces by four scans, tensors by MDDW of at least six
    ("dti", {"b_values": (0.0, 500.0, 1000.4)}, {"sDiffusion.lDiffWeightings": 3, f"{B}[1]": 500, f"{B}[2]": 1000, f"{N_B}[0]": 1, f"{N_B}[2]": 1}, set()),
    ("dti", {"b_values": (0.0, 800.0), "b_value_averages": (5, 2)}, {f"{B}[1]": 800, f"{N_B}[1]": 2}, set()),
    ("dti", {"b_values": (0.0,)}, {"sDiffusion.lDiffWeightings": 1, f"{B}[1]": None, f"{N_B}[0]": 1, f"{N_B}[1]": None}, set()),
    ("dti", {"b_values": (0.0, 1000.0), "diffusion_directions": 3}, {"sDiffusion.ulMode": 1024, "sDiffusion.lDiffDirections": 4, f"{N_B}[0]": 1}, set()),
    ("dti", {"b_values": (0.0, 1000.0), "diffusion_directions": 4}, {"sDiffusion.ulMode": 1024, "sDiffusion.lDiffDirections": 4, f"{N_B}[0]": 1}, set()),
    ("dti", {"b_values": (0.0, 1000.0), "diffusion_directions": 5}, {"sDiffusion.lDiffDirections": 6, f"{N_B}[0]": 1}, {"diffusion_directions"}),
    ("dti", {"b_values": (0.0, 1000.0), "diffusion_directions": 64}, {"sDiffusion.lDiffDirections": 64, f"{N_B}[0]": 1}, set()),
    ("dti", {"b_values": (0.0, 1000.0), "diffusion_scheme": "diagonal"}, {"sDiffusion.ulMode": 512, "sDiffusion.lDiffDirections": 1, f"{N_B}[0]": 1}, set()),
    ("trace", {"b_values": (0.0, 1000.0), "diffusion_scheme": "trace_3"}, {"sDiffusion.ulMode": 1024, "sDiffusion.lDiffDirections": 4, f"{N_B}[0]": 1}, set()),
    ("trace", {"b_values": (0.0, 1000.0), "diffusion_scheme": "trace_4"}, {"sDiffusion.ulMode": 1024, "sDiffusion.lDiffDirections": 4, f"{N_B}[0]": 1}, set()),
    ("trace", {"b_values": (0.0, 1000.0), "diffusion_scheme": "tetrahedral"}, {"sDiffusion.ulMode": 1024, "sDiffusion.lDiffDirections": 4, f"{N_B}[0]": 1}, set()),
    ("trace", {"b_values": (0.0, 1000.0), "diffusion_scheme": "vendor", "diffusion_directions": 30},
     {"sDiffusion.ulMode": 256, "sDiffusion.lDiffDirections": 30, f"{N_B}[0]": 1}, set()),
    ("trace", {"b_values": (0.0, 1000.0), "diffusion_scheme": "vendor"},
     {"sDiffusion.ulMode": 256, "sDiffusion.lDiffDirections": 6, f"{N_B}[0]": 1}, {"diffusion_directions"}),
    ("trace", {"b_values": (0.0, 500.0), "diffusion_directions": 3}, {f"{B}[1]": 500, f"{N_B}[0]": 1}, set()),
    ("trace", {"b_values": (0.0, 500.0)}, {f"{B}[1]": 500, f"{N_B}[0]": 1}, set()),
    ("b off", {"b_values": (0.0, 1000.0)}, {"sDiffusion.ulMode": 1024, "sDiffusion.lDiffDirections": 4, f"{N_B}[0]": 1}, set()),
    ("free", {"b_values": (0.0, 1000.0), "diffusion_directions": 12},
     {"sDiffusion.ulMode": 256, "sDiffusion.lDiffDirections": 12, f"{N_B}[0]": 1} | OF_VECTORS, set()),
    ("free", {"b_values": (0.0, 700.0)}, {f"{B}[1]": 700, f"{N_B}[0]": 1}, set()),
    ("tse", {"b_values": (0.0, 700.0)}, {}, set()),
    # fields of one member
    ("tse", {"concatenations": 4}, {"sSliceArray.lConc": 4}, set()),
    ("tse", {"elliptical_scanning": False, "magnetization_transfer": False, "intensity_normalization": False},
     {"sKSpace.ucEnableEllipticalScanning": False, "sPrepPulses.ucMTC": False, "sPreScanNormalizeFilter.ucOn": False}, set()),
    ("mprage", {"elliptical_scanning": True, "magnetization_transfer": True, "intensity_normalization": True},
     {"sKSpace.ucEnableEllipticalScanning": True, "sPrepPulses.ucMTC": True, "sPreScanNormalizeFilter.ucOn": True}, set()),
    ("mprage", {"elliptical_scanning": False, "magnetization_transfer": False, "intensity_normalization": False}, {}, set()),
    ("tse", {"flow_compensation": "slice", "distortion_correction": "3D", "gradient_mode": "Whisper*",
             "specific_absorption_rate_mode": "Normal"},
     {"acFlowComp[0]": 8, "sDistortionCorrFilter.ucMode": 4, "sGRADSPEC.ucMode": 20, "sTXSPEC.ucRFPulseType": 2}, set()),
    ("tse", {"gradient_mode": "Loud"}, {}, {"gradient_mode"}),
    ("tse", {"interpolation": 1.0}, {"sKSpace.uc2DInterpolation": False}, set()),
    ("mprage", {"interpolation": 2.0}, {"sKSpace.uc2DInterpolation": True}, set()),
    ("mprage", {"interpolation": 1.5}, {}, set()),
]  # fmt: skip


def _written(
    there: str, wanted: dict[str, Any], duration: float | None = None
) -> tuple[dict[str, Any], set[str]]:
    said = Said()
    a = Acquisition(name="x", **(LIKE[there] | wanted))
    return write_fields(a, duration, block(*BLOCKS[there]), said), {name for _, name, _ in said.all}


def test_what_is_wanted_sets_these_members_and_no_others() -> None:
    failed = []
    for there, wanted, members, reasons in WRITES:
        changes, said = _written(there, wanted)
        differ = wrong(changes, members) + ([f"reasons {said}, not {reasons}"] if said != reasons else [])
        failed += [f"{there} {wanted}: {one}" for one in differ]
    assert "\n".join(failed) == ""


def test_what_a_damaged_file_counts_without_end_is_read_so_far() -> None:
    def many(count: int, line: str) -> str:
        return "".join(line.format(i=i) + "\n" for i in range(count))

    assert len(read("lContrasts = 300\n" + many(300, "alTE[{i}] = 5000"))[0]["echo_times"]) == 256
    b_values = "sDiffusion.ulMode = 256\nsDiffusion.lDiffWeightings = 200\n" + many(
        200, "sDiffusion.alBValue[{i}] = 5"
    )
    assert len(read(b_values, "ep2d_diff")[0]["b_values"]) == 128
    assert read("sRSatArray.lSize = 40")[0]["saturation_bands"] == 32
    groups = SIZED + "sGroupArray.lSize = 300\nsGroupArray.asGroup[256].dDistFact = 0.5\n"
    assert read(groups)[0]["slice_gap"] == 0.0
    assert read(groups.replace("[256]", "[255]"))[0]["slice_gap"] is None
    slices = "sSliceArray.lSize = 600\n" + many(600, f"{SLICE}[{{i}}].dReadoutFOV = 200.0").replace(
        "[512].dReadoutFOV = 200", "[512].dReadoutFOV = 100"
    )
    assert read(slices)[1] == set()
    assert read(slices.replace("[511].dReadoutFOV = 200", "[511].dReadoutFOV = 100"))[1] == {
        ("first-of-many", "field_of_view")
    }
    band = "sSliceArray.lSize = 600\nsRSatArray.lSize = 1\nsRSatArray.asElm[0].sNormal.dTra = 1.0\n"
    assert read(f"{band}{SLICE}[512].sPosition.dTra = 90.0")[0]["saturation_band_positions"] == ("free",)
    assert read(f"{band}{SLICE}[511].sPosition.dTra = 90.0")[0]["saturation_band_positions"] == ("inferior",)
    free = FREE + f"sDiffusion.lDiffDirections = 5000\n{VECTOR}[0].dSag = 1.0\n{VECTOR}[4096].dSag = 0.5\n"
    assert read(free, "ep2d_diff")[0]["b_values"] == (0.0, 3000.0)
    assert read(free.replace("4096", "4095"), "ep2d_diff")[0]["b_values"] == (0.0, 750.0, 3000.0)
    coils = many(600, 'asCoilSelectMeas[0].asList[{i}].sCoilElementID.tCoilID = "C{i}"')
    assert len(read(coils)[0]["receive_coils"]) == 512


def test_what_becomes_2d_takes_over_nothing_of_the_slab() -> None:
    changes, _ = _written(
        "mprage", {"mr_acquisition_type": "2D", "number_of_slices": 176, "slice_thickness": 1.0}
    )
    assert (changes["sKSpace.ucDimension"], changes["sSliceArray.lSize"]) == (2, 176)
    assert (changes[f"{AT}[0].dThickness"], changes[f"{AT}[175].sPosition.dSag"]) == (1.0, 87.5)


def test_values_are_the_same_to_the_digits_that_consoles_store() -> None:
    pairs = [(1.0, 1.0000009, True), (1.0, 1.0000015, False), (0.5, 0.5000015, False), (1000.0, 1000.0009, True),
             (1000.0, 1000.0015, False), ((1, 2.0), [1.0, 2], True), ((1, 2), (1,), False), ("a", "a", True), ("a", 1, False),
             (True, 1, True), (True, 1.0000001, False)]  # fmt: skip
    assert [(one, other, block_module.same(one, other)) for one, other, _ in pairs] == pairs
    assert repr(read(TRANSVERSE)[0]["oblique_angles"]) == "(0.0, 0.0)"


def test_reference_lines_that_fill_the_grid_are_the_consoles() -> None:
    for there, wanted, filled in (("asl", 2.0, True), ("mprage", 3.0, False)):
        said = Said()
        a = Acquisition(name="x", **(LIKE[there] | {"parallel_reduction_factor_in_plane": wanted}))
        write_fields(a, None, block(*BLOCKS[there]), said)
        assert ("reference_lines" in said.computed) == filled
