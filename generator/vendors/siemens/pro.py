"""A .pro file: the text of one protocol. Read as Latin-1, so that every byte comes back as it was.

Source: formats/siemens.md section 4.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from generator.errors import UnusableInput
from generator.vendors.siemens import ascconv
from generator.vendors.siemens.kinds import kind_of

MAX_SIZE = 64 << 20


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
        If it is another kind of file (named where it can be told) or holds no complete MrProt block.
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
