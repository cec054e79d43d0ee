"""One scan as decoded, and which pulse-sequence family it is."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from generator.vendors.philips import keys as k

# Whole numbers below this have no more than the seven digits that are kept.
_EXACT = 1e7


@dataclass(slots=True)
class Scan:
    """The decoded parameters of one scan.

    Attributes
    ----------
    values : mapping of str to Any
        Parameter to value; enums as texts, as numbers where no text is known.
    field_strength : float or None
        Tesla.
    is_prescan : bool
        Whether the card calls it a calibration scan.
    note : callable
        Takes field, code and message.
    """

    values: Mapping[str, Any]
    field_strength: float | None
    is_prescan: bool
    note: Callable[[str, str, str], None]

    def number(self, name: str) -> float | None:
        """Return a number, free of the noise of 32-bit storage; ``None`` if absent or not finite."""
        value = self.values.get(name)
        if isinstance(value, tuple):
            value = value[0] if value else None
        if isinstance(value, float):
            # Whole numbers, which most are, have no noise to be freed of.
            if value.is_integer() and abs(value) < _EXACT:
                return value
            return float(f"{value:.7g}") if math.isfinite(value) else None
        return value if isinstance(value, int) else None

    def word(self, key: k.Key) -> str | None:
        """Return the text of an enum; ``None`` if absent; a bare number of R11.1 is reported."""
        value = self.values.get(key)
        if value is None or isinstance(value, str):
            return value
        text = f"the meaning of {key} = {value} is not proved for this release"
        self.note(key.field, "enum-unproved", text)
        return None

    def numbers(self, name: str) -> list[float]:
        """Return the numbers of a result text such as ``600 / 7.2 / 6.5``; empty if there is none."""
        text = self.values.get(name)
        if not isinstance(text, str) or not text.strip():
            return []
        try:
            found = [float(part) for part in text.replace("x", "/").split("/")]
        except ValueError:
            return []
        return found if all(map(math.isfinite, found)) else []

    def missing(self, what: str, why: str) -> None:
        """Note that a field is null because the scanner chooses or the file does not hold it."""
        self.note(what, "not-stated", why)


def technique(scan: Scan) -> str | None:
    """Name the pulse-sequence family."""
    if scan.word(k.SCAN_TYPE) == "SPECTRO":
        return "spectroscopy"
    fast, sequence = scan.word(k.FAST_MODE), scan.word(k.SEQUENCE)
    return _by_purpose(scan, fast) or _by_sequence(scan, sequence, fast)


def _by_purpose(scan: Scan, fast: str | None) -> str | None:
    """Scans that are named by what they are for."""
    b0_map = scan.values.get(k.B0_MAP, scan.values.get(k.B0_MAP_OLD, "NO"))
    b1_map = scan.values.get(k.B1_MAP, scan.values.get(k.B1_MAP_OLD, "NO"))
    pre_scan = scan.values.get(k.PRE_SCAN, "NO")
    if scan.is_prescan or b0_map in ("PRE_SCAN", "CAL") or (isinstance(pre_scan, str) and pre_scan != "NO"):
        return "calibration"
    if b0_map == "YES" or b1_map in ("YES", "CAL"):
        return "field_map"
    if scan.values.get(k.LABELLING, "NO") not in ("NO", 0):
        return "arterial_spin_labelling"
    if scan.values.get(k.DIFFUSION) in ("DWI", "DTI"):
        return "echo_planar_diffusion" if fast == "EPI" else "other"
    return "susceptibility_weighted" if scan.values.get(k.SUSCEPTIBILITY) == "YES" else None


def _by_sequence(scan: Scan, sequence: str | None, fast: str | None) -> str | None:
    if sequence is None or fast is None:
        return None
    if sequence == "FFE":
        return _gradient_echo(scan, fast)
    if sequence in ("SE", "IR"):
        if fast == "TSE":
            single = scan.word(k.SHOT_MODE) == "SSH"
            return "single_shot_turbo_spin_echo" if single else "turbo_spin_echo"
        return "spin_echo" if fast == "NO" else "other"
    return "other"


def _gradient_echo(scan: Scan, fast: str) -> str | None:
    if fast == "EPI":
        return "echo_planar_bold"
    if fast not in ("NO", "TFE"):
        return "other"
    if scan.values.get(k.ANGIO) == "INFLOW":
        return "time_of_flight"
    if scan.values.get(k.SPOILING) not in ("NO", "T1", "T2"):
        scan.missing(
            "technique", f"{k.SPOILING} is {scan.values.get(k.SPOILING)}: balanced or not is not proved"
        )
        return None
    if fast == "TFE" and scan.values.get(k.MP2RAGE) == "YES":
        return "mp2rage"
    if fast == "TFE":
        return "magnetization_prepared_gradient_echo"
    return "multi_echo_gradient_echo" if (scan.number(k.ECHOES) or 1) > 1 else "gradient_echo"
