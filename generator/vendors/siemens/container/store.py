"""Nodes to a complete archive: tree, version store, ids, hashes; for templates and donors alike.

The store is written as a console writes a first export: the empty changeset, the tree with its export
folder, the program. Source: formats/siemens.md sections 2.2 to 2.5 and 9.
"""

from __future__ import annotations

import hashlib
import json
import os
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from generator.errors import UsageError
from generator.vendors.siemens.container import exar
from generator.vendors.siemens.container.graph import ELEMENT_TYPES, NO_ID, Node, pack

AUTHOR = MACHINE = "examcard"
_COMMENTS = {
    "VE": ("initial creation", "Export CreateTree New Tree", "Save by CopyProgramsPipeline", "New Tree"),
    "XA": ("Initial creation", "Export CreateTree Export", "Save by CopyProgramsPipeline", "Export"),
}


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
        digest = hashlib.sha256(f"{self.seed}\n{what}".encode()).digest()
        return str(uuid.UUID(bytes=digest[:16], version=5))

    def content(self, kind: str, document: dict[str, Any]) -> str:
        """Add a document given as plain objects; returns its hash."""
        return self.raw_content(exar.dumps(kind, exar.number(document)))

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
        key = self.raw_content(*_string(text))
        return self.node("EdfString", what, key, parent=parent)

    def labelled(self, node: Node, text: str) -> Node:
        """Give a node a new label."""
        node.label = self.string(text, node.element, f"label of {node.element}").element
        return node


@lru_cache(maxsize=4096)
def packed(kind: str, document: str) -> tuple[bytes, bytes]:
    """Content bytes of a document given as JSON, and the same compressed."""
    content = exar.dumps(kind, exar.number(json.loads(document)))
    return content, exar.deflate(content)


def _string(text: str) -> tuple[bytes, bytes]:
    return packed("EdfString", json.dumps({"Dates": {}, "Texts": {"": text}}))


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
