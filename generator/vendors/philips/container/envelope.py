"""The text of an ``.ExamCard``: cut from the file, its objects found by id, nothing parsed twice.

The file is one SOAP envelope, an object an element, every object with an id. What follows the closing
tag (exports out of DICOM carry zeros there) is no part of the card. There is no XML parser here: the format
needs elements, attributes and character references only, so document types, entities, comments and
processing instructions are refused outright.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, NamedTuple

from pydantic_core import SchemaSerializer, core_schema

from generator import limits
from generator.errors import UnusableInput, shortened

OPENING = "<SOAP-ENV:Envelope"
CLOSING = "</SOAP-ENV:Envelope>"
CLOSING_BYTES = CLOSING.encode()
_MAX_ENVELOPE = limits.CARD_BYTES
_MAX_TAIL = limits.CARD_BYTES
_CHUNK = 4 << 20


def cut(path: Path, keep_tail: bool) -> tuple[bytes, int, int]:
    """Read up to the closing tag and, if asked, to the end of the file.

    Returns
    -------
    tuple of bytes, int, int
        What was read, where the envelope ends in it, and the size of the file.

    Raises
    ------
    UnusableInput
        If there is no envelope or no end of it within the limits, or the file cannot be read.
    """
    try:
        with path.open("rb") as stream:
            size = stream.seek(0, 2)
            stream.seek(0)
            head = stream.read(min(size, _CHUNK))
            if head.startswith(_UTF16):
                head, size = _as_utf8(path, head + stream.read(_MAX_ENVELOPE))
            if OPENING.encode() not in head[:4096]:
                raise UnusableInput(path, "not an ExamCard: it does not begin with a SOAP envelope", "byte 0")
            head, end = _up_to_the_end(path, stream, head)
            if keep_tail and size - end > _MAX_TAIL:
                raise UnusableInput(path, f"{size - end} bytes after the envelope", f"byte {end}")
            return head + stream.read() if keep_tail else head, end, size
    except OSError as error:
        raise UnusableInput(path, error.strerror or str(error)) from error


_UTF16 = codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE


def _as_utf8(path: Path, data: bytes) -> tuple[bytes, int]:
    """A card that an editor saved in UTF-16, as a console would have written it; and its size."""
    try:
        text = data.decode("utf-16").encode()
    except UnicodeError as error:
        raise UnusableInput(path, f"damaged UTF-16: {shortened(error)}", "byte 0") from error
    return text, len(text)


def _up_to_the_end(path: Path, stream: BinaryIO, head: bytes) -> tuple[bytes, int]:
    # From the end: so the long text before it is not searched.
    found = head.rfind(CLOSING_BYTES)
    while found < 0:
        if len(head) > _MAX_ENVELOPE:
            raise UnusableInput(path, f"no {CLOSING} in the first {_MAX_ENVELOPE >> 20} MiB")
        more = stream.read(_CHUNK)
        if not more:
            raise UnusableInput(path, f"the file ends before {CLOSING}", f"byte {len(head)}")
        searched = max(0, len(head) - len(CLOSING_BYTES))
        head += more
        found = head.find(CLOSING_BYTES, searched)
    return head, found + len(CLOSING_BYTES)


_BASE64 = b'xsi:type="SOAP-ENC:base64">'
_HEAD = re.compile(
    r"\ufeff?\s*(?:<\?xml [^<>]*\?>\s*)?<SOAP-ENV:Envelope\b[^<>]*>\s*<SOAP-ENV:Body(?:\s[^<>]*)?>\s*\Z"
)
_FOOT = re.compile(r"\s*</SOAP-ENV:Envelope>\s*\Z")
_FOOT_START = "</SOAP-ENV:Body>"

# Possessive: the many tags of members, which have no prefix, are given up at once.
_OBJECT = re.compile(r'<([A-Za-z0-9_.-]++:[A-Za-z0-9_.+-]++) id="ref-([0-9]{1,9}+)"([^<>]*+)>')
_FIELD = re.compile(r"<(\w+)([^<>]*)>([^<]*)")
_REFERENCE = re.compile(r'href="#ref-(\d{1,9})"')
_ENTITY = re.compile(r"&([^;<&\s]{1,12});|&")
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}


class Found(NamedTuple):
    """One object of the envelope: what its tag says and the text between its tags, not yet taken apart."""

    number: int
    tag: str
    attributes: str
    body: str

    @property
    def name(self) -> str:
        """Class, or ``Array``."""
        return self.tag.partition(":")[2]

    @property
    def is_base64(self) -> bool:
        """Whether it is a byte array; its body then is the base64 text."""
        return "SOAP-ENC:base64" in self.attributes


# One member of an object as written: its attributes and its text.
Field = tuple[str, str]


def reference(member: Field | None) -> int | None:
    """Return the id a member points to, ``None`` if it holds a value or is not there."""
    found = _REFERENCE.search(member[0]) if member and member[0] else None
    return int(found[1]) if found else None


def is_null(member: Field) -> bool:
    """Whether a member is written as null."""
    return "xsi:null" in member[0]


def field_of(body: str, name: str) -> Field | None:
    """Return one member of an object as written, the last of its name; ``None`` if there is none."""
    at = body.rfind(f"<{name}")
    while at >= 0:
        begin, end = at + 1 + len(name), body.find(">", at)
        attributes = body[begin:end]
        if end >= 0 and "<" not in attributes and not (attributes[:1].isalnum() or attributes[:1] == "_"):
            text_end = body.find("<", end)
            return attributes, body[end + 1 : text_end if text_end >= 0 else None]
        at = body.rfind(f"<{name}", 0, at)
    return None


class Members(Mapping[str, str]):
    """The members of an object that hold a value, as text; taken apart when asked for."""

    __slots__ = ("_body", "_texts")

    def __init__(self, body: str = "") -> None:
        self._body = body
        self._texts: dict[str, str] | None = None

    def field(self, name: str) -> Field | None:
        """Return one member as written, whatever it holds; the others stay as they are."""
        return field_of(self._body, name)

    def _all(self) -> dict[str, str]:
        if self._texts is None:
            held = {name: (attributes, text) for name, attributes, text in _FIELD.findall(self._body)}
            self._texts = {
                name: unescape(member[1])
                for name, member in held.items()
                if "href=" not in member[0] and not is_null(member)
            }
        return self._texts

    def __getitem__(self, name: str) -> str:
        return self._all()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    __pydantic_serializer__ = SchemaSerializer(
        core_schema.any_schema(serialization=core_schema.plain_serializer_function_ser_schema(dict))
    )


@dataclass(slots=True)
class Envelope:
    """The objects of a card by id, in document order.

    Attributes
    ----------
    raw : bytes
        What was read of the file; the envelope is its part up to ``end``.
    size : int
        Bytes of the file.
    objects : dict
        Id to tag, attributes and text up to the next object.
    blobs : list of (int, int)
        Where each base64 text is in ``raw``.
    markup : str
        The envelope without its base64 texts.
    """

    path: Path
    raw: bytes
    end: int
    size: int
    objects: dict[int, tuple[str, str, str]] = field(default_factory=dict)
    blobs: list[tuple[int, int]] = field(default_factory=list)
    markup: str = ""
    _strings: dict[int, str] = field(default_factory=dict)

    @property
    def content(self) -> bytes:
        """The envelope as it is in the file, from the first byte to the closing tag."""
        return self.raw[: self.end]

    @property
    def tail(self) -> bytes:
        """What follows the envelope, as far as it was read."""
        return self.raw[self.end :]

    @property
    def tail_size(self) -> int:
        """Number of bytes after the envelope in the file."""
        return self.size - self.end

    @property
    def text(self) -> str:
        """The envelope as text."""
        return self.content.decode("utf-8", "replace")

    def fail(self, message: str, number: int | None = None, offset: int = 0) -> UnusableInput:
        """Make the error for a place: an object by its id, ``offset`` characters into its body."""
        at = -1 if number is None else self.text.find(f' id="ref-{number}"')
        where = None if at < 0 else f"line {self.text.count(chr(10), 0, at + offset) + 1}"
        return UnusableInput(self.path, message, where)

    def _dangling(self, number: int, what: str) -> UnusableInput:
        at = self.text.find(f'href="#ref-{number}"')
        where = f"line {self.text.count(chr(10), 0, max(at, 0)) + 1}"
        return UnusableInput(self.path, f"no {what} has the id ref-{number}", where)

    @property
    def root(self) -> int:
        """Id of the first object.

        Raises
        ------
        UnusableInput
            If it is no ExamCard.
        """
        found = self.get(next(iter(self.objects)))
        if found.name != "ExamCard":
            raise self.fail(f"the first object is <{found.name}>, not an ExamCard", found.number)
        return found.number

    def members(self, number: int | None) -> Members:
        """Return the members of an object, none for no object; ``item`` of arrays is not for this.

        Raises
        ------
        UnusableInput
            If there is no object of this id.
        """
        return Members(self.get(number).body) if number is not None else Members()

    def items(self, number: int) -> list[int | None]:
        """Return the ids that the items of an array point to, ``None`` for null items."""
        found = _FIELD.findall(self.get(number).body)
        return [reference((attributes, text)) for name, attributes, text in found if name == "item"]

    def follow(self, owner: int, name: str) -> int | None:
        """Return the id that a member of an object points to. Raises UnusableInput as :meth:`get`."""
        return reference(field_of(self._entry(owner)[2], name))

    def plain(self, owner: int, name: str) -> str | None:
        """Return a member that is a number or truth value. Raises UnusableInput as :meth:`get`."""
        member = field_of(self._entry(owner)[2], name)
        return member[1] if member is not None and not member[0] else None

    def _entry(self, number: int) -> tuple[str, str, str]:
        entry = self.objects.get(number)
        if entry is None:
            raise self._dangling(number, "object")
        return entry

    def get(self, number: int) -> Found:
        """Return an object by id.

        Raises
        ------
        UnusableInput
            If there is none, or its closing tag is missing.
        """
        found = self._found(number)
        if not found.is_base64 or not found.body:
            return found
        return found._replace(body=self.packed(number).decode("latin-1"))

    def packed(self, number: int) -> bytes:
        """Return the base64 text of a byte array. Raises UnusableInput as :meth:`get`."""
        found = self._found(number)
        if not found.is_base64 or not found.body:
            return found.body.encode()
        if not found.body.isdecimal():
            raise self.fail("something else than base64 in a byte array", number)
        begin, end = self.blobs[int(found.body)]
        return self.raw[begin:end]

    def _found(self, number: int) -> Found:
        """Return an object as it is in the markup: a byte array with the number of its base64 text."""
        tag, attributes, text = self._entry(number)
        body = text.strip()
        closing = "" if attributes[-1:] == "/" else f"</{tag}>"
        if not body.endswith(closing) or (not closing and body):
            raise self.fail(f"<{tag}> is not closed before the next object", number)
        return Found(number, tag, attributes, body.removesuffix(closing))

    def string(self, member: Field | None) -> str | None:
        """Return the text of a member, followed to where a shared string was first written."""
        if member is None or is_null(member):
            return None
        number = reference(member)
        if number is None:
            return unescape(member[1])
        if number not in self._strings:
            self._strings[number] = self._shared(number)
        return self._strings[number]

    def _shared(self, number: int) -> str:
        """Find a shared string where it was first written."""
        at = self.markup.find(f' id="ref-{number}">')
        begin = self.markup.find(">", at) + 1
        end = self.markup.find("<", begin)
        if at < 0 or not self.markup.startswith("</", end):
            raise self._dangling(number, "text")
        return unescape(self.markup[begin:end])


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
    return text.translate(_ESCAPED)


_ESCAPED = {ord(char): f"&#{ord(char)};" for char in "&<>\"'"}


def load(path: Path, keep_tail: bool = False) -> Envelope:
    """Read the envelope of a file and index its objects.

    Parameters
    ----------
    path : Path
    keep_tail : bool
        Whether to keep the bytes after the envelope (for writing the file again).

    Raises
    ------
    UnusableInput
        With the line or byte: no envelope, a document type or entity, text between objects, an object
        without its closing tag, two objects with one id, a size beyond the limits.
    """
    return _index(Envelope(path, *cut(path, keep_tail)))


def parse(path: Path, raw: bytes) -> Envelope:
    """Index the objects of an envelope in memory. Raises UnusableInput as :func:`load`."""
    end = raw.rfind(CLOSING_BYTES) + len(CLOSING_BYTES)
    return _index(Envelope(path, raw, end, len(raw)))


def _index(envelope: Envelope) -> Envelope:
    path = envelope.path
    markup = envelope.markup = _set_blobs_aside(envelope)
    _refuse(envelope, markup)
    foot = markup.rfind(_FOOT_START)
    if foot < 0 or not _FOOT.match(markup, foot + len(_FOOT_START)):
        raise envelope.fail("the envelope has no Body that ends with it")
    head, *parts = _OBJECT.split(markup[:foot])
    if not _HEAD.match(head):
        raise UnusableInput(path, "the envelope does not begin with an object that has an id", "line 1")
    numbers = list(map(int, parts[1::4]))
    envelope.objects = dict(
        zip(numbers, zip(parts[0::4], parts[2::4], parts[3::4], strict=True), strict=True)
    )
    if len(envelope.objects) != len(numbers):
        twice = Counter(numbers).most_common(1)[0][0]
        raise envelope.fail(f"two objects have the id ref-{twice}", twice)
    if not numbers:
        raise envelope.fail("the envelope holds no object")
    return envelope


def _set_blobs_aside(envelope: Envelope) -> str:
    """Replace every base64 text by its number: what is left is small and can be searched."""
    raw, end, at = envelope.raw, envelope.end, 0
    markup = []
    while (begin := raw.find(_BASE64, at, end)) >= 0:
        begin += len(_BASE64)
        markup.append(raw[at:begin])
        at = raw.find(b"<", begin, end)
        if at < 0:
            raise UnusableInput(envelope.path, "base64 that does not end", f"byte {begin}")
        if at > begin:
            markup.append(b"%d" % len(envelope.blobs))
        envelope.blobs.append((begin, at))
    markup.append(raw[at:end])
    text = b"".join(markup)
    if (first := text.find(CLOSING_BYTES) + len(CLOSING_BYTES)) < len(text):
        # What was taken for the end of the envelope belongs to a second one, in the tail.
        text = text[:first]
        envelope.end = raw.find(CLOSING_BYTES) + len(CLOSING_BYTES)
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UnusableInput(envelope.path, "the text is not UTF-8", f"line {_lines(error)}") from error


def _lines(error: UnicodeDecodeError) -> int:
    return error.object.count(b"\n", 0, error.start) + 1


def _refuse(envelope: Envelope, markup: str) -> None:
    """Refuse what an ExamCard never holds and that could hide or expand text."""
    # A lone character is found much faster than two, and nearly always is not there.
    at = markup.find("<!") if "!" in markup else -1
    if at >= 0:
        kind = "document type or entity" if markup[at + 2 : at + 3].isalpha() else "comment or CDATA"
        raise _misplaced(envelope, markup, at, f"a {kind}")
    at = markup.find("<?") if "?" in markup else -1
    if at >= 0 and not markup.startswith("<?xml ", at):
        raise _misplaced(envelope, markup, at, "a processing instruction")


def _misplaced(envelope: Envelope, markup: str, at: int, what: str) -> UnusableInput:
    where = f"line {markup.count(chr(10), 0, at) + 1}"
    return UnusableInput(envelope.path, f"{what} has no place in an ExamCard", where)
