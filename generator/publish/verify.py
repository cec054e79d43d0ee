"""Checking a site, or one file of it, without a network: signature, sums, and what became of a card since."""

from __future__ import annotations

import json
import os
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from generator.errors import UnusableInput, UsageError
from generator.manifest import NAME as MANIFEST
from generator.publish import sums
from generator.publish.layers import MAXIMUM_BYTES
from generator.publish.notice import REFUSED
from generator.publish.notices import NAME as STATUS
from generator.publish.seen import Seen
from generator.publish.signing import SUFFIX, BadSignature, PublicKey

_SIGNED_AS = re.compile(r"\tnumber:(\d+)\tdate:([\d-]+)")


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
        One sentence each; empty if everything is as it was published and nothing was withdrawn.
    remarks : tuple of str
        What is no fault, but what whoever asks should know: a newer version, what cannot be decided.
    number, date : int, str
        Which publication this is.
    """

    checked: int
    comment: str | None
    faults: tuple[str, ...]
    remarks: tuple[str, ...] = ()
    number: int = 0
    date: str = ""


def verify(
    path: Path,
    key: PublicKey | None,
    listed: Path | None = None,
    at_least: int = 0,
    seen: Seen | None = None,
) -> Verdict:
    """Check a site or a file.

    Parameters
    ----------
    path : Path
        Folder of a site, or a file of it; a file is looked up in the nearest ``SHA256SUMS`` beside or above
        it, by its place, or by its name if it was moved. An archive without one is checked by itself.
    key : PublicKey or None
        Who must have signed; ``None`` checks the sums alone.
    listed : Path or None
        The ``SHA256SUMS`` to use for a single file.
    at_least : int
        Number of a publication that is known; an older one is a fault.
    seen : Seen or None
        What this verifier has seen of the key: an older publication is a fault, a newer one is remembered if
        it has none. An archive by itself keeps the number of its first publication and is not asked.

    Raises
    ------
    UnusableInput, UsageError
        If there is nothing to check, or nothing to check it against.
    """
    if not path.exists():
        raise UsageError(f"no such file or directory: {path}")
    listing = listed or _listing(path)
    if listing is None:
        return _with_number(_alone(path, key), at_least)
    known = sums.read(listing)
    comment, faults = _signature(listing, key)
    status, missing = _status(listing, known)
    faults += missing
    remarks: list[str] = []
    if path.is_dir():
        faults += list(_folder(path, known))
        remarks += [text for one in status["not_current"] for text in _kept(path, one)]
        checked = len(known)
    else:
        became = [(one["status"], _told(path.name, one)) for one in _about(path, listing, status)]
        faults += [text for state, text in became if state in REFUSED]
        remarks += [text for state, text in became if state not in REFUSED]
        if path.resolve() != listing.resolve():
            faults += list(_file(path, listing, known))
        checked = 1
    found = Verdict(checked, comment, tuple(faults), tuple(remarks), status["number"], status["date"])
    if seen is None or key is None:
        return _with_number(found, at_least)
    found = _with_number(found, max(at_least, seen.number(key)))
    if not found.faults:
        seen.remember(key, found.number)
    return found


def _with_number(found: Verdict, at_least: int) -> Verdict:
    """Add what the number of the publication says: that of the signature, which nobody can change."""
    signed = _SIGNED_AS.search(found.comment or "")
    number, date = (int(signed[1]), signed[2]) if signed else (found.number, found.date)
    faults = found.faults
    if signed and found.number not in (0, number):
        faults += (f"{STATUS} is of publication {found.number}, the signature of {number}",)
    if number < at_least:
        faults += (f"an older publication: number {number or 'unknown'}, asked for is {at_least} or later",)
    return Verdict(found.checked, found.comment, faults, found.remarks, number, date)


def _listing(path: Path) -> Path | None:
    start = path.resolve() if path.is_dir() else path.resolve().parent
    folders = (start,) if path.is_dir() else (start, *start.parents)
    found = next((folder / sums.NAME for folder in folders if (folder / sums.NAME).is_file()), None)
    if found is None and not zipfile.is_zipfile(path):
        raise UnusableInput(path, f"there is no {sums.NAME} to check it against")
    return found


def _signature(file: Path, key: PublicKey | None) -> tuple[str | None, list[str]]:
    if key is None:
        return None, []
    path = file.with_name(file.name + SUFFIX)
    if not path.is_file():
        return None, [f"{path.name} is missing: it is not signed"]
    try:
        comment = key.verify(file.read_bytes(), path.read_text(encoding="utf-8", errors="replace"))
    except BadSignature as error:
        return None, [f"{file.name}: {error}"]
    return comment, []


def _status(listing: Path, known: dict[str, str]) -> tuple[dict[str, Any], list[str]]:
    """Read what became of the cards; without it nothing can be called current."""
    path = listing.with_name(STATUS)
    empty = {"not_current": [], "number": 0, "date": ""}
    if not path.is_file():
        return empty, [
            f"{STATUS} is missing beside {listing.name}: whether a card was withdrawn is not known"
        ]
    content = path.read_bytes()
    if known.get(STATUS) != sha256(content).hexdigest():
        return empty, [f"{STATUS} is not what was published"]
    found: dict[str, Any] = json.loads(content)
    return found, []


def _about(path: Path, listing: Path, status: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Entries about a file: the export by its digest or its name, whatever lies in the folder of its card."""
    value, root = sums.digest(path), listing.resolve().parent
    inside = path.resolve().is_relative_to(root)
    place = path.resolve().relative_to(root).as_posix() if inside else ""
    for one in status["not_current"]:
        folder = f"protocols/{one['protocol']}/{one['version']}/{one['card']}/"
        if one["sha256"] == value or one["file"] == path.name or place.startswith(folder):
            yield one


def _told(name: str, one: dict[str, Any]) -> str:
    if one["status"] == "outdated":
        return f"{name}: there is a newer version, {one['by']}"
    if one["status"] == "discontinued":
        return f"{name}: the protocol is no longer part of the publication"
    reasons = " / ".join(one["reason"].values())
    by = f"; its place is taken by {one['by']}" if one["by"] else ""
    return f"{one['status']}: {name}, {one['date']}: {reasons}{by}"


def _kept(site: Path, one: dict[str, Any]) -> Iterator[str]:
    """Name an export that a notice covers and that is still in the site."""
    name = f"protocols/{one['protocol']}/{one['version']}/{one['folder']}/{one['file']}"
    if one["status"] in REFUSED and (site / name).exists():
        yield _told(name, one)


def _folder(site: Path, known: dict[str, str]) -> Iterator[str]:
    found = sums.digests(site)
    for name, value in known.items():
        if name not in found:
            yield f"{name} is missing"
        elif found[name] != value:
            yield f"{name} is not what was published"
    yield from (f"{name} is not part of the site" for name in found if name not in known)
    yield from _beside(site, known)


def _beside(site: Path, known: dict[str, str]) -> Iterator[str]:
    """What no list of sums can name: folders that are links, further lists, signatures of nothing."""
    for folder, folders, names in os.walk(site):
        place = Path(folder).relative_to(site)
        for name in sorted(folders):
            if Path(folder, name).is_symlink():
                yield f"{(place / name).as_posix()} is a link to a folder, not part of the site"
        for name in sorted(names):
            path = (place / name).as_posix()
            of = path.removesuffix(SUFFIX)
            nested = name == sums.NAME and path != sums.NAME
            if nested or (of != path and of != sums.NAME and of not in known):
                yield f"{path} is not part of the site"


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


def _alone(path: Path, key: PublicKey | None) -> Verdict:
    """Check an archive by itself: its own signature, and what it holds against its manifest."""
    comment, faults = _signature(path, key)
    checked, wrong = _inside(path)
    remark = f"{path.name} alone does not tell whether it was withdrawn since; {sums.NAME} and {STATUS} do"
    return Verdict(checked, comment, (*faults, *wrong), (remark,))


def _inside(path: Path) -> tuple[int, list[str]]:
    """Compare the files of an archive with its manifest; number of files and what is wrong.

    Raises
    ------
    UnusableInput
        If it is no export of this program.
    """
    with zipfile.ZipFile(path) as archive:
        sizes = {one.filename: one.file_size for one in archive.infolist()}
        top = next((name for name in sizes if name.count("/") == 1 and name.endswith(f"/{MANIFEST}")), None)
        if top is None or sum(sizes.values()) > MAXIMUM_BYTES:
            raise UnusableInput(path, f"no export of this program: there is no {MANIFEST} in it")
        folder = top.rpartition("/")[0]
        try:
            listed = {
                f"{folder}/{one['path']}": one["sha256"] for one in json.loads(archive.read(top))["files"]
            }
            wrong = [name for name, value in listed.items() if _digest(archive, name) != value]
        except (ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
            raise UnusableInput(path, f"cannot be read: {error}") from error
    return len(listed), [f"{name} in {path.name} is not what its manifest lists" for name in wrong]


def _digest(archive: zipfile.ZipFile, name: str) -> str | None:
    """Digest a file of an archive; ``None`` if it is not there, or damaged."""
    try:
        return sha256(archive.read(name)).hexdigest()
    except (KeyError, zipfile.BadZipFile):
        return None
