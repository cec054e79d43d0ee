"""The exam on a time axis: when each step starts, when the agent is given, what counts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from generator.model.tree import Acquisition, Contrast, Protocol, Reformat, Step, Target
from generator.text import clock
from generator.timing.estimate import Estimate, Interval, with_interval
from generator.timing.steps import Basis, is_counted, is_post_contrast_t1, is_set_up, step_time
from generator.timing.waits import with_waits
from generator.vendors.profile import profile

__all__ = ["Row", "Timeline", "build_timeline", "rows_for_table", "with_waits"]

# Formula T9 of the reference protocols: what an exam needs in the room beside its scans.
_PRESCAN = 20.0  # s, before every sequence
_LOCALIZER = 30.0  # s, where the protocol has none of its own


@dataclass(frozen=True, slots=True)
class Row:
    """One step on the time axis.

    Attributes
    ----------
    step : int
        Index of the step in the protocol.
    kind : str
        ``acquisition``, ``contrast``, ``pause`` or ``reformat``.
    start : float
        Seconds from the start of the first step, every step taken as run.
    duration : float or None
        Seconds; ``None`` if unknown.
    basis : {"console", "estimate", "stated", "unknown"}
        How the duration is known.
    uncertainty : float
        Half width of the 90 % interval in seconds; 0 for what a console showed.
    counted : bool
        Whether it counts towards the acquisition time of the protocol.
    estimate : Estimate or None
        The computed time, also where the console's is used.
    why_not : str or None
        Why a scan has no estimate.
    """

    step: int
    name: str
    kind: str
    start: float
    duration: float | None
    basis: Basis
    uncertainty: float
    counted: bool
    optional: bool = False
    set_up: bool = False
    estimate: Estimate | None = None
    why_not: str | None = None

    @property
    def end(self) -> float:
        """When the step is over, an unknown duration taken as nothing."""
        return self.start + (self.duration or 0.0)

    @property
    def interval(self) -> Interval | None:
        """Between which seconds the step is expected with 90 %; ``None`` if unknown or unproven."""
        if self.duration is None or (
            self.basis == "estimate" and (self.estimate is None or not self.estimate.exports)
        ):
            return None
        return max(0.0, self.duration - self.uncertainty), self.duration + self.uncertainty

    @property
    def difference(self) -> float | None:
        """Console's time less the estimate, where there are both."""
        if self.basis != "console" or self.estimate is None or self.duration is None:
            return None
        return self.duration - self.estimate.seconds


@dataclass(frozen=True, slots=True)
class Timeline:
    """A protocol on the time axis.

    Attributes
    ----------
    rows : tuple of Row
        One for every step, in exam order.
    injection : float or None
        When the contrast agent is given.
    image : float or None
        When the first post-contrast T1 starts.
    delay, delay_uncertainty, delay_interval : float or None, float, tuple of float or None
        Seconds from the injection to that T1 with only those steps between that surely run.
    minimum_delay : float or None
        What the protocol asks for.
    counted, counted_uncertainty : float
        Acquisition time of the protocol and half the width of its interval, both summed over the counted
        scans: the errors of one vendor's model do not cancel.
    unknown : tuple of int
        Indices of counted steps without a time; the sum is then a lower bound.
    room_time : float
        Seconds the patient is in the room, optional sequences left out.
    """

    rows: tuple[Row, ...]
    injection: float | None
    image: float | None
    delay: float | None
    delay_uncertainty: float
    delay_interval: Interval | None
    minimum_delay: float | None
    counted: float
    counted_uncertainty: float
    unknown: tuple[int, ...]
    room_time: float

    @property
    def end(self) -> float:
        """When the last step is over."""
        return max((row.end for row in self.rows), default=0.0)

    @property
    def interval(self) -> Interval | None:
        """The 90 % interval of the acquisition time; ``None`` if that of a counted scan is not proven."""
        return together(row for row in self.rows if row.counted)

    @property
    def complete(self) -> bool:
        """Whether every counted scan has a time."""
        return not self.unknown


def together(rows: Iterable[Row]) -> Interval | None:
    """Add intervals up, end by end; ``None`` if one is not proven."""
    found = [row.interval for row in rows if row.duration is not None]
    known = [one for one in found if one is not None]
    return (
        (sum(low for low, _ in known), sum(high for _, high in known)) if len(known) == len(found) else None
    )


def build_timeline(protocol: Protocol, target: Target | None) -> Timeline:
    """Put a resolved protocol on a time axis.

    Parameters
    ----------
    protocol : Protocol
        As resolved for ``target``, with its waits (:func:`with_waits`).
    target : Target or None
        Whose timing applies; ``None`` for the neutral formulas.
    """
    rows = tuple(_rows(protocol.steps, target))
    counted = [row for row in rows if row.counted]
    injection, image, asked = _contrast(protocol.steps)
    between = [row for row in rows[injection:image] if not row.optional] if injection is not None else []
    known = injection is not None and image is not None
    return Timeline(
        rows=rows,
        injection=rows[injection].start if injection is not None else None,
        image=rows[image].start if image is not None else None,
        delay=sum(row.duration or 0.0 for row in between) if known else None,
        delay_uncertainty=sum(row.uncertainty for row in between) if known else 0.0,
        delay_interval=together(between) if known else None,
        minimum_delay=asked,
        counted=sum(row.duration or 0.0 for row in counted),
        counted_uncertainty=sum(row.uncertainty for row in counted),
        unknown=tuple(row.step for row in counted if row.duration is None),
        room_time=_room_time(rows, target),
    )


def _rows(steps: Sequence[Step], target: Target | None) -> Iterator[Row]:
    start = 0.0
    for index, step in enumerate(steps):
        time = step_time(step, target)
        row = Row(
            step=index,
            name=_name(step),
            kind=step.kind,
            start=start,
            duration=time.duration,
            basis=time.basis,
            uncertainty=time.uncertainty,
            counted=is_counted(step),
            optional=step.optional,
            set_up=is_set_up(step),
            estimate=time.estimate,
            why_not=time.why_not,
        )
        start = row.end
        yield row


def _name(step: Step) -> str:
    if isinstance(step, Acquisition):
        return step.name
    if isinstance(step, Contrast):
        return f"Injection: {step.agent}" if step.agent else step.text or "Injection"
    if isinstance(step, Reformat):
        return f"Reformat of {step.source}"
    return step.text


def _contrast(steps: Sequence[Step]) -> tuple[int | None, int | None, float | None]:
    """Indices of the first injection and of the T1 that waits for it, and the delay asked for.

    A T1 that surely runs goes before an optional one.
    """
    injection = next((i for i, step in enumerate(steps) if isinstance(step, Contrast)), None)
    if injection is None:
        return None, None, None
    after = [i for i in range(injection + 1, len(steps)) if is_post_contrast_t1(steps[i])]
    image = next((i for i in after if not steps[i].optional), after[0] if after else None)
    contrast = steps[injection]
    return injection, image, contrast.minimum_delay if isinstance(contrast, Contrast) else None


def _room_time(rows: Sequence[Row], target: Target | None) -> float:
    """Scans and waits that surely run, a prescan for each scan, and the set-up left out of the protocol."""
    run = [row for row in rows if not row.optional]
    scans = [row for row in run if row.kind == "acquisition"]
    total = sum(row.duration or 0.0 for row in run) + _PRESCAN * len(scans)
    if scans and not any(row.set_up for row in scans):
        total += _LOCALIZER + profile(target.vendor if target else None).calibration
    return total


def rows_for_table(timeline: Timeline) -> list[tuple[str, str, str, str, str]]:
    """Lay a timeline out for people: start, name, duration, how it is known, remark.

    Returns
    -------
    list of tuple of str
        One for every step, in exam order.
    """
    return [
        (clock(row.start), row.name, _duration(row), row.basis if _timed(row) else "", _remark(row))
        for row in timeline.rows
    ]


def _timed(row: Row) -> bool:
    return row.kind in ("acquisition", "pause")


def _duration(row: Row) -> str:
    if not _timed(row):
        return ""
    if row.duration is None:
        return "?"
    return with_interval(row.duration, row.interval) if row.basis == "estimate" else clock(row.duration)


def _remark(row: Row) -> str:
    if row.kind != "acquisition":
        return row.kind
    parts = ["optional"] if row.optional else ["set-up"] if row.set_up else []
    if row.basis == "console" and row.estimate:
        parts.append(f"estimate {with_interval(row.estimate.seconds, row.estimate.interval)}")
    return ", ".join([*parts, *([row.why_not] if row.why_not else [])])
