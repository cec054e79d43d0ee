"""What a radiologist would see: ratios of signals, one number for each question that is put to a scan."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from generator import memory
from generator.contrast import roles
from generator.contrast.roles import Role
from generator.contrast.scan import Reading, SignalParameters, Unknown, readings, signal

Best = Callable[[Sequence[float]], float]


@dataclass(frozen=True, slots=True)
class Measure:
    """One number that says whether a scan shows what it is for.

    Attributes
    ----------
    part, over : str
        Parts of the role whose signals are divided; without ``over`` the signal itself.
    best : callable
        ``max`` or ``min``: of several readings of a scan the one that speaks for it.
    label : str
        What messages call it.
    echo : int
        Which image of a scan with several.
    fields : tuple of str
        Fields of the scan that it hangs on most.
    kind : str
        ``ratio`` of the magnitudes, ``above`` for the difference with sign, ``weighting`` for what diffusion
        leaves of one signal.
    """

    name: str
    part: str
    over: str
    best: Best
    label: str
    fields: tuple[str, ...] = ("echo_times",)
    echo: int = -1
    kind: str = "ratio"

    def of(self, scan: SignalParameters, reading: Reading, role: Role) -> float:
        """Work it out for one reading of a scan."""
        one = signal(scan, reading, self._tissue(role, self.part), self.echo)
        if self.kind == "weighting":
            return one / signal(scan, reading, self._tissue(role, self.part), self.echo, False)
        other = signal(scan, reading, self._tissue(role, self.over), self.echo) if self.over else 1.0
        return one - other if self.kind == "above" else abs(one / other)

    @staticmethod
    def _tissue(role: Role, part: str) -> str:
        found = role.tissues.get(part) or role.tissues.get(_INSTEAD.get(part, ""))
        if found is None:
            raise Unknown("role")
        return found


_INSTEAD = {"plain": "white"}

_PREPARED = ("inversion_time", "echo_times")
_EXCITED = ("inversion_time", "flip_angle", "repetition_time", "echo_times")
_ECHO = ("echo_times",)

MEASURES: dict[str, Measure] = {
    one.name: one
    for one in (
        Measure("lesion_over_white_matter", "lesion", "white", max, "signal of a lesion over white matter"),
        Measure("lesion_signal", "lesion", "", max, "signal of a lesion"),
        Measure("csf_over_lesion", "fluid", "lesion", min, "signal of CSF over a lesion", _PREPARED),
        Measure("first_csf_over_lesion", "fluid", "lesion", min, "signal of CSF over a lesion", _ECHO, 0),
        Measure("csf_over_white_matter", "fluid", "white", min, "signal of CSF over white matter", _EXCITED),
        Measure("csf_brightness", "fluid", "white", max, "signal of CSF over white matter"),
        Measure("white_over_grey_matter", "plain", "grey", max, "signal of white over grey matter", _EXCITED),
        Measure(
            "white_matter_over_lesion",
            "white",
            "lesion",
            min,
            "signal of white matter over a lesion",
            _PREPARED,
        ),
        Measure("grey_over_white_matter", "grey", "white", max, "signal of grey over white matter"),
        Measure("fat_over_lesion", "fat", "lesion", min, "signal of fat over a lesion", _PREPARED),
        Measure("vein_over_white_matter", "vein", "white", min, "signal of a vein over white matter"),
        Measure("white_matter_signal", "white", "", max, "signal of white matter", _EXCITED[1:]),
        Measure(
            *(
                "white_matter_above_lesion",
                "white",
                "lesion",
                max,
                "signal of white matter less a lesion",
            ),
            *(_PREPARED, -1, "above"),
        ),
        Measure(
            *("diffusion_weighting", "white", "", min, "share of white matter that diffusion leaves"),
            *(("b_values",), -1, "weighting"),
        ),
    )
}
"""Every measure; a signal without ``over`` is a share of what cerebrospinal fluid can give at the most."""


@lru_cache(maxsize=8192)
def best(name: str, scan: SignalParameters, role_name: str) -> float:
    """Return a measure in the reading that speaks for the scan.

    Raises
    ------
    Unknown
        If the scan cannot be simulated, or the role asks no such question.
    """
    return _told_apart(_SHELF.get(("best", name, scan, role_name), lambda: _best(name, scan, role_name)))


def _best(name: str, scan: SignalParameters, role_name: str) -> float | str:
    """Return a measure, or what a scan lacks for it."""
    measure, role = MEASURES[name], role_of(role_name)
    try:
        return measure.best([measure.of(scan, reading, role) for reading in readings(scan)])
    except Unknown as unknown:
        return unknown.what


def _told_apart(found: float | str) -> float:
    if isinstance(found, str):
        raise Unknown(found)
    return found


_DATA = ("specs/contrast.yaml", "specs/tissues.yaml")
_SHELF = memory.Shelf("contrast", "contrast", "model", "vendors", *_DATA)
"""Simulating scans takes longer than the rest of a check; a network checks the same scans every day."""


@lru_cache(maxsize=8192)
def contrast(scan: SignalParameters, role_name: str, place: int = 0) -> float:
    """Return the contrast that has to agree between vendors: the ratio of the pair of the role.

    Parameters
    ----------
    place : int
        Which reading of the scan, 0 for the most likely.
    """
    key = ("contrast", scan, role_name, place)
    return _told_apart(_SHELF.get(key, lambda: _contrast(scan, role_name, place)))


def _contrast(scan: SignalParameters, role_name: str, place: int) -> float | str:
    role = role_of(role_name)
    try:
        one, other = (signal(scan, readings(scan)[place], role.tissues[part]) for part in role.pair)
    except Unknown as unknown:
        return unknown.what
    return abs(one / other)


def difference(scan: SignalParameters, role_name: str) -> float:
    """Return by how much the pair of the role differs, a share of what cerebrospinal fluid can give.

    Over the noise this is the contrast to noise of the role.
    """
    role = role_of(role_name)
    one, other = (abs(signal(scan, readings(scan)[0], role.tissues[part])) for part in role.pair)
    return abs(one - other)


def relative_difference(before: SignalParameters, after: SignalParameters, role_name: str | None) -> float:
    """Return what a change leaves of the difference; 1 for a scan that cannot be simulated."""
    try:
        return difference(after, role_name or "") / difference(before, role_name or "")
    except (Unknown, ZeroDivisionError):
        return 1.0


def contrast_range(scan: SignalParameters, role_name: str) -> tuple[float, float]:
    """Return the least and the largest contrast that a scan may have, over all readings."""
    found = [contrast(scan, role_name, place) for place in range(len(readings(scan)))]
    return min(found), max(found)


def spread(contrasts: Sequence[float]) -> float:
    """Difference of the largest and the smallest contrast, as a share of their mean."""
    return (max(contrasts) - min(contrasts)) / (sum(contrasts) / len(contrasts))


def role_of(name: str) -> Role:
    """Return a role; Unknown for one of which nothing is asked."""
    found = roles.role(name)
    if found is None:
        raise Unknown("role")
    return found
