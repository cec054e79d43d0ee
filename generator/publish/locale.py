"""Texts in the reader's language: gettext catalogues, one ``.po`` file each, compiled when they are read.

The templates are in English. Everything that differs between languages, decimal sign and date form
included, is an entry of the catalogue, so that another language is one more file.
"""

from __future__ import annotations

import ast
import io
import re
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

from generator.errors import UnusableInput
from generator.resources import templates

SOURCE = "en"
DOMAIN = "examcard"
_MAGIC = 0x950412DE
_PLACE = re.compile(r"\{\w*\}|%\(\w+\)\w")
_NAMED = re.compile(r"\{(\w+)\}")
_KEYWORDS = ("msgctxt", "msgid_plural", "msgid", "msgstr")


@dataclass
class Message:
    """One entry of a catalogue."""

    context: str | None = None
    text: str = ""
    plural: str | None = None
    translations: dict[int, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The key under which gettext looks it up."""
        start = f"{self.context}\x04" if self.context is not None else ""
        return start + self.text + (f"\0{self.plural}" if self.plural is not None else "")

    @property
    def value(self) -> str:
        """The translations as gettext stores them."""
        return "\0".join(self.translations[index] for index in sorted(self.translations))


@cache
def languages() -> tuple[str, ...]:
    """Name the languages there are: English and every catalogue."""
    found = templates("locale").glob(f"*/LC_MESSAGES/{DOMAIN}.po")
    return (SOURCE, *sorted(path.parent.parent.name for path in found))


def catalogue_path(language: str) -> Path:
    """Path of the catalogue that makes a language."""
    return templates("locale", language, "LC_MESSAGES", f"{DOMAIN}.po")


@cache
def messages(language: str) -> tuple[Message, ...]:
    """Read the catalogues of a language: that of the pages, and those beside it.

    Raises
    ------
    UnusableInput
        If one cannot be read.
    """
    found: list[Message] = []
    path = first = catalogue_path(language)
    try:
        for path in (first, *sorted(set(first.parent.glob("*.po")) - {first})):
            found += read_po(path.read_text(encoding="utf-8"), path)
    except OSError as error:
        raise UnusableInput(path, error.strerror or str(error)) from error
    return tuple(found)


@cache
def translations(language: str) -> NullTranslations:
    """Load the texts of a language. Raises UnusableInput if one of its catalogues cannot be read."""
    if language == SOURCE:
        return NullTranslations()
    return GNUTranslations(io.BytesIO(compile_mo(list(messages(language)))))


@cache
def known(language: str) -> frozenset[str]:
    """Return the texts that have an entry, some with the same words."""
    return frozenset() if language == SOURCE else frozenset(one.text for one in messages(language))


@dataclass(frozen=True)
class Pattern:
    """A text of a catalogue with places, such as ``{what} is {value}``, as a pattern of what programs say.

    Attributes
    ----------
    forms : tuple of Pattern
        Each place as a group of its name: as short as may be, as long as may be, and with joined texts in it.
    fixed : str
        The longest piece between places: a text without it does not fit.
    vague : bool
        Whether it has so few letters of its own that it also fits texts that mean something else.
    """

    forms: tuple[re.Pattern[str], ...]
    translation: str
    fixed: str
    vague: bool


_VAGUE = 6
_JOINED = "; |, or "
"""What joins two texts, each of which has an entry of its own."""


@cache
def patterns(language: str) -> tuple[Pattern, ...]:
    """Return the texts of a language with places; the longer ones first: they say more of what they fit."""
    if language == SOURCE:
        return ()
    found = [one for one in messages(language) if one.plural is None and _NAMED.search(one.text)]
    found.sort(key=lambda one: (-len(_NAMED.sub("", one.text)), one.text))
    return tuple(map(_pattern, found))


def _pattern(message: Message) -> Pattern:
    parts = _NAMED.split(message.text)
    fixed = parts[::2]
    one_text = "." if re.fullmatch(_JOINED, "".join(fixed)) else f"(?:(?!{_JOINED}).)"
    forms = tuple(_form(parts, filling) for filling in (f"{one_text}*?", f"{one_text}*", ".*?"))
    vague = sum(map(str.isalpha, "".join(fixed))) < _VAGUE
    return Pattern(forms, message.translations[0], max(fixed, key=len), vague)


def _form(parts: Sequence[str], filling: str) -> re.Pattern[str]:
    groups = (rf"(?P<{part}>{filling})" if at % 2 else re.escape(part) for at, part in enumerate(parts))
    return re.compile("".join(groups), re.DOTALL)


def read_po(text: str, path: Path | str = "<text>") -> Iterator[Message]:
    """Read the entries of a ``.po`` file; fuzzy and obsolete ones are passed over.

    Raises
    ------
    UnusableInput
        For a line that has no meaning, with its number, and for a translation with a place in it that the
        text does not have.
    """
    message, target, fuzzy = Message(), "", False
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        starts = line.startswith(("msgctxt", "msgid ")) and bool(message.translations)
        if (not line or starts) and message.translations:
            yield from _good(message, fuzzy, path)
            message, target, fuzzy = Message(), "", False
        if line.startswith("#"):
            fuzzy = fuzzy or (line.startswith("#,") and "fuzzy" in line)
        elif line:
            target, content = _split(line, target, f"line {number}", path)
            _add(message, target, content)
    if message.translations:
        yield from _good(message, fuzzy, path)


def _good(message: Message, fuzzy: bool, path: Path | str) -> Iterator[Message]:
    if fuzzy or not message.value.strip("\0"):
        return
    given = _places(message.text) | _places(message.plural or "")
    if message.text and (unknown := _places(message.value) - given):
        raise UnusableInput(path, f"{sorted(unknown)[0]} has no value in {message.text!r}")
    yield message


def _places(text: str) -> set[str]:
    """Places that are filled in: ``{time}``, ``%(num)d``."""
    return set(_PLACE.findall(text))


def _split(line: str, target: str, where: str, path: Path | str) -> tuple[str, str]:
    word = next((known for known in _KEYWORDS if line.startswith(known)), "")
    name, _, quoted = line.partition(" ") if word else (target, "", line)
    try:
        content = ast.literal_eval(quoted.strip())
    except (ValueError, SyntaxError) as error:
        raise UnusableInput(path, "neither a keyword nor a text in quotes", where) from error
    if not name or not isinstance(content, str):
        raise UnusableInput(path, "a text that belongs to nothing", where)
    return name, content


def _add(message: Message, target: str, content: str) -> None:
    if target == "msgctxt":
        message.context = (message.context or "") + content
    elif target == "msgid":
        message.text += content
    elif target == "msgid_plural":
        message.plural = (message.plural or "") + content
    else:
        index = int(target[7:-1]) if target.startswith("msgstr[") else 0
        message.translations[index] = message.translations.get(index, "") + content


def compile_mo(messages: list[Message]) -> bytes:
    """Compile entries to the binary form that :mod:`gettext` reads."""
    pairs = sorted((message.key.encode(), message.value.encode()) for message in messages)
    count, start = len(pairs), 7 * 4
    offset = start + 16 * count
    tables: tuple[list[int], list[int]] = ([], [])
    data = b""
    for column in (0, 1):
        for pair in pairs:
            tables[column].extend((len(pair[column]), offset + len(data)))
            data += pair[column] + b"\0"
    head = struct.pack("<7I", _MAGIC, 0, count, start, start + 8 * count, 0, 0)
    return head + struct.pack(f"<{4 * count}I", *tables[0], *tables[1]) + data
