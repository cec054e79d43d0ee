"""What Philips writes into acquired images: private elements of the groups 2001 and 2005."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from generator.vendors.dialect import ImageFields, ImageHeader

_IMAGING, _IMAGING_2, _MR = "Philips Imaging DD 001", "Philips Imaging DD 002", "Philips MR Imaging DD 001"
_B_FACTOR, _TECHNIQUE, _SLICES, _SPIR, _INVERSION = 0x03, 0x20, 0x18, 0x21, 0x84
_EPI_FACTOR, _DELAY, _PREPULSE, _DYNAMICS, _DURATION = 0x13, 0x1B, 0x1C, 0x81, 0x33
_DIRECTION = (0xB0, 0xB1, 0xB2)
_COMPRESSED = re.compile(r"C-?S-?SENSE|CSENSE|COMPRESSED.*", re.IGNORECASE)

_FAMILIES = tuple((re.compile(pattern, re.IGNORECASE), name) for pattern, name in (
    (r"dwi(SE|SSh)?", "echo_planar_diffusion"),
    (r"B[-_ ]?(FFE|TFE)|balanced.*", "balanced_ssfp"),
    (r"FEEPI|T2\*?FEEPI", "echo_planar_bold"),
    (r"(T1|T2)?TFE", "magnetization_prepared_gradient_echo"),
    (r"(T1|T2)?FFE", "gradient_echo"),
    (r"TSE|TIR", "turbo_spin_echo"),
    (r"SE", "spin_echo"),
))  # fmt: skip
"""Scanning technique as the console names it; others are left to the public attributes."""


def of_image(header: ImageHeader) -> ImageFields:
    """Read the private elements of an image."""
    fields = {name: rule(header) for name, rule in _RULES.items()}
    fields = {name: value for name, value in fields.items() if value is not None}
    surer = {"technique"} & fields.keys()
    if _COMPRESSED.fullmatch(str(header.get("ParallelAcquisitionTechnique"))):
        fields["compressed_sensing_factor"] = _positive(header.get("ParallelReductionFactorInPlane"))
        fields["parallel_reduction_factor_in_plane"] = (
            None  # the attribute repeats the factor of compressed sensing
        )
        surer.add("parallel_reduction_factor_in_plane")
    return ImageFields(fields, frozenset(surer))


def weighting(header: ImageHeader) -> tuple[float | None, tuple[float, ...] | None]:
    """Return b-value and direction (axes of the patient) of a classic image."""
    value = header.private(0x2001, _IMAGING, _B_FACTOR)
    direction = tuple(header.private(0x2005, _MR, element) or 0.0 for element in _DIRECTION)
    return value if isinstance(value, float) else None, direction if any(direction) else None


def _technique(header: ImageHeader) -> str | None:
    stated = str(header.private(0x2001, _IMAGING, _TECHNIQUE) or "")
    return next((name for pattern, name in _FAMILIES if pattern.fullmatch(stated)), None)


def _inversion(header: ImageHeader) -> float | None:
    if header.private(0x2001, _IMAGING, _PREPULSE) != "INV":
        return None
    stated = _positive(header.private(0x2001, _IMAGING, _INVERSION))
    return stated or _positive(header.private(0x2001, _IMAGING, _DELAY))


def _train(header: ImageHeader) -> int | None:
    factor = header.private(0x2001, _IMAGING, _EPI_FACTOR)
    return factor if isinstance(factor, int) and factor > 1 else None


def _count(element: int) -> Callable[[ImageHeader], int | None]:
    def read(header: ImageHeader) -> int | None:
        value = header.private(0x2001, _IMAGING, element)
        return value if isinstance(value, int) and value > 0 else None

    return read


def _positive(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and value > 0 else None


_RULES: dict[str, Callable[[ImageHeader], Any]] = {
    "technique": _technique,
    "inversion_time": _inversion,
    "echo_train_length": _train,
    "number_of_slices": _count(_SLICES),
    "number_of_temporal_positions": _count(_DYNAMICS),
    "fat_suppression": lambda h: "spir" if h.private(0x2001, _IMAGING, _SPIR) == "Y" else None,
    "acquisition_duration": lambda h: _positive(h.private(0x2005, _MR, _DURATION)),
}
