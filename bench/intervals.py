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

from bench.accuracy import ROOT
from bench.leave_out import Score
from generator.vendors.profile import names

LEVEL = 0.9
_KIN = 0.5  # weight of what is like a family, in exports
_LEAST = 1.0  # rounding alone leaves so much open
_FEW = 0.25  # a family of one export is so much wider
Residuals = Mapping[str, Sequence[float]]
"""What is one export (of one family, of one vendor) to its residuals."""


def factor(scores: Iterable[Score], vendor: str, family: str) -> tuple[float, int] | None:
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
    weighted = [*_weighted(own, float(len(own))), *_weighted(vendors, _KIN), *_weighted(families, _KIN)]
    return max(_LEAST, quantile(weighted, LEVEL) * (1 + _FEW / len(own))), len(own)


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


def covered(scores: Sequence[Score]) -> dict[int, bool]:
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
            widths[cell] = factor(others, *cell[:2])
        if width := widths[cell]:
            found[place] = one.off <= width[0]
    return found


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
