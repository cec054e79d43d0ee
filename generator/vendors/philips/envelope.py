"""The text of an ``.ExamCard``: cut from the file, its objects found by id, nothing parsed twice.

The file is one SOAP envelope, an object an element, every object with an id. What stands behind the closing
tag (exports out of DICOM carry zeros there) is no part of the card. There is no XML parser here: the format
needs elements, attributes and character references only, so document types, entities, comments and
processing instructions are refused outright.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from generator.errors import UnusableInput

OPENING = "<SOAP-ENV:Envelope"
CLOSING = "</SOAP-ENV:Envelope>"
_MAX_ENVELOPE = 64 << 20
_MAX_TAIL = 64 << 20
_CHUNK = 4 << 20
_MAX_OBJECTS = 500_000

_BODY = re.compile(r"\s*<SOAP-ENV:Envelope\b([^<>]*)>\s*<SOAP-ENV:Body(?:\s[^<>]*)?>")
_OBJECT = re.compile(r'\s*<((?:[\w.-]+:)([\w.+-]+)) id="ref-(\d+)"([^<>]*?)(/?)>')
_END = re.compile(r"\s*</SOAP-ENV:Body>\s*</SOAP-ENV:Envelope>\Z")
_STRING = re.compile(r'<([\w.+-]+) id="ref-(\d+)">([^<]*)</\1>')
_FIELD = re.compile(r"<([\w.+-]+)((?:\s[^<>]*?)?)(?:/>|>([^<]*)</\1>)")
_REFERENCE = re.compile(r'href="#ref-(\d+)"')
_ENTITY = re.compile(r"&([^;<&\s]{1,12});|&")
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}


class Found(NamedTuple):
    """One object of the envelope: where it is, not yet taken apart."""

    tag: str
    name: str
    attributes: str
    at: int
    end: int


class Field(NamedTuple):
    """One member of an object as it stands in the text."""

    attributes: str
    text: str

    @property
    def reference(self) -> int | None:
        """The id the member points to."""
        found = _REFERENCE.search(self.attributes)
        return int(found[1]) if found else None

    @property
    def is_null(self) -> bool:
        """Whether the member is written as null."""
        return "xsi:null" in self.attributes


@dataclass(slots=True)
class Envelope:
    """The objects of a card by id, in document order.

    Attributes
    ----------
    text : str
        From the opening to the closing tag of the envelope.
    tail : bytes
        What the file holds behind it, empty if it was not asked for.
    tail_size : int
        Number of bytes behind the envelope in the file.
    """

    path: Path
    text: str
    tail: bytes
    tail_size: int
    objects: dict[int, Found] = field(default_factory=dict)
    _strings: dict[int, str] | None = None

    def fail(self, message: str, at: int | None = None) -> UnusableInput:
        """Make the error for a place in the text."""
        where = None if at is None else f"line {self.text.count(chr(10), 0, at) + 1}"
        return UnusableInput(self.path, message, where)

    def fields(self, number: int) -> dict[str, Field]:
        """Return the members of an object by name; ``item`` of arrays is not for this.

        Raises
        ------
        UnusableInput
            If there is no object of this id.
        """
        body = self.body(self.get(number))
        return {name: Field(attributes, text) for name, attributes, text in _FIELD.findall(body)}

    def items(self, number: int) -> list[int | None]:
        """Return the ids that the items of an array point to, ``None`` for null items."""
        body = self.body(self.get(number))
        return [Field(a, t).reference for name, a, t in _FIELD.findall(body) if name == "item"]

    def body(self, found: Found) -> str:
        """Return the text between the tags of an object."""
        return self.text[found.at : found.end]

    def get(self, number: int) -> Found:
        """Return an object by id."""
        try:
            return self.objects[number]
        except KeyError:
            at = self.text.find(f'href="#ref-{number}"')
            raise self.fail(f"no object has the id ref-{number}", max(at, 0)) from None

    def string(self, member: Field | None) -> str | None:
        """Return the text of a member, followed to where a shared string was first written."""
        if member is None or member.is_null:
            return None
        number = member.reference
        if number is None:
            return unescape(member.text)
        if self._strings is None:
            self._strings = {int(i): text for _, i, text in _STRING.findall(self.text)}
        if number not in self._strings:
            raise self.fail(f"no text has the id ref-{number}", self.text.find(f'href="#ref-{number}"'))
        return unescape(self._strings[number])


def unescape(text: str) -> str:
    """Resolve character references and the five named entities; others stay as they are."""
    if "&" not in text:
        return text

    def one(match: re.Match[str]) -> str:
        word = match[1] or ""
        if word.startswith("#"):
            try:
                return chr(int(word[2:], 16) if word[1:2] in "xX" else int(word[1:]))
            except (ValueError, OverflowError):
                return match[0]
        return _NAMED.get(word, match[0])

    return _ENTITY.sub(one, text)


def escape(text: str) -> str:
    """Escape a text as the .NET SOAP writer does: decimal character references."""
    return re.sub(r"[&<>\"']", lambda match: f"&#{ord(match[0])};", text)


def load(path: Path, keep_tail: bool = False) -> Envelope:
    """Read the envelope of a file and index its objects.

    Parameters
    ----------
    path : Path
    keep_tail : bool
        Whether to keep the bytes behind the envelope (for writing the file again).

    Raises
    ------
    UnusableInput
        With the line or byte: no envelope, a document type or entity, text between objects, an object
        without its closing tag, two objects with one id, a size beyond the limits.
    """
    raw, tail, tail_size = _cut(path, keep_tail)
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UnusableInput(path, "the text is not UTF-8", f"byte {error.start}") from error
    return parse(path, text, tail, tail_size)


def parse(path: Path, text: str, tail: bytes = b"\r\n", tail_size: int = 2) -> Envelope:
    """Index the objects of a text that is one envelope. Raises UnusableInput as :func:`load`."""
    envelope = Envelope(path, text, tail, tail_size)
    for number, found in _objects(envelope):
        if number in envelope.objects:
            raise envelope.fail(f"two objects have the id ref-{number}", found.at)
        envelope.objects[number] = found
    if not envelope.objects:
        raise envelope.fail("the envelope holds no object", 0)
    return envelope


def _cut(path: Path, keep_tail: bool) -> tuple[bytes, bytes, int]:
    """Read up to the closing tag and, if asked, what is behind it."""
    closing = CLOSING.encode()
    try:
        with path.open("rb") as stream:
            size = stream.seek(0, 2)
            stream.seek(0)
            head = stream.read(_CHUNK)
            if OPENING.encode() not in head[:4096]:
                raise UnusableInput(path, "not an ExamCard: it does not begin with a SOAP envelope", "byte 0")
            found = head.find(closing)
            while found < 0:
                more = stream.read(_CHUNK)
                if not more:
                    raise UnusableInput(path, f"the file ends before {CLOSING}", f"byte {len(head)}")
                found_from = max(0, len(head) - len(closing))
                head += more
                found = head.find(closing, found_from)
                if found < 0 and len(head) > _MAX_ENVELOPE:
                    raise UnusableInput(path, f"no {CLOSING} in the first {_MAX_ENVELOPE >> 20} MiB")
            end = found + len(closing)
            if not keep_tail:
                return head[:end], b"", size - end
            if size - end > _MAX_TAIL:
                raise UnusableInput(path, f"{size - end} bytes behind the envelope", f"byte {end}")
            return head[:end], head[end:] + stream.read(), size - end
    except OSError as error:
        raise UnusableInput(path, error.strerror or str(error)) from error


def _refuse_markup(envelope: Envelope, start: int, end: int) -> None:
    """Refuse what an ExamCard never holds and that could hide or expand text, in one stretch of it."""
    at = envelope.text.find("<!", start, end)
    if at >= 0:
        kind = "document type or entity" if envelope.text[at + 2 : at + 3].isalpha() else "comment or CDATA"
        raise envelope.fail(f"a {kind} has no place in an ExamCard", at)
    at = envelope.text.find("<?", start, end)
    if at >= 0 and not envelope.text.startswith("<?xml ", at):
        raise envelope.fail("a processing instruction has no place in an ExamCard", at)


def _objects(envelope: Envelope) -> Iterator[tuple[int, Found]]:
    text = envelope.text
    start = text.find(OPENING)
    _refuse_markup(envelope, 0, start)
    body = _BODY.match(text, start)
    if body is None:
        raise envelope.fail("the envelope has no Body", start)
    at, count = body.end(), 0
    match = _OBJECT.match
    while (head := match(text, at)) is not None:
        tag, name, number, attributes, closed = head.groups()
        begin = at = head.end()
        end = begin
        if not closed:
            end = _closing(envelope, tag, attributes, begin)
            at = end + len(tag) + 3
        count += 1
        if count > _MAX_OBJECTS:
            raise envelope.fail(f"more than {_MAX_OBJECTS} objects", at)
        yield int(number), Found(tag, name, attributes, begin, end)
    if not _END.match(text, at):
        raise envelope.fail("something else than an object with an id", at)


def _closing(envelope: Envelope, tag: str, attributes: str, begin: int) -> int:
    """Find the end of an object; of base64, the next markup has to be it."""
    text, closing = envelope.text, f"</{tag}>"
    if "SOAP-ENC:base64" in attributes:
        end = text.find("<", begin)
        if not text.startswith(closing, end):
            raise envelope.fail(f"base64 that is not followed by {closing}", begin)
        return end
    end = text.find(closing, begin)
    if end < 0:
        raise envelope.fail(f"<{tag}> is not closed", begin)
    _refuse_markup(envelope, begin, end)
    return end
