"""Plane, field of view, matrix, bandwidth and slices of a series: pairs to fields."""

from __future__ import annotations

from generator.vendors.ge import facts, locations
from generator.vendors.ge.series import Series, number


def plane(series: Series) -> None:
    """Plane, and the axis of phase encoding: the axis in it that is not read out."""
    fields, left = series.fields, series.left
    word = left.get("PLANE", "")
    if word in facts.PLANES:
        fields["plane"] = facts.PLANES[word]
        del left["PLANE"]
    if word == "OBLIQUE" and (near := locations.nearest_plane(left.get("GRIP_SLGROUP1", ""))):
        series.say("oblique", "plane", f"prescribed oblique; its slice normal is nearest to {near}")
    axes = facts.PLANE_AXES.get(fields.get("plane", ""), ())
    frequency = facts.FREQUENCY_AXES.get(left.get("SWAPPF", ""))
    if frequency in axes:
        fields["phase_encoding_direction"] = axes[1 - axes.index(frequency)]
        del left["SWAPPF"]


def field_of_view(series: Series) -> None:
    """Field of view in mm; GE writes cm in readout and a fraction in phase."""
    left = series.left
    centimetres, share = number(left.get("FOV")), number(left.get("PHASEFOV"))
    if not centimetres or centimetres < 0:
        return
    read = round(centimetres * 10, 6)
    series.fields["field_of_view"] = (read, round(read * share, 6) if share and share > 0 else None)
    del left["FOV"]
    left.pop("PHASEFOV", None)


def matrix(series: Series) -> None:
    """Measured points and the voxel that follows from them."""
    fields, left = series.fields, series.left
    columns, lines = _count(number(left.get("MATRIXX"))), _count(number(left.get("MATRIXY")))
    if not columns and not lines:
        return
    fields["acquisition_matrix"] = columns, lines
    view, thickness = fields.get("field_of_view"), fields.get("slice_thickness")
    if view is None:
        return
    across = view[0] / columns if columns else None
    fields["voxel_size"] = across, _phase_voxel(series, view, lines), _slice_voxel(series, thickness)
    if columns:
        del left["MATRIXX"]
    if lines:
        del left["MATRIXY"]


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
    percent = number(series.left.get("MATRIXZ"))
    if percent == 100 or (percent is None and "ZIP2" not in series.tokens):
        return thickness
    return thickness * 100 / percent if percent and percent > 0 else None


def bandwidth(series: Series) -> None:
    """Bandwidth per pixel from the half receiver bandwidth in kHz."""
    half, points = number(series.left.get("RBW")), series.fields.get("acquisition_matrix", _UNKNOWN)[0]
    if half and half > 0 and points:
        series.fields["pixel_bandwidth"] = 2000 * half / points
        del series.left["RBW"]


_UNKNOWN = (None, None)


def gap(series: Series) -> None:
    """Distance between slice edges of a 2D series."""
    text = series.left.get("SPC")
    if not text or series.is_3d:
        return
    distance = number(text)
    if distance is not None:
        series.fields["slice_gap"] = distance
        del series.left["SPC"]
    else:
        series.say("interleaved", "slice_gap", f"SPC is {text!r}: slices are acquired interleaved")
        series.fields["concatenations"] = 2  # the even slices after the odd ones; scan times of 3 files agree


def slices(series: Series) -> None:
    """Slices of a 2D series, images of a 3D one."""
    fields, left = series.fields, series.left
    if left.get("PLANE") == facts.THREE_PLANE:
        planes = sum(number(left.get(f"SL3PLANE{index}")) or 0 for index in "123")
        if planes >= 1:
            fields["number_of_slices"] = int(planes)
        return
    if series.is_3d:
        _images(series)
        return
    count = _count(number(left.get("NOSLC")))
    if count:
        fields["number_of_slices"] = count
        del left["NOSLC"]


def _images(series: Series) -> None:
    fields, left = series.fields, series.left
    key = "SLABLOC" if "SLABLOC" in left else "SCANLOCS"
    located, slabs = number(left.get(key)), number(left.get("NOSLC")) or 1
    thickness = fields.get("slice_thickness")
    if not located or not thickness:
        return
    images = locations.images_in_slab(left, fields.get("plane", "oblique"), thickness, int(located))
    if images:
        fields["number_of_slices"] = images * int(slabs)
    if key == "SLABLOC":
        fields["slab_thickness"] = round(located * slabs * thickness, 6)
    if images != located:
        series.say("slab-locations", "number_of_slices", f"{located:g} locations per slab, fewer images")
