"""Repetition, echo and inversion times, angles, and the time of the scan."""

from __future__ import annotations

from generator.model.tree import Acquisition
from generator.vendors.siemens import facts as f
from generator.vendors.siemens.container.ascconv import Ascconv
from generator.vendors.siemens.fields.block import Changes, Fields, MrProt, is_3d, open_protocol, scaled


def read_times(p: MrProt) -> Fields:
    """Times of the sequence and of the scan."""
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


def _inversion_times(p: MrProt, inverted: bool) -> Fields:
    b = p.block
    code = b.integer(f.INVERSION, f.NO_INVERSION) or f.NO_INVERSION
    if not inverted:
        if code != f.NO_INVERSION or (b.integer(f.SATURATION, 1) or 1) != 1:
            message = f"a preparation of another kind ({f.INVERSION} = {code}); its times are under vendor"
            p.doubt("inversion_time", message, "unknown-code")
        if p.sequence.technique == "arterial_spin_labelling":
            p.doubt("inversion_time", "times of the labelling are not inversion times of an image")
        return {"inversion_time": None, "second_inversion_time": None}
    contrasts = b.integer(f.INV_CONTRASTS, 1) or 1
    twice = code == f.DOUBLE_INVERSION or contrasts == 2
    if contrasts > 2:
        p.doubt("inversion_time", f"{contrasts} inversion times; the first one is given", "first-of-many")
    first, second = (scaled(b.number(f"{f.TI}[{i}]"), 1e-3) for i in (0, 1))
    return {"inversion_time": first, "second_inversion_time": second if twice else None}


def read_angles(p: MrProt) -> Fields:
    """Excitation and refocusing angle."""
    flip = p.block.number(f"{f.FLIP}[0]")
    spin_echo_train = p.sequence.train == "turbo"
    if spin_echo_train and p.block.integer(f.FLIP_MODE, 1) not in (0, 1):
        p.doubt(
            "flip_angle", "the refocusing angle varies along the train; the stored nominal one is not shown"
        )
        return {"flip_angle": None, "refocusing_flip_angle": None}
    return {"flip_angle": flip, "refocusing_flip_angle": flip if spin_echo_train else None}


def write_times(a: Acquisition, old: Ascconv) -> Changes:
    """Repetition, echo and inversion times."""
    changes: Changes = {}
    prepared = a.inversion_time is not None
    console = (a.repetition_time_preparation, a.repetition_time) if prepared else (a.repetition_time,)
    tr = next((t for t in (*console, a.repetition_time_excitation) if t is not None), None)
    if tr is None:
        tr = a.repetition_time_preparation
    if tr is not None:
        changes[f.TR] = round(tr * 1000)
    if a.echo_times and open_protocol(old).binary != "medic":
        changes[f.CONTRASTS] = len(a.echo_times)
        changes |= {f"{f.TE}[{i}]": round(t * 1000) for i, t in enumerate(a.echo_times)}
    elif a.echo_times and len(a.echo_times) == 1:
        changes[f"{f.TE}[0]"] = round(a.echo_times[0] * 1000)
    return changes | _write_inversion(a, old)


def _write_inversion(a: Acquisition, old: Ascconv) -> Changes:
    if a.technique == "arterial_spin_labelling":
        return {}
    was = old.integer(f.INVERSION)
    if a.inversion_time is None:
        return {f.INVERSION: f.NO_INVERSION, f.INV_CONTRASTS: 1} if was in f.INVERSIONS else {}
    twice = a.second_inversion_time is not None
    uni = a.technique == "mp2rage"
    changes: Changes = {f"{f.TI}[0]": round(a.inversion_time * 1000), f.INV_CONTRASTS: 2 if uni else 1}
    if a.second_inversion_time is not None:
        changes[f"{f.TI}[1]"] = round(a.second_inversion_time * 1000)
    single = f.GLOBAL_INVERSION if is_3d(a, old) else f.SLICE_INVERSION
    wanted = f.DOUBLE_INVERSION if twice and not uni else single
    keep = was in (f.SLICE_INVERSION, f.GLOBAL_INVERSION) and wanted != f.DOUBLE_INVERSION
    return changes | ({} if keep else {f.INVERSION: wanted})


def write_angles(a: Acquisition, old: Ascconv) -> Changes:
    """The angle that the console shows."""
    angle = a.flip_angle
    if a.technique in f.SPIN_ECHO_TRAINS:
        if old.integer(f.FLIP_MODE, 1) not in (0, 1):
            return {}
        angle = a.refocusing_flip_angle if a.refocusing_flip_angle is not None else a.flip_angle
    return {} if angle is None else {f"{f.FLIP}[0]": angle}


def scan_times(seconds: int, changes: Changes, old: Ascconv) -> Changes:
    """Total time, and the time of one measurement in the proportion that the block had."""
    repeats = changes.get(f.REPETITIONS, old.integer(f.REPETITIONS, 0)) or 0
    total, scan = old.integer(f.TOTAL_TIME), old.integer(f.SCAN_TIME)
    if isinstance(repeats, int) and repeats > 0:
        return {f.TOTAL_TIME: seconds, f.SCAN_TIME: round(seconds / (repeats + 1))}
    before = total - scan if total and scan and total - scan < seconds else 0
    return {f.TOTAL_TIME: seconds, f.SCAN_TIME: seconds - before}
