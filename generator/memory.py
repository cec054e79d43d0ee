"""What was worked out from files, kept for the next run below ``~/.cache/examcard`` (``XDG_CACHE_HOME``).

Everything that a result depends on is in the name of its file: the content it was made from, and the program.
A folder that cannot be written costs time and nothing else; one that others may write to is not read.
"""

from __future__ import annotations

import atexit
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

from generator import __version__, resources

T = TypeVar("T")
_ROOT = Path(__file__).resolve().parent


def folder(name: str) -> Path:
    """Return the folder in which one part of the program keeps what it knows."""
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")  # noqa: PTH111, which may raise
    return Path(os.devnull if home.startswith("~") else home, "examcard", name)


@cache
def program(*rooms: str) -> str:
    """Digest the program as far as a result depends on it: version, Python, every file of some rooms.

    Parameters
    ----------
    rooms : str
        Folders of the program, such as ``rules``, or shipped data, such as ``specs/tissues.yaml``.
    """
    seen = [_seen(file) for room in rooms for file in _files(room)]
    return sha256(repr((__version__, sys.version, seen)).encode()).hexdigest()[:16]


def _files(room: str) -> Iterator[str]:
    """Name the files of a room, always in one order; caches of Python are none."""
    first, _, rest = room.partition("/")
    if first == "specs":
        yield str(resources.specs(rest))
        return
    for place, folders, files in os.walk(_ROOT / room):
        folders[:] = sorted(one for one in folders if one != "__pycache__")
        yield from (f"{place}/{name}" for name in sorted(files))


def _seen(file: str) -> tuple[str, int, int]:
    known = Path(file).stat()
    return file, known.st_size, known.st_mtime_ns


def kept(name: str, program: str, inputs: object, make: Callable[[], T]) -> T:
    """Return what a function makes of some inputs, from an earlier run where there was one.

    Parameters
    ----------
    name : str
        What is made, such as ``packs``.
    program : str
        See :func:`program`.
    inputs : object
        Everything else that it is made from; its text tells them apart.
    """
    key = sha256(repr((program, inputs)).encode("utf-8", "surrogatepass")).hexdigest()
    place = folder(name) / f"{key}.pickle"
    known = _read(place)
    if known is None:
        known = make()
        _write(place, known)
    return known


class Shelf:
    """Many small results of one kind in one file, read when first asked and written at the end of the run.

    Parameters
    ----------
    name, rooms : str
        What is kept, and the files of the program and of the shipped data that it depends on.
    """

    def __init__(self, name: str, *rooms: str) -> None:
        self._name, self._rooms = name, rooms
        self._known: dict[bytes, object] | None = None
        self._fresh = False

    def get(self, inputs: object, make: Callable[[], T]) -> T:
        """Return what a function makes of some inputs, which their text tells apart."""
        known = self._opened()
        key = sha256(repr(inputs).encode("utf-8", "surrogatepass")).digest()[:16]
        if key not in known:
            known[key] = make()
            if not self._fresh:
                self._fresh = True
                atexit.register(self._save)
        return known[key]  # type: ignore[return-value]

    @property
    def _place(self) -> Path:
        return folder(self._name) / f"{program(*self._rooms)}.pickle"

    def _opened(self) -> dict[bytes, object]:
        if self._known is None:
            found: dict[bytes, object] = _read(self._place) or {}
            self._known = found if len(found) < _MOST_RESULTS else {}
        return self._known

    def _save(self) -> None:
        _write(self._place, self._known)


_MOST_FILES, _MOST_RESULTS = 64, 20_000
"""What is kept at the most; then the oldest file goes, or a shelf begins anew."""


def _read(place: Path) -> T | None:
    import pickle

    try:
        return pickle.loads(read(place))  # type: ignore[no-any-return]
    except Exception:  # damaged, of another Python, or not there: whatever it is, it is made anew
        return None


def read(place: Path, most: int = -1) -> bytes:
    """Read a file that was kept, if it is no other user's. Raises OSError."""
    with place.open("rb") as stream:
        if not _is_own(os.fstat(stream.fileno())):
            raise PermissionError(place)
        return stream.read(most)


def _is_own(about: os.stat_result) -> bool:
    """Say whether a file is this user's, and nobody else can write to it."""
    return not hasattr(os, "getuid") or (about.st_uid == os.getuid() and not about.st_mode & 0o022)


def _write(place: Path, value: object) -> None:
    import pickle

    write(place, pickle.dumps(value, pickle.HIGHEST_PROTOCOL))


def write(place: Path, content: bytes) -> None:
    """Keep a file for this user alone: whole or not at all, and never too many of them."""
    fresh = place.with_suffix(f".{os.getpid()}")
    try:
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh.touch(mode=0o600)
        fresh.write_bytes(content)
        fresh.replace(place)
        _make_room(place.parent)
    except OSError:
        pass  # what cannot be kept is made anew
    finally:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)


def _make_room(folder: Path) -> None:
    files = sorted(folder.glob("*.*"), key=lambda file: file.stat().st_mtime_ns)
    for old in files[:-_MOST_FILES]:
        old.unlink(missing_ok=True)
