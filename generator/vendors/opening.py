"""The one way in for a file from outside: budgets, a border for damage, and what no scan can have.

Every reader of every dialect, also one that is added later, is called through here.
"""

from __future__ import annotations

import stat
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from generator import limits, vendors
from generator.errors import ExamcardError, Unforeseen, UnusableInput, shortened
from generator.model.plausible import judged
from generator.model.tree import ReadResult
from generator.vendors.dialect import Dialect, Inspection


def read(path: Path, dialect: Dialect | None = None) -> ReadResult:
    """Read a vendor file; what no scan can have is taken out of it, with a note.

    Raises
    ------
    UnusableInput
        If no dialect recognises the file, or it is damaged, with the place in it; or it is beyond a budget.
    """
    return held(path, lambda: (dialect or vendors.of_file(path)[0]).read(path))


def held(path: Path, read: Callable[[], ReadResult]) -> ReadResult:
    """Call a reader of any kind of source within the border, and judge what it found."""
    with border(path):
        found = read()
        _count(path, found)
        return judged(found)


def _count(path: Path, found: ReadResult) -> None:
    """Refuse more protocols or steps than any site has."""
    scans = sum(len(one.steps) for one in found.protocols)
    for number, most, what in (
        (len(found.protocols), limits.PROGRAMS, "protocols"),
        (scans, limits.SCANS, "steps"),
    ):
        if number > most:
            raise UnusableInput(path, f"{number} {what} in one file; at most {most} are read")


def recognised(path: Path) -> Dialect:
    """Find the dialect that reads a file. Raises UnusableInput."""
    with border(path):
        return vendors.of_file(path)[0]


def inspect(path: Path) -> Inspection:
    """Say what a vendor file is and what may hinder its import. Raises UnusableInput as :func:`read`."""
    with border(path):
        return vendors.of_file(path)[0].inspect(path)


@contextmanager
def border(path: Path) -> Iterator[None]:
    """Hold a reader to its budgets and let nothing out of it but expected errors.

    Raises
    ------
    UnusableInput
        :class:`~generator.errors.Unforeseen` where a reader stumbled over something that nobody foresaw.
    """
    _admit(path)
    try:
        with limits.within_time(path):
            yield
    except ExamcardError:
        raise
    except OSError as error:
        raise UnusableInput(path, error.strerror or str(error)) from error
    except MemoryError as error:
        raise UnusableInput(path, "it asks for more memory than there is") from error
    except Exception as error:
        raise Unforeseen(path, _unforeseen(error)) from error


def _admit(path: Path) -> None:
    """Refuse what is no file or folder, such as a pipe, which might never end; and what is too large."""
    try:
        status = path.stat()
    except OSError as error:
        raise UnusableInput(path, (error.strerror or str(error)).lower()) from error
    if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):
        raise UnusableInput(path, "neither a file nor a folder, but a pipe, a socket or a device")
    if stat.S_ISREG(status.st_mode) and status.st_size > limits.FILE_BYTES:
        raise UnusableInput(path, f"{status.st_size} bytes; at most {limits.FILE_BYTES >> 20} MiB are read")


def _unforeseen(error: Exception) -> str:
    place = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{Path(place.filename).name}:{place.lineno}"
    return (
        f"damaged in a way that no reader foresaw ({type(error).__name__} at {where}: {shortened(error)}); "
        "if a console wrote this file, please report it"
    )
