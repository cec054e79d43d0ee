"""The files of a translation: every protocol in a folder of its own, in the tree of regions it came from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path

from generator import manifest, output
from generator.pipeline import safe, scanner_folder
from generator.translate.migrate import Migration
from generator.translate.report import as_data, document


def write_all(migrations: Sequence[Migration], file: str, folder: Path, force: bool) -> dict[int, str]:
    """Write every export with its manifest and its report, all or none.

    Returns
    -------
    dict
        By place among ``migrations`` the folder below ``folder``; a protocol that was refused has none.

    Raises
    ------
    UsageError
        If something is there already and ``force`` is not set.
    """
    folders = _folders(migrations)
    files = {place: _files(migrations[index], file, place, index) for index, place in folders.items()}
    for place, contents in files.items():
        output.refuse_existing(folder / place, contents, force)
    for place, contents in files.items():
        output.write_folder(folder / place, contents, force)
    return folders


def _folders(migrations: Sequence[Migration]) -> dict[int, str]:
    found: dict[int, str] = {}
    for index, one in enumerate(migrations):
        if one.export is None:
            continue
        path = one.protocol.path or (one.protocol.name,)
        names = [safe(part).strip(".") or "_" for part in path]
        place = "/".join([scanner_folder(one.way.target), one.export.kind, *names])
        taken = set(found.values())
        found[index] = next(
            name
            for n in range(1, len(taken) + 2)
            if (name := place if n == 1 else f"{place}-{n}") not in taken
        )
    return found


def _files(one: Migration, file: str, place: str, index: int) -> Mapping[str, bytes]:
    assert one.export is not None
    source = Path(file.split("#")[0])
    digest = sha256(one.protocol.model_dump_json().encode()).hexdigest()
    described = manifest.manifest(
        one.adapted.protocol, one.way.target, one.export, digest,
        provenance=[{"definition": one.protocol.name, "file": source.name, "sha256": digest}],
    )  # fmt: skip
    report = {0: place}
    return {
        **one.export.files,
        manifest.NAME: manifest.to_bytes(described),
        "migration.json": manifest.to_bytes(as_data([one], source.name, report)),
        "migration.html": document([one], source.name, report).render("html").encode(),
    }
