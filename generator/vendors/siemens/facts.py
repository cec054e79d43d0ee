"""The key table: what each neutral field is called in a Siemens protocol, its unit and its codes.

Each vendor key is here once; reading and writing (:mod:`fields`) and donor patch share it.
Source: formats/siemens.md sections 2.7 and 6, formats/siemens_keys.json. Codes that only third parties
report are in ``UNVERIFIED``: the reader gives the value with a note, the writer with a loss.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from generator.model import words
from generator.vendors.rows import Codes, Number, Row

# --- releases -----------------------------------------------------------------------------------------

RELEASES: Mapping[int, str] = {
    21710006: "VB17A", 51120003: "VE11B", 51130001: "VE11C", 51150000: "VE11E", 51190001: "VE11P",
    51280000: "VE12U", 61110001: "XA11A", 61120000: "XA11B", 62010002: "XA20A", 63110002: "XA31A",
    65010000: "XA50A", 66010002: "XA60A", 66110001: "XA61A",
}  # fmt: skip

FIRST_VE, FIRST_XA30, FIRST_XA60 = 50_000_000, 63_000_000, 66_000_000


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
UNDERSAMPLING = "sKSpace.ucUndersamplingPattern"
DWELL = "sRXSPEC.alDwellTime"
TURBO, EPI_FACTOR, SEGMENTS = "sFastImaging.lTurboFactor", "sFastImaging.lEPIFactor", "sFastImaging.lSegments"
FREE_ECHO_SPACING, ECHO_SPACING = "sFastImaging.ucFreeEchoSpacing", "sFastImaging.lEchoSpacing"
AVERAGES, AVERAGES_DOUBLE, REPETITIONS = "lAverages", "dAveragesDouble", "lRepetitions"
SLICES, SLICE, CONCATENATIONS = "sSliceArray.lSize", "sSliceArray.asSlice", "sSliceArray.lConc"
GROUPS, GROUP = "sGroupArray.lSize", "sGroupArray.asGroup"
GROUP_MEMBER = "sGroupArray.anMember"
COUNTED = {"sagittal": "sSliceArray.lSag", "coronal": "sSliceArray.lCor"}
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
VOXEL, ASL_MODE = "sSpecPara.sVoI", "sAsl.ulMode"
READOUT_SEGMENTS, EXCITATION = "sFastImaging.lReadoutSegments", "sTXSPEC.ucExcitMode"
CMRR_SWITCHES = ("sWipMemBlock.alFree[0]", "sWiPMemBlock.alFree[0]")
CMRR_INVERTED = 0x100
"""Bit of the first switch that inverts readout and phase polarity."""
PRIVATE = re.compile(r"sWi[pP]MemBlock\.a[ld]Free\[")
FREE_VECTOR = "sDiffusion.sFreeDiffusionData.asDiffDirVector"
FREE_COMMENT = "sDiffusion.sFreeDiffusionData.sComment"
LINES_PAT = "sKSpace.lPhaseEncodingLinesPat"
THREE, TRIGGERED, REF_INTEGRATED, FEWEST_REF_LINES, FEWEST_OF_MDDW = 4, 2, 2, 24, 6
EXCITATION_STANDARD, EXCITATION_ZOOMED = 32, 64
ZOOM_VOLUME = "sPTXData.asPTXVolume["
ZOOM_MEMBERS = re.compile(
    r"sPTXData\.(asPTXVolume\[|uiPTXMPRSliceGroupValid|sPTXMPR(Slice|Group)Array\.(as\w+\[|an\w+\[|al\w+\[|l[A-Z]|uc"
    r"|s\wSat\.d))|sTXSPEC\.aPTXRFPulse\["
)
"""Members that only zoomed protocols have; the pulses and slices of the transmitters among them."""
CUSTOMER = "%CustomerSeq%"
LOCALIZER = re.compile(r"locali[sz]|scout|survey|\bloc\b|(^|_)loc(_|$)|topogram|3-?plane")
LOCALIZER_TECHNIQUES = frozenset({"gradient_echo", "balanced_ssfp", "single_shot_turbo_spin_echo"})
LONGEST_LOCALIZER = 60.0
"""Seconds."""
VOLUME_SIDES = ("dReadoutFOV", "dPhaseFOV", "dThickness")
AUTO_ALIGN = ("ucAAMode", "ucAARegionMode", "ucAARefMode")
REFERENCE_SNR = "dRefSNR"
FILTERS: Mapping[str, str] = {
    "raw": "sRawFilter.ucOn", "elliptical": "sEllipticalFilter.ucOn", "image": "sImageFilter.ucOn",
}  # fmt: skip
SHIM_VALID, SHIM_VOLUME = "sAdjData.uiAdjVolumeValid", "sAdjData.sAdjVolume"
SATURATION_BANDS = "sRSatArray.lSize"
SCAN_TIME, TOTAL_TIME = "lScanTimeSec", "lTotalScanTimeSec"


@dataclass(frozen=True, slots=True)
class Switch:
    """A flag: written as a truth value, read from a number."""

    def write(self, value: bool) -> bool:
        """Return the value as it is."""
        return value

    def read(self, raw: float) -> bool:
        """Say whether the flag is set."""
        return bool(raw)


DISTORTION, NORMALIZE = "sDistortionCorrFilter.ucMode", "sPreScanNormalizeFilter.ucOn"
GRADIENTS, RF_PULSE, FLOW = "sGRADSPEC.ucMode", "sTXSPEC.ucRFPulseType", "acFlowComp[0]"
_GRADIENT_MODES = {"Fast": 1, "Normal": 2, "Whisper": 4, "Performance": 8}

ROWS: tuple[Row, ...] = (
    Row("concatenations", (CONCATENATIONS,), Number(digits=0)),
    Row("elliptical_scanning", (ELLIPTICAL,), Switch(), default=False),
    Row("magnetization_transfer", (MTC,), Switch(), default=False),
    Row("flow_compensation", (FLOW,), Codes({"none": 1, "yes": 2, "readout": 4, "slice": 8, "all": 16})),
    Row("distortion_correction", (DISTORTION,), Codes({"none": 1, "2D": 2, "3D": 4})),
    Row("intensity_normalization", (NORMALIZE,), Switch(), default=False),
    Row("gradient_mode", (GRADIENTS,),
        Codes(_GRADIENT_MODES | {f"{name}*": code + 16 for name, code in _GRADIENT_MODES.items()})),
    Row("specific_absorption_rate_mode", (RF_PULSE,), Codes({"Fast": 1, "Normal": 2, "Low SAR": 4})),
)  # fmt: skip
"""Fields that are one member. Codes beside their printed words in 67 pairs of archive and printout, VE11C to
XA61; 16 more than a gradient mode is the console's asterisk."""
SLICE_ORDER, INTERPOLATION = "sSliceArray.ucMode", ("sKSpace.uc2DInterpolation", "sKSpace.fl2DInterpolation")
SLICE_ORDERS_READ: Mapping[int, words.SliceOrder] = {1: "ascending", 2: "descending", 4: "interleaved"}
TABLE, TABLE_VALID = "lScanRegionPosTra", "ucScanRegionPosValid"
BAND, TRACKING = "sRSatArray.asElm", "sSliceArray.sTSat.ucOn"
DEEP_MODE, DEEP_METHOD = (
    "MrAdvancedReconstruction.lAdvancedReconstructionMode",
    "MrAdvancedReconstruction.lDenoisingMethod",
)
DEEP_SHARP = "sKSpace.ucIsSuperResolution"
DEEP_METHODS: Mapping[int, str] = {1: "Deep Resolve Gain", 2: "Deep Resolve Boost"}
DEEP_STRENGTH = {1: "MrAdvancedReconstruction.sDeepResolveGain.lDenoisingStrength",
                 2: "MrAdvancedReconstruction.sDeepResolveBoost.lDenoisingStrength"}  # fmt: skip
SIDES: tuple[tuple[words.BandPosition, words.BandPosition], ...] = (
    ("right", "left"), ("anterior", "posterior"), ("inferior", "superior")
)  # fmt: skip
"""For each of ``AXES`` the side below and above."""
COILS = ("sCoilSelectMeas.aRxCoilSelectData[0].asList", "asCoilSelectMeas[0].asList")

KEYS_OF_FIELD: Mapping[str, tuple[str, ...]] = {
    "repetition_time": (TR,),
    "echo_times": (CONTRASTS,),
    "mr_acquisition_type": (DIMENSION,),
    "flip_angle": (f"{FLIP}[0]",),
    "field_of_view": (f"{SLICE}[0].{READ_FOV}", f"{SLICE}[0].{PHASE_FOV}"),
    "slice_thickness": (f"{SLICE}[0].{THICKNESS}",),
    "phase_oversampling": (PHASE_OVERSAMPLING,),
    "slice_oversampling": (SLICE_OVERSAMPLING,),
    "pixel_bandwidth": (f"{DWELL}[0]",),
    "partial_fourier_phase": (PF_PHASE,),
    "partial_fourier_slice": (PF_SLICE,),
    "multiband_factor": (MULTIBAND,),
    "parallel_reduction_factor_in_plane": (ACCEL_PE,),
    "parallel_reduction_factor_out_of_plane": (ACCEL_3D,),
    "reference_scan": (REF_SCAN,),
    "reference_lines": (REF_LINES,),
    "reference_lines_out_of_plane": (REF_LINES_3D,),
    "fat_suppression": (FAT_XA, FAT_VE),
    "gating": (SIGNAL,),
    "readout": (TRAJECTORY,),
    "number_of_temporal_positions": (REPETITIONS,),
    "diffusion_directions": (DIRECTIONS,),
    "acquisition_duration": (TOTAL_TIME,),
} | {row.field: row.keys for row in ROWS}
"""Keys that a neutral field says in full; every other key stays verbatim under ``vendor``."""

FIELD_OF_KEY: Mapping[str, str] = {key: field for field, keys in KEYS_OF_FIELD.items() for key in keys}

# --- code tables --------------------------------------------------------------------------------------

DIMENSIONS: Mapping[int, words.AcquisitionType] = {2: "2D", 4: "3D"}
PARTIAL_FOURIER: Mapping[int, float] = {16: 1.0, 8: 0.875, 4: 0.75, 2: 0.625}
PF_HALF, PF_AUTO = 1, 32
SLICE_INVERSION, GLOBAL_INVERSION, NO_INVERSION, DOUBLE_INVERSION, T2_PREPARED_INVERSION = 1, 2, 4, 16, 128
INVERSIONS = frozenset({SLICE_INVERSION, GLOBAL_INVERSION, DOUBLE_INVERSION, T2_PREPARED_INVERSION})
PAT_NONE, PAT_GRAPPA, PAT_CAIPIRINHA, PAT_SMS, PAT_WAVE = 1, 2, 16, 32, 1024
PAT_SPACE_COMPRESSED = 256
PAT_COMPRESSED = frozenset({128, PAT_SPACE_COMPRESSED})
"""Compressed sensing, of gradient echoes and of SPACE; its factor is the total one (XA51, five printed)."""
PAT_KNOWN = frozenset({PAT_NONE, PAT_GRAPPA, 4, 8, PAT_CAIPIRINHA, PAT_SMS, PAT_WAVE}) | PAT_COMPRESSED
REF_SCANS: Mapping[int, words.ReferenceScan] = {
    1: "none", 2: "integrated", 4: "separate", 16: "separate", 256: "separate", 512: "separate",
}  # fmt: skip
TRAJECTORIES: Mapping[int, words.Readout] = {1: "cartesian", 2: "radial"}
SIGNALS: Mapping[int, words.Gating] = {1: "none", 2: "cardiac", 4: "cardiac", 16: "respiratory"}
RESPIRATION_OFF, BREATH_HOLD = 4, 16
RECONSTRUCTIONS: Mapping[int, tuple[words.OutputMap, ...]] = {
    1: ("magnitude",), 2: ("phase",), 8: ("magnitude", "phase"),
}  # fmt: skip
DIFFUSION_OFF, DIFFUSION_FREE, DIFFUSION_MDDW, DIFFUSION_DIAGONAL, DIFFUSION_TRACE_4 = 1, 128, 256, 512, 1024
DIFFUSION_SCHEMES: Mapping[int, words.DiffusionScheme] = {
    2: "single", 4: "trace_3", 8: "single", 16: "single", 32: "single", 64: "trace_3",
    DIFFUSION_FREE: "free", DIFFUSION_MDDW: "vendor", DIFFUSION_DIAGONAL: "diagonal",
    DIFFUSION_TRACE_4: "trace_4",
}  # fmt: skip
MODES_WRITTEN: Mapping[str, int] = {
    "trace_3": DIFFUSION_TRACE_4, "trace_4": DIFFUSION_TRACE_4, "tetrahedral": DIFFUSION_TRACE_4,
    "diagonal": DIFFUSION_DIAGONAL, "vendor": DIFFUSION_MDDW,
}  # fmt: skip
"""Modes of real protocols: trace images are made by four scans (1024) or one diagonal (512)."""
DIRECTIONS_OF_MODE: Mapping[int, int] = {
    2: 1, 4: 3, 8: 1, 16: 1, 32: 1, 64: 3, DIFFUSION_DIAGONAL: 1, DIFFUSION_TRACE_4: 4,
}  # fmt: skip
"""Directions of the modes without a choice; 512 and 1024 printed by XA51, the others by the enumeration
``SEQ::DiffusionMode`` of the sequence headers (orthogonal 4, slice 8, read 16, phase 32, 3-scan trace 64)."""
FATS_XA: Mapping[int, words.FatSuppression] = {
    1: "none", 4: "fat_saturation", 4096: "spair", 16: "water_excitation", 32: "water_excitation",
    8: "fat_saturation", 8192: "dixon", 16384: "dixon",
}  # fmt: skip
FATS_VE: Mapping[int, words.FatSuppression] = {
    4: "none", 1: "fat_saturation", 32: "spair", 2: "water_excitation", 8: "fat_saturation",
    16: "water_excitation",
}  # fmt: skip
UNVERIFIED: Mapping[str, frozenset[int]] = {
    FAT_XA: frozenset({8, 8192, 16384}),
    FAT_VE: frozenset({8, 16}),
    PAT_MODE: frozenset({4, 8}),
    DIFFUSION_MODE: frozenset({2, 4, 8, 16, 32, 64}),
}
"""Codes known from another program only. Water excitation (16, 32) and the signals of ECG and breathing
were seen beside their printed words on an XA60 console (bbfrederick/protoparser, mappings.py)."""

# Phase encoding direction by main plane and in-plane rotation in quarter turns (0, 90, 180, -90 degrees).
# Verified: transverse 0, 1, 2; sagittal 0, 1; coronal 0, 3. Opposites follow by half a turn. In all of these
# the direction turns from P towards P x N (P its direction at 0, N the normal; L, P, H positive).
PHASE_DIRECTIONS: Mapping[str, tuple[words.PhaseDirection, ...]] = {
    "transverse": ("AP", "RL", "PA", "LR"),
    "sagittal": ("AP", "HF", "PA", "FH"),
    "coronal": ("RL", "FH", "LR", "HF"),
}
EXCITATION_TONE = 256
PLANES: tuple[words.Plane, ...] = ("sagittal", "coronal", "transverse")
"""Main planes in the order of ``AXES``, by the largest component of the slice normal."""


# --- sequence binaries --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sequence:
    """What is known to hold for a sequence binary.

    Attributes
    ----------
    train : {"turbo", "epi", "segmented", "partitions", "none", "unknown"}
        Where the echo train length comes from; a readout-segmented EPI stores it.
    trust : {"checked", "assumed", "none"}
        Whether the rules of section 6 for bandwidth and train were checked against printouts of this binary,
        are assumed because a close relative was, or are not known to hold.
    family : str
        The product binary whose switches (SWI, contrasts, inversion) say what a scan is; empty: its own name.
    readout : int
        Readout oversampling, by which the dwell time is shorter than the bandwidth says.
    """

    technique: words.Technique
    train: str = "none"
    trust: str = "checked"
    family: str = ""
    readout: int = 2


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
    "resolve": Sequence("echo_planar_diffusion", "segmented", readout=4),
    "gre_wave": Sequence("gradient_echo", family="gre", readout=6),
    "beat": Sequence("gradient_echo"),
    # relatives of the above
    "se": Sequence("spin_echo", trust="assumed"),
    "tse_dixon": Sequence("turbo_spin_echo", "turbo", "assumed"),
    "fast_tse": Sequence("turbo_spin_echo", "turbo", "assumed"),
    "fl3d_vibe": Sequence("gradient_echo", trust="assumed"),
    "fl3d_ce": Sequence("gradient_echo", trust="assumed"),
    "tfl_b1map": Sequence("calibration", trust="assumed"),
    "tfl_rfmap": Sequence("calibration", trust="assumed"),
    "trufi": Sequence("balanced_ssfp", trust="assumed"),
    "dess": Sequence("gradient_echo", trust="assumed"),
    "ep2d_fid": Sequence("echo_planar_bold", "epi", "assumed"),
    "ep2d_pace": Sequence("echo_planar_bold", "epi", "assumed"),
    "ep2d_se": Sequence("other", "epi", "assumed"),
    "ep2d_pasl": Sequence("arterial_spin_labelling", "epi", "assumed"),
    "cmrr_mbep2d_bold": Sequence("echo_planar_bold", "epi", "assumed"),
    "cmrr_mbep2d_se": Sequence("other", "epi", "assumed"),
    # no rule is known to hold
    "qdwi": Sequence("echo_planar_diffusion", "unknown", "none"),
    "svs_se": Sequence("spectroscopy", trust="none"),
    "svs_st": Sequence("spectroscopy", trust="none"),
    "csi_se": Sequence("spectroscopy", trust="none"),
    "csi_st": Sequence("spectroscopy", trust="none"),
    "csi_slaser": Sequence("spectroscopy", trust="none"),
    "csi_fid": Sequence("spectroscopy", trust="none"),
}
UNKNOWN_SEQUENCE = Sequence("other", "unknown", "none")
BUILDS = ("cmrr_mbep2d_diff", "cmrr_mbep2d_bold", "cmrr_mbep2d_se")
"""Common research sequences: the names of their builds begin so, and they have the same members."""
FAMILIES: tuple[tuple[str, str], ...] = (
    (r"svs|csi|mrsi|slaser|mega|eja_", "svs_se"),
    (r"resolve|qdwi|diff|dwi|dti|zoomit", "ep2d_diff"),
    (r"asl", "tgse_asl"),
    (r"bold|fmri|ep2d|epi3d", "ep2d_bold"),
    (r"b1map|rfmap|sa2rage|dream|(^|_)afi", "tfl_b1map"),
    (r"b0map|field_?map", "gre_field_mapping"),
    (r"mp2rage|mprage|tfl|mpnrage", "tfl"),
    (r"space|tse_vfl|spc|vfl", "space"),
    (r"haste", "haste"),
    (r"tse|rare|blade", "tse"),
    (r"medic", "medic"),
    (r"tof", "fl_tof"),
    (r"trufi|ssfp|fisp|ciss|psif", "trufi"),
    (r"gre|fl[23]d|flash|vibe|swi|qsm|aspire|(^|_)fl(_|$)", "gre"),
    (r"(^|_)se(_|$)", "se"),
)
"""Names of site builds and research sequences, lower case: what is in them, and whose family that is; the
first that fits. What the parameters of the block say without a name is asked before them."""
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

# --- losses -------------------------------------------------------------------------------------------

COMPUTED = ("repetition_time_excitation", "echo_spacing", "echo_train_duration")
REASONS: Mapping[str, str] = {
    "pixel_bandwidth": "the dwell time is a multiple of 100 ns",
    "echo_spacing": "derived by the sequence and not stored",
    "echo_train_duration": "derived by the sequence and not stored",
    "repetition_time": "the console shows the time of one preparation cycle",
    "repetition_time_excitation": "derived by the sequence and not stored",
    "repetition_time_preparation": "this sequence has one repetition time",
    "echo_times": "stored in whole microseconds",
    "flip_angle": "the console shows the refocusing angle, or the sequence varies the angle along the train",
    "refocusing_flip_angle": "not a parameter of this sequence, or varied along the train",
    "echo_train_length": "derived by this sequence: EPI factor is the phase lines",
    "acquisition_duration": "stored in whole seconds",
    "compressed_sensing_factor": "written for a SPACE without parallel imaging only",
    "number_of_averages": "this sequence counts whole averages",
    "number_of_shots": "derived by the sequence and not stored",
    "reference_scan": "there is none without parallel imaging",
    "reference_lines": "there are none without parallel imaging",
    "reference_lines_out_of_plane": "there are none without parallel imaging",
    "parallel_reduction_factor_in_plane": "whole factors only",
    "parallel_reduction_factor_out_of_plane": "whole factors only",
    "partial_fourier_phase": "5/8, 6/8, 7/8 or off",
    "partial_fourier_slice": "5/8, 6/8, 7/8 or off",
    "output_maps": "only magnitude, phase and SWI are known switches; check the others at the console",
    "number_of_slices": "the donor's slabs or slice groups are kept, or slices are excited several at once",
    "plane": "the donor's slice groups are kept, or the plane is not a main one",
    "phase_encoding_direction": "not a direction of this plane, or its polarity is not known",
    "diffusion_directions": "trace images are made by four scans; other sets by the number that is written",
    "b_values": "stored in whole s/mm2",
    "technique": "written with the nearest sequence binary, or that of the donor",
    "readout": "not a known trajectory",
    "slab_thickness": "follows from the slices per slab and their thickness",
    "saturation_bands": "a band has a place, which is planned at the console",
    "number_of_volumes_discarded_by_scanner": "decided by the sequence and not stored",
    "rr_intervals": "triggering is set up at the console",
    "slice_gap": "stored as a multiple of the slice thickness",
    "voxel_size": "follows from field of view and matrix",
    "plane_reference": "no parameter of the protocol; it is in the comment of the step",
    "coverage": "no parameter of the protocol; it is in the comment of the step",
    "vendor": "vendor parameters of a spec are not written",
    "oblique_angles": "angles are planned at the console",
    "station": "stations are set up at the console",
    "branch": "branches are set up at the console",
    "patient_position": "registered at the console, no parameter of the protocol",
    "body_part": "a property of the step that is not written",
    "laterality": "a property of the step that is not written",
    "receive_coils": "coils are selected at the console",
    "table_position": "positions are planned at the console",
    "number_of_slabs": "slabs are set up at the console",
    "slab_overlap": "slabs are set up at the console",
    "slice_order": "the order of the series stays as it is",
    "saturation_band_positions": "a band has a place, which is planned at the console",
    "magnetization_transfer_offset": "decided by the sequence and not stored",
    "breath_hold": "breath holds are set up at the console",
    "post_labelling_delay": "the labelling is set up at the console",
    "diffusion_scheme": "the mode of the donor is kept, or the scheme has no mode here",
    "interpolation": "switched on or off, twofold",
    "deep_learning_reconstruction": "reconstructions are set at the console",
    "concatenations": "decided by the sequence",
    "software": "the release of templates and donors is fixed",
}
DOUBTS: Mapping[tuple[str, str], str] = {
    ("fat_suppression", "stir"): "an inversion with its time, no fat suppression of its own",
    ("fat_suppression", "spir"): "written as fat saturation",
    ("gating", "cardiac"): "written as pulse triggering, which the site may replace by ECG",
}
"""Why a field may not come back as it was wanted, and which values are written as something near them."""
