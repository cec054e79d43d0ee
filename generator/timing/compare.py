"""Stored times against estimates: what to tell a reader of a vendor file."""

from __future__ import annotations

from collections.abc import Iterator

from generator.model.tree import Acquisition, Note, ReadResult, Step
from generator.text import clock
from generator.timing.estimate import with_interval
from generator.timing.families import estimate

INFERRED = "inferred-sequence"
"""Code of a note: the family of a sequence that is no product was guessed from its parameters."""

BREATH_HELD = "breath"
"""Code of a note: breathing is held or compensated, which waits for nothing."""

_TOLERANCE = 0.10  # share of the stored time


def timed_as_read(result: ReadResult) -> ReadResult:
    """Take from scans what no time follows from, so that none is estimated.

    Of a sequence that a reader only inferred the family, because its timing is its author's; of a scan whose
    physiological control a reader could not tell the certainty that nothing is waited for.
    """
    inferred = {(note.protocol, note.step) for note in result.notes if note.code == INFERRED}
    unsure = {
        (note.protocol, note.step)
        for note in result.notes
        if note.field == "gating" and note.code != BREATH_HELD
    }
    if not inferred and not unsure:
        return result

    def as_timed(step: Step, place: tuple[int, int]) -> Step:
        if not isinstance(step, Acquisition):
            return step
        changes: dict[str, str] = {"technique": "other"} if place in inferred else {}
        if place in unsure and step.gating in (None, "none"):
            changes["gating"] = "respiratory"
        return step.model_copy(update=changes)

    protocols = tuple(
        protocol.model_copy(
            update={
                "steps": tuple(as_timed(step, (index, number)) for number, step in enumerate(protocol.steps))
            }
        )
        for index, protocol in enumerate(result.protocols)
    )
    return result.model_copy(update={"protocols": protocols})


def time_notes(result: ReadResult) -> tuple[Note, ...]:
    """Report scans whose stored time and estimate differ by more than 10 % and the estimate's uncertainty."""
    return tuple(
        note
        for index, protocol in enumerate(timed_as_read(result).protocols)
        for number, step in enumerate(protocol.steps)
        if isinstance(step, Acquisition)
        for note in _compared(step, result, index, number)
    )


def _compared(step: Acquisition, result: ReadResult, protocol: int, number: int) -> Iterator[Note]:
    stored = step.acquisition_duration
    if not stored:
        return
    computed = estimate(step, result.vendor, result.field_strength, result.software)
    if computed is None:
        return
    difference = abs(computed.seconds - stored)
    if difference <= max(_TOLERANCE * stored, computed.uncertainty):
        return
    yield Note(
        code="time-differs",
        protocol=protocol,
        step=number,
        field="acquisition_duration",
        message=f"the file says {clock(stored)}, the parameters give "
        f"{with_interval(computed.seconds, computed.interval)} ({computed.family})",
    )
