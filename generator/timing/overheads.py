"""What each vendor adds to the bare encoding steps: one table, a row a term, a column a vendor.

``*`` stands for every vendor without an entry of its own and for the neutral formula; an entry for older
releases of a vendor goes before that of the vendor. Every entry says between which bounds the value may lie,
where it comes from, and the protocol files it was calibrated on: when one of them is left out, the value is
found anew from the others (``bench/leave_out.py``).

Sources in short: *RP* is the reference protocols (published cards, formulas T1 to T9 and their worked
examples); *corpus* the real protocol files the project is developed with.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True, slots=True)
class Assumed:
    """A modelled quantity and the bounds within which it is expected.

    Attributes
    ----------
    files : tuple of str
        Folders of the corpus whose scan times decided the value; empty where literature or a manual did.
    """

    value: float
    low: float
    high: float
    unit: str
    source: str
    files: tuple[str, ...] = ()


def exactly(value: float, unit: str, source: str, *files: str) -> Assumed:
    """Make a quantity that is part of the formula and does not vary."""
    return Assumed(value, value, value, unit, source, files)


def about(value: float, low: float, high: float, unit: str, source: str, *files: str) -> Assumed:
    """Make a quantity that is known within bounds."""
    return Assumed(value, low, high, unit, source, files)


Row = dict[str, Assumed]

_BARE = "neutral formula, RP"
_VB17, _VE11, _XA11 = "siemens/VB17A", "siemens/VE11C", "siemens/XA11B"
_XA60, _XA61, _SIEMENS = "siemens/XA60", "siemens/XA61", ("siemens/VB17A", "siemens/VE11C", "siemens/XA11B")
_R53, _R57, _R59, _R11 = "philips/R5.3", "philips/R5.7", "philips/R5.9", "philips/R11.1"
_DV25, _MR30 = "ge/DV25.1", "ge/MR30.0"

OVERHEADS: dict[str, Row] = {
    # --- the whole scan -------------------------------------------------------------------------------
    # Noise measurement and adjustments that the console counts into the time of a scan.
    "preparation": {
        "*": exactly(0, "s", "not counted where no vendor is named"),
        "siemens": about(1.6, 1, 2.2, "s", "total minus measurement time, VB17 to XA61", *_SIEMENS, _XA61),
        "ge": about(0.5, 0, 1, "s", "scan times are rounded up to whole seconds"),
    },
    # Share of the time that the formulas leave unexplained.
    "model error": {
        "*": exactly(0.02, "", "RP section 5"),
        "siemens": exactly(0.01, "", "RP section 5"),
        "ge": exactly(0.03, "", "RP section 5, corpus"),
        "philips": exactly(0.03, "", "RP section 5, corpus"),
        "canon": exactly(0.05, "", "no timed scan is published"),
    },
    "R-R interval": {"*": about(1, 0.8, 1.2, "s", "60 beats a minute; consoles assume 60 to 70")},
    # --- lines and points -----------------------------------------------------------------------------
    "reference lines": {"*": about(24, 16, 40, "", "usual number where none is stated, RP section 6")},
    "reference lines of a 3D TSE": {
        "*": about(24, 16, 40, "", "usual number where none is stated, RP section 6"),
        "ge": about(20, 12, 28, "", "Cube: 10 to 26 lines over all partitions", _DV25, _MR30),
    },
    "reference lines of a blade": {"*": about(8, 4, 12, "", "PROPELLER with parallel imaging", _MR30)},
    # Twofold GRAPPA interpolates inside its block; the outermost line of the block is not measured.
    "calibration lines the grid supplies": {
        "*": exactly(0, "", _BARE),
        "siemens": exactly(1, "", "measurement times of 3D GRE, MPRAGE and SPACE, R = 2", *_SIEMENS, _XA61),
    },
    "slice oversampling": {
        "*": exactly(0, "", "none is stated"),
        "philips": about(0.40, 0.34, 0.44, "", "scanner default: 1.40 in six scans, RP 5b", _R59),
        "philips to R5.3": about(0.29, 0.27, 0.37, "", "scanner default: 1.28 to 1.36, RP 5b", _R53),
    },
    "partitions of a 3D GRE that are not shown": {
        "*": exactly(0, "", _BARE),
        "ge": about(4, 0, 4, "", "SPGR: 32 measured for 28, 192 for 188, formats notes", _DV25),
    },
    "partitions of a 3D TSE that are not shown": {
        "*": exactly(0, "", _BARE),
        "ge": about(6, 4, 8, "", "Cube: 64 measured for 60 or 56, formats notes"),
    },
    "lines beyond half Fourier": {
        "*": about(0.05, 0.02, 0.1, "", "lines past the centre at a fraction of an average", _MR30),
    },
    "samples beyond 1 / compressed-sensing factor, 2D": {
        "*": about(1.0, 1.0, 1.05, "", "nominal factor"),
        "philips": about(1.01, 1.0, 1.03, "", "0 to 2 % more lines in four 2D scans", _R11),
    },
    "samples beyond 1 / compressed-sensing factor, 3D": {
        "*": about(1.0, 1.0, 1.05, "", "nominal factor"),
        "philips": about(1.04, 1.0, 1.07, "", "3 to 6 % more samples on three cards, T8, RP"),
    },
    # --- prepared gradient echo -----------------------------------------------------------------------
    "start-up shots of a prepared GRE": {
        "*": exactly(0, "", "T1, RP"),
        "philips": about(1, 0.6, 1.65, "", "T7, RP"),
    },
    "share of the train after TI": {
        "*": about(0.5, 0.5, 1.0, "", "linear order: centre of the train at TI"),
        "ge": about(1.0, 0.5, 1.0, "", "BRAVO: centric order, the train starts at TI"),
    },
    "recovery after the train": {
        "*": about(0, 0, 0.6, "s", "not stored"),
        "ge": about(0.5, 0, 1.0, "s", "BRAVO: a control of its own, not stored", _DV25),
    },
    "start-up of a shot": {"*": about(0.045, 0.02, 0.06, "s", "surveys of three cards", _R53, _R59, _R11)},
    "excitation and spoiling of a prepared GRE": {
        "*": about(0.0045, 0.003, 0.006, "s", "slab-selective pulse and spoiler"),
    },
    # --- gradient echo --------------------------------------------------------------------------------
    "start-up of a 3D GRE": {
        "*": exactly(0, "s", _BARE),
        "ge": about(4, 2, 5, "s", "constant overhead of 3D SPGR at any TR, formats notes", _DV25),
    },
    "start-up of a 2D GRE": {
        "*": exactly(0, "s", _BARE),
        "ge": about(1, 0, 2, "s", "localizers of 3 to 24 slices", _MR30),
    },
    "dummy repetitions of a 2D GRE": {
        "*": exactly(1, "", "T5, RP"),
        "siemens": about(1, 0, 2, "", "T5, RP"),
        "philips": about(3, 1, 4, "", "T5, RP"),
    },
    "excitation and spoiling of a GRE": {
        "*": about(0.0017, 0.001, 0.003, "s", "product sequences; localizers of 3 to 24 slices", _MR30),
    },
    "excitation and spoiling of a balanced SSFP": {
        "*": about(0.0025, 0.0018, 0.0035, "s", "pulse of 1 ms, gradients rewound on three axes"),
    },
    "readout bandwidth where none is stated": {
        "*": exactly(0, "Hz", "unknown"),
        "ge": about(62500, 50000, 83000, "Hz", "31.25 kHz, the default of the GRE localizer"),
    },
    "passes of a field map": {
        "*": exactly(1, "", "all echoes in one repetition"),
        "siemens": exactly(2, "", "gre_field_mapping measures its echoes one by one", _XA11),
    },
    # --- spin echo ------------------------------------------------------------------------------------
    "dummy trains of a 3D TSE": {"*": exactly(1, "", "T2 and T8, RP")},
    "dummy trains of a 2D TSE": {
        "*": exactly(1, "", "T4, RP"),
        "ge": about(2, 1, 2, "", "FSE of 3 to 9 echoes", _MR30),
        "philips": about(2, 1, 4, "", "spin echo and MultiVane", _R11),
    },
    "dummy trains of a long 2D TSE": {
        "*": exactly(1, "", "T4, RP"),
        "ge": about(1, 1, 2, "", "FSE of 16 and more echoes", _MR30),
        "philips": about(0, 0, 2, "", "MultiVane", _R11),
    },
    "settling time of a 2D TSE": {
        "*": exactly(0, "s", "counted in trains"),
        "ge": about(2, 1.5, 2.5, "s", "T1 FSE: 4 to 7 trains, about 2 s at any TR", _MR30),
    },
    "separate reference scan of a 2D TSE": {
        "*": about(1.5, 1.0, 2.0, "TR", "T4 and two cards of one site, RP"),
    },
    # The scatter of the slice time these give is in the bounds of the number of packages.
    "refocusing and crushers of a TSE": {
        "*": about(0.004, 0.003, 0.005, "s", "TR / slices of 25 FSE, print-outs", _MR30),
    },
    "phase encoding and rewinding of a TSE": {
        "*": about(0.0007, 0.0005, 0.001, "s mm", "two lobes of 1 / (2 gamma voxel) at 33 mT/m"),
    },
    "pulses around an echo train": {"*": about(0.004, 0.002, 0.01, "s", "excitation and spoilers", _MR30)},
    "fat saturation of a slice": {"*": about(0.014, 0.009, 0.02, "s", "pulse and spoiler", _MR30)},
    "saturation band": {"*": about(0.008, 0.006, 0.01, "s", "pulse and spoiler", _MR30)},
    "refocusing and crushers of a single shot": {
        "*": about(0.0043, 0.003, 0.0055, "s", "echo spacing less readout", _MR30),
    },
    "recovery after a single shot": {"*": about(0.24, 0.1, 0.6, "s", "shortest TR", _MR30)},
    # --- echo planar ----------------------------------------------------------------------------------
    "settling time of EPI": {
        "*": exactly(3, "s", "dummies until the magnetisation is steady", *_SIEMENS, _XA60, _XA61),
        "ge": exactly(0, "s", "T6g, RP"),
        "philips": exactly(0, "s", "dummies are a number of their own"),
    },
    "further volumes of EPI": {
        "*": exactly(0.25, "", "T6, RP"),
        "siemens": exactly(0, "", "in the preparation"),
        "ge": exactly(1, "", "T6g, RP"),
        "philips": exactly(0, "", "T6p, RP"),
    },
    "further reference volumes of diffusion": {
        "*": exactly(0, "", "none"),
        "philips": about(0.25, -1, 1, "", "mean of five series that need 1.3 to 4 in all, RP 5b", _R59),
    },
    "averages of a weighting that the scanner chooses": {
        "*": exactly(1, "", "one where none are stated"),
        "philips": about(2, 1, 3, "", "not stated where the scanner averages high b-values by itself"),
    },
    "pause after a diffusion volume": {
        "*": exactly(0, "s", "none"),
        "philips": about(0, 0, 0.5, "s", "none from R5.6 on"),
        "philips to R5.3": about(2, 1.9, 2.1, "s", "nine series of four cards at any TR, RP 5b", _R53),
    },
    "reference volumes of a time series": {
        "*": exactly(0, "", "see EPI calibration in full"),
        "philips": about(2, 1.3, 3, "", "T6p, RP; three series of two cards", _R57, _R59),
    },
    "dummy volumes of a time series": {
        "*": exactly(0, "", "in the settling time"),
        "philips": about(1, 0, 6, "", "a number of its own, here not stated"),
    },
    "reference images of ASL": {"*": exactly(1, "", "one unlabelled image", _XA11)},
}
"""Term to vendor to value."""

HABITS: dict[str, dict[str, bool]] = {
    # Calibration lines of parallel imaging are measured inside the scan, not by a scan of their own.
    "calibration inside the scan": {"*": True, "philips": False, "canon": False},
    # Every third (fourth) line, counted from the centre; elsewhere the formula rounds up.
    "lines on a grid through the centre": {"*": False, "siemens": True},
    # Where no lines across are stated, the calibration block is as deep as the slab.
    "calibration block spans the partitions": {"*": False, "ge": True},
    # The corners of k-space are left out unless the protocol says otherwise.
    "ellipse of 3D TSE": {"*": False, "ge": True, "philips": True},
    "ellipse of 3D GRE": {"*": False, "philips": True},
    # The outermost points lie on the ellipse, not half a step inside it.
    "ellipse through the outermost points": {"*": False, "philips": True},
    # A train of a prepared gradient echo takes its points from the whole plane, not from one line of it.
    "trains span the whole plane": {"*": False, "philips": True},
    # An average of a 2D TSE has an even number of echo trains.
    "2D trains in pairs": {"*": False, "ge": True},
    # Interleaved slices ask for two acquisitions; the repetition time may need more.
    "stated packages are the fewest": {"*": False, "ge": True},
    # A table of directions gives each its own b-value; elsewhere every b-value runs through all directions.
    "directions shared among b-values": {"*": False, "philips": True},
    # A half scan of a 3D TSE shortens it; on Philips it follows from the profile order and does not.
    "partial Fourier shortens a 3D TSE": {"*": True, "philips": False},
    # Consoles show whole seconds, none too few; a time that is modelled gets half a second on average.
    "times are rounded up": {"*": False, "ge": True},
    # EPI is calibrated inside the scan: the segments of parallel imaging, then the bands one by one.
    "EPI calibration inside the scan": {"*": True, "ge": False},
    "a segment for every fold": {"*": True, "philips": False},
}
"""What a vendor does where the protocol is silent."""


def overhead(name: str, vendor: str | None, software: str | None = None) -> Assumed:
    """Look a term up for a vendor and a release."""
    row = OVERHEADS[name]
    return row[next(entry for entry in _entries(vendor, software) if entry in row)]


@cache
def _entries(vendor: str | None, software: str | None) -> tuple[str, ...]:
    """Entries of a row that apply, the most special one first."""
    release = re.match(r"R?(\d+)\.(\d+)", software or "")
    early = vendor == "philips" and release and (int(release[1]), int(release[2])) <= (5, 3)
    return tuple(filter(None, ("philips to R5.3" if early else "", vendor, "*")))


def habit(name: str, vendor: str | None) -> bool:
    """Look a habit up for a vendor."""
    row = HABITS[name]
    return row.get(vendor or "*", row["*"])
