"""Fit a protocol to a time budget: the cheapest admissible choice for every scan that counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from generator.fit.account import Change, changes_of
from generator.fit.choosing import Chosen, Search, apply
from generator.fit.guard import Guard
from generator.fit.options import Blocked, Chooser
from generator.fit.scans import ScanGroup, scans_of, values_of
from generator.model.scanner import Scanner
from generator.model.tree import Protocol, Target
from generator.timing.timeline import Timeline, build_timeline, with_waits

Status = Literal["fits", "fitted", "out of reach", "no estimate"]


@dataclass(frozen=True, slots=True)
class Fit:
    """What fitting came to.

    Attributes
    ----------
    status : {"fits", "fitted", "out of reach", "no estimate"}
        Whether the budget is kept as it is, with the changes, not even with all of them, or is not known.
    budget : float
        Seconds.
    original, protocol : Protocol
        Before and after, without the waits of an injection.
    before, after : Timeline
        The exam on its time axis.
    changes : tuple of Change
        In exam order; for one out of reach those that save the most.
    blocked : tuple of Blocked
        Changes that would save time and are not admissible, and why.
    exhaustive : bool
        Whether every combination that could keep the budget was looked at.
    """

    target: Target
    scanner: Scanner | None
    status: Status
    budget: float
    original: Protocol
    protocol: Protocol
    before: Timeline
    after: Timeline
    changes: tuple[Change, ...] = ()
    blocked: tuple[Blocked, ...] = ()
    exhaustive: bool = True

    @property
    def reached(self) -> bool:
        """Whether the protocol keeps the budget now."""
        return self.status in ("fits", "fitted")

    @property
    def overrides(self) -> dict[int, dict[str, Any]]:
        """What every changed step states anew, by its index."""
        found: dict[int, dict[str, Any]] = {}
        for change in self.changes:
            for index in change.scan.steps:
                own = values_of(self.original.steps[index], change.values)
                found.setdefault(index, {}).update(own)
        return {index: found[index] for index in sorted(found) if found[index]}


def fit(protocol: Protocol, target: Target, budget: float, scanner: Scanner | None = None) -> Fit:
    """Bring the counted time of a protocol under a budget at the least harm.

    Parameters
    ----------
    protocol : Protocol
        Resolved for ``target``, without the waits that its injection needs.
    budget : float
        Seconds, with which the time and its uncertainty are compared.
    scanner : Scanner, optional
        Profile of the model; without it only what every scanner has is used.

    Returns
    -------
    Fit
        The choice of least price among all that keep the rules the protocol kept.
    """
    before = _timeline(protocol, target)
    as_it_is = Fit(target, scanner, "fits", budget, protocol, protocol, before, before)
    if not before.complete:
        return replace(as_it_is, status="no estimate")
    if before.counted + before.counted_uncertainty <= budget:
        return as_it_is
    chooser = Chooser(Guard(protocol, target, scanner))
    scans = scans_of(protocol)
    search = Search(chooser.guard, scans, [chooser.options(scan) for scan in scans])
    found = search.cheapest(budget)
    chosen = found or search.fastest()
    made = replace(
        as_it_is,
        status="fitted" if found else "out of reach",
        blocked=tuple(chooser.blocked),
        exhaustive=search.exhaustive,
    )
    return _with_choice(made, scans, chosen)


def _with_choice(base: Fit, scans: Sequence[ScanGroup], chosen: Chosen) -> Fit:
    """Fill in what was chosen and what it comes to."""
    changes = [
        change
        for scan, option in zip(scans, chosen, strict=True)
        for change in changes_of(base.original, base.target, scan, option)
    ]
    protocol = apply(base.original, scans, chosen)
    return replace(base, protocol=protocol, after=_timeline(protocol, base.target), changes=tuple(changes))


def _timeline(protocol: Protocol, target: Target) -> Timeline:
    return build_timeline(with_waits(protocol, target)[0], target)
