"""What a user means by the name of a protocol: a file, a folder, or the id of a shipped one."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator
from pathlib import Path

from generator import disk, limits, resources
from generator.errors import UsageError
from generator.text import did_you_mean

SITE = "site.yaml"
"""The file that makes a folder a site."""

_HEAD = re.compile(r"""^(?:\ufeff)?["']?(?:protocol|steps)["']?[ \t]*:""", re.MULTILINE)
_ID = re.compile(r"""^protocol[ \t]*:[ \t]*["']?([\w.-]+)""", re.MULTILINE)
_VERSION = re.compile(r"""^version[ \t]*:[ \t]*["']?([\w.-]+)""", re.MULTILINE)


def find(reference: str) -> list[Path]:
    """Find the protocol files that a reference names.

    Parameters
    ----------
    reference : str
        A YAML file; a folder, for all protocol files below it; or the id of a shipped protocol.

    Returns
    -------
    list of Path
        In alphabetical order, at least one.

    Raises
    ------
    UsageError
        If there is no such thing, or no protocol in the folder.
    """
    path = Path(reference)
    if disk.ask(os.path.isdir, reference):  # pathlib raises for a name that is too long
        return _in_folder(path)
    if disk.ask(os.path.exists, reference):
        return [path]
    shipped = {_id(file): file for folder in _folders() for file in protocols_below(folder)}
    if reference in shipped:
        return [shipped[reference]]
    near = did_you_mean(reference, shipped)
    hint = f", did you mean {near!r}?" if near else ""
    choices = () if near else sorted(shipped)
    raise UsageError(f"{reference!r} is no file, no folder and no shipped protocol{hint}", choices)


def _folders() -> list[Path]:
    """Name the folders of shipped protocols and, in a site, of its own, which win."""
    own = next(sites(Path.cwd()), None)
    return [
        resources.specs("protocols"),
        *([own / "protocols"] if own and disk.ask(Path.is_dir, own / "protocols") else []),
    ]


def sites(folder: Path) -> Iterator[Path]:
    """Name the folders with a ``site.yaml``, from one upwards."""
    return (one for one in (folder, *folder.parents) if disk.ask(Path.is_file, one / SITE))


def protocols_below(folder: Path) -> list[Path]:
    """List the protocol files below a folder: YAML files with a ``protocol`` or ``steps`` at the margin."""
    files = disk.ask(disk.below, folder, "**/*.yaml", "**/*.yml")
    return [file for file in files if disk.ask(Path.is_file, file) and _HEAD.search(_text(file))]


def ids_below(folder: Path) -> Iterator[tuple[str, str, Path]]:
    """Name the protocols below a folder: id, version (empty if none is stated) and file."""
    for file in protocols_below(folder):
        text = _text(file)
        if match := _ID.search(text):
            version = _VERSION.search(text)
            yield match[1], version[1] if version else "", file


def _in_folder(folder: Path) -> list[Path]:
    found = protocols_below(folder)
    if not found:
        raise UsageError(f"no protocol files in {folder}")
    return found


def _id(file: Path) -> str:
    match = _ID.search(_text(file))
    return match[1] if match else file.stem


def _text(file: Path) -> str:
    try:
        content = disk.ask(disk.content, file, limits.SPEC_BYTES + 1)
        return io.TextIOWrapper(io.BytesIO(content), "utf-8", errors="replace").read()
    except OSError:
        return ""
