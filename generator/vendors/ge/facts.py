"""What a GE console calls things: every LxProtocol key that has a neutral meaning, once.

Reader, template writer and donor patch all go through these tables, so a key has one spelling, one unit
and one number of decimals in the whole program. Facts and their proofs are in the format note of GE;
what is assumed there is marked ``assumed`` here and becomes a loss when it is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from generator.model.tree import Acquisition
from generator.vendors.rows import Codes, Row, flag

DEFAULT_SOFTWARE = "MR30.0"
VERSION_TEXT = {"DV25.1": "DV25.1#0", "MR29.0": "MR29.0#1", "MR30.0": "MR30.0#1"}
GRADIENT_COILS = {"MR750": "8", "Artist": "11", "Premier": "13"}


def gradient_coil(model: str | None) -> str | None:
    """Code of the gradient coil of a model, which may be named with or without its family (SIGNA Artist)."""
    return next((code for name, code in GRADIENT_COILS.items() if name in (model or "").split()), None)


def anatomy(part: str) -> str:
    """Value of ANATOMY for a body part, or for a region of the spec, of which the list is open."""
    known = {"spine": "cspine", "limb": "extremity"}.get(part, part)
    return f"SRT%5CNone%5C{_BODY_PARTS[known if known in _BODY_PARTS else 'wholebody']}"


OPTION_MARK = "+"


def option(token: str) -> str:
    """Return the key under which rows find an option of IOPT: on, off, or a word of its second key."""
    return OPTION_MARK + token


@lru_cache(4096)
def number(text: str | None) -> float | None:
    """Read a number of a size that quantities have, ``None`` for anything else."""
    if text is None:
        return None
    try:
        value = float(text)
    except ValueError:
        return None
    return value if -1e12 < value < 1e12 else None


def tesla(gauss: str) -> float | None:
    """Field strength from the text of a session, ``None`` if it is none."""
    return int(gauss) / 10000 if gauss.isdecimal() and 0 < len(gauss) < 7 and int(gauss) else None


# The sequence.
PSEQ, PLUG, IOPT, IMODE, PSDNAME = "PSEQ", "PLUG", "IOPT", "IMODE", "PSDNAME"
PLANE, SWAPPF, ANATOMY = "PLANE", "SWAPPF", "ANATOMY"
CONTRAST, CONTAG, CONTAM = "CONTRAST", "CONTAG", "CONTAM"

# Times in ms, angles in degrees, trains.
TR, TR_LEAST, TR_MOST, TR_AUTOMATIC = "TR", "TRMIN", "TRMAX", "INRANGETR"
TE, ECHOES, TI, TI_AUTOMATIC, RECOVERY = "TE", "NECHO", "TI", "AUTOTI", "RECOVERYTIME"
FLIP, FLIP_AUTOMATIC = "FLIPANG", "AUTOFLIPANG"
TRAIN, SHOTS, PHASES, AVERAGES = "ETL", "NUMSHOTS", "SLPERLOC", "NEX"

# Sizes: FOV in cm, PHASEFOV a fraction of it, thickness and gap in mm, RBW half the bandwidth in kHz.
FOV, PHASE_FOV, RBW, THICKNESS, SPACING = "FOV", "PHASEFOV", "RBW", "SLTHICK", "SPC"
COLUMNS, LINES, SLICE_PERCENT = "MATRIXX", "MATRIXY", "MATRIXZ"
SLICES, SLAB_LOCATIONS, LOCATIONS = "NOSLC", "SLABLOC", "SCANLOCS"
PER_PLANE = "SL3PLANE1", "SL3PLANE2", "SL3PLANE3"
GROUPS, FIRST_GROUP = "GRIP_NUMSLGROUPS", "GRIP_SLGROUP1"
STARTS, ENDS = ("SLOC1", "SLOC2", "SLOC3"), ("ELOC1", "ELOC2", "ELOC3")
CENTRES = "FOVCNT1", "FOVCNT2"
PRESCAN_CALIBRATION = "CALINPRESCAN"
PRESCAN_VOLUME_KEYS = (
    "GRIP_NUMPSCVOL", "GRIP_PSCVOL1", "GRIP_PSCVOL2", "GRIP_PSCVOLFOV", "GRIP_PSCVOLTHICK", "GRIP_PSCVOLSLAB",
)  # fmt: skip
GROUP_KEYS = (FIRST_GROUP, "GRIP_SLGROUP2", "GRIP_SLGROUP3", "GRIP_SLGROUP4")
GEOMETRY_KEYS = (*STARTS, *ENDS, *CENTRES, *GROUP_KEYS)

# Factors.
PHASE_FACTOR, SLICE_FACTOR, SENSING_FACTOR, BAND_FACTOR = "PHASEACCEL", "SLICEACCEL", "CSACCEL", "MBACCEL"
OLD_PHASE_FACTOR, OLD_SLICE_FACTOR = "PHASEASSET", "SLICEASSET"
PHASE_WRAP, SLICE_WRAP = "NPW_FACTOR", "NSW_FACTOR"

# Diffusion, fat and beats.
B_VALUES, B_COUNT, B_AVERAGES = "MULTIBVALUE", "NUMBVALUE", "MULTINEXVALUE"
B0_COUNT, B0_AVERAGES = "DIFNUMT2", "NEXFORT2"
DIRECTIONS, DIRECTION_MODE = "DIFNUMDIRS", "DFAX"
FAT, FAT_SHIFT, DIXON_IMAGES = "SUPPTQ", "INVERTF", "IDEAL"
BEATS, HEART_PHASES, BREATHING_RATE = "REPTIME", "CPHASE", "RESPRATE"
BAND_STEMS = ("SATLOC", "SATTHICK", "GRIP_SATGROUP")
BANDS = {
    "SATLOCZ1": "superior", "SATLOCZ2": "inferior", "SATLOCY1": "anterior", "SATLOCY2": "posterior",
    "SATLOCX1": "right", "SATLOCX2": "left",
}  # fmt: skip
"""Where a saturation band lies; a band is on if its key is there. Sides as the printouts of 16 series say."""

FLOW_AXIS, SLICE_ORDER, SLAB_OVERLAP = "FLDIR", "SLICEORDER", "OVLPLOC"
COIL, COIL_PLUGS, GRADIENTS = "COIL", "COILPLUGS", "GRADMODE"
EXCITATION, FILTER, INTENSITY = "EXCITATIONMODE", "FILTCHOICE", "AUTOSCIC"

_DECIMALS = {
    TR: 1, TR_LEAST: 1, TR_MOST: 1, TE: 1, FOV: 1, SPACING: 1, AVERAGES: 2, PHASE_FOV: 2, RBW: 2,
    THICKNESS: 2, SLICE_PERCENT: 2, PHASE_FACTOR: 2, SLICE_FACTOR: 2, OLD_PHASE_FACTOR: 2,
    OLD_SLICE_FACTOR: 2, SENSING_FACTOR: 2, PHASE_WRAP: 2, SLICE_WRAP: 2, B0_AVERAGES: 2,
}  # fmt: skip
"""Decimals that consoles write under a key; under all others they write whole numbers."""
_OLD_DECIMALS = {**_DECIMALS, THICKNESS: 1}
"""The same for software before MR29."""

# Neutral fields that are one number under one key, in the same unit, and are written by a theme.
PLAIN: Mapping[str, str] = {
    "slice_thickness": THICKNESS,
    "repetition_time": TR,
    "flip_angle": FLIP,
    "echo_train_length": TRAIN,
    "number_of_shots": SHOTS,
    "number_of_temporal_positions": PHASES,
}

# Options (tokens of IOPT) that stand for a factor, with the keys that may hold it. Some dummy series
# keep the acceleration under the older ASSET names.
PARALLEL_OPTIONS = {"ARC": "integrated", "Asset": "separate"}
PARALLEL_KEYS = {
    "parallel_reduction_factor_in_plane": (PHASE_FACTOR, OLD_PHASE_FACTOR),
    "parallel_reduction_factor_out_of_plane": (SLICE_FACTOR, OLD_SLICE_FACTOR),
}
OPTION_FACTORS = {
    "compressed_sensing_factor": ("HS", SENSING_FACTOR),
    "multiband_factor": ("HB", BAND_FACTOR),
}
WHOLE = {TRAIN, SHOTS, PHASES, BAND_FACTOR}
OVERSAMPLING = {"phase_oversampling": PHASE_WRAP, "slice_oversampling": SLICE_WRAP}

OBLIQUE, THREE_PLANE = "OBLIQUE", "3-PLANE"
PLANES = {"AXIAL": "transverse", "SAGITTAL": "sagittal", "CORONAL": "coronal", OBLIQUE: "oblique"}
PLANE_WORDS = {name: word for word, name in PLANES.items()}
PLANE_AXES = {"transverse": ("LR", "AP"), "sagittal": ("AP", "FH"), "coronal": ("LR", "FH")}
NORMAL_AXIS = {"transverse": "FH", "sagittal": "LR", "coronal": "AP"}
FREQUENCY_AXES = {"R/L": "LR", "A/P": "AP", "S/I": "FH"}
FREQUENCY_WORDS = {axis: word for word, axis in FREQUENCY_AXES.items()}
AXIS_OF_DIRECTION = {"AP": "AP", "PA": "AP", "LR": "LR", "RL": "LR", "FH": "FH", "HF": "FH"}

FAT_SPECIAL = "8"
FAT_SUPPRESSION = {"1": "fat_saturation", "4": "fat_saturation", FAT_SPECIAL: "spir"}
FAT_CODES = {"fat_saturation": "4", "spir": FAT_SPECIAL, "spair": FAT_SPECIAL}
DIXON_OPTIONS = ("Flex", "IDEAL")
STIR_LONGEST_TI = 300.0
"""ms; an inversion shorter than this nulls fat, a longer one fluid or grey matter."""

CHOSEN_BY_SCANNER = {"Minimum", "Min Full", "Maximum"}
WORDS_FOR_NUMBERS = {*CHOSEN_BY_SCANNER, "Intleave", "null"}
DIRECTION_MODES = {1: "1", 3: "7"}
TENSOR, FEWEST_OF_TENSOR = "16", 6
CALIBRATION_OPTION, DIFFUSION_OPTION, INVERSION_OPTION, FLOW_OPTION = "Calib", "DIFF", "IrP", "FC"
EPI_OPTION, SINGLE_SHOT_OPTION, WRAP_OPTION, SLICE_ZIP_OPTION = "EPI", "SS", "NPW", "ZIP2"
BREATHING_KEYS = (BREATHING_RATE, "RTEFFTR", "RESPTRGWIN")
GATING_KEYS = (
    BEATS, *BREATHING_KEYS, "TRGTYPE", "TDEL", "MINTDEL", "TRIGWIN", "INTRDEL", HEART_PHASES, "CSLICE",
)  # fmt: skip
"""Keys that only a gated series has."""
GATING_OPTIONS = {"Gat": "cardiac", "Nav": "respiratory"}
MULTIPHASE_OPTIONS = ("MPh", "MPhVar", "FMRI")
RADIAL_OPTIONS = ("Star",)
INTERPOLATIONS = {"ZIP512": 512, "ZIP1024": 1024}
"""Options that set the reconstructed matrix."""
OPTION_WORDS = {FLOW_OPTION: (FLOW_AXIS, ("Freq", "Slice"))}
"""Options of which another key says more, and the words it has for it."""
DIFFUSION_SCHEMES = {"7": "trace_3", "16": "vendor", "1": "single"}
"""DFAX: printed as All (each axis once), Tensor (directions of the console) and one axis."""
FRACTIONAL_NEX = (0.5, 0.75)
"""Partial Fourier in phase is a fractional NEX on GE; these two are the ones consoles offer."""

_BODY_PARTS = {
    "brain": "T-A0100", "head": "T-D1100", "neck": "T-D1600", "spine": "T-D0146", "cspine": "T-11501",
    "tspine": "T-11502", "lspine": "T-11503", "chest": "T-D3000", "breast": "T-04000", "heart": "T-32000",
    "abdomen": "T-D4000", "liver": "T-62000", "pelvis": "T-D6000", "prostate": "T-92000", "hip": "T-15710",
    "extremity": "T-D0300", "shoulder": "T-D2220", "elbow": "T-15430", "wrist": "T-15460", "hand": "T-D8700",
    "knee": "T-D9200", "ankle": "T-15750", "foot": "T-D9700", "wholebody": "T-D0010",
}  # fmt: skip
"""BodyPartExamined to its SNOMED-RT code (DICOM PS3.16, annex L); 10 of them are in the collected files."""

ROWS = (
    Row(
        "flow_compensation", (option(FLOW_OPTION),),
        Codes({"none": "off", "yes": "on", "readout": "Freq", "slice": "Slice"}, nearest={"all": "yes"}),
        reason="GE compensates along one axis, which the operator chooses",
    ),
    Row("magnetization_transfer", (option("MgT"),), flag("on", "off")),
    Row(
        "breath_hold", ("BREATHHOLD",),
        Codes({False: "None", True: "Expiration"}, read_as={"Inspiration": True}),
    ),
    Row(
        "deep_learning_reconstruction", ("DLRECONCHOICES",),
        Codes({"none": "Off", **{f"AIR Recon DL {level}": level for level in ("Low", "Medium", "High")}}),
    ),
    Row(
        "body_part", (ANATOMY,),
        Codes({part: f"SRT%5CNone%5C{code}" for part, code in _BODY_PARTS.items()}),
    ),
    # 0 says that the correction along the slab is off; that in the plane of the images has no key.
    Row("distortion_correction", ("THREEDGW",), Codes({"3D": "1"}, read_as={"0": None})),
    # 1, 2 and 3 are its kinds; at 0 the session may still ask for PURE.
    Row(
        "intensity_normalization", (INTENSITY,),
        Codes({True: "1", False: "0"}, read_as={"2": True, "3": True, "0": None}),
    ),
)  # fmt: skip
"""Fields that are one key, or one option, both ways."""

SOURCES: Mapping[str, tuple[str, ...]] = {
    **{name: (key,) for name, key in PLAIN.items()}, "repetition_time_preparation": (TR,),
    "repetition_time_excitation": (TR,), "echo_times": (TE,), "inversion_time": (TI,),
    "refocusing_flip_angle": (FLIP,), "pixel_bandwidth": (RBW, COLUMNS), "field_of_view": (FOV, PHASE_FOV),
    "acquisition_matrix": (COLUMNS, LINES), "voxel_size": (FOV, PHASE_FOV, COLUMNS, LINES, SLICE_PERCENT),
    "slice_gap": (SPACING,), "number_of_slices": (SLICES, SLAB_LOCATIONS, LOCATIONS),
    "slab_thickness": (SLAB_LOCATIONS, THICKNESS), "number_of_slabs": (SLICES,),
    "number_of_averages": (AVERAGES,), "partial_fourier_phase": (AVERAGES,),
    "phase_oversampling": (PHASE_WRAP,), "slice_oversampling": (SLICE_WRAP,), "b_values": (B_VALUES,),
    "b_value_averages": (B_AVERAGES, B0_COUNT), "diffusion_directions": (DIRECTIONS,), **PARALLEL_KEYS,
    **{name: (key,) for name, (_, key) in OPTION_FACTORS.items()},
}  # fmt: skip
"""Keys that a field was read from, to be named where its value cannot be."""

OTHER = "other"
"""What a region is filed under that is not in the two tables."""
ANATOMY_WORD = {"brain": "head", "spine": "spine", None: OTHER}
CARE_AREA = {"brain": "neuro", "spine": "skeletal", None: OTHER}

AS_NOTE = ("plane_reference", "coverage", "output_maps", "station", "branch")
"""Fields that GE has no key for and that the operator reads in the note of the series."""

_SIDES = {"Supine": "S", "Prone": "P", "Left Decubitus": "DL", "Right Decubitus": "DR"}
PATIENT_POSITIONS: Mapping[tuple[str, str], str] = {
    (entry, side): first + last
    for entry, first in {"Head First": "HF", "Feet First": "FF"}.items()
    for side, last in _SIDES.items()
}
"""Entry and position of a session to PatientPosition; the collected files have no patient on the side."""

OFF: Mapping[str, Any] = {
    "partial_fourier_phase": 1.0, "partial_fourier_slice": 1.0, "elliptical_scanning": False,
    "phase_oversampling": 0.0, "parallel_reduction_factor_out_of_plane": 1.0,
    "number_of_volumes_discarded_by_scanner": 0,
}  # fmt: skip
"""What a series does without a key for it: wanted so, it is no loss."""

DERIVED = (
    "concatenations", "echo_spacing", "echo_train_duration", "reference_lines",
    "reference_lines_out_of_plane",
)  # fmt: skip
"""Fields that the console computes and no file holds; it makes as many acquisitions as TR and slices need."""

_NO_KEY, _PLANNED = "LxProtocol has no key for it", "a band has a place, which is planned at the console"
REASONS: Mapping[str, str] = {
    "technique": "a series of the donor that is nearest serves for it",
    **dict.fromkeys(
        (
            "elliptical_scanning",
            "number_of_volumes_discarded_by_scanner", "slab_thickness", "b_value_averages",
            "magnetization_transfer_offset", "post_labelling_delay", "specific_absorption_rate_mode",
            "laterality", "station", "branch", "diffusion_scheme", "interpolation", "slice_order",
            "number_of_temporal_positions", "multiband_factor", "slice_oversampling", "voxel_size",
            "phase_oversampling", "number_of_slices",
        ),
        _NO_KEY,
    ),
    "second_inversion_time": "no key for a second inversion is known",
    "partial_fourier_slice": "no key for partial Fourier in the slice direction is known",
    "reference_scan": "GE names it by ARC (integrated) or Asset (separate), with acceleration only",
    "rr_intervals": "beats belong to a triggered series",
    "readout": "no key for this trajectory is known",
    "patient_position": "a session has one for all its series, head or feet first",
    "receive_coils": "coils belong to one scanner; they are chosen at the console",
    "gradient_mode": "the mode of the gradients is chosen at the console",
    "table_position": "the table is placed at the console",
    "saturation_bands": _PLANNED,
    "saturation_band_positions": _PLANNED,
    "oblique_angles": "slices are written straight along a main plane; the tilt is planned at the console",
    "echo_times": "TE is written with one decimal",
    "refocusing_flip_angle": "the sequence that is written has no refocusing pulse of its own",
    "number_of_slabs": "this sequence has one slab",
    "slab_overlap": "this sequence has one slab",
    "acquisition_duration": "scan times are whole seconds",
}  # fmt: skip
"""By field, why it may not come back, where no series knows better."""

# Order in which options stand in real files.
OPTION_ORDER = (
    "FC", "NPW", "Gat", "Seq", "VBw", "EDR", "TRF", "Fast", "ZIP2", "ZIP512", "ZIP1024", "SS", "EPI", "FMRI",
    "DIFF", "FR", "MPh", "MPhVar", "ARC", "Asset", "Nav", "HB", "HS", "Flex", "IDEAL", "IrP", "MgT", "Calib",
)  # fmt: skip

NAME_LIMIT = 64
FORBIDDEN_IN_NAMES = '*?/{:@["]\\'


def shown(key: str, value: float, *, old: bool = False) -> str:
    """Write a number the way consoles write it under a key."""
    return f"{value:.{(_OLD_DECIMALS if old else _DECIMALS).get(key, 0)}f}"


@dataclass(frozen=True, slots=True)
class KeyOrder:
    """Canonical order of the keys and what consoles always write."""

    order: tuple[str, ...]
    always: Mapping[str, str]
    usual: Mapping[str, str]
    since_mr29: Mapping[str, str]
    families: Mapping[str, Mapping[str, str]]

    def defaults(self, software: str) -> dict[str, str]:
        """Key to default value for a software version."""
        modern = self.since_mr29 if not software.startswith("DV") else {}
        return {**self.always, **self.usual, **modern}


@cache
def key_order() -> KeyOrder:
    """Load the key list that lies beside this module."""
    import json

    raw: dict[str, Any] = json.loads(Path(__file__).with_name("keys.json").read_text("ascii"))
    return KeyOrder(tuple(raw["order"]), raw["always"], raw["usual"], raw["since_mr29"], raw["families"])


FAT_SHIFTS = {
    ("transverse", "AP"): "A", ("transverse", "LR"): "L", ("sagittal", "AP"): "P", ("sagittal", "FH"): "S",
    ("coronal", "FH"): "I",
}  # fmt: skip
"""Normal direction of the fat shift by plane and readout, one for each pair in 76 series of MR30."""


def of_family(values: Mapping[str, str], *, old: bool) -> dict[str, str]:
    """Keys that every collected series of a sequence has, with the value that most have.

    Parameters
    ----------
    values : mapping of str to str
        What is written anyway; user variables that are there are flagged in the masks.
    """
    found = dict(key_order().families.get(f"{values.get(PSEQ)}/{values.get(PLUG)}", {}))
    if TE in values:
        found.pop("OPTIMIZED_TE", None)
    view = PLANES.get(values.get(PLANE, ""), ""), FREQUENCY_AXES.get(values.get(SWAPPF, ""), "")
    if view in FAT_SHIFTS and not old and values.get(PSEQ) in ("FSE-XL", "MP-RAGE"):
        found[FAT_SHIFT] = f"Normal ({FAT_SHIFTS[view]})"
    return {**found, **_masks({**found, **values})}


def _masks(keys: Iterable[str]) -> dict[str, str]:
    """User variables that are there: a bit for each, 31 to the first mask."""
    variables = {int(key[6:]) for key in keys if key[:6] == "USERCV" and key[6:].isdigit()}
    second, first = divmod(sum(1 << n for n in variables), 1 << 31)
    return {"USERCV_MASK": str(first), "USERCV_MASK2": str(second)}


@cache
def _ranks() -> dict[str, int]:
    return {key: index for index, key in enumerate(key_order().order)}


def in_order(values: Mapping[str, str]) -> list[tuple[str, str]]:
    """Sort pairs canonically; keys that the order does not know go to the end, alphabetically."""
    rank = _ranks()
    return sorted(values.items(), key=lambda pair: (rank.get(pair[0], len(rank)), pair[0]))


@lru_cache(1024)
def options(text: str) -> tuple[str, ...]:
    """Split an IOPT text into its tokens; real files hold stray blanks."""
    return tuple(token for part in text.split(",") if (token := part.strip()) and token != "None")


def join_options(tokens: set[str]) -> str:
    """Write tokens in the order consoles write them."""
    known = [token for token in OPTION_ORDER if token in tokens]
    return ", ".join(known + sorted(tokens.difference(OPTION_ORDER)))


# --- pulse sequences --------------------------------------------------------------------------------------
# PLUG is obligatory and cannot be invented, so only pairs that public files hold are ``proven``. A family
# whose codes were inferred by analogy is ``assumed`` with the reason; a technique without any known code is
# written as a ``placeholder``: a series that holds geometry and timing, named so that nobody scans it as is.

PREPARED, SPIN_ECHO = "magnetization_prepared_gradient_echo", "Spin Echo"


@dataclass(frozen=True, slots=True)
class Family:
    """One pulse-sequence family as GE codes it.

    Attributes
    ----------
    pseq, imode, plug : str
        The codes that name the sequence.
    options : tuple of str
        Tokens of IOPT that belong to the family.
    application : str
        ``DATA_APP`` of session.xml.
    marketing : str
        ``RXPSEQ`` of session.xml.
    assumed : str
        Why the codes are not certain; empty if real files hold them.
    placeholder : bool
        Whether the series takes the place of a sequence whose codes are unknown.
    """

    pseq: str
    imode: str
    plug: str
    options: tuple[str, ...]
    application: str
    marketing: str = ""
    assumed: str = ""
    placeholder: bool = False

    @property
    def codes(self) -> dict[str, str]:
        """PSEQ, IMODE and PLUG."""
        return {PSEQ: self.pseq, IMODE: self.imode, PLUG: self.plug}


_FSE = ("EDR", "TRF", "Fast")
_FAST = ("EDR", "Fast")
_UNKNOWN = "no public file holds the codes of this sequence; the series only carries geometry and timing"

FAMILIES: Mapping[str, Family] = {
    "fse_2d": Family("FSE-XL", "2D", "22", _FSE, "FSE-XL"),
    "stir_2d": Family("FSE-XL", "2D", "22", (*_FSE, "IrP"), "IR"),
    "flair_2d": Family(
        "FSE-XL", "2D", "22", (*_FSE, "IrP"), "IR", "T2FLAIR", "codes of 2D FLAIR inferred from STIR"
    ),
    "cube": Family("Cube", "3D", "53", (*_FAST, "FR"), "Cube"),
    "cube_ir": Family(
        "Cube", "3D", "53", (*_FAST, "FR", "IrP"), "Cube", "Cube T2FLAIR", "Cube with inversion is inferred"
    ),
    "spin_echo": Family(
        SPIN_ECHO, "2D", "0", ("EDR",), "Spin Echo", assumed="PLUG inferred from the conventional SPGR"
    ),
    "ssfse": Family(SPIN_ECHO, "2D", "12", (*_FAST, "SS"), "Spin Echo"),
    "gre_2d": Family("Gradient Echo", "2D", "5", _FAST, "Gradient Echo"),
    "localizer": Family("Gradient Echo", "2D", "45", ("Seq", "Fast"), "Gradient Echo"),
    "spgr_3d": Family("SPGR", "3D", "6", _FAST, "SPGR"),
    "bravo": Family("SPGR", "3D", "6", (*_FAST, "IrP"), "SPGR", "BRAVO"),
    "mprage": Family(
        "MP-RAGE", "3D", "84", (*_FAST, "IrP"), "MP-RAGE", assumed="codes seen in a DICOM protocol block only"
    ),
    "merge": Family("MERGE", "2D", "36", ("FC", *_FAST), "MERGE"),
    "fiesta_2d": Family("Fiesta", "2D", "21", ("Seq", "Fast"), "Fiesta"),
    "dwi": Family(SPIN_ECHO, "2D", "8", ("EDR", "EPI", "DIFF"), "DWI"),
    "dti": Family(SPIN_ECHO, "2D", "8", ("EDR", "EPI", "DIFF"), "DTI"),
    "bold": Family(
        "Gradient Echo", "2D", "9", ("EDR", "EPI", "FMRI"), "Gradient Echo",
        assumed="codes seen in DICOM protocol blocks only",
    ),
    "calibration": Family("SPGR", "3D", "6", (*_FAST, "Calib"), "SPGR"),
    "unknown_2d": Family("Gradient Echo", "2D", "5", _FAST, "Gradient Echo", "", _UNKNOWN, True),
    "unknown_3d": Family("SPGR", "3D", "6", _FAST, "SPGR", "", _UNKNOWN, True),
}  # fmt: skip

# (technique, 2D or 3D) -> family; turbo spin echo, diffusion and localizers are distinguished below.
_BY_TECHNIQUE: Mapping[tuple[str, str], str] = {
    ("turbo_spin_echo", "2D"): "fse_2d", ("turbo_spin_echo", "3D"): "cube", ("spin_echo", "2D"): "spin_echo",
    ("single_shot_turbo_spin_echo", "2D"): "ssfse", ("gradient_echo", "2D"): "gre_2d",
    ("gradient_echo", "3D"): "spgr_3d", (PREPARED, "3D"): "bravo",
    ("multi_echo_gradient_echo", "2D"): "merge", ("balanced_ssfp", "2D"): "fiesta_2d",
    ("echo_planar_diffusion", "2D"): "dwi", ("echo_planar_bold", "2D"): "bold",
    ("calibration", "3D"): "calibration", ("calibration", "2D"): "calibration",
}  # fmt: skip
_ALWAYS_3D = {PREPARED, "mp2rage", "calibration", "susceptibility_weighted"}


def dimension(scan: Acquisition) -> str:
    """2D or 3D: what the spec states, else what the technique is on GE."""
    return scan.mr_acquisition_type or ("3D" if scan.technique in _ALWAYS_3D else "2D")


def family_of(scan: Acquisition, software: str = DEFAULT_SOFTWARE) -> Family:
    """Choose the family that a scan is written as: the codes its spec hands on from a GE file, else ours.

    Software from MR29 has an MP-RAGE, whose recovery time sets the inversion cycle; before it is a BRAVO.
    """
    if codes := _stated(scan):
        return codes
    name = _BY_TECHNIQUE.get(
        (scan.technique or "other", dimension(scan)), f"unknown_{dimension(scan).lower()}"
    )
    if scan.second_inversion_time or (name == "dwi" and not any(scan.b_values or ())):
        # With one inversion, or a b-value that nobody asked for, it would be another contrast.
        name = f"unknown_{dimension(scan).lower()}"
    elif name == "fse_2d" and scan.inversion_time:
        name = "stir_2d" if scan.inversion_time <= STIR_LONGEST_TI else "flair_2d"
    elif name == "cube" and scan.inversion_time:
        name = "cube_ir"
    elif name == "dwi" and (scan.diffusion_directions or 0) >= FEWEST_OF_TENSOR:
        name = "dti"
    elif name == "bravo" and not software.startswith("DV"):
        name = "mprage"
    elif name == "gre_2d" and scan.role == "localizer" and scan.plane is None:
        name = "localizer"
    return FAMILIES[name]


def _stated(scan: Acquisition) -> Family | None:
    pseq, plug, tokens = (scan.vendor.get(key) for key in (PSEQ, PLUG, IOPT))
    if not (isinstance(pseq, str) and isinstance(plug, str) and isinstance(tokens, str)):
        return None
    return Family(pseq, dimension(scan), plug, options(tokens), pseq)


@dataclass(frozen=True, slots=True)
class Identity:
    """What the codes of a series say it is.

    Attributes
    ----------
    technique : str
        ``other`` if the codes are not known.
    proven : bool
        Whether real series with printouts have these codes. Of the others, an option or a key that is missing
        says nothing: a type-in sequence may do the same by a user variable.
    readout : str or None
        Trajectory, where the name of the sequence says it.
    inferred : str
        From what the technique was inferred, if it was.
    foreign : bool
        Whether the binary is not the vendor's product: its timing is its author's.
    """

    technique: str
    proven: bool = True
    readout: str | None = None
    inferred: str = ""
    foreign: bool = False


def identify(pseq: str, imode: str, tokens: tuple[str, ...], psd_name: str) -> Identity:
    """Name the technique of a series from its codes; a binary of another name keeps those of its family."""
    binary = psd_name.lower().rpartition("/")[2]
    if binary in _RESEARCH:
        technique, readout = _RESEARCH[binary]
        return Identity(technique, False, readout, f"its PSDNAME {psd_name!r}", foreign=True)
    technique = _technique(pseq, imode, tokens)
    if technique != "other" and psd_name and not is_product(psd_name):
        reason = f"PSEQ and options; PSDNAME {psd_name!r} is another binary"
        return Identity(technique, False, None, reason, foreign=True)
    if technique == "other" and (near := _by_name(pseq)):
        return Identity(near, False, None, f"the name of PSEQ {pseq!r}")
    return Identity(technique, technique != "other", _READOUTS.get(pseq))


def is_product(psd_name: str) -> bool:
    """Whether a named PSD is the one that its PSEQ means anyway, or a build of it."""
    return psd_name.lower().startswith(_PRODUCT_PSDS)


def application(values: Mapping[str, str], old: str) -> str:
    """DATA_APP of session.xml for the pairs of a series; ``old`` where the options do not decide it.

    The 85 series of these sequences in the collected files follow it, but for 3 that say FSE-XL despite FR.
    """
    tokens = options(values.get(IOPT, ""))
    if DIFFUSION_OPTION in tokens:
        return "DTI" if values.get(DIRECTION_MODE) == TENSOR else "DWI"
    if old not in ("FSE-XL", "FRFSE-XL", "IR"):
        return old
    return "FRFSE-XL" if "FR" in tokens else "IR" if INVERSION_OPTION in tokens else "FSE-XL"


def _technique(pseq: str, imode: str, tokens: tuple[str, ...]) -> str:
    if CALIBRATION_OPTION in tokens:
        return "calibration"
    if pseq == SPIN_ECHO:
        return _spin_echo(tokens)
    if pseq == "Gradient Echo":
        return "echo_planar_bold" if EPI_OPTION in tokens else "gradient_echo"
    if pseq == "SPGR" and imode == "3D" and INVERSION_OPTION in tokens:
        return PREPARED
    if pseq == "IR" and "Fast" in tokens:
        return "turbo_spin_echo"
    return _BY_PSEQ.get(pseq, "other")


def _spin_echo(tokens: tuple[str, ...]) -> str:
    if DIFFUSION_OPTION in tokens:
        return "echo_planar_diffusion"
    if SINGLE_SHOT_OPTION in tokens:
        return "single_shot_turbo_spin_echo"
    return "other" if EPI_OPTION in tokens else "spin_echo"


def _by_name(pseq: str) -> str | None:
    """Technique of a name that no collected file has, such as ``Cube T2`` of older software."""
    plain = pseq.lower().replace(" ", "").replace("-", "")
    return next((technique for stem, technique in _BY_STEM.items() if plain.startswith(stem)), None)


_PRODUCT_PSDS = ("fse-xl", "frfse-xl", "efgre3d")
_RESEARCH: Mapping[str, tuple[str, str | None]] = {
    "b0rf": ("field_map", None),
    "3db0map": ("field_map", None),
    "ozteo": ("gradient_echo", "radial"),  # zero echo time; its options say SqP, its user variables spokes
}
"""Binaries of research agreements by the last part of their path: technique and trajectory."""
_READOUTS = {"PROPELLER": "propeller"}

_BY_PSEQ: Mapping[str, str] = {
    "FSE-XL": "turbo_spin_echo", "FRFSE-XL": "turbo_spin_echo", "Cube": "turbo_spin_echo",
    "Cube T2": "turbo_spin_echo", "PROPELLER": "turbo_spin_echo", "SPGR": "gradient_echo",
    "LAVA": "gradient_echo", "Localizer": "gradient_echo", "MERGE": "multi_echo_gradient_echo",
    "IDEAL IQ": "multi_echo_gradient_echo", "Fiesta": "balanced_ssfp", "MP-RAGE": PREPARED, "IR": "spin_echo",
}  # fmt: skip
_BY_STEM: Mapping[str, str] = {
    "cube": "turbo_spin_echo", "t1flair": "turbo_spin_echo", "t2flair": "turbo_spin_echo",
    "frfse": "turbo_spin_echo", "fse": "turbo_spin_echo", "propeller": "turbo_spin_echo",
    "ssfse": "single_shot_turbo_spin_echo", "bravo": PREPARED, "mprage": PREPARED,
    "swan": "susceptibility_weighted", "3dasl": "arterial_spin_labelling", "tof": "time_of_flight",
    "fiesta": "balanced_ssfp", "lava": "gradient_echo", "vibrant": "gradient_echo", "fgre": "gradient_echo",
    "merge": "multi_echo_gradient_echo",
}  # fmt: skip
"""Beginnings of product names as consoles and manuals spell them; what they stand for is inferred."""

REFOCUSED = {"turbo_spin_echo", "single_shot_turbo_spin_echo"}
"""Techniques whose flip angle on the console is the refocusing angle."""

INVERTED_EACH_REPETITION = {"spin_echo", *REFOCUSED}
"""Techniques whose TR, with inversion, goes from one inversion to the next."""

HALVED_BY_NEX = {
    "spin_echo", "turbo_spin_echo", "gradient_echo", "multi_echo_gradient_echo", "balanced_ssfp", PREPARED,
}  # fmt: skip
"""Techniques that leave lines out at a NEX below 1 and measure all at 1; a single shot is always partial."""


def placeholder_name(name: str) -> str:
    """Name of a stand-in series, in the style in which sites mark series that are not to be scanned."""
    return f"--{name} SET BY HAND--"
