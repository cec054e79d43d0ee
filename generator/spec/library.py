"""Sequence definitions: where they are looked up, each file read once."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from generator import disk, resources
from generator.errors import UnusableInput
from generator.model.tree import Acquisition
from generator.spec.blocks import layout, read_block
from generator.spec.diagnostic import Diagnostic, Position, SourceErrors
from generator.spec.mappings import Citations, read_citations, read_id
from generator.spec.nodes import MappingNode, ScalarNode, compose
from generator.spec.source import Report, Source, line_at, read_source, shown
from generator.spec.spec import Block, Definition, Given, Scope
from generator.text import did_you_mean

FOLDER = "sequences"
UPSTREAM = "upstream"
"""Folder of a site with copies of the protocols that it extends, each with all its definitions."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """One definition file as it was read, without what it extends."""

    block: Block | None = None
    extends: ScalarNode | None = None
    errors: tuple[Diagnostic, ...] = ()


_read: dict[tuple[Any, ...], Shelf] = {}


def folders(start: Path, scope: Scope) -> Iterator[Path]:
    """Name the folders in which definitions are looked up, the nearest first, the shipped ones last.

    Parameters
    ----------
    start : Path
        The folder of the protocol, absolute.
    scope : Scope
        Its root ends the search above the protocol; without a site only its own folder is searched.
    """
    root = scope.root
    if root is None or not start.is_relative_to(root):
        yield from ([root / FOLDER] if root else [])
        yield start / FOLDER
    else:
        yield from (folder / FOLDER for folder in (start, *start.parents) if folder.is_relative_to(root))
        if start.is_relative_to(root / UPSTREAM):
            return
    yield resources.specs(FOLDER)


def known(searched: Sequence[Path]) -> list[str]:
    """Name every definition in some folders."""
    return sorted({path.stem for folder in searched for path in disk.ask(disk.below, folder, "*.yaml")})


@dataclass(frozen=True)
class Library:
    """The definitions that one protocol may use.

    Attributes
    ----------
    folders : tuple of Path
        Where they are looked up, see :func:`folders`.
    """

    folders: tuple[Path, ...]
    scope: Scope

    def find(
        self, name: str, errors: list[Diagnostic], start: int = 0, above: tuple[Path, ...] = ()
    ) -> Definition | None:
        """Find a definition by its id, with all that it extends.

        Parameters
        ----------
        errors : list of Diagnostic
            Takes what is wrong with the files.
        start : int
            The folder to begin with.
        above : tuple of Path
            The definitions that extend it.

        Returns
        -------
        Definition or None
            ``None`` if there is none, or none that could be used.
        """
        index = next(self._holders(name, start), None)
        if index is None:
            return None
        path = self.folders[index] / f"{name}.yaml"
        shelf = _shelf(path, self.scope)
        errors += [error for error in shelf.errors if error not in errors]
        if shelf.block is None:
            return None
        if path in above:
            message = f"the definition {name!r} extends itself"
            at = shelf.block.position
            errors.append(Diagnostic("circular-extends", message, at, line_at(at)))
            return None
        below = self._below(name, index, (*above, path), shelf, errors)
        own = Definition(name, (shelf.block,), (path,))
        if below is None:
            return own if shelf.extends is None else None
        return Definition(name, (*below.blocks, *own.blocks), (*own.files, *below.files))

    def exists(self, name: str, start: int = 0) -> bool:
        """Say whether a folder has the file of a definition."""
        return next(self._holders(name, start), None) is not None

    def _holders(self, name: str, start: int) -> Iterator[int]:
        """Count off the folders that have the file of a definition."""
        for index, folder in enumerate(self.folders[start:], start):
            if disk.ask(os.path.isfile, f"{folder}{os.sep}{name}.yaml"):
                yield index

    def _below(
        self, name: str, index: int, above: tuple[Path, ...], shelf: Shelf, errors: list[Diagnostic]
    ) -> Definition | None:
        """Find what a definition extends; one that hides another of its id has to extend it."""
        node = shelf.extends
        if node is None:
            if self.exists(name, index + 1):
                message = f"the definition {name!r} hides another one of this id"
                expected = f"extends: {name}, to change it; or an id of its own"
                at = shelf.block.position if shelf.block else Position(shown(above[-1]), 1, 1)
                errors.append(Diagnostic("shadowed-definition", message, at, line_at(at), expected))
            return None
        start = index + 1 if node.text == name else 0
        below = self.find(node.text, errors, start, above)
        if below is None and not self.exists(node.text, start):
            near = did_you_mean(node.text, known(self.folders))
            message, line = f"there is no definition {node.text!r} to extend", line_at(node.position)
            errors.append(Diagnostic("unknown-definition", message, node.position, line, None, near))
        return below


def _shelf(path: Path, scope: Scope) -> Shelf:
    """Read a definition file, unless it is as it was when it was last read."""
    try:
        status = path.stat()
        key = (path, scope.key, os.fspath(Path.cwd()), status.st_mtime_ns, status.st_size)
        if key not in _read:
            _read[key] = _read_file(path, scope)
        return _read[key]
    except (OSError, UnusableInput) as error:
        at = Position(shown(path), 1, 1)
        return Shelf(errors=(Diagnostic("unreadable", f"the definition cannot be read: {error}", at),))


def _read_file(path: Path, scope: Scope) -> Shelf:
    try:
        source = read_source(path)
        report = Report(source)
        found = _definition(source, path, scope, report)
    except SourceErrors as errors:
        return Shelf(errors=tuple(errors.diagnostics))
    return replace(found, errors=tuple(report.found))


def _definition(source: Source, path: Path, scope: Scope, report: Report) -> Shelf:
    root = compose(source, report, scope.variables)
    if root is None:
        return Shelf()
    if not isinstance(root, MappingNode) or "acquisition" not in root.entries:
        message = "a sequence definition begins with its id"
        report.error("missing-key", message, root.position, expected=f"acquisition: {path.stem}")
        return Shelf()
    head, base = root.entries["acquisition"], root.entries.get("extends")
    form = layout(Acquisition, "acquisition", "extends")
    block = read_block(root, form, report, read_citations(root, [root], form, report, Citations()))
    name, extends = read_id(head, report), read_id(base, report) if base else None
    if name is not None and name != path.stem:
        message = f"the definition {name!r} is in the file {path.name}"
        report.error("id-mismatch", message, head.position, expected=f"acquisition: {path.stem}")
    if name is None or (base and not extends):
        return Shelf()
    named = {"name": Given(name, head.position), "definition": Given(name, head.position)}
    given = {**named, **block.fields} if not base else {"definition": named["definition"], **block.fields}
    node = base if isinstance(base, ScalarNode) else None
    return Shelf(replace(block, fields=given, position=head.position), node)
