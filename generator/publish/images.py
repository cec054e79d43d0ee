"""What the images of a card should say of themselves: a schema for dicompare, and sidecars of BIDS.

Expected is what the file holds, and what it cannot hold, since that is to be set by hand. A value that the
spec does not state is left out of both: neither is a place for a guess.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from generator.model.fields import field_table
from generator.model.tolerance import width
from generator.model.tree import Acquisition
from generator.publish.record import Record
from generator.vendors.profile import profile

# Field of the tree -> DICOM keyword, tag, VR. How far a number may be off: generator.model.tolerance.
_DICOM: tuple[tuple[str, str, str, str], ...] = (
    ("mr_acquisition_type", "MRAcquisitionType", "0018,0023", "CS"),
    ("repetition_time", "RepetitionTime", "0018,0080", "DS"),
    ("inversion_time", "InversionTime", "0018,0082", "DS"),
    ("flip_angle", "FlipAngle", "0018,1314", "DS"),
    ("slice_thickness", "SliceThickness", "0018,0050", "DS"),
    ("pixel_bandwidth", "PixelBandwidth", "0018,0095", "DS"),
    ("number_of_averages", "NumberOfAverages", "0018,0083", "DS"),
)
_FIELD_WIDTH = 0.3
_TRAINS = frozenset({"turbo_spin_echo"})
"""Techniques whose images state the echo train; of an EPI each vendor counts otherwise."""

_SHOWN_AS_FS = frozenset({"fat_saturation", "spair", "spir"})
"""What a header shows as ``FS`` among its ScanOptions (PS3.3 C.8.3.1.1.3)."""

_PHASE = {
    ("transverse", "AP"): "COL", ("transverse", "RL"): "ROW", ("sagittal", "AP"): "ROW",
    ("sagittal", "HF"): "COL", ("coronal", "RL"): "ROW", ("coronal", "HF"): "COL",
}  # fmt: skip
"""Direction of phase encoding in an image that is not turned in its plane."""

_TURNED = {"PA": "AP", "LR": "RL", "FH": "HF"}

_FINEST = 0.45
"""An image may be interpolated to half the voxel; a coarser pixel than the voxel is another scan."""

# Field of the tree -> BIDS metadata field and the factor from the tree's unit to that of BIDS.
_BIDS: tuple[tuple[str, str, float | None], ...] = (
    ("mr_acquisition_type", "MRAcquisitionType", None),
    ("repetition_time_preparation", "RepetitionTimePreparation", 0.001),
    ("repetition_time_excitation", "RepetitionTimeExcitation", 0.001),
    ("inversion_time", "InversionTime", 0.001),
    ("flip_angle", "FlipAngle", 1.0),
    ("parallel_reduction_factor_in_plane", "ParallelReductionFactorInPlane", 1.0),
    ("parallel_reduction_factor_out_of_plane", "ParallelReductionFactorOutOfPlane", 1.0),
    ("multiband_factor", "MultibandAccelerationFactor", 1.0),
    ("partial_fourier_phase", "PartialFourier", 1.0),
    ("magnetization_transfer", "MTState", None),
)
"""Keys of the schema of BIDS (objects/metadata.yaml, 1.10) only."""

# Role -> BIDS data type and suffix; roles that BIDS has no suffix for are not here.
_SUFFIXES = {
    "t1_3d_pre": ("anat", "T1w"),
    "t1_3d_post": ("anat", "T1w"),
    "dwi": ("dwi", "dwi"),
    "dti": ("dwi", "dwi"),
    "flair_3d": ("anat", "FLAIR"),
    "flair_2d": ("anat", "FLAIR"),
    "t2star_2d": ("anat", "T2starw"),
    "t2_3d": ("anat", "T2w"),
    "spine_t2_sag": ("anat", "T2w"),
    "spine_stir_sag": ("anat", "T2w"),
    "spine_t1_sag_post": ("anat", "T1w"),
    "spine_t1_ax_post": ("anat", "T1w"),
    "spine_t2star_ax": ("anat", "T2starw"),
}
_WITH_CONTRAST = frozenset({"t1_3d_post", "spine_t1_sag_post", "spine_t1_ax_post"})


def dicompare_schema(record: Record, network: str) -> dict[str, Any]:
    """Make the schema with which dicompare checks the images of a card.

    Parameters
    ----------
    record : dict
        As :func:`generator.publish.record.record` makes it.

    Returns
    -------
    dict
        By the metaschema of dicompare: every acquisition by its name, each field with the width that passes.
    """
    target = record["target"]
    return {
        "name": f"{record['title']} ({_shown(target)})",
        "description": f"{record['protocol']} {record['version']}: values stated by the protocol; "
        "fields it does not state are not checked.",
        "version": record["version"],
        "authors": [network],
        "acquisitions": {name: _acquisition(step, target) for name, step in _scans(record)},
    }


def bids_sidecars(record: Record) -> dict[str, dict[str, Any]]:
    """Make for every scan that BIDS has a suffix for the sidecar that its images should have.

    Returns
    -------
    dict of str to dict
        Path below the folder of a subject (``anat/sub-SUBJECT_acq-flair3d_FLAIR.json``) to sidecar, in the
        units of BIDS: seconds, tesla, degrees.
    """
    target, made = record["target"], dict[str, dict[str, Any]]()
    for name, step in _scans(record):
        echoes = step.get("echo_times", [None])
        for number, echo in enumerate(echoes, 1):
            place = _place(name, step, number if len(echoes) > 1 else None)
            if place:
                made[place] = _sidecar(step, echo, target)
    return made


def _place(name: str, step: dict[str, Any], echo: int | None) -> str | None:
    """Path of a sidecar; ``None`` where BIDS has no suffix for the scan."""
    role = step.get("role", "")
    if role not in _SUFFIXES:
        return None
    datatype, suffix = _SUFFIXES[role]
    label = "".join(c for c in name if c.isascii() and c.isalnum())
    parts = ["sub-SUBJECT", f"acq-{label}", "ce-gadolinium" if role in _WITH_CONTRAST else ""]
    parts += [f"echo-{echo}" if echo else "", suffix]
    return f"{datatype}/{'_'.join(part for part in parts if part)}.json"


def _shown(target: dict[str, Any]) -> str:
    parts = (target["vendor"], f"{target['field_strength']:g} T", target["model"], target["software"])
    return " ".join(part for part in parts if part)


def _scans(record: Record) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every scan under a name of its own, set-up left out: it makes no images to compare."""
    seen: dict[str, int] = {}
    for entry in record["steps"]:
        step = {**entry["step"], **entry["file"]}
        if step["kind"] != "acquisition" or entry["row"]["set_up"]:
            continue
        name = entry["step"]["name"]
        number = seen[name] = seen.get(name, 0) + 1
        yield name if number == 1 else f"{name} ({number})", {**step, "name": name}


def _acquisition(step: dict[str, Any], target: dict[str, Any]) -> dict[str, Any]:
    echoes = step.get("echo_times", [])
    fields = [*_target_fields(target), *_stated(step), *_geometry(step), *_contrast(step)]
    if len(echoes) == 1:
        fields.append(_number("echo_times", "EchoTime", "0018,0081", "DS", echoes[0]))
    made: dict[str, Any] = {
        "description": step.get("role", step["name"]).replace("_", " "),
        "detailed_description": step.get("instruction") or f"{step['name']} as the protocol states it.",
        "tags": [word for word in (step.get("role"), step.get("technique")) if word],
        "fields": fields,
        "rules": list(_rules(step)),
    }
    if len(echoes) > 1:
        made["series"] = [
            {
                "name": f"echo {number}",
                "fields": [_number("echo_times", "EchoTime", "0018,0081", "DS", echo)],
            }
            for number, echo in enumerate(echoes, 1)
        ]
    return made


def _target_fields(target: dict[str, Any]) -> Iterator[dict[str, Any]]:
    names = list(profile(target["vendor"]).manufacturers)
    tag = {"field": "Manufacturer", "tag": "0008,0070", "vr": "LO", "dataType": "string"}
    yield tag | ({"contains": names[0]} if len(names) == 1 else {"contains_any": names})
    exact = _exactly("MagneticFieldStrength", "0018,0087", "DS", target["field_strength"])
    yield exact | {"tolerance": _FIELD_WIDTH}


def _stated(step: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for name, keyword, tag, vr in _DICOM:
        if name in step:
            yield _number(name, keyword, tag, vr, step[name])
    if "echo_train_length" in step and step.get("technique") in _TRAINS:
        yield _number("echo_train_length", "EchoTrainLength", "0018,0091", "IS", step["echo_train_length"])


def _geometry(step: dict[str, Any]) -> Iterator[dict[str, Any]]:
    pixel = _voxel(step)
    if pixel:
        slack = 1 + width("voxel_size", max(pixel)) / max(pixel)
        bounds = {"min": _round(_FINEST * min(pixel)), "max": _round(max(pixel) * slack)}
        yield {"field": "PixelSpacing", "tag": "0028,0030", "vr": "DS", "dataType": "list_number", **bounds}
    if step.get("mr_acquisition_type") == "2D" and {"slice_thickness", "slice_gap"} <= step.keys():
        spacing = step["slice_thickness"] + step["slice_gap"]
        yield _number("slice_thickness", "SpacingBetweenSlices", "0018,0088", "DS", _round(spacing))
    along = step.get("phase_encoding_direction", "")
    direction = _PHASE.get((step.get("plane", ""), _TURNED.get(along, along)))
    if direction and not step.get("oblique_angles"):
        yield _exactly("InPlanePhaseEncodingDirection", "0018,1312", "CS", direction)


def _voxel(step: dict[str, Any]) -> list[float]:
    """Acquired pixel in mm, read and phase; empty where it is not stated."""
    if "voxel_size" in step:
        return [one for one in step["voxel_size"][:2] if one]
    if {"field_of_view", "acquisition_matrix"} <= step.keys():
        pairs = zip(step["field_of_view"], step["acquisition_matrix"], strict=False)
        return [size / number for size, number in pairs if size and number]
    return []


def _contrast(step: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if step.get("b_values"):
        values = sorted(set(step["b_values"]))
        made = {"field": "DiffusionBValue", "tag": "0018,9087", "vr": "FD"}
        yield made | {"dataType": "list_number", "value": values}
    if step.get("fat_suppression") in _SHOWN_AS_FS:
        yield {"field": "ScanOptions", "tag": "0018,0022", "vr": "CS", "dataType": "string", "contains": "FS"}


def _rules(step: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Checks that join fields: the extent of the image, and the number of slices."""
    view = [one for one in step.get("field_of_view", ()) if one]
    if view:
        yield _view_rule(view)
    if step.get("number_of_slices"):
        yield _slices_rule(step["number_of_slices"])


_VIEW = """\
for _, row in value.iterrows():
    spacing = row["PixelSpacing"]
    sides = sorted((row["Rows"] * spacing[0], row["Columns"] * spacing[1]))
    if abs(sides[1] - {large}) > {width} or sides[0] < {small} - {width} or sides[0] > {large} + {width}:
        raise ValidationError(f"{{sides[1]:g}} x {{sides[0]:g}} mm, expected {large} x {small} mm")
"""
_SLICES = """\
number = value["Count"].sum()
if not {least} <= number <= {most}:
    raise ValidationError(f"{{number}} slices, expected {number}")
"""


def _view_rule(view: Sequence[float]) -> dict[str, Any]:
    """The image covers the field of view; it may be square where the phase direction is shorter."""
    large, small = _round(max(view)), _round(min(view))
    code = _VIEW.format(large=large, small=small, width=_round(width("field_of_view", large)))
    pixel = large / 256
    good = {"PixelSpacing": [[pixel, pixel]], "Rows": [256], "Columns": [256]}
    return _rule("field_of_view", "Field of view", code, good, {**good, "PixelSpacing": [[2 * pixel, pixel]]})


def _slices_rule(number: int) -> dict[str, Any]:
    """Consoles leave out the outermost slices of a slab, and may interpolate to twice as many."""
    least, most = round(number * 0.9), round(number * 2.1)
    code = _SLICES.format(number=number, least=least, most=most)
    good = {"MRAcquisitionType": ["2D"], "Count": [number]}
    return _rule("slices", "Number of slices", code, good, {**good, "Count": [least // 2]})


def _rule(name: str, title: str, code: str, good: dict[str, Any], bad: dict[str, Any]) -> dict[str, Any]:
    fields = [field for field in good if field != "Count"]
    cases = [
        {"id": f"{name}-{word}", "name": word, "data": data, "expectedResult": word}
        for word, data in (("pass", good), ("fail", bad))
    ]
    return {"id": name, "name": title, "fields": fields, "implementation": code, "testCases": cases}


def _number(name: str, keyword: str, tag: str, vr: str, value: Any) -> dict[str, Any]:
    """A field with the width that its value may be off; a word is exact."""
    made = _exactly(keyword, tag, vr, value)
    return made if isinstance(value, str) else made | {"tolerance": _round(width(name, value))}


def _exactly(keyword: str, tag: str, vr: str, value: Any) -> dict[str, Any]:
    kind = "string" if isinstance(value, str) else "number"
    return {"field": keyword, "tag": tag, "vr": vr, "value": value, "dataType": kind}


def _round(value: float) -> float:
    return float(f"{value:.6g}")


def _sidecar(step: dict[str, Any], echo: float | None, target: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {
        "Manufacturer": profile(target["vendor"]).title,
        "MagneticFieldStrength": target["field_strength"],
    }
    for field, keyword, factor in _BIDS:
        if field in step:
            made[keyword] = step[field] if factor is None else _scaled(field, step[field], factor)
    if "slice_thickness" in step and len(pixel := _voxel(step)) == 2:
        made["AcquisitionVoxelSize"] = [*map(_round, pixel), step["slice_thickness"]]
    return made if echo is None else made | {"EchoTime": _scaled("echo_times", echo, 0.001)}


def _scaled(field: str, value: float, factor: float) -> float:
    assert field_table(Acquisition)[field].type in (float, int), field
    return float(f"{value * factor:.12g}")
