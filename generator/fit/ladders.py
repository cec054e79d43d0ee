"""Ladders: the values one move may give a scan, least harmful first, on the rasters of the consoles.

A ladder keeps the acquired voxel, the contrast timing (TR, TE, TI) and the echo train. What hangs together
is changed together: field of view with matrix, acceleration with its calibration.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import takewhile
from typing import Any

from generator.model.tree import Acquisition
from generator.model.units import tidy
from generator.timing.overheads import habit
from generator.vendors.profile import profile

Values = Mapping[str, Any]
"""Fields of a scan and the values they get."""

Ladder = Callable[[Acquisition, str], Iterator[Values]]
"""Scan and vendor to the values of one move, each a step further than the one before."""

REFERENCE_LINES = 24
"""Calibration lines of a scan that had none; the usual number of the published cards."""

_FIELD_STEP = 0.05  # of the field of view in readout direction
_LEAST_EXTENT = 0.8  # of the present field of view or slab
_OVERSAMPLING_STEP = 0.1
_SLICES_STEP = 8
_SAME_MATRIX = 0.02
_HEAD_WITH_NOSE = 230.0  # mm, front to back: 210 mm (95 % of men, brow to occiput) and the nose; own figure
_PREPARED = ("magnetization_prepared_gradient_echo", "mp2rage")
_UNWEIGHTED = 50.0  # s/mm2


def acceleration_in_plane(scan: Acquisition, vendor: str) -> Iterator[Values]:
    """Higher parallel-imaging factors in phase direction."""
    yield from _factors(scan, vendor, "parallel_reduction_factor_in_plane")


def acceleration_out_of_plane(scan: Acquisition, vendor: str) -> Iterator[Values]:
    """Higher factors in partition direction of a 3D scan."""
    if _partitions_are_free(scan, vendor):
        yield from _factors(scan, vendor, "parallel_reduction_factor_out_of_plane")


def compressed_sensing(scan: Acquisition, vendor: str) -> Iterator[Values]:
    """Compressed sensing of a 3D scan beyond its present acceleration."""
    if scan.mr_acquisition_type != "3D":
        return
    now = scan.compressed_sensing_factor or 1.0
    coils = (scan.parallel_reduction_factor_in_plane or 1.0) * (
        scan.parallel_reduction_factor_out_of_plane or 1.0
    )
    alone = profile(vendor).compressed_sensing_replaces_coils
    for factor in _raster("compressed_sensing_factor", vendor):
        if factor > (now * coils if alone else now):
            yield {"compressed_sensing_factor": float(factor), **(_NO_COILS if alone else {})}


def partial_fourier_phase(scan: Acquisition, vendor: str) -> Iterator[Values]:
    """A smaller share of the phase lines."""
    if profile(vendor).partial_fourier_is_an_average and (scan.number_of_averages or 1) != 1:
        return
    yield from _shares(scan, vendor, "partial_fourier_phase")


def partial_fourier_slice(scan: Acquisition, vendor: str) -> Iterator[Values]:
    """A smaller share of the partitions."""
    if _partitions_are_free(scan, vendor):
        yield from _shares(scan, vendor, "partial_fourier_slice")


def phase_oversampling(scan: Acquisition, vendor: str) -> Iterator[Values]:
    """Less oversampling in phase direction, in tenths of the field of view."""
    now = scan.phase_oversampling or 0.0
    while now > 0:
        now = max(0.0, tidy(now - _OVERSAMPLING_STEP))
        yield {"phase_oversampling": now}


def phase_field_of_view(scan: Acquisition, vendor: str) -> Iterator[Values]:
    """A shorter field of view in phase direction with so many lines less, the voxel as it was."""
    read, phase = scan.field_of_view or (None, None)
    edge = scan.voxel_size[1] if scan.voxel_size else None
    matrix = scan.acquisition_matrix or (None, None)
    if not (read and phase and edge and matrix[1]) or abs(matrix[1] * edge / phase - 1) > _SAME_MATRIX:
        return
    for lines in _fewer_lines(read, phase, edge):
        if lines * edge < _anatomy(scan):
            return
        yield {
            "field_of_view": (read, tidy(lines * edge)),
            "acquisition_matrix": (matrix[0], lines),
        }


def slices(scan: Acquisition, vendor: str) -> Iterator[Values]:
    """Fewer slices of the thickness and gap they have; fewer partitions where no train counts them."""
    if scan.mr_acquisition_type == "3D" and not _partitions_are_free(scan, vendor):
        return
    now = scan.number_of_slices or 0
    fewer = (count for count in range(now - 1, 0, -1) if count % _SLICES_STEP == 0)
    for count in takewhile(lambda count: count >= _LEAST_EXTENT * now, fewer):
        yield {"number_of_slices": count}


def averages(scan: Acquisition, vendor: str) -> Iterator[Values]:
    """Fewer whole averages."""
    now = scan.number_of_averages or 1.0
    while now > 1:
        now = float(max(1, int(now - 0.5)))
        yield {"number_of_averages": now}


def diffusion_averages(scan: Acquisition, vendor: str) -> Iterator[Values]:
    """Fewer repetitions of the weighted volumes; the unweighted ones stay."""
    counts, weights = scan.b_value_averages or (), scan.b_values or ()
    if len(counts) != len(weights):
        return
    while any(n > 1 for n, b in zip(counts, weights, strict=True) if b > _UNWEIGHTED):
        counts = tuple(max(1, n - 1) if b > _UNWEIGHTED else n for n, b in zip(counts, weights, strict=True))
        yield {"b_value_averages": counts}


_NO_COILS = {"parallel_reduction_factor_in_plane": 1.0, "parallel_reduction_factor_out_of_plane": 1.0}


def _raster(field: str, vendor: str) -> Sequence[float]:
    values: Sequence[float] = getattr(profile(vendor).rasters, field)
    return values


def _factors(scan: Acquisition, vendor: str, field: str) -> Iterator[Values]:
    """Factors above the present one, with calibration lines if there were none."""
    if (scan.compressed_sensing_factor or 1) > 1:
        return  # what compressed sensing leaves to the coils is the scanner's business
    now = getattr(scan, field) or 1.0
    for factor in _raster(field, vendor):
        if factor > now:
            yield {field: float(factor), **_calibration(scan, vendor, field)}


def _calibration(scan: Acquisition, vendor: str, field: str) -> Values:
    """How an accelerated scan is calibrated where it does not say so."""
    inside = habit("calibration inside the scan", vendor)
    if scan.reference_scan in (None, "none"):
        stated: Values = {"reference_scan": "integrated" if inside else "separate"}
    else:
        stated = {}
        inside = inside and scan.reference_scan == "integrated"
    if not inside:
        return stated
    lines = scan.reference_lines or REFERENCE_LINES
    depth = "reference_lines_out_of_plane"
    missing = {"reference_lines": lines} if not scan.reference_lines else {}
    deep = field.endswith("out_of_plane") and getattr(scan, depth) is None
    return {**stated, **missing, **({depth: lines} if deep else {})}


def _shares(scan: Acquisition, vendor: str, field: str) -> Iterator[Values]:
    now = getattr(scan, field) or 1.0
    for share in _raster(field, vendor):
        if share < now:
            yield {field: share}


def _partitions_are_free(scan: Acquisition, vendor: str) -> bool:
    """Say whether partitions may change: where they are the train of a shot, the contrast hangs on them."""
    if scan.mr_acquisition_type != "3D":
        return False
    return scan.technique not in _PREPARED or habit("trains span the whole plane", vendor)


def _anatomy(scan: Acquisition) -> float:
    """Millimetres that the field of view has to keep along phase encoding; rules judge what folds over."""
    spine = (scan.role or "").startswith("spine")
    head = scan.plane == "sagittal" and scan.phase_encoding_direction in ("AP", "PA") and not spine
    return _HEAD_WITH_NOSE if head else 0.0


def _fewer_lines(read: float, phase: float, edge: float) -> Iterator[int]:
    """Even numbers of lines that are shares of the readout side, down to the least extent."""
    steps = int(phase / read / _FIELD_STEP + 1e-9)
    for step in range(steps, 0, -1):
        lines = 2 * int(step * _FIELD_STEP * read / edge / 2 + 1e-9)
        if lines * edge < _LEAST_EXTENT * phase:
            return
        if lines * edge < phase * (1 - _SAME_MATRIX):
            yield lines
