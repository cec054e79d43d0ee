"""When two values are the same, and when a raster explains their difference: one table for all vendors."""

from __future__ import annotations

from collections.abc import Mapping
from math import isclose
from typing import Any

from generator.model.fields import field_table
from generator.model.tree import Acquisition

RASTER: Mapping[str | None, tuple[float, float]] = {
    "ms": (0.05, 0.01),
    "s": (1.0, 0.01),
    "deg": (0.5, 0.01),
    "mm": (0.05, 0.02),
    "Hz/px": (0.5, 0.05),
    "s/mm2": (1.0, 0.01),
    "Hz": (1.0, 0.01),
    "factor": (0.05, 0.0),
    None: (0.005, 0.005),
}
"""By unit, how far (absolute, relative) a console's raster may move a value: within it a loss is ``rounded``,
beyond it ``approximated``. The wide one is the bandwidth: consoles step the dwell time, at high bandwidths by
5 %. Acceleration factors have one decimal on most consoles, other numbers without unit are shares; counts are
exact."""

_FACTORS = frozenset({
    "parallel_reduction_factor_in_plane", "parallel_reduction_factor_out_of_plane",
    "compressed_sensing_factor",
})  # fmt: skip

_EXACT = 1e-6
"""Relative difference of one number stored in 32 bits and in 64."""


def same(wanted: Any, got: Any) -> bool:
    """Say whether two values are equal but for binary noise; an open entry (``None``) asks nothing."""
    if isinstance(wanted, (tuple, list)) and isinstance(got, (tuple, list)):
        pairs = zip(wanted, got, strict=False)
        return len(wanted) == len(got) and all(a is None or same(a, b) for a, b in pairs)
    if _is_number(wanted) and _is_number(got):
        return isclose(wanted, got, rel_tol=_EXACT, abs_tol=_EXACT)
    return bool(wanted == got)


def near(name: str, wanted: Any, got: Any) -> bool:
    """Say whether two values of a field differ by no more than the raster of its unit, see RASTER."""
    known = field_table(Acquisition).get(name)
    if known is None or (known.type is int and name != "acquisition_matrix"):
        return same(wanted, got)
    kind = "factor" if name in _FACTORS else known.unit
    absolute, relative = RASTER[kind] if known.type is float else (1, 0.02)

    def within(a: Any, b: Any) -> bool:
        if isinstance(a, (tuple, list)) and isinstance(b, (tuple, list)):
            return len(a) == len(b) and all(x is None or within(x, y) for x, y in zip(a, b, strict=True))
        if _is_number(a) and _is_number(b):
            return bool(abs(a - b) <= max(absolute, relative * abs(a)) * (1 + _EXACT))
        return bool(a == b)

    return within(wanted, got)


def width(name: str, value: float) -> float:
    """How far a value of a field may be off, in its unit: as :func:`near`, for whoever writes bounds down."""
    known = field_table(Acquisition)[name]
    kind = "factor" if name in _FACTORS else known.unit
    absolute, relative = RASTER[kind] if known.unit or known.type is float else (1, 0.02)
    return max(absolute, relative * abs(value))


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
