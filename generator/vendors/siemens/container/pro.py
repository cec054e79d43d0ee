"""A .pro file: the text of one protocol. Read as Latin-1, so that every byte comes back as it was.

Source: formats/siemens.md section 4.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from generator import limits
from generator.errors import UnusableInput
from generator.vendors.siemens.container import ascconv, kind_of

MAX_SIZE = limits.CARD_BYTES


@dataclass(frozen=True)
class Pro:
    """A protocol text and its MrProt block."""

    text: str
    block: ascconv.Ascconv

    def to_bytes(self) -> bytes:
        """Write the file; without an edit these are the bytes that were read."""
        return self.text.encode("latin-1")


def read(path: Path) -> Pro:
    """Read a protocol file.

    Raises
    ------
    UnusableInput
        If it is another kind of file (named where it is known) or holds no complete MrProt block.
    """
    try:
        if path.stat().st_size > MAX_SIZE:
            raise UnusableInput(path, f"larger than {MAX_SIZE >> 20} MiB")
        data = path.read_bytes()
    except OSError as error:
        raise UnusableInput(path, error.strerror or str(error)) from error
    other = kind_of(data[:4096])
    if other and "protocol text" not in other:
        raise UnusableInput(path, f"not a .pro protocol text: this is {other}")
    text = data.decode("latin-1")
    try:
        return Pro(text, ascconv.parse(text))
    except ascconv.NoProtocol as error:
        raise UnusableInput(path, f"not a complete protocol text: {error}", _last_line(text)) from error


def _last_line(text: str) -> str:
    return f"line {text.count(chr(10)) + 1}"


_OPEN = r'<ParamString\."{}">\s*\{{'
_TEXT = r'"(?:[^"]|"")*"'
_TOKEN = re.compile(
    rf'\s*(?:(?P<attribute><\w+>\s*(?:{_TEXT}|\{{[^{{}}]*\}}|[^\s<>{{}}"]+))|(?P<value>{_TEXT})|\}})'
)


def _values(text: str, name: str = "ProtocolName") -> Iterator[tuple[int, int]]:
    """Spans of the quoted values of a string parameter."""
    for opening in re.finditer(_OPEN.format(name), text):
        at = opening.end()
        while (token := _TOKEN.match(text, at)) and (token["attribute"] or token["value"]):
            if token["value"]:
                yield token.span("value")
            at = token.end()


_STEPS = re.compile(r'(<ParamArray\."SubStep">.*?\{ *1 *\}\s*\n)(?:[ \t]*\{ *\d+ *\}[ \t]*\n)+', re.DOTALL)
_SEVERAL = re.compile(
    r'(<Param(?:Bool\."(?:IsMultistep|IsInlineCompose)|String\."SeriesDescription)">\s*\{ )[^}]*\}'
)


def one_station(text: str, number: int) -> str:
    """Cut the text of a step of several stations to one of them, and switch off what joins them."""
    blocks = ascconv.stations(text)
    if len(blocks) < 2:
        return text
    first, own = blocks[0], blocks[number]
    controller = text[: text.rindex("<XProtocol>", 0, first.head)]
    start = text.rindex("<XProtocol>", 0, own.head)
    end = text.index("\n", own.end) + 1 if "\n" in text[own.end :] else len(text)
    single = _STEPS.sub(lambda m: m[1], _SEVERAL.sub(lambda m: f"{m[1]}}}", controller))
    return single + text[start:end]


def names(text: str) -> list[str]:
    """Every value of ``ProtocolName``; a parameter without a value gives none."""
    return [text[start + 1 : end - 1].replace('""', '"') for start, end in _values(text)]


def without_description(text: str) -> str:
    """The text without the free description of the protocol."""
    for start, end in reversed(list(_values(text, "Description"))):
        text = text[:start] + text[end:]
    return text


def set_names(text: str, name: str) -> str:
    """Set every ``ProtocolName`` that has a value; the rest of the text stays as it is."""
    doubled = name.replace('"', '""')
    for start, end in reversed(list(_values(text))):
        text = f'{text[:start]}"{doubled}"{text[end:]}'
    return text
