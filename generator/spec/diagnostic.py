"""What is wrong with a spec, and where: data first, prose second."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from generator.errors import ExamcardError, Several, UnusableInput


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in a source file; line and column count from 1."""

    file: str
    line: int
    column: int
    length: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"

    def data(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {"file": self.file, "line": self.line, "column": self.column}


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One error of a source file.

    Attributes
    ----------
    code : str
        Stable word, such as ``unknown-key`` or ``missing-unit``.
    message : str
        One sentence without position.
    line_text : str
        The line of the file, for the caret.
    expected : str or None
        What would have been right.
    suggestion : str or None
        The word that was probably meant.
    """

    code: str
    message: str
    position: Position
    line_text: str = ""
    expected: str | None = None
    suggestion: str | None = None

    def render(self) -> str:
        """Write the error as a compiler would: place, sentence, line, caret, expectation."""
        width = max(1, min(self.position.length, len(self.line_text) - self.position.column + 1))
        lines = [f"{self.position}: error[{self.code}]: {self.message}"]
        if self.position.column <= len(self.line_text) + 1:
            caret = " " * (self.position.column - 1) + "^" * width
            lines += [f"    {self.line_text}", f"    {caret}"]
        if self.expected:
            lines.append(f"    expected: {self.expected}")
        if self.suggestion:
            lines.append(f"    did you mean {self.suggestion!r}?")
        return "\n".join(lines)


@dataclass
class SourceErrors(ExamcardError):
    """All errors of the source files that were read, in the order of their places."""

    diagnostics: Sequence[Diagnostic]

    def __str__(self) -> str:
        return "\n".join(diagnostic.render() for diagnostic in self.diagnostics)


@dataclass(frozen=True)
class Failure:
    """Why a file could not be checked.

    Attributes
    ----------
    code : str
        Stable word: that of the diagnostic, else ``unusable``.
    """

    code: str
    message: str
    file: str
    position: Position | None = None

    def data(self) -> dict[str, Any]:
        """Return it as plain data."""
        place = self.position.data() if self.position else None
        return {"code": self.code, "severity": "error", "message": self.message, "position": place}


def failures(errors: Iterable[ExamcardError]) -> list[Failure]:
    """List what is wrong with files that could not be checked, each fault with its place."""
    return list(dict.fromkeys(fault for error in errors for fault in _faults(error)))


def _faults(error: ExamcardError) -> Iterator[Failure]:
    if isinstance(error, SourceErrors):
        for one in error.diagnostics:
            hint = f"; expected: {one.expected}" if one.expected else ""
            yield Failure(one.code, one.message + hint, one.position.file, one.position)
    elif isinstance(error, Several):
        yield from (fault for one in error.errors for fault in _faults(one))
    else:
        file = str(error.path) if isinstance(error, UnusableInput) else ""
        yield Failure("unusable", str(error), file)
