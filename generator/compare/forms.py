"""An audit in the forms of other programs: compliance records of dicompare, sidecars of BIDS."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from generator.compare.audit import Audit, Checked, Status
from generator.model.acquired import AcquiredScan

_MILLI = 0.001

KEYWORDS: Mapping[str, str] = {
    "mr_acquisition_type": "MRAcquisitionType", "repetition_time": "RepetitionTime", "echo_times": "EchoTime",
    "repetition_time_preparation": "RepetitionTime", "inversion_time": "InversionTime",
    "flip_angle": "FlipAngle", "refocusing_flip_angle": "FlipAngle", "echo_train_length": "EchoTrainLength",
    "pixel_bandwidth": "PixelBandwidth", "slice_thickness": "SliceThickness",
    "slice_gap": "SpacingBetweenSlices", "acquisition_matrix": "AcquisitionMatrix",
    "number_of_averages": "NumberOfAverages", "b_values": "DiffusionBValue",
    "number_of_temporal_positions": "NumberOfTemporalPositions", "patient_position": "PatientPosition",
    "parallel_reduction_factor_in_plane": "ParallelReductionFactorInPlane",
    "parallel_reduction_factor_out_of_plane": "ParallelReductionFactorOutOfPlane",
    "partial_fourier_phase": "PartialFourier", "phase_encoding_direction": "InPlanePhaseEncodingDirection",
    "acquisition_duration": "AcquisitionDuration", "multiband_factor": "MultibandAccelerationFactor",
}  # fmt: skip
"""DICOM keyword of a neutral field; the others keep their own name."""

_SIDECAR: Mapping[str, tuple[str, float]] = {
    "repetition_time": ("RepetitionTime", _MILLI),
    "repetition_time_preparation": ("RepetitionTimePreparation", _MILLI),
    "repetition_time_excitation": ("RepetitionTimeExcitation", _MILLI),
    "inversion_time": ("InversionTime", _MILLI),
    "flip_angle": ("FlipAngle", 1),
    "echo_train_length": ("EchoTrainLength", 1),
    "pixel_bandwidth": ("PixelBandwidth", 1),
    "slice_thickness": ("SliceThickness", 1),
    "multiband_factor": ("MultibandAccelerationFactor", 1),
    "parallel_reduction_factor_in_plane": ("ParallelReductionFactorInPlane", 1),
    "parallel_reduction_factor_out_of_plane": ("ParallelReductionFactorOutOfPlane", 1),
    "partial_fourier_phase": ("PartialFourier", 1),
    "number_of_volumes_discarded_by_scanner": ("NumberOfVolumesDiscardedByScanner", 1),
    "acquisition_duration": ("AcquisitionDuration", 1),
}
"""BIDS key of a neutral field, and the factor into its unit (BIDS: seconds)."""

_PASSED: Mapping[Status, str] = {
    "conform": "ok", "within tolerance": "warning", "deviates": "error", "not stated": "na",
}  # fmt: skip


def records(audits: Sequence[Audit]) -> list[dict[str, Any]]:
    """Return compliance records as dicompare makes them, one for each field, step and finding."""
    return [record for one in audits for record in _records(one)]


def _records(one: Audit) -> Iterator[dict[str, Any]]:
    for pair in one.pairs:
        names = str(getattr(one.protocol.steps[pair.step], "name", "")), one.exam.scans[pair.scan]
        yield from (_record(*names, checked) for checked in pair.fields if checked.cause is None)
    for index in one.missing:
        yield _row(_step(one, index), None, "Acquisition", "error", "Acquisition is missing.")
    for index in one.additional:
        yield _row(
            None, one.exam.scans[index].acquisition.name, "Acquisition", "error", "Not in the protocol."
        )
    for found in one.findings:
        step = _step(one, found.step) if found.step is not None else None
        scan = one.exam.scans[found.scan].acquisition.name if found.scan is not None else None
        yield _row(step, scan, found.code, "error" if found.counts else "warning", found.message)


def _step(one: Audit, index: int) -> str:
    step = one.protocol.steps[index]
    return str(getattr(step, "name", step.kind))


def _record(step: str, scan: AcquiredScan, one: Checked) -> dict[str, Any]:
    status = _PASSED[one.status]
    message = "OK" if status == "ok" else f"{one.name}: {one.status}"
    row = _row(step, scan.acquisition.name, KEYWORDS.get(one.name, one.name), status, message)
    return row | {"expected": one.wanted, "value": one.found}


def _row(step: str | None, scan: str | None, field: str, status: str, message: str) -> dict[str, Any]:
    return {
        "schema acquisition": step,
        "input acquisition": scan,
        "field": field,
        "value": None,
        "message": message,
        "passed": status in ("ok", "warning"),
        "status": status,
        "series": None,
    }


def sidecars(audits: Sequence[Audit]) -> list[dict[str, Any]]:
    """Return for each scan what a BIDS sidecar would say of it, and which of its keys deviate."""
    return [_sidecar(one, index) for one in audits for index in range(len(one.exam.scans))]


def _sidecar(one: Audit, index: int) -> dict[str, Any]:
    scan = one.exam.scans[index].acquisition
    pair = next((p for p in one.pairs if p.scan == index), None)
    numbers = {
        key: round(value * factor, 9)
        for name, (key, factor) in _SIDECAR.items()
        if (value := getattr(scan, name)) is not None
    }
    echoes = {"EchoTime": [round(t * _MILLI, 9) for t in scan.echo_times]} if scan.echo_times else {}
    scanner = one.exam.scanner
    return {
        "SeriesDescription": scan.name,
        "MRAcquisitionType": scan.mr_acquisition_type,
        "Manufacturer": scanner.vendor if scanner else None,
        "MagneticFieldStrength": scanner.field_strength if scanner else None,
        **numbers,
        **echoes,
        "AuditStep": _step(one, pair.step) if pair else None,
        "AuditDeviations": [_key(f.name) for f in pair.of("deviates")] if pair else [],
    }


def _key(name: str) -> str:
    return "EchoTime" if name == "echo_times" else _SIDECAR.get(name, (KEYWORDS.get(name, name), 1))[0]
