"""What each change saves and costs, one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from generator.contrast.noise import relative_signal
from generator.fit.ladders import Values
from generator.fit.options import Option
from generator.fit.scans import ScanGroup, changed, counted_time
from generator.model.tree import Acquisition, Protocol, Target


@dataclass(frozen=True, slots=True)
class Change:
    """One move that was made.

    Attributes
    ----------
    field : str
        The field it is about.
    before, after : Any
        Values of that field.
    values : mapping of str to Any
        Every field that it changes, with its new value.
    gained : float
        Seconds that it saves, uncertainty counted, after the changes of the scan before it.
    signal : float or None
        Relative signal to noise of this change alone; ``None`` for a scan made optional.
    signal_of_scan : float or None
        Relative signal of the scan with this change and those before it.
    """

    scan: ScanGroup
    field: str
    label: str
    before: Any
    after: Any
    values: Values
    gained: float
    signal: float | None
    signal_of_scan: float | None


def changes_of(protocol: Protocol, target: Target, scan: ScanGroup, option: Option) -> Iterator[Change]:
    """Account for an option, move by move."""
    if option.optional:
        saved = counted_time(protocol, scan, target).longest
        yield Change(scan, "optional", "made optional", False, True, option.values, saved, None, None)
    now, signal_now = protocol, 1.0
    for taken in option.taken:
        then = changed(now, scan.steps, taken.values)
        signal = _signal(protocol, then, scan, target)
        saved = counted_time(now, scan, target).longest - counted_time(then, scan, target).longest
        old, new = (getattr(_member(one, scan), taken.move.field) for one in (now, then))
        label = taken.move.label
        yield Change(
            scan, taken.move.field, label, old, new, taken.values, saved, signal / signal_now, signal
        )
        now, signal_now = then, signal


def _member(protocol: Protocol, scan: ScanGroup) -> Acquisition:
    member = protocol.steps[scan.steps[0]]
    assert isinstance(member, Acquisition)
    return member


def _signal(before: Protocol, after: Protocol, scan: ScanGroup, target: Target) -> float:
    found = relative_signal(_member(before, scan), _member(after, scan), target.vendor)
    assert found is not None, "a scan whose signal is not known is not changed"
    return found
