"""The steps of a protocol as GE has them: series, and notes on series for everything else.

An injection, a pause or a reformat becomes a paragraph that the operator reads, in a fixed wording that
the reader understands again. Foreign notes are somebody's text and are never printed: they may name people.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from unicodedata import normalize

from generator import limits
from generator.errors import UnusableInput
from generator.model.fields import FieldSpec, field_table
from generator.model.kept import per_scan
from generator.model.tree import Acquisition, Contrast, Loss, Pause, Protocol, Reformat
from generator.vendors.account import Reasons, StepReasons
from generator.vendors.ge import facts

MAX_BYTES = limits.NOTE_BYTES

Event = Contrast | Pause | Reformat
_LEADS: dict[str, type[Event]] = {"Inject contrast": Contrast, "Pause": Pause, "Reformat": Reformat}
_BEFORE, _AFTER, _SERIES = "before this series", "after this series", "This series"
_PARAGRAPH = re.compile(
    r"(Inject contrast|Pause|Reformat) (before|after) this series(?:: (.*))?\Z", re.DOTALL
)
_OWN_FIELDS = ("instruction", "optional", *facts.AS_NOTE)
_ACTIVE = re.compile(
    rb"<\s*(script|iframe|object|embed|applet|form)\b|<[^>]*\son\w+\s*=|javascript:", re.IGNORECASE
)


# --- laying out steps as series ------------------------------------------------------------------------

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
    before, after : list of (int or None, Event)
        Steps without a type of their own, with their positions, that its note speaks of.
    said : list of str
        Further paragraphs of the note.
    contrast : Contrast or None
        The latest injection before the scan.
    """

    index: int
    scan: Acquisition
    before: list[tuple[int | None, Event]] = field(default_factory=list)
    after: list[tuple[int | None, Event]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    contrast: Contrast | None = None

    @property
    def paragraphs(self) -> list[str]:
        """The note, paragraph by paragraph."""
        own = series_paragraph(self.scan)
        return [
            *(event_paragraph(event) for _, event in self.before),
            *([own] if own else []),
            *(event_paragraph(event, after=True) for _, event in self.after),
            *self.said,
        ]

    def add(self, paragraph: str | None) -> None:
        """Append a paragraph, if there is one."""
        if paragraph:
            self.said.append(paragraph)


def slots(protocol: Protocol, reasons: Reasons) -> list[Slot]:
    """Lay out a protocol as series; steps without a type of their own become notes and losses."""
    found: list[Slot] = []
    waiting: list[tuple[int | None, Event]] = []
    contrast: Contrast | None = None
    for index, step in enumerate(protocol.steps):
        if isinstance(step, Acquisition):
            found.append(Slot(index, step, waiting, contrast=contrast))
            waiting = []
            continue
        _file(reasons.at(index, step.kind), step.kind, bool(protocol.acquisitions))
        contrast = step if isinstance(step, Contrast) else contrast
        if isinstance(step, Reformat) and found and not waiting:
            found[-1].after.append((index, step))
        else:
            waiting.append((index, step))
    if found:
        found[-1].after += waiting
    return found


def _file(reasons: StepReasons, kind: str, has_series: bool) -> None:
    if has_series:
        reasons.add("approximated", None, _AS_NOTE[kind], wanted=kind, got="note", severity="operator")
    else:
        reasons.why("kind", "a GE protocol without a series has no place for notes")


def contrast_pairs(slot: Slot) -> dict[str, str]:
    """CONTRAST, CONTAG and CONTAM of a series; CONTAM is a volume, which a dose per weight is not.

    A value is 7-bit text without quotes; the agent is in full in the note of the series.
    """
    if slot.contrast is None:
        return {facts.CONTRAST: "No"}
    plain = normalize("NFKD", slot.contrast.agent or "").encode("ascii", "ignore").decode()
    agent = " ".join(plain.replace('"', "").split())
    return {facts.CONTRAST: "Yes", **({facts.CONTAG: agent} if agent else {}), facts.CONTAM: "Yes"}


# --- paragraphs ----------------------------------------------------------------------------------------


def event_paragraph(event: Event, *, after: bool = False) -> str:
    """Say a step that is no scan as one paragraph of a note."""
    lead = next(lead for lead, model in _LEADS.items() if isinstance(event, model))
    said = list(_said(event))
    return f"{lead} {_AFTER if after else _BEFORE}" + (": " + "; ".join(said) if said else "")


@per_scan
def series_paragraph(scan: Acquisition) -> str | None:
    """Say the fields of a scan that only a note can hold; ``None`` if there are none."""
    said = list(_said(scan, _OWN_FIELDS))
    return f"{_SERIES}: " + "; ".join(said) if said else None


def by_hand(losses: Iterable[Loss]) -> str | None:
    """Say what the operator has to set because the series could not hold it; ``None`` if there is nothing."""
    table = field_table(Acquisition)
    left = [loss for loss in losses if loss.field in _SETTABLE and loss.kind != "rounded"]
    said = [f"{loss.field} = {_words(loss.wanted, table[loss.field])}" for loss in left if loss.field]
    return "To be set by hand: " + "; ".join(said) if said else None


_SETTABLE = (
    "technique", "echo_times", "inversion_time", "second_inversion_time", "fat_suppression", "readout",
    "phase_encoding_direction", "partial_fourier_phase", "gating", "compressed_sensing_factor",
)  # fmt: skip
"""Fields that change the contrast or the scan and that an operator sets in the protocol page."""


def _said(step: Event | Acquisition, names: Iterable[str] | None = None) -> Iterator[str]:
    """Each stated field as ``name = value``; free text goes last, since it may hold anything."""
    table = field_table(type(step))
    wanted = [name for name in names or table if name != "kind"]
    for name in sorted(wanted, key=lambda name: name in _FREE_TEXT):
        value = getattr(step, name)
        if value is not None and value is not False:
            yield f"{name} = {_words(value, table[name])}"


_FREE_TEXT = ("text", "instruction")


def _words(value: Any, spec: FieldSpec) -> str:
    if value is True:
        return "yes"
    if isinstance(value, tuple):
        return ", ".join(_words(item, spec) for item in value)
    if isinstance(value, float):
        return f"{value:.12g}" + (f" {spec.unit}" if spec.unit else "")
    return " // ".join(str(value).strip().split("\n"))


def read_event(paragraph: str) -> tuple[Event, bool] | None:
    """Understand a paragraph of :func:`event_paragraph`; ``None`` if it is something else.

    Returns
    -------
    event : Contrast, Pause or Reformat
    after : bool
        Whether it comes after the series that carries the note.
    """
    if not (match := _PARAGRAPH.match(paragraph)):
        return None
    model = _LEADS[match[1]]
    try:
        return model(**_heard(match[3] or "", model)), match[2] == "after"
    except ValueError:  # of pydantic too
        return None


def read_fields(paragraph: str) -> dict[str, Any]:
    """Fields that a paragraph of :func:`series_paragraph` says."""
    lead, _, rest = paragraph.partition(": ")
    if lead != _SERIES:
        return {}
    try:
        return _heard(rest, Acquisition)
    except ValueError:
        return {}


def _heard(text: str, model: type[Event | Acquisition]) -> dict[str, Any]:
    table, found = field_table(model), {}
    while text:
        name, equals, rest = text.partition(" = ")
        if not equals or name not in table:
            raise ValueError(name)
        value, _, text = (rest, "", "") if name in _FREE_TEXT else rest.partition("; ")
        found[name] = _value(value, table[name])
    return found


def _value(text: str, spec: FieldSpec) -> Any:
    if spec.type is bool:
        return text == "yes"
    if spec.shape != "scalar":
        return tuple(_entry(part, spec) for part in text.split(", "))
    return _entry(text, spec)


def _entry(text: str, spec: FieldSpec) -> Any:
    if spec.type is float:
        return None if text == "None" else float(text.removesuffix(f" {spec.unit}"))
    return text.replace(" // ", "\n") if spec.name in _FREE_TEXT else text


class _Paragraphs(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._open: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "p":
            self._open = []

    def handle_endtag(self, tag: str) -> None:
        if tag == "p" and self._open is not None:
            self.found.append(" ".join("".join(self._open).split()))
            self._open = None

    def handle_data(self, data: str) -> None:
        if self._open is not None:
            self._open.append(data)


def paragraphs(data: bytes, path: str) -> list[str]:
    """Paragraphs of a note, white space collapsed, if it is one of ours; foreign notes give none.

    Raises UnusableInput if the note is too large, or holds script or other active content.
    """
    if len(data) > MAX_BYTES:
        raise UnusableInput(path, f"a note of {len(data)} bytes")
    if active := _ACTIVE.search(data):
        place = f"byte {active.start()}"
        raise UnusableInput(path, "a note with active content; notes hold plain text", place)
    if b"series" not in data:
        return []
    parser = _Paragraphs()
    parser.feed(data.decode("utf-8", errors="replace"))
    parser.close()
    return [text for text in parser.found if text]


def has_pictures(data: bytes) -> bool:
    """Whether a note embeds pictures, which may show patient data."""
    return b"<img" in data.lower()
