"""The key table: what each neutral field is called in a Siemens protocol, its unit and its codes.

Each vendor key stands here once; reader (:mod:`derive`), writer and donor patch (:mod:`encode`) share it.
Source: formats/siemens.md sections 2.7 and 6, formats/siemens_keys.json. Codes that only third parties
report are in ``UNVERIFIED``: the reader gives the value with a note, the writer with a loss.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from generator.model import words

# --- releases -----------------------------------------------------------------------------------------

RELEASES: Mapping[int, str] = {
    21710006: "VB17A",
    51120003: "VE11B",
    51130001: "VE11C",
    51150000: "VE11E",
    51190001: "VE11P",
    51280000: "VE12U",
    61110001: "XA11A",
    61120000: "XA11B",
    62010002: "XA20A",
    63110002: "XA31A",
    65010000: "XA50A",
    66010002: "XA60A",
    66110001: "XA61A",
}

FIRST_VE, FIRST_XA30, FIRST_XA60, FIRST_XA61 = 50_000_000, 63_000_000, 66_000_000, 66_110_000


def release(version: int) -> str | None:
    """Name a release from ``ulVersion``; an unlisted one of XA by its digits (65110001 is XA51A)."""
    if version in RELEASES:
        return RELEASES[version]
    digits = str(version)
    if len(digits) != 8 or digits[0] != "6" or digits[3] == "0":
        return None
    return f"XA{digits[1:3]}{chr(ord('A') + int(digits[3]) - 1)}"


def same_release(one: str, other: str) -> bool:
    """Whether two names mean one release: ``XA61``, ``syngo MR XA61A`` and ``XA61A`` do."""
    found = [
        re.search(r"(V[BDE]|XA)\s?(\d\d)([A-Z]?)", name.upper().replace("VA", "XA")) for name in (one, other)
    ]
    if not all(found):
        return one.strip().upper() == other.strip().upper()
    a, b = (match.groups() for match in found if match)
    return a[:2] == b[:2] and (a[2] == b[2] or not (a[2] and b[2]))


# --- keys of the MrProt block -------------------------------------------------------------------------

VERSION = "ulVersion"
SEQUENCE = "tSequenceFileName"
NAME = "tProtocolName"
B0 = "sProtConsistencyInfo.flNominalB0"

TR, TE, TI, CONTRASTS, INV_CONTRASTS = "alTR[0]", "alTE", "alTI", "lContrasts", "lInvContrasts"
FLIP, FLIP_MODE = "adFlipAngleDegree", "ucFlipAngleMode"
INVERSION, SATURATION = "sPrepPulses.ucInversion", "sPrepPulses.ucSatRecovery"
SWI, TRAJECTORY = "ucSWI", "sKSpace.ucTrajectory"
DIMENSION = "sKSpace.ucDimension"
BASE, LINES, PARTITIONS = "sKSpace.lBaseResolution", "sKSpace.lPhaseEncodingLines", "sKSpace.lPartitions"
IMAGES_PER_SLAB = "sKSpace.lImagesPerSlab"
PHASE_RESOLUTION, SLICE_RESOLUTION = "sKSpace.dPhaseResolution", "sKSpace.dSliceResolution"
PHASE_OVERSAMPLING = "sKSpace.dPhaseOversamplingForDialog"
SLICE_OVERSAMPLING = "sKSpace.dSliceOversamplingForDialog"
PF_PHASE, PF_SLICE = "sKSpace.ucPhasePartialFourier", "sKSpace.ucSlicePartialFourier"
ELLIPTICAL = "sKSpace.ucEnableEllipticalScanning"
MULTI_SLICE_MODE, UNDERSAMPLING = "sKSpace.ucMultiSliceMode", "sKSpace.ucUndersamplingPattern"
DWELL = "sRXSPEC.alDwellTime"
TURBO, EPI_FACTOR, SEGMENTS = "sFastImaging.lTurboFactor", "sFastImaging.lEPIFactor", "sFastImaging.lSegments"
FREE_ECHO_SPACING, ECHO_SPACING = "sFastImaging.ucFreeEchoSpacing", "sFastImaging.lEchoSpacing"
AVERAGES, AVERAGES_DOUBLE, REPETITIONS = "lAverages", "dAveragesDouble", "lRepetitions"
SLICES, SLICE, CONCATENATIONS = "sSliceArray.lSize", "sSliceArray.asSlice", "sSliceArray.lConc"
GROUPS, GROUP = "sGroupArray.lSize", "sGroupArray.asGroup"
GROUP_MEMBER = "sGroupArray.anMember"
SLICE_ORDERS = ("sSliceArray.alSliceAcqOrder", "sSliceArray.anAsc", "sSliceArray.anPos")
AUTOALIGN_SLICE = "sAAInitialOffset.SliceInformation"
READ_FOV, PHASE_FOV, THICKNESS, ROTATION = "dReadoutFOV", "dPhaseFOV", "dThickness", "dInPlaneRot"
NORMAL, POSITION, AXES = "sNormal", "sPosition", ("dSag", "dCor", "dTra")
GROUP_SIZE, DISTANCE_FACTOR = "nSize", "dDistFact"
PAT_MODE, ACCEL_PE, ACCEL_3D = "sPat.ucPATMode", "sPat.lAccelFactPE", "sPat.lAccelFact3D"
ACCEL_TOTAL = "sPat.dTotalAccelFact"
REF_LINES, REF_LINES_3D, REF_SCAN = "sPat.lRefLinesPE", "sPat.lRefLines3D", "sPat.ucRefScanMode"
MULTIBAND = "sSliceAcceleration.lMultiBandFactor"
CMRR_MULTIBAND = ("sWipMemBlock.alFree[13]", "sWiPMemBlock.alFree[13]")
FAT_XA, FAT_VE, MTC = "sPrepPulses.lFatWaterContrast", "sPrepPulses.ucFatSat", "sPrepPulses.ucMTC"
DIFFUSION_MODE, B_COUNT = "sDiffusion.ulMode", "sDiffusion.lDiffWeightings"
B_VALUE, B_AVERAGES = "sDiffusion.alBValue", "sDiffusion.alAverages"
DIRECTIONS, Q_STEPS = "sDiffusion.lDiffDirections", "sDiffusion.lQSpaceSteps"
SIGNAL, METHOD, RESPIRATION = "sPhysioImaging.lSignal1", "sPhysioImaging.lMethod1", "sNavigatorPara.lRespComp"
RECONSTRUCTION = "ucReconstructionMode"
SATURATION_BANDS = "sRSatArray.lSize"
SCAN_TIME, TOTAL_TIME = "lScanTimeSec", "lTotalScanTimeSec"

KEYS_OF_FIELD: Mapping[str, tuple[str, ...]] = {
    "repetition_time": (TR,),
    "echo_times": (CONTRASTS,),
    "mr_acquisition_type": (DIMENSION,),
    "flip_angle": (f"{FLIP}[0]",),
    "field_of_view": (f"{SLICE}[0].{READ_FOV}", f"{SLICE}[0].{PHASE_FOV}"),
    "slice_thickness": (f"{SLICE}[0].{THICKNESS}",),
    "phase_oversampling": (PHASE_OVERSAMPLING,),
    "slice_oversampling": (SLICE_OVERSAMPLING,),
    "concatenations": (CONCATENATIONS,),
    "pixel_bandwidth": (f"{DWELL}[0]",),
    "partial_fourier_phase": (PF_PHASE,),
    "partial_fourier_slice": (PF_SLICE,),
    "elliptical_scanning": (ELLIPTICAL,),
    "multiband_factor": (MULTIBAND,),
    "parallel_reduction_factor_in_plane": (ACCEL_PE,),
    "parallel_reduction_factor_out_of_plane": (ACCEL_3D,),
    "reference_scan": (REF_SCAN,),
    "reference_lines": (REF_LINES,),
    "reference_lines_out_of_plane": (REF_LINES_3D,),
    "fat_suppression": (FAT_XA, FAT_VE),
    "magnetization_transfer": (MTC,),
    "gating": (SIGNAL,),
    "readout": (TRAJECTORY,),
    "number_of_temporal_positions": (REPETITIONS,),
    "diffusion_directions": (DIRECTIONS,),
    "acquisition_duration": (TOTAL_TIME,),
}
"""Keys that a neutral field says in full; every other key stays verbatim under ``vendor``."""

FIELD_OF_KEY: Mapping[str, str] = {key: field for field, keys in KEYS_OF_FIELD.items() for key in keys}

# --- code tables --------------------------------------------------------------------------------------

DIMENSIONS: Mapping[int, words.AcquisitionType] = {2: "2D", 4: "3D"}
PARTIAL_FOURIER: Mapping[int, float] = {16: 1.0, 8: 0.875, 4: 0.75, 2: 0.625}
PF_HALF, PF_AUTO = 1, 32
INVERSIONS = frozenset({1, 2, 16})
SLICE_INVERSION, GLOBAL_INVERSION, NO_INVERSION, DOUBLE_INVERSION = 1, 2, 4, 16
PAT_NONE, PAT_GRAPPA, PAT_CAIPIRINHA, PAT_SMS = 1, 2, 16, 32
PAT_KNOWN = frozenset({PAT_NONE, PAT_GRAPPA, 4, 8, PAT_CAIPIRINHA, PAT_SMS})
REF_SCANS: Mapping[int, words.ReferenceScan] = {
    1: "none",
    2: "integrated",
    4: "separate",
    256: "separate",
    512: "separate",
}
TRAJECTORIES: Mapping[int, words.Readout] = {1: "cartesian", 2: "radial"}
SIGNALS: Mapping[int, words.Gating] = {1: "none", 2: "cardiac", 4: "cardiac", 16: "respiratory"}
RESPIRATION_OFF = 4
RECONSTRUCTIONS: Mapping[int, tuple[words.OutputMap, ...]] = {
    1: ("magnitude",),
    2: ("phase",),
    8: ("magnitude", "phase"),
}
DIFFUSION_OFF, DIFFUSION_FREE, DIFFUSION_MDDW = 1, 128, 256
FATS_XA: Mapping[int, words.FatSuppression] = {
    1: "none",
    4: "fat_saturation",
    4096: "spair",
    16: "water_excitation",
    32: "water_excitation",
    8: "fat_saturation",
    8192: "dixon",
    16384: "dixon",
}
FATS_VE: Mapping[int, words.FatSuppression] = {
    4: "none",
    1: "fat_saturation",
    32: "spair",
    2: "water_excitation",
    8: "fat_saturation",
    16: "water_excitation",
}
UNVERIFIED: Mapping[str, frozenset[int]] = {
    FAT_XA: frozenset({8, 8192, 16384}),
    FAT_VE: frozenset({8, 16}),
    PAT_MODE: frozenset({4, 8}),
}
"""Codes that only another program tells of. Water excitation (16, 32) and the signals of ECG and breathing
were seen beside their printed words on an XA60 console (bbfrederick/protoparser, mappings.py)."""

# Phase encoding direction by main plane and in-plane rotation in quarter turns (0, 90, 180, -90 degrees).
# Verified: transverse 0, 1, 2; sagittal 0, 1; coronal 0. Opposites follow by half a turn. In all of these the
# direction turns from P towards P x N (P its direction at 0, N the normal; L, P, H positive); the coronal
# quarter turns are taken from that rule, no printout of one was at hand.
PHASE_DIRECTIONS: Mapping[str, tuple[words.PhaseDirection, ...]] = {
    "transverse": ("AP", "RL", "PA", "LR"),
    "sagittal": ("AP", "HF", "PA", "FH"),
    "coronal": ("RL", "FH", "LR", "HF"),
}
PLANES: tuple[words.Plane, ...] = ("sagittal", "coronal", "transverse")
"""Main planes in the order of ``AXES``, by the largest component of the slice normal."""


# --- sequence binaries --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sequence:
    """What is known to hold for a sequence binary.

    Attributes
    ----------
    train : {"turbo", "epi", "partitions", "none", "unknown"}
        Where the echo train length comes from.
    trust : {"checked", "assumed", "none"}
        Whether the rules of section 6 for bandwidth and train were checked against printouts of this binary,
        are assumed because a close relative was, or are not known to hold.
    """

    technique: words.Technique
    train: str = "none"
    trust: str = "checked"


SEQUENCES: Mapping[str, Sequence] = {
    "gre": Sequence("gradient_echo"),
    "tfl": Sequence("magnetization_prepared_gradient_echo", "partitions"),
    "tse": Sequence("turbo_spin_echo", "turbo"),
    "tse_vfl": Sequence("turbo_spin_echo", "turbo"),
    "space": Sequence("turbo_spin_echo", "turbo"),
    "haste": Sequence("single_shot_turbo_spin_echo", "turbo"),
    "ep2d_diff": Sequence("echo_planar_diffusion", "epi"),
    "ep2d_bold": Sequence("echo_planar_bold", "epi"),
    "medic": Sequence("multi_echo_gradient_echo"),
    "fl_tof": Sequence("time_of_flight"),
    "gre_field_mapping": Sequence("field_map"),
    "tgse_asl": Sequence("arterial_spin_labelling", "unknown"),
    "aalscout": Sequence("gradient_echo"),
    "cmrr_mbep2d_diff": Sequence("echo_planar_diffusion", "epi"),
    # relatives of the above
    "se": Sequence("spin_echo", trust="assumed"),
    "tse_dixon": Sequence("turbo_spin_echo", "turbo", "assumed"),
    "fast_tse": Sequence("turbo_spin_echo", "turbo", "assumed"),
    "fl3d_vibe": Sequence("gradient_echo", trust="assumed"),
    "fl3d_ce": Sequence("gradient_echo", trust="assumed"),
    "tfl_b1map": Sequence("field_map", trust="assumed"),
    "tfl_rfmap": Sequence("field_map", trust="assumed"),
    "trufi": Sequence("balanced_ssfp", trust="assumed"),
    "dess": Sequence("gradient_echo", trust="assumed"),
    "ep2d_fid": Sequence("echo_planar_bold", "epi", "assumed"),
    "ep2d_pace": Sequence("echo_planar_bold", "epi", "assumed"),
    "ep2d_se": Sequence("other", "epi", "assumed"),
    "ep2d_pasl": Sequence("arterial_spin_labelling", "epi", "assumed"),
    "cmrr_mbep2d_bold": Sequence("echo_planar_bold", "epi", "assumed"),
    "cmrr_mbep2d_se": Sequence("other", "epi", "assumed"),
    # no rule is known to hold
    "resolve": Sequence("echo_planar_diffusion", "unknown", "none"),
    "qdwi": Sequence("echo_planar_diffusion", "unknown", "none"),
    "svs_se": Sequence("spectroscopy", trust="none"),
    "svs_st": Sequence("spectroscopy", trust="none"),
    "csi_se": Sequence("spectroscopy", trust="none"),
    "csi_st": Sequence("spectroscopy", trust="none"),
    "csi_slaser": Sequence("spectroscopy", trust="none"),
    "csi_fid": Sequence("spectroscopy", trust="none"),
}
UNKNOWN_SEQUENCE = Sequence("other", "unknown", "none")
SPIN_ECHO_TRAINS = ("turbo_spin_echo", "single_shot_turbo_spin_echo")
DOUBLE_AVERAGES = frozenset({"tse_vfl", "space"})
"""Sequences whose averages are the fractional ``dAveragesDouble``."""

BINARY_OF_TECHNIQUE: Mapping[str, tuple[str, str]] = {
    "spin_echo": ("se", "se"),
    "turbo_spin_echo": ("tse", "space"),
    "single_shot_turbo_spin_echo": ("haste", "haste"),
    "gradient_echo": ("gre", "gre"),
    "multi_echo_gradient_echo": ("gre", "gre"),
    "magnetization_prepared_gradient_echo": ("tfl", "tfl"),
    "mp2rage": ("tfl", "tfl"),
    "balanced_ssfp": ("trufi", "trufi"),
    "susceptibility_weighted": ("gre", "gre"),
    "echo_planar_diffusion": ("ep2d_diff", "ep2d_diff"),
    "echo_planar_bold": ("ep2d_bold", "ep2d_bold"),
    "arterial_spin_labelling": ("tgse_asl", "tgse_asl"),
    "time_of_flight": ("fl_tof", "fl_tof"),
    "field_map": ("gre_field_mapping", "gre_field_mapping"),
}
"""Binary that a template writes for a technique: (2D, 3D)."""
