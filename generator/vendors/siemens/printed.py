"""What the labels and values of a printout mean: printed words to neutral fields."""

from __future__ import annotations

import re
from typing import Any

from generator.vendors.siemens.labels import FATS, TECHNIQUES, Print, number, whole

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
