"""What the collected series have in common: relations that hold in each, settings that most do not have.

A relation states how many series of three exports (142) and five DICOM blocks it speaks of; a test counts
them again. What breaks one is set to the grid of the console where that is a matter of rounding, else
refused. A setting is what a clone brings along that no spec speaks of; its neutral value is the one that most
of the 142 series have, each row says how many.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import ceil
from typing import Any

from generator.model.tree import Acquisition, Note
from generator.vendors import gate
from generator.vendors.gate import Relation
from generator.vendors.ge import container, facts
from generator.vendors.ge.container import lxprotocol
from generator.vendors.ge.facts import number
from generator.vendors.ge.fields import geometry
from generator.vendors.ge.reader import written, written_session
from generator.vendors.matching import Binding, Inherited, region_of

Document = dict[str, str]
Holds = Callable[[Document], bool | None]


def _tokens(pairs: Document) -> tuple[str, ...]:
    return facts.options(pairs.get(facts.IOPT, ""))


def _value(pairs: Document, key: str) -> float:
    return number(pairs.get(key)) or 0.0


def _entries(pairs: Document, key: str) -> int:
    return sum(bool(part.strip()) for part in pairs.get(key, "").split(";"))


def _option_with_factor(token: str, key: str) -> Holds:
    def holds(pairs: Document) -> bool | None:
        on, factor = token in _tokens(pairs), _value(pairs, key)
        return on == (factor > 1) if on or key in pairs else None

    return holds


def _only_with(key: str, *tokens: str) -> Holds:
    """A key that is there only beside one of some options."""
    return lambda pairs: bool(set(tokens) & set(_tokens(pairs))) if key in pairs else None


def _drop(*keys: str) -> Callable[[Document], None]:
    def mend(pairs: Document) -> None:
        for key in keys:
            pairs.pop(key, None)

    return mend


def _counted(count: str, key: str) -> Holds:
    return lambda pairs: (
        _value(pairs, count) == _entries(pairs, key) if count in pairs and key in pairs else None
    )


def _averages(pairs: Document) -> bool | None:
    both = facts.B_VALUES in pairs and facts.B_AVERAGES in pairs
    return _entries(pairs, facts.B_VALUES) == _entries(pairs, facts.B_AVERAGES) if both else None


def _inverts(pairs: Document) -> bool | None:
    if facts.INVERSION_OPTION not in _tokens(pairs):
        return None
    return facts.TI in pairs or pairs.get(facts.TI_AUTOMATIC) == "1"


def _diffusion(pairs: Document) -> bool | None:
    on = facts.DIFFUSION_OPTION in _tokens(pairs)
    return on == (facts.DIRECTION_MODE in pairs) if on or facts.DIRECTION_MODE in pairs else None


def _directions(pairs: Document) -> bool | None:
    mode, count = pairs.get(facts.DIRECTION_MODE), _value(pairs, facts.DIRECTIONS)
    return {"7": count == 3, facts.TENSOR: count >= facts.FEWEST_OF_TENSOR}.get(mode or "")


def _even(key: str) -> Holds:
    return lambda pairs: _value(pairs, key) % 2 == 0 if number(pairs.get(key)) else None


def _make_even(key: str) -> Callable[[Document], None]:
    def mend(pairs: Document) -> None:
        pairs[key] = f"{2 * ceil(_value(pairs, key) / 2)}"

    return mend


def _bandwidth(pairs: Document) -> bool | None:
    half = number(pairs.get(facts.RBW))
    return None if not half else abs(geometry.receiver_bandwidth(2 * half, 1000) - half) < 0.0051


def _mend_bandwidth(pairs: Document) -> None:
    half = geometry.receiver_bandwidth(2 * _value(pairs, facts.RBW), 1000)
    pairs[facts.RBW] = facts.shown(facts.RBW, half)


def _shots(pairs: Document) -> bool | None:
    epi = facts.EPI_OPTION in _tokens(pairs)
    return epi == (facts.SHOTS in pairs) if epi or facts.SHOTS in pairs else None


def _mend_shots(pairs: Document) -> None:
    """One shot, which 9 of 10 series have, where the spec states none."""
    if pairs.pop(facts.SHOTS, None) is None:
        pairs[facts.SHOTS] = "1"


def _one_calibration(pairs: Document) -> bool | None:
    there = set(facts.PARALLEL_OPTIONS) & set(_tokens(pairs))
    return len(there) == 1 if there else None


def _groups(pairs: Document) -> bool | None:
    if facts.GROUPS not in pairs:
        return None
    return _value(pairs, facts.GROUPS) == sum(key in pairs for key in facts.GROUP_KEYS)


def _mend_groups(pairs: Document) -> None:
    pairs[facts.GROUPS] = str(sum(key in pairs for key in facts.GROUP_KEYS))


def _readout_in_plane(pairs: Document) -> bool | None:
    plane = facts.PLANES.get(pairs.get(facts.PLANE, ""))
    axis = facts.FREQUENCY_AXES.get(pairs.get(facts.SWAPPF, ""))
    return axis in facts.PLANE_AXES[plane] if plane in facts.PLANE_AXES and axis else None


def _range(pairs: Document) -> bool | None:
    low, shown, high = (number(pairs.get(key)) for key in (facts.TR_LEAST, facts.TR, facts.TR_MOST))
    if pairs.get(facts.TR_AUTOMATIC) != "1" or not (low and shown and high):
        return None
    return low <= shown <= high


def _bands(pairs: Document) -> bool | None:
    places = {key[6:] for key in pairs if key.startswith(facts.BAND_STEMS[0])}
    widths = {key[8:] for key in pairs if key.startswith(facts.BAND_STEMS[1])}
    return places == widths if places or widths else None


def _is_3d(pairs: Document) -> bool:
    return pairs.get(facts.IMODE) == "3D"


RELATIONS: tuple[Relation[Document], ...] = (
    Relation("multiband", "the option HB goes with a factor above 1, and only it", 2, 2,
             _option_with_factor("HB", facts.BAND_FACTOR)),
    Relation("sensing", "the option HS goes with a factor above 1, and only it", 1, 1,
             _option_with_factor("HS", facts.SENSING_FACTOR)),
    Relation("b-values", "NUMBVALUE counts the b-values", 6, 50, _counted(facts.B_COUNT, facts.B_VALUES)),
    Relation("b-averages", "each b-value has a number of averages", 7, 52, _averages),
    Relation("diffusion", "a diffusion mode goes with the option DIFF, and only it", 4, 7, _diffusion),
    Relation("directions", "All has 3 directions, Tensor 6 or more", 4, 7, _directions),
    Relation("inversion-option", "TI goes with the option IrP", 3, 5,
             _only_with(facts.TI, facts.INVERSION_OPTION), _drop(facts.TI)),
    Relation("inversion-time", "a series with the option IrP has TI or AUTOTI", 3, 5, _inverts),
    Relation("parallel", "a phase factor goes with ARC or Asset", 7, 74,
             _only_with(facts.PHASE_FACTOR, *facts.PARALLEL_OPTIONS),
             _drop(facts.PHASE_FACTOR, facts.SLICE_FACTOR)),
    Relation("one-calibration", "ARC and Asset exclude each other", 7, 76, _one_calibration),
    Relation("slice-factor", "a slice factor is of a volume", 4, 11,
             lambda pairs: _is_3d(pairs) if facts.SLICE_FACTOR in pairs else None, _drop(facts.SLICE_FACTOR)),
    Relation("spacing", "a spacing is of slices", 7, 126,
             lambda pairs: not _is_3d(pairs) if facts.SPACING in pairs else None, _drop(facts.SPACING)),
    Relation("slab", "a slab has an even number of locations", 4, 12, _even(facts.SLAB_LOCATIONS),
             _make_even(facts.SLAB_LOCATIONS), "slab_thickness"),
    Relation("locations", "a conventional slab has an even number of locations", 3, 9, _even(facts.LOCATIONS),
             _make_even(facts.LOCATIONS), "number_of_slices"),
    Relation("lines", "the phase matrix is even", 8, 139, _even(facts.LINES), _make_even(facts.LINES),
             "acquisition_matrix"),
    Relation("bandwidth", "the half bandwidth is 1000 kHz by a whole number", 4, 116, _bandwidth,
             _mend_bandwidth, "pixel_bandwidth"),
    Relation("shots", "shots are of EPI, and EPI has them", 7, 10, _shots, _mend_shots),
    Relation("bands", "a saturation band has a place and a thickness", 3, 27, _bands),
    Relation("groups", "GRIP_NUMSLGROUPS counts the slice groups", 8, 147, _groups, _mend_groups),
    Relation("flow", "an axis of flow compensation goes with the option FC", 3, 29,
             _only_with(facts.FLOW_AXIS, facts.FLOW_OPTION), _drop(facts.FLOW_AXIS)),
    Relation("readout", "the readout lies in the plane", 6, 22, _readout_in_plane),
    Relation("range", "an automatic TR lies in its range", 3, 82, _range),
    Relation("phases", "phases go with an option that repeats the scan", 4, 5,
             _only_with(facts.PHASES, *facts.MULTIPHASE_OPTIONS), _drop(facts.PHASES)),
    Relation("beats", "R-R intervals go with the option Gat", 1, 1, _only_with(facts.BEATS, "Gat"),
             _drop(facts.BEATS)),
    Relation("always", "the keys that every file has are there", 8, 147,
             lambda pairs: facts.key_order().always.keys() <= pairs.keys()),
)  # fmt: skip


def broken(files: Mapping[str, bytes]) -> Iterator[Note]:
    """Name every relation that a written series breaks though it holds in all real files."""
    name = next(name for name in files if name.endswith(container.ARCHIVES))
    for folder in written(files[name], name).folders:
        tasks = written_session(folder.files[container.SESSION], folder.place).tasks
        series = [(task.name, pairs) for task in tasks if (pairs := folder.series(task)) is not None]
        for index, (scan, pairs) in enumerate(series):
            for code, text in _broken(pairs):
                yield Note(code=code, step=index, message=f"{scan}: {text}")


@lru_cache(maxsize=512)
def _broken(pairs: bytes) -> tuple[tuple[str, str], ...]:
    """Name and text of every relation that the pairs of a series break."""
    values, _ = lxprotocol.values(pairs, container.SERIES)
    return tuple((one.name, one.text) for one in gate.broken(RELATIONS, values))


# --- settings -------------------------------------------------------------------------------------------

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


def _unless(neutral: str, key: str) -> Callable[[Values, Mapping[str, Any]], str]:
    """Show a key unless it has its neutral value."""
    return lambda values, fields: "" if values.get(key, "") in ("", neutral) else values[key]


def _set(changes: Mapping[str, str | None]) -> Callable[[Values, Mapping[str, Any]], Changes]:
    """Set keys, of those that the series has."""
    return lambda values, fields: {key: text for key, text in changes.items() if key in values}


def _constant(
    what: str, bound_to: Binding, key: str, neutral: str, word: str = "", more: Changes | None = None
) -> Setting:
    """Make the setting of one key, which is reset to its neutral value, called by a word."""
    reset = _set({key: neutral, **(more or {})})
    return Setting(what, bound_to, _unless(neutral, key), word or neutral, reset)


def _field(name: str) -> Callable[[Values, Mapping[str, Any]], str]:
    def shown(values: Values, fields: Mapping[str, Any]) -> str:
        value = fields.get(name)
        return str(value) if value is True or value not in (None, "none", False, 1.0) else ""

    return shown


def _sides(values: Values, fields: Mapping[str, Any]) -> str:
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
    spacing = (fields.get("slice_thickness") or 0) + (fields.get("slice_gap") or 0)
    return {
        **changes,
        facts.PLANE: facts.PLANE_WORDS[plane],
        facts.GROUPS: "0",
        **geometry.centred(plane, count, spacing),
    }


def _moved(values: Values, fields: Mapping[str, Any]) -> Changes:
    """Around the isocentre; tilted slices keep their tilt."""
    oblique = values.get(facts.PLANE) == facts.OBLIQUE and values.get(facts.GROUPS) in ("0", "1")
    return dict(geometry.moved(values)) if oblique else _straight(values, fields)


def _foreign_part(values: Values, fields: Mapping[str, Any]) -> str:
    """Body part of a series that is of another region than any protocol here."""
    part = fields.get("body_part")
    return part if part and region_of(part, ()) not in facts.ANATOMY_WORD else ""


SETTINGS = (
    Setting("saturation_bands", "anatomy", _sides, "none", _without_bands, "saturation_bands"),  # none in 115
    Setting("gating", "patient", _field("gating"), "none", _without_gating, "gating"),  # none in 141
    _constant("zoom", "anatomy", facts.EXCITATION, "Selective"),  # 136 of 139
    Setting("shim_volume", "anatomy", _unless("0", facts.PRESCAN_VOLUME_KEYS[0]), "none",
            _set(dict.fromkeys(facts.PRESCAN_VOLUME_KEYS, "0"))),  # 112
    Setting("position", "plan", _place, "isocentre", _moved),
    Setting("orientation", "plan", _tilt, "straight", _straight, "oblique_angles"),
    _constant("table_position", "plan", "TBLDELTA", "0.00"),  # 142
    _constant("breath_hold", "patient", "AUTOVOICE", "0", "none", {"AVMESSAGEKEY": None}),  # 141
    _constant("pauses", "patient", "B4PAUSE", "0", "none"),  # 42 of 43
    _constant("delay", "patient", "PRESETDELAY", "0.0"),  # 139
    Setting("body_part", "anatomy", _foreign_part, "that of the protocol", field="body_part"),
    Setting("patient_position", "patient",
            lambda values, fields: "" if fields.get("patient_position") in (None, "HFS")
            else str(fields["patient_position"]), "HFS", field="patient_position"),
    Setting("coil_elements", "scanner", lambda values, fields: "; ".join(fields.get("receive_coils") or ()),
            field="receive_coils"),
    Setting("filter", "scanner", _unless("None", facts.FILTER)),  # None in 124
    *(
        Setting(what, "scanner", _field(name), field=name)
        for what, name in {
            "distortion_correction": "distortion_correction", "interpolation": "interpolation",
            "deep_learning": "deep_learning_reconstruction",
            "intensity_normalization": "intensity_normalization",
        }.items()
    ),
)  # fmt: skip


def inherited(values: Values, scan: Acquisition) -> tuple[Inherited, ...]:
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
