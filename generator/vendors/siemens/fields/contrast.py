"""What is scanned: technique, fat suppression, gating, maps, diffusion."""

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
    if p.sequence is f.UNKNOWN_SEQUENCE:
        p.doubt("technique", f"sequence binary {p.binary!r} is not known", "unknown-sequence")
    code = p.block.integer(f.DIMENSION)
    return {
        "technique": _refined(p, technique),
        "mr_acquisition_type": f.DIMENSIONS.get(code or 0),
        "readout": f.TRAJECTORIES.get(p.block.integer(f.TRAJECTORY, 1) or 1),
    }


def _refined(p: MrProt, technique: words.Technique) -> words.Technique:
    if p.binary == "gre" and p.block.flag(f.SWI):
        return "susceptibility_weighted"
    if p.binary == "gre" and (p.block.integer(f.CONTRASTS, 1) or 1) > 1:
        return "multi_echo_gradient_echo"
    if p.binary == "tfl" and (p.block.integer(f.INV_CONTRASTS, 1) or 1) > 1:
        return "mp2rage"
    if p.binary == "tfl" and p.block.integer(f.INVERSION) not in f.INVERSIONS:
        return "gradient_echo"
    return technique


def read_contrast(p: MrProt) -> Fields:
    """Fat suppression, saturation, gating and the images that are made."""
    b = p.block
    key, table = (f.FAT_XA, f.FATS_XA) if f.FAT_XA in b.raw else (f.FAT_VE, f.FATS_VE)
    return {
        "fat_suppression": _coded(p, key, table, "fat_suppression"),
        "saturation_bands": b.integer(f.SATURATION_BANDS, 0),
        "magnetization_transfer": b.flag(f.MTC),
        "gating": _gating(p),
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


def _gating(p: MrProt) -> Any:
    signal = _coded(p, f.SIGNAL, f.SIGNALS, "gating")
    breathing = p.block.integer(f.RESPIRATION, f.RESPIRATION_OFF)
    if signal == "none" and breathing != f.RESPIRATION_OFF:
        p.doubt(
            "gating", f"{f.RESPIRATION} = {breathing}: respiratory control of an unknown kind", "unknown-code"
        )
        return None
    return signal


def _maps(p: MrProt) -> Any:
    if p.sequence.technique in ("echo_planar_diffusion", "arterial_spin_labelling", "echo_planar_bold"):
        return None
    maps = f.RECONSTRUCTIONS.get(p.block.integer(f.RECONSTRUCTION, 0) or 0)
    return (*maps, "swi") if maps and p.block.flag(f.SWI) else maps


def read_diffusion(p: MrProt) -> Fields:
    """b-values, averages and directions."""
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


# --- writing -----------------------------------------------------------------------------------------


_NEAREST_FAT = {"spir": "fat_saturation", "stir": "none"}


def write_contrast(a: Acquisition, old: Ascconv) -> Changes:
    """Fat suppression, magnetization transfer, triggering and reconstruction."""
    changes: Changes = {}
    if a.fat_suppression is not None:
        changes |= _fat(a.fat_suppression, old)
    if a.magnetization_transfer is not None:
        changes[f.MTC] = a.magnetization_transfer
    if a.gating is not None and f.SIGNALS.get(old.integer(f.SIGNAL, 1) or 1) != a.gating:
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
    if table.get(old.integer(key) or 0) == word:
        return {}
    return next(({key: code} for code, meaning in table.items() if meaning == word), {})


def write_diffusion(a: Acquisition, old: Ascconv) -> Changes:
    """b-values, averages and directions; a free vector table stays."""
    if a.technique != "echo_planar_diffusion" or a.b_values is None:
        return {}
    mode = old.integer(f.DIFFUSION_MODE, f.DIFFUSION_OFF)
    changes: Changes = {f.B_COUNT: len(a.b_values)}
    changes |= {f"{f.B_VALUE}[{i}]": round(b) or None for i, b in enumerate(a.b_values)}
    averages = a.b_value_averages or [1] * len(a.b_values)
    if a.b_value_averages or f"{f.B_AVERAGES}[0]" in old.raw or not old.integer(f.B_COUNT):
        changes |= {f"{f.B_AVERAGES}[{i}]": n for i, n in enumerate(averages)}
    for i in range(len(a.b_values), old.integer(f.B_COUNT, 0) or 0):
        changes |= {f"{f.B_VALUE}[{i}]": None, f"{f.B_AVERAGES}[{i}]": None}
    if mode == f.DIFFUSION_FREE:
        return changes
    if a.diffusion_directions is not None:
        changes |= {f.DIRECTIONS: a.diffusion_directions, f.DIFFUSION_MODE: f.DIFFUSION_MDDW}
    elif mode == f.DIFFUSION_OFF:
        changes[f.DIFFUSION_MODE] = f.DIFFUSION_MDDW
    return changes
