"""The XML printout of a console: labels and printed values, in VD or XA layout, in English.

A printout is for people: it drops pauses and decisions and rounds its numbers. What it does not print is
``None``. Source: formats/siemens.md section 5.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generator import xml
from generator.errors import UnusableInput
from generator.model.tree import Acquisition, Note, Protocol, ReadResult
from generator.vendors.siemens.reader import checked, nominal

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

MAX_SIZE = 128 << 20


def read(path: Path) -> ReadResult:
    """Read a printout; a step of several parts (Set-n-Go) gives one scan for each part.

    Raises
    ------
    UnusableInput
        If the file is no XML, carries a DOCTYPE, or is no printout.
    """
    root = _parse(path)
    if root.tag != "PrintOut":
        raise UnusableInput(path, f"XML, but no printout: the root is <{root.tag!s:.40}>, not <PrintOut>")
    parts = [part for step in root.iter("Protocol") for part in step.findall("SubStep") or [step]]
    prints = [p for p in map(_print, parts) if p is not None]
    if not prints:
        raise UnusableInput(path, "a printout without a protocol")
    notes: list[Note] = [
        Note(code="printout", message="a printout drops pauses and decisions and rounds its numbers"),
    ]
    protocols = _group(prints, notes)
    titles = [element.text or "" for element in root.iter("HeaderTitle")]
    return ReadResult(
        format="siemens-printout-xml",
        vendor="siemens",
        software=_software(titles),
        field_strength=_strength(titles) or _resonant(prints),
        protocols=tuple(protocols),
        notes=tuple(notes),
    )


def _parse(path: Path) -> Element:
    try:
        if path.stat().st_size > MAX_SIZE:
            raise UnusableInput(path, f"larger than {MAX_SIZE >> 20} MiB")
        return xml.parse(path.read_bytes(), path)
    except OSError as error:
        raise UnusableInput(path, error.strerror or str(error)) from error


def _print(element: Element) -> Print | None:
    header = element.find(".//ProtHeaderInfo")
    if header is None:
        return None
    full = (header.findtext("HeaderProtPath") or "").strip().removesuffix("*").strip()
    parts = [part.strip() for part in full.split("\\") if part.strip()]
    if not parts:
        return None
    # The first part names the tree of the console's database (USER, SIEMENS).
    found = Print(parts[-1], tuple(parts[1:-1]), header.findtext("HeaderProperty") or "")
    for card in element.iter("Card"):
        _add_card(card, found.values)
    return found


def _add_card(card: Element, values: dict[str, list[str]]) -> None:
    """Add a card; several cards repeat a parameter, and within one card it repeats for each slice group."""
    own: dict[str, list[str]] = {}
    for parameter in card.iter("ProtParameter"):
        label = (parameter.findtext("Label") or "").strip().lstrip("!?* ").lower()
        own.setdefault(label, []).append((parameter.findtext("ValueAndUnit") or "").strip())
    for label, found in own.items():
        values.setdefault(label, found)


def _group(prints: Sequence[Print], notes: list[Note]) -> list[Protocol]:
    """Consecutive steps of one path are one program."""
    groups: list[tuple[tuple[str, ...], list[Acquisition]]] = []
    for printed in prints:
        if not groups or groups[-1][0] != printed.path:
            groups.append((printed.path, []))
        protocol, steps = len(groups) - 1, groups[-1][1]
        if not printed.all("tr"):
            notes.append(
                Note(
                    code="foreign-labels",
                    message="no English labels: only the name is read",
                    protocol=protocol,
                    step=len(steps),
                )
            )
        fields, doubts = fields_of(printed)
        notes += [
            Note(code="printed", message=text, protocol=protocol, step=len(steps), field=what)
            for what, text in doubts
        ]
        made, remarks = checked(printed.name, {"printed": printed.values}, fields)
        notes += [
            Note(code="impossible", message=text, protocol=protocol, step=len(steps), field=what)
            for what, text in remarks
        ]
        steps.append(made)
    return [
        Protocol(name=path[-1] if path else "(printout)", path=path, steps=tuple(steps))
        for path, steps in groups
    ]


def _software(titles: Sequence[str]) -> str | None:
    for title in titles:
        if match := re.search(r"\bV?((?:VB|[DE]|VA|XA|B)\d\d[A-Z]?)\b", title):
            word = match[1]
            return (
                word.replace("VA", "XA") if word.startswith("VA") else word if word[0] in "VX" else f"V{word}"
            )
    return None


_GYROMAGNETIC = 42.577
"""Megahertz per tesla of protons."""


def _resonant(prints: Sequence[Print]) -> float | None:
    """Field strength by the printed frequency of protons, as people say it."""
    frequency = next(filter(None, (p.number("frequency") for p in prints)), None)
    return nominal(frequency / _GYROMAGNETIC) if frequency else None


def _strength(titles: Sequence[str]) -> float | None:
    match = next(filter(None, (re.search(r"\b(0\.55|1\.5|3\.0|7\.0)T\b", t) for t in titles)), None)
    return float(match[1]) if match else None


_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?")

# Printed labels, lower case, VD first. The words of both releases differ in case and in a few names.
LABELS: Mapping[str, tuple[str, ...]] = {
    "tr": ("tr",),
    "te": ("te",),
    "ti": ("ti",),
    "preparation": ("magn. preparation",),
    "flip": ("flip angle",),
    "averages": ("averages",),
    "concatenations": ("concatenations",),
    "measurements": ("measurements",),
    "fov_read": ("fov read",),
    "fov_phase": ("fov phase",),
    "thickness": ("slice thickness",),
    "distance": ("dist. factor", "distance factor"),
    "slices": ("slices",),
    "slabs": ("slabs",),
    "per_slab": ("slices per slab",),
    "groups": ("nr. of slice groups", "nr. of slab groups"),
    "dimension": ("dimension",),
    "base": ("base resolution",),
    "phase_resolution": ("phase resolution",),
    "slice_resolution": ("slice resolution",),
    "phase_oversampling": ("phase oversampling",),
    "slice_oversampling": ("slice oversampling",),
    "pf_phase": ("phase partial fourier",),
    "pf_slice": ("slice partial fourier",),
    "bandwidth": ("bandwidth",),
    "pat": ("pat mode", "acceleration mode", "accel. mode"),
    "accel_pe": ("accel. factor pe", "acceleration factor pe"),
    "accel_3d": ("accel. factor 3d", "acceleration factor 3d"),
    "ref_lines": ("ref. lines pe", "reference lines pe"),
    "ref_lines_3d": ("reference lines 3d",),
    "ref_scan": ("reference scan mode", "reference scans"),
    "sms": ("sms factor",),
    "turbo": ("turbo factor",),
    "epi": ("epi factor",),
    "echo_spacing": ("echo spacing",),
    "train_duration": ("echo train duration",),
    "fat": ("fat suppr.", "fat-water contrast"),
    "orientation": ("orientation",),
    "phase_direction": ("phase enc. dir.", "phase encoding dir."),
    "elliptical": ("elliptical scanning",),
    "mtc": ("mtc",),
    "swi": ("swi",),
    "segments": ("segments",),
    "bands": ("nr. of sat. regions",),
    "signal": ("1st signal/mode",),
    "weightings": ("diff. weightings",),
    "directions": ("diff. directions",),
    "sequence": ("sequence name",),
    "trajectory": ("trajectory",),
    "frequency": ("frequency 1h",),
}
FATS = {
    "none": "none",
    "standard": "none",
    "fat sat.": "fat_saturation",
    "fat saturation": "fat_saturation",
    "spair": "spair",
    "water excit.": "water_excitation",
    "water excitation": "water_excitation",
}
# Names of the sequences as printed, without what follows the first underscore (_r: flow compensated).
TECHNIQUES: Mapping[str, str] = {
    "fl": "gradient_echo",
    "swi": "susceptibility_weighted",
    "qswi": "susceptibility_weighted",
    "fm": "field_map",
    "tfl": "magnetization_prepared_gradient_echo",
    "tse": "turbo_spin_echo",
    "tir": "turbo_spin_echo",
    "spc": "turbo_spin_echo",
    "spcir": "turbo_spin_echo",
    "spcdir": "turbo_spin_echo",
    "h": "single_shot_turbo_spin_echo",
    "epse": "echo_planar_diffusion",
    "epfid": "echo_planar_bold",
    "tgse": "arterial_spin_labelling",
}


@dataclass
class Print:
    """The printed values of one step: label (lower case) to every value printed under it."""

    name: str
    path: tuple[str, ...]
    header: str
    values: dict[str, list[str]] = field(default_factory=dict)

    def all(self, name: str) -> list[str]:
        """Every value printed for an entry of ``LABELS``."""
        return [v for label in LABELS[name] for v in self.values.get(label, ())]

    def text(self, name: str) -> str | None:
        """The first value printed."""
        return next(iter(self.all(name)), None)

    def number(self, name: str) -> float | None:
        """The number in the first value printed."""
        return number(self.text(name))

    def numbered(self, name: str) -> list[float]:
        """Values of ``TE 1``, ``TE 2``, ... in order, or of the label alone."""
        found = [
            self.values[f"{label} {i}"][0]
            for label in LABELS[name]
            for i in range(1, 65)
            if f"{label} {i}" in self.values
        ]
        numbers = [number(text) for text in found or self.all(name)[:1]]
        return [n for n in numbers if n is not None]

    def share(self, name: str) -> float | None:
        """A printed percentage as a fraction."""
        number = self.number(name)
        return None if number is None else round(number / 100, 6)

    def is_on(self, name: str) -> bool | None:
        """On or Off."""
        text = self.text(name)
        return None if text is None else text.lower() == "on"


def number(text: str | None) -> float | None:
    """Return the first number of a printed value."""
    match = _NUMBER.search(text or "")
    return float(match[0]) if match else None


def whole(value: float | None) -> int | None:
    """Return a whole number above zero, or ``None``."""
    return int(value) if value is not None and value == int(value) and value > 0 else None


_CLOCK = re.compile(r"TA:\s*(?:(\d+):(\d\d)(?::(\d\d))?|(\d+)\s*sec|(\d+)\s*min)")
_PLANES = {"t": "transverse", "s": "sagittal", "c": "coronal"}
_DIRECTIONS = {"AP", "PA", "LR", "RL", "HF", "FH"}
_SCANS = {"integrated": "integrated", "separate": "separate"}
_VOLUME_AXES = ("r >> l", "a >> p", "f >> h")
_VOLUME_AXES_BY_PLANE = {"s": "r >> l", "c": "a >> p", "t": "f >> h"}
_WHOLE_MILLIMETRES = 0.6  # mm, by which a printed side of the volume may differ through rounding


def fields_of(p: Print) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """Neutral fields of a printed step, and what must be said about them (field, sentence)."""
    doubts: list[tuple[str, str]] = []
    fields = {**_times(p, doubts), **_geometry(p, doubts), **_readout(p, doubts), **_contrast(p)}
    return fields, doubts


def _times(p: Print, doubts: list[tuple[str, str]]) -> dict[str, Any]:
    inverted = (p.text("preparation") or "none").lower() not in ("none", "off")
    inversion = p.numbered("ti") if inverted else []
    flips = p.numbered("flip")
    if len(set(flips)) > 1:
        doubts.append(("flip_angle", f"{len(flips)} different angles are printed; the first is given"))
    tr, technique = p.number("tr"), _technique(p)
    return {
        "technique": technique,
        "repetition_time": tr,
        "repetition_time_preparation": tr if inverted else None,
        "echo_times": tuple(p.numbered("te")) or None,
        "inversion_time": inversion[0] if inversion else None,
        "second_inversion_time": inversion[1] if len(inversion) > 1 else None,
        "flip_angle": flips[0] if flips else None,
        "acquisition_duration": _duration(p.header, doubts),
        "number_of_averages": p.number("averages") or None,
        "number_of_temporal_positions": whole(p.number("measurements")),
        "concatenations": whole(p.number("concatenations")),
        "number_of_shots": whole(p.number("segments")) if technique == "arterial_spin_labelling" else None,
    }


def _technique(p: Print) -> str | None:
    short = p.text("sequence") or p.header.rsplit(":", 1)[-1].strip()
    found = TECHNIQUES.get(short.partition("_")[0])
    if found == "gradient_echo" and p.is_on("swi"):
        return "susceptibility_weighted"
    return "mp2rage" if short == "tfl" and len(p.numbered("ti")) > 1 else found


def _duration(header: str, doubts: list[tuple[str, str]]) -> float | None:
    match = _CLOCK.search(header)
    if match is None:
        return None
    a, b, c, seconds, minutes = (int(g) if g else None for g in match.groups())
    if seconds is not None or minutes is not None:
        found = seconds if seconds is not None else (minutes or 0) * 60
    else:
        found = (a or 0) * 60 + (b or 0) if c is None else (a or 0) * 3600 + (b or 0) * 60 + c
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
        "slice_thickness": thickness,
        "phase_oversampling": p.share("phase_oversampling"),
        "slice_oversampling": p.share("slice_oversampling"),
        "slab_thickness": _slab(p, (read, phase), doubts) if three else None,
        **_slices(p, thickness, three, doubts),
    }


def _slab(p: Print, view: tuple[float | None, float | None], doubts: list[tuple[str, str]]) -> float | None:
    """Height of the slab: slices times thickness, or for XA, which prints no slices, the adjustment volume.

    That volume is the slab if its other two sides are the field of view; else it says nothing.
    """
    per_slab, thickness, slabs = (p.number(name) for name in ("per_slab", "thickness", "slabs"))
    if per_slab and thickness and slabs:
        return round(per_slab * thickness * slabs, 6)
    sides = {axis: number(next(iter(p.values.get(axis, ())), None)) for axis in _VOLUME_AXES}
    across = _VOLUME_AXES_BY_PLANE.get((p.text("orientation") or "")[:1].lower())
    height = sides.pop(across, None) if across else None
    found, wanted = sorted(side or 0 for side in sides.values()), sorted(side or 0 for side in view)
    same = all(abs(a - b) <= _WHOLE_MILLIMETRES for a, b in zip(found, wanted, strict=True))
    if not height or not same or slabs != 1:
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
    groups = whole(p.number("groups")) or 1
    sizes = p.all("slabs" if three else "slices")
    if groups > len(sizes):
        doubts.append(("number_of_slices", f"only {len(sizes)} of {groups} slice groups are printed"))
        return {}
    counts = [whole(number(text)) or 0 for text in sizes]
    factors = {number(text) for text in p.all("distance")[: len(sizes)]}
    gap = factors.pop() if len(factors) == 1 else None
    per_slab = whole(p.number("per_slab"))
    return {
        "number_of_slices": (per_slab * sum(counts) if per_slab else None) if three else sum(counts) or None,
        "slice_gap": round(gap / 100 * thickness, 6) if gap is not None and thickness and not three else None,
        **_orientation(p, len(sizes)),
    }


def _orientation(p: Print, groups: int) -> dict[str, Any]:
    planes = {text.strip()[:1].lower() for text in p.all("orientation")[:groups]}
    ways = {text.replace(">>", "").replace(" ", "").upper() for text in p.all("phase_direction")[:groups]}
    return {
        "plane": _PLANES.get(planes.pop()) if len(planes) == 1 else None,
        "phase_encoding_direction": ways.pop() if len(ways) == 1 and ways <= _DIRECTIONS else None,
    }


def _readout(p: Print, doubts: list[tuple[str, str]]) -> dict[str, Any]:
    turbo, epi = whole(p.number("turbo")), whole(p.number("epi"))
    if turbo and epi:
        doubts.append(("echo_train_length", "a turbo factor and an EPI factor are printed"))
    mode = (p.text("pat") or "").lower()
    off, three = mode in ("none", "off"), _is_3d(p)
    plane = 1.0 if off else p.number("accel_pe")
    depth = (1.0 if off else p.number("accel_3d")) if three else None
    scan = (p.text("ref_scan") or "").rsplit("/", 1)[-1].lower()
    spacing = p.number("echo_spacing")
    return {
        "pixel_bandwidth": p.number("bandwidth"),
        "echo_train_length": None if turbo and epi else turbo or epi,
        "echo_spacing": spacing or None,
        "echo_train_duration": p.number("train_duration"),
        "parallel_reduction_factor_in_plane": plane,
        "parallel_reduction_factor_out_of_plane": depth,
        "multiband_factor": whole(p.number("sms")),
        "reference_scan": "none" if off else _SCANS.get(scan),
        "reference_lines": whole(p.number("ref_lines")),
        "reference_lines_out_of_plane": whole(p.number("ref_lines_3d")),
        "partial_fourier_phase": _partial(p, "pf_phase", doubts),
        "partial_fourier_slice": _partial(p, "pf_slice", doubts),
        "elliptical_scanning": p.is_on("elliptical"),
        "readout": {"cartesian": "cartesian", "radial": "radial"}.get((p.text("trajectory") or "").lower()),
    }


def _partial(p: Print, name: str, doubts: list[tuple[str, str]]) -> float | None:
    text = (p.text(name) or "").lower()
    if text == "off":
        return 1.0
    match = re.fullmatch(r"(\d)/8", text)
    if text == "allowed":
        doubts.append((name.replace("pf", "partial_fourier"), "the scanner chooses (Allowed)"))
    return int(match[1]) / 8 if match else None


def _contrast(p: Print) -> dict[str, Any]:
    weights = whole(p.number("weightings"))
    rows = [vs for label, vs in p.values.items() if label.startswith("b-value") and ">=" not in label]
    values = [number(vs[0]) for vs in rows if vs and vs[0].endswith("s/mm²")]
    counts = [whole(number(vs[1])) for vs in rows if len(vs) > 1 and vs[0].endswith("s/mm²")]
    complete = weights is not None and len(values) == weights
    directions = whole(p.number("directions"))
    signal = (p.text("signal") or "").lower()
    return {
        "fat_suppression": FATS.get((p.text("fat") or "").lower()),
        "saturation_bands": None if (bands := p.number("bands")) is None else int(bands),
        "magnetization_transfer": p.is_on("mtc"),
        "gating": "none" if signal == "none" else "cardiac" if signal.startswith(("pulse", "ecg")) else None,
        "b_values": tuple(v for v in values if v is not None) if complete else None,
        "b_value_averages": tuple(counts) if complete and all(counts) and len(counts) == weights else None,
        "diffusion_directions": directions if directions and any(values) else None,
    }
