"""What holds of a clone: the settings it would bring along unseen, and the relations it has to keep."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from generator.model.tree import Acquisition
from generator.vendors.gate import Relation
from generator.vendors.matching import Binding, Inherited
from generator.vendors.philips import facts as k
from generator.vendors.philips.fields.acceleration import set_multiband
from generator.vendors.philips.fields.contrast import set_gating
from generator.vendors.philips.fields.scan import Settings, orders
from generator.vendors.philips.fields.times import TR_KEYS

Values = Mapping[str, Any]

# --- inherited settings -------------------------------------------------------------------------------

_NEAR_ZERO = 0.05


@dataclass(frozen=True, slots=True)
class State:
    """One setting that is bound to an anatomy, a patient, a plan or a scanner.

    Attributes
    ----------
    find : callable
        Takes the scan as it is read, with its parameters under ``vendor``; returns the setting for people,
        empty if there is none.
    reset : callable, optional
        Writes the neutral value into the settings; what is not in the block is reset with the row.
    """

    what: str
    bound_to: Binding
    resets_to: str | None
    find: Callable[[Acquisition, Values], str]
    reset: Callable[[Settings], None] | None = None
    field: str | None = None


def inherited(scan: Acquisition) -> Iterator[Inherited]:
    """Name every setting of a scan that a clone of it would bring along."""
    values = scan.vendor["parameters"]
    for state in STATES:
        if text := state.find(scan, values):
            yield Inherited(
                what=state.what,
                value=text,
                bound_to=state.bound_to,
                field=state.field,
                resets_to=state.resets_to,
            )


def reset(settings: Settings, names: frozenset[str]) -> None:
    """Reset the settings of a scan that are named."""
    for state in STATES:
        if state.what in names and state.reset is not None:
            state.reset(settings)


def _bands(scan: Acquisition, values: Values) -> str:
    if not scan.saturation_bands:
        return ""
    return f"{scan.saturation_bands}: {', '.join(scan.saturation_band_positions or ('side not known',))}"


def _no_bands(settings: Settings) -> None:
    settings.forget(*k.BAND_RECORDS)
    settings.set(k.SATURATION_BANDS, 0)


def _foldover(text: str) -> Callable[[Acquisition, Values], str]:
    return lambda scan, values: text.lower() if values.get(k.FOLDOVER) == text else ""


def _no_suppression(settings: Settings) -> None:
    settings.turn(k.FOLDOVER, "NO")


def _shim(scan: Acquisition, values: Values) -> str:
    count = values.get(k.SHIM_VOLUMES)
    return f"{count} planned" if count else ""


def _default_shim(settings: Settings) -> None:
    settings.turn(k.SHIM, "DEFAULT")


def _stack_numbers(values: Values, slots: dict[str, k.Key], sets: dict[str, str]) -> dict[str, float]:
    """Numbers of the first stack that are not zero, by axis."""
    found = {}
    for axis, slot in slots.items():
        value = values.get(slot, values.get(sets[axis].format(0)))
        first = value[0] if isinstance(value, tuple) and value else value
        if isinstance(first, float) and abs(first) >= _NEAR_ZERO:
            found[axis] = first
    return found


def _places(slots: dict[str, k.Key], sets: dict[str, str], unit: str) -> Callable[[Acquisition, Values], str]:
    def find(scan: Acquisition, values: Values) -> str:
        found = _stack_numbers(values, slots, sets)
        return ", ".join(f"{axis.upper()} {number:.4g} {unit}" for axis, number in found.items())

    return find


def _zero(slots: dict[str, k.Key], sets: dict[str, str]) -> Callable[[Settings], None]:
    def write(settings: Settings) -> None:
        for axis, slot in slots.items():
            if slot in settings.current:
                settings.set(slot, [0.0] * k.MAX_STACKS)
            for index in range(k.MAX_STACKS):
                if (name := sets[axis].format(index)) in settings.current:
                    settings.wanted[name] = 0.0

    return write


def _table(scan: Acquisition, values: Values) -> str:
    return "" if scan.table_position is None else f"{scan.table_position:g} mm"


def _table_unset(settings: Settings) -> None:
    settings.set(k.TABLE_POSITION, [k.UNSET_POSITION] * k.MAX_STACKS)


def _repetitions(scan: Acquisition, values: Values) -> str:
    count = scan.number_of_temporal_positions or 1
    return str(count) if count > 1 else ""


def _one_repetition(settings: Settings) -> None:
    settings.turn(k.DYNAMIC, "NO")


def _lying(scan: Acquisition, values: Values) -> str:
    """Anything but head first, supine, even where the number of a position is not proven."""
    entry, lying = values.get(k.ENTRY, "HEAD_FIRST"), values.get(k.LYING, "SUPINE")
    return "" if (entry, lying) == ("HEAD_FIRST", "SUPINE") else f"{entry} {lying}"


def _supine(settings: Settings) -> None:
    settings.set(k.ENTRY, "HEAD_FIRST")
    settings.set(k.LYING, "SUPINE")


def _member(obj: str, name: str, usual: frozenset[str]) -> Callable[[Acquisition, Values], str]:
    def find(scan: Acquisition, values: Values) -> str:
        text = str(scan.vendor.get(obj, {}).get(name, ""))
        return "" if text.casefold() in usual else text

    return find


def _comment(scan: Acquisition, values: Values) -> str:
    is_own = "note" in scan.vendor
    return f"a note of {len(scan.instruction)} characters" if scan.instruction and not is_own else ""


def _coils(scan: Acquisition, values: Values) -> str:
    return ", ".join(scan.receive_coils or ())


def _mode_word(key: k.Key, usual: frozenset[str]) -> Callable[[Acquisition, Values], str]:
    def find(scan: Acquisition, values: Values) -> str:
        value = values.get(key)
        return value if isinstance(value, str) and value not in usual else ""

    return find


# Neutral values are those of scans in real cards that do not use the setting (records absent in all of them,
# offsets and tilts 0 in scans that were never planned, table 2.1e9 in 7 of 7 of R5.3).
STATES = (
    State("saturation_bands", "anatomy", "none", _bands, _no_bands, "saturation_bands"),
    State("gating", "patient", "none", lambda s, v: "" if s.gating in (None, "none") else s.gating,
          lambda s: set_gating("none", s), "gating"),
    State("breath_hold", "patient", "no", lambda s, v: "yes" if s.breath_hold else "",
          lambda s: set_gating("none", s), "breath_hold"),
    State("zoom", "anatomy", "off", _foldover("ZOOM"), _no_suppression),
    State("fold_over_bands", "anatomy", "off", _foldover("REST"), _no_suppression),
    State("shim_volume", "anatomy", "the default shim", _shim, _default_shim),
    State("orientation", "plan", "no tilt", _places(k.ANGLES, k.SET_ANGLES, "deg"),
          _zero(k.ANGLES, k.SET_ANGLES), "oblique_angles"),
    State("position", "plan", "isocentre", _places(k.OFFCENTRES, k.SET_OFFCENTRES, "mm"),
          _zero(k.OFFCENTRES, k.SET_OFFCENTRES)),
    State("table_position", "plan", "not moved", _table, _table_unset, "table_position"),
    State("repetitions", "plan", "1",
          _repetitions, _one_repetition, "number_of_temporal_positions"),
    State("multiband", "plan", "1", lambda s, v: f"{n}" if (n := s.multiband_factor or 1) > 1 else "",
          lambda s: set_multiband(1, s), "multiband_factor"),
    State("magnetization_transfer", "plan", "off", lambda s, v: "on" if s.magnetization_transfer else "",
          lambda s: s.put(k.TRANSFER, "NO"), "magnetization_transfer"),
    State("patient_position", "patient", "HFS",
          _lying, _supine,
          "patient_position"),
    State("laterality", "anatomy", "unpaired", lambda s, v: s.laterality or "", None, "laterality"),
    State("auto_align", "plan", "none", _member("SingleScan", "smartGeoType",
          frozenset({"", "awplan_smartplan_type_none"}))),
    State("comment", "patient", "left out", _comment),
    State("coil_elements", "scanner", None, _coils, None, "receive_coils"),
    State("deep_learning", "scanner", None, _mode_word(k.ACCELERATION, frozenset({"NO", "CS"})), None,
          "deep_learning_reconstruction"),
    State("distortion_correction", "scanner", None,
          _mode_word(k.GEOMETRY_CORRECTION, frozenset({"DEFAULT"})), None,
          "distortion_correction"),
    State("filter", "scanner", None, _mode_word(k.FILTER, frozenset({"DEFAULT", "NO"}))),
)  # fmt: skip


# --- relations ----------------------------------------------------------------------------------------

# Relative difference that 32-bit storage and a console's rounding leave (measured: at most 0.1 %).
_CLOSE = 2e-3
# A release may lack a few names that only its neighbours were seen with (SPAIR in R5.7).
_FEW = 5


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


def _band_records(values: Values) -> bool | None:
    count = _number(values, k.SATURATION_BANDS)
    return None if count is None else ("EX_REST_in_segm" in values) == (count > 0)


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
        Relation("rest-slabs", "REST records exist if and only if there are slabs", 5, 56, _band_records),
        Relation("record-order", "records have the order of their release", 5, 56, _order),
    )  # fmt: skip
