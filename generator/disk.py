"""Questions to the disk about files of the user, each noted with its answer while a command listens.

The notes are all that the command learnt of these files: as long as the same questions have the same answers,
it says the same. :mod:`generator.answers` keeps what it said with them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar, cast

T = TypeVar("T")
Notes = dict[tuple[Any, ...], str]
"""Question, path and further arguments, and the digest of the answer; ``UNSURE`` for one that may change."""
UNSURE = ""

_notes: Notes | None = None


def content(path: Path, most: int) -> bytes:
    """Read the beginning of a file."""
    with path.open("rb") as stream:
        return stream.read(most)


def below(folder: Path, *patterns: str) -> list[Path]:
    """List what is in a folder by the patterns of its names, in order."""
    return sorted(path for pattern in patterns for path in folder.glob(pattern))


_QUESTIONS: dict[str, tuple[Callable[..., Any], type[Path | str]]] = {
    **{
        q.__qualname__: (q, Path)
        for q in (Path.is_file, Path.is_dir, Path.exists, Path.resolve, content, below)
    },
    **{q.__qualname__: (q, str) for q in (os.path.isdir, os.path.isfile, os.path.exists)},
}
"""By their names, and in what form the path is given."""


def ask(question: Callable[..., T], path: Path | str, *about: object) -> T:
    """Ask something of the disk, and note the answer where somebody listens.

    Parameters
    ----------
    question : callable
        One of those listed above, such as ``Path.is_file``, :func:`content` with the most bytes to read, or
        :func:`below` with patterns such as ``**/*.yaml``.

    Raises
    ------
    OSError
        As the question does; that is an answer, too.
    """
    if _notes is None:
        return question(path, *about)
    answer, error = _answered(question, path, about)
    noted = UNSURE if _may_not_be_asked_again(question, path) else _digest(error or answer)
    key = (question.__qualname__, str(path), *about)
    if _notes.setdefault(key, noted) != noted:
        _notes[key] = UNSURE  # it changed under the hands of the command
    if error:
        raise error
    return cast(T, answer)


def unsure(path: Path) -> None:
    """Note that something goes past the questions here, so that no answer can rest on them."""
    if _notes is not None:
        _notes["read", str(path)] = UNSURE


@contextmanager
def listening() -> Iterator[Notes]:
    """Note what is asked inside the block."""
    global _notes
    before, _notes = _notes, {}
    try:
        yield _notes
    finally:
        _notes = before


def unchanged(notes: Sequence[Sequence[Any]]) -> bool:
    """Say whether questions, each with the digest of its answer behind it, are answered as before."""
    return all(_same(*note) for note in notes)


def _same(name: str, path: str, *rest: str) -> bool:
    (question, form), (*about, noted) = _QUESTIONS[name], rest
    if _may_not_be_asked_again(question, path):
        return False
    answer, error = _answered(question, form(path), about)
    return _digest(error or answer) == noted


def _answered(
    question: Callable[..., Any], path: Path | str, about: Sequence[Any]
) -> tuple[Any, OSError | None]:
    try:
        return question(path, *about), None
    except OSError as error:
        return None, error


def _may_not_be_asked_again(question: Callable[..., Any], path: Path | str) -> bool:
    """Say whether a file would be used up by reading it, such as a pipe."""
    return question is content and Path(path).exists() and not Path(path).is_file()


def _digest(answer: object) -> str:
    known = answer if isinstance(answer, bytes) else repr(answer).encode("utf-8", "surrogatepass")
    return sha256(known).hexdigest()
