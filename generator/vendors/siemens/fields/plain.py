"""Fields that are one member each, and what a file states about coil, table, bands and reconstruction."""

from __future__ import annotations

import math
from typing import Any

from generator.model import words
from generator.model.tree import Acquisition
from generator.vendors import rows
from generator.vendors.siemens import facts as f
from generator.vendors.siemens.container.ascconv import Ascconv
from generator.vendors.siemens.fields.block import Changes, Fields, MrProt


class Members:
    """The members of a block as the rows see them; what is written is collected as changes."""

    def __init__(self, block: Ascconv) -> None:
        self.block = block
        self.changes: Changes = {}

    def get(self, key: str) -> Any:
        """Return the number of a member, whole if it is."""
        number = self.block.number(key)
        return int(number) if number is not None and number == int(number) else number

    def put(self, key: str, raw: Any) -> None:
        """Set a member."""
        self.changes[key] = raw

    def drop(self, key: str) -> None:
        """Remove a member."""
        self.changes[key] = None


def read_plain(p: MrProt) -> Fields:
    """Fields of one member each."""

    def odd(row: rows.Row, key: str, error: ValueError) -> None:
        p.doubt(row.field, f"{key}: {error}", "unknown-code")

    found = {row.field: value for row, _, value in rows.read(f.ROWS, Members(p.block), odd)}
    return found | {
        "interpolation": _interpolation(p),
        "slice_order": None if p.is_3d else f.SLICE_ORDERS_READ.get(p.block.integer(f.SLICE_ORDER, 0) or 0),
        "table_position": p.block.number(f.TABLE, 0.0) if p.block.flag(f.TABLE_VALID) else None,
        "deep_learning_reconstruction": _deep_learning(p),
        "receive_coils": _coils(p),
        **_bands(p),
    }


def write_plain(a: Acquisition, old: Ascconv, reasons: rows.Why) -> Changes:
    """Fields of one member each."""
    members = Members(old)
    rows.write(f.ROWS, a, members, reasons)
    if a.interpolation is not None and a.interpolation != 1.5:
        doubled, factor = f.INTERPOLATION
        members.changes |= {doubled: a.interpolation > 1, factor: None}
    return members.changes


def _interpolation(p: MrProt) -> float:
    doubled, factor = (p.block.number(key, 0.0) or 0.0 for key in f.INTERPOLATION)
    if factor == 1:
        message = f"{f.INTERPOLATION[1]} = 1 is printed On; twofold by the printed voxel of one protocol"
        p.doubt("interpolation", message, "unverified-rule")
        return 2.0
    return 2.0 if doubled else max(factor, 1.0)


def _deep_learning(p: MrProt) -> str | None:
    """Name as the console shows it, with its strength where one is stored; ``None`` before XA50."""
    b = p.block
    mode, method = b.integer(f.DEEP_MODE), b.integer(f.DEEP_METHOD, 0) or 0
    if mode is None or mode not in (1, 2):
        return None
    if mode == 1:
        return "none"
    strength = b.integer(f.DEEP_STRENGTH[method]) if method in f.DEEP_STRENGTH else None
    parts = [f.DEEP_METHODS.get(method, "Deep Resolve"), f"{strength}" if strength else ""]
    return " ".join(filter(None, parts)) + (", Sharp" if b.flag(f.DEEP_SHARP) else "")


def _coils(p: MrProt) -> tuple[str, ...] | None:
    """Names of the coils whose elements are selected; XA selects them at the scanner and stores none."""
    return tuple(dict.fromkeys(elements(p.block, "tCoilID"))) or None


def elements(block: Ascconv, member: str) -> list[str]:
    """A text of every coil element that is selected: of its coil, or its own."""
    raw, found = block.raw, []
    for stem in f.COILS:
        for i in range(512):
            if (text := raw.get(f"{stem}[{i}].sCoilElementID.{member}")) is None:
                break
            found.append(text.strip('"'))
    return found


# --- saturation bands -----------------------------------------------------------------------------------


def _bands(p: MrProt) -> Fields:
    """Regional bands with the side of the slices on which they lie, and the band that travels with them."""
    count = min(p.block.integer(f.SATURATION_BANDS, 0) or 0, 32)
    places = [_side(p, f"{f.BAND}[{i}]") for i in range(count)]
    if p.block.flag(f.TRACKING):
        places.append("parallel")
    return {"saturation_bands": len(places), "saturation_band_positions": tuple(places) or None}


def _side(p: MrProt, stem: str) -> words.BandPosition:
    """Side of a band as seen from the middle of the slices, along the axis that its normal is nearest to."""
    normal = _vector(p, f"{stem}.{f.NORMAL}")
    axis = max(range(3), key=lambda i: abs(normal[i]))
    count = min(p.block.integer(f.SLICES, 1) or 1, 512)
    first, last = (_vector(p, f"{f.SLICE}[{i}].{f.POSITION}")[axis] for i in (0, count - 1))
    offset = _vector(p, f"{stem}.{f.POSITION}")[axis] - (first + last) / 2
    if math.isclose(offset, 0.0, abs_tol=_CENTRAL):
        return "free"
    return f.SIDES[axis][offset > 0]


_CENTRAL = 5.0
"""Millimetres from the middle of the slices within which a band is on neither side."""


def _vector(p: MrProt, stem: str) -> tuple[float, ...]:
    return tuple(p.block.number(f"{stem}.{axis}", 0.0) or 0.0 for axis in f.AXES)
