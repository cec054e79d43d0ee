"""Slice direction: the partitions that a 3D scan measures and the packages that a 2D scan is split into."""

from __future__ import annotations

from math import ceil, log

from generator.timing.ledger import Ledger, Missing
from generator.timing.overheads import Assumed

_SEQUENTIAL = 0.05  # s; with a shorter TR one slice is measured after the other
_INTERLEAVED = 0.2  # s; with a longer TR the slices of a 2D scan share the repetitions
_SCATTER = 0.06  # standard deviation of ln(slice time / model) over the turbo spin echoes of the corpus
_UNLIKELY = 2 * _SCATTER**2 * log(15)  # a number of packages 15 times less likely than the best is left out


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


def packages(ledger: Ledger, slice_time: float | None, repetition: float) -> int:
    """Packages (concatenations, acquisitions) the slices of a 2D scan are split into.

    Where they are not stated, the number with which the slices fill the repetition time best: consoles
    choose a TR that the slices of a package just fill. Numbers that are nearly as likely are its bounds.

    Parameters
    ----------
    slice_time : float or None
        Seconds one slice occupies in a repetition; ``None`` if it cannot be told.
    repetition : float
        Repetition time in seconds.
    """
    stated, slices = ledger.get("concatenations"), ledger.get("number_of_slices")
    fewest = stated is not None and ledger.habit("stated packages are the fewest")
    if stated is not None and (not fewest or not slices or not slice_time):
        return round(ledger.note("packages", stated, "", "concatenations"))
    if slices is None and repetition < _INTERLEAVED:
        raise Missing("number_of_slices or concatenations")
    if slices is None or slice_time is None:
        return round(ledger.assume("packages", Assumed(1, 1, 2, "", "one package: none is stated")))
    if repetition < _SEQUENTIAL:
        return round(ledger.note("packages", slices, "", "one slice after the other"))
    return round(ledger.assume("packages", _fitting(slices, slice_time, repetition, stated or 1)))


def _fitting(slices: int, slice_time: float, repetition: float, fewest: int) -> Assumed:
    """Number of packages, a multiple of ``fewest``, whose slices fill the repetition time best."""
    misfits: dict[int, float] = {}
    for count in range(fewest, max(slices, fewest) + 1, fewest):
        filled = log(repetition / ceil(slices / count) / slice_time)
        # A TR that is longer than all slices need says nothing against one package.
        misfits[count] = 0.0 if count == fewest and filled > 0 else filled**2
        if filled > 0:
            break
    best = min(misfits, key=lambda count: misfits[count])
    likely = [count for count, misfit in misfits.items() if misfit - misfits[best] < _UNLIKELY]
    source = f"{slices} slices of {slice_time * 1000:.0f} ms in a TR"
    return Assumed(best, min(likely), max(likely), "", source)
