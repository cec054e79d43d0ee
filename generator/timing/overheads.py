"""What each vendor adds to the bare encoding steps: one table, a row a term, a column a vendor.

``*`` stands for every vendor without an entry of its own and for the neutral formula. Every entry says
between which bounds the value may lie and where it comes from; none is fitted to a single file.

Sources in short: *RP* is the reference protocols (published cards, formulas T1 to T9 and their worked
examples); *corpus* the real protocol files the project is developed with.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Assumed:
    """A modelled quantity and the bounds within which it is expected."""

    value: float
    low: float
    high: float
    unit: str
    source: str


def exactly(value: float, unit: str, source: str) -> Assumed:
    """Make a quantity that is part of the formula and does not vary."""
    return Assumed(value, value, value, unit, source)


Row = dict[str, Assumed]

_BARE = "neutral formula, RP"

OVERHEADS: dict[str, Row] = {
    # --- the whole scan -------------------------------------------------------------------------------
    # Noise measurement and adjustments that the console counts into the time of a scan.
    "preparation": {
        "*": exactly(0, "s", "not counted where no vendor is named"),
        "siemens": Assumed(1.6, 1.0, 2.2, "s", "total minus measurement time, VB17 to XA61, corpus"),
        "ge": Assumed(0.5, 0, 1, "s", "scan times are rounded up to whole seconds, corpus"),
    },
    # Share of the time that the formulas leave unexplained.
    "model error": {
        "*": exactly(0.02, "", "RP section 5"),
        "siemens": exactly(0.01, "", "RP section 5"),
        "ge": exactly(0.03, "", "RP section 5, corpus"),
        "philips": exactly(0.03, "", "RP section 5, corpus"),
        "canon": exactly(0.05, "", "no timed scan is published"),
    },
    # --- lines and points -----------------------------------------------------------------------------
    "reference lines": {
        "*": Assumed(24, 16, 40, "", "usual number where none is stated, RP section 6"),
    },
    # GRAPPA interpolates inside its block; the outermost line of the block is not measured.
    "calibration lines the grid supplies": {
        "*": exactly(0, "", _BARE),
        "siemens": exactly(1, "", "measurement times of 3D GRE, MPRAGE and SPACE, VB17 to XA61, corpus"),
    },
    "slice oversampling": {
        "*": exactly(0, "", "none is stated"),
        "philips": Assumed(0.34, 0.28, 0.41, "", "scanner default, from shot counts, RP 5b and corpus"),
    },
    "partitions of a 3D GRE that are not shown": {
        "*": exactly(0, "", _BARE),
        "ge": Assumed(4, 0, 4, "", "SPGR: 32 measured for 28, 192 for 188, formats notes and corpus"),
    },
    "partitions of a 3D TSE that are not shown": {
        "*": exactly(0, "", _BARE),
        "ge": Assumed(6, 4, 8, "", "Cube: 64 measured for 60 or 56, formats notes and corpus"),
    },
    "lines beyond half Fourier": {
        "*": Assumed(0.05, 0.02, 0.1, "", "lines past the centre at a fraction of an average"),
    },
    "samples beyond 1 / compressed-sensing factor": {
        "*": Assumed(1.0, 1.0, 1.05, "", "nominal factor"),
        "philips": Assumed(1.03, 1.0, 1.06, "", "T8: about 3 % more samples, RP"),
    },
    # --- prepared gradient echo -----------------------------------------------------------------------
    "start-up shots of a prepared GRE": {
        "*": exactly(0, "", "T1, RP"),
        "philips": Assumed(1, 0.6, 1.65, "", "T7, RP"),
    },
    "share of the train after TI": {
        "*": Assumed(0.5, 0.5, 1.0, "", "linear order: centre of the train at TI"),
        "ge": Assumed(1.0, 0.5, 1.0, "", "BRAVO: centric order, the train starts at TI"),
    },
    "recovery after the train": {
        "*": Assumed(0, 0, 0.6, "s", "not stored"),
        "ge": Assumed(0.5, 0, 1.0, "s", "BRAVO: a control of its own, not stored"),
    },
    "start-up of a shot": {"*": Assumed(0.045, 0.02, 0.06, "s", "surveys of two exam cards, corpus")},
    "excitation and spoiling of a prepared GRE": {
        "*": Assumed(0.0045, 0.003, 0.006, "s", "slab-selective pulse and spoiler"),
    },
    # --- gradient echo --------------------------------------------------------------------------------
    "start-up of a 3D GRE": {
        "*": exactly(0, "s", _BARE),
        "ge": Assumed(4, 2, 5, "s", "constant overhead of 3D SPGR and 2D GRE, corpus"),
    },
    "start-up of a 2D GRE": {
        "*": exactly(0, "s", _BARE),
        "ge": Assumed(0.5, 0, 2, "s", "localizers, corpus"),
    },
    "dummy repetitions of a 2D GRE": {
        "*": exactly(1, "", "T5, RP"),
        "siemens": Assumed(1, 0, 2, "", "T5, RP"),
        "philips": Assumed(3, 1, 4, "", "T5, RP"),
    },
    "excitation and spoiling of a GRE": {"*": Assumed(0.0018, 0.001, 0.003, "s", "product sequences")},
    "readout bandwidth where none is stated": {
        "*": exactly(0, "Hz", "unknown"),
        "ge": Assumed(62500, 50000, 83000, "Hz", "31.25 kHz, the default of the GRE localizer"),
    },
    "passes of a field map": {
        "*": exactly(1, "", "all echoes in one repetition"),
        "siemens": exactly(2, "", "gre_field_mapping measures its echoes one by one, corpus"),
    },
    # --- spin echo ------------------------------------------------------------------------------------
    "dummy trains of a 3D TSE": {"*": exactly(1, "", "T2 and T8, RP")},
    "dummy trains of a 2D TSE": {
        "*": exactly(1, "", "T4, RP"),
        "ge": Assumed(2, 1, 2, "", "FSE of 3 to 9 echoes, corpus"),
        "philips": Assumed(2, 1, 4, "", "corpus"),
    },
    "dummy trains of a long 2D TSE": {
        "*": exactly(1, "", "T4, RP"),
        "ge": Assumed(1, 1, 2, "", "FSE of 16 and more echoes, corpus"),
        "philips": Assumed(0, 0, 2, "", "corpus"),
    },
    "settling time of a 2D TSE": {
        "*": exactly(0, "s", "counted in trains"),
        "ge": exactly(2, "s", "T1 FSE: 4 to 7 trains, about 2 s at any TR, corpus"),
    },
    "separate reference scan of a 2D TSE": {
        "*": Assumed(1.5, 1.0, 2.0, "TR", "T4 and two cards of one site, RP"),
    },
    "refocusing and crushers of a TSE": {
        "*": Assumed(0.0055, 0.004, 0.0075, "s", "echo spacing less readout, print-outs, RP and corpus"),
    },
    "pulses around an echo train": {"*": Assumed(0.006, 0.004, 0.01, "s", "excitation and spoilers")},
    "fat saturation of a slice": {"*": Assumed(0.01, 0.006, 0.015, "s", "pulse and spoiler")},
    "refocusing and crushers of a single shot": {
        "*": Assumed(0.0043, 0.003, 0.0055, "s", "echo spacing less readout, corpus"),
    },
    "recovery after a single shot": {"*": Assumed(0.24, 0.1, 0.6, "s", "shortest TR, corpus")},
    # --- echo planar ----------------------------------------------------------------------------------
    "settling time of EPI": {
        "*": exactly(3, "s", "dummy volumes until the magnetisation is steady, corpus"),
        "ge": exactly(0, "s", "T6g, RP"),
        "philips": exactly(0, "s", "dummies are dynamics of their own, corpus"),
    },
    "further volumes of EPI": {
        "*": exactly(0.25, "", "T6, RP"),
        "siemens": exactly(0, "", "in the preparation"),
        "ge": exactly(1, "", "T6g, RP"),
        "philips": exactly(0, "", "T6p, RP"),
    },
    # One of the slices of a band is measured with the others off, for every b-value anew.
    "reference volumes of a time series": {
        "*": exactly(0, "", "see EPI calibration in full"),
        "philips": Assumed(2, 1.3, 3, "", "T6p, RP and corpus"),
    },
    "dummy volumes of a time series": {
        "*": exactly(0, "", "in the settling time"),
        "philips": Assumed(1, 1, 6, "", "a number of its own, not in the neutral terms"),
    },
    "reference images of ASL": {"*": exactly(1, "", "one unlabelled image, corpus")},
}
"""Term to vendor to value."""

HABITS: dict[str, dict[str, bool]] = {
    # Calibration lines of parallel imaging are measured inside the scan, not by a scan of their own.
    "calibration inside the scan": {"*": True, "philips": False, "canon": False},
    # The corners of k-space are left out unless the protocol says otherwise.
    "ellipse of 3D TSE": {"*": False, "ge": True, "philips": True},
    "ellipse of 3D GRE": {"*": False, "philips": True},
    # A train of a prepared gradient echo takes its points from the whole plane, not from one line of it.
    "trains span the whole plane": {"*": False, "philips": True},
    # An average of a 2D TSE has an even number of echo trains.
    "2D trains in pairs": {"*": False, "ge": True},
    # A table of directions gives each its own b-value; elsewhere every b-value runs through all directions.
    "directions shared among b-values": {"*": False, "philips": True},
    # A half scan of a 3D TSE shortens it; on Philips it follows from the profile order and does not.
    "partial Fourier shortens a 3D TSE": {"*": True, "philips": False},
    # EPI is calibrated inside the scan: the segments of parallel imaging, then the bands one by one.
    "EPI calibration inside the scan": {"*": True, "ge": False},
    "a segment for every fold": {"*": True, "philips": False},
}
"""What a vendor does where the protocol is silent."""


def overhead(name: str, vendor: str | None) -> Assumed:
    """Look a term up for a vendor."""
    row = OVERHEADS[name]
    return row.get(vendor or "*", row["*"])


def habit(name: str, vendor: str | None) -> bool:
    """Look a habit up for a vendor."""
    row = HABITS[name]
    return row.get(vendor or "*", row["*"])
