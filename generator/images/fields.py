"""Public attributes of one image to neutral fields. Nothing here knows a vendor.

Whatever the attributes do not say stays open: no fat suppression is concluded from a missing option, no
acceleration from a missing factor.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, get_args

from generator.images.geometry import plane
from generator.model import words

if TYPE_CHECKING:
    from generator.images.header import Header

_LATERALITIES, _TYPES, _POSITIONS = map(
    get_args, (words.Laterality, words.AcquisitionType, words.PatientPosition)
)
_LEAST_TRAIN = 2
_SQUARE = 0.995


def public_fields(header: Header) -> dict[str, Any]:
    """Return what the public attributes of an image say, by neutral field."""
    fields: dict[str, Any] = {}
    for rule in (_identity, _times, _matrix, _geometry, _acceleration, _preparation):
        fields.update(rule(header))
    return {name: value for name, value in fields.items() if value is not None}


def _identity(header: Header) -> dict[str, Any]:
    kind = header.get("MRAcquisitionType")
    position, part = header.get("PatientPosition"), header.get("BodyPartExamined")
    side = next((one for one in map(header.get, _SIDES) if one in _LATERALITIES), None)
    coil = header.get("ReceiveCoilName")
    return {
        "name": header.get("SeriesDescription") or header.get("ProtocolName"),
        "mr_acquisition_type": kind if kind in _TYPES else None,
        "technique": technique(header),
        "patient_position": position if position in _POSITIONS else None,
        "body_part": part.lower() if isinstance(part, str) else None,
        "laterality": side,
        "receive_coils": (coil,) if isinstance(coil, str) else None,
    }


_SIDES = ("Laterality", "ImageLaterality", "FrameLaterality")


def _times(header: Header) -> dict[str, Any]:
    train = header.get("EchoTrainLength")
    return {
        "repetition_time": positive(header.get("RepetitionTime")),
        "inversion_time": inversion(header),
        "flip_angle": header.get("FlipAngle"),
        "echo_train_length": int(train) if train and train >= _LEAST_TRAIN else None,
        "pixel_bandwidth": positive(header.get("PixelBandwidth")),
        "number_of_averages": positive(header.get("NumberOfAverages")),
        "acquisition_duration": positive(header.get("AcquisitionDuration")),
    }


def inversion(header: Header) -> float | None:
    """Inversion time in ms; 0 is how some consoles spell none."""
    several = header.get("InversionTimes")
    first = several[0] if isinstance(several, tuple) else several
    return positive(header.get("InversionTime")) or positive(first)


def positive(value: Any) -> float | None:
    """The number, if it is one above 0."""
    return float(value) if isinstance(value, int | float) and value > 0 else None


def _matrix(header: Header) -> dict[str, Any]:
    """Matrix and field of view."""
    matrix = header.matrix()
    return {
        "acquisition_matrix": matrix if any(matrix) else None,
        "field_of_view": _field_of_view(header),
    }


def _field_of_view(header: Header) -> tuple[float, float] | None:
    """[read, phase] in mm; a rectangular field may be stored in a square image."""
    spacing, rows, columns = (header.get(name) for name in ("PixelSpacing", "Rows", "Columns"))
    direction = header.get("InPlanePhaseEncodingDirection")
    if not (isinstance(spacing, tuple) and len(spacing) == 2 and rows and columns and direction):
        return None
    down, across = rows * spacing[0], columns * spacing[1]
    read, phase = (down, across) if direction == "ROW" else (across, down)
    share = (header.get("PercentPhaseFieldOfView") or 100) / 100
    if 0 < share < _SQUARE and abs(phase - read) < (1 - _SQUARE) * read:
        phase = read * share
    return round(read, 4), round(phase, 4)


def _geometry(header: Header) -> dict[str, Any]:
    thickness, spacing = (positive(header.get(n)) for n in ("SliceThickness", "SpacingBetweenSlices"))
    flat = header.get("MRAcquisitionType") == "2D"
    return {
        "slice_thickness": thickness,
        "slice_gap": round(spacing - thickness, 4) if flat and thickness and spacing else None,
        "plane": plane(header.get("ImageOrientationPatient")),
        "phase_encoding_direction": header.phase_direction(),
    }


def _acceleration(header: Header) -> dict[str, Any]:
    factor, through = (header.get(f"ParallelReductionFactor{where}") for where in ("InPlane", "OutOfPlane"))
    if header.get("ParallelAcquisition") == "NO":
        factor, through = factor or 1.0, through or 1.0
    off = header.get("PartialFourier") == "NO"
    return {
        "parallel_reduction_factor_in_plane": factor if factor and factor >= 1 else None,
        "parallel_reduction_factor_out_of_plane": through if through and through >= 1 else None,
        "partial_fourier_phase": 1.0 if off else None,
    }


_SUPPRESSIONS: Mapping[str, Mapping[str, str]] = {
    "ScanOptions": {"FS": "fat_saturation", "WE": "water_excitation"},
    "SpectrallySelectedExcitation": {"WATER": "water_excitation"},
    "SpectrallySelectedSuppression": {"FAT": "fat_saturation", "FAT_AND_WATER": "fat_saturation"},
}


def _preparation(header: Header) -> dict[str, Any]:
    found = (
        word
        for keyword, known in _SUPPRESSIONS.items()
        for stated in listed(header.get(keyword))
        if (word := known.get(stated))
    )
    transfer = header.get("MagnetizationTransfer")
    return {
        "fat_suppression": next(found, None),
        "magnetization_transfer": {"NONE": False, "ON_RESONANCE": True, "OFF_RESONANCE": True}.get(transfer),
    }


def listed(value: Any) -> tuple[str, ...]:
    """One text or several as a tuple."""
    return value if isinstance(value, tuple) else (value,) if isinstance(value, str) else ()


# --- the family ---------------------------------------------------------------------------------------


class _Signs:
    """What the public attributes say about the pulse sequence, classic or enhanced."""

    def __init__(self, header: Header) -> None:
        get = header.get
        scanning, self.variant = (set(listed(get(n))) for n in ("ScanningSequence", "SequenceVariant"))
        echo, self.contrast = get("EchoPulseSequence"), get("AcquisitionContrast")
        self.planar = "EP" in scanning or get("EchoPlanarPulseSequence") == "YES"
        self.gradient = "GR" in scanning or echo in ("GRADIENT", "BOTH")
        self.spin = "SE" in scanning or echo in ("SPIN", "BOTH")
        self.inverted = "IR" in scanning or get("InversionRecovery") == "YES" or bool(inversion(header))
        self.prepared = self.inverted or "MP" in self.variant
        self.flow = get("TimeOfFlightContrast") == "YES" or "TOF" in self.variant
        types = set(listed(get("ImageType"))) | set(listed(get("FrameType")))
        self.weighted = (get("DiffusionBValue") or 0) > 0 or self.contrast == "DIFFUSION"
        self.weighted |= "DIFFUSION" in types or get("DiffusionDirectionality") in (
            "DIRECTIONAL",
            "ISOTROPIC",
        )
        self.labelled = "ASL" in types or bool(get("ArterialSpinLabelingContrast"))
        trains = (get("RFEchoTrainLength"), get("EchoTrainLength"))
        self.train = next((int(n) for n in trains if n), 0)


_FAMILIES: tuple[tuple[str | None, Callable[[_Signs], bool]], ...] = (
    ("arterial_spin_labelling", lambda s: s.labelled),
    ("echo_planar_diffusion", lambda s: s.weighted and s.planar),
    ("echo_planar_bold", lambda s: s.planar and s.gradient and not s.spin),
    (None, lambda s: s.planar),
    ("time_of_flight", lambda s: s.flow),
    ("magnetization_prepared_gradient_echo", lambda s: s.gradient and not s.spin and s.prepared),
    ("turbo_spin_echo", lambda s: s.spin and not s.gradient and s.train >= _LEAST_TRAIN),
    ("turbo_spin_echo", lambda s: s.inverted and not s.gradient and s.train >= _LEAST_TRAIN),
    ("spin_echo", lambda s: s.spin and not s.gradient and s.train == 1),
    ("gradient_echo", lambda s: s.gradient and not s.spin),
)  # fmt: skip
"""Families in the order in which they are asked; what none of them fits stays open."""


def technique(header: Header) -> str | None:
    """Name the pulse-sequence family that the public attributes prove."""
    signs = _Signs(header)
    return next((name for name, fits in _FAMILIES if fits(signs)), None)
