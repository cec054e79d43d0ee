"""What a user means by the name of a protocol: a file, a folder, or the id of a shipped one."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from generator import resources
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
    if os.path.isdir(reference):  # noqa: PTH112 - pathlib raises for a name that is too long
        return _in_folder(path)
    if os.path.exists(reference):  # noqa: PTH110
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
    own = next(
        (folder for folder in (Path.cwd(), *Path.cwd().parents) if (folder / "site.yaml").is_file()), None
    )
    return [
        resources.specs("protocols"),
        *([own / "protocols"] if own and (own / "protocols").is_dir() else []),
    ]


def protocols_below(folder: Path) -> list[Path]:
    """List the protocol files below a folder: YAML files with a ``protocol`` or ``steps`` at the margin."""
    files = sorted([*folder.rglob("*.yaml"), *folder.rglob("*.yml")])
    return [file for file in files if file.is_file() and _HEAD.search(_text(file))]


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
        return file.read_text("utf-8", errors="replace")
    except OSError:
        return ""
