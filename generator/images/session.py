"""Series of one exam joined to the scans they came from: phase, reference, maps, projections."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from math import dist
from pathlib import Path
from typing import Any

from generator.images.geometry import axes
from generator.images.header import quiet
from generator.images.reader import Images, field_strength, gather, label, software, vendor_of
from generator.images.series import Frame, Series, acquisition, distinct, scan_fields, scans_of
from generator.model.acquired import Exam, Missing, Scan, Vector
from generator.model.tree import Acquisition, Target

_TOGETHER = 1.0
"""Seconds within which two series began with one scan: a scanner runs one at a time."""
_REFERENCE = re.compile(r"[\W_]*(sbref|single.?band.?reference)$", re.IGNORECASE)
_PARTS = re.compile(
    r"[\W_]*(mag|pha|magnitude|phase|real|imaginary|swi|mip|minip|mag_images|pha_images|swi_images|"
    r"mip_images.*|m|p|r|i|nd|norm|adc|fa|tracew|trace|colfa|tensor|mpr.*|diff)$",
    re.IGNORECASE,
)
"""What consoles append to the name of a scan for the series that come of it."""
_ODD_SPACING = 1.5
"""Times the usual distance of slices from which one is missing between two."""


def exams(*paths: Path) -> tuple[Exam, ...]:
    """Read acquired images as exams, in the order in which they were made. Raises as ``reader.gather``."""
    images = gather(paths)
    with quiet():
        return exams_of(images)


def exams_of(images: Images) -> tuple[Exam, ...]:
    """Join the series of every study to scans."""
    return tuple(_exam(several) for several in images.studies().values())


def _exam(several: Sequence[Series]) -> Exam:
    done = scans_of(several)
    groups = list(_groups(done))
    derived: list[list[Series]] = [[] for _ in groups]
    orphans = []
    for series in (one for one in several if one not in done):
        place = _source(series, groups)
        if place is None:
            orphans.append(label(series))
        else:
            derived[place].append(series)
    first = several[0]
    start = first.start
    return Exam(
        label=f"{start[:4]}-{start[4:6]}-{start[6:8]}" if len(start) >= 8 else "day unknown",
        patient=first.files[0].patient,
        scanner=_scanner(first),
        scans=tuple(_scan(*both) for both in zip(groups, derived, strict=True)),
        orphans=tuple(orphans),
    )


def _scanner(series: Series) -> Target | None:
    vendor, strength = vendor_of(series.header), field_strength(series.header)
    if vendor is None or strength is None:
        return None
    model = series.header.get("ManufacturerModelName")
    return Target(vendor=vendor, field_strength=strength, model=model, software=software(series.header))


# --- which series are of one scan ---------------------------------------------------------------------


def _groups(done: Sequence[Series]) -> Iterator[list[Series]]:
    """Yield the series of each scan, the one that speaks for it first."""
    found: list[list[Series]] = []
    for series in done:
        for group in found:
            if _one_scan(group, series):
                group.append(series)
                break
        else:
            found.append([series])
    for group in found:
        group.sort(key=_importance)
    return iter(found)


def _importance(series: Series) -> tuple[bool, bool, int, int]:
    reference = bool(_REFERENCE.search(_name(series)))
    return reference, "magnitude" not in series.components, -len(series.files), series.files[0].number


def _one_scan(group: Sequence[Series], series: Series) -> bool:
    """Say whether a series is of the scan of others: begun together, its reference, or another part of it."""
    first = group[0]
    reference = _REFERENCE.search(_name(series)), _REFERENCE.search(_name(first))
    if any(reference) and not all(reference):
        return stem(_name(series)) == stem(_name(first)) and _neighbours(group, series)
    times = [t for t in (seconds(one.start) for one in (first, series)) if t is not None]
    if len(times) == 2:
        return abs(times[0] - times[1]) < _TOGETHER and _same_sequence(first, series)
    parts = {*first.components} ^ {*series.components}
    return bool(parts) and stem(_name(series)) == stem(_name(first)) and _neighbours(group, series)


def _same_sequence(one: Series, other: Series) -> bool:
    stated = ((s.header.get("RepetitionTime"), s.header.get("MRAcquisitionType")) for s in (one, other))
    return len(set(stated)) == 1


def _neighbours(group: Sequence[Series], series: Series) -> bool:
    """Whether the numbers follow each other; consoles number in steps of 1, 100 or, for parts, less."""
    numbers = {abs(series.files[0].number - one.files[0].number) for one in group}
    return min(numbers) in (0, 1, 100)


def _name(series: Series) -> str:
    return str(series.header.get("SeriesDescription") or "")


def stem(name: str) -> str:
    """Return a name without what consoles append for a part of a scan, in lower case."""
    name = _REFERENCE.sub("", name)
    while (shorter := _PARTS.sub("", name)) != name and shorter:
        name = shorter
    return name.casefold().strip(" _-")


def _source(series: Series, groups: Sequence[Sequence[Series]]) -> int | None:
    """Which scan a derived series was made of: one begun with it, else the last of its name."""
    own, name = seconds(series.start), stem(_name(series))
    before = []
    for index, group in enumerate(groups):
        begun = seconds(group[0].start)
        if own is None or begun is None or begun <= own + _TOGETHER:
            together = own is not None and begun is not None and abs(own - begun) < _TOGETHER
            before.append((together, stem(_name(group[0])) == name, index))
    alike = [one for one in before if one[0] or one[1]]
    return max(alike)[2] if alike else None


# --- one scan -----------------------------------------------------------------------------------------


def _scan(group: Sequence[Series], derived: Sequence[Series]) -> Scan:
    first = group[0]
    fields = scan_fields(first)
    parts = [series for series in group if not _REFERENCE.search(_name(series))] or group
    echoes = distinct(frame.echo_time for series in parts for frame in series.frames)
    if len(echoes) > len(fields.get("echo_times") or ()):
        fields["echo_times"] = echoes
    own = list(first.frames)
    absent, slices = _missing(first, own, fields)
    if slices:
        fields["number_of_slices"] = slices
    made, refused = acquisition(_name(first) or "unnamed series", fields)
    times = [t for series in group if (t := seconds(series.start)) is not None]
    start = min(times, default=None)
    end = start + made.acquisition_duration if start is not None and made.acquisition_duration else None
    normal, centre = _place(own)
    return Scan(
        acquisition=made,
        series=tuple(map(label, group)),
        derived=tuple(_made(series) for series in derived),
        start=start,
        end=end,
        injected=_injected(first),
        agent=next((file.contrast_agent for s in group for file in s.files if file.contrast_agent), None),
        missing=absent,
        images=len(own),
        normal=normal,
        centre=centre,
        surely=frozenset(
            n for n, v in first.of_protocol.fields.items() if v is not None and fields.get(n) == v
        ),
        off=_off(first, fields),
        remarks=(*first.of_protocol.remarks, *refused),
    )


def _made(series: Series) -> Acquisition:
    return acquisition(_name(series) or "unnamed series", scan_fields(series))[0]


def _off(series: Series, fields: dict[str, Any]) -> frozenset[str]:
    """Fields that are empty because the images say so: no inversion where the sequence is named without."""
    scanning = series.header.get("ScanningSequence")
    named = "IR" not in scanning if isinstance(scanning, str | tuple) else False
    denied = series.header.get("InversionRecovery") == "NO"
    none = fields.get("inversion_time") is None and (named or denied)
    return frozenset({"inversion_time"} if none else ())


def _injected(series: Series) -> float | None:
    """When the contrast agent was given, on the clock of the scans."""
    stated, day = series.header.get("ContrastBolusStartTime"), series.start[:8]
    return seconds(day + stated) if isinstance(stated, str) and day else None


def seconds(time: str | None) -> float | None:
    """Seconds since an arbitrary day of a DICOM date and time."""
    whole, _, part = (time or "").partition(".")
    try:
        moment = datetime.strptime(whole, "%Y%m%d%H%M%S")
    except ValueError:
        return None
    since = moment - datetime(1900, 1, 1)
    return since.days * 86_400 + since.seconds + (float(f"0.{part}") if part.isdigit() else 0.0)


# --- what is not there --------------------------------------------------------------------------------


def _missing(
    series: Series, frames: Sequence[Frame], fields: dict[str, Any]
) -> tuple[tuple[Missing, ...], int | None]:
    """Find slices, volumes and images that should be there.

    Returns
    -------
    missing : tuple of Missing
    slices : int or None
        Number of slices with those that are missing.
    """
    places = Counter(frame.place for frame in frames if frame.place is not None)
    mosaic = "MOSAIC" in series.kinds
    if not places or mosaic:
        return tuple(_volumes(series, len(frames), fields)), None
    between = sum(_holes(group) for group in _stacks(frames))
    # Of slabs that overlap nobody can say how many slices are left.
    stated = (fields.get("number_of_slices") or 0) if (fields.get("number_of_slabs") or 1) == 1 else 0
    slices = max(stated, len(places) + between)
    found = []
    if slices > len(places):
        found.append(Missing("slices", slices - len(places)))
    if lost := _lost(frames):
        found.append(Missing("images", lost))
    if not lost and not found:
        found += _volumes(series, max(places.values()) // max(1, _parts(frames)), fields)
    return tuple(found), slices


def _parts(frames: Sequence[Frame]) -> int:
    """Images of one place and one moment: echoes and components."""
    return len({(frame.echo_time, frame.component) for frame in frames})


def _volumes(series: Series, found: int, fields: dict[str, Any]) -> Iterator[Missing]:
    """Volumes that the header speaks of and that are not there."""
    stated = series.header.get("NumberOfTemporalPositions") or 0
    own = fields.get("number_of_temporal_positions") or 0
    wanted = int(max(stated, own))
    if wanted > found:
        yield Missing("volumes", wanted - found)


def _lost(frames: Sequence[Frame]) -> int:
    """Images that some places have and others lack, of each kind of image."""
    kinds: dict[Any, Counter[Any]] = {}
    for frame in frames:
        direction = frame.direction if frame.b_value else None
        kind = (frame.echo_time, frame.b_value, direction, frame.component, frame.volume)
        kinds.setdefault(kind, Counter())[frame.place] += 1
    places = {frame.place for frame in frames}
    return sum(max(one.values()) * len(places) - sum(one.values()) for one in kinds.values())


def _stacks(frames: Iterable[Frame]) -> list[list[float]]:
    """Heights of the slices of each orientation along their normal."""
    stacks: dict[Any, set[float]] = {}
    for frame in frames:
        found = axes(frame.orientation)
        if found and frame.position:
            height = sum(p * n for p, n in zip(frame.position, found[2], strict=True))
            stacks.setdefault(tuple(round(v, 3) for v in found[2]), set()).add(round(height, 2))
    return [sorted(heights) for heights in stacks.values()]


def _holes(heights: Sequence[float]) -> int:
    """Slices missing inside a stack: gaps of several times the usual step."""
    steps = sorted(b - a for a, b in pairwise(heights))
    if len(steps) < 2:
        return 0
    usual = steps[len(steps) // 2]
    if usual <= 0 or sum(step > usual * _ODD_SPACING for step in steps) * 2 > len(steps):
        return 0
    return sum(round(step / usual) - 1 for step in steps if step > usual * _ODD_SPACING)


def _place(frames: Sequence[Frame]) -> tuple[Vector | None, Vector | None]:
    """Normal and middle of a scan of one orientation."""
    orientations = {f.orientation for f in frames if f.orientation}
    if not orientations or max(dist(a, b) for a in orientations for b in list(orientations)[:1]) > 0.01:
        return None, None
    found = axes(next(iter(orientations)))
    positions = [f.position for f in frames if f.position]
    middle = tuple(sum(p[i] for p in positions) / len(positions) for i in range(3)) if positions else None
    return (found[2] if found else None), middle
