"""Files of one series joined to one scan: what varies from image to image, and what was meant to be there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from generator.images import fields as public
from generator.images.geometry import plane
from generator.images.header import Header
from generator.model.tree import Acquisition
from generator.vendors.dialect import ImageFields, ReadsImages

Vector = tuple[float, ...]
Component = Literal["magnitude", "phase", "real", "imaginary"]

_COMPONENTS: dict[str, Component] = {
    "M": "magnitude", "MAGNITUDE": "magnitude", "P": "phase", "PHASE": "phase", "PHASE MAP": "phase",
    "R": "real", "REAL": "real", "I": "imaginary", "IMAGINARY": "imaginary",
}  # fmt: skip
_TERMS = """ADC EADC FA RA TRACEW TRACE_W TENSOR COLFA AVDC MD EXP_ADC MEAN_ADC AVERAGE_DC
MIP MIN_IP MINIP MNIP MPR CPR CSAPARALLEL PROJECTION_IMAGE REFORMATTED SUBTRACTION SUB SUBTRACT COMPOSED
T1_MAP T2_MAP T2_STAR_MAP B0_MAP B1_MAP PERFUSION_MAP RCBF RCBV MTT TTP PBP RELCBF RELCBV RELMTT
SCREEN_SAVE SCREENSAVE SURFACE VRT SSD"""
_MAPS = frozenset(_TERMS.split())
"""Terms of ImageType for what was computed from other images."""
_DERIVED = "DERIVED"
_NEAR = 0.05
"""Millimetres and milliseconds within which two images are of one slice or one echo."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What may differ from one image of a series to the next."""

    position: Vector | None = None
    orientation: Vector | None = None
    echo_time: float | None = None
    b_value: float | None = None
    direction: Vector | None = None
    component: Component | None = None
    time: str | None = None
    volume: int | None = None

    @property
    def place(self) -> tuple[float, ...] | None:
        """Where it lies, rounded so that images of one slice are equal."""
        if self.position is None:
            return None
        return tuple(round(v, 1) for v in (*self.position, *(self.orientation or ())))


@dataclass(frozen=True, slots=True)
class ImageFile:
    """One file: its exam, its series and its frames; plain values that can be sent and kept.

    Attributes
    ----------
    patient : str
        Keyed hash of the patient's id; equal for images of one patient.
    kinds : frozenset of str
        Terms of ImageType and FrameType.
    time : str or None
        When it was acquired, ``YYYYMMDDHHMMSS.ffffff``.
    """

    path: Path
    study: str
    series: str
    patient: str
    number: int
    time: str | None
    kinds: frozenset[str]
    contrast_agent: str | None
    frames: tuple[Frame, ...]


@dataclass(slots=True)
class Series:
    """Images of one series and the header that speaks for them.

    Attributes
    ----------
    of_protocol : ImageFields
        What the vendor's own elements of the first image say.
    """

    header: Header
    files: list[ImageFile] = field(default_factory=list)
    of_protocol: ImageFields = field(default_factory=ImageFields)

    @property
    def frames(self) -> Iterator[Frame]:
        """All images."""
        return (frame for file in self.files for frame in file.frames)

    @property
    def start(self) -> str:
        """When the first image was acquired; empty if no image says."""
        return min((file.time for file in self.files if file.time), default="")

    @property
    def kinds(self) -> frozenset[str]:
        """Terms of ImageType of all files."""
        return frozenset().union(*(file.kinds for file in self.files))

    @property
    def derived(self) -> bool:
        """Whether every file was computed from others: a map, a projection, a reformat."""
        return self.is_map or all(_computed(file.kinds) for file in self.files)

    @property
    def is_map(self) -> bool:
        """Whether the terms of every file name a computation, not only that there was one."""
        return all(file.kinds & _MAPS for file in self.files)

    @property
    def components(self) -> set[str]:
        """Magnitude, phase, real, imaginary."""
        return {frame.component for frame in self.frames if frame.component}


def scans_of(several: Sequence[Series]) -> list[Series]:
    """Return the series of an exam that are scans; computed ones only where no other is."""
    done = [series for series in several if not series.derived]
    return done or [series for series in several if not series.is_map]


# --- one file -----------------------------------------------------------------------------------------


def image_file(header: Header, dialect: ReadsImages | None, key: bytes = b"") -> ImageFile:
    """Summarise one file. ``key`` makes the pseudonym of the patient one of this site alone."""
    get = header.get
    study, series = (str(get(f"{what}InstanceUID") or "") for what in ("Study", "Series"))
    return ImageFile(
        path=header.path,
        study=study,
        series=series or f"{header.path.parent}#{get('SeriesNumber')}",
        patient=header.pseudonym(key),
        number=int(get("SeriesNumber") or 0),
        time=acquired(header),
        kinds=image_kinds(header),
        contrast_agent=get("ContrastBolusAgent"),
        frames=tuple(_frame(header, index, dialect) for index in range(len(header.frames))),
    )


def is_derived(kinds: frozenset[str]) -> bool:
    """Say whether the terms of one file name something that was computed from other images."""
    return bool(kinds & _MAPS) or _computed(kinds)


def _computed(kinds: frozenset[str]) -> bool:
    return kinds >= {_DERIVED, "SECONDARY"}


_KINDS = ("ImageType", "FrameType")


def image_kinds(header: Header) -> frozenset[str]:
    """Terms of ImageType and FrameType."""
    return frozenset(str(term).upper() for name in _KINDS for term in public.listed(header.get(name)))


def acquired(header: Header, frame: int = 0) -> str | None:
    """Date and time of acquisition as one sortable text."""
    whole = header.get("AcquisitionDateTime") or header.get("FrameAcquisitionDateTime", frame)
    if isinstance(whole, str):
        return whole.split("+")[0].split("-")[0]
    for what in ("Acquisition", "Series", "Content"):
        date, time = header.get(f"{what}Date"), header.get(f"{what}Time")
        if isinstance(date, str) and isinstance(time, str):
            return date + time
    return None


def _frame(header: Header, index: int, dialect: ReadsImages | None) -> Frame:
    def get(keyword: str) -> Any:
        return header.get(keyword, index)

    b_value, direction = get("DiffusionBValue"), get("DiffusionGradientOrientation")
    if b_value is None and dialect is not None and not header.is_enhanced:
        b_value, direction = dialect.weighting(header)
    volume = get("TemporalPositionIndex") or get("TemporalPositionIdentifier")
    return Frame(
        position=_vector(get("ImagePositionPatient"), 3),
        orientation=_vector(get("ImageOrientationPatient"), 6),
        echo_time=public.positive(get("EffectiveEchoTime")) or public.positive(get("EchoTime")),
        b_value=b_value,
        direction=_vector(direction, 3),
        component=_component(get),
        time=acquired(header, index),
        volume=int(volume) if volume else None,
    )


def _vector(value: Any, length: int) -> Vector | None:
    whole = isinstance(value, tuple) and len(value) == length and None not in value
    return tuple(float(one) for one in value) if whole else None


def _component(get: Any) -> Component | None:
    stated = public.listed(get("ComplexImageComponent"))
    terms = (*stated, *public.listed(get("FrameType"))[2:], *public.listed(get("ImageType"))[2:])
    return next((_COMPONENTS[term] for term in terms if term in _COMPONENTS), None)


# --- one scan -----------------------------------------------------------------------------------------


def neutral_fields(header: Header, of_protocol: ImageFields) -> dict[str, Any]:
    """Fields that one header states: the public attributes, completed and corrected by the vendor's own."""
    stated = public.public_fields(header)
    sure = {name: of_protocol.fields[name] for name in of_protocol.surer if name in of_protocol.fields}
    return {**of_protocol.fields, **stated, **sure}


def scan_fields(series: Series) -> dict[str, Any]:
    """Fields of the scan that a series shows: its header and what its images have in common."""
    fields = neutral_fields(series.header, series.of_protocol)
    frames = list(series.frames)
    echoes = distinct(f.echo_time for f in frames)
    if echoes and "echo_times" not in series.of_protocol.surer:
        fields["echo_times"] = echoes
    weightings = distinct((f.b_value for f in frames), near=1.0)
    if any(weightings) or (weightings and fields.get("technique") == "echo_planar_diffusion"):
        fields["b_values"] = weightings
        if fields.get("technique") in (None, "echo_planar_bold"):
            fields["technique"] = "echo_planar_diffusion"
    elif fields.get("technique") != "echo_planar_diffusion":
        fields.pop("b_values", None)
    if any(weightings) and fields.get("diffusion_directions") is None:
        fields["diffusion_directions"] = count_directions(frames) or None
    fields["number_of_slices"] = max(count_slices(frames), fields.get("number_of_slices") or 0) or None
    if len({plane(f.orientation) for f in frames if f.orientation}) > 1:
        fields["plane"] = fields["phase_encoding_direction"] = None  # a scout in several planes
    return _derive(fields)


def _derive(fields: dict[str, Any]) -> dict[str, Any]:
    """Complete what follows from several fields."""
    view, matrix = fields.get("field_of_view"), fields.get("acquisition_matrix")
    flat, thickness = fields.get("mr_acquisition_type") == "2D", fields.get("slice_thickness")
    if view and matrix and fields.get("voxel_size") is None:
        sides = (
            round(side / points, 4) if side and points else None
            for side, points in zip(view, matrix, strict=True)
        )
        fields["voxel_size"] = (*sides, thickness if flat else None)
    if not flat:
        fields["slice_gap"] = None
    if fields.get("technique") == "magnetization_prepared_gradient_echo":
        _name_repetition(fields)
    if fields.get("technique") == "gradient_echo" and len(fields.get("echo_times") or ()) > 1:
        fields["technique"] = "multi_echo_gradient_echo"
    return fields


def _name_repetition(fields: dict[str, Any]) -> None:
    """Say which of its two times a prepared scan states: a cycle is longer than its inversion time."""
    time, inversion = fields.get("repetition_time"), fields.get("inversion_time")
    if time and inversion:
        which = "preparation" if time > inversion else "excitation"
        if fields.get(f"repetition_time_{which}") is None:
            fields[f"repetition_time_{which}"] = time


def distinct(values: Iterable[float | None], near: float = _NEAR) -> tuple[float, ...]:
    """The different values, sorted; those nearer than ``near`` to the one before count as one."""
    found: list[float] = []
    for value in sorted(v for v in values if v is not None):
        if not found or value - found[-1] > near:
            found.append(value)
    return tuple(round(value, 6) for value in found)


def count_slices(frames: Sequence[Frame]) -> int:
    """Number of different places of images."""
    return len({frame.place for frame in frames if frame.place is not None})


def count_directions(frames: Iterable[Frame]) -> int:
    """Number of different gradient directions; a direction and its opposite are two."""
    return len(
        {
            tuple(round(v, 2) + 0.0 for v in f.direction)
            for f in frames
            if f.direction and any(f.direction) and f.b_value
        }
    )


def acquisition(name: str, fields: dict[str, Any]) -> tuple[Acquisition, list[tuple[str, str, str]]]:
    """Make the scan; values that cannot be are left out, with a remark each."""
    from pydantic import ValidationError

    from generator.model.plausible import refused

    known = {n: v for n, v in fields.items() if n in Acquisition.model_fields and n != "name"}
    wrong = set(refused(known))
    try:
        return Acquisition(name=name, **{n: v for n, v in known.items() if n not in wrong}), _said(
            wrong, known
        )
    except ValidationError as error:
        wrong |= {str(problem["loc"][0]) for problem in error.errors() if problem["loc"]}
    return Acquisition(name=name, **{n: v for n, v in known.items() if n not in wrong}), _said(wrong, known)


def _said(wrong: set[str], fields: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [
        ("implausible", n, f"the images say {fields[n]!r}, which cannot be; left out") for n in sorted(wrong)
    ]
