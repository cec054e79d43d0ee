"""A site as a folder: made from scratch, and brought to newer versions of the protocols it extends."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from generator import output, resources
from generator.errors import UnusableInput
from generator.model.tree import Target
from generator.spec.find import ids_below
from generator.spec.library import UPSTREAM
from generator.spec.load import load
from generator.spec.project import Site
from generator.spec.upgrade import Difference, differences, pinned, upstream_of

EXAMPLE = "site-example"
"""Folder of the templates from which a site is made."""


@dataclass(frozen=True, slots=True)
class Upgrade:
    """A protocol of the site that extends an old version.

    Attributes
    ----------
    name, old, new : str
        Upstream protocol, the version that is extended and the one that there is now.
    root : Path
        Folder of the site.
    """

    path: Path
    name: str
    old: str
    new: str
    root: Path
    source: Path
    differences: tuple[Difference, ...]

    def as_data(self) -> dict[str, Any]:
        """Make it ready for JSON."""
        rows = [
            {**asdict(one), "conflict": f"{one.conflict.position}: {one.conflict}" if one.conflict else None}
            for one in self.differences
        ]
        return {
            "path": str(self.path),
            "extends": self.name,
            "old": self.old,
            "new": self.new,
            "differences": rows,
        }


def make(folder: Path) -> tuple[str, ...]:
    """Make a new site with a worked example, the schema for editors and a check for continuous integration.

    Returns
    -------
    tuple of str
        The files, relative to the folder.

    Raises
    ------
    UnusableInput
        If the folder has files already.
    """
    import json

    from generator.spec.schema import json_schema

    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UnusableInput(folder, "is there already and not empty")
    example = resources.templates(EXAMPLE)
    files = {
        path.relative_to(example).as_posix().replace("dot-", "."): path.read_bytes()
        for path in sorted(example.rglob("*"))
        if path.is_file()
    }
    files["examcard.schema.json"] = (json.dumps(json_schema(), indent=1) + "\n").encode()
    for name, _, path in ids_below(resources.specs("protocols")):
        wanted = [text for text in files.values() if f"extends: {name}@".encode() in text]
        if wanted:
            files |= frozen(path)
    output.write_folder(folder, files, False)
    return tuple(sorted(files))


def frozen(path: Path) -> dict[str, bytes]:
    """Copy a protocol with its definitions, so that a later program builds the same from it."""
    spec = load(path)
    folder = f"{UPSTREAM}/{spec.protocol_id}@{spec.version}"
    used = {file for definition in spec.definitions for file in definition.files}
    copies = {f"{folder}/sequences/{file.name}": file.read_bytes() for file in sorted(used)}
    return {f"{folder}/protocol.yaml": path.read_bytes(), **copies}


def pending(site: Site) -> tuple[Upgrade, ...]:
    """Find the protocols of a site that extend another version than the one that is shipped."""
    shipped = {name: (version, path) for name, version, path in ids_below(resources.specs("protocols"))}
    return tuple(_pending(site, shipped))


def _pending(site: Site, shipped: dict[str, tuple[str, Path]]) -> Iterator[Upgrade]:
    root = site.scope.root
    assert root is not None
    copies = {(name, version): path for name, version, path in ids_below(root)}
    targets: list[Target] = [machine.target for machine in site.machines]
    for path in site.protocols:
        name, old = upstream_of(path) or ("", "")
        new, source = shipped.get(name, (old, path))
        if new == old or (name, old) not in copies:
            continue
        heir = load(path)
        found = (one for target in targets for one in differences(copies[name, old], source, heir, target))
        once = {(one.step, one.field, one.old, one.new): one for one in found}
        yield Upgrade(path, name, old, new, root, source, tuple(once.values()))


def accept_upgrades(found: Iterable[Upgrade]) -> tuple[Path, ...]:
    """Write the new version behind every pin, and its copy into the site.

    Returns
    -------
    tuple of Path
        The files that were written.
    """
    written = []
    for one in found:
        text = pinned(one.path.read_text("utf-8"), one.name, one.new)
        for name, content in frozen(one.source).items():
            target = one.root / name
            target.parent.mkdir(parents=True, exist_ok=True)
            output.write_file(target, content, True)
            written.append(target)
        output.write_file(one.path, text.encode(), True)
        written.append(one.path)
    return tuple(dict.fromkeys(written))
