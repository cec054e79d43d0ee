"""The entry sheet as a document, each thing once for paper, XML and CSV; and its XML as a tree.

The XML is read so that no input can do harm, and held against its schema.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from generator import limits, resources, xml
from generator.errors import UnusableInput
from generator.model.fields import field_table
from generator.model.spoken import along, word
from generator.model.tree import Node
from generator.vendors.canon import facts
from generator.vendors.canon.facts import EXTRA, OFF, Proof

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from lxml.etree import XMLSchema


Flag = Literal[
    "as-is",
    "converted",
    "rounded",
    "approximated",
    "unsupported",
    "choose",
    "control",
    "information",
    "off",
]

FLAGS: dict[Flag, str] = {
    "as-is": "entered as the spec states it",
    "converted": "the same value in Canon's unit, order or view",
    "rounded": "rounded to the digits that Canon shows",
    "approximated": "near to what the spec asks, or a name that is only assumed",
    "unsupported": "asked by the spec; no entry of a Canon console is known for it",
    "choose": "to be chosen at the console",
    "control": "follows from other entries: compare after entry",
    "information": "for the radiographer, not entered",
    "off": "asks nothing of the console",
}


@dataclass(frozen=True, slots=True)
class Source:
    """One field of the neutral tree as the spec states it: a text, or a list of texts (``None`` = open).

    Attributes
    ----------
    listed : bool
        Whether the texts are words of a closed list.
    """

    field: str
    unit: str
    text: str | None = None
    items: tuple[str | None, ...] | None = None
    axes: bool = False
    listed: bool = False

    @property
    def shown(self) -> str:
        """The value for people, with its unit."""
        values = (self.text,) if self.items is None else self.items
        said = ["?" if value is None else word(value) if self.listed else value for value in values]
        return f"{(' x ' if self.axes else ', ').join(said)} {self.unit}".rstrip()


def source_of(node: Node, name: str) -> Source | None:
    """Return a field of a node of the tree as a source, or ``None`` if it states nothing."""
    value = getattr(node, name)
    if value is None or value == ():
        return None
    known = field_table(type(node))[name]
    if isinstance(value, tuple):
        items = tuple(None if one is None else plain(one) for one in value)
        axes = known.shape == "fixed"
        return Source(name, known.unit or "", items=items, axes=axes, listed=bool(known.choices))
    return Source(name, known.unit or "", plain(value), listed=bool(known.choices))


def sources_of(node: Node, names: Iterable[str]) -> tuple[Source, ...]:
    """Return the stated ones of several fields."""
    found = (source_of(node, name) for name in names)
    return tuple(source for source in found if source is not None)


def plain(value: Any) -> str:
    """Write one value so that reading it gives the same value."""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    return text.removesuffix(".0") if isinstance(value, float) else text


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the sheet: Canon's label, what to enter, and what the spec says of it."""

    id: str
    section: str
    label: str
    value: str
    unit: str
    flag: Flag
    proof: Proof
    hint: str = ""
    note: str = ""
    element: str | None = None
    sources: tuple[Source, ...] = ()

    @property
    def printed(self) -> str:
        """The value on paper: Canon's word for it, or where there is none, the one of the field."""
        if self.id == "plane-reference":
            return along(self.value)
        worded = self.section == EXTRA and len(self.sources) == 1 and self.sources[0].listed
        return self.sources[0].shown if worded else self.value

    @property
    def beside(self) -> str:
        """The neutral value, where the entry does not show it unchanged."""
        if self.flag in ("as-is", "control") or (
            self.value and self.flag in ("information", "unsupported", "off")
        ):
            return ""
        spec = "; ".join(source.shown for source in self.sources)
        return "" if spec == f"{self.value} {self.unit}".rstrip() else spec

    @property
    def remark(self) -> str:
        """What is to be known beside the value."""
        return "; ".join(filter(None, (self.hint, self.note)))

    @property
    def unit_shown(self) -> bool:
        """Whether the unit belongs behind the value: not behind the word ``off``."""
        return bool(self.unit) and self.value != OFF

    @property
    def doubt(self) -> str:
        """Mark of an entry whose label or name is to be confirmed; what is off or compared needs none."""
        if self.section == EXTRA or self.value == OFF or self.flag == "control":
            return ""
        return {"V": "", "L": "name?", "A": "label?"}[self.proof]


@dataclass(frozen=True, slots=True)
class Box:
    """A step that is not a scan: contrast, pause or reformat."""

    kind: str
    title: str
    lines: tuple[str, ...]
    optional: bool
    start: float | None
    seconds: float | None
    sources: tuple[Source, ...]


@dataclass(frozen=True, eq=False)
class Lines:
    """What the sheet says of a scan wherever it stands; one object for all sheets that hold the scan."""

    entries: tuple[Entry, ...]
    extras: tuple[Entry, ...]

    def sections(self) -> list[tuple[str, list[Entry]]]:
        """Group the entries under their headings, in the order of entry."""
        groups: dict[str, list[Entry]] = {}
        for entry in self.entries:
            groups.setdefault(entry.section, []).append(entry)
        return list(groups.items())

    @property
    def beyond(self) -> list[Entry]:
        """Extras that ask something of the radiographer, also where a value is only a little off."""
        return [entry for entry in self.extras if entry.flag not in ("off", "information")]

    @cached_property
    def information(self) -> dict[str, str]:
        """Extras that inform the radiographer, by id."""
        return {entry.id: entry.printed for entry in self.extras if entry.flag == "information"}


@dataclass(frozen=True, slots=True)
class ScanLines:
    """One scan of the sheet."""

    number: int
    name: str
    sequence: str
    optional: bool
    start: float | None
    seconds: float | None
    stated: bool
    written: Lines

    kind: Literal["acquisition"] = "acquisition"

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Entries of the console, in the order of entry."""
        return self.written.entries

    @property
    def extras(self) -> tuple[Entry, ...]:
        """What has no entry there."""
        return self.written.extras

    def lines(self) -> Iterator[tuple[str, str, str]]:
        """Yield id, value and flag of every line."""
        yield from ((one.id, one.value, one.flag) for one in (*self.entries, *self.extras))


@dataclass(frozen=True, slots=True)
class Page:
    """One printed page: a scan and the steps around it."""

    before: tuple[Box, ...]
    scan: ScanLines | None
    after: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The whole document."""

    title: str
    pas: str
    target: tuple[tuple[str, str], ...]
    scanner: str
    label: str
    warnings: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    sources: tuple[Source, ...]
    situation: tuple[Source, ...]
    steps: tuple[ScanLines | Box, ...]
    total: float | None
    optional_total: float | None
    losses: int = 0

    @property
    def scans(self) -> tuple[ScanLines, ...]:
        """The scans alone."""
        return tuple(step for step in self.steps if isinstance(step, ScanLines))

    def pages(self) -> list[Page]:
        """Lay the steps out: one page a scan, in exam order.

        A reformat right after its scan is printed below it; everything else above the scan that follows.
        """
        pages: list[Page] = []
        waiting: list[Box] = []
        for step in self.steps:
            if isinstance(step, ScanLines):
                pages.append(Page(tuple(waiting), step, ()))
                waiting = []
            elif step.kind == "reformat" and not waiting and pages:
                pages[-1] = _with_after(pages[-1], [step])
            else:
                waiting.append(step)
        if waiting:
            pages = (
                [*pages[:-1], _with_after(pages[-1], waiting)] if pages else [Page(tuple(waiting), None, ())]
            )
        return pages


def _with_after(page: Page, boxes: Sequence[Box]) -> Page:
    return Page(page.before, page.scan, (*page.after, *boxes))


MAX_BYTES = limits.SHEET_BYTES
"""A sheet of a hundred scans has half a megabyte."""

_FAMILY = facts.NAMESPACE.rpartition(":")[0]
_IN_NAMESPACE = re.compile(r"\{[^}]*\}")


def is_sheet(path: Path, head: bytes) -> bool:
    """Say whether a file, or the file of an exported folder, is an entry sheet of ours."""
    if path.is_dir():
        return (path / facts.XML_NAME).is_file()
    return _FAMILY.encode() in head and b"<sheet" in head


@cache
def schema() -> bytes:
    """Return the XML Schema of the sheet, as shipped."""
    return resources.templates("vendors", "canon", facts.XSD_NAME).read_bytes()


def load(path: Path) -> tuple[Path, Element]:
    """Read a sheet and hold it against the schema.

    Parameters
    ----------
    path : Path
        The XML file, or the folder of the export.

    Returns
    -------
    Path, element
        The file that was read, and its root.

    Raises
    ------
    UnusableInput
        With the line, if the file is not well-formed, not a sheet, or not valid.
    """
    file = path / facts.XML_NAME if path.is_dir() else path
    content = _bytes(file)
    root = parse(file, content)
    name, namespace = root.tag.rpartition("}")[2], root.tag.rpartition("}")[0][1:]
    if namespace != facts.NAMESPACE or name != "sheet":
        known = namespace.rpartition(":")[0] == _FAMILY
        reason = "made by another version of this program" if known else "not a Canon entry sheet"
        raise UnusableInput(file, f"{reason}: its root is <{name}> of {namespace or 'no namespace'!r}")
    _validate(file, content)
    return file, root


def _bytes(file: Path) -> bytes:
    content = limits.head(file, MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise UnusableInput(file, f"larger than {MAX_BYTES // 2**20} MB: not an entry sheet")
    return content


def parse(path: Path, content: bytes, where: str | None = None) -> Element:
    """Parse UTF-8 XML; see :func:`generator.xml.parse`."""
    return xml.parse(content, path, where, encoding="utf-8")


@cache
def _schema() -> XMLSchema:
    from lxml import etree

    return etree.XMLSchema(etree.fromstring(schema()))


def _validate(path: Path, content: bytes) -> None:
    """Hold a sheet against its schema where lxml is installed; nothing else here can."""
    try:
        from lxml import etree
    except ImportError:
        return
    try:
        root = etree.fromstring(content, etree.XMLParser(encoding="utf-8", resolve_entities=False))
    except etree.XMLSyntaxError as error:  # what expat takes, such as another version of XML
        raise UnusableInput(path, f"damaged XML: {error.msg}", f"line {error.lineno or 1}") from error
    validator: Any = _schema()
    if validator.validate(root):
        return
    first, *others = validator.error_log
    more = f" (and {len(others)} more)" if others else ""
    raise UnusableInput(path, _IN_NAMESPACE.sub("", first.message) + more, f"line {first.line}")
