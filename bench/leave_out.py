"""Every scan timed as if its export had never been seen.

Constants of the tables of overheads that were calibrated on the export are forgotten and found anew from the
scans of the other exports; what no other export says stands in the middle of its bounds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from math import log
from typing import Any, cast

from bench.known import LIMIT, Known
from generator.timing import overheads
from generator.timing.families import Computed, compute
from generator.timing.ledger import Missing
from generator.timing.overheads import Assumed
from generator.vendors.profile import names

_STEPS = 8  # parts into which the bounds of a constant are divided
_OUTLIER = 0.2  # a worse error counts as this one, so that no odd scan decides a constant
Place = tuple[str, str | None, int]
"""Term, vendor (``None``: the neutral table) and which of its releases."""
Used = frozenset[tuple[str, str]]
"""Terms and sources of the entries that an estimate takes."""


@dataclass(frozen=True)
class Score:
    """One scan, timed with constants that its export had no part in.

    Attributes
    ----------
    computed : Computed or None
        ``None`` where there is no estimate; ``missing`` says why.
    """

    known: Known
    computed: Computed | None
    missing: str = ""

    @property
    def family(self) -> str:
        return self.computed.family if self.computed else (self.known.scan.technique or "unknown")

    @property
    def error(self) -> float:
        """Relative error of the estimate."""
        assert self.computed
        return self.computed.seconds / self.known.stated - 1

    @property
    def near(self) -> bool:
        """Whether the estimate lies within 5 % of the console."""
        return round(abs(self.error), 6) <= LIMIT

    @property
    def off(self) -> float:
        """Seconds between estimate and console over those that the formula leaves open."""
        assert self.computed
        return abs(self.computed.seconds - self.known.stated) / self.computed.open


def leave_out_each(scans: Sequence[Known]) -> list[Score]:
    """Score every scan, its export left out."""
    used = {id(known): _used(known) for known in scans}
    found: list[Score] = []
    for export in sorted({known.export for known in scans}):
        rest = [(known, used[id(known)]) for known in scans if known.export != export]
        with table_with(derived_without(rest, export)):
            found += [score(known) for known in scans if known.export == export]
    return found


def score(known: Known) -> Score:
    """Time a scan with the tables as they are."""
    try:
        return Score(known, _computed(known))
    except Missing as missing:
        return Score(known, None, missing.what)


def _computed(known: Known) -> Computed:
    return compute(known.scan, known.vendor, known.field_strength, known.software)


def entries() -> Iterator[tuple[Place, Assumed]]:
    """Walk over every entry of the tables of overheads."""
    for term, entry in overheads.NEUTRAL.items():
        yield (term, None, 0), entry
    for vendor in names():
        for term, row in overheads.rows(vendor).items():
            for index, (_, entry) in enumerate(row):
                yield (term, vendor, index), entry


def derived_without(rest: Sequence[tuple[Known, Used]], left_out: str) -> dict[Place, Assumed]:
    """Find the constants that were calibrated on an export from the scans of the others.

    Parameters
    ----------
    rest : sequence of (Known, Used)
        The other exports: scans, and the entries of the tables that each of them uses.
    """
    places = {place: entry for place, entry in entries() if left_out in entry.exports}
    found = {place: replace(entry, value=(entry.low + entry.high) / 2) for place, entry in places.items()}
    for place, entry in places.items():
        users = [known for known, used in rest if (place[0], entry.source) in used]
        if users:
            with table_with(found):
                found[place] = replace(entry, value=_best(place, entry, users))
    return found


def _best(place: Place, entry: Assumed, users: Sequence[Known]) -> float:
    def misfit(value: float) -> float:
        with table_with({place: replace(entry, value=value)}):
            return sum(_misfit(known) for known in users)

    middle = (entry.low + entry.high) / 2
    return min(_candidates(entry), key=lambda value: (round(misfit(value), 6), abs(value - middle)))


def _candidates(entry: Assumed) -> list[float]:
    """Values between the bounds; of a count its neighbours as well."""
    if entry.low == entry.high:
        return [max(0.0, entry.value - 1), entry.value, entry.value + 1]
    return [entry.low + (entry.high - entry.low) * step / _STEPS for step in range(_STEPS + 1)]


def _misfit(known: Known) -> float:
    return min(_OUTLIER, abs(log(max(_computed(known).seconds, 0.01) / known.stated)))


def _used(known: Known) -> Used:
    """Name the entries of the tables that the estimate of a scan takes."""
    try:
        return frozenset((term.name, term.source) for term in _computed(known).terms)
    except Missing:
        return frozenset()


@contextmanager
def table_with(changes: Mapping[Place, Assumed]) -> Iterator[None]:
    """Change entries of the tables of overheads for a while."""
    before = {place: entry for place, entry in entries() if place in changes}
    try:
        for place, entry in changes.items():
            _put(place, entry)
        yield
    finally:
        for place, entry in before.items():
            _put(place, entry)


def _put(place: Place, entry: Assumed) -> None:
    term, vendor, index = place
    if vendor is None:
        cast(dict[str, Any], overheads.NEUTRAL)[term] = entry
        return
    row = list(overheads.rows(vendor)[term])
    row[index] = (row[index][0], entry)
    overheads.rows(vendor)[term] = tuple(row)
