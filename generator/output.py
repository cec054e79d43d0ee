"""Writing results to disk: a whole folder or a whole file appears at once, or nothing changes."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from generator.errors import UsageError


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
    if folder.exists() and not force and not same_folder(folder, files):
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
    """
    refuse_existing(folder, files, force)
    if same_folder(folder, files):
        return False
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
    return True


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
    """
    if path.exists() and not force and path.read_bytes() != content:
        raise UsageError(f"{path} exists and differs; use --force to replace it")
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
