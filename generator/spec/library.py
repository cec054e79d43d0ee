"""Sequence definitions: where they are looked up, each file read once."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from generator import resources
from generator.errors import UnusableInput
from generator.model.tree import Acquisition
from generator.spec.blocks import layout, read_block
from generator.spec.diagnostic import Diagnostic, Position, SourceErrors
from generator.spec.mappings import Citations, read_citations, read_id
from generator.spec.nodes import MappingNode, compose
from generator.spec.source import Report, Source, read_source, shown
from generator.spec.spec import Definition, Given

FOLDER = "sequences"


@dataclass(frozen=True, slots=True)
class Shelf:
    """One definition file as it was read."""

    definition: Definition | None
    errors: tuple[Diagnostic, ...]
    stamp: tuple[str, int, int]


_read: dict[Path, Shelf] = {}


def folders(start: Path) -> Iterator[Path]:
    """Name the folders in which definitions are looked up, the nearest first, the shipped ones last.

    Parameters
    ----------
    start : Path
        The folder of the protocol, absolute.
    """
    for folder in (start, *start.parents):
        yield folder / FOLDER
    yield resources.specs(FOLDER)


def locate(name: str, start: Path) -> Path | None:
    """Find the file of a definition."""
    candidates = (folder / f"{name}.yaml" for folder in folders(start))
    return next((path for path in candidates if path.is_file()), None)


def known(start: Path) -> list[str]:
    """Name every definition that a protocol in ``start`` may use."""
    return sorted({path.stem for folder in folders(start) for path in folder.glob("*.yaml")})


def definition(path: Path) -> tuple[Definition | None, tuple[Diagnostic, ...]]:
    """Read a definition file, unless it is as it was when it was last read.

    Returns
    -------
    definition, errors
        The definition is ``None`` if the file holds none that could be used.
    """
    try:
        status = path.stat()
        stamp = (os.fspath(Path.cwd()), status.st_mtime_ns, status.st_size)
        if path not in _read or _read[path].stamp != stamp:
            _read[path] = _read_file(path, stamp)
    except (OSError, UnusableInput) as error:
        at = Position(shown(path), 1, 1)
        return None, (Diagnostic("unreadable", f"the definition cannot be read: {error}", at),)
    return _read[path].definition, _read[path].errors


def _read_file(path: Path, stamp: tuple[str, int, int]) -> Shelf:
    try:
        source = read_source(path)
        report = Report(source)
        found = _definition(source, path, report)
    except SourceErrors as errors:
        return Shelf(None, tuple(errors.diagnostics), stamp)
    return Shelf(found, tuple(report.found), stamp)


def _definition(source: Source, path: Path, report: Report) -> Definition | None:
    root = compose(source, report)
    if root is None:
        return None
    if not isinstance(root, MappingNode) or "acquisition" not in root.entries:
        message = "a sequence definition begins with its id"
        report.error("missing-key", message, root.position, expected=f"acquisition: {path.stem}")
        return None
    head = root.entries["acquisition"]
    form = layout(Acquisition, "acquisition")
    block = read_block(root, form, report, read_citations(root, [root], form, report, Citations()))
    name = read_id(head, report)
    if name is not None and name != path.stem:
        message = f"the definition {name!r} stands in {path.name}"
        report.error("id-mismatch", message, head.position, expected=f"acquisition: {path.stem}")
    if name is None:
        return None
    named = {"name": Given(name, head.position), "definition": Given(name, head.position)}
    return Definition(name, replace(block, fields={**named, **block.fields}), path)
