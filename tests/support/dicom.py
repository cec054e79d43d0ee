"""DICOM files of our own making, from scans of the tree: classic or enhanced, of any maker. No pixel data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

from generator.model.tree import Acquisition, Contrast, Protocol

CLASSIC, ENHANCED = "1.2.840.10008.5.1.4.1.1.4", "1.2.840.10008.5.1.4.1.1.4.1"
MAKERS = {"siemens": "SIEMENS", "ge": "GE MEDICAL SYSTEMS", "philips": "Philips", "canon": "CANON_MEC"}
PLANES: Mapping[str, tuple[list[int], list[int], int]] = {
    "transverse": ([1, 0, 0], [0, 1, 0], 2),
    "sagittal": ([0, 1, 0], [0, 0, -1], 0),
    "coronal": ([1, 0, 0], [0, 0, -1], 1),
}
"""Directions of rows and columns, and the axis along which slices are stacked."""
_FLAT = PLANES["transverse"]
SEQUENCES: Mapping[str, tuple[list[str], str]] = {
    "spin_echo": (["SE"], "SK"),
    "turbo_spin_echo": (["SE"], "SK"),
    "gradient_echo": (["GR"], "SP"),
    "multi_echo_gradient_echo": (["GR"], "SP"),
    "magnetization_prepared_gradient_echo": (["GR", "IR"], "MP"),
    "echo_planar_bold": (["EP", "GR"], "SK"),
    "echo_planar_diffusion": (["EP", "SE"], "SK"),
    "time_of_flight": (["GR"], "TOF"),
}
FAT = {"fat_saturation": "FS", "water_excitation": "WE"}


@dataclass(frozen=True)
class Series:
    """A series to be written.

    Attributes
    ----------
    start : float
        Seconds after midnight at which its first image was acquired.
    volumes : int
        Repetitions of all slices, each of ``acquisition_duration / volumes``.
    drop : tuple of int
        Images that are left out, by their index.
    """

    scan: Acquisition
    number: int
    start: float = 36_000.0
    maker: str = "siemens"
    kind: Sequence[str] = ("ORIGINAL", "PRIMARY", "M", "ND")
    volumes: int = 1
    drop: tuple[int, ...] = ()
    enhanced: bool = False
    study: str = "1"
    day: str = "20250310"
    patient: str = "anonymous-1"
    agent: str | None = None
    shift: tuple[float, float, float] = (0.0, 0.0, 0.0)
    extra: Mapping[str, Any] = field(default_factory=dict)

    def but(self, **changes: Any) -> Series:
        """Return the series with other fields of its scan."""
        return replace(self, scan=self.scan.model_copy(update=changes))


def uid(*parts: object) -> str:
    """Make a UID of a text: the same for the same parts."""
    return f"2.25.{int.from_bytes('/'.join(map(str, parts)).encode()[-15:], 'big')}"


def clock(seconds: float) -> str:
    """Write seconds after midnight as a DICOM time."""
    whole = int(seconds)
    return f"{whole // 3600:02}{whole // 60 % 60:02}{whole % 60:02}.{round((seconds - whole) * 1e6):06}"


def write(folder: Path, *several: Series) -> Path:
    """Write series below a folder, each in a folder of its own; return the folder."""
    for series in several:
        place = folder / f"{series.number:04}"
        place.mkdir(parents=True, exist_ok=True)
        for name, dataset in _files(series):
            save(dataset, place / f"{name:05}.dcm")
    return folder


def save(dataset: Dataset, path: Path) -> None:
    """Write one data set as a file."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = (
        dataset.SOPClassUID,
        dataset.SOPInstanceUID,
    )
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta = meta
    dataset.save_as(path, enforce_file_format=True)


def _files(series: Series) -> Iterator[tuple[int, Dataset]]:
    images = [(i, *image) for i, image in enumerate(_images(series)) if i not in series.drop]
    if not series.enhanced:
        for index, *image in images:
            yield index, _classic(series, index, *image)
        return
    dataset = _common(series, ENHANCED, 0)
    dataset.AcquisitionDateTime = series.day + clock(series.start)
    dataset.NumberOfFrames = len(images)
    dataset.SharedFunctionalGroupsSequence = [_shared(series)]
    dataset.PerFrameFunctionalGroupsSequence = [_frame(series, *image) for _, *image in images]
    yield 0, dataset


def _images(series: Series) -> Iterator[tuple[list[float], float, float | None, int]]:
    """Position, echo time, b-value and volume of every image."""
    scan = series.scan
    axis = PLANES.get(scan.plane or "", _FLAT)[2]
    step = (scan.slice_thickness or 1.0) + (scan.slice_gap or 0.0)
    for volume in range(series.volumes):
        for b_value in scan.b_values or (None,):
            for echo in scan.echo_times or (0.0,):
                for index in range(scan.number_of_slices or 1):
                    position = [-100.0 + s for s in series.shift]
                    position[axis] += index * step
                    yield position, echo, b_value, volume


def _classic(
    series: Series, index: int, position: list[float], echo: float, b_value: float | None, volume: int
) -> Dataset:
    dataset = _common(series, CLASSIC, index)
    scan, share = series.scan, (series.scan.acquisition_duration or 0.0) / series.volumes
    sequence, variant = SEQUENCES[scan.technique or "gradient_echo"]
    dataset.ScanningSequence, dataset.SequenceVariant = sequence, variant
    options = [FAT[scan.fat_suppression]] if scan.fat_suppression in FAT else []
    dataset.ScanOptions = options
    dataset.AcquisitionDate, dataset.AcquisitionTime = series.day, clock(series.start + volume * share)
    dataset.EchoTime = echo
    dataset.InversionTime = scan.inversion_time
    for group in (_timing(scan), _measures(scan), _matrix(scan), _averages(scan), _plane(scan)):
        dataset.update(group)
    read, phase = scan.acquisition_matrix or (64, 64)
    down = _phase_down(scan)
    dataset.AcquisitionMatrix = [read, 0, 0, phase] if down else [0, read, phase, 0]
    dataset.InPlanePhaseEncodingDirection = "COL" if down else "ROW"
    dataset.ImagePositionPatient = position
    dataset.TemporalPositionIdentifier = volume + 1
    if b_value is not None:
        dataset.DiffusionBValue = float(b_value)
    for keyword, value in series.extra.items():
        setattr(dataset, keyword, value)
    return dataset


def _common(series: Series, kind: str, index: int) -> Dataset:
    scan, d = series.scan, Dataset()
    d.SOPClassUID, d.SOPInstanceUID = kind, uid(series.study, series.number, index)
    d.StudyInstanceUID, d.SeriesInstanceUID = (
        uid("study", series.study),
        uid("series", series.study, series.number),
    )
    d.FrameOfReferenceUID = uid("frame", series.study)
    d.StudyDate, d.SeriesDate, d.SeriesTime = series.day, series.day, clock(series.start)
    d.Modality, d.Manufacturer, d.SoftwareVersions = "MR", MAKERS[series.maker], "release 1"
    d.PatientID, d.PatientName = series.patient, "Nobody^Made^Up"
    d.SeriesDescription, d.SeriesNumber, d.InstanceNumber = scan.name, series.number, index + 1
    d.ImageType, d.MRAcquisitionType = list(series.kind), scan.mr_acquisition_type or "2D"
    d.MagneticFieldStrength, d.PatientPosition = 3, scan.patient_position or "HFS"
    d.AcquisitionDuration = scan.acquisition_duration
    size = round((scan.field_of_view or (64.0, 64.0))[0])
    d.Rows = d.Columns = size
    if series.agent:
        d.ContrastBolusAgent = series.agent
    return d


def _timing(scan: Acquisition) -> Dataset:
    d = Dataset()
    d.RepetitionTime, d.FlipAngle = scan.repetition_time, scan.flip_angle
    d.EchoTrainLength = scan.echo_train_length or 1
    return d


def _measures(scan: Acquisition) -> Dataset:
    d = Dataset()
    d.SliceThickness, d.PixelSpacing = scan.slice_thickness, [1.0, 1.0]
    if scan.slice_thickness:
        d.SpacingBetweenSlices = scan.slice_thickness + (scan.slice_gap or 0.0)
    d.PixelBandwidth = scan.pixel_bandwidth
    return d


def _matrix(scan: Acquisition) -> Dataset:
    d = Dataset()
    read, phase = scan.field_of_view or (64.0, 64.0)
    d.PercentPhaseFieldOfView = 100 * (phase or 1) / (read or 1)
    factor = scan.parallel_reduction_factor_in_plane
    if factor is not None:
        d.ParallelReductionFactorInPlane = factor
    return d


def _averages(scan: Acquisition) -> Dataset:
    d = Dataset()
    d.NumberOfAverages = scan.number_of_averages
    return d


def _plane(scan: Acquisition) -> Dataset:
    d = Dataset()
    rows, columns, _ = PLANES.get(scan.plane or "", _FLAT)
    d.ImageOrientationPatient = [*rows, *columns]
    return d


def _phase_down(scan: Acquisition) -> bool:
    """Whether phase runs along the columns of the image."""
    axis = {"LR": 0, "RL": 0, "AP": 1, "PA": 1, "FH": 2, "HF": 2}[scan.phase_encoding_direction or "AP"]
    return bool(PLANES.get(scan.plane or "", _FLAT)[1][axis])


def _shared(series: Series) -> Dataset:
    scan, d = series.scan, Dataset()
    down = _phase_down(scan)
    geometry, modifier, imaging, timing = _matrix(scan), Dataset(), Dataset(), _timing(scan)
    factor = geometry.get("ParallelReductionFactorInPlane")
    if factor is not None:
        del geometry.ParallelReductionFactorInPlane
        modifier.ParallelReductionFactorInPlane = factor
    geometry.InPlanePhaseEncodingDirection = "COLUMN" if down else "ROW"
    read, phase = scan.acquisition_matrix or (64, 64)
    geometry.MRAcquisitionFrequencyEncodingSteps, geometry.MRAcquisitionPhaseEncodingStepsInPlane = (
        read,
        phase,
    )
    modifier.InversionRecovery = "YES" if scan.inversion_time else "NO"
    modifier.InversionTimes = [float(scan.inversion_time)] if scan.inversion_time else None
    modifier.SpectrallySelectedExcitation = "WATER" if scan.fat_suppression == "water_excitation" else "NONE"
    imaging.PixelBandwidth = scan.pixel_bandwidth
    measures = _measures(scan)
    del measures.PixelBandwidth
    timing.RFEchoTrainLength = scan.echo_train_length or 1
    d.MRTimingAndRelatedParametersSequence = [timing]
    d.MRFOVGeometrySequence, d.MRModifierSequence = [geometry], [modifier]
    d.MRImagingModifierSequence, d.MRAveragesSequence = [imaging], [_averages(scan)]
    d.PixelMeasuresSequence, d.PlaneOrientationSequence = [measures], [_plane(scan)]
    kind = Dataset()
    sequence = SEQUENCES[scan.technique or "gradient_echo"][0]
    kind.FrameType = list(series.kind)
    d.MRImageFrameTypeSequence = [kind]
    pulse = Dataset()
    pulse.EchoPulseSequence = "SPIN" if "SE" in sequence else "GRADIENT"
    pulse.EchoPlanarPulseSequence = "YES" if "EP" in sequence else "NO"
    d.MRModifierSequence[0].update(pulse)
    return d


def _frame(series: Series, position: list[float], echo: float, b_value: float | None, volume: int) -> Dataset:
    d, content, place, te = Dataset(), Dataset(), Dataset(), Dataset()
    share = (series.scan.acquisition_duration or 0.0) / series.volumes
    content.FrameAcquisitionDateTime = series.day + clock(series.start + volume * share)
    content.TemporalPositionIndex = volume + 1
    place.ImagePositionPatient = position
    te.EffectiveEchoTime = float(echo)
    d.FrameContentSequence, d.PlanePositionSequence, d.MREchoSequence = [content], [place], [te]
    if b_value is not None:
        diffusion = Dataset()
        diffusion.DiffusionBValue = float(b_value)
        d.MRDiffusionSequence = [diffusion]
    return d


def exam_of(protocol: Protocol, maker: str = "siemens", pause: float = 20.0) -> list[Series]:
    """Do an exam as a protocol asks for it, one scan after the other, with contrast from the injection on."""
    made: list[Series] = []
    start, agent, free = 36_000.0, None, 0.0
    for step in protocol.steps:
        if isinstance(step, Contrast):
            agent, free = step.agent, start + (step.minimum_delay or 0.0)
        if isinstance(step, Acquisition) and not step.optional:
            if (step.role or "").endswith("_post"):
                start = max(start, free)
            made.append(Series(_shown(step), len(made) + 1, start, maker, agent=agent, enhanced=True))
            start += (made[-1].scan.acquisition_duration or 0.0) + pause
    return made


def _shown(scan: Acquisition) -> Acquisition:
    """The scan with what consoles show: a repetition time, an angle, a time."""
    return scan.model_copy(
        update={
            "repetition_time": scan.repetition_time or scan.repetition_time_preparation,
            "flip_angle": scan.flip_angle or scan.refocusing_flip_angle,
            "acquisition_duration": scan.acquisition_duration or 240.0,
        }
    )
