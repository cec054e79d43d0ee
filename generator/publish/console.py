"""A scan in the words, the order and the units of a console: ``console.yaml`` in the folder of its vendor."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from generator import yaml
from generator.model.tree import Node
from generator.publish.labels import GROUPS
from generator.vendors.profile import beside

FAT_SHIFT = 3.4 * 42.577
"""Hz of a voxel of fat per tesla; 434.4 Hz at 3 T, as measured on real cards of Philips."""

OTHERS = "Other values"


class Word(Node):
    """One entry of a console.

    Attributes
    ----------
    form : str, optional
        How it shows the value of its field, see ``_FORMS``; or of which scans it is, see ``_KINDS``.
    recalled : bool
        Whether the label is from memory; else it was read in a printout.
    """

    card: str
    field: str
    label: str
    form: str | None = None
    recalled: bool = False


@dataclass(frozen=True)
class Line:
    """One value of a sheet: label of the console (``None``: no word is known), field, value and unit."""

    label: str | None
    field: str
    value: Any
    unit: str | None = None
    recalled: bool = False


@cache
def words(vendor: str) -> tuple[Word, ...]:
    """Return the entries of a vendor's console, in its order; none of a vendor without the file."""
    found = beside(vendor, "console.yaml")
    if found is None:
        return ()
    return TypeAdapter(tuple[Word, ...]).validate_python(yaml.load(found))


def recalls(vendor: str) -> bool:
    """Say whether some label of a console is from memory."""
    return any(word.recalled for word in words(vendor))


def cards(
    step: Mapping[str, Any], held: Mapping[str, Any], target: Mapping[str, Any]
) -> list[tuple[str, list[Line]]]:
    """Lay out what a file holds of a scan by the cards of the console, then what it has no word for.

    Parameters
    ----------
    step, held : mapping
        The scan as stated, and the fields that were read back from the file.
    target : mapping
        ``vendor`` and ``field_strength`` in T.
    """
    scan = {**step, **held}
    found: dict[str, list[Line]] = {}
    known = set()
    for word in words(target["vendor"]):
        if word.field in held and _KINDS.get(word.form or "", _any)(scan):
            known.add(word.field)
            found.setdefault(word.card, []).extend(_lines(word, held, target))
    left = [field for _, fields in GROUPS for field, _ in fields if field in held and field not in known]
    if left:
        found[OTHERS] = [Line(None, field, held[field]) for field in left]
    return [(card, lines) for card, lines in found.items() if lines]


def _any(scan: Mapping[str, Any]) -> bool:
    return True


_KINDS: Mapping[str, Callable[[Mapping[str, Any]], bool]] = {
    "2D": lambda scan: scan.get("mr_acquisition_type") == "2D",
    "3D": lambda scan: scan.get("mr_acquisition_type") == "3D",
    "EPI": lambda scan: str(scan.get("technique")).startswith("echo_planar"),
    "no EPI": lambda scan: not str(scan.get("technique")).startswith("echo_planar"),
    "TSE": lambda scan: "turbo_spin_echo" in str(scan.get("technique")),
    "TFE": lambda scan: str(scan.get("technique")) in ("magnetization_prepared_gradient_echo", "mp2rage"),
}
"""Scans that an entry is of, where one field has several words."""

_Shown = Iterator[tuple[str, Any, str | None]]


def _lines(word: Word, held: Mapping[str, Any], target: Mapping[str, Any]) -> Iterator[Line]:
    """Lines of an entry; without a form, or where the form lacks a value, as the tree has it."""
    form = _FORMS.get(word.form or "")
    try:
        shown = list(form(held[word.field], held, target)) if form else [("", held[word.field], None)]
    except (KeyError, IndexError, TypeError, ZeroDivisionError):
        shown = [("", held[word.field], None)]
    for more, value, unit in shown:
        yield Line(f"{word.label} {more}".strip(), word.field, value, unit, word.recalled)


def _read(value: Sequence[float], held: Any, target: Any) -> _Shown:
    yield "", value[0], "mm" if value is held.get("field_of_view") else ""


def _phase(value: Sequence[float], held: Any, target: Any) -> _Shown:
    yield "", value[1], ""


def _phase_percent(value: Sequence[float], held: Any, target: Any) -> _Shown:
    yield "", value[1] / value[0] * 100, "%"


def _phase_fraction(value: Sequence[float], held: Any, target: Any) -> _Shown:
    yield "", value[1] / value[0], ""


def _phase_resolution(value: Sequence[float], held: Any, target: Any) -> _Shown:
    view = held["field_of_view"]
    yield "", value[1] / view[1] * view[0] / value[0] * 100, "%"


def _gap_percent(value: float, held: Any, target: Any) -> _Shown:
    yield "", value / held["slice_thickness"] * 100, "%"


def _percent(value: float, held: Any, target: Any) -> _Shown:
    yield "", value * 100, "%"


def _eighths(value: float, held: Any, target: Any) -> _Shown:
    eighths = value * 8
    yield "", "Off" if value >= 1 else f"{eighths:g}/8" if eighths == int(eighths) else value, ""


def _arrow(value: str, held: Any, target: Any) -> _Shown:
    yield "", " >> ".join(value), ""


def _cm(value: Sequence[float], held: Any, target: Any) -> _Shown:
    yield "", [one / 10 for one in value], "cm"


def _read_cm(value: Sequence[float], held: Any, target: Any) -> _Shown:
    yield "", value[0] / 10, "cm"


def _half_bandwidth(value: float, held: Any, target: Any) -> _Shown:
    yield "", value * held["acquisition_matrix"][0] / 2000, "kHz"


def _water_fat_shift(value: float, held: Any, target: Any) -> _Shown:
    yield "(pix)", FAT_SHIFT * target["field_strength"] / value, ""
    yield "/ BW", value, "Hz"


_PLANES = {"transverse": "RL AP", "sagittal": "AP FH", "coronal": "RL FH"}
_AXES = {"PA": "AP", "LR": "RL", "HF": "FH"}


def _by_axis(value: Sequence[float], held: Any, target: Any) -> _Shown:
    along = _AXES.get(held["phase_encoding_direction"], held["phase_encoding_direction"])
    across = next(axis for axis in _PLANES[held["plane"]].split() if axis != along)
    yield across, value[0], "mm"
    yield along, value[1], "mm"


_FORMS: Mapping[str, Callable[[Any, Any, Any], _Shown]] = {
    "read": _read,
    "read cm": _read_cm,
    "phase": _phase,
    "phase percent": _phase_percent,
    "phase fraction": _phase_fraction,
    "phase resolution": _phase_resolution,
    "gap percent": _gap_percent,
    "percent": _percent,
    "eighths": _eighths,
    "arrow": _arrow,
    "cm": _cm,
    "half bandwidth": _half_bandwidth,
    "water fat shift": _water_fat_shift,
    "by axis": _by_axis,
}
