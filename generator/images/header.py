"""One DICOM file as what may be read of it: public attributes by keyword, private ones by creator.

Attributes that could name a person, a place or a machine are on no list here, so nothing can read them out.
pydicom is imported when the first file is opened.
"""

from __future__ import annotations

import warnings
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, cached_property
from hashlib import blake2b
from itertools import chain
from pathlib import Path
from typing import Any

from generator.errors import UnusableInput, UsageError
from generator.images.geometry import phase_direction
from generator.text import MOST, bounded

PREAMBLE, MAGIC = 128, b"DICM"
MR_IMAGES = frozenset(f"1.2.840.10008.5.1.4.1.1.4{kind}" for kind in ("", ".1", ".3", ".4"))
"""SOP classes of MR images: classic, enhanced, enhanced colour, legacy converted enhanced (PS3.4 B.5)."""
SUFFIXES = frozenset({".dcm", ".ima"})
"""Names under which files without the preamble of PS3.10 still are DICOM."""
_SHARED, _FRAMES = 0x52009229, 0x52009230

PATIENT = ("PatientID", "IssuerOfPatientID")
_KEYWORDS = """
SOPClassUID SOPInstanceUID StudyInstanceUID SeriesInstanceUID FrameOfReferenceUID
Modality Manufacturer ManufacturerModelName SoftwareVersions MagneticFieldStrength
SeriesDescription ProtocolName SeriesNumber AcquisitionNumber InstanceNumber ImageType FrameType
StudyDate StudyTime SeriesDate SeriesTime AcquisitionDate AcquisitionTime AcquisitionDateTime ContentDate
ContentTime FrameAcquisitionDateTime FrameReferenceDateTime AcquisitionDuration
BodyPartExamined Laterality ImageLaterality FrameLaterality PatientPosition
ScanningSequence SequenceVariant ScanOptions MRAcquisitionType SequenceName PulseSequenceName AngioFlag
EchoPulseSequence EchoPlanarPulseSequence SteadyStatePulseSequence InversionRecovery TimeOfFlightContrast
PhaseContrast AcquisitionContrast ComplexImageComponent ArterialSpinLabelingContrast MultipleSpinEcho
RepetitionTime EchoTime EffectiveEchoTime InversionTime InversionTimes FlipAngle EchoNumbers
EchoTrainLength RFEchoTrainLength GradientEchoTrainLength PixelBandwidth
SliceThickness SpacingBetweenSlices Rows Columns PixelSpacing NumberOfFrames
ImagePositionPatient ImageOrientationPatient AcquisitionMatrix MRAcquisitionFrequencyEncodingSteps
MRAcquisitionPhaseEncodingStepsInPlane NumberOfPhaseEncodingSteps PercentPhaseFieldOfView
InPlanePhaseEncodingDirection NumberOfAverages ParallelAcquisition ParallelAcquisitionTechnique
ParallelReductionFactorInPlane ParallelReductionFactorOutOfPlane PartialFourier PartialFourierDirection
SpectrallySelectedSuppression SpectrallySelectedExcitation MagnetizationTransfer GeometryOfKSpaceTraversal
DiffusionBValue DiffusionGradientOrientation DiffusionDirectionality NumberOfTemporalPositions
TemporalPositionIdentifier TemporalPositionIndex TriggerTime ReceiveCoilName RectilinearPhaseEncodeReordering
ContrastBolusAgent ContrastBolusStartTime ContrastBolusVolume SliceLocation
"""
PUBLIC = frozenset(_KEYWORDS.split())
"""Keywords that are read; whoever asks for another one is in error."""


@dataclass(frozen=True)
class Header:
    """The header of one MR image file, or of all frames of an enhanced one.

    Attributes
    ----------
    path : Path
    dataset : pydicom.Dataset
        For :meth:`private` alone; nothing else of the program looks into it.
    """

    path: Path
    dataset: Any

    def get(self, keyword: str, frame: int = 0) -> Any:
        """Return a public attribute of a frame: its own groups, the shared ones, the file, private sequences.

        Returns
        -------
        str, float, int, tuple or None
            ``None`` where it is missing or empty.
        """
        if keyword not in PUBLIC:
            raise KeyError(f"{keyword} is not among the attributes that are read")
        for place in (self.frames[frame], self._shared):
            if (value := place.get(keyword)) is not None:
                return value
        return self._of_file(keyword)

    def private(self, group: int, creator: str, element: int, frame: int = 0) -> Any:
        """Return a private element by its creator, wherever in the file it is; ``None`` if nowhere."""
        for place in chain(self._roots(frame), self._inside(frame)):
            try:
                return _plain(place.private_block(group, creator)[element].value)
            except (KeyError, AttributeError):
                continue
            except Exception as error:
                raise self.damaged(error) from error
        return None

    def matrix(self) -> tuple[int | None, int | None]:
        """Return the measured points in readout and phase.

        Of the four numbers of AcquisitionMatrix two are 0, whichever way phase runs.
        """
        four = self.get("AcquisitionMatrix")
        whole = isinstance(four, tuple) and len(four) == 4 and None not in four
        classic = (max(four[:2]), max(four[2:])) if whole else (None, None)
        enhanced = map(
            self.get, ("MRAcquisitionFrequencyEncodingSteps", "MRAcquisitionPhaseEncodingStepsInPlane")
        )
        read, phase = (int(new or old or 0) or None for new, old in zip(enhanced, classic, strict=True))
        return read, phase

    def names(self, attributes: Sequence[str]) -> bool:
        """Say whether any of the attributes is there."""
        return any(self.dataset.get(name) for name in attributes)

    def phase_direction(self, sense: int = 0) -> str | None:
        """Name the direction of phase encoding: along the image (1), against it (-1), or the axis (0)."""
        orientation, stated = map(self.get, ("ImageOrientationPatient", "InPlanePhaseEncodingDirection"))
        return phase_direction(orientation, stated, sense)

    def damaged(self, error: Exception) -> UnusableInput:
        """Make the error of a file whose elements cannot be read."""
        return UnusableInput(self.path, f"damaged DICOM file ({type(error).__name__}: {error})")

    def pseudonym(self, key: bytes = b"", attributes: Sequence[str] = PATIENT) -> str:
        """Return a keyed hash that is equal for images of one patient, or one scanner, one place.

        Without the key it says nothing; attributes that are read for nothing else may be among these.
        """
        try:
            text = "\0".join(str(self.dataset.get(name) or "") for name in attributes)
        except Exception as error:  # its parsers raise whatever they stumble over in broken bytes
            raise self.damaged(error) from error
        return blake2b(text.encode("utf-8", "replace"), key=key, digest_size=16).hexdigest()

    @property
    def is_enhanced(self) -> bool:
        """Whether one file holds many frames with groups of their own."""
        return _FRAMES in self.dataset

    @cached_property
    def frames(self) -> tuple[Mapping[str, Any], ...]:
        """Attributes of each frame; of a classic file one empty mapping."""
        return tuple(map(self._group, self._items(_FRAMES))) or ({},)

    @cached_property
    def _shared(self) -> Mapping[str, Any]:
        return next(map(self._group, self._items(_SHARED)), {})

    def _items(self, tag: int) -> list[Any]:
        """Items of a sequence of the file; none if it has none, or damage made it something else."""
        try:
            items = self.dataset[tag].value if tag in self.dataset else ()
        except Exception as error:
            raise self.damaged(error) from error
        return [item for item in items or () if hasattr(item, "keys")]

    @cached_property
    def _known(self) -> dict[str, Any]:
        """Attributes of the file that were asked for."""
        return {}

    def _of_file(self, keyword: str) -> Any:
        """An attribute of the file, decoded when it is first asked for: most of a header never is."""
        if keyword not in self._known:
            tag = _numbers()[keyword]
            try:
                value = _fitting(tag, _plain(self.dataset[tag].value)) if tag in self.dataset else None
            except Exception as error:  # its parsers raise whatever they stumble over in broken bytes
                raise self.damaged(error) from error
            self._known[keyword] = self._nested.get(keyword) if value is None else value
        return self._known[keyword]

    @cached_property
    def _nested(self) -> Mapping[str, Any]:
        """Public attributes inside private sequences: Philips keeps the other kind's attributes there."""
        found: dict[str, Any] = {}
        for place in self._inside(0):
            found = self._read(place) | found
        return found

    def _group(self, item: Any) -> dict[str, Any]:
        """Attributes of the functional groups of one item: those of each group's first item."""
        found: dict[str, Any] = {}
        for group in self._sequences(item, private=False):
            for inner in self._sequences(group[0], private=False):
                found |= self._read(inner[0])  # the gradient direction is one level further down
            found |= self._read(group[0])
        return found

    def _read(self, dataset: Any) -> dict[str, Any]:
        try:
            there = dataset.keys() & _tags().keys()
            stated = ((_tags()[tag], _fitting(tag, _plain(dataset[tag].value))) for tag in there)
            return {name: value for name, value in stated if value is not None}
        except Exception as error:  # its parsers raise whatever they stumble over in broken bytes
            raise self.damaged(error) from error

    def _sequences(self, dataset: Any, private: bool) -> Iterator[Any]:
        """Sequences that hold an item; elements of another kind are not decoded for it."""
        try:
            for tag in list(dataset.keys()):
                if bool(tag >> 16 & 1) == private and dataset.get_item(tag).VR in ("SQ", None):
                    element = dataset[tag]
                    if element.VR == "SQ" and len(element.value):
                        yield element.value
        except Exception as error:
            raise self.damaged(error) from error

    def _roots(self, frame: int) -> list[Any]:
        """The file, its shared groups and those of a frame."""
        groups = (self._items(tag)[at : at + 1] for tag, at in ((_SHARED, 0), (_FRAMES, frame)))
        return [self.dataset, *chain.from_iterable(groups)]

    def _inside(self, frame: int) -> Iterator[Any]:
        """Data sets inside private sequences of one item."""
        for root in self._roots(frame):
            yield from (held[0] for held in self._sequences(root, private=True) if len(held) == 1)


_NUMBERS = frozenset({"DS", "IS", "FD", "FL", "US", "SS", "UL", "SL"})


def _fitting(tag: int, value: Any) -> Any:
    """A value of the kind that its attribute has; what damage turned into another kind is no value."""
    numeric, single = _kind(tag)
    if single and isinstance(value, tuple) and all(isinstance(one, str) for one in value):
        value = "\\".join(value)  # a backslash in a name
    every = value if isinstance(value, tuple) else (value,)
    if value is None or (single and len(every) > 1) or any(_is_number(one) != numeric for one in every):
        return None
    if not numeric:
        return value
    found = tuple(one if isinstance(one, int) and abs(one) < MOST else bounded(one) for one in every)
    return found if isinstance(value, tuple) else found[0]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and value == value


@cache
def _kind(tag: int) -> tuple[bool, bool]:
    """Whether an attribute holds numbers, and whether it holds one value only; by the DICOM dictionary."""
    from pydicom.datadict import dictionary_VM, dictionary_VR

    return dictionary_VR(tag) in _NUMBERS, dictionary_VM(tag) == "1"


@cache
def _tags() -> Mapping[int, str]:
    """Tags of the keywords that are read."""
    from pydicom.datadict import tag_for_keyword

    return {tag: name for name in sorted(PUBLIC) if (tag := tag_for_keyword(name)) is not None}


@cache
def _numbers() -> Mapping[str, int]:
    """The same by keyword."""
    return {name: tag for tag, name in _tags().items()}


@contextmanager
def quiet() -> Iterator[None]:
    """Keep pydicom's remarks on odd but readable values to itself."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def is_dicom(path: Path, head: bytes) -> bool:
    """Say whether a file is DICOM, from its first bytes, or its name where the preamble is missing."""
    return head[PREAMBLE : PREAMBLE + len(MAGIC)] == MAGIC or path.suffix.lower() in SUFFIXES


def load(path: Path, besides: Collection[str] | None = None) -> Header | None:
    """Open a DICOM file without its pixels.

    Parameters
    ----------
    besides : collection of str, optional
        Reads the public attributes and these alone, which is quicker; the vendor's own elements are not read.

    Returns
    -------
    Header or None
        ``None`` for readable DICOM that is no MR image (reports, raw data, directories, other modalities).

    Raises
    ------
    UsageError
        If pydicom, the optional extra ``dicom``, is not installed.
    UnusableInput
        If the file is damaged or cannot be opened.
    """
    try:
        import pydicom
    except ImportError as error:
        raise UsageError(
            "reading DICOM needs pydicom: install the optional extra, pip install 'examcard[dicom]'"
        ) from error
    tags: Any = None if besides is None else [*_tags(), _SHARED, _FRAMES, "DirectoryRecordSequence", *besides]
    with quiet():
        try:
            dataset = pydicom.dcmread(path, stop_before_pixels=True, force=True, specific_tags=tags)
            kind = str(dataset.get("SOPClassUID") or "")
        except OSError as error:
            raise UnusableInput(path, error.strerror or str(error)) from error
        except Exception as error:  # its parsers raise whatever they stumble over in broken bytes
            raise UnusableInput(path, f"damaged DICOM file ({type(error).__name__}: {error})") from error
    if not kind and not _is_directory(dataset):
        raise UnusableInput(path, "damaged DICOM file: it states no SOP class, so it was cut off or is none")
    return Header(path, dataset) if kind in MR_IMAGES else None


def _is_directory(dataset: Any) -> bool:
    """Whether it is a DICOMDIR, which has no SOP class outside its preamble."""
    return "DirectoryRecordSequence" in dataset


def _plain(value: Any) -> Any:
    """Turn a value of pydicom into a plain one; empty becomes ``None``."""
    if isinstance(value, str):
        return str(value).strip(" \0") or None
    if value is None or isinstance(value, bytes):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value)
    if hasattr(value, "original_string") or not hasattr(value, "__iter__"):
        return float(value) if hasattr(value, "__float__") else str(value)
    if any(hasattr(one, "keys") for one in value):  # a sequence
        return value
    return tuple(_plain(one) for one in value) or None
