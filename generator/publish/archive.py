"""An export as one download: a ZIP archive whose bytes depend on its content alone."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping

_EARLIEST = (1980, 1, 1, 0, 0, 0)
_PLAIN_FILE = 0o100644 << 16
_UNIX = 3


def same_export(one: bytes, other: bytes) -> bool:
    """Say whether two archives hold the same export: the files of their manifests, whatever lies beside."""

    def listed(content: bytes) -> object:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            name = next(name for name in archive.namelist() if name.endswith("/manifest.json"))
            return json.loads(archive.read(name))["files"]

    return listed(one) == listed(other)


def pack(files: Mapping[str, bytes], folder: str) -> bytes:
    """Pack files into an archive.

    Stored, not compressed: what a compressor writes differs between its releases, and a published file
    must be the same wherever it is made.

    Parameters
    ----------
    files : mapping of str to bytes
        Relative POSIX path to content.
    folder : str
        Folder that the archive unpacks to.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            info = zipfile.ZipInfo(f"{folder}/{name}", _EARLIEST)
            info.external_attr, info.create_system = _PLAIN_FILE, _UNIX
            archive.writestr(info, files[name])
    return buffer.getvalue()
