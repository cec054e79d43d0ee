"""The steps of a protocol as an ExamCard has them: scans that pause, inject and carry a note."""

from __future__ import annotations

from dataclasses import dataclass, field

from generator.model.tree import Acquisition, Contrast, Pause, Protocol, Reformat
from generator.vendors.dialect import BuildOptions, Losses
from generator.vendors.philips import notes

AGENT = "SRT.C-17800.Gadolinium"


@dataclass(slots=True)
class Planned:
    """One scan and what happens before it.

    Attributes
    ----------
    index : int
        Step of the protocol.
    lines : list of str
        Operator note.
    """

    index: int
    acquisition: Acquisition
    injection: Contrast | None = None
    pause: bool = False
    lines: list[str] = field(default_factory=list)
    duration: float | None = None

    @property
    def note(self) -> str:
        """Operator note as one text."""
        return "\n".join(self.lines)


def plan(protocol: Protocol, options: BuildOptions, losses: Losses) -> list[Planned]:
    """Attach pauses and injections to the scan that follows them.

    Parameters
    ----------
    protocol : Protocol
    options : BuildOptions
        For the durations.
    losses : Losses
        Receives what an ExamCard has no place for.
    """
    planned: list[Planned] = []
    lines: list[str] = []
    waiting: list[tuple[int, Contrast | Pause]] = []
    for index, step in enumerate(protocol.steps):
        view = losses.at(index, getattr(step, "name", None) or step.kind)
        if isinstance(step, Reformat):
            view.unsupported("reformat", step.source, "processing steps are made on the console")
        elif isinstance(step, Acquisition):
            planned.append(_scan(index, step, waiting, lines, options))
            waiting, lines = [], []
        else:
            waiting.append((index, step))
            lines += _contrast(step, view) if isinstance(step, Contrast) else _pause(step, view)
    for index, left in waiting:
        losses.at(index, left.kind).unsupported(left.kind, left.kind, "no scan follows that could carry it")
    return planned


def _scan(
    index: int,
    step: Acquisition,
    waiting: list[tuple[int, Contrast | Pause]],
    lines: list[str],
    options: BuildOptions,
) -> Planned:
    injections = [other for _, other in waiting if isinstance(other, Contrast)]
    about = [step.instruction] if step.instruction else []
    if step.plane_reference:
        about.append(f"Plane: {step.plane_reference}")
    if step.coverage:
        about.append(f"Coverage: {', '.join(step.coverage)}")
    if step.second_inversion_time is not None:
        both = (step.inversion_time, step.second_inversion_time)
        times = " and ".join(f"{time:g} ms" for time in both if time is not None)
        about.append(f"To be set by hand: two inversions, {times}")
    duration = options.duration(index)
    return Planned(
        index,
        step,
        injections[-1] if injections else None,
        bool(waiting),
        lines + about,
        step.acquisition_duration if duration is None else duration,
    )


def _contrast(step: Contrast, losses: Losses) -> list[str]:
    """Write an injection as text; the object of the card names no substance and no dose."""
    why = "the card holds gadolinium as a substance only; the rest is in the note of the next scan"
    for name, value in (("dose", step.dose), ("minimum_delay", step.minimum_delay)):
        if value is not None:
            losses.approximated(name, value, "operator note", why)
    if step.agent is not None:
        losses.approximated("agent", step.agent, AGENT, why)
    lines = notes.injection_lines(step.agent, step.dose, step.minimum_delay)
    return lines + ([step.text] if step.text else [])


def _pause(step: Pause, losses: Losses) -> list[str]:
    lines = notes.pause_lines(step.text)
    if step.duration is None:
        return lines
    losses.approximated("duration", step.duration, "operator note", "a pause of a card has no length")
    return lines + notes.pause_lines(f"wait {step.duration:g} s")
