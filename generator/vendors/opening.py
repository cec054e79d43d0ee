"""The one way in for a file from outside: budgets, a border for damage, and what no scan can have.

Every reader of every dialect, also one that is added later, is called through here. Beside it how pydicom is
lent, and how a protocol of a file is chosen: by a name, a path, or a number among those that fit.
"""

from __future__ import annotations

import re
import stat
import traceback
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from generator import limits, vendors
from generator.errors import ExamcardError, Unforeseen, UnusableInput, UsageError, shortened
from generator.model.plausible import judged
from generator.model.tree import Protocol, ReadResult
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


@contextmanager
def pydicom_for(path: Path) -> Iterator[Any]:
    """Lend pydicom for one file.

    Raises
    ------
    UsageError
        If pydicom, the optional extra ``dicom``, is not installed.
    UnusableInput
        For whatever its parsers raise on broken bytes; also for a length that no memory holds.
    """
    try:
        import pydicom
    except ImportError as error:
        raise UsageError(
            "reading DICOM needs pydicom: install the optional extra, pip install 'examcard[dicom]'"
        ) from error
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield pydicom
    except ExamcardError:
        raise
    except OSError as error:
        raise UnusableInput(path, error.strerror or str(error)) from error
    except Exception as error:  # its parsers raise whatever they stumble over in broken bytes
        why = f"{type(error).__name__}: {shortened(error)}"
        raise UnusableInput(path, f"damaged DICOM, or none: not readable as DICOM ({why})") from error


def choose(protocols: Sequence[Protocol], wanted: str) -> tuple[int, ...]:
    """Find protocols by name or path, such as ``Head/AAT options`` or ``AAT options#3``.

    Parameters
    ----------
    wanted : str
        A name; or folders and name with ``/`` between them, some of the folders may be left out; or either
        with ``#`` and the number, from 1, among the protocols that fit; or ``#`` and a number in the file.

    Returns
    -------
    tuple of int
        Indices of all that fit, in the order of the file.

    Raises
    ------
    UsageError
        If none fits; it lists what can be typed.
    """
    exact = tuple(i for i, p in enumerate(protocols) if wanted in (p.name, "/".join(_path(p))))
    name, number = _split(wanted)
    found = exact or tuple(i for i, p in enumerate(protocols) if _fits(name, p))
    if not exact and number is not None:
        found = found[number - 1 : number] if number else ()
    if not found:
        raise UsageError(f"no protocol {wanted!r} in the file", labels(protocols))
    return found


def labels(protocols: Sequence[Protocol]) -> list[str]:
    """What to type for each protocol: its path, with a number where that of another is the same."""
    paths = ["/".join(_path(p)) for p in protocols]
    return [
        path if paths.count(path) == 1 else f"{path}#{paths[: i + 1].count(path)}"
        for i, path in enumerate(paths)
    ]


def _split(wanted: str) -> tuple[str, int | None]:
    match = re.fullmatch(r"(.*)#(\d+)", wanted)
    return (match[1], int(match[2])) if match else (wanted, None)


def _path(protocol: Protocol) -> tuple[str, ...]:
    path = protocol.path
    return path if path[-1:] == (protocol.name,) else (*path, protocol.name)


def _fits(wanted: str, protocol: Protocol) -> bool:
    """Say whether the parts of a typed path are folders of a protocol in order, the last one its name."""
    path = _path(protocol)
    whole = "/".join(path)  # a name may have a slash of its own
    if not wanted or whole == wanted or whole.endswith(f"/{wanted}"):
        return True
    *folders, name = wanted.split("/")
    left = iter(path[:-1])
    return path[-1] == name and all(folder in left for folder in folders)
