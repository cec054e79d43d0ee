"""How wide the 90 % interval has to be, vendor by vendor and family by family.

The residuals are those of :mod:`bench.leave_out`: seconds off over the seconds that a formula leaves open, so
that a scan whose parameters say little has a wide interval from the start. The factor of a family is their
90 % quantile by a rule without a number that could be chosen on the files it is judged by:

- Scans of one family at one export (a *cell*) resemble each other. With the intraclass correlation r of the
  ranks of all residuals, n scans of a cell speak as n / (1 + (n - 1) r) independent ones (Kish 1965).
- The scan that is to be timed counts as one more, larger than all (conformal prediction: Vovk, Gammerman and
  Shafer 2005), so that the factor grows where little is known. Nine independent scans are the fewest of
  which a 90 % quantile can be told.
- Residuals of the family at the vendor where they are enough, else of all families of the vendor, whose
  console counts them, else of everything.
"""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from math import inf
from statistics import fmean

from bench.known import ROOT
from bench.leave_out import Score
from generator.vendors.profile import names

LEVEL = 0.9
Cells = Sequence[Sequence[float]]
"""Residuals of the scans of one family of one vendor at one export."""


def factor(scores: Iterable[Score], vendor: str, family: str) -> tuple[float, int] | None:
    """Measure the width of one family of one vendor, and how many exports speak; ``None`` where none does."""
    timed = [one for one in scores if one.computed]
    pools: list[Callable[[Score], bool]] = [
        lambda one: (one.known.vendor, one.family) == (vendor, family),
        lambda one: one.known.vendor == vendor,
        lambda one: True,
    ]
    own = {one.known.export for one in timed if pools[0](one)}
    if not own:
        return None
    alike = intraclass_correlation(cells(timed))
    widths = (conformal(cells(filter(pool, timed)), alike) for pool in pools)
    width = next((width for width in widths if width < inf), None)
    return None if width is None else (width, len(own))


def cells(scores: Iterable[Score]) -> Cells:
    """Sort residuals by vendor, export and family."""
    found: dict[tuple[str, str, str], list[float]] = defaultdict(list)
    for one in scores:
        found[one.known.vendor, one.known.export, one.family].append(one.off)
    return list(found.values())


def conformal(found: Cells, alike: float) -> float:
    """Return the residual that one more scan of another cell does not exceed at :data:`LEVEL`.

    Returns
    -------
    float
        Infinite where there are too few scans to say so.
    """
    shares = [1 / (1 + (len(cell) - 1) * alike) for cell in found]
    weighted = [(off, share) for cell, share in zip(found, shares, strict=True) for off in cell]
    return quantile([*weighted, (inf, 1.0)], LEVEL)


def intraclass_correlation(found: Cells) -> float:
    """Say how alike the residuals of a cell are: 0 like any others, 1 all the same.

    Estimated from ranks, which no outlier moves, by analysis of variance between and within cells.
    """
    ordered = sorted(chain.from_iterable(found))
    ranked = [[bisect_left(ordered, off) + bisect_right(ordered, off) for off in cell] for cell in found]
    number, groups, middle = len(ordered), len(found), float(len(ordered))
    if not 1 < groups < number:
        return 1.0
    between = sum(len(cell) * (fmean(cell) - middle) ** 2 for cell in ranked) / (groups - 1)
    within = sum((rank - fmean(cell)) ** 2 for cell in ranked for rank in cell) / (number - groups)
    size = (number - sum(len(cell) ** 2 for cell in ranked) / number) / (groups - 1)
    return max(0.0, (between - within) / (between + (size - 1) * within or 1.0))


def quantile(weighted: Sequence[tuple[float, float]], level: float) -> float:
    """Smallest value that so large a share of the weight does not exceed."""
    reached, total = 0.0, sum(weight for _, weight in weighted)
    for value, weight in sorted(weighted):
        reached += weight
        if reached >= level * total - 1e-9:
            return value
    raise ValueError("no values")


def covered(scores: Sequence[Score]) -> dict[int, bool]:
    """Say of every score (by its place) whether an interval that its export had no part in holds its time.

    Returns
    -------
    dict of int to bool
        Without the scans that have no estimate, or whose family no other export of the vendor speaks of.
    """
    found: dict[int, bool] = {}
    widths: dict[tuple[str, str, str], tuple[float, int] | None] = {}
    for place, one in enumerate(scores):
        if one.computed is None:
            continue
        cell = (one.known.vendor, one.family, one.known.export)
        if cell not in widths:
            others = (other for other in scores if other.known.export != cell[2])
            widths[cell] = factor(others, *cell[:2])
        if width := widths[cell]:
            found[place] = one.off <= width[0]
    return found


def by_export(scores: Sequence[Score], inside: Mapping[int, bool]) -> dict[str, float]:
    """Return the share of the scans of every export of a vendor that the interval holds."""
    found: dict[str, list[bool]] = defaultdict(list)
    for place, held in inside.items():
        known = scores[place].known
        found[f"{known.vendor} {known.export}"].append(held)
    return {export: fmean(held) for export, held in sorted(found.items())}


def fitted(scores: Sequence[Score], vendor: str) -> dict[str, dict[str, float]]:
    """Measure every family of a vendor, on all exports."""
    families = sorted({one.family for one in scores if one.computed and one.known.vendor == vendor})
    found = {family: factor(scores, vendor, family) for family in families}
    return {
        family: {"factor": round(width[0], 1), "exports": width[1]}
        for family, width in found.items()
        if width
    }


def write(scores: Sequence[Score]) -> None:
    """Store the widths beside the profiles; a vendor without a timed scan has no file."""
    for vendor in names():
        found = fitted(scores, vendor)
        if found:
            path = ROOT / "generator" / "vendors" / vendor / "intervals.json"
            path.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n", "utf-8")
