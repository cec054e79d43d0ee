"""Slice direction: the partitions that a 3D scan measures and the packages that a 2D scan is split into."""

from __future__ import annotations

from math import ceil, exp, log, sqrt

from generator.timing.ledger import Ledger, Missing
from generator.timing.overheads import Assumed

_SEQUENTIAL = 0.05  # s; with a shorter TR one slice is measured after the other
_INTERLEAVED = 0.2  # s; with a longer TR the slices of a 2D scan share the repetitions
_SCATTER = 0.1  # standard deviation of ln(slice time / model) over turbo spin echoes of exports left out
_TOO_MUCH = 0.15  # ln of how much longer than the TR slices may be by what the model of a slice is off
_LOUD = 1.5  # how much louder slices that do not fit speak than room that is left


def partitions(ledger: Ledger) -> int:
    """Measured partitions of a 3D scan: slab / voxel x (1 + slice oversampling).

    Where the slab is not stated, it is the images at their thickness, and what a scanner throws away at its
    edges comes on top; for a TSE a stated oversampling says so.
    """
    over = 1 + slice_oversampling(ledger)
    slab, depth = ledger.get("slab_thickness"), _depth(ledger)
    if slab and depth:
        value, source = slab / depth * over, "slab thickness / voxel x (1 + oversampling)"
    else:
        value, source = _images(ledger) * over, "images x thickness / voxel x (1 + oversampling)"
    return round(ledger.note("partitions", max(1, round(value)), "", source))


def _depth(ledger: Ledger) -> float | None:
    """Acquired size of a voxel across the slab."""
    voxel = ledger.get("voxel_size")
    size = (voxel[2] if voxel else None) or ledger.get("slice_thickness")
    return float(size) if size else None


def _images(ledger: Ledger) -> float:
    """Partitions without oversampling, from the images: those that are not shown added."""
    count = float(ledger.need("number_of_slices"))
    thickness, depth = ledger.get("slice_thickness"), _depth(ledger)
    resolution = thickness / depth if thickness and depth else 1.0
    if ledger.scan.technique != "turbo_spin_echo":
        count += ledger.overhead("partitions of a 3D GRE that are not shown")
    elif ledger.get("slice_oversampling") is None:
        count += ledger.overhead("partitions of a 3D TSE that are not shown")
    return count * resolution


def slice_oversampling(ledger: Ledger) -> float:
    """Share of the slab that is measured in addition: stated, or the vendor's default."""
    stated = ledger.get("slice_oversampling")
    return float(stated) if stated is not None else ledger.overhead("slice oversampling")


def packages(ledger: Ledger, slice_time: float | None, repetition: float) -> float:
    """Packages (concatenations, acquisitions) the slices of a 2D scan are split into.

    Where they are not stated, the number with which the slices fill the repetition time best: consoles
    choose a TR that the slices of a package just fill. How likely the other numbers are makes its bounds.

    Parameters
    ----------
    slice_time : float or None
        Seconds one slice occupies in a repetition; ``None`` if it cannot be computed.
    repetition : float
        Repetition time in seconds.
    """
    stated, slices = ledger.get("concatenations"), _excited(ledger)
    fewest = stated is not None and ledger.habit("stated packages are the fewest")
    if stated is not None and (not fewest or not slices or not slice_time):
        return ledger.note("packages", stated, "", "concatenations")
    if slices is None and repetition < _INTERLEAVED:
        raise Missing("number_of_slices or concatenations")
    if slices is None or slice_time is None:
        return ledger.assume("packages", Assumed(1, 1, 2, "", "one package: none is stated"))
    if repetition < _SEQUENTIAL:
        return ledger.note("packages", slices, "", "one slice after the other")
    return ledger.assume("packages", _fitting(slices, slice_time, repetition, stated or 1))


def _excited(ledger: Ledger) -> int | None:
    """Slices that are excited one by one, several at once (multiband) counted as one."""
    slices = ledger.get("number_of_slices")
    return ceil(slices / ledger.get("multiband_factor", 1)) if slices else None


def _fitting(slices: int, slice_time: float, repetition: float, fewest: int) -> Assumed:
    """Number of packages, a multiple of ``fewest``, whose slices fill the repetition time best."""
    misfits: dict[int, float] = {}
    for count in range(fewest, max(slices, fewest) + 1, fewest):
        filled = log(repetition / ceil(slices / count) / slice_time)
        if filled > -_TOO_MUCH:
            misfits[count] = _misfit(filled, count == fewest)
        if filled > 0:
            break
    misfits = misfits or {max(slices, fewest): 0.0}
    best = min(misfits, key=lambda count: misfits[count])
    source = f"{slices} slices of {slice_time * 1000:.0f} ms in a TR"
    less, more = (_departure(misfits, best, sign) for sign in (-1, 1))
    return Assumed(best, best - less, best + more, "", source)


def _misfit(filled: float, fewest: bool) -> float:
    """How badly slices fill a repetition time, from the logarithm of how much longer it is than they are.

    A TR that is longer than all slices need says nothing against one package; one that is too short for them
    speaks louder against their number than one that leaves room.
    """
    if filled > 0:
        return 0.0 if fewest else filled**2
    return (_LOUD * filled) ** 2


def _departure(misfits: dict[int, float], best: int, sign: int) -> float:
    """Root mean square of how far other numbers of packages lie on one side, each as likely as it fits."""
    likely = {count: exp((misfits[best] - misfit) / (2 * _SCATTER**2)) for count, misfit in misfits.items()}
    apart = sum(weight * (count - best) ** 2 for count, weight in likely.items() if sign * (count - best) > 0)
    return sqrt(apart / sum(likely.values()))
