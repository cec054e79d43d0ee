"""What a command said, kept with all that it depended on, and said again while nothing of that has changed.

In the name of an answer are the words of the command, its folder, the environment and Python; in the answer
the questions that were asked of the disk (:mod:`generator.disk`), and the files that the program is made of:
its own, its data, every module of others, and whatever else was opened meanwhile. Where one is not as it was,
or the answer is damaged, the command works. Nothing heavy is imported here: this runs before all else.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from functools import cache
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import Any

from generator import disk, memory, resources

COMMANDS = ("check",)
"""Those that write nothing but what they say."""

SETTLED = 2.0
"""Seconds after which the clock of any file system tells a file of the program from its next version."""

_MOST_BYTES = 16 << 20
_IDLE = ("_", "OLDPWD", "SHLVL")
"""Variables that shells change from line to line; no program acts on them."""

_place: Path | None = None
"""Where the answer of this run belongs, if it is one that may be kept."""


def again() -> int | None:
    """Say what this command said before; return its exit code, or None if it has to work."""
    global _place
    _place = None
    if sys.argv[1:2] not in ([one] for one in COMMANDS) or "generator.pipeline" in sys.modules:
        return None  # what a running program has read before, nobody has noted
    try:
        _place = memory.folder("answers") / f"{_name()}.json"
        known = opened(memory.read(_place, _MOST_BYTES))
        if not holds(known):
            return None
        said, code = [(int(stream), str(text)) for stream, text in known["said"]], int(known["code"])
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return None
    for stream, text in said:
        out = (sys.stdout, sys.stderr)[stream]
        out.write(text)
        out.flush()
    return code


def kept(work: Callable[[], int]) -> int:
    """Let a command work, and keep what it says; what it raises is none of its answers.

    Returns
    -------
    int
        Its exit code.
    """
    if _place is None:
        return work()
    started, said = time.time(), list[tuple[int, str]]()
    out, err = _Heard(sys.stdout, 0, said), _Heard(sys.stderr, 1, said)
    with disk.listening() as notes, _noting_opened(), redirect_stdout(out), redirect_stderr(err):
        code = work()
    _keep(_place, notes, said, code, started)
    return code


_opened: set[str] = set()
_noting = False


@contextmanager
def _noting_opened() -> Iterator[None]:
    """Note what Python opens, so that nothing can be read that an answer does not depend on."""
    global _noting
    _opened.clear()
    _hear_events()
    _noting = True
    try:
        yield
    finally:
        _noting = False


@cache
def _hear_events() -> None:
    def heard(event: str, arguments: tuple[Any, ...]) -> None:
        if _noting and event == "open" and not isinstance(arguments[0], int):
            _opened.add(os.fsdecode(arguments[0]))

    sys.addaudithook(heard)


class _Heard:
    """A stream that notes what is written to it."""

    def __init__(self, stream: Any, number: int, said: list[tuple[int, str]]) -> None:
        self._stream, self._number, self._said = stream, number, said

    def write(self, text: str) -> int:
        written: int = self._stream.write(text)
        self._said.append((self._number, text))
        return written

    def __getattr__(self, name: str) -> Any:
        if name in ("buffer", "writelines"):
            disk.unsure(Path(name))  # what goes that way is not heard
        return getattr(self._stream, name)


def _keep(place: Path, notes: disk.Notes, said: list[tuple[int, str]], code: int, started: float) -> None:
    asked_of = {path for question, path, *_ in notes if question == disk.content.__qualname__}
    made_of = {file: _stamp(file) for file in {*_program(), *_opened} - asked_of if not _is_ours(file)}
    youngest = max((max(stamp[:2]) for stamp in made_of.values() if stamp), default=0)
    if disk.UNSURE in notes.values() or youngest > (started - SETTLED) * 1e9:
        return
    asked = [(*question, answer) for question, answer in notes.items()]
    body = json.dumps({"notes": asked, "program": [*made_of.items()], "said": said, "code": code}).encode()
    if len(body) < _MOST_BYTES:
        memory.write(place, _sum(body) + body)


def holds(known: Any) -> bool:
    """Say whether all that an answer depends on is as it was."""
    return disk.unchanged(known["notes"]) and all(_stamp(file) == stamp for file, stamp in known["program"])


def opened(content: bytes) -> Any:
    """Read an answer. Raises ValueError where it is damaged."""
    if _sum(content[64:]) != content[:64]:
        raise ValueError("checksum")
    return json.loads(content[64:])


def _sum(body: bytes) -> bytes:
    return sha256(body).hexdigest().encode()


def _name() -> str:
    """Digest all that a command may act on before it looks at a file."""
    environment = sorted((name, value) for name, value in os.environ.items() if name not in _IDLE)
    streams = [(one.isatty(), one.encoding, one.errors) for one in (sys.stdout, sys.stderr)]
    python = (sys.version, sys.flags, sys.path, __file__)
    known = repr((sys.argv, os.getcwd(), environment, streams, python))  # noqa: PTH109, a text is asked for
    return sha256(known.encode("utf-8", "surrogatepass")).hexdigest()


def _is_ours(file: str) -> bool:
    """Say whether a file was compiled by Python, or kept by the program under all that it was made from."""
    return file.endswith(".pyc") or file.startswith(str(memory.folder("")))


def _program() -> Iterator[str]:
    """Name the files and folders that this run was made of, and the folders that it looked for modules in."""
    modules = {getattr(module, "__file__", None) or "" for module in [*sys.modules.values()]}
    yield from (*sys.path, *modules, *map(os.path.dirname, modules))
    package = os.walk(Path(__file__).parent)
    for folder, folders, files in chain(package, os.walk(resources.specs())):
        folders[:] = [one for one in folders if one != "__pycache__"]
        yield folder
        yield from (f"{folder}/{name}" for name in files if not name.endswith(".py"))


def _stamp(file: str) -> list[int] | None:
    """Tell one version of a file from another, and a file that is not there from both."""
    try:
        known = os.stat(file)  # noqa: PTH116, hundreds are asked for
    except OSError:
        return None
    return [known.st_mtime_ns, known.st_ctime_ns, known.st_size, known.st_ino]
