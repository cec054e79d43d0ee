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
    code = p.block.integer(f.DIMENSION)
    return {
        "technique": _refined(p, technique),
        "mr_acquisition_type": f.DIMENSIONS.get(code or 0),
        "readout": f.TRAJECTORIES.get(p.block.integer(f.TRAJECTORY, 1) or 1),
    }


def _refined(p: MrProt, technique: words.Technique) -> words.Technique:
    b, family = p.block, p.family
    if family == "gre" and b.flag(f.SWI):
        return "susceptibility_weighted"
    if family == "gre" and (b.integer(f.CONTRASTS, 1) or 1) > 1:
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
    maps = f.RECONSTRUCTIONS.get(p.block.integer(f.RECONSTRUCTION, 0) or 0)
    return (*maps, "swi") if maps and p.block.flag(f.SWI) else maps


# --- writing -----------------------------------------------------------------------------------------


_NEAREST_FAT = {"spir": "fat_saturation", "stir": "none"}


def write_contrast(a: Acquisition, old: Ascconv) -> Changes:
    """Fat suppression, magnetization transfer, triggering and reconstruction."""
    changes: Changes = {}
    if a.fat_suppression is not None:
        changes |= _fat(a.fat_suppression, old)
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
