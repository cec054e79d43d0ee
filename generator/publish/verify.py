"""Checking a site, or one file of it, without a network: the signature of the sums, then the sums."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from generator.errors import UnusableInput, UsageError
from generator.publish import sums
from generator.publish.signing import SUFFIX, BadSignature, PublicKey


@dataclass(frozen=True)
class Verdict:
    """What checking found.

    Attributes
    ----------
    checked : int
        Files that were compared.
    comment : str or None
        Trusted comment of the signature; ``None`` where no key was given.
    faults : tuple of str
        One sentence each; empty if everything is as it was published.
    """

    checked: int
    comment: str | None
    faults: tuple[str, ...]


def verify(path: Path, key: PublicKey | None, listed: Path | None = None) -> Verdict:
    """Check a site or a file.

    Parameters
    ----------
    path : Path
        Folder of a site, or a file of it; a file is looked up in the nearest ``SHA256SUMS`` beside or above
        it, by its place, or by its name if it was moved.
    key : PublicKey or None
        Who must have signed; ``None`` checks the sums alone.
    listed : Path or None
        The ``SHA256SUMS`` to use for a single file.

    Raises
    ------
    UnusableInput, UsageError
        If there is nothing to check, or nothing to check it against.
    """
    if not path.exists():
        raise UsageError(f"no such file or directory: {path}")
    listing = _listing(path, listed)
    known = sums.read(listing)
    comment, faults = _signature(listing, key)
    if path.is_dir():
        faults += list(_folder(path, known))
        return Verdict(len(known), comment, tuple(faults))
    if path.resolve() != listing.resolve():
        faults += list(_file(path, listing, known))
    return Verdict(1, comment, tuple(faults))


def _listing(path: Path, listed: Path | None) -> Path:
    if listed is not None:
        return listed
    start = path.resolve() if path.is_dir() else path.resolve().parent
    folders = (start,) if path.is_dir() else (start, *start.parents)
    for folder in folders:
        if (folder / sums.NAME).is_file():
            return folder / sums.NAME
    raise UnusableInput(path, f"there is no {sums.NAME} to check it against")


def _signature(listing: Path, key: PublicKey | None) -> tuple[str | None, list[str]]:
    if key is None:
        return None, []
    path = listing.with_name(listing.name + SUFFIX)
    if not path.is_file():
        return None, [f"{path.name} is missing: the site is not signed"]
    try:
        comment = key.verify(listing.read_bytes(), path.read_text(encoding="utf-8", errors="replace"))
    except BadSignature as error:
        return None, [f"{listing.name}: {error}"]
    return comment, []


def _folder(site: Path, known: dict[str, str]) -> Iterator[str]:
    found = sums.digests(site)
    for name, value in known.items():
        if name not in found:
            yield f"{name} is missing"
        elif found[name] != value:
            yield f"{name} is not what was published"
    yield from (f"{name} is not part of the site" for name in found if name not in known)


def _file(path: Path, listing: Path, known: dict[str, str]) -> Iterator[str]:
    value, root = sums.digest(path), listing.resolve().parent
    place = path.resolve().relative_to(root).as_posix() if path.resolve().is_relative_to(root) else None
    wanted = (
        [known[place]]
        if place in known
        else [v for n, v in known.items() if n.rpartition("/")[2] == path.name]
    )
    if not wanted:
        yield f"{path.name} is not listed in {listing.name}"
    elif value not in wanted:
        yield f"{path.name} is not what was published"
