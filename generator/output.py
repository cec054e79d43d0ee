"""Writing results to disk: a whole folder or a whole file appears at once, or nothing changes."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any

from generator.errors import UnusableInput, UsageError


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Say plainly what the disk refuses: a full one, a missing right, a name that is too long."""
    try:
        yield
    except OSError as error:
        raise UnusableInput(path, f"cannot be written: {error.strerror or error}") from error


@contextmanager
def unbroken() -> Iterator[Callable[[], None]]:
    """Hold Ctrl-C back until the block has ended, or calls what it is given.

    It may come between any two instructions, also of those that tidy up after it.

    Raises
    ------
    KeyboardInterrupt
    """
    came: list[int] = []

    def give_way() -> None:
        if came:
            raise KeyboardInterrupt

    in_main = threading.current_thread() is threading.main_thread()
    if not in_main or signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        yield give_way
        return
    before = signal.signal(signal.SIGINT, lambda number, _: came.append(number))
    try:
        yield give_way
    finally:
        signal.signal(signal.SIGINT, before)
    give_way()


def _inside(folder: Path, name: str) -> Path:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts:
        raise ValueError(f"an export may not leave its folder: {name}")
    return folder.joinpath(*path.parts)


def same_folder(folder: Path, files: Mapping[str, bytes]) -> bool:
    """Say whether a folder holds exactly these files."""
    if not folder.is_dir():
        return False
    there = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if not p.is_dir()}
    return there == set(files) and all(
        _inside(folder, name).read_bytes() == content for name, content in files.items()
    )


def refuse_existing(folder: Path, files: Mapping[str, bytes], force: bool) -> None:
    """Raise UsageError if writing would replace something and that was not asked for."""
    with _told(folder):
        differs = not force and folder.exists() and not same_folder(folder, files)
    if differs:
        raise UsageError(f"{folder} exists and differs; use --force to replace it")


def write_folder(folder: Path, files: Mapping[str, bytes], force: bool = False) -> bool:
    """Write a folder so that readers see the old one or the new one, never a part.

    Parameters
    ----------
    folder : Path
        The folder to make.
    files : mapping of str to bytes
        Relative POSIX path to content.
    force : bool
        Whether an existing folder with other content may be replaced.

    Returns
    -------
    bool
        Whether anything was written; an identical folder is left alone.

    Raises
    ------
    UsageError
        If the folder exists with other content and ``force`` is off.
    UnusableInput
        If the disk does not take it.
    """
    return write_folders([(folder, files)], force) == 1


def write_folders(wanted: Sequence[tuple[Path, Mapping[str, bytes]]], force: bool = False) -> int:
    """Write several folders, each as :func:`write_folder`; on the disk before the first old one goes.

    Returns
    -------
    int
        How many were written.
    """
    for folder, files in wanted:
        refuse_existing(folder, files, force)
    with unbroken() as give_way:
        return _exchanged(wanted, give_way)


def _exchanged(wanted: Sequence[tuple[Path, Mapping[str, bytes]]], give_way: Callable[[], None]) -> int:
    """Stage what differs, have it on the disk, then change names; until then it may be given up."""
    staged: list[tuple[Path, Path]] = []
    made: list[Path] = []
    try:
        for folder, files in wanted:
            with _told(folder):
                if not same_folder(folder, files):
                    made += _parents(folder)
                    fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
                    staged.append((fresh, folder))
                    _stage(fresh, files, give_way)
        for fresh, folder in staged:
            with _told(folder):
                if fresh is staged[0][0]:
                    write_out(fresh)
                    give_way()
                swap(fresh, folder)
    finally:
        for fresh, _ in staged:
            shutil.rmtree(fresh, ignore_errors=True)
        for parent in reversed(made):
            with suppress(OSError):
                parent.rmdir()  # of what was given up; others are not empty
    return len(staged)


def _parents(path: Path) -> list[Path]:
    """Make the folders that a path is in; return those that are new, the outermost first."""
    new = [folder for folder in reversed(path.parents) if not folder.exists()]
    path.parent.mkdir(parents=True, exist_ok=True)
    return new


def _stage(fresh: Path, files: Mapping[str, bytes], give_way: Callable[[], None]) -> None:
    """Write the files into a fresh folder beside the one that they are for."""
    for name, content in files.items():
        give_way()
        path = _inside(fresh, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    fresh.chmod(0o755)


def swap(fresh: Path, folder: Path) -> None:
    """Put a fresh folder in the place of another, which is gone then; there is no moment without one.

    Raises
    ------
    OSError
        If the disk refuses; the old folder then is where it was.
    """
    if not folder.exists():
        fresh.rename(folder)
    elif not exchange(fresh, folder):
        old = Path(tempfile.mkdtemp(prefix=f".{folder.name}.old.", dir=folder.parent))
        folder.rename(old / folder.name)
        try:
            fresh.rename(folder)
        except BaseException:
            (old / folder.name).rename(folder)
            raise
        finally:
            shutil.rmtree(old, ignore_errors=True)
    sync(folder.parent)


# --- what the system can do ---------------------------------------------------------------------------

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2
_NOT_TO_BE_HAD = {errno.ENOSYS, errno.EINVAL, errno.EPERM, errno.EXDEV, errno.ENOTSUP}


def exchange(one: Path, other: Path) -> bool:
    """Let two folders change places in one step of the kernel; ``False`` where the system cannot."""
    rename = getattr(_library(), "renameat2", None)
    if rename is None:
        return False
    if rename(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE) == 0:
        return True
    import ctypes

    code = ctypes.get_errno()
    if code in _NOT_TO_BE_HAD:
        return False
    raise OSError(code, os.strerror(code), str(other))


def write_out(folder: Path) -> None:
    """Have everything in a folder on the disk; one call for the whole file system costs less than one a file.

    Raises
    ------
    OSError
        If the disk could not take it.
    """
    call = getattr(_library(), "syncfs", None)
    if call is None:
        os.sync() if hasattr(os, "sync") else None
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        if call(handle) != 0:
            import ctypes

            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code), str(folder))
    finally:
        os.close(handle)


def sync(path: Path) -> None:
    """Have a file or the names in a folder on the disk; systems that open no folders need not be asked."""
    try:
        handle = os.open(path, os.O_RDONLY)
    except PermissionError:
        return
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@cache
def _library() -> Any:
    """The system's own library, where there is one to be called."""
    import ctypes

    try:
        return ctypes.CDLL(None, use_errno=True)
    except (OSError, TypeError):
        return None


def write_file(path: Path, content: bytes, force: bool = False) -> None:
    """Write one file atomically.

    Raises
    ------
    UsageError
        If it exists with other content and ``force`` is off.
    UnusableInput
        If the disk does not take it.
    """
    with _told(path):
        differs = not force and path.exists() and path.read_bytes() != content
        if not differs:
            _replace(path, content)
    if differs:
        raise UsageError(f"{path} exists and differs; use --force to replace it")


def _replace(path: Path, content: bytes) -> None:
    with unbroken():
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            Path(name).chmod(0o644)
            Path(name).replace(path)
            sync(path.parent)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
