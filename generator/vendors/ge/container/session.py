"""``session.xml``: name of the protocol, order, names and scan times of its series.

It is written by replacing single attribute values in
the text, so that everything a patch does not speak of keeps its bytes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple
from xml.sax.saxutils import escape, unescape

from generator import limits, xml
from generator.errors import UnusableInput

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

NAMESPACE = "http://wf.di.med.ge.com/2006/session"
SCANNING_TASK = "gemriwfm.components.task.LxScanningTask"
NETWORK_TASK = "com.ge.med.di.wf.service.WfAutoNetworkTask"
MAX_BYTES = limits.SESSION_BYTES
CONTENT = "CONTENT_PROPERTY"
"""Property of a series that names its directory."""
_N = f"{{{NAMESPACE}}}"
_DATA, _TASK, _PROPERTY = _N + "data", _N + "task", _N + "property"


class Task(NamedTuple):
    """One series as session.xml describes it.

    Attributes
    ----------
    name : str
        The series description.
    folder : str
        Directory that holds its LxProtocol.
    scan_time : float or None
        Seconds; ``None`` if the series has never been prescribed.
    """

    name: str
    folder: str
    scan_time: float | None


@dataclass(frozen=True, slots=True)
class Session:
    """What session.xml holds of a protocol."""

    name: str
    meta: Mapping[str, str]
    scanner: Mapping[str, str]
    tasks: tuple[Task, ...]

    @property
    def entry(self) -> tuple[str, str]:
        """How the patient enters and lies."""
        return self.scanner.get("entry", ""), self.scanner.get("position", "")


def read(data: bytes, path: str) -> Session:
    """Read a session.

    Raises UnusableInput with the line, for XML that is damaged, hostile (DOCTYPE, entities) or no session of
    GE.
    """
    if len(data) > MAX_BYTES:
        raise UnusableInput(path, f"a session of {len(data)} bytes")
    root = xml.parse(data, path)
    if root.tag != _N + "session":
        raise UnusableInput(path, f"no GE session: its root is {root.tag!r}")
    blocks = {block.get("name"): _properties(block) for block in root.iterfind(_DATA)}
    tasks = tuple(_task(task, path) for task in root.iter(_TASK) if task.get("type") == SCANNING_TASK)
    return Session(root.get("name", ""), blocks.get("MetaData", {}), blocks.get("MRSessionData", {}), tasks)


def _properties(element: Element) -> dict[str, str]:
    return {p.get("name", ""): p.get("value", "") for p in element.iterfind(_PROPERTY)}


def _property(element: Element, name: str) -> str:
    for entry in element.iterfind(_PROPERTY):
        if entry.get("name") == name:
            return str(entry.get("value", ""))
    return ""


def _task(element: Element, path: str) -> Task:
    name, folder = element.get("name", ""), ""
    for block in element.iterfind(_DATA):
        if block.get("name") == "LxProtocol":
            folder = _property(block, CONTENT)
            break
    if not folder or "/" in folder or folder in (".", ".."):
        where = f"line {xml.line(element)}"
        raise UnusableInput(path, f"series {name!r} points to no directory of its own", where)
    time = _property(element, "scanTime")
    return Task(name, folder, int(time) / 1000 if time.isdecimal() and len(time) < 12 else None)


def split_pairs(text: str) -> dict[str, str]:
    """Take apart a ``NAME:value;`` list."""
    return dict(part.split(":", 1) for part in text.split(";") if ":" in part)


def join_pairs(pairs: Mapping[str, str]) -> str:
    """Write a ``NAME:value;`` list."""
    return "".join(f"{name}:{value};" for name, value in pairs.items())


# --- patching the text ------------------------------------------------------------------------------

_MARKUP = re.compile(
    r"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>|<(?P<close>/?)(?P<tag>[^\s/>!?]+)"
    r"(?P<attributes>(?:\s+[^\s=/>]+\s*=\s*(?:\"[^\"]*\"|'[^']*'))*)\s*(?P<empty>/?)>",
    re.DOTALL,
)
_ATTRIBUTE = re.compile(r"([^\s=]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_QUOTES = {'"': "&quot;", "\n": "&#10;", "\t": "&#9;"}


@dataclass(frozen=True, slots=True)
class Parts:
    """The text of a session around and of its tasks; all of it joined in order is the same text.

    Attributes
    ----------
    pieces : tuple of (str, str)
        For each task the text between it and the one before (empty, or properties of the session that some
        consoles put there), and the task itself with its indentation.
    """

    head: str
    pieces: tuple[tuple[str, str], ...]
    tail: str

    @property
    def tasks(self) -> tuple[str, ...]:
        """Text of each task."""
        return tuple(task for _, task in self.pieces)

    @property
    def between(self) -> str:
        """What there is between tasks and belongs to none."""
        return "".join(lead for lead, _ in self.pieces)


def split(data: bytes, path: str = "session.xml") -> Parts:
    """Cut a session into the text before, of and after its series; joined, it is the same text.

    Raises UnusableInput if it is in another encoding than consoles write, which cannot be patched.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UnusableInput(path, "not UTF-8, so it cannot be patched", f"byte {error.start}") from None
    spans = [(start, end) for start, end, depth, tag in _elements(text) if depth == 1 and tag == "task"]
    if not spans:
        return Parts(text, (), "")
    places = [(start - _indent(text[:start]), end) for start, end in spans]
    begins = [places[0][0], *(end for _, end in places)]
    pieces = [
        (text[begin:start], text[start:end]) for begin, (start, end) in zip(begins, places, strict=False)
    ]
    return Parts(text[: begins[0]], tuple(pieces), text[begins[-1] :])


def _indent(before: str) -> int:
    """Length of the line end and blanks at the end of a text."""
    blank = before.rstrip(" \t")
    return len(before) - len(blank) + (1 if blank.endswith("\n") else 0)


def _elements(text: str) -> Iterator[tuple[int, int, int, str]]:
    """Start, end, depth (root = 0) and local name of every element, inner ones first."""
    stack: list[tuple[int, str]] = []
    for match in _MARKUP.finditer(text):
        tag = match["tag"]
        if tag is None:
            continue
        local = tag.rpartition(":")[2]
        if match["close"]:
            start, _ = stack.pop()
            yield start, match.end(), len(stack), local
        elif match["empty"]:
            yield match.start(), match.end(), len(stack), local
        else:
            stack.append((match.start(), local))


def folder_of(markup: str) -> str:
    """Directory that the text of a task points to; empty if it is no series."""
    found = next(_properties_named(markup, CONTENT), None) if is_scanning(markup) else None
    return attributes_of(found[0]).get("value", "") if found else ""


def is_scanning(markup: str) -> bool:
    """Whether the text of a task is a series and no post-processing."""
    tags = (match[0] for match in _MARKUP.finditer(markup) if match["tag"])
    return attributes_of(next(tags, "")).get("type") == SCANNING_TASK


def attributes_of(markup: str) -> dict[str, str]:
    """Attributes of one start tag, references resolved."""
    pairs = _ATTRIBUTE.findall(markup)
    return {
        name: unescape(double or single, {"&quot;": '"', "&apos;": "'"}) for name, double, single in pairs
    }


def with_attribute(markup: str, name: str, value: str) -> str:
    """Replace one attribute value inside a start tag."""
    safe = escape(value, _QUOTES)
    pattern = re.compile(rf"(\s{re.escape(name)}\s*=\s*)(?:\"[^\"]*\"|'[^']*')")
    return pattern.sub(lambda match: f'{match[1]}"{safe}"', markup, count=1)


def rename(text: str, tag: str, value: str) -> str:
    """Give the first element of a name another ``name`` attribute."""
    for match in _MARKUP.finditer(text):
        if match["tag"] and not match["close"] and match["tag"].rpartition(":")[2] == tag:
            return text[: match.start()] + with_attribute(match[0], "name", value) + text[match.end() :]
    return text


def map_property(text: str, name: str, change: Callable[[str], str]) -> str:
    """Rewrite the value of every property of a name."""
    for match in reversed(list(_properties_named(text, name))):
        old = attributes_of(match[0]).get("value", "")
        new = change(old)
        if new != old:
            text = text[: match.start()] + with_attribute(match[0], "value", new) + text[match.end() :]
    return text


def set_property(text: str, name: str, value: str) -> str:
    """Give every property of a name one value."""
    return map_property(text, name, lambda _: value)


def _properties_named(text: str, name: str) -> Iterator[re.Match[str]]:
    for match in _MARKUP.finditer(text):
        local = (match["tag"] or "").rpartition(":")[2]
        if local == "property" and not match["close"] and attributes_of(match[0]).get("name") == name:
            yield match


def set_scan_time(text: str, time: int | None) -> str:
    """Set the scan time (ms) of a task; ``None`` takes it out with its line."""
    found = list(_properties_named(text, "scanTime"))
    if found and time is not None:
        return map_property(text, "scanTime", lambda _: str(time))
    if found:
        start, end = found[0].span()
        return text[:start].rstrip(" \t\r\n") + text[end:]
    if time is None:
        return text
    cut = text.rindex("</")
    lead = text[text.rindex("\n", 0, cut) : cut]
    mark = f'{lead}  <ses:property name="scanTime" value="{time}" xmlns:ses="{NAMESPACE}"/>'
    return text[: cut - len(lead)] + mark + text[cut - len(lead) :]


def without_elements(text: str, kind: str) -> str:
    """Take out the elements whose ``type`` attribute is of a kind, with their lines."""
    kept, at = "", 0
    for start, end, _, _ in sorted(_elements(text)):
        opening = _MARKUP.match(text, start)
        if start >= at and opening and attributes_of(opening[0]).get("type") == kind:
            kept += text[at:start].rstrip(" \t\r\n")
            at = end
    return kept + text[at:]
