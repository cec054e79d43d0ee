"""One file of an archive to one line of a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from hashlib import blake2b
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generator.errors import UnusableInput
from generator.limits import within_time

if TYPE_CHECKING:
    import pyarrow as pa

_HEAD = 4096
NUMBERS = (
    "repetition_time", "inversion_time", "flip_angle", "pixel_bandwidth", "slice_thickness", "slice_gap",
    "number_of_averages", "parallel_reduction_factor_in_plane", "parallel_reduction_factor_out_of_plane",
    "partial_fourier_phase", "partial_fourier_slice",
)  # fmt: skip
COUNTS = ("echo_train_length", "number_of_temporal_positions")
TEXTS = (
    "technique",
    "mr_acquisition_type",
    "plane",
    "phase_encoding_direction",
    "fat_suppression",
    "body_part",
)
LISTS = ("field_of_view", "acquisition_matrix", "voxel_size")
FIELDS = (*TEXTS, *NUMBERS, *COUNTS, *LISTS)
"""Neutral fields that a line holds, in the units of the tree."""
PSEUDONYMS: Mapping[str, tuple[str, ...]] = {
    "patient": ("PatientID", "IssuerOfPatientID"),
    "centre": ("InstitutionName",),
    "scanner": ("ManufacturerModelName", "DeviceSerialNumber", "StationName"),
    "study": ("StudyInstanceUID",),
    "series": ("SeriesInstanceUID",),
}
"""Columns that are keyed hashes of attributes."""


@cache
def schema() -> pa.Schema:
    """Columns of the table. ``kind``: image, other (DICOM of another kind), foreign (no DICOM), damaged."""
    import pyarrow as pa

    return pa.schema(
        [
            ("file", pa.uint64()),
            ("kind", pa.string()),
            ("error", pa.string()),
            *((name, pa.string()) for name in PSEUDONYMS),
            *((name, pa.string()) for name in ("folder", "vendor", "model", "software", "month", "name")),
            ("field_strength", pa.float64()),
            ("number", pa.int64()),
            ("frames", pa.int64()),
            ("derived", pa.bool_()),
            ("contrast_agent", pa.bool_()),
            ("echo_time", pa.float64()),
            ("b_value", pa.float64()),
            *((name, pa.string()) for name in TEXTS),
            *((name, pa.float64()) for name in NUMBERS),
            *((name, pa.int64()) for name in COUNTS),
            *((name, pa.list_(pa.float64())) for name in LISTS),
        ]
    )


def digest(name: str, key: bytes) -> int:
    """Number of a file: a keyed hash of its path below the archive, with ``/`` between its parts."""
    return int.from_bytes(blake2b(name.encode("utf-8", "surrogateescape"), key=key, digest_size=8).digest())


def read_batch(root: str, names: Sequence[str], key: bytes, folders: bool = False) -> pa.Table:
    """Read files of an archive, in any process; a file that cannot be read costs its line.

    Parameters
    ----------
    root : str
        Folder of the archive, as this process sees it.
    names : sequence of str
        Paths below it, with ``/`` between their parts.
    folders : bool
        Whether the name of the first folder below the archive is stored, as that of the centre.
    """
    from generator.images.header import quiet

    with quiet():
        return _table(
            {
                "file": digest(name, key),
                "folder": name.partition("/")[0] if folders and "/" in name else None,
                **_row(Path(root, name), key),
            }
            for name in names
        )


def lost(names: Sequence[str], key: bytes) -> pa.Table:
    """Lines of files at which the process that read them ended."""
    message = "reading it ended the process"
    rows = [{"file": digest(name, key), "kind": "damaged", "error": message} for name in names]
    return _table(rows)


def _row(path: Path, key: bytes) -> dict[str, Any]:
    try:
        with within_time(path):
            return _read(path, key)
    except UnusableInput as error:
        # No more than its kind: what follows may quote a value of the file.
        return {"kind": "damaged", "error": error.message.partition(":")[0].partition("(")[0].strip()}
    except Exception as error:  # whatever a broken file makes of the reader, the others must go on
        return {"kind": "damaged", "error": type(error).__name__}


def _read(path: Path, key: bytes) -> dict[str, Any]:
    from generator.images.header import is_dicom, load

    try:
        with path.open("rb") as stream:
            head = stream.read(_HEAD)
    except OSError as error:
        raise UnusableInput(path, f"cannot be opened: {error.strerror}") from error
    if not is_dicom(path, head):
        return {"kind": "foreign"}
    header = load(path, besides=[name for names in PSEUDONYMS.values() for name in names])
    return {"kind": "other"} if header is None else {"kind": "image", **_image(header, key)}


def _image(header: Any, key: bytes) -> dict[str, Any]:
    from generator.images.fields import public_fields
    from generator.images.reader import field_strength, software
    from generator.images.series import acquired, image_kinds, is_derived

    fields = public_fields(header)
    number, agent = header.get("SeriesNumber"), header.get("ContrastBolusAgent")
    echo = header.get("EffectiveEchoTime") or header.get("EchoTime")
    return {
        **{
            column: header.pseudonym(key, attributes) if header.names(attributes) else None
            for column, attributes in PSEUDONYMS.items()
        },
        "vendor": _maker(str(header.get("Manufacturer") or "")),
        "model": header.get("ManufacturerModelName"),
        "software": software(header),
        "field_strength": field_strength(header),
        "month": _month(acquired(header)),
        "name": fields.get("name"),
        "number": number,
        "frames": len(header.frames),
        "derived": is_derived(image_kinds(header)),
        "contrast_agent": agent is not None,
        "echo_time": echo,
        "b_value": header.get("DiffusionBValue"),
        **{name: fields.get(name) for name in FIELDS},
    }


@lru_cache(maxsize=64)
def _maker(said: str) -> str | None:
    """An archive has few spellings, and the vendors are looked up in folders."""
    from generator.images.reader import maker

    return maker(said)


def _month(time: str | None) -> str | None:
    return f"{time[:4]}-{time[4:6]}" if time and time[:6].isdecimal() else None


def _table(rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    """Lines as a table; a value that is not of its column's kind is left out, and nothing else."""
    import pyarrow as pa

    columns: dict[str, list[Any]] = {field.name: [] for field in schema()}
    for row in rows:
        for name, values in columns.items():
            values.append(_fitting(name, row.get(name)))
    return pa.table({field.name: pa.array(columns[field.name], field.type) for field in schema()})


_WHOLE = ("number", "frames", *COUNTS)
_REAL = ("field_strength", "echo_time", "b_value", *NUMBERS)
_AS_IS = ("file", "derived", "contrast_agent")


def _fitting(name: str, value: Any) -> Any:
    if value is None or name in _AS_IS:
        return value
    try:
        if name in LISTS:
            return [None if one is None else _finite(one) for one in value]
        if name in _WHOLE:
            return int(value) if abs(int(value)) < 1 << 62 else None
        return _finite(value) if name in _REAL else str(value)
    except (TypeError, ValueError, OverflowError):
        return None


def _finite(value: Any) -> float | None:
    return float(value) if isfinite(value) else None
