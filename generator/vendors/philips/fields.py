"""All neutral fields of one scan, as the reader and the writer's proof-reading see them."""

from __future__ import annotations

from typing import Any

from generator.vendors.philips import derive, diffusion, geometry, keys, sampling, times
from generator.vendors.philips.derive import Scan

_SPECTRAL = ("gating", "number_of_temporal_positions", "saturation_bands")


def fields(scan: Scan) -> dict[str, Any]:
    """Read every neutral field that the parameters of a scan hold.

    Returns
    -------
    dict of str to Any
        Fields of an Acquisition; absent and ``None`` both mean that the block does not say.
    """
    kind = derive.technique(scan)
    shown = times.repetition_time(scan)
    if kind == "spectroscopy":
        return _spectrum(scan, shown)
    found = {
        "technique": kind,
        "repetition_time": shown,
        "echo_times": times.echo_times(scan),
        "inversion_time": times.inversion_time(scan),
        "flip_angle": _angle(scan.number(keys.FLIP)),
        "refocusing_flip_angle": _angle(times.refocusing(scan)),
        "pixel_bandwidth": sampling.bandwidth(scan),
        **times.echo_train(scan),
        **geometry.geometry(scan),
        **sampling.sampling(scan),
        **sampling.preparation(scan),
        **diffusion.diffusion(scan),
    }
    if scan.values.get(keys.SEQUENCE) == "IR":
        found["repetition_time_preparation"] = shown
    if kind == "magnetization_prepared_gradient_echo":
        found["repetition_time_excitation"] = shown
    return found


def _spectrum(scan: Scan, shown: float | None) -> dict[str, Any]:
    """What a spectroscopic scan has in common with imaging; its volume and readout are another matter."""
    scan.note("technique", "spectroscopy", "the volume and the readout of a spectrum are not read")
    averages, prepared = scan.number(keys.AVERAGES), sampling.preparation(scan)
    return {
        "technique": "spectroscopy",
        "repetition_time": shown,
        "echo_times": times.echo_times(scan),
        "flip_angle": _angle(scan.number(keys.FLIP)),
        "number_of_averages": averages if averages and averages > 0 else None,
        **{name: prepared[name] for name in _SPECTRAL},
    }


def _angle(value: float | None) -> float | None:
    return value if value is not None and 0 <= value <= 360 else None
