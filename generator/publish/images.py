"""What the images of a card should say of themselves: a schema for dicompare, and BIDS sidecar fields.

A value that the spec does not state is left out of both: neither is a place for a guess.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from generator.model.fields import field_table
from generator.model.tree import Acquisition
from generator.publish.record import Record
from generator.vendors.profile import profile

# Field of the tree -> DICOM keyword, tag, VR, half width of what passes (None: exactly), in the tree's unit.
# The widths of the continuous fields are those that dicompare's own registry suggests.
_DICOM: tuple[tuple[str, str, str, str, float | None], ...] = (
    ("mr_acquisition_type", "MRAcquisitionType", "0018,0023", "CS", None),
    ("repetition_time", "RepetitionTime", "0018,0080", "DS", 10.0),
    ("inversion_time", "InversionTime", "0018,0082", "DS", 10.0),
    ("flip_angle", "FlipAngle", "0018,1314", "DS", 2.0),
    ("slice_thickness", "SliceThickness", "0018,0050", "DS", 0.1),
    ("pixel_bandwidth", "PixelBandwidth", "0018,0095", "DS", 50.0),
    ("number_of_averages", "NumberOfAverages", "0018,0083", "DS", 0.1),
)
_ECHO_WIDTH = 1.0
_FIELD_WIDTH = 0.3

# Field of the tree -> BIDS metadata field and the factor from the tree's unit to that of BIDS.
_BIDS: tuple[tuple[str, str, float | None], ...] = (
    ("mr_acquisition_type", "MRAcquisitionType", None),
    ("repetition_time_preparation", "RepetitionTimePreparation", 0.001),
    ("repetition_time_excitation", "RepetitionTimeExcitation", 0.001),
    ("inversion_time", "InversionTime", 0.001),
    ("flip_angle", "FlipAngle", 1.0),
    ("slice_thickness", "SliceThickness", 1.0),
    ("pixel_bandwidth", "PixelBandwidth", 1.0),
    ("parallel_reduction_factor_in_plane", "ParallelReductionFactorInPlane", 1.0),
    ("parallel_reduction_factor_out_of_plane", "ParallelReductionFactorOutOfPlane", 1.0),
    ("multiband_factor", "MultibandAccelerationFactor", 1.0),
    ("partial_fourier_phase", "PartialFourier", 1.0),
    ("magnetization_transfer", "MTState", None),
)

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


def bids_expectations(record: Record) -> dict[str, Any]:
    """List the sidecar fields that images of a card should carry once they are converted to BIDS.

    Returns
    -------
    dict
        ``acquisitions``: for every scan its name, BIDS data type and suffix where there is one, and sidecar
        fields in the units of BIDS (seconds, tesla, degrees).
    """
    target = record["target"]
    return {
        "protocol": record["protocol"],
        "version": record["version"],
        "target": target,
        "acquisitions": [_expected(name, step, target) for name, step in _scans(record)],
    }


def _shown(target: dict[str, Any]) -> str:
    parts = (target["vendor"], f"{target['field_strength']:g} T", target["model"], target["software"])
    return " ".join(part for part in parts if part)


def _scans(record: Record) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every scan under a name of its own, set-up left out: it makes no images to compare."""
    seen: dict[str, int] = {}
    for entry in record["steps"]:
        step = entry["step"]
        if step["kind"] != "acquisition" or entry["row"]["set_up"]:
            continue
        number = seen[step["name"]] = seen.get(step["name"], 0) + 1
        yield step["name"] if number == 1 else f"{step['name']} ({number})", step


def _acquisition(step: dict[str, Any], target: dict[str, Any]) -> dict[str, Any]:
    echoes = step.get("echo_times", [])
    fields = [*_target_fields(target), *_stated(step)]
    if len(echoes) == 1:
        fields.append(_field("EchoTime", "0018,0081", "DS", echoes[0], _ECHO_WIDTH))
    made: dict[str, Any] = {
        "description": step.get("role", step["name"]).replace("_", " "),
        "detailed_description": step.get("instruction") or f"{step['name']} as the protocol states it.",
        "tags": [word for word in (step.get("role"), step.get("technique")) if word],
        "fields": fields,
    }
    if len(echoes) > 1:
        made["series"] = [
            {"name": f"echo {number}", "fields": [_field("EchoTime", "0018,0081", "DS", echo, _ECHO_WIDTH)]}
            for number, echo in enumerate(echoes, 1)
        ]
    return made


def _target_fields(target: dict[str, Any]) -> Iterator[dict[str, Any]]:
    names = list(profile(target["vendor"]).manufacturers)
    tag = {"field": "Manufacturer", "tag": "0008,0070", "vr": "LO", "dataType": "string"}
    yield tag | ({"contains": names[0]} if len(names) == 1 else {"contains_any": names})
    yield _field("MagneticFieldStrength", "0018,0087", "DS", target["field_strength"], _FIELD_WIDTH)


def _stated(step: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for name, keyword, tag, vr, width in _DICOM:
        if name in step:
            yield _field(keyword, tag, vr, step[name], width)


def _field(keyword: str, tag: str, vr: str, value: Any, width: float | None) -> dict[str, Any]:
    made = {"field": keyword, "tag": tag, "vr": vr, "value": value}
    made["dataType"] = "string" if isinstance(value, str) else "number"
    return made if width is None else made | {"tolerance": width}


def _expected(name: str, step: dict[str, Any], target: dict[str, Any]) -> dict[str, Any]:
    role = step.get("role", "")
    datatype, suffix = _SUFFIXES.get(role, (None, None))
    sidecar: dict[str, Any] = {"MagneticFieldStrength": target["field_strength"]}
    for field, keyword, factor in _BIDS:
        if field in step:
            sidecar[keyword] = step[field] if factor is None else _scaled(field, step[field], factor)
    echoes = [_scaled("echo_times", echo, 0.001) for echo in step.get("echo_times", [])]
    if echoes:
        sidecar["EchoTime"] = echoes[0] if len(echoes) == 1 else echoes
    entities = {"ce": "gadolinium"} if role in _WITH_CONTRAST else {}
    return {"name": name, "datatype": datatype, "suffix": suffix, "entities": entities, "sidecar": sidecar}


def _scaled(field: str, value: float, factor: float) -> float:
    assert field_table(Acquisition)[field].type in (float, int), field
    return float(f"{value * factor:.12g}")
