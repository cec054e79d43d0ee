"""How wide the 90 % interval has to be, vendor by vendor and family by family.

The residuals are those of :mod:`bench.leave_out`: seconds off over the seconds that a formula leaves open, so
that a scan whose parameters say little has a wide interval from the start. The factor of a family is the 90 %
quantile of its residuals, in which every export weighs the same however many scans it has. A few exports say
little of a quantile: the other families of the vendor together, and the family at the other vendors together,
weigh half an export each, and the factor grows by a quarter of itself over the number of exports (conformal
prediction with exports as units would ask for nine of them).
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import product, starmap
from typing import NamedTuple

from bench.accuracy import ROOT
from bench.leave_out import Score
from generator.vendors.profile import names

LEVEL = 0.9


class Pooling(NamedTuple):
    """How exports are pooled: chosen on this corpus, see :func:`nested` for what that hides.

    Attributes
    ----------
    kin : float
        Weight of what is like a family, in exports.
    least : float
        Smallest factor: rounding alone leaves so much open.
    few : float
        A family of one export is so much wider.
    """

    kin: float = 0.5
    least: float = 1.0
    few: float = 0.25


POOLING = Pooling()
_GRID = tuple(starmap(Pooling, product((0.0, 0.25, 0.5, 1.0), (0.5, 1.0, 1.5), (0.0, 0.25, 0.5))))
Residuals = Mapping[str, Sequence[float]]
"""What is one export (of one family, of one vendor) to its residuals."""


def factor(
    scores: Iterable[Score], vendor: str, family: str, pooling: Pooling = POOLING
) -> tuple[float, int] | None:
    """Measure the width of one family of one vendor; ``None`` where no export speaks."""
    own: dict[str, list[float]] = defaultdict(list)
    vendors: dict[str, list[float]] = defaultdict(list)
    families: dict[str, list[float]] = defaultdict(list)
    for one in scores:
        known = one.known
        if one.computed is None or (known.vendor != vendor and one.family != family):
            continue
        pool = own if (known.vendor, one.family) == (vendor, family) else vendors
        pool = families if known.vendor != vendor else pool
        pool[f"{known.vendor} {known.export} {one.family}"].append(one.off)
    if not own:
        return None
    kin = [*_weighted(vendors, pooling.kin), *_weighted(families, pooling.kin)]
    width = quantile([*_weighted(own, float(len(own))), *kin], LEVEL)
    return max(pooling.least, width * (1 + pooling.few / len(own))), len(own)


def _weighted(pool: Residuals, together: float) -> list[tuple[float, float]]:
    """Residuals and weights: every member of the pool weighs the same, and so do its residuals."""
    return [(off, together / len(pool) / len(offs)) for offs in pool.values() for off in offs]


def quantile(weighted: Sequence[tuple[float, float]], level: float) -> float:
    """Smallest value that so large a share of the weight does not exceed."""
    reached, total = 0.0, sum(weight for _, weight in weighted)
    for value, weight in sorted(weighted):
        reached += weight
        if reached >= level * total - 1e-9:
            return value
    raise ValueError("no values")


def covered(scores: Sequence[Score], pooling: Pooling = POOLING) -> dict[int, bool]:
    """Say of every score (by its place) whether an interval that its export had no part in holds its time.

    Returns
    -------
    dict of int to bool
        Without the scans that have no estimate, or whose family no other export of the vendor speaks of.
    """
    found, widths = {}, {}
    for place, one in enumerate(scores):
        if one.computed is None:
            continue
        cell = (one.known.vendor, one.family, one.known.export)
        if cell not in widths:
            others = (other for other in scores if other.known.export != cell[2])
            widths[cell] = factor(others, *cell[:2], pooling)
        if width := widths[cell]:
            found[place] = one.off <= width[0]
    return found


def nested(scores: Sequence[Score]) -> dict[int, bool]:
    """Do as :func:`covered`, with the pooling that serves the other exports best instead of the shipped one.

    The shipped numbers were chosen with every export in view; this is what is left without that.
    """
    every = {pooling: covered(scores, pooling) for pooling in _GRID}
    found = {}
    for export in sorted({one.known.export for one in scores}):
        others = [one for one in scores if one.known.export != export]
        best = min(_GRID, key=lambda pooling: abs(_share(covered(others, pooling)) - LEVEL))
        mine = (place for place in every[best] if scores[place].known.export == export)
        found |= {place: every[best][place] for place in mine}
    return found


def _share(inside: Mapping[int, bool]) -> float:
    return sum(inside.values()) / len(inside) if inside else 0.0


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
