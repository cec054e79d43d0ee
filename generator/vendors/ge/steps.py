"""The steps of a protocol as GE has them: series, and notes on series for everything else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from unicodedata import normalize

from generator.model.tree import Acquisition, Contrast, Protocol, Reformat
from generator.vendors.dialect import Losses
from generator.vendors.ge.notes import Event, event_paragraph, series_paragraph

_AS_NOTE = {
    "contrast": "GE has no injection step: note on the next series, and CONTRAST Yes from there on",
    "pause": "GE has no pause step: note on the next series",
    "reformat": "reformats are post-processing on GE: instruction in the note of the series",
}


@dataclass(slots=True)
class Slot:
    """One series to be written: the scan, what its note says, and whether contrast is on board.

    Attributes
    ----------
    index : int
        Position of the scan among the steps of the protocol.
    paragraphs : list of str
        Paragraphs of the note, in order.
    contrast : Contrast or None
        The latest injection before the scan.
    """

    index: int
    scan: Acquisition
    paragraphs: list[str] = field(default_factory=list)
    contrast: Contrast | None = None

    def add(self, paragraph: str | None) -> None:
        """Put a paragraph, if there is one, behind the others."""
        if paragraph:
            self.paragraphs.append(paragraph)


def slots(protocol: Protocol, losses: Losses) -> list[Slot]:
    """Lay out a protocol as series; steps without a type of their own become notes and losses."""
    found: list[Slot] = []
    waiting: list[Event] = []
    contrast: Contrast | None = None
    for index, step in enumerate(protocol.steps):
        if isinstance(step, Acquisition):
            found.append(_slot(index, step, waiting, contrast))
            waiting = []
            continue
        losses.at(index, step.kind).approximated(None, step.kind, "note", _AS_NOTE[step.kind])
        contrast = step if isinstance(step, Contrast) else contrast
        if isinstance(step, Reformat) and found and not waiting:
            found[-1].paragraphs.append(event_paragraph(step, after=True))
        else:
            waiting.append(step)
    if found:
        found[-1].paragraphs += [event_paragraph(event, after=True) for event in waiting]
    elif waiting:
        losses.unsupported("steps", len(waiting), "a GE protocol without a series has no place for notes")
    return found


def _slot(index: int, scan: Acquisition, before: Sequence[Event], contrast: Contrast | None) -> Slot:
    paragraphs = [event_paragraph(event) for event in before]
    own = series_paragraph(scan)
    return Slot(index, scan, paragraphs + ([own] if own else []), contrast)


def contrast_pairs(slot: Slot) -> dict[str, str]:
    """CONTRAST, CONTAG and CONTAM of a series; CONTAM is a volume, which a dose per weight is not.

    A value is 7-bit text without quotes; the agent stands in full in the note of the series.
    """
    if slot.contrast is None:
        return {"CONTRAST": "No"}
    plain = normalize("NFKD", slot.contrast.agent or "").encode("ascii", "ignore").decode()
    agent = " ".join(plain.replace('"', "").split())
    return {"CONTRAST": "Yes", **({"CONTAG": agent} if agent else {}), "CONTAM": "Yes"}
