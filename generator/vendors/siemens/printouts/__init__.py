"""Printouts of Siemens consoles, VB17 to XA, as PDF, XML and text: a layout each, one table of labels.

A printout drops pauses and decisions and rounds its numbers; no console imports it, and it is no donor.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from generator.errors import UnusableInput
from generator.model.tree import Acquisition, Note, Protocol, ReadResult
from generator.text import seconds
from generator.vendors.siemens import facts
from generator.vendors.siemens.printouts import layouts
from generator.vendors.siemens.printouts.layouts import Print
from generator.vendors.siemens.printouts.words import (
    FIELD_STRENGTHS,
    LABELS,
    TECHNIQUES,
    WORDS,
    canonical,
    fold,
    number,
    whole,
)
from generator.vendors.siemens.reader import checked, nominal


def read(path: Path, kind: str) -> ReadResult:
    """Read a printout; a step of several parts (Set-n-Go) gives one scan for each part.

    Raises
    ------
    UnusableInput
        If the file is damaged, is no printout, or the library that reads it is missing.
    """
    printed = layouts.READERS[kind](path)
    if not printed.steps:
        raise UnusableInput(path, "a printout without a protocol")
    notes = [Note(code="printout", message="a printout drops pauses and decisions and rounds its numbers")]
    protocols = [
        _protocol(folders, tuple(steps), index, printed.branched, notes)
        for index, (folders, steps) in enumerate(groupby(printed.steps, lambda p: p.path))
    ]
    return ReadResult(
        format=kind,
        vendor="siemens",
        software=software_of(printed.titles),
        field_strength=strength_of(printed.titles, printed.steps),
        protocols=tuple(protocols),
        notes=tuple(notes),
    )


def _protocol(
    folders: tuple[str, ...], steps: Sequence[Print], protocol: int, branched: bool, notes: list[Note]
) -> Protocol:
    """Consecutive steps of one path are one program."""
    made = tuple(_acquisition(p, protocol, index, notes) for index, p in enumerate(steps))
    times = [a.acquisition_duration for a in made]
    total = None if branched or None in times else sum(t for t in times if t is not None)
    if total is not None:
        message = (
            "total time: the sum of the printed times; a printout does not say which scans exclude each other"
        )
        notes.append(Note(code="sum", message=message, protocol=protocol, field="acquisition_duration"))
    return Protocol(
        name=folders[-1] if folders else "(printout)", path=folders, steps=made, acquisition_duration=total
    )


def _acquisition(printed: Print, protocol: int, step: int, notes: list[Note]) -> Acquisition:
    def note(code: str, message: str, what: str | None = None) -> None:
        notes.append(Note(code=code, message=message, protocol=protocol, step=step, field=what))

    if not printed.all("tr"):
        note("foreign-labels", "labels of a language or release that is not known: only the head is read")
    fields, doubts = fields_of(printed)
    for what, text in doubts:
        note("printed", text, what)
    made, remarks = checked(printed.name, {"printed": printed.values}, fields)
    for what, text in remarks:
        note("impossible", text, what)
    return made


def software_of(titles: Sequence[str]) -> str | None:
    """Software version of the first title that names one, spelled as in archives: VB17, VE11, XA61A."""
    for title in titles:
        if match := re.search(r"\bV?((?:VB|[DE]|VA|XA|B)\d\d[A-Z]?)\b", title):
            word = match[1]
            return (
                word.replace("VA", "XA") if word.startswith("VA") else word if word[0] in "VX" else f"V{word}"
            )
    return None


_GYROMAGNETIC = 42.577
"""Megahertz per tesla of protons."""


def strength_of(titles: Sequence[str], steps: Sequence[Print]) -> float | None:
    """Field strength: printed in the title, by the resonance of protons, or by the name of the scanner."""
    match = next(filter(None, (re.search(r"\b(0\.55|1\.5|3\.0|7\.0)T\b", t) for t in titles)), None)
    if match:
        return float(match[1])
    frequency = next(filter(None, (p.number("frequency") for p in steps)), None)
    if frequency:
        return nominal(frequency / _GYROMAGNETIC)
    known = {b for word, b in FIELD_STRENGTHS.items() for title in titles if word in title.casefold()}
    return known.pop() if len(known) == 1 else None


_CLOCK = re.compile(r"TA\s*:\s*(?:(\d+):(\d\d)(?::(\d\d))?|(\d+(?:[.,]\d+)?)\s*(s|min)\w*)", re.I)
_PLANES = {"t": "transverse", "s": "sagittal", "c": "coronal"}
_DIRECTIONS = {"AP", "PA", "LR", "RL", "HF", "FH"}
_ONE_BAND = ("none", "off", "grappa", "msense", "caipirinha")
_SCANS = {"integrated": "integrated", "separate": "separate"}
_VOLUME_AXES = {"s": fold("R >> L"), "c": fold("A >> P"), "t": fold("F >> H")}
_WHOLE_MILLIMETRES = 0.6  # mm, by which a printed side of the volume may differ through rounding


_ROWS: tuple[tuple[str, Callable[[Print, str], Any], str], ...] = (
    ("repetition_time", Print.number, "tr"),
    ("number_of_averages", Print.positive, "averages"),
    ("number_of_temporal_positions", Print.whole, "measurements"),
    ("concatenations", Print.whole, "concatenations"),
    ("slice_thickness", Print.number, "thickness"),
    ("phase_oversampling", Print.share, "phase_oversampling"),
    ("slice_oversampling", Print.share, "slice_oversampling"),
    ("pixel_bandwidth", Print.number, "bandwidth"),
    ("echo_spacing", Print.positive, "echo_spacing"),
    ("echo_train_duration", Print.number, "train_duration"),
    ("reference_lines", Print.whole, "ref_lines"),
    ("reference_lines_out_of_plane", Print.whole, "ref_lines_3d"),
    ("elliptical_scanning", Print.is_on, "elliptical"),
    ("magnetization_transfer", Print.is_on, "mtc"),
    ("gradient_mode", Print.text, "gradient_mode"),
    ("specific_absorption_rate_mode", Print.text, "pulse"),
)
"""Fields that are printed as such: how a value is read, and its entry of ``LABELS``."""

_WORDS = {
    "fat_suppression": "fat",
    "readout": "trajectory",
    "flow_compensation": "flow",
    "diffusion_scheme": "diffusion",
    "breath_hold": "breathing",
}
"""Fields that are printed as words of a closed list, with the entry of ``LABELS``."""


def fields_of(p: Print) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """Neutral fields of a printed step, and what must be said about them (field, sentence)."""
    doubts: list[tuple[str, str]] = []
    fields = {
        **{field: read(p, name) for field, read, name in _ROWS},
        **{field: WORDS[field].get(p.word(name)) for field, name in _WORDS.items()},
        **_times(p, doubts),
        **_geometry(p, doubts),
        **_readout(p, doubts),
        **_contrast(p),
        **_console(p, doubts),
    }
    return fields, doubts


_STEADY = ("gradient_echo", "susceptibility_weighted", "time_of_flight", "multi_echo_gradient_echo")
_PREPARED = ("magnetization_prepared_gradient_echo", "mp2rage")


def _times(p: Print, doubts: list[tuple[str, str]]) -> dict[str, Any]:
    inverted = (p.word("preparation") or "none") not in ("none", "off")
    inversion = p.numbered("ti") if inverted else []
    flips = p.numbered("flip")
    if len(set(flips)) > 1:
        doubts.append(("flip_angle", f"{len(flips)} different angles are printed; the first is given"))
    tr, technique = p.number("tr"), _technique(p)
    steady = technique in _STEADY and not inverted
    spacing = p.number("echo_spacing") if technique in _PREPARED else None
    return {
        "technique": technique,
        "repetition_time_preparation": tr if inverted else None,
        "repetition_time_excitation": tr if steady else spacing or None,
        "echo_times": tuple(p.numbered("te")) or None,
        "inversion_time": inversion[0] if inversion else None,
        "second_inversion_time": inversion[1] if len(inversion) > 1 else None,
        "flip_angle": flips[0] if flips else None,
        "refocusing_flip_angle": flips[0] if flips and technique in facts.SPIN_ECHO_TRAINS else None,
        "acquisition_duration": _duration(p.header, doubts),
        "number_of_shots": p.whole("readout_segments")
        or (p.whole("segments") if technique == "arterial_spin_labelling" else None),
    }


_SEQUENCE = re.compile(r"(?:SIEMENS|USER)\s*:\s*(\w+)")  # VB prints the binary
_SHORT = re.compile(
    r"([a-z]+)[A-Z]*(?:_\w*)?"
)  # behind the name of a sequence: restore, real, wave; _r: compensated


def _technique(p: Print) -> str | None:
    if match := _SEQUENCE.search(p.header):
        found = facts.SEQUENCES.get(match[1])
        return found.technique if found else None
    short = _SHORT.fullmatch(p.text("sequence") or p.header.rsplit(":", 1)[-1].strip())
    technique = TECHNIQUES.get(short[1]) if short else None
    if technique == "gradient_echo" and p.is_on("swi"):
        return "susceptibility_weighted"
    if technique == "gradient_echo" and p.word("excitation") == "tone":
        return "time_of_flight"
    return "mp2rage" if short and short[0] == "tfl" and len(p.numbered("ti")) > 1 else technique


def _duration(header: str, doubts: list[tuple[str, str]]) -> float | None:
    match = _CLOCK.match(header.strip())
    if match is None:
        return None
    if match[4]:
        found = (number(match[4]) or 0) * (60 if match[5].lower() == "min" else 1)
    else:
        a, b, c = match.groups()[:3]
        found = seconds(None, a, b) if c is None else seconds(a, b, c)
    if not found:
        doubts.append(("acquisition_duration", "the printed time is 0:00, which is no time"))
    return float(found) if found else None


def _geometry(p: Print, doubts: list[tuple[str, str]]) -> dict[str, Any]:
    read, share, base = p.number("fov_read"), p.number("fov_phase"), p.number("base")
    thickness, three = p.number("thickness"), _is_3d(p)
    phase = round(read * share / 100, 4) if read and share else None
    return {
        "mr_acquisition_type": None if three is None else "3D" if three else "2D",
        "field_of_view": (read, phase) if read and phase else None,
        "acquisition_matrix": (whole(base), None) if base else None,
        "voxel_size": _voxel(p, read, base, thickness, three),
        "slab_thickness": _slab(p, (read, phase), doubts) if three else None,
        **_slices(p, thickness, three, doubts),
    }


def _slab(p: Print, view: tuple[float | None, float | None], doubts: list[tuple[str, str]]) -> float | None:
    """Height of the slab: slices times thickness, or for XA, which prints no slices, the adjustment volume.

    That volume is the slab if its other two sides are the field of view; else it says nothing.
    """
    per_slab, thickness, slabs = (p.number(name) for name in ("per_slab", "thickness", "slabs"))
    if slabs != 1:
        return None  # how far slabs overlap into the total differs from release to release
    if per_slab and thickness:
        return round(per_slab * thickness, 6)
    across = _VOLUME_AXES.get((p.text("orientation") or "")[:1].lower())
    if across is None:
        return None
    sides = {axis: number(next(iter(p.values.get(axis, ())), None)) for axis in _VOLUME_AXES.values()}
    height = sides.pop(across)
    found, wanted = sorted(side or 0 for side in sides.values()), sorted(side or 0 for side in view)
    same = all(abs(a - b) <= _WHOLE_MILLIMETRES for a, b in zip(found, wanted, strict=True))
    if not height or not same:
        return None
    doubts.append(("slab_thickness", "taken from the adjustment volume, which is as large as the images"))
    return height


def _is_3d(p: Print) -> bool | None:
    if dimension := p.text("dimension"):
        return dimension.startswith("3")
    return True if p.all("slabs") else False if p.all("slices") else None


def _voxel(
    p: Print, read: float | None, base: float | None, thickness: float | None, three: bool | None
) -> Any:
    resolution, depth = p.number("phase_resolution"), p.number("slice_resolution")
    if not (read and base and thickness and resolution):
        return None
    through = thickness if not three else round(thickness / depth * 100, 6) if depth else None
    return (round(read / base, 6), round(read / base / resolution * 100, 6), through)


def _slices(
    p: Print, thickness: float | None, three: bool | None, doubts: list[tuple[str, str]]
) -> dict[str, Any]:
    groups = max([p.whole("groups") or 1, *(whole(number(text)) or 1 for text in p.all("group"))])
    sizes = p.all("slabs" if three else "slices")
    if groups > len(sizes) or (groups > 1 and _repeated(p, groups)):
        shown = "one" if groups <= len(sizes) else len(sizes)
        doubts.append(("number_of_slices", f"only {shown} of {groups} slice groups are printed"))
        return {}
    counts = [whole(number(text)) or 0 for text in sizes]
    factors = {number(text) for text in p.all("distance")[: len(sizes)]}
    gap = factors.pop() if len(factors) == 1 else None
    per_slab = p.whole("per_slab")
    return {
        "number_of_slices": (per_slab * sum(counts) if per_slab else None) if three else sum(counts) or None,
        "slice_gap": round(gap / 100 * thickness, 6) if gap is not None and thickness and not three else None,
        "number_of_slabs": sum(counts) or None if three else None,
        "slab_overlap": -gap / 100 if three and gap is not None and gap <= 0 and sum(counts) > 1 else None,
        **_orientation(p, len(sizes)),
    }


def _repeated(p: Print, groups: int) -> bool:
    """Whether all groups are printed the same: XA20 to XA61 repeat the first in place of the others (PDF)."""
    printed = [p.all(name)[:groups] for name in ("position", "orientation", "slices")]
    return all(len(values) == groups and len(set(values)) == 1 for values in printed)


def _orientation(p: Print, groups: int) -> dict[str, Any]:
    planes = {text.strip()[:1].lower() for text in p.all("orientation")[:groups]}
    ways = {_way(text) for text in p.all("phase_direction")[:groups]}
    return {
        "plane": _PLANES.get(next(iter(planes))) if len(planes) == 1 else None,
        "oblique_angles": _angles(p.text("orientation"))
        if len(set(p.all("orientation")[:groups])) == 1
        else None,
        "phase_encoding_direction": ways.pop() if len(ways) == 1 and ways <= _DIRECTIONS else None,
    }


def _way(text: str) -> str:
    """Direction of ``A >> P``; French consoles may say droite and gauche."""
    return text.upper().replace(">>", "").replace(" ", "").replace("D", "R").replace("G", "L")


_TILT = re.compile(r"[TSC] ?> ?[TSC] ?(-? ?\d+(?:[.,]\d+)?)(?: ?> ?[TSC] ?(-? ?\d+(?:[.,]\d+)?))?")


def _angles(text: str | None) -> tuple[float, float] | None:
    """Angles of ``T > C-6.4 > S1.2``; of a plane by its name, none."""
    if match := _TILT.fullmatch((text or "").strip()):
        return number(match[1].replace(" ", "")) or 0.0, number((match[2] or "0").replace(" ", "")) or 0.0
    return (0.0, 0.0) if text and ">" not in text else None


def _readout(p: Print, doubts: list[tuple[str, str]]) -> dict[str, Any]:
    turbo, epi = p.whole("turbo"), p.whole("epi")
    if turbo and epi:
        doubts.append(("echo_train_length", "a turbo factor and an EPI factor are printed"))
    mode = p.word("pat") or p.word("accel_mode")
    off, three = mode in ("none", "off"), _is_3d(p)
    plane = 1.0 if off else p.number("accel_pe")
    depth = (1.0 if off else p.number("accel_3d")) if three else 1.0 if three is False else None
    scan = canonical((p.text("ref_scan") or "").rsplit("/", 1)[-1])
    return {
        "echo_train_length": None if turbo and epi else turbo or epi,
        "parallel_reduction_factor_in_plane": plane,
        "parallel_reduction_factor_out_of_plane": depth,
        "multiband_factor": p.whole("sms") or (1 if three or mode in _ONE_BAND else None),
        "compressed_sensing_factor": p.number("total_factor") if mode == "cs" else _none(mode),
        "reference_scan": "none" if off else _SCANS.get(scan),
        "partial_fourier_phase": _partial(p, "pf_phase", doubts),
        "partial_fourier_slice": 1.0 if three is False else _partial(p, "pf_slice", doubts),
    }


def _none(mode: str) -> float | None:
    """No compressed sensing, where a mode of another kind is printed."""
    return 1.0 if mode and "cs" not in mode and "compressed" not in mode else None


def _partial(p: Print, name: str, doubts: list[tuple[str, str]]) -> float | None:
    text = p.word(name)
    if text == "off":
        return 1.0
    match = re.fullmatch(r"(\d)/8", text)
    if text == "allowed":
        doubts.append((name.replace("pf", "partial_fourier"), "the scanner chooses (Allowed)"))
    return int(match[1]) / 8 if match else None


_B_VALUE = re.compile(rf"(?:{'|'.join(LABELS['b_value'])})\d*")


def _contrast(p: Print) -> dict[str, Any]:
    weights = p.whole("weightings")
    rows = [vs for label, vs in p.values.items() if _B_VALUE.fullmatch(label)]
    values = [number(vs[0]) for vs in rows if vs and vs[0].endswith("s/mm²")]
    counts = [whole(number(vs[1])) for vs in rows if len(vs) > 1 and vs[0].endswith("s/mm²")]
    complete = weights is not None and len(values) == weights
    directions = p.whole("directions")
    return {
        "saturation_bands": _bands(p),
        "gating": _gating(p),
        "b_values": tuple(v for v in values if v is not None) if complete else None,
        "b_value_averages": tuple(counts) if complete and all(counts) and len(counts) == weights else None,
        "diffusion_directions": directions if directions and any(values) else None,
    }


_FREE_BREATHING = ("", "off", "breath-hold")
_HEART, _BREATH = ("pulse", "ecg"), ("resp", "atem")


def _gating(p: Print) -> str | None:
    """What a scan waits for: the signal, or a respiratory control that is neither off nor a breath hold."""
    signal = p.word("signal")
    if signal.startswith(_HEART):
        return "cardiac"
    if signal.startswith(_BREATH) or p.word("breathing") not in _FREE_BREATHING:
        return "respiratory"
    return "none" if signal == "none" else None


_REGION = re.compile(rf"(?:{'|'.join(LABELS['band'])})(\d*)")


def _bands(p: Print) -> int | None:
    """Saturation slabs: their number, or the regions that are printed, and one that is named apart."""
    if (count := p.number("bands")) is not None:
        return int(count)
    special = p.word("special_band")
    regions = [
        m[1] or value
        for label, vs in p.values.items()
        if (m := _REGION.fullmatch(label))
        for value in vs or [""]
    ]
    return len(set(regions)) + (special != "none") if special else None


def _console(p: Print, doubts: list[tuple[str, str]]) -> dict[str, Any]:
    """What the console shows in words of its own."""
    if p.is_on("deep"):
        message = "Deep Resolve is on; its kind and level are not printed"
        doubts.append(("deep_learning_reconstruction", message))
    factors = {True: 2.0, False: 1.0, None: p.number("interpolation")}
    return {
        "slice_order": WORDS["slice_order"].get(p.word("series")) if _is_3d(p) is False else None,
        "distortion_correction": _distortion(p),
        "intensity_normalization": p.is_on("prescan")
        if p.all("prescan")
        else {"prescan": True, "off": False}.get(p.word("normalize")),
        "interpolation": factors[p.is_on("interpolation")],
        "deep_learning_reconstruction": "none" if p.is_on("deep") is False else None,
        "table_position": _table(p.all("table")),
    }


def _distortion(p: Print) -> str | None:
    """VB and VE print the mode in a row of its own."""
    known = WORDS["distortion_correction"]
    if p.is_on("distortion"):
        return next((known[mode] for mode in map(str.casefold, p.all("mode")) if mode in ("2d", "3d")), None)
    return known.get(p.word("distortion"))


def _table(values: Sequence[str]) -> float | None:
    """Position of the table, towards the head: a letter and a number, in either order."""
    side = next((v for v in values if v in ("H", "F")), None)
    place = next((number(v) for v in values if v.endswith("mm")), None)
    return None if side is None or place is None else place + 0.0 if side == "H" else 0.0 - place
