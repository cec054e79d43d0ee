"""What the labels and values of a printout mean: the words of VD and of XA consoles, in English."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?")
_CLOCK = re.compile(r"TA:\s*(?:(\d+):(\d\d)(?::(\d\d))?|(\d+)\s*sec|(\d+)\s*min)")

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
    "signal": ("1st signal/mode",),
    "weightings": ("diff. weightings",),
    "directions": ("diff. directions",),
    "sequence": ("sequence name",),
    "trajectory": ("trajectory",),
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
TECHNIQUES: Mapping[str, str] = {
    "fl": "gradient_echo",
    "fl_r": "gradient_echo",
    "swi_r": "susceptibility_weighted",
    "tfl": "magnetization_prepared_gradient_echo",
    "tse": "turbo_spin_echo",
    "spc": "turbo_spin_echo",
    "spcir": "turbo_spin_echo",
    "spcdir": "turbo_spin_echo",
    "h": "single_shot_turbo_spin_echo",
    "epse": "echo_planar_diffusion",
    "epfid": "echo_planar_bold",
    "tgse": "arterial_spin_labelling",
}
_PLANES = {"t": "transverse", "s": "sagittal", "c": "coronal"}
_DIRECTIONS = {"AP", "PA", "LR", "RL", "HF", "FH"}
_SCANS = {"integrated": "integrated", "separate": "separate"}


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
        return _number(self.text(name))

    def numbered(self, name: str) -> list[float]:
        """Values of ``TE 1``, ``TE 2``, ... in order, or of the label alone."""
        found = [
            self.values[f"{label} {i}"][0]
            for label in LABELS[name]
            for i in range(1, 65)
            if f"{label} {i}" in self.values
        ]
        numbers = [_number(text) for text in found or self.all(name)[:1]]
        return [n for n in numbers if n is not None]

    def share(self, name: str) -> float | None:
        """A printed percentage as a fraction."""
        number = self.number(name)
        return None if number is None else round(number / 100, 6)

    def is_on(self, name: str) -> bool | None:
        """On or Off."""
        text = self.text(name)
        return None if text is None else text.lower() == "on"


def _number(text: str | None) -> float | None:
    match = _NUMBER.search(text or "")
    return float(match[0]) if match else None


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
    tr = p.number("tr")
    return {
        "technique": _technique(p),
        "repetition_time": tr,
        "repetition_time_preparation": tr if inverted else None,
        "echo_times": tuple(p.numbered("te")) or None,
        "inversion_time": inversion[0] if inversion else None,
        "second_inversion_time": inversion[1] if len(inversion) > 1 else None,
        "flip_angle": flips[0] if flips else None,
        "acquisition_duration": _duration(p.header, doubts),
        "number_of_averages": p.number("averages") or None,
        "number_of_temporal_positions": _whole(p.number("measurements")),
        "concatenations": _whole(p.number("concatenations")),
    }


def _technique(p: Print) -> str | None:
    short = p.text("sequence") or p.header.rsplit(":", 1)[-1].strip()
    found = TECHNIQUES.get(short)
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
        "acquisition_matrix": (_whole(base), None) if base else None,
        "voxel_size": _voxel(p, read, base, thickness, three),
        "slice_thickness": thickness,
        "phase_oversampling": p.share("phase_oversampling"),
        "slice_oversampling": p.share("slice_oversampling"),
        **_slices(p, thickness, three, doubts),
    }


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
    groups = _whole(p.number("groups")) or 1
    sizes = p.all("slabs" if three else "slices")
    if groups > len(sizes):
        doubts.append(("number_of_slices", f"only {len(sizes)} of {groups} slice groups are printed"))
        return {}
    counts = [_whole(_number(text)) or 0 for text in sizes]
    factors = {_number(text) for text in p.all("distance")[: len(sizes)]}
    gap = factors.pop() if len(factors) == 1 else None
    per_slab = _whole(p.number("per_slab"))
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
    turbo, epi = _whole(p.number("turbo")), _whole(p.number("epi"))
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
        "multiband_factor": _whole(p.number("sms")),
        "reference_scan": "none" if off else _SCANS.get(scan),
        "reference_lines": _whole(p.number("ref_lines")),
        "reference_lines_out_of_plane": _whole(p.number("ref_lines_3d")),
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
    weights = _whole(p.number("weightings"))
    values = [
        _number(v)
        for label, vs in p.values.items()
        if label.startswith("b-value") and ">=" not in label
        for v in vs
        if v.endswith("s/mm²")
    ]
    directions = _whole(p.number("directions"))
    signal = (p.text("signal") or "").lower()
    return {
        "fat_suppression": FATS.get((p.text("fat") or "").lower()),
        "magnetization_transfer": p.is_on("mtc"),
        "gating": "none" if signal == "none" else "cardiac" if signal.startswith(("pulse", "ecg")) else None,
        "b_values": tuple(v for v in values if v is not None) if weights and len(values) == weights else None,
        "diffusion_directions": directions if directions and any(values) else None,
    }


def _whole(value: float | None) -> int | None:
    return int(value) if value is not None and value == int(value) and value > 0 else None
