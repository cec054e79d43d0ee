"""A fit for people and for programs: sentences, rows, plain data."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil
from typing import Any

from generator.fit.account import Change
from generator.fit.fitting import Fit
from generator.fit.moves import MOVES
from generator.fit.options import Blocked
from generator.model.tree import Acquisition
from generator.spec.dump import written
from generator.text import clock
from generator.timing.estimate import with_interval
from generator.timing.timeline import Row, Timeline

HEADERS = ("scan", "change", "from", "to", "time gained", "relative SNR", "of the scan")

_LABELS = {move.field: move.label for move in MOVES}


def rows(fit: Fit) -> list[tuple[str, ...]]:
    """Lay the changes out as :data:`HEADERS` says: one row a change, in exam order."""
    return [
        (
            change.scan.name,
            change.label,
            written(Acquisition, change.field, change.before),
            written(Acquisition, change.field, change.after),
            clock(change.gained),
            _share(change.signal),
            _share(change.signal_of_scan),
        )
        for change in fit.changes
    ]


def sentences(fit: Fit) -> list[str]:
    """Say what fitting came to, the verdict first."""
    return [_verdict(fit), *_scanner(fit), *_room(fit), *_why(fit), *_optional(fit)]


def as_data(fit: Fit) -> dict[str, Any]:
    """Give the whole result as plain data, times in seconds, values in the canonical units of the tree."""
    return {
        "protocol": fit.original.id,
        "target": fit.target.model_dump(mode="json"),
        "scanner": fit.scanner.id if fit.scanner else None,
        "status": fit.status,
        "budget": fit.budget,
        "before": _totals(fit.before),
        "after": _totals(fit.after),
        "exhaustive": fit.exhaustive,
        "changes": [_change(change) for change in fit.changes],
        "blocked": [
            {"scan": one.scan.name, "steps": one.scan.steps, **_values(one), "reason": one.reason}
            for one in fit.blocked
        ],
        "overrides": {str(index): values for index, values in fit.overrides.items()},
    }


def _values(one: Blocked) -> dict[str, Any]:
    return {"field": one.field, "values": dict(one.values)}


def _change(change: Change) -> dict[str, Any]:
    return {
        "scan": change.scan.name,
        "steps": change.scan.steps,
        "field": change.field,
        "before": change.before,
        "after": change.after,
        "values": dict(change.values),
        "gained": change.gained,
        "relative_snr": change.signal,
        "relative_snr_of_scan": change.signal_of_scan,
    }


def _totals(timeline: Timeline) -> dict[str, Any]:
    return {
        "seconds": timeline.counted,
        "uncertainty": timeline.counted_uncertainty,
        "interval": timeline.interval,
        "room_time": timeline.room_time,
    }


def _share(signal: float | None) -> str:
    return "" if signal is None else f"{signal:.2f}"


def _total(timeline: Timeline) -> str:
    return with_interval(timeline.counted, timeline.interval)


def _surely(timeline: Timeline) -> str:
    return " with 90 %" if timeline.interval else ""


def _verdict(fit: Fit) -> str:
    budget, before, after = clock(fit.budget), _total(fit.before), _total(fit.after)
    if fit.status == "fits":
        return f"fits{_surely(fit.before)}: {before} against {budget}, nothing to change"
    if fit.status == "no estimate":
        return f"not known: {before} is a lower bound against {budget}"
    if fit.status == "fitted":
        return f"fitted{_surely(fit.after)}: {before} becomes {after} against {budget}"
    over = ceil(fit.after.counted + fit.after.counted_uncertainty - fit.budget)
    return f"out of reach: {before} becomes {after} at the shortest, {clock(over)} over {budget}"


def _scanner(fit: Fit) -> Iterator[str]:
    if fit.scanner is None and fit.status not in ("fits", "no estimate"):
        model = fit.target.model
        whose = f"no profile of {model}" if model else "no scanner model was named"
        yield f"{whose}: only what every scanner has was used"


def _room(fit: Fit) -> Iterator[str]:
    if fit.changes:
        yield f"in the room about {clock(fit.before.room_time)} before, {clock(fit.after.room_time)} after"


def _why(fit: Fit) -> Iterator[str]:
    """Say why a budget is not kept."""
    if fit.status == "no estimate":
        for row in (fit.before.rows[index] for index in fit.before.unknown):
            yield f"  {row.name}: {row.why_not}"
    if fit.status != "out of reach":
        return
    if not fit.exhaustive:
        yield "too many combinations break a rule of the whole card; not all of them were tried"
    seen: set[tuple[str, str]] = set()
    for one in fit.blocked:
        if (one.scan.name, one.field) not in seen:
            seen.add((one.scan.name, one.field))
            yield f"  {one.scan.name}, {_shown(one)}: {one.reason}"


def _shown(one: Blocked) -> str:
    if one.field == "optional":
        return "making it optional"
    return f"{_LABELS[one.field]} {written(Acquisition, one.field, one.values[one.field])}"


def _optional(fit: Fit) -> Iterator[str]:
    """Say which optional scan what is left of the budget would hold, each taken alone."""
    left = fit.budget - fit.after.counted - fit.after.counted_uncertainty
    timed = [row for row in fit.after.rows if row.kind == "acquisition" and row.optional and row.duration]
    if not fit.reached or not timed:
        return
    keep = [row.name for row in timed if _longest(row) <= left]
    drop = [row.name for row in timed if _longest(row) > left]
    which = f"one of {', '.join(keep)}" if len(keep) > 1 else "".join(keep)
    parts = [f"{which} can be kept" if keep else "", f"{', '.join(drop)} cannot" if drop else ""]
    yield f"{clock(left)} left for optional scans: {'; '.join(filter(None, parts))}"


def _longest(row: Row) -> float:
    return (row.duration or 0.0) + row.uncertainty
