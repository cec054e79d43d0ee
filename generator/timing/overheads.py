"""What scanners add to the bare encoding steps: a table of terms, and habits where a card is silent.

The rows here hold for every vendor without a row of its own and for the neutral formula. Those of a vendor
are the key ``timing`` of its ``profile.yaml``: value, bounds, source, and the exports (sites) it came from.
One export means: learnt from a single site, and so marked in docs/accuracy.md. When an export is left out, a
value is found anew from the others (``bench/leave_out.py``).

Sources in short: *RP* is the reference protocols (published cards, formulas T1 to T9 and their worked
examples).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from generator.vendors.profile import profile


@dataclass(frozen=True, slots=True)
class Assumed:
    """A modelled quantity and the bounds within which it is expected.

    Attributes
    ----------
    exports : tuple of str
        Sites whose scan times decided the value; empty where literature or a manual did.
    """

    value: float
    low: float
    high: float
    unit: str
    source: str
    exports: tuple[str, ...] = ()


def exactly(value: float, unit: str, source: str, *exports: str) -> Assumed:
    """Make a quantity that is part of the formula and does not vary."""
    return Assumed(value, value, value, unit, source, exports)


def about(value: float, low: float, high: float, unit: str, source: str, *exports: str) -> Assumed:
    """Make a quantity that is known within bounds."""
    return Assumed(value, low, high, unit, source, exports)


_BARE = "neutral formula, RP"
_USUAL = "usual number where none is stated, RP section 6"

NEUTRAL: Mapping[str, Assumed] = {
    # --- the whole scan: noise measurement and adjustments that the console counts into its time ---------
    "preparation": exactly(0, "s", "not counted where no vendor is named"),
    # --- lines and points --------------------------------------------------------------------------------
    "reference lines": about(24, 16, 40, "", _USUAL),
    "reference lines of a 3D TSE": about(24, 16, 40, "", _USUAL),
    "reference lines of a blade": about(8, 4, 12, "", "PROPELLER with parallel imaging", "aat-ipem"),
    # Twofold GRAPPA interpolates inside its block; the outermost line of the block is not measured.
    "calibration lines the grid supplies": exactly(0, "", _BARE),
    "lines that a train leaves out": exactly(0, "", _BARE),
    "slice oversampling": exactly(0, "", "none is stated"),
    "partitions of a 3D GRE that are not shown": exactly(0, "", _BARE),
    "partitions of a 3D TSE that are not shown": exactly(0, "", _BARE),
    "lines beyond half Fourier": about(
        0.05, 0.02, 0.1, "", "lines past the centre, a NEX of 0.5", "aat-ipem"
    ),
    "samples beyond 1 / compressed-sensing factor, 2D": about(1, 1, 1.05, "", "nominal factor"),
    "samples beyond 1 / compressed-sensing factor, 3D": about(1, 1, 1.05, "", "nominal factor"),
    # --- prepared gradient echo --------------------------------------------------------------------------
    "start-up shots of a prepared GRE": exactly(0, "", "T1, RP"),
    "share of the train after TI": about(0.5, 0.5, 1, "", "linear order: centre of the train at TI"),
    "recovery after the train": about(0, 0, 0.6, "s", "not stored"),
    "start-up of a shot": about(
        0.045, 0.02, 0.06, "s", "surveys of three cards", "spine-generic", "ssdense", "aat-ipem"
    ),
    "excitation and spoiling of a prepared GRE": about(
        0.0045, 0.003, 0.006, "s", "slab-selective pulse and spoiler"
    ),
    # --- gradient echo -----------------------------------------------------------------------------------
    "start-up of a 3D GRE": exactly(0, "s", _BARE),
    "start-up of a slab": exactly(0, "s", _BARE),
    "start-up of a 2D GRE": exactly(0, "s", _BARE),
    "dummy repetitions of a 2D GRE": exactly(1, "", "T5, RP"),
    "excitation and spoiling of a GRE": about(
        0.0018, 0.001, 0.003, "s", "localizers of 3 to 24 slices", "aat-ipem"
    ),
    "readout bandwidth where none is stated": exactly(0, "Hz", "unknown"),
    "passes of a field map": exactly(1, "", "all echoes in one repetition"),
    # --- spin echo ---------------------------------------------------------------------------------------
    "acquisitions of a Dixon TSE": exactly(2, "", "in and out of phase, one train each", "aat-ipem"),
    # Scanners of one type differ by two trains of 1.5 s for one protocol (242 s and 246 s).
    "dummy trains of a 3D TSE": about(1, 0, 3, "", "T2 and T8, RP"),
    "dummy trains of a 2D TSE": exactly(1, "", "T4, RP"),
    "dummy trains of a long 2D TSE": exactly(1, "", "T4, RP"),
    "dummy trains of blades": exactly(1, "", "T4, RP"),
    "dummy trains of fat saturation": exactly(0, "", _BARE),
    "settling time of a 2D TSE": exactly(0, "s", "counted in trains"),
    "line of a separate reference scan": exactly(0, "s", _BARE),
    # The scatter of the slice time these give is in the bounds of the number of packages.
    "refocusing and crushers of a TSE": about(
        0.004, 0.003, 0.005, "s", "TR / slices of 25 FSE, print-outs", "aat-ipem"
    ),
    "phase encoding and rewinding of a TSE": about(
        0.0007, 0.0005, 0.001, "s mm", "two lobes of 1 / (2 gamma voxel) at 33 mT/m"
    ),
    "pulses around an echo train": about(0.004, 0.002, 0.01, "s", "excitation and spoilers", "aat-ipem"),
    "fat saturation of a slice": about(0.014, 0.009, 0.02, "s", "pulse and spoiler", "aat-ipem"),
    "saturation band": about(0.008, 0.006, 0.01, "s", "pulse and spoiler", "aat-ipem"),
    # --- echo planar -------------------------------------------------------------------------------------
    "settling time of EPI": exactly(
        3, "s", "dummies until the magnetisation is steady", "spine-generic", "coma", "dicompare"
    ),
    "further volumes of EPI": exactly(0.25, "", "T6, RP"),
    "further reference volumes of diffusion": exactly(0, "", "none"),
    # RESOLVE and MUSE: four scans lie within a volume of the formula, for reasons that are not known.
    "further volumes of a segmented scan": about(0, -1, 1, "", "RESOLVE and MUSE", "aat-ipem"),
    "averages of a weighting that the scanner chooses": exactly(1, "", "one where none are stated"),
    "pause after a diffusion volume": exactly(0, "s", "none"),
    "reference volumes of a time series": exactly(0, "", "see EPI calibration in full"),
    "dummy volumes of a time series": exactly(0, "", "in the settling time"),
    "reference images of ASL": exactly(1, "", "one unlabelled image", "coma"),
}
"""Term to value, of every vendor that has no value of its own."""

HABITS: Mapping[str, bool] = {
    # Calibration lines of parallel imaging are measured inside the scan, not by a scan of their own.
    "calibration inside the scan": True,
    # Every third (fourth) line, counted from the centre; elsewhere the formula rounds up.
    "lines on a grid through the centre": False,
    # Where no lines across are stated, the calibration block is as deep as the slab.
    "calibration block spans the partitions": False,
    # The corners of k-space are left out unless the protocol says otherwise.
    "ellipse of 3D TSE": False,
    "ellipse of 3D GRE": False,
    # The outermost points lie on the ellipse, not half a step inside it.
    "ellipse through the outermost points": False,
    # A train of a prepared gradient echo takes its points from the whole plane, not from one line of it.
    "trains span the whole plane": False,
    # An average of a 2D TSE has an even number of echo trains.
    "2D trains in pairs": False,
    # A 3D TSE is averaged as a whole; a half average beside whole ones does not lengthen it.
    "3D TSE averages are whole": False,
    # The short inversion time of a STIR is not filled with the trains of other slices.
    "a short inversion time is waited for": False,
    # Interleaved slices ask for two acquisitions; the repetition time may need more.
    "stated packages are the fewest": False,
    # A table of directions gives each its own b-value; elsewhere every b-value runs through all directions.
    "directions shared among b-values": False,
    # A half scan of a 3D TSE shortens it; on Philips it follows from the profile order and does not.
    "partial Fourier shortens a 3D TSE": True,
    # Consoles show whole seconds, none too few.
    "times are rounded up": False,
    # EPI is calibrated inside the scan: the segments of parallel imaging, then the bands one by one.
    "EPI calibration inside the scan": True,
    "a segment for every fold": True,
}
"""What scanners do where a protocol is silent, unless the profile of the vendor says otherwise."""

Row = tuple[tuple[tuple[int, ...] | None, Assumed], ...]
"""Values of one term, each with the last release it holds for (``None``: all later ones), oldest first."""


def overhead(name: str, vendor: str | None, software: str | None = None) -> Assumed:
    """Look a term up for a vendor and a release; the newest release where none is known."""
    release = _release(software)
    for until, entry in rows(vendor).get(name, ()):
        if until is None or (release is not None and release <= until):
            return entry
    return NEUTRAL[name]


def habit(name: str, vendor: str | None) -> bool:
    """Look a habit up for a vendor."""
    stated: Mapping[str, bool] = profile(vendor).timing.get("habits", {})
    return stated.get(name, HABITS[name])


@cache
def rows(vendor: str | None) -> dict[str, Row]:
    """Terms of which a vendor has values of its own."""
    stated: Mapping[str, Any] = profile(vendor).timing.get("overheads", {})
    if unknown := sorted(stated.keys() - NEUTRAL.keys()):
        raise ValueError(f"profile of {vendor}: no such terms of a scan time: {', '.join(unknown)}")
    return {name: _row(found if isinstance(found, list) else [found]) for name, found in stated.items()}


def _row(entries: Sequence[Mapping[str, Any]]) -> Row:
    return tuple((_release(one.get("until")), _assumed(one)) for one in entries)


def _assumed(one: Mapping[str, Any]) -> Assumed:
    value = float(one["value"])
    low, high = float(one.get("low", value)), float(one.get("high", value))
    return Assumed(value, low, high, one.get("unit", ""), one["source"], tuple(one.get("exports", ())))


@cache
def _release(software: str | None) -> tuple[int, ...] | None:
    """Read the numbers of a release that is counted in them: ``R5.3`` is (5, 3)."""
    found = re.match(r"R?(\d+)\.(\d+)", software or "")
    return (int(found[1]), int(found[2])) if found else None
