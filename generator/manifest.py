"""The manifest beside every export: what it is, from what, for whom, what was lost, and its checksums."""

from __future__ import annotations

import json
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generator import __version__

if TYPE_CHECKING:
    from generator.model.tree import Protocol, Target
    from generator.vendors.dialect import Export

NAME = "manifest.json"

WHAT_IT_IS = {
    "donor": "patched from an export of the site's own scanner; check every value at the console",
    "template": "made from templates; untested on a console",
    "sheet": "for entry by hand at the console; not a file that a console reads",
}


def digest(paths: Iterable[Path]) -> str:
    """Digest everything a spec was made from: the names and bytes of its files, in order of use."""
    total = sha256()
    for path in paths:
        content = path.read_bytes()
        total.update(f"{path.name}\0{len(content)}\0".encode() + content)
    return total.hexdigest()


def manifest(
    protocol: Protocol, target: Target, export: Export, spec_sha256: str, warnings: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Describe an export.

    Parameters
    ----------
    spec_sha256 : str
        Digest of everything the protocol was made from: its file and the definitions that it uses.
    warnings : tuple of str
        What the export has to say on its face, such as errors that were overridden.

    Returns
    -------
    dict
        JSON-ready, keys in a fixed order, no dates.
    """
    donor = export.donor
    return {
        "program": {"name": "examcard", "version": __version__},
        "spec": {
            "id": protocol.id,
            "title": protocol.name,
            "version": protocol.version,
            "sha256": spec_sha256,
        },
        "target": target.model_dump(mode="json"),
        "kind": export.kind,
        "what_it_is": WHAT_IT_IS[export.kind],
        "donor": {"name": donor.name, "sha256": donor.sha256} if donor else None,
        "warnings": list(warnings),
        "losses": [loss.model_dump(mode="json") for loss in export.losses],
        "notes": [note.model_dump(mode="json") for note in export.notes],
        "files": [
            {"path": path, "size": len(content), "sha256": sha256(content).hexdigest()}
            for path, content in sorted(export.files.items())
        ],
    }


def to_bytes(value: dict[str, Any]) -> bytes:
    """Serialise a manifest: UTF-8, two-space indent, LF, final line end."""
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()
