"""What a file is, and what may hinder its import."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from generator.errors import UnusableInput
from generator.model.tree import Note, ReadResult
from generator.vendors.dialect import Inspection
from generator.vendors.siemens.container import ascconv, edx, exar, graph
from generator.vendors.siemens.container.graph import text_hash

_TITLES = {
    "siemens-exar1": "exam archive (VD/VE and XA consoles)",
    "siemens-edx": "exam archive (VB consoles)",
    "siemens-pro": "single protocol",
}


def inspect(path: Path, kind: str, read: Callable[[Path], ReadResult]) -> Inspection:
    """Describe a file, with the findings of the self-checks.

    Raises
    ------
    UnusableInput
        If the file cannot be read at all.
    """
    result = read(path)
    if "printout" in kind:
        return Inspection.of_printout(result)
    facts = [
        ("format", kind),
        ("kind", _TITLES[kind]),
        ("software", result.software or "not stated"),
        ("field strength", f"{result.field_strength:g} T" if result.field_strength else "not stated"),
    ]
    facts += _extra(path, kind)
    facts += [("program", " / ".join(p.path) or p.name) for p in result.protocols]
    series = tuple((a.name, a.acquisition_duration) for p in result.protocols for a in p.acquisitions)
    facts.append(("acquisitions", str(len(series))))
    failed, hints = self_checks(path, kind), _journal(path, kind)
    return Inspection(kind, tuple(facts), (*failed, *hints), series, failed)


def _extra(path: Path, kind: str) -> list[tuple[str, str]]:
    if kind == "siemens-exar1":
        archive = exar.read(path)
        return [("baseline", graph.head_map(archive)[0]), ("contents", str(len(archive.contents)))]
    if kind == "siemens-edx":
        return [("records", str(len(edx.read(path).records)))]
    return []


def self_checks(path: Path, kind: str) -> tuple[Note, ...]:
    """Return the self-checks that an archive fails; other kinds have none. Raises UnusableInput."""
    found = verify(exar.read(path)) if kind == "siemens-exar1" else ()
    return tuple(Note(code=f"self-check-{code}", message=said) for code, said in found)


def _journal(path: Path, kind: str) -> tuple[Note, ...]:
    journal = Note(code="journal", message="a journal lies beside the archive; it is ignored")
    beside = path.with_name(f"{path.name}-journal")
    return (journal,) if kind == "siemens-exar1" and beside.exists() else ()


Finding = tuple[str, str]
"""A short code and a sentence."""

_STEP_MAPS = ("LinksFrom", "LinksTo", "Ranks", "RelationsFrom", "RelationsTo")


def verify(archive: exar.Archive) -> list[Finding]:
    """Run all self-checks.

    Returns
    -------
    list of (str, str)
        Code and sentence of every check that failed.
    """
    found = [*_contents(archive), *_branches(archive)]
    try:
        tree = graph.load(archive)
        programs = graph.programs(tree)
    except UnusableInput as error:
        return [*found, ("tree", str(error.message))]
    reports = [*(check(tree) for check in _CHECKS), *(_program(tree, program) for _, program in programs)]
    return [*found, *(finding for report in reports for finding in report)]


def integrity(data: bytes) -> list[str]:
    """SQLite's own integrity check on bytes that this program wrote; empty if they are sound."""
    import sqlite3

    connection = sqlite3.connect(":memory:")
    try:
        connection.deserialize(data)
        rows = [str(row[0]) for row in connection.execute("PRAGMA integrity_check")]
    except sqlite3.Error as error:
        return [str(error)]
    finally:
        connection.close()
    return [row for row in rows if row != "ok"]


# --- contents and store -------------------------------------------------------------------------------


def _contents(archive: exar.Archive) -> Iterator[Finding]:
    referred = {row[2] for row in archive.tables["Instance"]}
    for key, _, form in archive.tables["Content"]:
        if form != "DS":
            yield "format", f"content {key} has format {form!r}, not 'DS'"
        if key not in referred:
            yield "orphan", f"content {key} is referred to by no instance"
        try:
            if exar.content_hash(exar.inflate(archive.contents[key], archive.path, key)) != key:
                yield "hash", f"content {key} does not hash to its key"
        except KeyError:
            yield "content", f"content {key} holds no bytes"
        except UnusableInput as error:
            yield "content", f"content {key}: {error.message}"
    for row in archive.tables["Instance"]:
        if row[2] and row[2] not in archive.contents:
            yield "missing-content", f"instance {row[0]} refers to content {row[2]}, which is not there"


def _branches(archive: exar.Archive) -> Iterator[Finding]:
    branches = archive.tables["Branch"]
    if len(branches) != 2 or sum(row[0] == "-" for row in branches) != 1:
        yield "branches", f"{len(branches)} branches; a console writes two, '-' and the software version"
    changes = {row[0] for row in archive.tables["ChangeSet"]}
    for row in branches:
        if row[2] not in changes:
            yield "branches", f"branch {row[0]!r} has no head changeset"
    memberships = Counter(row[0] for row in archive.tables["InstanceChangeSet"])
    for row in archive.tables["Instance"]:
        if memberships[row[0]] != 1:
            yield "membership", f"instance {row[0]} is in {memberships[row[0]]} changesets"


def _elements(tree: graph.Tree) -> Iterator[Finding]:
    elements = {row[0]: row[1] for row in tree.archive.tables["Element"]}
    if odd := set(elements) ^ set(tree.nodes):
        yield "head-map", f"{len(odd)} elements are not both in the head map and in the element table"
    for node in tree.nodes.values():
        wanted = graph.ELEMENT_TYPES.get(node.kind)
        if wanted and elements.get(node.element, wanted) != wanted:
            yield "element-type", f"element {node.element} is of type {elements[node.element]}, not {wanted}"


def _references(tree: graph.Tree) -> Iterator[Finding]:
    for node in tree.nodes.values():
        pairs = [("label", node.label), ("description", node.description), ("parent", node.parent)]
        pairs += [("child", child) for child in node.children]
        for what, element in pairs:
            if element and element not in tree.nodes:
                yield "reference", f"{what} {element} of {node.kind} {node.element} is not there"


def _parents(tree: graph.Tree) -> Iterator[Finding]:
    """Steps, protocols and add-ins name the node whose child they are; strings of old releases name none."""
    for node in tree.nodes.values():
        if node.kind in ("EdfStructure", "EdfProgram"):
            continue
        for child in tree.children(node):
            if child.parent != node.element and child.parent is not None:
                yield (
                    "parent",
                    f"{child.kind} {child.element} is a child of {node.element}, but names {child.parent}",
                )
    for program in (n for n in tree.nodes.values() if n.kind == "EdfProgram"):
        for step in tree.children(program):
            if step.kind != "EdfString" and step.parent != program.element:
                yield "parent", f"step {tree.name(step)!r} does not name its program as parent"


def _tags(tree: graph.Tree) -> Iterator[Finding]:
    for node in tree.nodes.values():
        if node.kind not in ("EdfProtocol", "EdfAddInConfig") or not node.hash:
            continue
        document = _document(tree, node)
        tags = dict(item.split("|", 1) for item in (node.tags or "").split("#") if "|" in item)
        if (stored := tags.get("ContentHash")) and stored != text_hash(str(document.get("Data", ""))):
            yield "tag", f"the ContentHash tag of {node.kind} {node.element} does not fit its text"
        upgrade = str(document.get("UpgradeInfo") or "").partition("\n")[2]
        if (stored := tags.get("UpgradeInfo")) and stored != text_hash(upgrade):
            yield "tag", f"the UpgradeInfo tag of {node.element} does not fit its text"


def _protocols(tree: graph.Tree) -> Iterator[Finding]:
    for step in (n for n in tree.nodes.values() if n.kind == "EdfMeasurementStep"):
        protocols = tree.children(step, "EdfProtocol")
        if len(protocols) != 1:
            yield "protocol", f"step {tree.name(step)!r} has {len(protocols)} protocols"
        for protocol in protocols:
            try:
                ascconv.parse(str(_document(tree, protocol).get("Data", "")))
            except ascconv.NoProtocol as error:
                yield "protocol", f"step {tree.name(step)!r}: {error}"


def _document(tree: graph.Tree, node: graph.Node) -> dict[str, Any]:
    try:
        return tree.document(node)
    except UnusableInput:
        return {}


# --- programs -----------------------------------------------------------------------------------------


def _program(tree: graph.Tree, program: graph.Node) -> Iterator[Finding]:
    name, document = tree.name(program), _document(tree, program)
    steps = {n.object_id for n in tree.children(program) if n.kind != "EdfString"}
    for key in _STEP_MAPS:
        if graph.as_dict(document.get(key)).keys() - {"$id"} != steps:
            yield (
                "step-maps",
                f"program {name!r}: {key} does not hold every step (the console would show none)",
            )
    try:
        chain = graph.steps(tree, program)
    except UnusableInput as error:
        yield "links", f"program {name!r}: {error.message}"
    else:
        yield from _chain(name, document, chain, len(steps))


def _chain(
    name: str, document: Mapping[str, Any], chain: Sequence[graph.Step], count: int
) -> Iterator[Finding]:
    """Hold the chain of a program's steps against its last step and, without branches, its ranks."""
    if document.get("LastStepId") not in {s.node.object_id for s in chain[-1:]}:
        yield "links", f"program {name!r}: the chain of steps does not end at LastStepId"
    entries = graph.as_dict(document.get("Ranks"))
    ranks = sorted(str(graph.as_dict(value).get("Rank")) for key, value in entries.items() if key != "$id")
    if not any(s.branches for s in chain) and ranks != sorted(map(str, range(count))):
        yield "ranks", f"program {name!r}: ranks are not 0 to {count - 1}"


_CHECKS: tuple[Callable[[graph.Tree], Iterator[Finding]], ...] = (
    _elements,
    _references,
    _parents,
    _tags,
    _protocols,
)
