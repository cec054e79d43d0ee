"""What a clone brings along that is bound to a body, a patient or a plan, and how it is reset.

The neutral values are those that real files have where the setting is off.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from generator.vendors.matching import Binding, Inherited
from generator.vendors.siemens import facts as f
from generator.vendors.siemens.container.ascconv import Ascconv
from generator.vendors.siemens.fields import elements, geometry
from generator.vendors.siemens.fields.block import Changes, Fields, MrProt
from generator.vendors.siemens.fields.relations import Draft


@dataclass(frozen=True)
class Setting:
    """One kind of inherited state.

    Attributes
    ----------
    show : callable
        The setting for people, from the block and its neutral fields; empty where it is neutral.
    reset : callable or None
        Members that make it neutral.
    """

    what: str
    bound_to: Binding
    show: Callable[[MrProt, Fields], str]
    reset: Callable[[Ascconv], Changes] | None = None
    resets_to: str | None = None
    field: str | None = None


def inherited(p: MrProt, fields: Fields) -> tuple[Inherited, ...]:
    """List the settings of a block that are not neutral."""
    found = ((one, one.show(p, fields)) for one in SETTINGS)
    return tuple(
        Inherited(what=s.what, value=text, bound_to=s.bound_to, field=s.field, resets_to=s.resets_to)
        for s, text in found
        if text
    )


def reset(block: Ascconv, what: frozenset[str]) -> Changes:
    """Members that make settings neutral, each seeing what those before it changed."""
    changes: Changes = {}
    for one in SETTINGS:
        if one.what in what and one.reset:
            changes |= one.reset(Draft(block, changes).block)
    return changes


def _without(block: Ascconv, fits: Callable[[str], bool]) -> Changes:
    return {key: None for key in block.raw if fits(key)}


# --- saturation, triggering, zoom, shim -----------------------------------------------------------------


def _bands(_: MrProt, fields: Fields) -> str:
    places = fields.get("saturation_band_positions") or ()
    return f"{len(places)}: {', '.join(places)}" if places else ""


def _no_bands(block: Ascconv) -> Changes:
    return {f.SATURATION_BANDS: None, f.TRACKING: None} | _without(
        block, lambda k: k.startswith(f"{f.BAND}[")
    )


def _gating(p: MrProt, _: Fields) -> str:
    signal = p.block.integer(f.SIGNAL, 1) or 1
    return "" if signal == 1 else f"{f.SIGNALS.get(signal, 'other')}, signal {signal}"


def _breathing(p: MrProt, _: Fields) -> str:
    code = p.block.integer(f.RESPIRATION, f.RESPIRATION_OFF)
    return "" if code == f.RESPIRATION_OFF else f"respiratory control {code}"


def _zoom(p: MrProt, _: Fields) -> str:
    return "zoomed excitation" if p.block.integer(f.EXCITATION) == f.EXCITATION_ZOOMED else ""


def _no_zoom(block: Ascconv) -> Changes:
    return {f.EXCITATION: f.EXCITATION_STANDARD} | _without(block, lambda k: bool(f.ZOOM_MEMBERS.match(k)))


def _shim(p: MrProt, _: Fields) -> str:
    if not p.block.flag(f.SHIM_VALID):
        return ""
    sides = (p.block.number(f"{f.SHIM_VOLUME}.{side}", 0.0) or 0.0 for side in f.VOLUME_SIDES)
    return f"{' x '.join(f'{side:.0f}' for side in sides)} mm"


def _no_shim(block: Ascconv) -> Changes:
    return {f.SHIM_VALID: None} | _without(block, lambda k: k.startswith(f"{f.SHIM_VOLUME}."))


# --- where the slices are -------------------------------------------------------------------------------


def _orientation(p: MrProt, fields: Fields) -> str:
    angles, plane = fields.get("oblique_angles"), fields.get("plane")
    return f"{plane}, turned by {angles[0]:g} and {angles[1]:g} deg" if angles and any(angles) else ""


def _straight(block: Ascconv) -> Changes:
    return geometry.placed_anew(block, straight=True)


def _position(p: MrProt, _: Fields) -> str:
    if (p.block.integer(f.GROUPS, 1) or 1) > 1:
        return ""
    centre = geometry.placement_of(p.block, p.block.integer(f.SLICES, 0) or 0).centre
    words = [f"{sign[x > 0]}{abs(x):.0f}" for sign, x in zip(("RL", "AP", "FH"), centre, strict=True)]
    return f"{' '.join(words)} mm" if max(map(abs, centre)) >= _MILLIMETRE / 2 else ""


_MILLIMETRE = 1.0


def _central(block: Ascconv) -> Changes:
    return geometry.placed_anew(block, central=True)


def _table(_: MrProt, fields: Fields) -> str:
    position = fields.get("table_position")
    return f"{position:+.0f} mm" if position else ""


def _auto_align(p: MrProt, _: Fields) -> str:
    codes = [p.block.integer(key, 1) or 1 for key in f.AUTO_ALIGN]
    return "" if set(codes) == {1} else f"region {codes[1]}, reference {codes[2]}"


def _several(p: MrProt, _: Fields) -> str:
    count = (p.block.integer(f.REPETITIONS, 0) or 0) + 1
    alone = p.sequence.technique in ("arterial_spin_labelling", "echo_planar_bold") or p.version < f.FIRST_VE
    return "" if count == 1 or alone else f"{count} measurements"


# --- coil, filters, reconstruction ----------------------------------------------------------------------


def _elements(p: MrProt, fields: Fields) -> str:
    coils = fields.get("receive_coils") or ()
    return f"{', '.join(coils)}: {', '.join(elements(p.block, 'tElement'))}" if coils else ""


def _filters(p: MrProt, _: Fields) -> str:
    return ", ".join(name for name, key in f.FILTERS.items() if p.block.flag(key))


def _told(name: str, neutral: object) -> Callable[[MrProt, Fields], str]:
    """Show a neutral field unless it has the neutral value."""

    def show(_: MrProt, fields: Fields) -> str:
        value = fields.get(name)
        return "" if value is None or value == neutral else str(value)

    return show


def _reference(p: MrProt, _: Fields) -> str:
    value = p.block.number(f.REFERENCE_SNR)
    return f"{value:.6g}" if value else ""


SETTINGS: tuple[Setting, ...] = (
    Setting("saturation_bands", "anatomy", _bands, _no_bands, "none", "saturation_bands"),
    Setting("gating", "patient", _gating, lambda _: {f.SIGNAL: 1, f.METHOD: 1}, "none", "gating"),
    Setting("breath_hold", "patient", _breathing,
            lambda _: {f.RESPIRATION: f.RESPIRATION_OFF}, "off", "breath_hold"),
    Setting("zoom", "anatomy", _zoom, _no_zoom, "standard excitation"),
    Setting("shim_volume", "anatomy", _shim, _no_shim, "the volume of the slices"),
    Setting("coil_elements", "anatomy", _elements, None, None, "receive_coils"),
    Setting("auto_align", "plan", _auto_align, lambda _: dict.fromkeys(f.AUTO_ALIGN, 1), "none"),
    Setting("orientation", "plan", _orientation, _straight, "straight", "oblique_angles"),
    Setting("position", "plan", _position, _central, "isocentre"),
    Setting("table_position", "plan", _table, lambda _: {f.TABLE: 0.0}, "isocentre", "table_position"),
    Setting("measurements", "plan", _several,
            lambda _: {f.REPETITIONS: None}, "1", "number_of_temporal_positions"),
    Setting("magnetization_transfer", "plan", _told("magnetization_transfer", False),
            lambda _: {f.MTC: None}, "off", "magnetization_transfer"),
    Setting("reference_snr", "plan", _reference),
    Setting("filters", "scanner", _filters),
    Setting("distortion_correction", "scanner", _told("distortion_correction", "none"),
            field="distortion_correction"),
    Setting("intensity_normalization", "scanner", _told("intensity_normalization", False),
            field="intensity_normalization"),
    Setting("interpolation", "scanner", _told("interpolation", 1.0), field="interpolation"),
    Setting("deep_learning", "scanner", _told("deep_learning_reconstruction", "none"),
            field="deep_learning_reconstruction"),
)  # fmt: skip
