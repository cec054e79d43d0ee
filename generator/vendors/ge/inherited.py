"""What a clone of a GE series brings along that no spec speaks of, and how it is taken out.

The neutral values are those that most of the 142 collected series have; each row says how many.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from generator.model.tree import Acquisition
from generator.vendors.ge import facts
from generator.vendors.ge.fields import geometry
from generator.vendors.matching import Binding, Inherited, region_of

Values = Mapping[str, str]
Changes = dict[str, str | None]


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: how it is shown, what it is bound to, and what takes it out.

    Attributes
    ----------
    shown : callable
        Text for people from pairs and fields; empty if the series does not have it.
    resets_to : str or None
        The neutral value; ``None`` of a setting that stays and is named.
    reset : callable
        Changes that take it out, from pairs and fields.
    """

    what: str
    bound_to: Binding
    shown: Callable[[Values, Mapping[str, Any]], str]
    resets_to: str | None = None
    reset: Callable[[Values, Mapping[str, Any]], Changes] = lambda values, fields: {}
    field: str | None = None


def _constant(key: str, neutral: Collection[str]) -> Callable[[Values, Mapping[str, Any]], str]:
    """Show a key unless it has a neutral value."""
    return lambda values, fields: "" if values.get(key, "") in ("", *neutral) else values[key]


def _set(changes: Mapping[str, str | None]) -> Callable[[Values, Mapping[str, Any]], Changes]:
    """Set keys, of those that the series has."""
    return lambda values, fields: {key: text for key, text in changes.items() if key in values}


def _field(name: str) -> Callable[[Values, Mapping[str, Any]], str]:
    return lambda values, fields: "" if fields.get(name) in (None, "none", False, 1.0) else str(fields[name])


def _bands(values: Values, fields: Mapping[str, Any]) -> str:
    sides = fields.get("saturation_band_positions")
    return f"{len(sides)}: {', '.join(sides)}" if sides else ""


def _without_bands(values: Values, fields: Mapping[str, Any]) -> Changes:
    return {key: None for key in values if key.startswith(facts.BAND_STEMS)}


def _without_gating(values: Values, fields: Mapping[str, Any]) -> Changes:
    tokens = [t for t in facts.options(values.get(facts.IOPT, "")) if t not in facts.GATING_OPTIONS]
    changes: Changes = {key: None for key in facts.GATING_KEYS if key in values}
    return {**changes, facts.IOPT: ", ".join(tokens) or "None"}


def _planned(fields: Mapping[str, Any]) -> bool:
    return fields.get("role") not in ("localizer", "calibration")


def _tilt(values: Values, fields: Mapping[str, Any]) -> str:
    tilt = fields.get("oblique_angles")
    return f"{tilt[0]:g} and {tilt[1]:g} deg" if _planned(fields) and tilt and any(tilt) else ""


def _place(values: Values, fields: Mapping[str, Any]) -> str:
    return geometry.centre(values) if _planned(fields) else ""


def _straight(values: Values, fields: Mapping[str, Any]) -> Changes:
    """Along the main plane, around the isocentre."""
    plane, count = fields.get("plane"), fields.get("number_of_slices")
    if plane not in facts.NORMAL_AXIS or not count:
        return {}
    changes: Changes = {key: None for key in facts.GEOMETRY_KEYS if key in values}
    word = next(word for word, name in facts.PLANES.items() if name == plane)
    spacing = (fields.get("slice_thickness") or 0) + (fields.get("slice_gap") or 0)
    return {**changes, facts.PLANE: word, facts.GROUPS: "0", **geometry.centred(plane, count, spacing)}


def _moved(values: Values, fields: Mapping[str, Any]) -> Changes:
    """Around the isocentre; tilted slices keep their tilt."""
    oblique = values.get(facts.PLANE) == facts.OBLIQUE and values.get(facts.GROUPS) in ("0", "1")
    return dict(geometry.moved(values)) if oblique else _straight(values, fields)


def _foreign_part(values: Values, fields: Mapping[str, Any]) -> str:
    """Body part of a series that is of another region than any protocol here."""
    part = fields.get("body_part")
    return part if part and region_of(part, ()) not in facts.ANATOMY_WORD else ""


SETTINGS = (
    Setting("saturation_bands", "anatomy", _bands, "none", _without_bands, "saturation_bands"),  # none in 115
    Setting("gating", "patient", _field("gating"), "none", _without_gating, "gating"),  # none in 141
    Setting("zoom", "anatomy", _constant(facts.EXCITATION, ("Selective",)), "Selective",
            _set({facts.EXCITATION: "Selective"})),  # 136 of 139
    Setting("shim_volume", "anatomy", _constant(facts.PRESCAN_VOLUME_KEYS[0], ("0",)), "none",
            _set(dict.fromkeys(facts.PRESCAN_VOLUME_KEYS, "0"))),  # 112
    Setting("position", "plan", _place, "isocentre", _moved),
    Setting("orientation", "plan", _tilt, "straight", _straight, "oblique_angles"),
    Setting("table_position", "plan", _constant("TBLDELTA", ("0.00",)), "0.00",
            _set({"TBLDELTA": "0.00"})),  # 142
    Setting("breath_hold", "patient", _constant("AUTOVOICE", ("0",)), "none",
            _set({"AUTOVOICE": "0", "AVMESSAGEKEY": None})),  # 141
    Setting("pauses", "patient", _constant("B4PAUSE", ("0",)), "none", _set({"B4PAUSE": "0"})),  # 42 of 43
    Setting("delay", "patient", _constant("PRESETDELAY", ("0.0",)), "0.0",
            _set({"PRESETDELAY": "0.0"})),  # 139
    Setting("body_part", "anatomy", _foreign_part, "that of the protocol", field="body_part"),
    Setting("patient_position", "patient",
            lambda values, fields: "" if fields.get("patient_position") in (None, "HFS")
            else str(fields["patient_position"]), "HFS", field="patient_position"),
    Setting("coil_elements", "scanner", lambda values, fields: "; ".join(fields.get("receive_coils") or ()),
            field="receive_coils"),
    Setting("filter", "scanner", _constant(facts.FILTER, ("None",))),  # None in 124
    Setting("distortion_correction", "scanner", _field("distortion_correction"),
            field="distortion_correction"),
    Setting("interpolation", "scanner", _field("interpolation"), field="interpolation"),
    Setting("deep_learning", "scanner", _field("deep_learning_reconstruction"),
            field="deep_learning_reconstruction"),
    Setting("intensity_normalization", "scanner", _field("intensity_normalization"),
            field="intensity_normalization"),
)  # fmt: skip


def of(values: Values, scan: Acquisition) -> tuple[Inherited, ...]:
    """List the settings of a series that a clone would bring along."""
    fields = dict(scan)
    found = [(one, one.shown(values, fields)) for one in SETTINGS]
    return tuple(
        Inherited(what=one.what, value=text, bound_to=one.bound_to, field=one.field, resets_to=one.resets_to)
        for one, text in found
        if text
    )


def reset(values: Values, fields: Mapping[str, Any], wanted: Collection[str], region: str | None) -> Changes:
    """Return the changes of pairs that take settings out of a series."""
    changes: Changes = {}
    for one in SETTINGS:
        if one.what in wanted:
            changes |= one.reset(values, fields)
    if "body_part" in wanted and region:
        changes[facts.ANATOMY] = facts.anatomy(region)
    return changes
