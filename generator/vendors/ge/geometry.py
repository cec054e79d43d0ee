"""Plane, field of view, matrix, bandwidth and slices of a series: pairs to fields."""

from __future__ import annotations

from generator.vendors.ge import facts, locations
from generator.vendors.ge.series import Series


def plane(series: Series) -> None:
    """Plane, and the axis of phase encoding: the axis in it that is not read out."""
    word = series.text("PLANE")
    if word in facts.PLANES:
        series.fields["plane"] = facts.PLANES[word]
        series.take("PLANE")
    if word == "OBLIQUE" and (near := locations.nearest_plane(series.text("GRIP_SLGROUP1"))):
        series.say("oblique", "plane", f"prescribed oblique; its slice normal is nearest to {near}")
    axes = facts.PLANE_AXES.get(series.fields.get("plane", ""), ())
    frequency = facts.FREQUENCY_AXES.get(series.text("SWAPPF"))
    if frequency in axes:
        series.fields["phase_encoding_direction"] = axes[1 - axes.index(frequency)]
        series.take("SWAPPF")


def field_of_view(series: Series) -> None:
    """Field of view in mm; GE writes cm in readout and a fraction in phase."""
    centimetres, share = series.number("FOV"), series.number("PHASEFOV")
    if not centimetres or centimetres < 0:
        return
    read = round(centimetres * 10, 6)
    series.fields["field_of_view"] = (read, round(read * share, 6) if share and share > 0 else None)
    series.take("FOV", "PHASEFOV")


def matrix(series: Series) -> None:
    """Measured points and the voxel that follows from them."""
    points = _count(series.number("MATRIXX")), _count(series.number("MATRIXY"))
    if points == (None, None):
        return
    series.fields["acquisition_matrix"] = points
    view, thickness = series.fields.get("field_of_view"), series.fields.get("slice_thickness")
    if view is None:
        return
    series.fields["voxel_size"] = (
        view[0] / points[0] if points[0] else None,
        _phase_voxel(series, view, points[1]),
        _slice_voxel(series, thickness),
    )
    series.take(*(key for key, count in zip(("MATRIXX", "MATRIXY"), points, strict=True) if count))


def _count(number: float | None) -> int | None:
    return int(number) if number and number >= 1 and number == int(number) else None


def _phase_voxel(series: Series, view: tuple[float, float | None], points: int | None) -> float | None:
    """Phase points count over the full, square field of view; a phase field of view leaves lines out.

    Scan times of the collected turbo spin echoes say so: 288 points at 0.7 phase field of view take the
    time of 202 lines. EPI counts them over the reduced field: 48 points at 0.5 give the square pixels that
    the published spine protocol names. Reduced excitation (Focus) without EPI counts like the others: a Cube
    of 200 points at 0.8 takes the time of 160 lines.
    """
    if not points:
        return None
    if "EPI" in series.tokens:
        return view[1] / points if view[1] else None
    return view[0] / points


def _slice_voxel(series: Series, thickness: float | None) -> float | None:
    if thickness is None or not series.is_3d:
        return thickness
    percent = series.number("MATRIXZ")
    if percent == 100 or (percent is None and "ZIP2" not in series.tokens):
        return thickness
    return thickness * 100 / percent if percent and percent > 0 else None


def bandwidth(series: Series) -> None:
    """Bandwidth per pixel from the half receiver bandwidth in kHz."""
    half, points = series.number("RBW"), (series.fields.get("acquisition_matrix") or (None,))[0]
    if half and half > 0 and points:
        series.fields["pixel_bandwidth"] = 2000 * half / points
        series.take("RBW")


def gap(series: Series) -> None:
    """Distance between slice edges of a 2D series."""
    text = series.text("SPC")
    if not text or series.is_3d:
        return
    number = series.number("SPC")
    if number is not None:
        series.fields["slice_gap"] = number
        series.take("SPC")
    else:
        series.say("interleaved", "slice_gap", f"SPC is {text!r}: slices are acquired interleaved")
        series.fields["concatenations"] = 2  # the even slices after the odd ones; scan times of 3 files agree


def slices(series: Series) -> None:
    """Slices of a 2D series, images of a 3D one."""
    if series.text("PLANE") == facts.THREE_PLANE:
        planes = [series.number(f"SL3PLANE{index}") or 0 for index in "123"]
        if sum(planes) >= 1:
            series.fields["number_of_slices"] = int(sum(planes))
        return
    if not series.is_3d:
        count = series.number("NOSLC")
        if count and count == int(count):
            series.fields["number_of_slices"] = int(count)
            series.take("NOSLC")
        return
    key = "SLABLOC" if "SLABLOC" in series.left else "SCANLOCS"
    located, slabs = series.number(key), series.number("NOSLC") or 1
    thickness = series.fields.get("slice_thickness")
    if not located or not thickness:
        return
    images = locations.images_in_slab({**series.left, "PLANE": _plane_word(series)}, thickness, int(located))
    if images:
        series.fields["number_of_slices"] = images * int(slabs)
    if key == "SLABLOC":
        series.fields["slab_thickness"] = round(located * slabs * thickness, 6)
    if images != located:
        series.say("slab-locations", "number_of_slices", f"{located:g} locations per slab, fewer images")


def _plane_word(series: Series) -> str:
    neutral = series.fields.get("plane")
    return next((word for word, plane in facts.PLANES.items() if plane == neutral), series.text("PLANE"))
