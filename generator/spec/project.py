"""A site: the folder with ``site.yaml``, its scanners, and what it changes in the protocols of others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from generator import disk, resources
from generator.errors import UsageError
from generator.model.scanner import Scanner
from generator.model.tree import Target
from generator.spec import library
from generator.spec.changes import read_changes
from generator.spec.diagnostic import Diagnostic
from generator.spec.find import SITE, find, sites
from generator.spec.mappings import Citations, check_keys, read_id, read_text
from generator.spec.nodes import MappingNode, ScalarNode, SequenceNode, compose
from generator.spec.nodes import Node as YamlNode
from generator.spec.scanners import FOLDER as SCANNERS
from generator.spec.scanners import read_scanner
from generator.spec.source import Report, raise_all, read_source
from generator.spec.spec import Change, Definition, Scope
from generator.spec.steps import StepReader

NAME = SITE
VARIABLES = "variables.yaml"
"""The file that makes a folder a site, and the one with the variables of the shipped protocols."""

KEYS = ("site", "title", "protocols", "guidelines", "settings", "variables", "changes", "output")


@dataclass(frozen=True, slots=True)
class Machine:
    """One scanner of a site, and what surrounds the protocols that are made for it."""

    scanner: Scanner
    scope: Scope

    @property
    def target(self) -> Target:
        """The target that cards for it are made for; the release is the last one its file names."""
        one = self.scanner
        return Target(
            vendor=one.vendor,
            field_strength=one.field_strength,
            model=one.model,
            software=one.software[-1] if one.software else None,
            scanner=one.id,
        )


@dataclass(frozen=True, slots=True)
class Site:
    """A project of protocols and scanners; ``output`` is the folder that its cards are written to."""

    id: str
    title: str
    scope: Scope
    protocols: tuple[Path, ...]
    machines: tuple[Machine, ...]
    output: Path

    def machine(self, name: str) -> Machine:
        """Return a scanner by its id.

        Raises
        ------
        UsageError
            If there is none of this name.
        """
        for machine in self.machines:
            if machine.scanner.is_called(name):
                return machine
        raise UsageError(f"the site has no scanner {name!r}", [one.scanner.id for one in self.machines])


@cache
def default_variables() -> Mapping[str, YamlNode]:
    """Return the variables of the shipped protocols with their usual values."""
    report = Report(read_source(resources.specs(VARIABLES)))
    root = compose(report.source, report)
    raise_all(report.found)
    return root.entries if isinstance(root, MappingNode) else {}


def root_of(path: Path) -> Path | None:
    """Find the site that a file belongs to: the nearest folder above it with a ``site.yaml``.

    A shipped protocol belongs to the site in which the command runs.
    """
    start, shipped = path.absolute(), resources.specs()
    above = [*sites(start.parent)]
    if start.is_relative_to(shipped):  # an example project is a site itself
        own = [folder for folder in above if folder.is_relative_to(shipped)]
        above = own or [*sites(Path.cwd())]
    return next(iter(above), None)


def scope_of(path: Path) -> Scope:
    """Return what surrounds a file: its site, without one of its scanners; else the usual variables alone."""
    root = root_of(path)
    return read_site(root).scope if root else Scope(variables=default_variables())


def read_site(root: Path) -> Site:
    """Read ``site.yaml`` and the scanners beside it.

    Parameters
    ----------
    root : Path
        The folder.

    Raises
    ------
    SourceErrors
        Everything that is wrong with the files.
    UnusableInput
        If one cannot be opened.
    UsageError
        For a protocol that is not there.
    """
    path = root / NAME
    reader = _SiteReader(path)
    site = reader.read()
    raise_all([*reader.report.found, *reader.elsewhere])
    assert site is not None, "a file without a site has an error"
    return site


def protocols_of(site: Site, listed: tuple[str, ...]) -> Iterator[Path]:
    """Find the protocols that a site names: files and folders of its own, ids of shipped ones."""
    assert site.scope.root is not None
    for name in listed:
        own = site.scope.root / name
        yield from find(str(own) if disk.ask(Path.exists, own) else name)


class _SiteReader:
    def __init__(self, path: Path) -> None:
        self.report, self.elsewhere = Report(read_source(path)), list[Diagnostic]()
        self.path, self.root = path, path.absolute().parent

    def read(self) -> Site | None:
        root = compose(self.report.source, self.report)
        if root is None:
            return None
        if not isinstance(root, MappingNode) or "site" not in root.entries:
            self.report.error(
                "missing-key", "a site begins with its id", root.position, expected="site: <id>"
            )
            return None
        check_keys(root, KEYS, self.report)
        variables = {**default_variables(), **_mapping(root, "variables", self.report)}
        settings = _mapping(root, "settings", self.report)
        bare = Scope(
            root=self.root,
            variables=variables,
            files=(self.path,),
            guidelines=tuple(self.packs(root)),
            settings={key: node.text for key, node in settings.items() if isinstance(node, ScalarNode)},
        )
        scope = replace(bare, changes=self.changes(root.entries.get("changes"), bare, self.report))
        files = disk.ask(disk.below, self.root / SCANNERS, "*.yaml")
        machines = tuple(self.machine(path, scope) for path in files)
        output = read_text(root, "output", self.report) or "out"
        site = Site(
            id=read_id(root.entries["site"], self.report) or "",
            title=read_text(root, "title", self.report) or "",
            scope=scope,
            protocols=(),
            machines=tuple(machine for machine in machines if machine),
            output=self.root / output,
        )
        listed = tuple(_texts(root, "protocols", self.report)) or ("protocols",)
        return replace(site, protocols=tuple(protocols_of(site, listed)))

    def packs(self, root: MappingNode) -> Iterator[str]:
        for name in _texts(root, "guidelines", self.report):
            own = self.root / name
            yield str(own) if disk.ask(Path.is_file, own) else name

    def changes(self, node: YamlNode | None, scope: Scope, report: Report) -> tuple[Change, ...]:
        """Read changes; the definitions they bring are those that a protocol at the root may use."""
        shelf = library.Library(tuple(library.folders(self.root, scope)), scope)

        def found(name: str, at: YamlNode) -> Definition | None:
            if not shelf.exists(name):
                report.error("unknown-definition", f"there is no definition {name!r}", at.position)
            return shelf.find(name, self.elsewhere)

        return read_changes(node, report, StepReader(report, found, Citations()))

    def machine(self, path: Path, scope: Scope) -> Machine | None:
        report = Report(read_source(path))
        root = compose(report.source, report, scope.variables)
        if not isinstance(root, MappingNode):
            report.error(
                "wrong-shape", "a scanner is a mapping", root.position if root else report.source.place(0)
            )
            self.elsewhere += report.found
            return None
        given = read_scanner(root, path, report)
        variables = {**scope.variables, **_mapping(root, "variables", report)}
        changes = self.changes(root.entries.get("changes"), replace(scope, variables=variables), report)
        donors = tuple(self.root / name for name in _texts(root, "donors", report))
        self.elsewhere += report.found
        if given is None or report.found:
            return None
        own = replace(
            scope,
            variables=variables,
            changes=(*scope.changes, *changes),
            files=(*scope.files, path),
            scanner=given,
            donors=donors,
        )
        return Machine(given, own)


def _mapping(root: MappingNode, key: str, report: Report) -> Mapping[str, YamlNode]:
    node = root.entries.get(key)
    if node is None:
        return {}
    if isinstance(node, MappingNode):
        return node.entries
    report.error("wrong-shape", f"{key} is a mapping", node.position, expected="{name: value}")
    return {}


def _texts(root: MappingNode, key: str, report: Report) -> Iterator[str]:
    node = root.entries.get(key)
    if node is None:
        return
    if not isinstance(node, SequenceNode):
        report.error("wrong-shape", f"{key} is a list", node.position, expected=f"{key}: [...]")
        return
    for item in node.items:
        if isinstance(item, ScalarNode) and not item.is_null:
            yield item.text
        else:
            report.error("wrong-type", f"an entry of {key} is a text", item.position)
