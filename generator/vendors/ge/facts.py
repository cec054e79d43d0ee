"""What a GE console calls things: every LxProtocol key that has a neutral meaning, once.

Reader, template writer and donor patch all go through these tables, so a key has one spelling, one unit
and one number of decimals in the whole program. Facts and their proofs are in the format note of GE;
what is assumed there is marked ``assumed`` here and becomes a loss when it is written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

SOFTWARE = ("DV25.1", "MR29.0", "MR30.0")
DEFAULT_SOFTWARE = "MR30.0"
VERSION_TEXT = {"DV25.1": "DV25.1#0", "MR29.0": "MR29.0#1", "MR30.0": "MR30.0#1"}
GRADIENT_COILS = {"MR750": "8", "Artist": "11", "Premier": "13"}

# Key -> decimals that consoles write. A key that is not here is text.
DECIMALS: Mapping[str, int] = {
    "TR": 1, "TRMIN": 1, "TRMAX": 1, "TE": 1, "TI": 0, "FLIPANG": 0, "ETL": 0, "NECHO": 0, "NUMSHOTS": 0,
    "FOV": 1, "PHASEFOV": 2, "SLTHICK": 2, "SPC": 1, "NOSLC": 0, "SLABLOC": 0, "SCANLOCS": 0, "MATRIXX": 0,
    "MATRIXY": 0, "MATRIXZ": 2, "NEX": 2, "RBW": 2, "PHASEACCEL": 2, "SLICEACCEL": 2, "CSACCEL": 2,
    "MBACCEL": 0, "NPW_FACTOR": 2, "NSW_FACTOR": 2, "SLPERLOC": 0, "NUMBVALUE": 0, "DIFNUMDIRS": 0,
    "DIFNUMT2": 0, "NEXFORT2": 2, "DFAX": 0, "REPTIME": 0,
}  # fmt: skip
OLD_DECIMALS: Mapping[str, int] = {"SLTHICK": 1}
"""Where software before MR29 writes other decimals."""

# Neutral fields that are one number under one key, in the same unit: field -> key.
PLAIN: Mapping[str, str] = {
    "repetition_time": "TR",
    "flip_angle": "FLIPANG",
    "echo_train_length": "ETL",
    "slice_thickness": "SLTHICK",
    "number_of_shots": "NUMSHOTS",
    "number_of_temporal_positions": "SLPERLOC",
}
WHOLE = {"ETL", "NUMSHOTS", "SLPERLOC", "DIFNUMDIRS", "MATRIXX", "MATRIXY", "MBACCEL", "NOSLC"}

# Options (tokens of IOPT) that stand for a factor, with the keys that may hold it. Some dummy series
# keep the acceleration under the older ASSET names.
PARALLEL_OPTIONS = {"ARC": "integrated", "Asset": "separate"}
PARALLEL_KEYS = {
    "parallel_reduction_factor_in_plane": ("PHASEACCEL", "PHASEASSET"),
    "parallel_reduction_factor_out_of_plane": ("SLICEACCEL", "SLICEASSET"),
}
SLICE_FACTOR = "SLICEACCEL"
OPTION_FACTORS = {"compressed_sensing_factor": ("HS", "CSACCEL"), "multiband_factor": ("HB", "MBACCEL")}
OVERSAMPLING = {"phase_oversampling": "NPW_FACTOR", "slice_oversampling": "NSW_FACTOR"}

PLANES = {"AXIAL": "transverse", "SAGITTAL": "sagittal", "CORONAL": "coronal", "OBLIQUE": "oblique"}
THREE_PLANE = "3-PLANE"
PLANE_AXES = {"transverse": ("LR", "AP"), "sagittal": ("AP", "FH"), "coronal": ("LR", "FH")}
NORMAL_AXIS = {"transverse": "FH", "sagittal": "LR", "coronal": "AP"}
FREQUENCY_AXES = {"R/L": "LR", "A/P": "AP", "S/I": "FH"}
AXIS_OF_DIRECTION = {"AP": "AP", "PA": "AP", "LR": "LR", "RL": "LR", "FH": "FH", "HF": "FH"}
AXIS_LETTERS = {"LR": ("R", "L"), "AP": ("A", "P"), "FH": ("S", "I")}
"""Letters of the positive and the negative side of an axis in a location text."""

FAT_SUPPRESSION = {"1": "fat_saturation", "4": "fat_saturation", "8": "spir"}
FAT_CODES = {"fat_saturation": "4", "spir": "8", "spair": "8"}
DIXON_OPTIONS = ("Flex", "IDEAL")
SATURATION_KEYS = {f"SATLOC{axis}{side}" for axis in "XYZ" for side in "12"}
"""Where a saturation band lies; a band is on if its key is there."""
STIR_LONGEST_TI = 300.0
"""ms; an inversion shorter than this nulls fat, a longer one fluid or grey matter."""

CHOSEN_BY_SCANNER = {"Minimum", "Min Full", "Maximum"}
DIRECTION_MODES = {1: "1", 3: "7"}
TENSOR = "16"
CALIBRATION_OPTION, DIFFUSION_OPTION, INVERSION_OPTION, TRANSFER_OPTION = "Calib", "DIFF", "IrP", "MgT"
GATING_OPTIONS = {"Gat": "cardiac", "Nav": "respiratory"}
MULTIPHASE_OPTIONS = ("MPh", "MPhVar", "FMRI")
RADIAL_OPTIONS = ("Star",)
READOUTS = {"PROPELLER": "propeller"}
BEATS = "REPTIME"
"""R-R intervals between two uses of a trigger."""
FRACTIONAL_NEX = (0.5, 0.75)
"""Partial Fourier in phase is a fractional NEX on GE; these two are the ones consoles offer."""

ANATOMY = {"brain": "SRT%5CNone%5CT-A0100", "spine": "SRT%5CNone%5CT-11501"}
OTHER = "other"
"""What GE files a region under that is not in the two tables."""
ANATOMY_WORD = {"brain": "head", "spine": "spine"}
CARE_AREA = {"brain": "neuro", "spine": "skeletal"}

AS_NOTE = ("plane_reference", "coverage", "output_maps")
"""Fields that GE has no key for and that the operator reads in the note of the series."""

# Order in which options stand in real files.
OPTION_ORDER = (
    "FC", "NPW", "Gat", "Seq", "VBw", "EDR", "TRF", "Fast", "ZIP2", "ZIP512", "ZIP1024", "SS", "EPI", "FMRI",
    "DIFF", "FR", "MPh", "MPhVar", "ARC", "Asset", "Nav", "HB", "HS", "Flex", "IDEAL", "IrP", "MgT", "Calib",
)  # fmt: skip

NAME_LIMIT = 64
FORBIDDEN_IN_NAMES = '*?/{:@["]\\'


def number(key: str, value: float, *, old: bool = False) -> str:
    """Write a number the way consoles write it under a key."""
    decimals = OLD_DECIMALS.get(key, DECIMALS[key]) if old else DECIMALS[key]
    return f"{value:.{decimals}f}"


def receiver_bandwidth(hertz_per_pixel: float, points: int) -> float:
    """Half receiver bandwidth in kHz nearest to a bandwidth per pixel.

    Consoles set the dwell time in steps, so that the half bandwidth is 1000 kHz divided by a whole number,
    an even one from 10 upwards: every RBW value of the collected files fits (142.86 = 1000/7,
    83.33 = 1000/12, 62.50 = 1000/16, 27.78 = 1000/36).
    """
    wanted = hertz_per_pixel * points / 2000
    steps = list(range(4, 10)) + list(range(10, 402, 2))
    return 1000 / min(steps, key=lambda n: abs(1000 / n - wanted))


@dataclass(frozen=True, slots=True)
class KeyOrder:
    """Canonical order of the keys and what consoles always write."""

    order: tuple[str, ...]
    always: Mapping[str, str]
    usual: Mapping[str, str]
    since_mr29: Mapping[str, str]

    def defaults(self, software: str) -> dict[str, str]:
        """Key to default value for a software version."""
        modern = self.since_mr29 if not software.startswith("DV") else {}
        return {**self.always, **self.usual, **modern}


@cache
def key_order() -> KeyOrder:
    """Load the key list that lies beside this module."""
    import json

    raw: dict[str, Any] = json.loads(Path(__file__).with_name("keys.json").read_text("ascii"))
    return KeyOrder(tuple(raw["order"]), raw["always"], raw["usual"], raw["since_mr29"])


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
