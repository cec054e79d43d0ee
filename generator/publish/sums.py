"""``SHA256SUMS``: the digest of every file of a site, in the form that ``sha256sum --check`` reads."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path

from generator.errors import UnusableInput
from generator.publish.signing import SUFFIX

NAME = "SHA256SUMS"


def digests(site: Path) -> dict[str, str]:
    """Digest every file of a site, signatures and the list itself left out.

    Returns
    -------
    dict of str to str
        Relative POSIX path to SHA-256, in alphabetical order.
    """
    found = {}
    for folder, _, names in os.walk(site):
        for name in names:
            path = Path(folder, name)
            if name != NAME and not name.endswith(SUFFIX):
                found[path.relative_to(site).as_posix()] = digest(path)
    return dict(sorted(found.items()))


def digest(path: Path) -> str:
    """Digest a file, a piece at a time."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def to_bytes(sums: Mapping[str, str]) -> bytes:
    """Write the list."""
    return "".join(f"{value}  {name}\n" for name, value in sums.items()).encode()


def read(path: Path) -> dict[str, str]:
    """Read a list.

    Raises
    ------
    UnusableInput
        If it cannot be opened, or a line is none of digest and name.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UnusableInput(path, f"cannot be read: {error}") from error
    found = {}
    for number, line in enumerate(lines, 1):
        value, _, name = line.partition("  ")
        if len(value) != 64 or not name:
            raise UnusableInput(path, "neither digest nor name", f"line {number}")
        found[name] = value
    return found
