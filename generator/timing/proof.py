"""How wide an estimate has to be taken: what exports of a vendor have shown, family by family.

``intervals.json`` beside the profile of a vendor is written by ``make accuracy``: for each family the exports
(sites) whose times it was measured on, and how many half widths of what the formula leaves open the 90 %
interval needs. No entry: no export of that vendor has such a scan, and an estimate has no interval.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from generator.vendors.profile import beside


@dataclass(frozen=True, slots=True)
class Proof:
    """What exports say of one family of one vendor.

    Attributes
    ----------
    factor : float
        Half width of the 90 % interval over what the modelled quantities leave open.
    exports : int
        Sites that speak; several exports of one site, or of one protocol, count as one.
    """

    factor: float
    exports: int


def proof(vendor: str | None, family: str) -> Proof | None:
    """Look up what is proven; ``None`` where nothing is."""
    return _proofs(vendor).get(family) if vendor else None


@cache
def _proofs(vendor: str) -> Mapping[str, Proof]:
    path = beside(vendor, "intervals.json")
    if path is None:
        return {}
    found = json.loads(path.read_text("utf-8"))
    return {family: Proof(entry["factor"], entry["exports"]) for family, entry in found.items()}
