"""What is wrong with a spec, and where: data first, prose second."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from generator.errors import ExamcardError


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in a source file; line and column count from 1."""

    file: str
    line: int
    column: int
    length: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


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
