"""The exam tree of an archive: directories, programs, the chain of steps; and nodes to a complete archive.

Names come from labels, order from the links between steps. A store is written as a console writes a first
export: the empty changeset, the tree with its export folder, the program; for templates and donors alike.
Source: formats/siemens.md sections 2.2 to 2.5 and 9.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache, lru_cache
from itertools import pairwise
from struct import Struct
from typing import Any, NamedTuple

from generator.errors import UnusableInput, UsageError
from generator.vendors.siemens.container import exar
from generator.vendors.siemens.container.exar import Archive

NO_ID = "00000000-0000-0000-0000-000000000000"
ELEMENT_TYPES: Mapping[str, int] = {
    "EdfStructure": 1, "EdfDirectory": 2, "EdfProgram": 3, "EdfString": 4, "EdfMeasurementStep": 5,
    "EdfPauseStep": 5, "EdfInteractionStep": 5, "EdfDecisionStep": 5, "EdfSplitStep": 5, "EdfJoinStep": 5,
    "EdfWorkflowStep": 5, "EdfProtocol": 6, "EdfAddInConfig": 7,
}  # fmt: skip


@dataclass
class Node:
    """The head version of one node of the tree.

    Attributes
    ----------
    element, instance, object_id : str
        The three ids: of the node, of this version of it, and of the thing inside JSON documents.
    """

    element: str
    instance: str
    object_id: str
    kind: str
    hash: str | None = None
    children: list[str] = field(default_factory=list)
    tags: str | None = ""
    parent: str | None = None
    label: str | None = None
    description: str | None = None


@dataclass(frozen=True)
class Branch:
    """Steps that are run only if a choice is made at a split."""

    condition: str
    choice: str
    default: bool


@dataclass(frozen=True)
class Step:
    """One step of a program and the choices that lead to it."""

    node: Node
    branches: tuple[Branch, ...] = ()


@dataclass
class Tree:
    """The tree at the head of an archive.

    Attributes
    ----------
    baseline : str
        Software version string of the branch.
    nodes : dict of str to Node
        Element id to node, in the order of the head map.
    """

    archive: Archive
    baseline: str
    head: str
    nodes: dict[str, Node]

    def document(self, node: Node) -> dict[str, Any]:
        """JSON document of a node."""
        return self.archive.document(node.hash) if node.hash else {}

    def text(self, element: str | None) -> str | None:
        """Text of a string node: the neutral locale, else English, else any."""
        node = self.nodes.get(element or "")
        if node is None:
            return None
        texts = self.document(node).get("Texts")
        if not isinstance(texts, dict):
            return None
        choices = [texts.get(""), texts.get("en"), *(v for k, v in texts.items() if k != "$id")]
        return next((text for text in choices if isinstance(text, str)), None)

    def name(self, node: Node) -> str:
        """Label of a node."""
        return self.text(node.label) or ""

    def children(self, node: Node, kind: str | None = None) -> list[Node]:
        """Child nodes that exist, of one kind."""
        found = [self.nodes[e] for e in node.children if e in self.nodes]
        return [n for n in found if kind is None or n.kind == kind]


_GUID = Struct("<IHH2s6s")


def pack(*ids: str) -> bytes:
    """Pack GUIDs as .NET stores them."""
    return bytes.fromhex(
        "".join(
            h[6:8] + h[4:6] + h[2:4] + h[:2] + h[11:13] + h[9:11] + h[16:18] + h[14:16] + h[19:23] + h[24:]
            for h in ids
        )
    )


def unpack(data: Any) -> list[str]:
    """Unpack GUIDs (in a tenth of the time of the uuid module); an empty or missing value gives none."""
    if not isinstance(data, bytes):
        return []
    whole = data[: len(data) // _GUID.size * _GUID.size]
    return [f"{a:08x}-{b:04x}-{c:04x}-{d.hex()}-{e.hex()}" for a, b, c, d, e in _GUID.iter_unpack(whole)]


def head_map(archive: Archive) -> tuple[str, str, dict[str, str]]:
    """Baseline, head changeset, and the head map: element to instance (base map, delta laid over it).

    Raises
    ------
    UnusableInput
        If the branch or its changeset is missing.
    """
    branches = [row for row in archive.tables["Branch"] if row[0] != "-"]
    if not branches:
        raise UnusableInput(
            archive.path, "no branch with a software version: the archive is empty", "table Branch"
        )
    baseline, _, head = branches[-1]
    change = next((row for row in archive.tables["ChangeSet"] if row[0] == head), None)
    if change is None:
        raise UnusableInput(archive.path, "the head changeset is missing", f"row {head}")
    maps = {row[0]: row[1] for row in archive.tables["ElementToInstanceMap"]}
    base, delta = change[7], change[8]
    if base not in maps:
        raise UnusableInput(archive.path, "the element map of the head is missing", f"row {base}")
    found = dict(_pairs(maps[base]))
    if delta != NO_ID:
        found.update(_pairs(maps.get(delta, b"")))
    return str(baseline), str(head), found


def _pairs(data: bytes) -> Iterator[tuple[str, str]]:
    ids = unpack(data)
    return zip(ids[::2], ids[1::2], strict=False)


def load(archive: Archive) -> Tree:
    """Build the tree at the head of an archive.

    Raises
    ------
    UnusableInput
        If branch, changeset, map or an instance is missing.
    """
    baseline, head, elements = head_map(archive)
    instances = {row[0]: row for row in archive.tables["Instance"]}
    nodes: dict[str, Node] = {}
    for element, instance in elements.items():
        if (row := instances.get(instance)) is None:
            raise UnusableInput(archive.path, "an instance of the head map is missing", f"row {instance}")
        texts = [value if isinstance(value, str) else None for value in row]
        _, _, key, _, tags, parent, label, description, kind, object_id = texts
        node = Node(element, instance, object_id or "", kind or "", key, unpack(row[3]), tags, parent)
        node.label, node.description = label, description
        nodes[element] = node
    return Tree(archive, baseline, head, nodes)


# --- directories and programs -------------------------------------------------------------------------


def programs(tree: Tree) -> list[tuple[tuple[str, ...], Node]]:
    """Every program with its path (region, exam, program), in the order of the directories.

    The two outer levels, root and export folder, belong to the export and are left out.
    """
    structure = next((n for n in tree.nodes.values() if n.kind == "EdfStructure"), None)
    listed = _walk(tree, tree.document(structure)) if structure else []
    known = {node.element for _, node in listed}
    rest = [n for n in tree.nodes.values() if n.kind == "EdfProgram" and n.element not in known]
    return listed + [((tree.name(node),), node) for node in rest]


def _walk(tree: Tree, structure: Mapping[str, Any]) -> list[tuple[tuple[str, ...], Node]]:
    by_object = {n.object_id: n for n in tree.nodes.values() if n.kind == "EdfDirectory"}
    folders, inside = _lists(structure.get("SubdirectoryIds")), _lists(structure.get("SubprogramElementIds"))
    found: list[tuple[tuple[str, ...], Node]] = []
    stack: list[tuple[str, tuple[str, ...]]] = [(str(structure.get("RootDirectoryId")), ())]
    seen: set[str] = set()
    while stack:
        folder, path = stack.pop()
        if folder in seen:
            raise UnusableInput(tree.archive.path, "the directories form a circle", f"directory {folder}")
        seen.add(folder)
        here = (*path, tree.name(by_object[folder]) if folder in by_object else "")
        held = [tree.nodes[element] for element in inside.get(folder, ()) if element in tree.nodes]
        found += [((*here[2:], tree.name(node)), node) for node in held]
        stack += [(child, here) for child in reversed(folders.get(folder, []))]
    return found


def _lists(value: Any) -> dict[str, list[str]]:
    """Plain lists from a map of wrapped ones."""
    return {k: [str(i) for i in as_list(v)] for k, v in as_dict(value).items() if isinstance(v, dict)}


def as_dict(value: Any) -> dict[str, Any]:
    """A JSON object, or an empty one where the document holds something else."""
    return value if isinstance(value, dict) else {}


def as_list(value: Any) -> list[Any]:
    """The items of a wrapped list, or none where the document holds something else."""
    found = as_dict(value).get("$values")
    return found if isinstance(found, list) else []


# --- steps --------------------------------------------------------------------------------------------


def steps(tree: Tree, program: Node) -> list[Step]:
    """Steps of a program in exam order; branches one after the other, in the order of their choices.

    Raises
    ------
    UnusableInput
        If the links form a circle or lead to a step that is not there.
    """
    document = tree.document(program)
    by_object = {n.object_id: n for n in tree.children(program)}
    first = document.get("FirstStepId")
    if not by_object or first in (None, NO_ID):
        return []
    walker = _Walker(tree, program, document, by_object)
    return list(walker.from_step(str(first)))


def _common(one: tuple[Branch, ...], other: tuple[Branch, ...]) -> tuple[Branch, ...]:
    """The choices that two ways to a step share."""
    same = [a for a, b in zip(one, other, strict=False) if a == b]
    return one[: len(same)]


class _Walker:
    def __init__(self, tree: Tree, program: Node, document: dict[str, Any], nodes: dict[str, Node]) -> None:
        self.tree, self.program, self.nodes = tree, program, nodes
        self.links: dict[str, list[dict[str, Any]]] = {
            key: [link for link in as_list(value) if isinstance(link, dict)]
            for key, value in as_dict(document.get("LinksFrom")).items()
        }
        self.conditions = as_dict(document.get("Conditions"))

    def from_step(self, first: str) -> Iterator[Step]:
        """Follow the links; a step after a join comes once, after all branches that lead to it."""
        waiting = {target: count for target, count in self._arrivals(first).items() if count > 1}
        stack: list[tuple[str, tuple[Branch, ...]]] = [(first, ())]
        done: set[str] = set()
        merged: dict[str, tuple[Branch, ...]] = {}
        while stack:
            at, branches = stack.pop()
            branches = merged[at] = _common(merged.get(at, branches), branches)
            if waiting.get(at, 0) > 1:
                waiting[at] -= 1
                continue
            if at in done:
                raise self._broken("the links between the steps form a circle", at)
            done.add(at)
            node = self.nodes.get(at)
            if node is None:
                raise self._broken("a link leads to a step that the program does not hold", at)
            yield Step(node, branches)
            stack += [
                (str(link.get("TargetId")), self._into(link, branches)) for link in self._ordered(at)[::-1]
            ]
        if left := sorted(set(waiting) - done):
            raise self._broken("the links between the steps form a circle", left[0])

    def _arrivals(self, first: str) -> dict[str, int]:
        """How many links lead to each step that can be reached."""
        counts: dict[str, int] = {}
        stack = [first]
        while stack:
            for link in self.links.get(stack.pop(), ()):
                target = str(link.get("TargetId"))
                counts[target] = counts.get(target, 0) + 1
                if counts[target] == 1 and target != first:
                    stack.append(target)
        return counts

    def _ordered(self, at: str) -> list[dict[str, Any]]:
        def rank(link: dict[str, Any]) -> int:
            choices = self._choices(str(link.get("ConditionId")))
            selection = link.get("SelectionId")
            return choices.index(selection) if selection in choices else -1

        return sorted(self.links.get(at, []), key=rank)

    def _choices(self, condition: str) -> list[Any]:
        choices = as_list(as_dict(self.conditions.get(condition)).get("Choices"))
        return [as_dict(choice).get("ObjectId") for choice in choices]

    def _into(self, link: dict[str, Any], branches: tuple[Branch, ...]) -> tuple[Branch, ...]:
        entry = self.conditions.get(str(link.get("ConditionId")))
        if not isinstance(entry, dict):
            return branches
        selection, label = link.get("SelectionId"), as_dict(entry.get("Label")).get("ObjectId")
        default = selection == entry.get("SelectionId")
        return (*branches, Branch(self._string(label), self._string(selection), default))

    def _string(self, object_id: Any) -> str:
        node = self.nodes.get(str(object_id))
        return (self.tree.text(node.element) or "") if node else ""

    def _broken(self, message: str, step: str) -> UnusableInput:
        where = f"program {self.tree.name(self.program)!r}, step {step}"
        return UnusableInput(self.tree.archive.path, message, where)


_LINK = "syngo.MR.ExamDataFoundation.Data.EdfProgramLink, syngo.MR.ExamDataFoundation.Data"


def chain(document: dict[str, Any], steps: Sequence[Node], related: set[str] | None = None) -> dict[str, Any]:
    """Lay steps one after the other into a program document (plain objects).

    Parameters
    ----------
    document : dict
        The program as it was; its relations stay where both their steps stay, branches go.
    steps : sequence of Node
        Steps in exam order.
    related : set of str, optional
        Object ids of the steps that keep their relations; else all.
    """
    ids = [node.object_id for node in steps]
    links = [_link(one, other) for one, other in pairwise(ids)]
    relations = list(_relations(document, set(ids) if related is None else related))
    return {
        **document,
        "Conditions": {},
        "FirstStepId": ids[0] if ids else NO_ID,
        "LastStepId": ids[-1] if ids else NO_ID,
        "LinksFrom": {i: [link for link in links if link["SourceId"] == i] for i in sorted(ids)},
        "LinksTo": {i: [link for link in links if link["TargetId"] == i] for i in sorted(ids)},
        "Ranks": {i: {"Rank": ids.index(i), "StepId": i} for i in sorted(ids)},
        "RelationsFrom": {i: [r for r in relations if r.get("SourceId") == i] for i in sorted(ids)},
        "RelationsTo": {i: [r for r in relations if r.get("TargetId") == i] for i in sorted(ids)},
    }


def _link(source: str, target: str) -> dict[str, Any]:
    return {
        "$type": _LINK,
        "ConditionId": NO_ID,
        "SelectionId": NO_ID,
        "SourceId": source,
        "TargetId": target,
    }


def _relations(document: dict[str, Any], kept: set[str]) -> Iterable[dict[str, Any]]:
    for relations in (document.get("RelationsFrom") or {}).values():
        for relation in relations if isinstance(relations, list) else ():
            if {relation.get("SourceId"), relation.get("TargetId")} <= kept and relation.get(
                "Kind"
            ) != "SplitJoin":
                yield relation


AUTHOR = MACHINE = "examcard"
_COMMENTS = {
    "VE": ("initial creation", "Export CreateTree New Tree", "Save by CopyProgramsPipeline", "New Tree"),
    "XA": ("Initial creation", "Export CreateTree Export", "Save by CopyProgramsPipeline", "Export"),
}


class Content(NamedTuple):
    """A content row: its hash and its compressed bytes."""

    key: str
    packed: bytes

    @classmethod
    def of(cls, content: bytes) -> Content:
        """Compress content bytes."""
        return cls(exar.content_hash(content), exar.deflate(content))


@dataclass
class Store:
    """Nodes and contents under construction.

    Attributes
    ----------
    seed : str
        Text that all new ids derive from: the same input gives the same ids.
    contents : dict of str to bytes
        Hash to compressed content.
    """

    seed: str
    contents: dict[str, bytes] = field(default_factory=dict)
    nodes: list[Node] = field(default_factory=list)

    def new_id(self, what: str) -> str:
        """An id that derives from the seed and a name."""
        h = hashlib.sha256(f"{self.seed}\n{what}".encode()).hexdigest()
        return f"{h[:8]}-{h[8:12]}-5{h[13:16]}-{_VARIANT[h[16]]}{h[17:20]}-{h[20:32]}"

    def content(self, kind: str, document: dict[str, Any]) -> str:
        """Add a document given as plain objects; returns its hash."""
        return self.raw_content(exar.dumps(kind, exar.number(document)))

    def add(self, content: Content) -> str:
        """Add a content row; returns its hash."""
        self.contents.setdefault(*content)
        return content.key

    def raw_content(self, content: bytes, packed: bytes | None = None) -> str:
        """Add content bytes; ``packed`` keeps a compressed form that exists already."""
        key = exar.content_hash(content)
        if key not in self.contents:
            self.contents[key] = packed if packed is not None else exar.deflate(content)
        return key

    def node(self, kind: str, name: str, key: str | None, **more: Any) -> Node:
        """Add a node with new ids derived from ``name``."""
        element, instance, object_id = (
            self.new_id(f"{part} {kind} {name}") for part in ("element", "instance", "object")
        )
        found = Node(element, instance, object_id, kind, key, **more)
        self.nodes.append(found)
        return found

    def string(self, text: str, parent: str | None, what: str) -> Node:
        """Add a text node, such as a label."""
        key = self.add(_string(text))
        return self.node("EdfString", what, key, parent=parent)

    def labelled(self, node: Node, text: str) -> Node:
        """Give a node a new label."""
        node.label = self.string(text, node.element, f"label of {node.element}").element
        return node


@cache
def packed(kind: str, document: str) -> Content:
    """Content row of a document given as JSON."""
    return Content.of(exar.dumps(kind, exar.number(json.loads(document))))


_VARIANT = {digit: "89ab"[int(digit, 16) & 3] for digit in "0123456789abcdef"}
"""Of the digit that holds the variant of an id, what RFC 9562 makes of it."""


@lru_cache(maxsize=4096)
def _string(text: str) -> Content:
    return Content.of(exar.dumps("EdfString", exar.number({"Dates": {}, "Texts": {"": text}})))


def structure(root: str, chain: Sequence[str], program: str | None) -> dict[str, Any]:
    """Document of a structure: one directory inside the other, the program in the last.

    Parameters
    ----------
    root : str
        Object id of the root directory.
    chain : sequence of str
        Object ids of the directories below it, outermost first.
    program : str or None
        Element id of the program in the last of them.
    """
    folders = [root, *chain]
    parents = dict(zip(folders, [NO_ID, *folders], strict=False))
    if program:
        parents[program] = folders[-1]
    return {
        "ParentDirectoryId": parents,
        "ProgramElementIds": [program] if program else [],
        "RootDirectoryId": root,
        "SubdirectoryIds": {f: folders[i + 1 : i + 2] for i, f in enumerate(folders)},
        "SubprogramElementIds": {f: [program] if program and f == folders[-1] else [] for f in folders},
    }


def add_tree(
    store: Store, program: Node, folders: Sequence[str], directory: dict[str, Any], line: str
) -> Node:
    """Add root, export folder and the given folders; returns the structure that holds them."""
    names = ["Root", _COMMENTS[line][3], *folders]
    shared = store.content("EdfDirectory", directory)
    made = [store.node("EdfDirectory", f"{i} {name}", shared) for i, name in enumerate(names)]
    document = structure(made[0].object_id, [n.object_id for n in made[1:]], program.element)
    top = store.node("EdfStructure", "structure", store.content("EdfStructure", document))
    top.children = [n.element for n in sorted(made, key=lambda n: n.object_id)]
    for node, name in zip(made, names, strict=True):
        node.parent = top.element
        store.labelled(node, name)
    return top


def assemble(store: Store, top: Node, baseline: str, line: str) -> bytes:
    """Write the archive.

    Parameters
    ----------
    store : Store
        All nodes of the head version and their contents.
    top : Node
        The structure.
    baseline : str
        Software version string of the branch.
    line : {"VE", "XA"}
        Product line, for the comments of the changesets.
    """
    first, second, head = (store.new_id(f"changeset {i}") for i in (1, 2, 3))
    outline, early = _outline(store, top)
    used = {n.hash for n in (*store.nodes, outline) if n.hash}
    tables: dict[str, list[exar.Row]] = {
        "ElementToInstanceMap": [
            (store.new_id("map 2"), _map([outline, *early])),
            (store.new_id("map 3"), _map(store.nodes)),
        ],
        "InstanceChangeSet": _memberships(store, top, outline, early, second, head),
        "Instance": [_row(node) for node in (outline, *store.nodes)],
        "Content": [(key, store.contents[key], "DS") for key in sorted(used)],
        "Element": [(n.element, ELEMENT_TYPES[n.kind], None) for n in store.nodes],
        "ChangeSet": _changesets(store, (first, second, head), _COMMENTS[line]),
        "Branch": [("-", "Latest", first), (baseline, "Latest", head)],
    }
    return exar.write(tables)


def _outline(store: Store, top: Node) -> tuple[Node, list[Node]]:
    """The tree as it was before the program came: the structure's first version, root and export folder."""
    by_element = {n.element: n for n in store.nodes}
    directories = [n for n in store.nodes if n.kind == "EdfDirectory"][:2]
    document = structure(directories[0].object_id, [directories[1].object_id], None)
    old = Node(top.element, store.new_id("instance of first structure"), top.object_id, top.kind)
    old.hash = store.content("EdfStructure", document)
    old.children = [n.element for n in sorted(directories, key=lambda n: n.object_id)]
    labels = [by_element[n.label] for n in directories if n.label]
    return old, [*directories, *labels]


def _memberships(
    store: Store, top: Node, outline: Node, early: Sequence[Node], second: str, head: str
) -> list[exar.Row]:
    before = {n.element for n in early}
    rows: list[exar.Row] = [(outline.instance, second, outline.element, 0)]
    for node in store.nodes:
        if node.element == top.element:
            rows.append((node.instance, head, node.element, 1))
        else:
            rows.append((node.instance, second if node.element in before else head, node.element, 0))
    return rows


def _changesets(store: Store, ids: Sequence[str], comments: Sequence[str]) -> list[exar.Row]:
    moment = f"{_stamp():%Y-%m-%d %H:%M:%S}.0000000"
    parents = (None, *ids)
    maps = (NO_ID, store.new_id("map 2"), store.new_id("map 3"))
    return [
        (ids[i], AUTHOR, moment, comments[i], MACHINE, parents[i], None, maps[i], NO_ID) for i in range(3)
    ]


def _stamp() -> datetime:
    """The date that the store wants: SOURCE_DATE_EPOCH, else the beginning of 1970; never the clock."""
    seconds = os.environ.get("SOURCE_DATE_EPOCH", "0")
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise UsageError(f"SOURCE_DATE_EPOCH is {seconds!r}, not a number of seconds") from error


def _map(nodes: Sequence[Node]) -> bytes:
    return pack(*(i for n in nodes for i in (n.element, n.instance)))


def _row(n: Node) -> exar.Row:
    children = pack(*n.children) if n.children else None
    return (
        n.instance, n.element, n.hash, children, n.tags, n.parent, n.label, n.description, n.kind, n.object_id
    )  # fmt: skip


def tagged(tags: str | None, changes: Mapping[str, str]) -> str:
    """Set ``#name|value`` items in a tag text; others stay, new ones are added at the end."""
    items = dict(item.split("|", 1) for item in (tags or "").split("#") if "|" in item)
    return "".join(f"#{name}|{value}" for name, value in (items | dict(changes)).items())


def text_hash(text: str) -> str:
    """The ``ContentHash`` tag: SHA-1 of a protocol or add-in text alone."""
    return hashlib.sha1(text.encode("utf-8")).hexdigest()
