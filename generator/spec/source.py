"""A source file as text, and the list of what is wrong with it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from generator import disk, limits
from generator.errors import ExamcardError, UnusableInput
from generator.spec.diagnostic import Diagnostic, Position, SourceErrors

MAXIMUM_BYTES = limits.SPEC_BYTES
"""No protocol is longer, even with all parameters of a vendor; a file that is has been mistaken for one."""

MAXIMUM_ERRORS = limits.ERRORS
"""Nobody reads more; a file with more of them is no spec."""

_LINE_END = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Line ends that few programs know, and what turns the direction of a text around, so that it seems to say
# another thing than it does.
_UNSHOWN = re.compile(f"{_UNPRINTABLE.pattern}|[\u2028-\u202e\u2066-\u2069]")
_SHOWN_WIDTH = 240


@dataclass(frozen=True)
class Source:
    """The text of one file and the name it goes by in messages."""

    name: str
    text: str

    @cached_property
    def lines(self) -> list[str]:
        """The lines as YAML counts them."""
        return _LINE_END.split(self.text)

    def show(self, line: int) -> str:
        """Line for a message: tabs as one blank, nothing that a terminal would obey, not endless."""
        text = self.lines[line - 1] if line <= len(self.lines) else ""
        text = _UNSHOWN.sub("\ufffd", text).replace("\t", " ")
        return text if len(text) <= _SHOWN_WIDTH else text[:_SHOWN_WIDTH] + "\u2026"

    def place(self, offset: int, length: int = 1) -> Position:
        """Position of a character of the text."""
        before = _LINE_END.split(self.text[:offset])
        return Position(self.name, len(before), len(before[-1]) + 1, length)


@dataclass
class Report:
    """Collects the errors of one source file; reading goes on after each."""

    source: Source
    found: list[Diagnostic] = field(default_factory=list)
    _known: set[Diagnostic] = field(default_factory=set)

    def error(
        self,
        code: str,
        message: str,
        at: Position,
        *,
        expected: str | None = None,
        suggestion: str | None = None,
    ) -> None:
        """Note an error at a place of this file, or of one that it takes a value from; each is noted once.

        Raises
        ------
        SourceErrors
            With all that was found, if there are too many to go on.
        """
        line = self.source.show(at.line) if at.file == self.source.name else line_at(at)
        found = Diagnostic(code, message, at, line, expected, suggestion)
        if found in self._known:
            return
        self._known.add(found)
        self.found.append(found)
        if len(self.found) == MAXIMUM_ERRORS:
            message = f"{MAXIMUM_ERRORS} errors; the rest of the file was not read"
            raise SourceErrors([*self.found, Diagnostic("too-many-errors", message, at)])


def raise_all(found: list[Diagnostic]) -> None:
    """Raise what was found, file by file in the order of first mention, each from top to bottom.

    Raises
    ------
    SourceErrors
        If there is anything.
    """
    if not found:
        return
    order = {name: number for number, name in enumerate(dict.fromkeys(d.position.file for d in found))}
    raise SourceErrors(sorted(found, key=lambda d: (order[d.position.file], d.position)))


def read_source(path: Path) -> Source:
    """Read a YAML file.

    Raises
    ------
    UnusableInput
        If it cannot be opened or is too long.
    SourceErrors
        If it is not UTF-8.
    """
    try:
        if disk.ask(Path.is_dir, path):
            raise UnusableInput(path, "is a folder, not a file")
        content = disk.ask(disk.content, path, MAXIMUM_BYTES + 1)
    except OSError as error:
        raise UnusableInput(path, error.strerror or str(error)) from error
    if len(content) > MAXIMUM_BYTES:
        raise UnusableInput(path, f"longer than {MAXIMUM_BYTES // 1_000_000} MB; this is no protocol spec")
    return Source(shown(path), _decode(shown(path), content))


def line_at(position: Position) -> str:
    """Line of a file that was read before, for a message; empty if it is gone since."""
    try:
        return read_source(Path(position.file)).show(position.line)
    except ExamcardError:
        return ""


def shown(path: Path) -> str:
    """Name of a file in messages: relative to the working folder if it is below it."""
    if not path.is_absolute():
        return path.as_posix()
    here = Path.cwd()
    return (path.relative_to(here) if path.is_relative_to(here) else path).as_posix()


def _decode(name: str, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        good = Source(name, content[: error.start].decode("utf-8-sig"))
        report = Report(good)
        at = good.place(len(good.text))
        wide = content[:2] in (b"\xff\xfe", b"\xfe\xff")
        what = "the file is UTF-16" if wide else f"byte 0x{content[error.start]:02x} is not UTF-8"
        report.error("not-utf8", what, at, expected="a file saved as UTF-8")
        raise SourceErrors(report.found) from error


def find_unprintable(source: Source, report: Report) -> bool:
    """Report control characters, which YAML forbids and a terminal would obey."""
    match = _UNPRINTABLE.search(source.text)
    if match is None:
        return False
    _refuse(match, source.place(match.start()), report)
    return True


def check_printable(text: str, at: Position, report: Report) -> None:
    """Report a control character that a text holds by an escape, and characters that disguise it."""
    if match := _UNSHOWN.search(text):
        _refuse(match, at, report)


def _refuse(match: re.Match[str], at: Position, report: Report) -> None:
    code = f"U+{ord(match[0]):04X}"
    report.error("unprintable", f"the control character {code} may not stand here", at)
