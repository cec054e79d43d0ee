"""What a clone brings along that no spec speaks of: how it is found, and what it is reset to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from generator.model.tree import Acquisition
from generator.vendors.matching import Binding, Inherited
from generator.vendors.philips import facts as k
from generator.vendors.philips.fields.acceleration import set_multiband
from generator.vendors.philips.fields.contrast import set_gating
from generator.vendors.philips.fields.scan import Settings

Values = Any
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
