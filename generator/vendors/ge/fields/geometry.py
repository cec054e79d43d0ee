"""Plane, field of view, matrix, bandwidth, slices and their places: pairs to fields and back."""

from __future__ import annotations

from collections.abc import Mapping
from math import asin, atan2, ceil, degrees, dist, hypot

from generator.model.tree import Acquisition
from generator.vendors.ge import facts
from generator.vendors.ge.facts import number
from generator.vendors.ge.fields import Draft, Series

# --- locations: texts such as ``L94.0``, positive towards right, anterior, superior -------------------

_AXES = {"LR": ("R", "L"), "AP": ("A", "P"), "FH": ("S", "I")}
"""Letters of the positive and the negative side of an axis, in the order of coordinates."""
_SIGN = {
    letter: (index, sign)
    for index, letters in enumerate(_AXES.values())
    for letter, sign in zip(letters, (1.0, -1.0), strict=True)
}


def location(axis: str, millimetres: float) -> str:
    """Write a location: the letter gives the side, ``0.0`` is the centre."""
    if abs(millimetres) < 0.05:
        return "0.0"
    positive, negative = _AXES[axis]
    return f"{positive if millimetres > 0 else negative}{abs(millimetres):.1f}"


def _point(values: Mapping[str, str], keys: tuple[str, ...]) -> list[float] | None:
    """Read a point; an axis without a letter is at 0."""
    point = [0.0, 0.0, 0.0]
    for key in keys:
        text = values.get(key, "")
        if text[:1] in _SIGN:
            axis, sign = _SIGN[text[0]]
            distance = number(text[1:])
            if distance is None:
                return None
            point[axis] = sign * distance
    return point


def centre(values: Mapping[str, str]) -> str:
    """Centre of the slices for people, such as ``R5.0 A3.2``; empty at the isocentre or if not known."""
    start, end = _point(values, facts.STARTS), _point(values, facts.ENDS)
    if not start or not end:
        return ""
    middle = [(a + b) / 2 for a, b in zip(start, end, strict=True)]
    texts = [location(axis, part) for axis, part in zip(_AXES, middle, strict=True)]
    return " ".join(text for text in texts if text != "0.0")


def moved(values: Mapping[str, str]) -> dict[str, str]:
    """Move tilted slices to the isocentre: places of the first and the last one, and centre of the group."""
    start, end = _point(values, facts.STARTS), _point(values, facts.ENDS)
    changes: dict[str, str] = {key: "0.0" for key in facts.CENTRES if key in values}
    if start and end:
        for keys, sign in ((facts.STARTS, 0.5), (facts.ENDS, -0.5)):
            for key, axis, a, b in zip(keys, _AXES, start, end, strict=True):
                changes[key] = location(axis, sign * (a - b))
    if group := values.get(facts.FIRST_GROUP):
        changes[facts.FIRST_GROUP] = " ".join(["0.000000"] * 3 + group.split()[3:])
    return changes


def centred(plane: str, count: int, spacing: float) -> dict[str, str]:
    """Place slices around the isocentre, straight along a main plane."""
    axis = facts.NORMAL_AXIS[plane]
    half = (count - 1) * spacing / 2
    places: dict[str, str] = dict.fromkeys((*facts.ENDS[1:], *facts.CENTRES), "0.0")
    return {facts.STARTS[0]: location(axis, -half), facts.ENDS[0]: location(axis, half), **places}


def _normal(series: Series) -> list[float] | None:
    """Slice normal, towards right, anterior, superior: of the group, else from the places of the slices."""
    parts = [number(text) for text in series.left.get(facts.FIRST_GROUP, "").split()[3:6]]
    group = [part for part in parts if part is not None]
    return group if len(group) == 3 and 0.9 < hypot(*group) < 1.1 else _normal_of_places(series)


def _normal_of_places(series: Series) -> list[float] | None:
    """Direction from the first to the last slice.

    The places of the slices may be left from another prescription; they count where their distance is that
    of as many slices, and where one axis prevails (the two ways agree in 87 of 87 series that have both).
    """
    start, end = _point(series.left, facts.STARTS), _point(series.left, facts.ENDS)
    count, gap = series.count(facts.SLICES), number(series.left.get(facts.SPACING))
    thickness = series.fields.get("slice_thickness")
    if series.is_3d or not (start and end and count and count > 1 and thickness and gap is not None):
        return None
    way = [b - a for a, b in zip(start, end, strict=True)]
    length = hypot(*way)
    fits = abs(length - (count - 1) * (thickness + gap)) <= 0.02 * length + 0.2
    clear = max(map(abs, way)) > _PREVAILS * length
    return [part / length for part in way] if length and fits and clear else None


_PREVAILS = 0.8


def _tilt(normal: list[float]) -> tuple[str, tuple[float, float]]:
    """Nearest main plane of a normal, and its angles (deg) towards the next and the last axis, LPS signs."""
    right, anterior, superior = normal
    parts = {"sagittal": -right, "coronal": -anterior, "transverse": superior}
    main, second, third = sorted(parts, key=lambda name: -abs(parts[name]))
    sign = -1 if parts[main] < 0 else 1
    first = degrees(atan2(sign * parts[second], sign * parts[main]))
    last = degrees(asin(max(-1.0, min(1.0, sign * parts[third]))))
    return main, (round(first, 1) + 0.0, round(last, 1) + 0.0)


# --- dimension and role -------------------------------------------------------------------------------


def read_dimension(series: Series) -> None:
    """2D or 3D."""
    if series.left.get(facts.IMODE) in ("2D", "3D"):
        series.fields["mr_acquisition_type"] = series.left.pop(facts.IMODE)


def read_role(series: Series) -> None:
    """Role of a series, where its codes say what it is for."""
    if series.technique == "calibration":
        series.fields["role"] = "calibration"
    elif series.left.get(facts.PLANE) == facts.THREE_PLANE:
        series.fields["role"] = "localizer"


# --- plane and directions -----------------------------------------------------------------------------


def read_plane(series: Series) -> None:
    """Plane, and the axis of phase encoding: the axis in it that is not read out."""
    fields, left = series.fields, series.left
    word = left.get(facts.PLANE, "")
    if word in facts.PLANES:
        fields["plane"] = facts.PLANES[word]
        del left[facts.PLANE]
    if word == facts.OBLIQUE and (normal := _normal(series)):
        fields["plane"], fields["oblique_angles"] = _tilt(normal)
        left[facts.PLANE] = word
    axes = facts.PLANE_AXES.get(fields.get("plane", ""), ())
    frequency = facts.FREQUENCY_AXES.get(left.get(facts.SWAPPF, ""))
    if frequency in axes:
        fields["phase_encoding_direction"] = axes[1 - axes.index(frequency)]
        del left[facts.SWAPPF]


def write_plane(draft: Draft) -> None:
    """Plane and readout axis."""
    main, direction = draft.scan.plane, draft.scan.phase_encoding_direction
    if main is not None:
        draft.values[facts.PLANE] = facts.PLANE_WORDS[main]
    elif draft.family is facts.FAMILIES["localizer"]:
        draft.values[facts.PLANE] = facts.THREE_PLANE
    if direction is None:
        return
    axis, axes = facts.AXIS_OF_DIRECTION[direction], facts.PLANE_AXES.get(main or "", ())
    if axis not in axes:
        draft.why("phase_encoding_direction", "the direction does not lie in the plane of the slices")
        return
    draft.values[facts.SWAPPF] = facts.FREQUENCY_WORDS[axes[1 - axes.index(axis)]]
    if direction != axis:
        draft.why("phase_encoding_direction", "GE files hold the axis of phase encoding, not its polarity")


_UNKNOWN: tuple[int | None, int | None] = (None, None)

# --- field of view and matrix -------------------------------------------------------------------------


def read_field_of_view(series: Series) -> None:
    """Field of view in mm; GE writes cm in readout and a fraction in phase."""
    left = series.left
    centimetres, share = series.number(facts.FOV), series.number(facts.PHASE_FOV)
    if not centimetres or centimetres < 0:
        return
    read = round(centimetres * 10, 6)
    series.fields["field_of_view"] = (read, round(read * share, 6) if share and share > 0 else None)
    del left[facts.FOV]
    left.pop(facts.PHASE_FOV, None)


def read_matrix(series: Series) -> None:
    """Measured points and the voxel that follows from them."""
    fields, left = series.fields, series.left
    columns, lines = series.count(facts.COLUMNS), series.count(facts.LINES)
    if not columns and not lines:
        return
    fields["acquisition_matrix"] = columns, lines
    view, thickness = fields.get("field_of_view"), fields.get("slice_thickness")
    if view is None:
        return
    across = view[0] / columns if columns else None
    fields["voxel_size"] = across, _phase_voxel(series, view, lines), _slice_voxel(series, thickness)
    if columns:
        del left[facts.COLUMNS]
    if lines:
        del left[facts.LINES]


def _phase_voxel(series: Series, view: tuple[float, float | None], points: int | None) -> float | None:
    """Phase points count over the full, square field of view; a phase field of view leaves lines out.

    Scan times of the collected turbo spin echoes say so: 288 points at 0.7 phase field of view take the
    time of 202 lines. EPI counts them over the reduced field: 48 points at 0.5 give the square pixels that
    the published spine protocol names. Reduced excitation (Focus) without EPI counts like the others: a Cube
    of 200 points at 0.8 takes the time of 160 lines.
    """
    if not points:
        return None
    if facts.EPI_OPTION in series.tokens:
        return view[1] / points if view[1] else None
    return view[0] / points


def _slice_voxel(series: Series, thickness: float | None) -> float | None:
    if thickness is None or not series.is_3d:
        return thickness
    percent = series.number(facts.SLICE_PERCENT)
    if percent == 100 or (percent is None and facts.SLICE_ZIP_OPTION not in series.tokens):
        return thickness
    return thickness * 100 / percent if percent and percent > 0 else None


def write_field_of_view(draft: Draft) -> None:
    """Field of view, matrix and thickness."""
    (read, phase), matrix = _view(draft.scan), draft.scan.acquisition_matrix or _UNKNOWN
    if read is None:
        for name in ("field_of_view", "acquisition_matrix"):
            draft.why(name, "no field of view in readout is stated")
        return
    draft.put(facts.FOV, read / 10)
    share = phase / read if phase else 1.0
    if phase:
        draft.put(facts.PHASE_FOV, share)
    size = draft.scan.voxel_size[0] if draft.scan.voxel_size else None
    draft.put(facts.COLUMNS, matrix[0] or (round(read / size) if size else None))
    lines = _lines(draft, read, share, matrix[1])
    draft.put(facts.LINES, lines)
    if share == 1 or draft.is_epi:
        return
    draft.why(
        "acquisition_matrix",
        f"GE counts phase points over the full field of view: {facts.LINES} x {facts.PHASE_FOV} lines are "
        "measured",
    )
    if matrix[1] and lines and abs(lines * share - matrix[1]) <= 1:
        draft.derived.add("acquisition_matrix")


def _lines(draft: Draft, read: float, share: float, measured: int | None) -> int | None:
    """Phase points as GE counts them: over the full, square field of view, for EPI over what is left."""
    size = draft.scan.voxel_size[1] if draft.scan.voxel_size else None
    if size:
        return round((read * share if draft.is_epi else read) / size)
    return round(measured if draft.is_epi else measured / share) if measured else None


def _view(scan: Acquisition) -> tuple[float | None, float | None]:
    """Field of view as stated, or as matrix and voxel give it."""
    if scan.field_of_view:
        return scan.field_of_view
    matrix, voxel = scan.acquisition_matrix, scan.voxel_size
    if not matrix or not voxel:
        return None, None
    sides = [n * size if n and size else None for n, size in zip(matrix, voxel[:2], strict=True)]
    return sides[0], sides[1]


# --- bandwidth ----------------------------------------------------------------------------------------


def read_bandwidth(series: Series) -> None:
    """Bandwidth per pixel from the half receiver bandwidth in kHz."""
    half, points = series.number(facts.RBW), series.fields.get("acquisition_matrix", _UNKNOWN)[0]
    if half and half > 0 and points:
        series.fields["pixel_bandwidth"] = 2000 * half / points
        del series.left[facts.RBW]


def write_bandwidth(draft: Draft) -> None:
    """Half receiver bandwidth, on the raster of the dwell time."""
    wanted, columns = draft.scan.pixel_bandwidth, draft.values.get(facts.COLUMNS)
    if wanted is None:
        return
    if draft.is_epi:
        draft.why("pixel_bandwidth", "GE files hold no bandwidth for EPI; the console sets it")
    elif columns is None:
        draft.why("pixel_bandwidth", "a receiver bandwidth needs the matrix in readout")
    else:
        draft.put(facts.RBW, receiver_bandwidth(wanted, int(columns)))
        draft.why("pixel_bandwidth", "receiver bandwidths come in steps of the dwell time")


def receiver_bandwidth(hertz_per_pixel: float, points: int) -> float:
    """Half receiver bandwidth in kHz nearest to a bandwidth per pixel.

    Consoles set the dwell time in steps, so that the half bandwidth is 1000 kHz divided by a whole number,
    an even one from 10 upwards: every RBW value of the collected files fits (142.86 = 1000/7,
    83.33 = 1000/12, 62.50 = 1000/16, 27.78 = 1000/36).
    """
    wanted = hertz_per_pixel * points / 2000
    offered: list[float] = [1000 / n for n in (*range(4, 10), *range(10, 402, 2))]
    return min(offered, key=lambda half: abs(half - wanted))


# --- slices -------------------------------------------------------------------------------------------


def read_gap(series: Series) -> None:
    """Distance between slice edges of a 2D series."""
    text = series.left.get(facts.SPACING)
    if not text or series.is_3d:
        return
    distance = number(text)
    if distance is not None:
        series.fields["slice_gap"] = distance
        del series.left[facts.SPACING]
    else:
        said = f"{facts.SPACING} is {text!r}: slices are acquired interleaved"
        series.say("interleaved", "slice_gap", said)
        series.fields["concatenations"] = 2  # the even slices after the odd ones; scan times of 3 files agree


def read_slices(series: Series) -> None:
    """Slices of a 2D series, images of a 3D one."""
    fields, left = series.fields, series.left
    if left.get(facts.PLANE) == facts.THREE_PLANE:
        planes = sum(series.number(key) or 0 for key in facts.PER_PLANE)
        if planes >= 1:
            fields["number_of_slices"] = int(planes)
    elif series.is_3d:
        _read_images(series)
    elif count := series.count(facts.SLICES):
        fields["number_of_slices"] = count
        del left[facts.SLICES]
    if left.get(facts.SLICE_ORDER) == "1":
        fields["slice_order"] = "interleaved"  # printed so by the console, 33 of 33 series


_MOST_LOCATIONS, _THINNEST = 8192, 0.01  # of any slab; beyond it a file is damaged


def _read_images(series: Series) -> None:
    fields, left = series.fields, series.left
    key = facts.SLAB_LOCATIONS if facts.SLAB_LOCATIONS in left else facts.LOCATIONS
    located, slabs = series.number(key), series.number(facts.SLICES) or 1
    thickness = fields.get("slice_thickness")
    if not located or not thickness or thickness < _THINNEST:
        return
    fields["number_of_slabs"] = slabs = int(slabs)
    if (overlap := series.number(facts.SLAB_OVERLAP)) is not None and overlap >= 0:
        fields["slab_overlap"] = round(overlap / located, 6)
    if located > _MOST_LOCATIONS:
        return
    if images := _images_in_slab(_span(series), thickness, int(located)):
        fields["number_of_slices"] = images * slabs
    if key == facts.SLAB_LOCATIONS:
        fields["slab_thickness"] = round(located * slabs * thickness, 6)
    if images != located:
        series.say("slab-locations", "number_of_slices", f"{located:g} locations per slab, fewer images")


def read_interpolation(series: Series) -> None:
    """Reconstructed over acquired points, where an option states the first; else the console decides."""
    columns = series.fields.get("acquisition_matrix", _UNKNOWN)[0]
    sizes = [size for token, size in facts.INTERPOLATIONS.items() if token in series.tokens]
    if sizes and columns and sizes[0] >= columns:
        series.fields["interpolation"] = round(sizes[0] / columns, 6)


def _span(series: Series) -> float:
    """From the start to the end location, along the normal of a main plane; 0 if one is not known."""
    start, end = _point(series.left, facts.STARTS), _point(series.left, facts.ENDS)
    if start is None or end is None:
        return 0.0
    plane = series.fields.get("plane")
    if plane not in facts.NORMAL_AXIS or series.left.get(facts.PLANE) == facts.OBLIQUE:
        return dist(start, end)
    axis = list(_AXES).index(facts.NORMAL_AXIS[plane])
    return abs(start[axis] - end[axis])


def _images_in_slab(span: float, thickness: float, locations: int) -> int | None:
    """Count the images of a 3D slab: from the first to the last location that the console reconstructs.

    A slab has more locations than images (192 become 188); the file holds the images only as the
    distance from the start to the end location. ``None`` where that distance does not fit the slab,
    which is so in series that were edited after they had been placed.
    """
    count = span / thickness + 1
    rounding = min(0.11 / thickness + 0.02, 0.45)
    if span and abs(count - round(count)) < rounding and 0.85 * locations <= round(count) <= locations:
        return round(count)
    return None


def write_slices(draft: Draft) -> None:
    """Number, spacing and place of the slices."""
    count = draft.scan.number_of_slices
    draft.put(facts.THICKNESS, draft.scan.slice_thickness)
    if draft.is_3d:
        _write_partition(draft)
    else:
        draft.put(facts.SPACING, draft.scan.slice_gap)
    if count is not None and draft.values.get(facts.PLANE) == facts.THREE_PLANE:
        draft.why("number_of_slices", "slices of a three-plane localizer are set per plane")
    elif count is not None:
        _write_stack(draft, count)


def _write_stack(draft: Draft, count: int) -> None:
    """Slices, or slabs and what each holds, and their places around the isocentre."""
    scan, spacing = draft.scan, draft.scan.slice_thickness or 0
    if draft.is_3d:
        count = _write_slabs(draft, count)
    else:
        draft.put(facts.SLICES, count)
        spacing += scan.slice_gap or 0
    if spacing and scan.plane in facts.NORMAL_AXIS:
        draft.values.update(centred(scan.plane, count, spacing))


def _write_partition(draft: Draft) -> None:
    thickness, voxel = draft.scan.slice_thickness, draft.scan.voxel_size
    if thickness and voxel and voxel[2]:
        draft.put_new(facts.SLICE_PERCENT, 100 * thickness / voxel[2], "voxel_size")
    draft.why("slice_gap", "a 3D slab has no gap")


def _write_slabs(draft: Draft, images: int) -> int:
    """Slabs and what each holds; return its images."""
    slabs = draft.scan.number_of_slabs or 1
    draft.put(facts.SLICES, slabs)
    images = ceil(images / slabs)
    _write_locations(draft, images, slabs)
    said = "the console makes fewer images than locations per slab; it shows how many at planning"
    draft.doubt("number_of_slices", said)
    return images


def _write_locations(draft: Draft, images: int, slabs: int) -> None:
    """Locations per slab: those of the slab where its thickness is stated, else one for each image."""
    slab, thickness = draft.scan.slab_thickness, draft.scan.slice_thickness
    if draft.family.plug == "0":
        draft.put(facts.LOCATIONS, images)
        draft.why("slab_thickness", "this sequence counts images, the console adds what it measures beside")
    else:
        located = round(slab / slabs / thickness) if slab and thickness else images
        draft.put(facts.SLAB_LOCATIONS, located)
        if (overlap := draft.scan.slab_overlap) is not None:
            draft.put_new(facts.SLAB_OVERLAP, overlap * located, "slab_overlap")
            draft.reasons.setdefault("slab_overlap", "slabs overlap by whole locations")
