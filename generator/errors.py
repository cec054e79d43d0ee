"""The errors a user may meet. Whatever is wrong with an input becomes one of these, never a traceback."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


class ExamcardError(Exception):
    """Base of all expected errors; the command line prints its text and exits with 2."""


@dataclass
class UnusableInput(ExamcardError):
    """A file that cannot be used, with the place in it where that became clear.

    Attributes
    ----------
    path : Path or str
        The file, or ``archive!member`` for a part of one.
    message : str
        What is wrong and, where the reader knows it, what the file is instead.
    where : str or None
        Place inside: ``line 3``, ``byte 512``, ``member session.xml``, ``row <hash>``.
    """

    path: Path | str
    message: str
    where: str | None = None

    def __str__(self) -> str:
        place = f"{self.path}: {self.where}" if self.where else str(self.path)
        return f"{place}: {self.message}"


@dataclass
class Unforeseen(UnusableInput):
    """A file that broke its reader at a place where nobody thought of it: unusable, and a fault to report.

    The fuzzer (``make fuzz``) takes it for a failure; what the readers foresee is a plain UnusableInput.
    """


@contextmanager
def damage(path: Path | str, where: str | None = None, *kinds: type[Exception]) -> Iterator[None]:
    """Let what a parser stumbles over in broken bytes become a located message: the border of a container.

    Parameters
    ----------
    kinds : type of Exception
        What the parser inside raises on damage; without any, the usual kinds of wrong data.

    Raises
    ------
    UnusableInput
    """
    try:
        yield
    except ExamcardError:
        raise
    except kinds or _DAMAGE as error:  # noqa: B030, both are classes of errors
        raise UnusableInput(path, f"damaged ({type(error).__name__}: {shortened(error)})", where) from error


_DAMAGE = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, EOFError, RecursionError)


def shortened(error: BaseException | str) -> str:
    """The first line of a text, up to a length that fits a message: bad input may be quoted in full."""
    text = str(error).partition("\n")[0]
    return text if len(text) <= 200 else f"{text[:200]}..."


@dataclass
class UsageError(ExamcardError):
    """A request that makes no sense: an unknown vendor, an option that does not apply."""

    message: str
    choices: Sequence[str] = ()

    def __str__(self) -> str:
        return f"{self.message} (choose from {', '.join(self.choices)})" if self.choices else self.message


@dataclass
class CannotBuild(ExamcardError):
    """A build that has no honest result, such as a donor without a series of the family."""

    message: str

    def __str__(self) -> str:
        return self.message


@dataclass
class Several(ExamcardError):
    """What is wrong with each of several inputs."""

    errors: Sequence[ExamcardError]

    def __str__(self) -> str:
        return "\n".join(dict.fromkeys(str(error) for error in self.errors))
