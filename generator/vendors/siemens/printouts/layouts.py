"""Layouts of printouts: rows to cards, cards to the values of a step.

PDF: two columns of labels and values, in two forms (VB: List & Label; VD to XA: Fonet). In both, values begin
at one place of each column, titles of cards stand further left than labels, and a step begins with its path,
over the line that begins with its time (``TA:``). Text: cards at the margin, labels indented, values in a
column of their own. XML: VD puts header and cards below the step, XA below each part of it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from generator import limits, paper, xml
from generator.errors import UnusableInput
from generator.paper import Page, Word
from generator.vendors.siemens.printouts.words import LABELS, canonical, fold, number, whole

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element


@dataclass
class Print:
    """The printed values of one step: label (see ``words.fold``) to every value printed under it."""

    name: str
    path: tuple[str, ...]
    header: str
    values: dict[str, list[str]] = field(default_factory=dict)

    def all(self, name: str) -> list[str]:
        """Every value printed for an entry of ``LABELS``."""
        return [v for label in LABELS[name] for v in self.values.get(label, ())]

    def text(self, name: str) -> str | None:
        """The first value printed."""
        return next(iter(self.all(name)), None)

    def word(self, name: str) -> str:
        """The first value printed, in lower case and English; empty if there is none."""
        return canonical(self.text(name))

    def number(self, name: str) -> float | None:
        """The number in the first value printed."""
        return number(self.text(name))

    def positive(self, name: str) -> float | None:
        """The number in the first value printed, if it is not zero."""
        return self.number(name) or None

    def whole(self, name: str) -> int | None:
        """The number in the first value printed, if it is a whole one above zero."""
        return whole(self.number(name))

    def numbered(self, name: str) -> list[float]:
        """Values of ``TE 1``, ``TE 2``, ... in order, or of the label alone."""
        found = [
            self.values[f"{label}{i}"][0]
            for label in LABELS[name]
            for i in range(1, 65)
            if f"{label}{i}" in self.values
        ]
        numbers = [number(text) for text in found or self.all(name)[:1]]
        return [n for n in numbers if n is not None]

    def share(self, name: str) -> float | None:
        """A printed percentage as a fraction."""
        number = self.number(name)
        return None if number is None else round(number / 100, 6)

    def is_on(self, name: str) -> bool | None:
        """On or Off; any other word says nothing."""
        return {"on": True, "off": False}.get(self.word(name))


@dataclass(frozen=True)
class Printed:
    """What a layout found: the titles of the pages and the steps, in printed order."""

    titles: Sequence[str]
    steps: Sequence[Print]
    branched: bool = False


def header_of(full: str, line: str) -> Print:
    """Start a step from the two lines of its head: path, and time with voxel size and so on."""
    parts = [part.strip() for part in full.strip().removesuffix("*").split("\\") if part.strip()]
    # The first part names the tree of the console's database (USER, SIEMENS).
    return Print(parts[-1] if parts else "", tuple(parts[1:-1]), line)


@dataclass
class Cards:
    """Collects rows; a card that goes on in the next column has its title printed again.

    Several cards repeat a parameter, and within one card it repeats for each slice group.
    """

    step: Print
    found: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    card: str = ""
    label: str = ""

    def title(self, text: str) -> None:
        """Begin a card, or go on with it."""
        self.card, self.label = text, ""

    def row(self, label: str, value: str) -> None:
        """Add a parameter; a label that is alone may be a heading, or the second line of the one above."""
        own = self.found.setdefault(self.card, {})
        key = fold(label)
        if value or not self.label:
            own.setdefault(key, []).append(value)
        else:
            own.setdefault(key, [])
            own.setdefault(self.label + key, own[self.label])
        self.label = key if value else ""

    def more(self, value: str) -> None:
        """Go on with the value of the row above."""
        if values := self.found.get(self.card, {}).get(self.label):
            values[-1] = f"{values[-1]} {value}".strip()

    def filled(self) -> Print:
        """The step with label to values, those of the first card that has it."""
        for own in self.found.values():
            for label, found in own.items():
                if found or label not in self.step.values:
                    self.step.values[label] = self.step.values.get(label) or found
        return self.step


_TIME = re.compile(r"\s*TA\s*:")


# --- PDF ------------------------------------------------------------------------------------------------


_FOOT = re.compile(r"-\s*\d+\s*-|\d+\s*/\s*[\d+]+")
_RULE = re.compile(r"[-\s]{10,}")
_TITLE = 1.5  # points by which a title stands further left than the labels


def is_ours(pages: Sequence[Page]) -> bool:
    """Say whether a PDF is a printout: its pages have the scanner as title, and it has paths of a console."""
    texts = [paper.spoken(line) for line in _lines(pages[:5])]
    return any(t.startswith("SIEMENS ") for t in texts) and any(t.startswith("\\\\") for t in texts)


def read_pdf(path: Path) -> Printed:
    """Read a PDF printout. Raises UnusableInput as :func:`generator.paper.pages` does."""
    pages = paper.pages(path)
    columns = [[_column(page, right) for page in pages] for right in (False, True)]
    edges = [_Edges.of(column) for column in columns]
    steps: list[Cards] = []
    for index, page in enumerate(pages):
        head = _head(page)
        if head:
            steps.append(Cards(header_of(*head)))
        if steps:
            for column, edge in zip(columns, edges, strict=True):
                edge.fill(column[index], steps[-1])
    titles = [paper.spoken(lines[0]) for page in pages if (lines := paper.lines(page.words))]
    return Printed(list(dict.fromkeys(titles)), [cards.filled() for cards in steps])


def _lines(pages: Iterable[Page]) -> list[tuple[Word, ...]]:
    return [line for page in pages for line in paper.lines(page.words)]


def _head(page: Page) -> tuple[str, str] | None:
    """Path and line of the time at the top of a page on which a step begins."""
    lines = [paper.spoken(line) for line in paper.lines(page.words)]
    time = next((i for i, text in enumerate(lines) if _TIME.match(text)), None)
    if time is None:
        return None
    start = next((i for i in range(time - 1, -1, -1) if lines[i].startswith("\\\\")), None)
    return ("".join(lines[start:time]), lines[time]) if start is not None else None


def _column(page: Page, right: bool) -> list[tuple[Word, ...]]:
    """Rows of half a page, without head, foot and rules."""
    lines = paper.lines(page.words)
    texts = [paper.spoken(line) for line in lines]
    time = next((i for i, text in enumerate(texts) if _TIME.match(text)), 0)
    foot = len(lines) - 1 if lines and _FOOT.fullmatch(texts[-1]) else len(lines)
    words = [w for line in lines[time + 1 : foot] for w in line if (w.left >= page.width / 2) == right]
    return [line for line in paper.lines(words) if not _RULE.fullmatch(paper.spoken(line))]


class _Edges:
    """Where labels and values of a column begin."""

    def __init__(self, label: float, value: float) -> None:
        self.label, self.value = label, value

    @classmethod
    def of(cls, column: Iterable[Sequence[tuple[Word, ...]]]) -> _Edges:
        """Find the edges: values of all pages begin at one place, labels nowhere further left than titles."""
        rows = [cells for lines in column for line in lines if len(cells := paper.cells(line)) > 1]
        values = Counter(round(cells[1][0].left) for cells in rows)
        labels = Counter(round(cells[0][0].left) for cells in rows)
        often = [left for left, n in labels.items() if n >= max(labels.values()) / 20] if labels else [0]
        return cls(min(often) - 0.5, (values.most_common(1)[0][0] if values else 0) - 1.5)

    def fill(self, lines: Iterable[tuple[Word, ...]], cards: Cards) -> None:
        """Hand the rows of a column over."""
        for line in lines:
            label = paper.spoken([w for w in line if w.left < self.value])
            value = paper.spoken([w for w in line if w.left >= self.value])
            if not label:
                cards.more(value)
            elif not value and line[0].left < self.label - _TITLE + 0.5:
                cards.title(label)
            else:
                cards.row(label, value)


# --- text -----------------------------------------------------------------------------------------------

_ROW = re.compile(r"\s+(?P<label>\S.*?)(?:\s{2,}(?P<value>\S.*))?")
_LINE = re.compile(r"\s*[-=_]{10,}\s*")


def read_text(path: Path) -> Printed:
    """Read a text printout. Raises UnusableInput if it cannot be read or is too large."""
    titles: list[str] = []
    steps: list[Cards] = []
    lines = _decoded(limits.content(path, limits.PRINTOUT_BYTES)).splitlines()
    for before, line in zip(["", *lines], lines, strict=False):
        if line.lstrip().startswith("SIEMENS"):
            titles.append(line.strip())
        elif _TIME.match(line) and before.lstrip().startswith("\\\\"):
            steps.append(Cards(header_of(before.strip(), line.strip())))
        elif steps and line.strip() and not _LINE.fullmatch(line):
            _row(line, steps[-1])
    return Printed(titles, [cards.filled() for cards in steps])


def _row(line: str, cards: Cards) -> None:
    match = _ROW.fullmatch(line.rstrip())
    if match is None:
        cards.title(line.strip())
    elif len(line) - len(line.lstrip()) > 30:
        cards.more(line.strip())
    else:
        cards.row(match["label"], match["value"] or "")


def _decoded(data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


# --- XML ------------------------------------------------------------------------------------------------


def read_xml(path: Path) -> Printed:
    """Read an XML printout. Raises UnusableInput if it is damaged, has a document type, or is no printout."""
    root = xml.parse(limits.content(path, limits.PRINTOUT_BYTES), path)
    if root.tag != "PrintOut":
        raise UnusableInput(path, f"XML, but no printout: the root is <{root.tag!s:.40}>, not <PrintOut>")
    parts = [part for step in root.iter("Protocol") for part in step.findall("SubStep") or [step]]
    steps = [p for p in map(_print, parts) if p is not None]
    branched = any("decision" in str(element.tag) for toc in root.iter("TOC") for element in toc.iter())
    return Printed([element.text or "" for element in root.iter("HeaderTitle")], steps, branched)


def _print(element: Element) -> Print | None:
    header = element.find(".//ProtHeaderInfo")
    if header is None:
        return None
    found = header_of(header.findtext("HeaderProtPath") or "", header.findtext("HeaderProperty") or "")
    if not found.name:
        return None
    for card in element.iter("Card"):
        _add_card(card, found.values)
    return found


def _add_card(card: Element, values: dict[str, list[str]]) -> None:
    """Add a card; several cards repeat a parameter, and within one card it repeats for each slice group."""
    own: dict[str, list[str]] = {}
    for parameter in card.iter("ProtParameter"):
        label = fold(parameter.findtext("Label") or "")
        own.setdefault(label, []).append((parameter.findtext("ValueAndUnit") or "").strip())
    for label, found in own.items():
        values.setdefault(label, found)


READERS: Mapping[str, Callable[[Path], Printed]] = {
    "siemens-printout-xml": read_xml,
    "siemens-printout-pdf": read_pdf,
    "siemens-printout-text": read_text,
}
