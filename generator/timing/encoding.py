"""From the fields of a scan to the numbers of the formulas: times, lines, points, averages, echo trains."""

from __future__ import annotations

from math import ceil, inf

from generator.timing.kspace import FEWEST_FOLDS, Grid, accelerated_lines
from generator.timing.ledger import Ledger, Missing
from generator.timing.slices import partitions

_SHORTEST = 0.1  # ms; no sequence repeats faster
_HALF = 0.5  # share of the lines below which no image can be made without some more
_TWOFOLD = 2.0
_LEAST_TRAIN = 0.4  # share of a train that is worth one more
_SAME_MATRIX = 0.02  # share by which a stated matrix may differ from FOV / voxel through rounding


def seconds(ledger: Ledger, *fields: str) -> float:
    """Return the first stated one of some millisecond fields, in seconds, and write it down."""
    value = float(ledger.need(*fields))
    name = next(name for name in fields if getattr(ledger.scan, name) is not None)
    if value < _SHORTEST:
        raise Missing(f"a possible {name}")
    return ledger.note(name.replace("_", " "), value / 1000, "s", "stated")


def phase_lines(ledger: Ledger) -> int:
    """Phase-encoding lines of the full matrix, oversampling included.

    The field of view divided by the voxel says how many lines the image has; a stated matrix of nearly that
    many lines (with or without the oversampling) gives the exact number.
    """
    fov, voxel, matrix = (ledger.get(name) for name in ("field_of_view", "voxel_size", "acquisition_matrix"))
    stated = matrix[1] if matrix else None
    across = stated or (matrix[0] if matrix else None)
    if across and ledger.scan.readout == "propeller":
        return round(ledger.note("lines across the blades", across, "", "acquisition_matrix"))
    over = 1 + ledger.get("phase_oversampling", 0.0)
    side = (fov[1] or fov[0]) if fov else None  # one stated side: a square field of view
    image = side / voxel[1] if side and voxel and voxel[1] else None
    if image is None and stated is None:
        raise Missing("acquisition_matrix or field_of_view and voxel_size")
    if image is None or (stated and abs(stated / (image * over) - 1) <= _SAME_MATRIX):
        return round(ledger.note("phase lines", float(stated or 0), "", "acquisition_matrix"))
    if stated and abs(stated / image - 1) <= _SAME_MATRIX:
        value, source = stated * over, "acquisition_matrix x (1 + phase_oversampling)"
    else:
        value, source = image * over, "field of view / voxel x (1 + phase_oversampling)"
    return max(1, round(ledger.note("phase lines", round(value), "", source)))


def averages(ledger: Ledger) -> float:
    """Averages, at least 1; fewer than 1 (GE) means a partial k-space, see :func:`partial_fourier`."""
    value = float(ledger.get("number_of_averages", 1))
    return ledger.note("averages", value, "", "number_of_averages") if value > 1 else 1.0


def partial_fourier(ledger: Ledger) -> tuple[float, float]:
    """Shares of the lines and of the partitions that are measured."""
    nex = float(ledger.get("number_of_averages", inf))
    phase = min(float(ledger.get("partial_fourier_phase", 1.0)), nex)
    if phase <= _HALF:
        phase += ledger.overhead("lines beyond half Fourier")
    slices = ledger.get("partial_fourier_slice", 1.0)
    for name, share in (("partial Fourier, phase", phase), ("partial Fourier, slice", slices)):
        if share < 1:
            ledger.note(name, share, "", "stated")
    return phase, slices


def _shortening(ledger: Ledger) -> tuple[float, float]:
    """Partial Fourier as far as it shortens a scan of the whole plane."""
    train = ledger.scan.technique == "turbo_spin_echo"
    if train and not ledger.habit("partial Fourier shortens a 3D TSE"):
        return 1.0, 1.0
    return partial_fourier(ledger)


def acceleration(ledger: Ledger) -> tuple[float, float]:
    """Acceleration in phase and partition direction, compressed sensing counted into the first."""
    phase = float(ledger.get("parallel_reduction_factor_in_plane", 1))
    slices = float(ledger.get("parallel_reduction_factor_out_of_plane", 1))
    sensing = float(ledger.get("compressed_sensing_factor", 1))
    if sensing > 1:
        kind = ledger.get("mr_acquisition_type", "2D")
        phase *= sensing / ledger.overhead(f"samples beyond 1 / compressed-sensing factor, {kind}")
    for name, factor in (("acceleration, phase", phase), ("acceleration, slice", slices)):
        if factor > 1:
            ledger.note(name, factor, "", "stated")
    return phase, slices


def calibration_block(ledger: Ledger) -> tuple[float, float]:
    """Calibration lines measured inside the scan, in phase and partition direction; 0 for none."""
    factors = (
        ledger.get("parallel_reduction_factor_in_plane", 1),
        ledger.get("parallel_reduction_factor_out_of_plane", 1),
        ledger.get("compressed_sensing_factor", 1),
    )
    if max(factors) <= 1 or not _integrated(ledger):
        return 0.0, 0.0
    lines = reference_lines(ledger)
    spans = ledger.get("reference_lines") is None and ledger.habit("calibration block spans the partitions")
    depth = 0.0 if spans or max(factors[1:]) <= 1 else ledger.get("reference_lines_out_of_plane", lines)
    return lines, float(depth)


def reference_lines(ledger: Ledger) -> float:
    """Calibration lines in phase: stated, or the usual number."""
    stated = ledger.get("reference_lines")
    if stated is not None:
        return ledger.note("reference lines", float(stated), "", "reference_lines")
    volume = ledger.scan.mr_acquisition_type == "3D" and ledger.scan.technique == "turbo_spin_echo"
    return ledger.overhead("reference lines of a 3D TSE" if volume else "reference lines")


def _integrated(ledger: Ledger) -> bool:
    """Say whether the calibration lines are part of the scan: as stated, or as the vendor does it."""
    usual = ledger.habit("calibration inside the scan")
    stated = ledger.get("reference_scan")
    return usual if stated is None else usual and stated == "integrated"


def reference_scan(ledger: Ledger) -> float:
    """Seconds of a calibration measured before the images: its lines, of every slice or of its partitions."""
    if max(acceleration(ledger)) <= 1 or ledger.get("reference_scan") != "separate":
        return 0.0
    line, lines = ledger.overhead("line of a separate reference scan"), reference_lines(ledger)
    if ledger.scan.mr_acquisition_type == "3D":
        return float(line * lines * ledger.get("reference_lines_out_of_plane", lines))
    return float(line * lines * ledger.get("number_of_slices", 1))


def train_lines(ledger: Ledger, train: int) -> float:
    """Lines that the trains of a 2D TSE have to hold (formula T4), not rounded yet.

    A console fills its last train with calibration lines, and leaves lines out rather than begin one more for
    them.
    """
    count, factor = phase_lines(ledger), acceleration(ledger)[0]
    full, block = count * partial_fourier(ledger)[0], calibration_block(ledger)[0]
    inside = min(block, full) * (1 - 1 / max(factor, FEWEST_FOLDS)) if factor > 1 else 0.0
    lines = min(full, full / factor + inside)
    left_out = min(ledger.overhead("lines that a train leaves out"), _LEAST_TRAIN * train)
    value = max(1.0, lines - left_out)
    return ledger.note("lines of the trains", value, "", "lines x partial Fourier / R + block x (1 - 1/R)")


def outer_lines(ledger: Ledger) -> int:
    """Lines of one accelerated direction (formula T1), partitions not counted."""
    count, factor = phase_lines(ledger), acceleration(ledger)[0]
    share, block = partial_fourier(ledger)[0], calibration_block(ledger)[0]
    if factor > _TWOFOLD and factor == int(factor) and ledger.habit("lines on a grid through the centre"):
        value = Grid(count, 1, (factor, 1.0), (block, 0.0), (share, 1.0)).points()
    else:
        value = accelerated_lines(count, share, factor, block, _shared(ledger, factor, block))
    return round(ledger.note("measured lines", value, "", "lines x partial Fourier / R + block x (1 - 1/R)"))


def _shared(ledger: Ledger, factor: float, block: float) -> int:
    """Lines of the calibration block that are not measured because the grid supplies their neighbours."""
    if not block or not 1 < factor <= _TWOFOLD:
        return 0
    return round(ledger.overhead("calibration lines the grid supplies"))


def plane_points(ledger: Ledger) -> int:
    """Points of the phase-encoding plane of a 3D scan (formula T2)."""
    factors, block = acceleration(ledger), calibration_block(ledger)
    grid = Grid(
        lines=phase_lines(ledger),
        partitions=partitions(ledger),
        acceleration=factors,
        block=block,
        partial_fourier=_shortening(ledger),
        elliptical=elliptical(ledger),
        inscribed=ledger.habit("ellipse through the outermost points"),
        round_block=elliptical(ledger) and ledger.get("compressed_sensing_factor", 1) > 1,
    )
    points = grid.points()
    if factors[1] <= 1 and ledger.get("compressed_sensing_factor", 1) <= 1:
        points -= _shared(ledger, factors[0], block[0]) * ceil(grid.partitions * grid.partial_fourier[1])
    points = max(points, 1)
    return round(ledger.note("k-space points", points, "", "grid + calibration block inside the ellipse"))


def elliptical(ledger: Ledger) -> bool:
    """Say whether the corners of k-space are left out: as stated, or the vendor's habit."""
    stated = ledger.get("elliptical_scanning")
    kind = "TSE" if ledger.scan.technique == "turbo_spin_echo" else "GRE"
    return bool(stated) if stated is not None else ledger.habit(f"ellipse of 3D {kind}")


def repeats(ledger: Ledger) -> int:
    """Dynamics, phases or measurements of the whole scan."""
    count = ledger.get("number_of_temporal_positions", 1)
    return round(ledger.note("repeats", count, "", "number_of_temporal_positions")) if count > 1 else 1


def echo_spacing(ledger: Ledger) -> float | None:
    """Seconds between the echoes of a train: stated, or from the train's duration; else ``None``."""
    stated = ledger.get("echo_spacing")
    if stated:
        return ledger.note("echo spacing", stated / 1000, "s", "stated")
    duration, train = ledger.get("echo_train_duration"), ledger.get("echo_train_length")
    if duration and train:
        return ledger.note("echo spacing", duration / train / 1000, "s", "echo_train_duration / length")
    return None


def echo_train(ledger: Ledger) -> int:
    """Echoes or excitations of one train."""
    return round(ledger.note("train length", ledger.need("echo_train_length"), "", "echo_train_length"))
