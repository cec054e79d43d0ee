"""Files, folders and export trees of acquired images: a protocol a study, a step a series."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from generator import vendors
from generator.errors import UnusableInput
from generator.images.header import Header, is_dicom, load, quiet
from generator.images.series import Series, acquisition, image_file, scan_fields, scans_of
from generator.model.tree import Acquisition, Note, Protocol, ReadResult
from generator.vendors.dialect import ImageFields, ReadsImages
from generator.vendors.profile import names, profile

FORMAT = "dicom"
T = TypeVar("T")
_HEAD = 4096
_MOST_TESLA = 100
"""Field strengths above are in gauss."""
_GAUSS = 10_000


@dataclass
class Images:
    """What a walk found: series in the order of their first images, and what else was there.

    Attributes
    ----------
    others : int
        Readable DICOM files that are no MR images: reports, raw data, directories.
    foreign : int
        Files that are not DICOM.
    """

    series: dict[tuple[str, str], Series] = field(default_factory=dict)
    others: int = 0
    foreign: int = 0

    def studies(self) -> dict[str, list[Series]]:
        """Series by study, both in the order of acquisition."""
        found: dict[str, list[Series]] = {}
        for series in sorted(self.series.values(), key=_order):
            found.setdefault(series.files[0].study, []).append(series)
        return found


def _order(series: Series) -> tuple[str, int, str]:
    return series.start, series.files[0].number, series.files[0].series


def walk(paths: Iterable[Path]) -> Iterator[Path]:
    """Yield every file of files and folders, sorted; links to folders are not followed.

    Raises
    ------
    UnusableInput
        For a path that is not there or a folder that cannot be listed.
    """

    def fail(error: OSError) -> None:
        raise UnusableInput(error.filename or "", error.strerror or str(error))

    for path in paths:
        if not path.exists():
            raise UnusableInput(path, "no such file or directory")
        if path.is_file():
            yield path
            continue
        for folder, folders, files in os.walk(path, onerror=fail):
            folders.sort()
            yield from (Path(folder) / name for name in sorted(files))


def recognises(path: Path) -> bool:
    """Say whether a path is for this reader: an MR image, damaged DICOM, or a folder without a protocol file.

    Raises
    ------
    UsageError
        If it is DICOM and pydicom is not installed.
    """
    if path.is_dir():
        return not any(vendors.get(name).sniff(path, b"") for name in names())
    if not path.is_file():
        return False
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
    if not is_dicom(path, head):
        return False
    try:
        return load(path) is not None
    except UnusableInput:
        return True  # reading it says what is wrong


def vendor_of(header: Header) -> str | None:
    """Name the vendor whose spelling is in Manufacturer."""
    return maker(str(header.get("Manufacturer") or ""))


def maker(said: str) -> str | None:
    """Name the vendor whose spelling is in a text."""
    said = said.casefold()
    spelled = ((v, one.casefold()) for v in names() for one in profile(v).manufacturers)
    return next((v for v, one in spelled if re.search(rf"(?<![a-z]){re.escape(one)}(?![a-z])", said)), None)


def dialect_of(header: Header) -> ReadsImages | None:
    """Return the dialect that understands the vendor's own elements of an image."""
    vendor = vendor_of(header)
    dialect: Any = vendors.get(vendor) if vendor else None
    return dialect if isinstance(dialect, ReadsImages) else None


def gather(paths: Iterable[Path]) -> Images:
    """Read every MR image of files and folders into series.

    Raises
    ------
    UnusableInput
        For a damaged DICOM file, or if there is no MR image at all.
    UsageError
        If pydicom is not installed.
    """
    images = Images()
    with quiet():
        for path in walk(paths):
            _take(images, path)
    if not images.series:
        what = f"{images.others} DICOM files of another kind" if images.others else "no DICOM file"
        raise UnusableInput(", ".join(map(str, paths)), f"no MR image: there is {what} in it")
    return images


def _take(images: Images, path: Path) -> None:
    try:
        with path.open("rb") as stream:
            head = stream.read(_HEAD)
    except OSError as error:
        raise UnusableInput(path, error.strerror or str(error)) from error
    if not is_dicom(path, head):
        images.foreign += 1
        return
    header = load(path)
    if header is None:
        images.others += 1
        return
    dialect = dialect_of(header)
    file = image_file(header, dialect)
    known = images.series.get((file.study, file.series))
    if known is None:
        of_protocol = dialect.of_image(header) if dialect else ImageFields()
        known = images.series[file.study, file.series] = Series(header, of_protocol=of_protocol)
    known.files.append(file)


# --- to the tree --------------------------------------------------------------------------------------


def read(*paths: Path) -> ReadResult:
    """Read acquired images into the tree. Raises as :func:`gather`."""
    images = gather(paths)
    with quiet():
        return result(images)


def result(images: Images) -> ReadResult:
    """Put the result together: a protocol a study, a step a series; derived images are no scans."""
    notes: list[Note] = []
    protocols = []
    for index, several in enumerate(images.studies().values()):
        protocols.append(_protocol(index, several, notes))
    headers = [series.header for series in images.series.values()]
    if images.others:
        text = f"{images.others} DICOM files are no MR images (reports, raw data, other modalities)"
        notes.append(Note(code="other-dicom", message=text))
    if images.foreign:
        notes.append(Note(code="not-dicom", message=f"{images.foreign} files are not DICOM"))
    return ReadResult(
        format=FORMAT,
        vendor=_common(map(vendor_of, headers)) or "unknown",
        software=_common(map(software, headers)),
        field_strength=_common(map(field_strength, headers)),
        protocols=tuple(protocols),
        notes=tuple(notes),
    )


def _common(values: Iterable[T | None]) -> T | None:
    different = set(values)
    return different.pop() if len(different) == 1 else None


def software(header: Header) -> str | None:
    """Release of the scanner: the last of several texts says most."""
    said = header.get("SoftwareVersions")
    return next(filter(None, reversed(said)), None) if isinstance(said, tuple) else said


def field_strength(header: Header) -> float | None:
    """Field strength in tesla; old consoles state gauss."""
    value = header.get("MagneticFieldStrength")
    if not isinstance(value, float | int) or value <= 0:
        return None
    tesla = value / _GAUSS if value > _MOST_TESLA else float(value)
    return nominal(tesla) or None


def nominal(strength: float) -> float:
    """Field strength as people say it: some consoles store 2.89 for 3 T."""
    return next((t for t in (0.55, 1.5, 3.0, 7.0) if abs(strength - t) <= 0.05 * t), round(strength, 3))


def _protocol(index: int, several: Sequence[Series], notes: list[Note]) -> Protocol:
    """A study; the notes of its steps are added to ``notes``."""
    steps: list[Acquisition] = []

    def note(code: str, field_name: str, message: str, step: int | None = None) -> None:
        notes.append(Note(code=code, message=message, protocol=index, step=step, field=field_name or None))

    scans = scans_of(several)
    for series in several:
        if series not in scans:
            note("derived", "", f"series {label(series)} was computed from others: no scan of its own")
            continue
        scan, remarks = scan_of(series)
        for code, what, message in remarks:
            note(code, what, message, len(steps))
        steps.append(scan)
    times = [step.acquisition_duration for step in steps]
    return Protocol(
        name=f"acquired exam {index + 1}",
        acquisition_duration=sum(t for t in times if t) if times and all(times) else None,
        steps=tuple(steps),
    )


def label(series: Series) -> str:
    """Number and name of a series for people."""
    return f"{series.files[0].number} {series.header.get('SeriesDescription') or '(without a name)'}"


def scan_of(series: Series) -> tuple[Acquisition, list[tuple[str, str, str]]]:
    """Make the scan that a series shows, with remarks (code, field, sentence)."""
    fields = scan_fields(series)
    scan, refused = acquisition(str(fields.get("name") or "unnamed series"), fields)
    return scan, [*series.of_protocol.remarks, *refused]
