"""What is scanned: technique, fat suppression, gating and maps; b-values and directions of diffusion."""

from __future__ import annotations

from typing import Any

from generator.model import words
from generator.model.tree import Acquisition
from generator.vendors.siemens import facts as f
from generator.vendors.siemens.container.ascconv import Ascconv
from generator.vendors.siemens.fields.block import Changes, Fields, MrProt


def read_identity(p: MrProt) -> Fields:
    """Technique, dimension and trajectory."""
    technique = p.sequence.technique
    code = p.block.whole(f.DIMENSION)
    return {
        "technique": _refined(p, technique),
        "mr_acquisition_type": f.DIMENSIONS.get(code),
        "readout": f.TRAJECTORIES.get(p.block.whole(f.TRAJECTORY, 1)),
    }


def _refined(p: MrProt, technique: words.Technique) -> words.Technique:
    b, family = p.block, p.family
    if family == "gre" and b.flag(f.SWI):
        return "susceptibility_weighted"
    if family == "gre" and b.whole(f.CONTRASTS, 1) > 1:
        return "multi_echo_gradient_echo"
    if family == "tfl" and b.integer(f.INV_CONTRASTS, 1) == 2:
        return "mp2rage"
    if family == "tfl" and b.integer(f.INVERSION) not in f.INVERSIONS:
        return "gradient_echo"
    if family == "beat" and b.integer(f.EXCITATION) == f.EXCITATION_TONE:
        return "time_of_flight"
    return technique


def read_contrast(p: MrProt) -> Fields:
    """Fat suppression, saturation, gating and the images that are made."""
    b = p.block
    key, table = (f.FAT_XA, f.FATS_XA) if f.FAT_XA in b.raw else (f.FAT_VE, f.FATS_VE)
    return {
        "fat_suppression": _coded(p, key, table, "fat_suppression"),
        **_gating(p),
        "output_maps": _maps(p),
    }


def _coded(p: MrProt, key: str, table: Any, what: str) -> Any:
    code = p.block.integer(key)
    if code is None:
        return None
    if code not in table:
        p.doubt(what, f"{key} = {code} is not a known code", "unknown-code")
    elif code in f.UNVERIFIED.get(key, ()):
        p.doubt(what, f"{key} = {code}: the meaning is a third party's", "unverified-code")
    return table.get(code)


def _gating(p: MrProt) -> Fields:
    signal = _coded(p, f.SIGNAL, f.SIGNALS, "gating")
    breathing = p.block.integer(f.RESPIRATION, f.RESPIRATION_OFF)
    if breathing == f.BREATH_HOLD:
        message = f"{f.RESPIRATION} = {breathing} is a breath hold by names of protocols, not printed"
        p.doubt("breath_hold", message, "unverified-code")
    if signal == "none" and breathing not in (f.RESPIRATION_OFF, f.BREATH_HOLD):
        p.doubt(
            "gating", f"{f.RESPIRATION} = {breathing}: respiratory control of an unknown kind", "unknown-code"
        )
        return {"gating": None, "breath_hold": None}
    return {"gating": signal, "breath_hold": breathing == f.BREATH_HOLD}


def _maps(p: MrProt) -> Any:
    if p.sequence.technique in ("echo_planar_diffusion", "arterial_spin_labelling", "echo_planar_bold"):
        return None
    maps = f.RECONSTRUCTIONS.get(p.block.whole(f.RECONSTRUCTION))
    return (*maps, "swi") if maps and p.block.flag(f.SWI) else maps


# --- writing -----------------------------------------------------------------------------------------


_NEAREST_FAT = {"spir": "fat_saturation", "stir": "none"}


def write_contrast(a: Acquisition, old: Ascconv) -> Changes:
    """Fat suppression, magnetization transfer, triggering and reconstruction."""
    changes: Changes = {}
    if a.fat_suppression is not None:
        changes |= _fat(a.fat_suppression, old)
    if a.gating is not None and f.SIGNALS.get(old.whole(f.SIGNAL, 1)) != a.gating:
        changes[f.SIGNAL] = {"none": 1, "cardiac": 4, "respiratory": 16}[a.gating]
        changes[f.METHOD] = 1 if a.gating == "none" else 2
    if a.technique == "susceptibility_weighted" or old.flag(f.SWI):
        changes[f.SWI] = a.technique == "susceptibility_weighted"
    if a.output_maps:
        both = tuple(m for m in ("magnitude", "phase") if m in a.output_maps)
        if both:
            changes[f.RECONSTRUCTION] = next(c for c, maps in f.RECONSTRUCTIONS.items() if maps == both)
    return changes


def _fat(wanted: str, old: Ascconv) -> Changes:
    key, table = (f.FAT_VE, f.FATS_VE) if f.FAT_VE in old.raw else (f.FAT_XA, f.FATS_XA)
    word = _NEAREST_FAT.get(wanted, wanted)
    if table.get(old.whole(key)) == word:
        return {}
    return next(({key: code} for code, meaning in table.items() if meaning == word), {})


_ONE_SHELL = 0.02
"""Share by which squared lengths of vectors may differ and still be one b-value."""


def read_diffusion(p: MrProt) -> Fields:
    """b-values, averages and directions."""
    b = p.block
    mode = b.whole(f.DIFFUSION_MODE, f.DIFFUSION_OFF)
    if p.sequence.technique != "echo_planar_diffusion" or mode == f.DIFFUSION_OFF:
        return {}
    if p.sequence.trust == "none":
        p.doubt("b_values", f"b-values follow no known rule with {p.binary!r}")
        return {}
    if b.whole(f.Q_STEPS, 1) > 1:
        p.doubt("b_values", "q-space sampling: its b-values are not listed in the protocol")
        return {}
    if mode == f.DIFFUSION_FREE and (table := _table(p)):
        return table
    count = min(b.whole(f.B_COUNT, 1), 128)
    values = tuple(b.real(f"{f.B_VALUE}[{i}]") for i in range(count))
    averages = [b.integer(f"{f.B_AVERAGES}[{i}]") for i in range(count)]
    return {
        "b_values": values,
        "b_value_averages": tuple(averages) if all(averages) else None,
        "diffusion_scheme": f.DIFFUSION_SCHEMES.get(mode),
        "diffusion_directions": _directions(p, mode) if any(values) else None,
    }


def _directions(p: MrProt, mode: int) -> int | None:
    if mode in (f.DIFFUSION_FREE, f.DIFFUSION_MDDW):
        return p.block.integer(f.DIRECTIONS)
    if mode in f.UNVERIFIED[f.DIFFUSION_MODE]:
        message = f"{f.DIFFUSION_MODE} = {mode}: the meaning is that of the sequence headers"
        p.doubt("diffusion_directions", message, "unverified-code")
    elif mode not in f.DIRECTIONS_OF_MODE:
        p.doubt("diffusion_directions", f"{f.DIFFUSION_MODE} = {mode} is not a known code", "unknown-code")
    return f.DIRECTIONS_OF_MODE.get(mode)


def _table(p: MrProt) -> Fields | None:
    """Shells of a table of free vectors of unequal length: the b-value goes with the square of the length.

    Returns
    -------
    dict or None
        ``None`` if all vectors are of one length, so that the listed b-values hold.
    """
    lengths = [sum(x * x for x in vector) for vector in _vectors(p)]
    longest = max(lengths, default=0.0)
    if not longest or all(abs(length / longest - 1) <= _ONE_SHELL for length in lengths if length):
        return None
    count = p.block.whole(f.B_COUNT, 1)
    listed = [p.block.real(f"{f.B_VALUE}[{i}]") for i in range(min(count, 128))]
    shells = {_round_b(max(listed) * length) for length in lengths} | ({0.0} if 0.0 in listed else set())
    p.doubt(
        "b_values",
        "by the lengths of the vectors in the table; the longest has the largest listed",
        "free-table",
    )
    return {
        "b_values": tuple(sorted(shells)),
        "diffusion_scheme": "free",
        "diffusion_directions": sum(_round_b(max(listed) * length) > 0 for length in lengths) or None,
    }


def _vectors(p: MrProt) -> list[tuple[float, ...]]:
    b, count = p.block, min(p.block.whole(f.DIRECTIONS), 4096)
    stems = [f"{f.FREE_VECTOR}[{i}]." for i in range(count)]
    return [tuple(b.real(stem + axis) for axis in f.AXES) for stem in stems]


def _round_b(value: float) -> float:
    """To 5 s/mm2, as people write b-values: the table holds rounded components."""
    return round(value / 5) * 5.0


# --- writing -----------------------------------------------------------------------------------------


def write_diffusion(a: Acquisition, old: Ascconv) -> Changes:
    """b-values, averages, mode and directions; a table of free vectors stays only if it is what is wanted."""
    if a.technique != "echo_planar_diffusion" or a.b_values is None:
        return {}
    changes: Changes = {f.B_COUNT: len(a.b_values)}
    changes |= {f"{f.B_VALUE}[{i}]": round(b) or None for i, b in enumerate(a.b_values)}
    averages = a.b_value_averages or [1] * len(a.b_values)
    if a.b_value_averages or f"{f.B_AVERAGES}[0]" in old.raw or not old.integer(f.B_COUNT):
        changes |= {f"{f.B_AVERAGES}[{i}]": n for i, n in enumerate(averages)}
    for i in range(len(a.b_values), old.whole(f.B_COUNT)):
        changes |= {f"{f.B_VALUE}[{i}]": None, f"{f.B_AVERAGES}[{i}]": None}
    return changes | _write_directions(a, old)


def _write_directions(a: Acquisition, old: Ascconv) -> Changes:
    """Mode and number of directions: traces by four scans, as real protocols make them, tensors by MDDW."""
    was = old.whole(f.DIFFUSION_MODE, f.DIFFUSION_OFF)
    mode = _mode(a, was)
    number = f.DIRECTIONS_OF_MODE.get(mode) or a.diffusion_directions
    if mode == was and number in (None, old.integer(f.DIRECTIONS)):
        return {}
    changes: Changes = {f.DIFFUSION_MODE: mode}
    if number:
        changes[f.DIRECTIONS] = number
    if was == f.DIFFUSION_FREE != mode:
        changes |= {key: None for key in old.raw if key.startswith((f"{f.FREE_VECTOR}[", f.FREE_COMMENT))}
    return changes


def _mode(a: Acquisition, was: int) -> int:
    number = a.diffusion_directions
    if (written := f.MODES_WRITTEN.get(a.diffusion_scheme or "")) is not None:
        return written
    if number is None:
        return was if was != f.DIFFUSION_OFF else f.DIFFUSION_TRACE_4
    if number <= _MOST_OF_TRACE:
        return was if f.DIRECTIONS_OF_MODE.get(was) else f.DIFFUSION_TRACE_4
    return f.DIFFUSION_MDDW


_MOST_OF_TRACE = 4
"""Directions up to which images are traces; no real MDDW protocol has fewer than six."""
