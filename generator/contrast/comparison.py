"""One protocol on several scanners: what each scan would show, side by side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from generator.contrast import measures, noise, trains
from generator.contrast.roles import Role, role
from generator.contrast.scan import (
    Reading,
    SignalParameters,
    Unknown,
    readings,
    scan_of,
    signal,
    train_angles,
)
from generator.contrast.tissues import nominal_field
from generator.model.tree import Acquisition, Protocol, Target
from generator.timing.ledger import Missing


@dataclass(frozen=True, slots=True)
class View:
    """One scan on one scanner.

    Attributes
    ----------
    missing : str
        The field for which it cannot be simulated; empty if it can.
    signals : mapping of str to float
        Signal of each part of the role in the most likely reading, a share of what CSF can give.
    contrast, low, high : float
        Ratio of the pair of the role, and its least and largest value over all readings.
    weight : tuple of float or None
        Contrast-equivalent echo time (ms) of a spin-echo train: most likely, least, largest.
    snr : float or None
        Signal to noise by voxel, field, reading time and acceleration, for scans of one kind.
    """

    target: Target
    scan: Acquisition
    missing: str = ""
    signals: Mapping[str, float] | None = None
    contrast: float = 0.0
    low: float = 0.0
    high: float = 0.0
    weight: tuple[float, float, float] | None = None
    snr: float | None = None

    def cnr(self, one: str, other: str) -> float | None:
        """Contrast to noise of two parts, for scans of one kind; ``None`` where one of it is unknown."""
        if self.snr is None or not self.signals or not {one, other} <= set(self.signals):
            return None
        return abs(abs(self.signals[one]) - abs(self.signals[other])) * self.snr


@dataclass(frozen=True)
class Comparison:
    """A scan of a protocol at one field, on every scanner it is made for."""

    name: str
    role: Role
    field_strength: float
    views: tuple[View, ...]

    @cached_property
    def known(self) -> tuple[View, ...]:
        """The views that could be simulated."""
        return tuple(view for view in self.views if not view.missing)

    @cached_property
    def spread(self) -> float | None:
        """By how much the contrast differs over the scanners, as a share; ``None`` for fewer than two."""
        found = [view.contrast for view in self.known]
        return measures.spread(found) if len(found) > 1 else None

    @property
    def alike(self) -> bool:
        """Whether the spread keeps the limit of the role."""
        return self.spread is None or self.spread <= self.role.spread


def compare(renderings: Iterable[tuple[Target, Protocol]]) -> list[Comparison]:
    """Lay the scans of one protocol side by side, in exam order, each field for itself.

    Scans whose role asks for no contrast are left out.
    """
    found: dict[tuple[float, str, int], list[View]] = {}
    for target, protocol in renderings:
        seen: dict[str, int] = {}
        for scan in protocol.acquisitions:
            if role(scan.role) is not None:
                number = seen[scan.name] = seen.get(scan.name, 0) + 1
                key = (target.field_strength, scan.name, number)
                found.setdefault(key, []).append(view(target, scan))
    return [_comparison(field, views) for (field, _, _), views in found.items()]


def _comparison(field: float, views: list[View]) -> Comparison:
    scan = views[0].scan
    return Comparison(scan.name, measures.role_of(scan.role or ""), field, tuple(views))


def view(target: Target, acquisition: Acquisition) -> View:
    """Simulate one scan on one scanner."""
    scan = scan_of({**acquisition.__dict__, **dict(target)}.get)
    name = acquisition.role or ""
    try:
        usual = readings(scan)[0]
        low, high = measures.contrast_range(scan, name)
        parts = measures.role_of(name).tissues.items()
        signals = {part: signal(scan, usual, one) for part, one in parts if part != "plain"}
        own, snr = measures.contrast(scan, name), relative_snr(target, acquisition)
        return View(target, acquisition, "", signals, own, low, high, _weight(scan), snr)
    except Unknown as unknown:
        return View(target, acquisition, unknown.what)
    except ZeroDivisionError:
        return View(target, acquisition, "any signal of its tissues")


def _weight(scan: SignalParameters) -> tuple[float, float, float] | None:
    """Contrast-equivalent echo time: in the most likely reading, the least and the largest."""
    if scan.technique != "turbo_spin_echo":
        return None
    found = [_equivalent(scan, reading) for reading in readings(scan)]
    return found[0], min(found), max(found)


def _equivalent(scan: SignalParameters, reading: Reading) -> float:
    return trains.equivalent_echo_time(train_angles(scan, reading), reading.spacing)


def relative_snr(target: Target, scan: Acquisition) -> float | None:
    """Signal to noise by voxel, field, reading time and acceleration, for scans of one kind; None if open."""
    voxel, bandwidth = scan.voxel_size, scan.pixel_bandwidth
    if not voxel or not bandwidth or None in voxel:
        return None
    try:
        read = noise.readouts(scan, target.vendor)
    except Missing:
        return None
    field = nominal_field(target.field_strength) or target.field_strength
    return noise.strength(field, voxel, read, bandwidth) / noise.noise_factor(scan)  # type: ignore[arg-type]
