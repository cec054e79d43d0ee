"""The text printout: cards at the margin, labels indented, values in a column of their own."""

from __future__ import annotations

import re
from pathlib import Path

from generator import limits
from generator.errors import UnusableInput
from generator.vendors.siemens.printouts.cards import Cards
from generator.vendors.siemens.printouts.fields import Print, Printed, header_of

MAX_SIZE = limits.PRINTOUT_BYTES
_TIME = re.compile(r"\s*TA\s*:")
_ROW = re.compile(r"\s+(?P<label>\S.*?)(?:\s{2,}(?P<value>\S.*))?")
_RULE = re.compile(r"\s*[-=_]{10,}\s*")


def read(path: Path) -> Printed:
    """Read a text printout. Raises UnusableInput if it cannot be read or is too large."""
    titles: list[str] = []
    steps: list[tuple[Print, Cards]] = []
    lines = _content(path).splitlines()
    for before, line in zip(["", *lines], lines, strict=False):
        if line.lstrip().startswith("SIEMENS"):
            titles.append(line.strip())
        elif _TIME.match(line) and before.lstrip().startswith("\\\\"):
            steps.append((header_of(before.strip(), line.strip()), Cards()))
        elif steps and line.strip() and not _RULE.fullmatch(line):
            _row(line, steps[-1][1])
    for step, cards in steps:
        step.values = cards.values()
    return Printed(titles, [step for step, _ in steps])


def _row(line: str, cards: Cards) -> None:
    match = _ROW.fullmatch(line.rstrip())
    if match is None:
        cards.title(line.strip())
    elif len(line) - len(line.lstrip()) > 30:
        cards.more(line.strip())
    else:
        cards.row(match["label"], match["value"] or "")


def _content(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_SIZE:
            raise UnusableInput(path, f"larger than {MAX_SIZE >> 20} MiB")
        data = path.read_bytes()
    except OSError as error:
        raise UnusableInput(path, error.strerror or str(error)) from error
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")
