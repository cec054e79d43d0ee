"""Relations between parameters that hold in every scan of the collected cards, held on what is written."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from generator.vendors.gate import Relation
from generator.vendors.philips import facts as k
from generator.vendors.philips.fields.scan import orders
from generator.vendors.philips.fields.times import TR_KEYS

Values = Mapping[str, Any]
# Relative difference that 32-bit storage and a console's rounding leave (measured: at most 0.1 %).
_CLOSE = 2e-3


def _partner(partner: k.Partner) -> Relation[Values]:
    names = ", ".join(partner.records)

    def holds(values: Values) -> bool | None:
        text = values.get(partner.switch)
        if not isinstance(text, str):
            return None  # absent, or a bare number of R11.1 that is not proven
        there = [name in values for name in partner.records]
        return all(there) if text in partner.texts else not any(there)

    texts = " or ".join(sorted(partner.texts))
    return Relation(
        f"{partner.switch}-{'-'.join(sorted(partner.texts))}", f"{names} exist if and only if it is {texts}",
        partner.files, partner.scans, holds,
    )  # fmt: skip


def _number(values: Values, key: str) -> float | None:
    value = values.get(key)
    return value if isinstance(value, (int, float)) else None


def _same(one: float | None, other: float | None) -> bool | None:
    return None if one is None or other is None else abs(one - other) <= _CLOSE * max(1.0, abs(other))


def _phase(values: Values) -> bool | None:
    read, share = _number(values, k.FOV), _number(values, k.FOV_PERCENT)
    return None if read is None or share is None else _same(_number(values, k.FOV_PHASE), read * share / 100)


def _stacks(values: Values) -> bool | None:
    """The height of every stack is that of its slices and gaps."""
    thickness, count = _number(values, k.THICKNESS), values.get(k.STACKS)
    if thickness is None or not isinstance(count, int) or values.get(k.SCAN_TYPE) == "SPECTRO":
        return None
    return all(_stack(values, index, thickness) is not False for index in range(min(count, k.MAX_STACKS)))


def _stack(values: Values, index: int, thickness: float) -> bool | None:
    slices, height, gap = (
        _entry(values, slot, pattern, index)
        for slot, pattern in (
            (k.STACK_SLICES, k.SET_SLICES), (k.FOV_SLICE, k.SET_FOV), (k.STACK_GAPS, k.SET_GAP)
        )
    )  # fmt: skip
    if slices is None or height is None or slices < 1:
        return None
    if values.get(k.SCAN_MODE) == "3D":
        gap = 0.0
    elif values.get(k.GAP_MODE) == "DEFAULT":
        gap = 0.1 * thickness
    return _same(height, slices * thickness + (slices - 1) * (gap or 0.0))


def _entry(values: Values, slot: str, pattern: str, index: int) -> float | None:
    value = values.get(slot, values.get(pattern.format(index)))
    entries = value if isinstance(value, tuple) else (value,)
    found = entries[index] if slot in values and index < len(entries) else entries[0]
    return found if isinstance(found, (int, float)) else None


def _repetition(values: Values) -> bool | None:
    mode, key = TR_KEYS.get(str(values.get(k.SEQUENCE)), TR_KEYS["FFE"])
    shown = str(values.get(k.ACTUAL_TIMES, "")).split(" / ")[0]
    stated = _number(values, key)
    if values.get(mode) != "USER_DEF" or stated is None or not shown.replace(".", "", 1).isdecimal():
        return None
    return abs(float(shown) - stated) <= max(0.06, _CLOSE * stated)


def _matrix(values: Values) -> bool | None:
    shown, read = str(values.get(k.MATRIX_SHOWN, "")).split(" x ")[0], _number(values, k.MATRIX_READ)
    return None if not shown.isdecimal() or read is None else int(shown) == read


def _echoes(values: Values) -> bool | None:
    count = _number(values, k.ECHOES)
    return None if count is None else (k.ECHO_STEP_MODE in values) == (count > 2)


def _bands(values: Values) -> bool | None:
    count = _number(values, k.SATURATION_BANDS)
    return None if count is None else ("EX_REST_in_segm" in values) == (count > 0)


# A release may lack a few names that only its neighbours were seen with (SPAIR in R5.7).
_FEW = 5


def _order(values: Values) -> bool | None:
    """Records have the order of a release that knows all but a few of them."""
    known = {release: [order[n] for n in values if n in order] for release, order in orders().items()}
    most = max(map(len, known.values()))
    return any(
        all(map(int.__le__, ranks, ranks[1:])) for ranks in known.values() if len(ranks) >= most - _FEW
    )


@cache
def relations() -> tuple[Relation[Values], ...]:
    """All relations; the counts are those of the five cards of the corpus (56 scans)."""
    measured = tuple(_partner(partner) for partner in k.PARTNERS if partner.is_held)
    return (
        *measured,
        Relation("phase-field-of-view", "EX_GEO_fov_p is EX_GEO_fov times its percentage", 5, 56, _phase),
        Relation("stack-height", "the height of a stack is that of its slices and gaps", 5, 56, _stacks),
        Relation("slice-thickness", "EX_GEO_slice_thickness is EX_GEO_voxel_size_s", 5, 56,
                 lambda v: _same(_number(v, k.THICKNESS), _number(v, k.VOXEL_SLICE_SHOWN))),
        Relation("shown-repetition-time", "a stated TR is the first of the actual times", 3, 15, _repetition),
        Relation("shown-matrix", "the shown matrix begins with EX_ACQ_scan_resol", 4, 47, _matrix),
        Relation("echo-step", "a step of echoes exists if there are more than two", 5, 56, _echoes),
        Relation("rest-slabs", "REST records exist if and only if there are slabs", 5, 56, _bands),
        Relation("record-order", "records have the order of their release", 5, 56, _order),
    )  # fmt: skip
