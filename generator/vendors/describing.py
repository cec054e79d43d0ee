"""Donor steps from what a reader makes of an export: the part of ``describe`` that all vendors share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from generator.model.tree import Acquisition, Protocol, ReadResult
from generator.vendors.matching import Binding, Donor, DonorStep, Inherited, region_of

_INHERITED: tuple[tuple[str, str, Binding, Any], ...] = (
    ("saturation_bands", "saturation_bands", "anatomy", 0),
    ("gating", "gating", "patient", "none"),
    ("breath_hold", "breath_hold", "patient", False),
    ("patient_position", "patient_position", "patient", "HFS"),
    ("coil_elements", "receive_coils", "anatomy", ()),
    ("orientation", "oblique_angles", "patient", (0.0, 0.0)),
    ("table_position", "table_position", "patient", 0.0),
    ("laterality", "laterality", "anatomy", None),
    ("distortion_correction", "distortion_correction", "scanner", "none"),
    ("interpolation", "interpolation", "scanner", 1.0),
    ("deep_learning", "deep_learning_reconstruction", "scanner", "none"),
    ("intensity_normalization", "intensity_normalization", "scanner", False),
)
"""Settings that have a neutral field: what, field, what it is bound to, and the value that means nothing."""


def steps(
    result: ReadResult,
    key: Callable[[int, int, Acquisition], str] = lambda protocol, step, _: f"{protocol}/{step}",
    resets: Mapping[str, str] | None = None,
) -> Iterator[DonorStep]:
    """Describe every scan that a reader found; a dialect adds with ``model_copy`` what only it knows.

    Parameters
    ----------
    key : callable
        Protocol and step (indices in the reading) and scan to the dialect's handle.
    resets : mapping of str to str
        By ``what``, the neutral value that the dialect's writer can set it to.
    """
    for number, protocol in enumerate(result.protocols):
        around = _program_region(protocol)
        for index, scan in enumerate(protocol.steps):
            if isinstance(scan, Acquisition):
                yield DonorStep(
                    key=key(number, index, scan),
                    path=_path(protocol),
                    index=index,
                    scan=scan.model_copy(update={"vendor": {}}),
                    region=region_of(scan.body_part, (), scan.name) or around,
                    is_localizer=scan.role == "localizer",
                    is_calibration=scan.role == "calibration" or scan.technique == "calibration",
                    inherited=tuple(inherited(scan, resets or {})),
                )


def _path(protocol: Protocol) -> tuple[str, ...]:
    """Path of a program with its name, which some files repeat."""
    return protocol.path if protocol.path[-1:] == (protocol.name,) else (*protocol.path, protocol.name)


def _program_region(protocol: Protocol) -> str | None:
    """Region of a program: by its path, as the file states it, else the only one that its scans speak of."""
    if found := region_of(None, (*protocol.path, protocol.name)) or protocol.region:
        return found
    spoken = {region_of(scan.body_part, (), scan.name) for scan in protocol.acquisitions} - {None}
    return spoken.pop() if len(spoken) == 1 else None


def inherited(scan: Acquisition, resets: Mapping[str, str]) -> Iterator[Inherited]:
    """List the settings with a neutral field that a scan has and a spec rarely speaks of."""
    for what, field, bound, nothing in _INHERITED:
        value = getattr(scan, field)
        if value is None or value == nothing:
            continue
        yield Inherited(
            what=what, value=_text(what, value, scan), bound_to=bound, field=field, resets_to=resets.get(what)
        )


def _text(what: str, value: Any, scan: Acquisition) -> str:
    if what == "saturation_bands" and scan.saturation_band_positions:
        return f"{value}: {', '.join(scan.saturation_band_positions)}"
    if isinstance(value, tuple):
        return ", ".join(f"{one:g}" if isinstance(one, float) else str(one) for one in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


def donor(path: Path, result: ReadResult, found: Sequence[DonorStep]) -> Donor:
    """Describe an export; its checksum is set by the donor library."""
    return Donor(
        file=str(path),
        sha256="",
        vendor=result.vendor,
        release=result.software,
        field_strength=result.field_strength,
        steps=tuple(found),
    )
