"""All neutral fields of one scan, by theme: reading beside writing."""

from __future__ import annotations

from typing import Any

from generator.model import plausible
from generator.model.tree import Acquisition
from generator.vendors import rows
from generator.vendors.philips import facts as k
from generator.vendors.philips.fields import acceleration, contrast, diffusion, geometry, times
from generator.vendors.philips.fields.scan import ScanValues, Settings
from generator.vendors.philips.fields.technique import technique

_SPECTRAL = (
    "repetition_time",
    "echo_times",
    "flip_angle",
    "gating",
    "number_of_temporal_positions",
    "saturation_bands",
    "patient_position",
    "receive_coils",
)


def fields(scan: ScanValues) -> dict[str, Any]:
    """Read every neutral field that the parameters of a scan hold.

    Returns
    -------
    dict of str to Any
        Fields of an Acquisition; absent and ``None`` both mean that the block does not say.
    """
    kind = technique(scan)
    found = _spectrum(scan) if kind == "spectroscopy" else _image(scan, kind)
    for name, value in plausible.refused(found).items():
        scan.note(name, "implausible", f"{value!r} is no value that a scanner can have")
        found[name] = None
    return found


def _image(scan: ScanValues, kind: str | None) -> dict[str, Any]:
    found = {
        "technique": kind,
        **_plain(scan),
        **times.read(scan),
        **acceleration.read(scan),
        **geometry.read(scan),
        **contrast.read(scan),
        **diffusion.read(scan),
    }
    if scan.values.get(k.SEQUENCE) == "IR":
        found["repetition_time_preparation"] = found["repetition_time"]
    if kind == "magnetization_prepared_gradient_echo":
        found["repetition_time_excitation"] = found["repetition_time"]
    return found


def _spectrum(scan: ScanValues) -> dict[str, Any]:
    """What a spectroscopic scan has in common with imaging; its volume and readout are another matter."""
    scan.note("technique", "spectroscopy", "the volume and the readout of a spectrum are not read")
    averages = scan.number(k.AVERAGES)
    found = {**_plain(scan), **times.read(scan), **contrast.read(scan)}
    return {
        "technique": "spectroscopy",
        "number_of_averages": averages if averages and averages > 0 else None,
        **{name: found.get(name) for name in _SPECTRAL},
    }


def _plain(scan: ScanValues) -> dict[str, Any]:
    """Read the fields that one record says; what the console chooses is noted, not guessed."""

    def odd(row: rows.Row, key: str, error: ValueError) -> None:
        if (text := scan.get(key)) in k.CHOSEN:
            scan.missing(row.field, f"the scanner chooses ({text})")
        else:
            scan.note(row.field, "not-understood", f"{key}: {error}")

    return {row.field: value for row, _, value in rows.read(k.ROWS, scan, odd)}


def express(acquisition: Acquisition, settings: Settings, duration: float | None) -> None:
    """Fill the settings of a scan with everything the acquisition states.

    Parameters
    ----------
    acquisition : Acquisition
    settings : Settings
        Holds what the scan is now; receives what it is to be.
    duration : float or None
        Seconds to show as the time of the scan.
    """
    rows.write(k.ROWS, acquisition, settings, settings.reasons)
    for theme in (geometry, times, acceleration, contrast, diffusion):
        theme.write(acquisition, settings)
    if duration is not None:
        settings.result(k.SCAN_TIME, times.clock(duration))
