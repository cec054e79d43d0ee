"""The accuracy with one protocol file left out: is any of the figures carried by a single file?

Constants of the table of overheads that name the file among those they were calibrated on are forgotten and
found anew from the scans of the other files; what no other file says stands in the middle of its bounds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from math import log
from statistics import median

from bench.accuracy import LIMIT, Known
from generator.timing.families import formula_of
from generator.timing.ledger import Ledger, Missing
from generator.timing.overheads import OVERHEADS, Assumed

_STEPS = 8  # parts into which the bounds of a constant are divided
_OUTLIER = 0.2  # a worse error counts as this one, so that no odd scan decides a constant
_ROUNDS = 2
Place = tuple[str, str]
"""Term and entry of the table of overheads."""


@dataclass(frozen=True)
class LeftOut:
    """The figures without one file, and those of the file itself with the constants of the others."""

    source: str
    constants: int
    rest: Errors
    own: Errors


@dataclass(frozen=True)
class Errors:
    """Relative errors of some scans; ``None`` for a scan without an estimate."""

    values: tuple[float | None, ...]

    @property
    def known(self) -> list[float]:
        return [value for value in self.values if value is not None]

    @property
    def estimated(self) -> float:
        return len(self.known) / len(self.values)

    @property
    def median(self) -> float:
        return median(self.known) if self.known else 0.0

    @property
    def near(self) -> float:
        return sum(value <= LIMIT for value in self.known) / max(1, len(self.known))


def leave_out_each(scans: Sequence[Known]) -> Iterator[LeftOut]:
    """Leave out each protocol file in turn."""
    for source in sorted({known.source for known in scans}):
        yield leave_out(scans, source)


def leave_out(scans: Sequence[Known], source: str) -> LeftOut:
    """Leave one protocol file out."""
    own = [known for known in scans if known.source == source]
    rest = [known for known in scans if known.source != source]
    found = derived_without(rest, folder(source))
    with table_with(found):
        return LeftOut(source, len(found), errors(rest), errors(own))


def folder(source: str) -> str:
    """Name of a file of the corpus as the table of overheads has it: vendor and release."""
    return "/".join(source.split("/")[:2])


def errors(scans: Sequence[Known]) -> Errors:
    """Compute the error of every scan with the table as it is."""
    return Errors(tuple(_error(known) for known in scans))


def _error(known: Known) -> float | None:
    try:
        seconds, _ = _timed(known)
    except Missing:
        return None
    return abs(seconds / known.stated - 1)


def _timed(known: Known) -> tuple[float, Ledger]:
    _, formula = formula_of(known.scan)
    ledger = Ledger(known.scan, known.vendor, known.field_strength, known.software)
    return formula(ledger), ledger


def derived_without(rest: Sequence[Known], left_out: str) -> dict[Place, Assumed]:
    """Find the constants that were calibrated on a file from the scans of the other files."""
    places = [(t, e) for t, row in OVERHEADS.items() for e, entry in row.items() if left_out in entry.files]
    found = {place: _at(place, _middle(place)) for place in places}
    for _ in range(_ROUNDS):
        for place in places:
            with table_with(found):
                users = [known for known in rest if _uses(known, place)]
                if users:
                    found[place] = _at(place, _best(place, users))
    return found


def _middle(place: Place) -> float:
    entry = OVERHEADS[place[0]][place[1]]
    return (entry.low + entry.high) / 2


def _at(place: Place, value: float) -> Assumed:
    return replace(OVERHEADS[place[0]][place[1]], value=value)


def _candidates(place: Place) -> list[float]:
    """Values between the bounds; of a count its neighbours as well."""
    entry = OVERHEADS[place[0]][place[1]]
    if entry.low == entry.high:
        return [max(0.0, entry.value - 1), entry.value, entry.value + 1]
    return [entry.low + (entry.high - entry.low) * step / _STEPS for step in range(_STEPS + 1)]


def _best(place: Place, users: Sequence[Known]) -> float:
    def misfit(value: float) -> float:
        with table_with({place: _at(place, value)}):
            return sum(_misfit(known) for known in users)

    return min(_candidates(place), key=misfit)


def _misfit(known: Known) -> float:
    seconds, _ = _timed(known)
    return min(_OUTLIER, abs(log(max(seconds, 0.01) / known.stated)))


def _uses(known: Known, place: Place) -> bool:
    """Say whether the estimate of a scan takes an entry of the table."""
    term, _ = place
    entry = OVERHEADS[term][place[1]]
    try:
        _, ledger = _timed(known)
    except Missing:
        return False
    return any(line.name == term and line.source == entry.source for line in ledger.terms)


@contextmanager
def table_with(changes: Mapping[Place, Assumed]) -> Iterator[None]:
    """Change entries of the table of overheads for a while."""
    before = {(term, entry): OVERHEADS[term][entry] for term, entry in changes}
    try:
        for (term, entry), value in changes.items():
            OVERHEADS[term][entry] = value
        yield
    finally:
        for (term, entry), value in before.items():
            OVERHEADS[term][entry] = value
