"""The old site or the new one, never a part: a new folder is made beside the old, then they change places.

The new folder starts as links to the files of the old site, so that what is published costs nothing and
cannot change by accident: a file is only ever replaced by another one, never written into. On Linux the two
folders change places in one step of the kernel (``renameat2`` with ``RENAME_EXCHANGE``). Where that is not to
be had the old folder is put aside first, and :func:`recover` puts it back if the program ends in between.
Everything is on the disk before they change places (``syncfs``), so that a cut of power leaves a whole site.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from generator.errors import UsageError
from generator.output import exchange, sync, unbroken, write_out


def _beside(site: Path, what: str) -> Path:
    return site.parent / f".{site.name}.{what}"


@contextmanager
def staging(site: Path) -> Iterator[Path]:
    """Give a fresh folder beside a site, full of links to its files; it is gone afterwards, whatever happens.

    Raises
    ------
    UsageError
        If another publish works on the same site.
    """
    site.parent.mkdir(parents=True, exist_ok=True)
    with _locked(site):
        recover(site)
        for left in sorted(site.parent.glob(f".{site.name}.new.*")):
            shutil.rmtree(left, ignore_errors=True)
        fresh = _beside(site, f"new.{os.getpid()}")
        try:
            fresh.mkdir()
            fresh.chmod(0o755)
            if site.is_dir():
                _link(site, fresh)
            yield fresh
        finally:
            with unbroken():
                shutil.rmtree(fresh, ignore_errors=True)


def recover(site: Path) -> None:
    """Put a site back that a killed switch had put aside."""
    aside = _beside(site, "old")
    if not aside.is_dir():
        return
    if site.exists():
        shutil.rmtree(aside, ignore_errors=True)
    else:
        aside.rename(site)


def put(folder: Path, name: str, content: bytes) -> bool:
    """Write a file; a link to the old site is taken away first, so that it is not written through.

    Returns
    -------
    bool
        Whether it is new or differs from the old one; the same content is left alone.
    """
    path = folder / name
    try:
        stream = path.open("xb")
    except FileExistsError:
        if path.read_bytes() == content:
            return False
        path.unlink()
        stream = path.open("xb")
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        stream = path.open("xb")
    with stream:
        stream.write(content)
    return True


def switch(fresh: Path, site: Path) -> None:
    """Make the fresh folder the site; the old site is left in the place of the fresh one."""
    write_out(fresh)
    with unbroken():
        if not site.exists():
            fresh.rename(site)
        elif not exchange(fresh, site):
            aside = _beside(site, "old")
            site.rename(aside)
            fresh.rename(site)
            shutil.rmtree(aside, ignore_errors=True)
        sync(site.parent)


def _link(old: Path, fresh: Path) -> None:
    """Fill a folder with links to the files of another one; copies where the file system has no links."""
    for folder, _, names in os.walk(old):
        there = fresh / Path(folder).relative_to(old)
        there.mkdir(exist_ok=True)
        for name in names:
            source = Path(folder, name)
            try:
                os.link(source, there / name)
            except OSError:
                shutil.copy2(source, there / name)


@contextmanager
def _locked(site: Path) -> Iterator[None]:
    try:
        import fcntl
    except ImportError:
        yield
        return
    with _beside(site, "lock").open("w") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise UsageError(f"another publish works on {site}") from error
        yield
