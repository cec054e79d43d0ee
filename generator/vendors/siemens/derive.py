"""What the values of a MrProt block mean: the rules of siemens.md section 6 and the traps of section 12.

Where a rule is not known to hold for a sequence, the field stays ``None`` and a note says why.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from generator.model import words
from generator.vendors.siemens import facts as f
from generator.vendors.siemens.ascconv import Ascconv
from generator.vendors.siemens.block import Fields, Protocol, open_protocol, scaled
from generator.vendors.siemens.derive_geometry import geometry
from generator.vendors.siemens.derive_readout import acceleration, readout, repetition


def derive(block: Ascconv) -> tuple[Fields, Protocol]:
    """Translate a MrProt block into the fields of an acquisition.

    Returns
    -------
    fields : dict
        Neutral field to value; fields that the block does not hold are absent or ``None``.
    protocol : Protocol
        The block with its doubts, for notes.
    """
    p = open_protocol(block)
    fields: Fields = {}
    for rule in _RULES:
        fields.update(rule(p))
    return fields, p


# --- what is scanned ----------------------------------------------------------------------------------


def _identity(p: Protocol) -> Fields:
    technique = p.sequence.technique
    if p.sequence is f.UNKNOWN_SEQUENCE:
        p.doubt("technique", f"sequence binary {p.binary!r} is not known", "unknown-sequence")
    code = p.block.integer(f.DIMENSION)
    return {
        "technique": _refined(p, technique),
        "mr_acquisition_type": f.DIMENSIONS.get(code or 0),
        "readout": f.TRAJECTORIES.get(p.block.integer(f.TRAJECTORY, 1) or 1),
    }


def _refined(p: Protocol, technique: words.Technique) -> words.Technique:
    if p.binary == "gre" and p.block.flag(f.SWI):
        return "susceptibility_weighted"
    if p.binary == "gre" and (p.block.integer(f.CONTRASTS, 1) or 1) > 1:
        return "multi_echo_gradient_echo"
    if p.binary == "tfl" and (p.block.integer(f.INV_CONTRASTS, 1) or 1) > 1:
        return "mp2rage"
    if p.binary == "tfl" and p.block.integer(f.INVERSION) not in f.INVERSIONS:
        return "gradient_echo"
    return technique


# --- times and angles ---------------------------------------------------------------------------------


def _times(p: Protocol) -> Fields:
    b = p.block
    count = b.integer(f.CONTRASTS, 1) or 1
    tr = scaled(b.number(f.TR), 1e-3)
    echoes = [scaled(b.number(f"{f.TE}[{i}]"), 1e-3) for i in range(min(count, 256))]
    inverted = b.integer(f.INVERSION) in f.INVERSIONS
    steady = p.sequence.technique in ("gradient_echo", "time_of_flight") and p.binary != "tfl"
    return {
        "repetition_time": tr,
        "repetition_time_preparation": tr if inverted else None,
        "repetition_time_excitation": tr if steady and not inverted else None,
        "echo_times": tuple(e for e in echoes if e is not None) or None,
        **_inversion_times(p, inverted),
        "acquisition_duration": b.number(f.TOTAL_TIME),
        "echo_spacing": scaled(b.number(f.ECHO_SPACING), 1e-3) if b.flag(f.FREE_ECHO_SPACING) else None,
    }


def _inversion_times(p: Protocol, inverted: bool) -> Fields:
    b = p.block
    code = b.integer(f.INVERSION, f.NO_INVERSION) or f.NO_INVERSION
    if not inverted:
        if code != f.NO_INVERSION or (b.integer(f.SATURATION, 1) or 1) != 1:
            message = f"a preparation of another kind ({f.INVERSION} = {code}); its times are under vendor"
            p.doubt("inversion_time", message, "unknown-code")
        if p.sequence.technique == "arterial_spin_labelling":
            p.doubt("inversion_time", "times of the labelling are not inversion times of an image")
        return {"inversion_time": None, "second_inversion_time": None}
    twice = code == f.DOUBLE_INVERSION or (b.integer(f.INV_CONTRASTS, 1) or 1) > 1
    first, second = (scaled(b.number(f"{f.TI}[{i}]"), 1e-3) for i in (0, 1))
    return {"inversion_time": first, "second_inversion_time": second if twice else None}


def _angles(p: Protocol) -> Fields:
    flip = p.block.number(f"{f.FLIP}[0]")
    spin_echo_train = p.sequence.train == "turbo"
    if spin_echo_train and p.block.integer(f.FLIP_MODE, 1) not in (0, 1):
        p.doubt(
            "flip_angle", "the refocusing angle varies along the train; the stored nominal one is not shown"
        )
        return {"flip_angle": None, "refocusing_flip_angle": None}
    return {"flip_angle": flip, "refocusing_flip_angle": flip if spin_echo_train else None}


# --- contrast -----------------------------------------------------------------------------------------


def _contrast(p: Protocol) -> Fields:
    b = p.block
    key, table = (f.FAT_XA, f.FATS_XA) if f.FAT_XA in b.raw else (f.FAT_VE, f.FATS_VE)
    return {
        "fat_suppression": _coded(p, key, table, "fat_suppression"),
        "saturation_bands": b.integer(f.SATURATION_BANDS, 0),
        "magnetization_transfer": b.flag(f.MTC),
        "gating": _gating(p),
        "output_maps": _maps(p),
    }


def _coded(p: Protocol, key: str, table: Any, what: str) -> Any:
    code = p.block.integer(key)
    if code is None:
        return None
    if code not in table:
        p.doubt(what, f"{key} = {code} is not a known code", "unknown-code")
    elif code in f.UNVERIFIED.get(key, ()):
        p.doubt(what, f"{key} = {code}: the meaning is a third party's", "unverified-code")
    return table.get(code)


def _gating(p: Protocol) -> Any:
    signal = _coded(p, f.SIGNAL, f.SIGNALS, "gating")
    breathing = p.block.integer(f.RESPIRATION, f.RESPIRATION_OFF)
    if signal == "none" and breathing != f.RESPIRATION_OFF:
        p.doubt(
            "gating", f"{f.RESPIRATION} = {breathing}: respiratory control of an unknown kind", "unknown-code"
        )
        return None
    return signal


def _maps(p: Protocol) -> Any:
    if p.sequence.technique in ("echo_planar_diffusion", "arterial_spin_labelling", "echo_planar_bold"):
        return None
    maps = f.RECONSTRUCTIONS.get(p.block.integer(f.RECONSTRUCTION, 0) or 0)
    return (*maps, "swi") if maps and p.block.flag(f.SWI) else maps


def _diffusion(p: Protocol) -> Fields:
    b = p.block
    mode = b.integer(f.DIFFUSION_MODE, f.DIFFUSION_OFF)
    if p.sequence.technique != "echo_planar_diffusion" or mode == f.DIFFUSION_OFF:
        return {}
    if not p.trusted:
        p.doubt("b_values", f"b-values follow no known rule with {p.why_not or p.binary}")
        return {}
    if (b.integer(f.Q_STEPS, 1) or 1) > 1:
        p.doubt("b_values", "q-space sampling: its b-values are not listed in the protocol")
        return {}
    count = min(b.integer(f.B_COUNT, 1) or 1, 128)
    values = tuple(b.number(f"{f.B_VALUE}[{i}]", 0.0) or 0.0 for i in range(count))
    averages = [b.integer(f"{f.B_AVERAGES}[{i}]") for i in range(count)]
    counted = mode in (f.DIFFUSION_FREE, f.DIFFUSION_MDDW) and any(values)
    if not counted and any(values):
        p.doubt("diffusion_directions", f"diffusion mode {mode} holds no number of directions")
    return {
        "b_values": values,
        "b_value_averages": tuple(averages) if all(averages) else None,
        "diffusion_directions": b.integer(f.DIRECTIONS) if counted else None,
    }


_RULES: tuple[Callable[[Protocol], Fields], ...] = (
    _identity,
    _times,
    _angles,
    geometry,
    readout,
    repetition,
    acceleration,
    _contrast,
    _diffusion,
)
