"""Writing results to disk: a whole folder or a whole file appears at once, or nothing changes."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from generator.errors import UnusableInput, UsageError


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Say plainly what the disk refuses: a full one, a missing right, a name that is too long."""
    try:
        yield
    except OSError as error:
        raise UnusableInput(path, f"cannot be written: {error.strerror or error}") from error


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
    refuse_existing(folder, files, force)
    with _told(folder):
        if same_folder(folder, files):
            return False
        _write(folder, files)
    return True


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        for name, content in files.items():
            path = _inside(fresh, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        fresh.chmod(0o755)
        _swap(fresh, folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _swap(fresh: Path, folder: Path) -> None:
    if not folder.exists():
        fresh.rename(folder)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{folder.name}.old.", dir=folder.parent))
    folder.rename(old / folder.name)
    try:
        fresh.rename(folder)
    except OSError:
        (old / folder.name).rename(folder)
        raise
    finally:
        shutil.rmtree(old, ignore_errors=True)


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
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
