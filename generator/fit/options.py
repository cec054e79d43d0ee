"""What may be done to one scan: every admissible combination of moves, with time, signal and price."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import log
from typing import Any

from generator.contrast.measures import relative_difference
from generator.contrast.noise import LEAST, relative_signal
from generator.contrast.scan import scan_of
from generator.fit.guard import Guard
from generator.fit.ladders import Values
from generator.fit.moves import MAKE_OPTIONAL, MOVES, Move, abilities
from generator.fit.scans import ScanGroup, Time, changed, counted_time, is_auxiliary, time_with
from generator.model.tree import Protocol, Reformat

MOST_MOVES = 3
"""Moves that one scan may take; more of them nobody would follow."""

ONLY_WAITS = "only lengthens the wait after the injection"

_NO_GAIN = 0.5  # s
_LEAST_CONTRAST = 1e-3  # a pair of tissues that has become one; its price has to stay finite


@dataclass(frozen=True, slots=True)
class Taken:
    """A move, and how far it went.

    Attributes
    ----------
    depth : int
        Steps of its ladder.
    """

    move: Move
    depth: int
    values: Values


@dataclass(frozen=True, slots=True)
class Option:
    """One way to make a scan.

    Attributes
    ----------
    taken : tuple of Taken
        In the order of :data:`generator.fit.moves.MOVES`; none for the scan as it is.
    time : Time
        Of all members that count.
    signal : float
        Relative to the scan as it is; 1 for one that is only made optional.
    price : float
        0 for the scan as it is.
    optional : bool
        Whether the scan does not count any more.
    """

    taken: tuple[Taken, ...]
    time: Time
    signal: float
    price: float
    optional: bool = False

    @property
    def values(self) -> dict[str, Any]:
        """Every field that changes, with its new value."""
        return {"optional": True} if self.optional else _together(self.taken)


@dataclass(frozen=True, slots=True)
class Blocked:
    """A change that would have saved time and is not admissible.

    Attributes
    ----------
    reason : str
        The code of the rule it breaks, or in words.
    """

    scan: ScanGroup
    field: str
    values: Values
    reason: str


@dataclass
class Chooser:
    """Finds the options of the scans of one protocol."""

    guard: Guard
    blocked: list[Blocked] = field(default_factory=list)

    @property
    def _protocol(self) -> Protocol:
        return self.guard.protocol

    def options(self, scan: ScanGroup) -> tuple[Option, ...]:
        """List the options of a scan, cheapest first; the first one is the scan as it is."""
        as_it_is = Option((), counted_time(self._protocol, scan, self.guard.target), 1.0, 0.0)
        if is_auxiliary(scan.acquisition):
            return (as_it_is,)
        rungs = [self._rungs(scan, move, as_it_is.time) for move in MOVES]
        found = [as_it_is, *self._combined(scan, rungs, as_it_is.time), *self._left_out(scan)]
        return tuple(sorted(found, key=lambda one: (one.price, len(one.taken))))

    def _rungs(self, scan: ScanGroup, move: Move, before: Time) -> list[Taken]:
        """Steps of one move that are admissible alone and save time."""
        if not move.suits(scan.acquisition, abilities(self.guard.scanner)):
            return []
        ladder = move.ladder(scan.acquisition, self.guard.target.vendor)
        steps = [Taken(move, depth, values) for depth, values in enumerate(ladder, start=1)]
        return [taken for taken in steps if self._admits(scan, taken, before)]

    def _admits(self, scan: ScanGroup, taken: Taken, before: Time) -> bool:
        if not _gains(before, time_with(scan, taken.values, self.guard.target)):
            return False
        reason = self._objection(scan, taken)
        if reason:
            self.blocked.append(Blocked(scan, taken.move.field, taken.values, reason))
        return not reason

    def _objection(self, scan: ScanGroup, taken: Taken) -> str:
        """Say why a move may not be made; empty if it may."""
        if self._signal(scan, taken.values) < LEAST:
            return f"relative SNR below {LEAST:g}"
        protocol = changed(self._protocol, scan.steps, taken.values)
        if self.guard.lengthens_wait(protocol):
            return ONLY_WAITS
        if found := self.guard.objections(protocol):
            return f"breaks {found[0].code}"
        judges = taken.move.judged_by
        if judges and not self.guard.is_judged(protocol, scan.steps, judges):
            return "no rule says whether the anatomy still fits"
        return ""

    def _combined(self, scan: ScanGroup, rungs: Sequence[Sequence[Taken]], before: Time) -> Iterator[Option]:
        for taken in _combinations(rungs, MOST_MOVES):
            values = _together(taken)
            signal = self._signal(scan, values)
            if signal < LEAST:
                continue
            time = time_with(scan, values, self.guard.target)
            if _gains(before, time):
                surcharge = sum(one.move.surcharge * one.depth for one in taken)
                lost = -log(signal) - log(self._contrast(scan, values))
                price = max(0.0, surcharge + lost) * len(scan.steps)
                yield Option(taken, time, signal, price)

    def _signal(self, scan: ScanGroup, values: Values) -> float:
        """Relative signal of a scan with new values; 0 if it is not known."""
        after = scan.acquisition.model_copy(update=dict(values))
        return relative_signal(scan.acquisition, after, self.guard.target.vendor) or 0.0

    def _contrast(self, scan: ScanGroup, values: Values) -> float:
        """Contrast of a scan with new values, before noise, over that of the scan as it is."""
        stated = {**scan.acquisition.__dict__, **dict(self.guard.target)}
        before, after = scan_of(stated.get), scan_of({**stated, **values}.get)
        return max(relative_difference(before, after, scan.acquisition.role), _LEAST_CONTRAST)

    def _left_out(self, scan: ScanGroup) -> Iterator[Option]:
        """Offer to make a scan optional, where a guideline says that the exam is whole without it."""
        protocol = self._protocol
        if not protocol.guidelines or _has_reformat(protocol, scan):
            return
        optional = changed(protocol, scan.steps, {"optional": True})
        if reason := self._needed(scan, optional):
            self.blocked.append(Blocked(scan, "optional", {"optional": True}, reason))
            return
        yield Option((), Time(0.0, 0.0), 1.0, MAKE_OPTIONAL * len(scan.counted), optional=True)

    def _needed(self, scan: ScanGroup, optional: Protocol) -> str:
        """Say why a scan cannot be made optional; empty if it can."""
        if found := self.guard.objections(optional):
            return f"breaks {found[0].code}"
        if self.guard.lengthens_wait(optional):
            return ONLY_WAITS
        return "" if self.guard.is_whole_without(scan.steps) else "a guideline asks for it"


def _together(taken: Sequence[Taken]) -> dict[str, Any]:
    return {name: value for one in taken for name, value in one.values.items()}


def _gains(before: Time, after: Time) -> bool:
    return before.longest - after.longest >= _NO_GAIN


def _combinations(rungs: Sequence[Sequence[Taken]], most: int) -> Iterator[tuple[Taken, ...]]:
    """Every way to take one step each of some moves, none of which writes what another one wrote."""
    if not rungs or most == 0:
        return
    first, rest = rungs[0], rungs[1:]
    for taken in first:
        yield (taken,)
        for more in _combinations(rest, most - 1):
            if all(taken.values.keys().isdisjoint(other.values) for other in more):
                yield (taken, *more)
    yield from _combinations(rest, most)


def _has_reformat(protocol: Protocol, scan: ScanGroup) -> bool:
    """Say whether images are made from a scan."""
    labels = {scan.acquisition.definition, *scan.names}
    members = [protocol.steps[index] for index in scan.steps]
    labels |= {getattr(member, "role", None) for member in members}
    return any(isinstance(step, Reformat) and step.source in labels for step in protocol.steps)
