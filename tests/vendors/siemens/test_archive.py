# ruff: noqa: E501  (a row of a table is a line)
"""The exam archive by hand: its tables, its tree, its steps and its spelling, after formats/siemens.md section 2."""

from __future__ import annotations

import json
import sqlite3
import uuid
import zlib
from functools import cache
from hashlib import sha1, sha256
from pathlib import Path
from typing import Any

import pytest

from generator import limits
from generator.errors import UnusableInput, UsageError
from generator.vendors.siemens.container import ascconv, edx, exar, graph
from generator.vendors.siemens.inspect import integrity, verify
from tests.vendors.siemens.make import template, written

NONE = "00000000-0000-0000-0000-000000000000"

# table: columns in order, * = not null; key
TABLES = {
    "ElementToInstanceMap": ("Id* UNIQUEIDENTIFIER, Data* BLOB", "Id"),
    "InstanceChangeSet": (
        "InstanceId* UNIQUEIDENTIFIER, ChangeSetId* UNIQUEIDENTIFIER, ElementId* UNIQUEIDENTIFIER, State* INTEGER",
        "ElementId ChangeSetId",
    ),
    "Instance": (
        "Id* UNIQUEIDENTIFIER, Element_id* UNIQUEIDENTIFIER, ContentHash TEXT, Children BLOB, Tags TEXT, "
        "ParentElementId UNIQUEIDENTIFIER, LabelElement_id UNIQUEIDENTIFIER, DescriptionElement_id UNIQUEIDENTIFIER, "
        "InstanceType TEXT, ObjectId* UNIQUEIDENTIFIER",
        "Id",
    ),
    "Content": ("Hash* TEXT, Data* BLOB, Format* TEXT", "Hash"),
    "Element": ("Id* UNIQUEIDENTIFIER, Type* INTEGER, CommentElement_id UNIQUEIDENTIFIER", "Id"),
    "ChangeSet": (
        "Id* UNIQUEIDENTIFIER, Author* TEXT, DateTime* DATETIME, Comment* TEXT, MachineName* TEXT, "
        "Parent1ChangeSet_id UNIQUEIDENTIFIER, Parent2ChangeSet_id UNIQUEIDENTIFIER, "
        "BaseElementMapId* UNIQUEIDENTIFIER, DeltaElementMapId* UNIQUEIDENTIFIER",
        "Id",
    ),
    "Branch": ("Baseline* TEXT, Name* TEXT, Head* UNIQUEIDENTIFIER", "Baseline Name"),
}
INDEXES = {
    "exam_autoindex_Branch_Name": ("Branch", "Name"), "exam_autoindex_Branch_Head": ("Branch", "Head"),
    "exam_autoindex_Element_Type": ("Element", "Type"),
}  # fmt: skip


@cache
def site() -> bytes:
    """An archive of our own; made once."""
    return template()


def opened(data: bytes) -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    connection.deserialize(data)
    return connection


def test_the_schema_is_that_of_consoles() -> None:
    connection = opened(site())
    tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    assert tables == list(TABLES)
    for table, (columns, key) in TABLES.items():
        info = connection.execute(f"PRAGMA table_info({table})").fetchall()
        assert ", ".join(f"{c[1]}{'*' * c[3]} {c[2]}" for c in info) == columns
        assert [c[1] for c in sorted(info, key=lambda c: c[5]) if c[5]] == key.split()
    named = connection.execute(
        "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'index' AND sql NOT NULL"
    )
    assert {name: (table, sql.split("(")[1].strip(" )")) for name, table, sql in named} == INDEXES
    connection.close()


def test_a_written_archive_tells_the_history_of_a_first_export() -> None:
    """Three changesets in a chain: the empty one, the tree with its export folder, the program."""
    connection = opened(site())
    changes = connection.execute("SELECT * FROM ChangeSet ORDER BY rowid").fetchall()
    ids = [row[0] for row in changes]
    assert [row[1:5] for row in changes] == [
        ("examcard", "1970-01-01 00:00:00.0000000", comment, "examcard")
        for comment in ("Initial creation", "Export CreateTree Export", "Save by CopyProgramsPipeline")
    ]
    assert [(row[5], row[6], row[8]) for row in changes] == [
        (None, None, NONE),
        (ids[0], None, NONE),
        (ids[1], None, NONE),
    ]
    maps = dict(connection.execute("SELECT Id, Data FROM ElementToInstanceMap").fetchall())
    assert [row[7] for row in changes] == [NONE, *maps]
    branches = connection.execute("SELECT * FROM Branch ORDER BY rowid").fetchall()
    assert branches[0][0] == "-" and [row[1] for row in branches] == ["Latest"] * 2
    assert [row[2] for row in branches] == [ids[0], ids[2]]
    kinds = dict(connection.execute("SELECT Element_id, InstanceType FROM Instance").fetchall())
    types = {(kinds[element], kind) for element, kind in connection.execute("SELECT Id, Type FROM Element")}
    assert types == {
        ("EdfStructure", 1), ("EdfDirectory", 2), ("EdfProgram", 3), ("EdfString", 4), ("EdfMeasurementStep", 5),
        ("EdfPauseStep", 5), ("EdfProtocol", 6),
    } | ({("EdfAddInConfig", 7)} & types)  # fmt: skip
    states = connection.execute("SELECT State, ChangeSetId, ElementId FROM InstanceChangeSet").fetchall()
    assert [(kinds[e], c) for s, c, e in states if s == 1] == [("EdfStructure", ids[2])]
    early = sorted(kinds[e] for s, c, e in states if c == ids[1])
    assert early == ["EdfDirectory", "EdfDirectory", "EdfString", "EdfString", "EdfStructure"]
    formats = connection.execute("SELECT DISTINCT Format FROM Content").fetchall()
    assert formats == [("DS",)]
    connection.close()


def test_every_kind_of_node_has_the_type_of_consoles() -> None:
    steps = ("Measurement", "Pause", "Interaction", "Decision", "Split", "Join", "Workflow")
    assert {
        "EdfStructure": 1, "EdfDirectory": 2, "EdfProgram": 3, "EdfString": 4, "EdfProtocol": 6, "EdfAddInConfig": 7,
    } | {f"Edf{step}Step": 5 for step in steps} == graph.ELEMENT_TYPES  # fmt: skip


def test_nothing_is_left_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    exar._empty.cache_clear()
    data = exar.write({table: [] for table in TABLES})
    assert exar.read_bytes(data, "x").contents == {} and integrity(data) == []
    assert list(tmp_path.iterdir()) == []


def test_ids_are_packed_as_net_does() -> None:
    text = "00112233-4455-6677-8899-aabbccddeeff"
    packed = bytes.fromhex("33221100554477668899aabbccddeeff")
    assert graph.pack(text) == packed == uuid.UUID(text).bytes_le
    assert graph.unpack(packed * 2 + b"rest") == [text, text]
    assert graph.unpack(None) == graph.unpack(b"") == graph.unpack("text") == graph.unpack(packed[:15]) == []


# --- a tree by hand -----------------------------------------------------------------------------------


def content(kind: str, document: Any) -> bytes:
    head = f"EDF V1: ContentType=syngo.MR.ExamDataFoundation.Data.{kind}Content;\r\n"
    return head.encode() + json.dumps(document).encode()


def raw_deflate(data: bytes) -> bytes:
    return zlib.compress(data, 6)[2:-4]


class Made:
    """A tree of nodes; object ids are capitals of the names of elements."""

    def __init__(self) -> None:
        self.archive = exar.Archive("made", {}, {})
        self.tree = graph.Tree(self.archive, "", "", {})

    def add(
        self, name: str, kind: str, document: Any = None, children: str = "", label: str | None = None
    ) -> graph.Node:
        key = None
        if document is not None:
            stored = content(kind, document)
            key = sha1(stored).hexdigest()
            self.archive.contents[key] = raw_deflate(stored)
        node = graph.Node(name, f"instance of {name}", name.upper(), kind, key, children.split(), label=label)
        self.tree.nodes[name] = node
        return node

    def text(self, name: str, **texts: str) -> None:
        self.add(name, "EdfString", {"Texts": {key.removeprefix("_"): text for key, text in texts.items()}})


def wrapped(*items: Any) -> dict[str, Any]:
    return {"$id": "9", "$values": list(items)}


def test_texts_in_the_neutral_locale_then_english_then_any() -> None:
    made = Made()
    made.text("a", de="Kopf", en="head", _="neutral")
    made.text("b", de="Kopf", en="head")
    made.add("c", "EdfString", {"Texts": {"$id": "3", "fr": "tête"}})
    made.add("d", "EdfString", {"Texts": ["x"]})
    made.add("e", "EdfString")
    found = {name: made.tree.text(name) for name in ("a", "b", "c", "d", "e", "nobody", None)}
    assert found == {
        "a": "neutral",
        "b": "head",
        "c": "tête",
        "d": None,
        "e": None,
        "nobody": None,
        None: None,
    }
    labelled = made.add("f", "EdfProgram", {}, "a b nobody", label="b")
    assert (made.tree.name(labelled), made.tree.name(made.tree.nodes["a"])) == ("head", "")
    assert [n.element for n in made.tree.children(labelled)] == ["a", "b"]
    made.add("g", "EdfProgram", children="a f")
    assert [n.element for n in made.tree.children(made.tree.nodes["g"], "EdfProgram")] == ["f"]


def test_programs_in_the_order_of_their_directories() -> None:
    """Root and export folder belong to the export; a program that no directory lists comes last."""
    made = Made()
    for name in ("root", "export", "head", "knee", "p", "q", "r", "s"):
        made.text(f"l{name}", en=name)
        made.add(name, "EdfProgram" if len(name) == 1 else "EdfDirectory", {}, label=f"l{name}")
    structure = {
        "RootDirectoryId": "ROOT",
        "SubdirectoryIds": {"$id": "2", "ROOT": wrapped("EXPORT"), "EXPORT": wrapped("HEAD", "KNEE", "GONE")},
        "SubprogramElementIds": {
            "HEAD": wrapped("q", "p"),
            "KNEE": wrapped("r", "nobody"),
            "GONE": wrapped(),
        },
    }
    made.add("top", "EdfStructure", structure)
    found = [(path, node.element) for path, node in graph.programs(made.tree)]
    assert found == [(("head", "q"), "q"), (("head", "p"), "p"), (("knee", "r"), "r"), (("s",), "s")]
    structure["SubdirectoryIds"]["KNEE"] = wrapped("EXPORT")
    made.add("top", "EdfStructure", structure)
    with pytest.raises(UnusableInput, match="the directories form a circle"):
        graph.programs(made.tree)
    del made.tree.nodes["top"]
    assert [path for path, _ in graph.programs(made.tree)] == [("p",), ("q",), ("r",), ("s",)]


def link(source: str, target: str, condition: str = NONE, selection: str = NONE) -> dict[str, str]:
    return {"SourceId": source, "TargetId": target, "ConditionId": condition, "SelectionId": selection}


def program(made: Made, links: list[dict[str, str]], first: str = "A", conditions: Any = None) -> graph.Node:
    made.text("asked", en="Gadolinium?")
    made.text("yes", en="with")
    made.text("no", en="without")
    sources = {one["SourceId"] for one in links}
    joined = {
        source: wrapped(*(one for one in links if one["SourceId"] == source), "odd") for source in sources
    }
    names = sorted({one[end].lower() for one in links for end in ("SourceId", "TargetId")} - {"gone"})
    for name in names:
        made.add(name, "EdfMeasurementStep", {})
    document = {"FirstStepId": first, "LinksFrom": {"$id": "4", **joined}, "Conditions": conditions or {}}
    return made.add("card", "EdfProgram", document, " ".join([*names, "asked", "yes", "no"]))


def walked(made: Made, node: graph.Node) -> list[tuple[str, list[tuple[str, str, bool]]]]:
    return [
        (step.node.object_id, [(b.condition, b.choice, b.default) for b in step.branches])
        for step in graph.steps(made.tree, node)
    ]


CHOICE = {
    "C1": {
        "Label": {"ObjectId": "ASKED"}, "SelectionId": "NO",
        "Choices": wrapped({"ObjectId": "YES"}, {"ObjectId": "NO"}),
    }
}  # fmt: skip


def test_steps_follow_their_links() -> None:
    made = Made()
    plain = program(made, [link("B", "C"), link("A", "B")])
    assert walked(made, plain) == [("A", []), ("B", []), ("C", [])]


def test_branches_come_in_the_order_of_their_choices_and_a_join_once() -> None:
    made = Made()
    split = [
        link("A", "N", "C1", "NO"),
        link("A", "Y", "C1", "YES"),
        link("N", "J"),
        link("Y", "Z"),
        link("Z", "J"),
        link("J", "K"),
    ]
    with_, without = ("Gadolinium?", "with", False), ("Gadolinium?", "without", True)
    assert walked(made, program(made, split, conditions=CHOICE)) == [
        ("A", []), ("Y", [with_]), ("Z", [with_]), ("N", [without]), ("J", []), ("K", []),
    ]  # fmt: skip


def test_a_join_of_three_branches_comes_after_the_last() -> None:
    made = Made()
    split = [link("A", "Y", "C1", "YES"), link("A", "N", "C1", "NO"), link("A", "M")]
    node = program(made, [*split, *(link(one, "J") for one in "YNM")], conditions=CHOICE)
    assert [name for name, _ in walked(made, node)][-1] == "J"


def test_a_join_of_an_inner_and_an_outer_branch_keeps_what_both_share() -> None:
    """Y leads to a second choice; P of it and N of the first meet at J."""
    made = Made()
    split = [link("A", "N", "C1", "NO"), link("A", "Y", "C1", "YES"), link("Y", "P", "C2", "YES"), link("Y", "Q", "C2", "NO"),
             link("P", "J"), link("Q", "R"), link("N", "J")]  # fmt: skip
    node = program(made, split, conditions=CHOICE | {"C2": CHOICE["C1"]})
    with_, without = ("Gadolinium?", "with", False), ("Gadolinium?", "without", True)
    assert walked(made, node) == [
        ("A", []), ("Y", [with_]), ("P", [with_, with_]), ("Q", [with_, without]), ("R", [with_, without]), ("N", [without]), ("J", []),
    ]  # fmt: skip
    open_ = {"C1": {"Choices": wrapped({"ObjectId": "YES"})}}
    assert walked(made, program(made, [link("A", "B", "C1", "YES")], conditions=open_)) == [
        ("A", []),
        ("B", [("", "with", False)]),
    ]


@pytest.mark.parametrize(
    ("links", "first", "said"),
    [
        ([link("A", "B"), link("B", "A")], "A", "form a circle"),
        ([link("A", "B"), link("B", "C"), link("C", "B")], "A", "form a circle"),
        ([link("A", "GONE")], "A", "a step that the program does not hold"),
        ([link("A", "B")], "ELSEWHERE", "a step that the program does not hold"),
    ],
)
def test_links_that_lead_nowhere_are_said(links: list[dict[str, str]], first: str, said: str) -> None:
    made = Made()
    with pytest.raises(UnusableInput, match=said):
        walked(made, program(made, links, first))


def test_no_first_step_is_no_step() -> None:
    made = Made()
    for first in (NONE, None):
        assert graph.steps(made.tree, program(made, [link("A", "B")], first)) == []  # type: ignore[arg-type]


def test_a_chain_is_laid_as_consoles_lay_it() -> None:
    steps = [graph.Node(name, "", name, "EdfMeasurementStep") for name in ("b", "a", "c")]
    kept = {"Kind": "CopyReference", "SourceId": "b", "TargetId": "c"}
    gone = [{"Kind": "SplitJoin", "SourceId": "b", "TargetId": "c"}, {"Kind": "CopyReference", "SourceId": "b", "TargetId": "x"},
            {"Kind": "CopyReference", "SourceId": "x", "TargetId": "b"}]  # fmt: skip
    document = graph.chain(
        {"RelationsFrom": {"b": [kept, *gone], "odd": "x"}, "Kept": 1, "Conditions": {"C": 1}}, steps
    )
    assert (document["Kept"], document["Conditions"], document["FirstStepId"], document["LastStepId"]) == (
        1,
        {},
        "b",
        "c",
    )
    kind = "syngo.MR.ExamDataFoundation.Data.EdfProgramLink, syngo.MR.ExamDataFoundation.Data"
    one, two = ({"$type": kind, **link(*pair)} for pair in (("b", "a"), ("a", "c")))
    assert document["LinksFrom"] == {"a": [two], "b": [one], "c": []}
    assert document["LinksTo"] == {"a": [one], "b": [], "c": [two]}
    assert document["Ranks"] == {
        name: {"Rank": rank, "StepId": name} for name, rank in (("a", 1), ("b", 0), ("c", 2))
    }
    assert document["RelationsFrom"] == {"a": [], "b": [kept], "c": []}
    assert document["RelationsTo"] == {"a": [], "b": [], "c": [kept]}
    assert list(document["Ranks"]) == ["a", "b", "c"]
    only = graph.chain({"RelationsFrom": {"b": [kept]}}, steps, {"b", "a"})
    assert only["RelationsFrom"]["b"] == []
    empty = graph.chain({}, [])
    assert (empty["FirstStepId"], empty["LastStepId"], empty["Ranks"]) == (NONE, NONE, {})


def test_a_structure_holds_one_directory_in_the_other() -> None:
    assert graph.structure("r", ["e", "f"], "p") == {
        "ParentDirectoryId": {"r": NONE, "e": "r", "f": "e", "p": "f"}, "ProgramElementIds": ["p"], "RootDirectoryId": "r",
        "SubdirectoryIds": {"r": ["e"], "e": ["f"], "f": []}, "SubprogramElementIds": {"r": [], "e": [], "f": ["p"]},
    }  # fmt: skip
    bare = graph.structure("r", [], None)
    assert (bare["ProgramElementIds"], bare["SubprogramElementIds"], bare["ParentDirectoryId"]) == (
        [],
        {"r": []},
        {"r": NONE},
    )


def test_tags_and_hashes() -> None:
    assert graph.tagged("#a|1#b|2", {"b": "3", "c": "4"}) == "#a|1#b|3#c|4"
    assert graph.tagged(None, {}) == "" and graph.tagged("#odd#a|x|y", {}) == "#a|x|y"
    assert graph.text_hash("é") == sha1("é".encode()).hexdigest()


def head(**changes: Any) -> exar.Archive:
    """An archive of two elements; the delta map gives the second another instance."""
    e, i, j, k = (f"{n}0000000-0000-0000-0000-000000000000" for n in (1, 2, 3, 4))
    rows: dict[str, Any] = {
        "Branch": [("-", "Latest", "c0"), ("N4_VE11C", "Latest", "c1")],
        "ChangeSet": [("c1", "", "", "", "", None, None, "base", changes.pop("delta", "delta"))],
        "ElementToInstanceMap": [("base", graph.pack(e, i, i, j)), ("delta", graph.pack(i, k))],
        "Instance": [(i, e, None, None, None, None, None, None, "EdfString", "o1"),
                     (j, i, None, None, "#t|1", e, "l", "d", "EdfPauseStep", "o2"),
                     (k, i, "h", graph.pack(e), "#t|2", e, "l", "d", "EdfPauseStep", "o3")],
    }  # fmt: skip
    return exar.Archive("made", rows | changes, {})


def test_the_delta_map_is_laid_over_the_base() -> None:
    tree = graph.load(head())
    assert (tree.baseline, tree.head, [n.object_id for n in tree.nodes.values()]) == (
        "N4_VE11C",
        "c1",
        ["o1", "o3"],
    )
    node = tree.nodes["20000000-0000-0000-0000-000000000000"]
    assert (node.kind, node.hash, node.tags, node.label, node.description) == (
        "EdfPauseStep",
        "h",
        "#t|2",
        "l",
        "d",
    )
    assert node.children == [node.parent] == ["10000000-0000-0000-0000-000000000000"]
    assert [n.object_id for n in graph.load(head(delta=NONE)).nodes.values()] == ["o1", "o2"]
    assert [n.object_id for n in graph.load(head(delta="elsewhere")).nodes.values()] == ["o1", "o2"]
    one, other = (
        graph.pack("10000000-0000-0000-0000-000000000000"),
        graph.pack("20000000-0000-0000-0000-000000000000"),
    )
    odd = head(ElementToInstanceMap=[("base", one + other + one)])
    assert list(graph.load(odd).nodes) == ["10000000-0000-0000-0000-000000000000"]  # half a pair says nothing


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"Branch": [("-", "Latest", "c0")]}, "no branch with a software version"),
        ({"ChangeSet": []}, "the head changeset is missing"),
        ({"ElementToInstanceMap": []}, "the element map of the head is missing"),
        ({"Instance": []}, "an instance of the head map is missing"),
    ],
)
def test_what_the_head_needs(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(UnusableInput, match=said):
        graph.load(head(**changes))


def test_a_header_names_page_size_and_pages(tmp_path: Path) -> None:
    data = bytearray(site())
    assert exar.read(written(tmp_path, bytes(data))).contents
    for change, said in (
        (data[:-1], f"truncated SQLite database: {len(data) - 1} of {len(data)} bytes"),
        (data[:16] + b"\0\1" + data[18:], "truncated SQLite database"),
        (data[:511], "truncated"),
        (b"", "this file is empty"),
    ):
        with pytest.raises(UnusableInput, match=said):
            exar.read(written(tmp_path, bytes(change)))


def test_the_smallest_database_is_no_archive(tmp_path: Path) -> None:
    path = tmp_path / "a.exar1"
    connection = sqlite3.connect(path)
    connection.executescript("PRAGMA page_size = 512; PRAGMA user_version = 1;")
    connection.close()
    assert path.stat().st_size == 512
    with pytest.raises(
        UnusableInput, match=r"a SQLite database, but no .exar1 archive: no table Branch, ChangeSet, "
    ):
        exar.read(path)


def test_contents_have_limits_and_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    stored = content("EdfString", {"a": 1})
    key = sha1(stored).hexdigest()

    def archive(data: bytes, key: str = key) -> exar.Archive:
        return exar.Archive("made", {}, {key: raw_deflate(data)})

    assert archive(stored).document(key) == {"a": 1}
    assert archive(stored).spelled(key) == ("EdfString", {"a": 1})
    bad = [
        (archive(stored, "0" * 40), "0" * 40, "does not hash to its key"),
        (archive(stored), "other", "is missing"),
    ]
    for text, said in (
        (b"{}", "no 'EDF V1"),
        (content("EdfString", [1]), "is not one object"),
        (content("EdfString", {})[:-1], "no JSON after the header line"),
        (content("EdfString", {}).replace(b"{}", b"[" * 5000 + b"]" * 5000), "nested more than"),
        (
            content("EdfString", {}).replace(
                b"{}", b'{"a":' * (limits.DEPTH + 1) + b"1" + b"}" * (limits.DEPTH + 1)
            ),
            "nested more than",
        ),
    ):
        name = sha1(text).hexdigest()
        bad.append((archive(text, name), name, said))
    for one, name, said in bad:
        with pytest.raises(UnusableInput, match=said):
            one.document(name)
    trusted = exar.Archive("made", {}, {"any": raw_deflate(stored)}, trusted=True)
    assert trusted.document("any") == {"a": 1}
    with pytest.raises(UnusableInput, match="not a DEFLATE stream"):
        exar.inflate(b"\xff\xff\xff", "x", "row")
    with pytest.raises(UnusableInput, match="truncated DEFLATE stream"):
        exar.inflate(raw_deflate(stored)[:-3], "x", "row")
    monkeypatch.setattr(limits, "inflated", lambda size, most: len(stored))
    assert archive(stored).document(key)
    monkeypatch.setattr(limits, "inflated", lambda size, most: len(stored) - 1)
    with pytest.raises(UnusableInput, match=f"contents inflate to more than {len(stored) - 1} bytes"):
        archive(stored).document(key)


def test_numbers_and_signs_are_spelled_as_consoles_spell_them() -> None:
    document = {
        "$id": "1",
        "a": [1.0, -0.5, 1e300, 0.1, 2.8936200141906738, 3, True, None, '\x85\u2028\u2029é"\\\n', {}, []],
    }
    body = exar.dumps("EdfX", document).decode().split("\r\n", 1)[1]
    assert body == (
        '{\r\n  "$id": "1",\r\n  "a": [\r\n    1.0,\r\n    -0.5,\r\n    1e+300,\r\n    0.1,\r\n    2.8936200141906738,\r\n    3,\r\n'
        '    true,\r\n    null,\r\n    "\\u0085\\u2028\\u2029é\\"\\\\\\n",\r\n    {},\r\n    []\r\n  ]\r\n}'
    )
    with pytest.raises(ValueError, match="object '7', which is not there"):
        exar.unwrap({"a": {"$ref": "7"}})
    assert exar.unwrap({"$id": "1", "a": {"$id": "2", "$values": [{"$ref": "1"}]}, "b": {"$ref": "2"}})["b"][
        0
    ]["a"]
    assert exar.number({"b": [1], "a": {}}) == {
        "$id": "1",
        "a": {"$id": "2"},
        "b": {"$id": "3", "$values": [1]},
    }


# --- self-checks --------------------------------------------------------------------------------------


def test_every_self_check_says_what_it_found(tmp_path: Path) -> None:
    tables = exar.read(written(tmp_path, site())).tables
    assert verify(exar.read(written(tmp_path, site()))) == []
    instance, branch = tables["Instance"], tables["Branch"]
    at = next(i for i, row in enumerate(instance) if row[8] == "EdfPauseStep")
    key = tables["Content"][0][0]

    def changed(table: str, rows: list[Any]) -> list[tuple[str, str]]:
        return verify(exar.read(written(tmp_path, exar.write(tables | {table: rows}), "bad.exar1")))

    def has(found: list[tuple[str, str]], code: str, said: str) -> bool:
        return any(one == code and said in text for one, text in found)

    assert has(
        changed("Content", [(key, b"\xff\xff", "DS"), *tables["Content"][1:]]),
        "content",
        "is not a DEFLATE stream",
    )
    assert has(changed("Content", [(key, "text", "DS"), *tables["Content"][1:]]), "content", "holds no bytes")
    lost = [(*row[:2], "0" * 40, *row[3:]) if i == at else row for i, row in enumerate(instance)]
    assert has(changed("Instance", lost), "missing-content", "refers to content 0000")
    assert has(changed("Branch", [*branch, ("x", "Latest", branch[1][2])]), "branches", "3 branches")
    assert has(changed("Branch", [("+", "Latest", branch[0][2]), branch[1]]), "branches", "2 branches")
    assert has(
        changed("Branch", [("-", "Latest", NONE), branch[1]]), "branches", "branch '-' has no head changeset"
    )
    twice = [*tables["InstanceChangeSet"], (instance[0][0], NONE, NONE, 0)]
    assert has(changed("InstanceChangeSet", twice), "membership", "is in 2 changesets")
    assert has(changed("Branch", [branch[0]]), "tree", "no branch with a software version")
    typed = [(row[0], row[1] + 1, row[2]) for row in tables["Element"]]
    assert has(changed("Element", typed), "element-type", "is of type 2, not 1")
    for column, what in ((5, "parent"), (6, "label"), (7, "description")):
        rows = [
            (*row[:column], NONE, *row[column + 1 :]) if i == at else row for i, row in enumerate(instance)
        ]
        assert has(changed("Instance", rows), "reference", f"{what} {NONE} of EdfPauseStep")
    rows = [(*row[:3], graph.pack(NONE), *row[4:]) if i == at else row for i, row in enumerate(instance)]
    assert has(changed("Instance", rows), "reference", f"child {NONE} of EdfPauseStep")
    rows = [(*row[:4], "#UpgradeInfo|0", *row[5:]) if row[8] == "EdfProtocol" else row for row in instance]
    assert has(changed("Instance", rows), "tag", "the UpgradeInfo tag")
    assert not has(changed("Instance", rows), "tag", "ContentHash")


def edited(tmp_path: Path, kind: str, **changes: Any) -> list[tuple[str, str]]:
    """Findings after members of every document of a kind were changed."""
    tables = exar.read(written(tmp_path, site())).tables
    archive = exar.read(written(tmp_path, site()))
    fresh = {}
    for row in tables["Instance"]:
        if row[8] == kind:
            name, document = exar.loads(archive.content(row[2]))
            made = exar.dumps(
                name, document | {k: v(document) if callable(v) else v for k, v in changes.items()}
            )
            fresh[row[2]] = (sha1(made).hexdigest(), made)
    rows = [(*row[:2], fresh.get(row[2], (row[2],))[0], *row[3:]) for row in tables["Instance"]]
    contents = [row for row in tables["Content"] if row[0] not in fresh]
    contents += [(key, raw_deflate(made), "DS") for key, made in dict(fresh.values()).items()]
    return verify(
        exar.read(
            written(tmp_path, exar.write(tables | {"Instance": rows, "Content": contents}), "bad.exar1")
        )
    )


def test_self_checks_of_programs_and_protocols(tmp_path: Path) -> None:
    assert [code for code, _ in edited(tmp_path, "EdfProgram", LastStepId=NONE)] == ["links"]
    assert [code for code, _ in edited(tmp_path, "EdfProgram", FirstStepId="x")] == ["links"]
    for name in ("LinksFrom", "LinksTo", "Ranks", "RelationsFrom", "RelationsTo"):
        found = edited(tmp_path, "EdfProgram", **{name: {}})
        assert any(
            code == "step-maps" and f": {name} does not hold every step" in said for code, said in found
        ), name

    def moved(document: dict[str, Any]) -> dict[str, Any]:
        return {
            key: value if key == "$id" else value | {"Rank": value["Rank"] + 1}
            for key, value in document["Ranks"].items()
        }

    assert [code for code, _ in edited(tmp_path, "EdfProgram", Ranks=moved)] == ["ranks"]
    found = edited(tmp_path, "EdfProtocol", Data="nothing")
    assert {code for code, _ in found} == {"tag", "protocol"} and any(
        "no MrProt block" in said for _, said in found
    )


# --- texts of protocols -------------------------------------------------------------------------------

BLOCK = (
    "### ASCCONV BEGIN object=MrProtDataImpl@MrProtocolData version=66110001 ###\n{}\n### ASCCONV END ###\n"
)


def test_values_of_a_block_by_hand() -> None:
    block = ascconv.parse(
        BLOCK.format(
            'a = "x ""y"""\nb = "half\nc = 0X1F # note\nd = 1.5\ne = 1e301\nf = 12345678901234567890\ng.1 = 0x42\ng.0 = 0x41 # \'A\'\ng.x = 0x43\nh = 7\n'
        )
    )
    assert (block.text("a"), block.text("b"), block.text("g"), block.text("z")) == (
        'x "y"',
        '"half',
        "AB",
        None,
    )
    assert (block.number("c"), block.number("d"), block.number("e"), block.number("e", 3)) == (
        31,
        1.5,
        None,
        3,
    )
    assert (block.integer("d"), block.integer("h"), block.integer("z"), block.integer("z", 4)) == (
        None,
        7,
        None,
        4,
    )
    assert block.integer("f") == 12345678901234567168  # more digits than a whole number is read by
    assert (block.flag("h"), block.flag("z"), block.number("z", 2)) == (True, False, 2)


@pytest.mark.parametrize(
    ("lines", "waves"),
    [
        ("WaveMode = 1", True),
        ("a = 1\nsWave.x = 1", True),
        ("sWavelet = 1", False),
        ("Wavelet = 1\nWave = 1", True),
        ("W = 1", False),
    ],
)
def test_wave_encoding_is_named(lines: str, waves: bool) -> None:
    assert ascconv.parse(BLOCK.format(lines)).waves == waves


def test_values_with_spaces_or_none_are_read_line_by_line() -> None:
    """Each of these has as many words as lines of three would have, or nearly."""
    for lines, values in (
        ("a = 1 2\nb =", {"a": "1 2", "b": ""}),
        ("a = 1 b =", {"a": "1 b ="}),
        ("a = 1 b = 2", {"a": "1 b = 2"}),
        ("a = 1\nb = 2", {"a": "1", "b": "2"}),
    ):
        assert ascconv.parse(BLOCK.format(lines)).raw == values


def test_blocks_of_other_objects_and_ends() -> None:
    assert ascconv.parse("### ASCCONV BEGIN ###\n### ASCCONV END ###\n").raw == {}
    assert ascconv.find_block("x\n" + BLOCK.format("a = 1")) == (2, 78, 84)
    other = "### ASCCONV BEGIN object=Other ###\na = 1\n### ASCCONV END ###\n"
    assert ascconv.parse(other + BLOCK.format("a = 2")).raw == {"a": "2"}
    assert [b.raw["a"] for b in ascconv.stations(BLOCK.format("a = 1") + other + BLOCK.format("a = 3"))] == [
        "1",
        "3",
    ]
    for text in (other, "### ASCCONV BEGIN", BLOCK.format("a").replace("END", "FIN")):
        with pytest.raises(ascconv.NoProtocol):
            ascconv.parse(text)


STYLES = {
    "xa": ("\t = \t", "a{}b\n", "a\t = \tb\n"),
    "spaces": ("  =  ", "a{}b\n", "a  =  b\n"),
}


def test_every_spelling_of_a_line() -> None:
    xa, vb = ascconv.XA_STYLE, ascconv.Style("= ", 41, "\n", False)
    long, most, just = "k" * 42, "k" * 41, "k" * 40
    assert [vb.line(key, 1) for key in (long, most, just)] == [
        f"{long} = 1\n",
        f"{most} = 1\n",
        f"{just} = 1\n",
    ]
    spelled = {
        ("sA.dThickness", 5.0): ("5.0", "5"), ("adFree[1]", -3.0): ("-3.0", "-3"), ("aflX[0]", 0.25): ("0.25", "0.25"),
        ("flDelay", 1e-7): ("1e-07", "1e-07"), ("dX", 1 / 3): ("0.333333333333", "0.333333333333"), ("lAverages", 2.6): ("3", "3"),
        ("ucMode", 16): ("16", "0x10"), ("ulVersion", 255): ("255", "0xff"), ("unX", 9): ("9", "0x9"), ("bOn", True): ("0x1", "0x1"),
        ("tName", 'a "b"'): ('"a ""b"""', '"a ""b"""'), ("double", 2.0): ("2", "2"), ("lX", None): ("0", "0"),
    }  # fmt: skip
    assert {key: (xa.spell(*key), vb.spell(*key)) for key in spelled} == spelled


def test_an_edit_of_a_flag_stays_hexadecimal() -> None:
    text = BLOCK.format("a = 0x1\nb =   7\nc = 0x2\nlast.x = 1")
    edited = ascconv.edit(text, {"a": 3, "b": 8, "c": "text", "new": 4, "last.y": 5})
    assert edited == BLOCK.format('a = 0x3\nb =   8\nc = "text"\n{}last.x = 1\n{}').replace(
        "{}\n", "{}"
    ).format(
        ascconv.style_of(text, ascconv.parse(text)).line("new", 4),
        ascconv.style_of(text, ascconv.parse(text)).line("last.y", 5),
    )
    assert ascconv.equal("1.000000000009", 1.0) and not ascconv.equal("1.0001", 1.0)
    assert ascconv.equal('"a"', "a") and not ascconv.equal('"a"', 1) and not ascconv.equal("1", None)
    assert ascconv.equal("100000000000", 100000000001.0) is True and not ascconv.equal("0", 1e-10)


NAMES = '<ParamString."ProtocolName">  { "one" }\n<ParamString."ProtocolName">  { <Default> "x" "tw""o" }\n<ParamString."ProtocolName">  { }\n<ParamString."Description"> { "secret" }\n'


def test_names_in_the_tree_of_a_text() -> None:
    assert ascconv.names(NAMES) == ["one", 'tw"o']
    assert ascconv.names(ascconv.set_names(NAMES, 'a "b"')) == ['a "b"'] * 2
    assert ascconv.without_description(NAMES) == NAMES.replace('"secret"', "")


def test_a_pro_file_keeps_its_bytes(tmp_path: Path) -> None:
    data = BLOCK.format('tName = "\xe9"').encode("latin-1")
    found = ascconv.read(written(tmp_path, data, "a.pro"))
    assert found.to_bytes() == data and found.block.text("tName") == "\xe9"
    with pytest.raises(UnusableInput, match="line 3"):
        ascconv.read(written(tmp_path, b"a\nb\nc", "a.pro"))


def test_one_station_of_two() -> None:
    station = "<XProtocol>\n{\n}\n" + BLOCK.format("lNumber = 0")
    text = (
        '<XProtocol>\n<ParamArray."SubStep"> {\n { 1 }\n { 2 }\n { 3 }\n}\n<ParamBool."IsMultistep"> { "true" }\n'
        '<ParamBool."IsInlineCompose"> { "true" }\n<ParamString."SeriesDescription"> { "all" }\n'
        + station.replace("= 0", "= 1") + station.replace("= 0", "= 2")
    )  # fmt: skip
    for number in (0, 1):
        single = ascconv.one_station(text, number)
        assert [block.raw["lNumber"] for block in ascconv.stations(single)] == [str(number + 1)]
        assert single.count("<XProtocol>") == 2 and '<ParamBool."IsMultistep"> { }' in single
        assert (
            '"IsInlineCompose"> { }' in single
            and '"SeriesDescription"> { }' in single
            and "{ 2 }" not in single
        )
    alone = BLOCK.format("a = 1")
    assert ascconv.one_station(alone, 0) == alone


# --- archives of VB -----------------------------------------------------------------------------------


def test_names_of_vb_by_hand() -> None:
    pairs = {
        "DWI+AF8-b0": "DWI_b0",
        "a+AFw-b+AD0-c": "a\\b=c",
        "+ALU- und (1)": "µ und (1)",
        "plain.txt:?/": "plain.txt:?/",
    }
    assert {text: edx.utf7(text) for text in pairs} == pairs
    assert {edx.to_utf7(text): text for text in pairs.values()} == pairs
    assert edx.utf7("+AF8") == "+AF8" and edx.utf7(b"\xe9+A-") == "\xe9+A-"


def test_a_record_by_hand() -> None:
    record = edx.Record(
        b"MrEdbType=Prot\r\nMrEdbName={1-A} // t1+AF8-\r\nMrEdbPartname=x\r\nMrEdbCopyRef=y\r\n",
        b"Head=1\r\n<XProtocol> old",
        2,
    )
    assert (record.name, record.value("MrEdbType"), record.value("None"), record.protocol) == (
        "t1_",
        "Prot",
        "",
        "<XProtocol> old",
    )
    assert record.with_protocol("<XProtocol> n\xe9w").content == b"Head=1\r\n<XProtocol> n\xe9w"
    made = record.with_head({"MrEdbName": "new_1"}, [("MrEdbPartname", "p_1"), ("MrEdbCopyRef", "q")])
    assert (
        made.head == b"MrEdbType=Prot\r\nMrEdbName=new+AF8-1\r\nMrEdbPartname=p+AF8-1\r\nMrEdbCopyRef=q\r\n"
    )
    assert (made.parts, made.body) == (2, made.head + b"**********\r\n" + record.content)
    assert edx.Record(b"", b"no protocol", 0).protocol == "no protocol"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"Other", "the first line is not MrEdxFile"),
        (b"MrEdxFile\r\n", "without a record"),
        (b"MrEdxFile\r\n" + b"@" * 30 + b"\n3\r\n0\r\nabc", "byte 11: damaged|does not begin with its line"),
        (b"MrEdxFile\r\n" + b"@" * 30 + b"\r\n3\r\n0\r\nab", "a record of 3 bytes is cut off"),
        (b"MrEdxFile\r\n" + b"@" * 30 + b"\r\n3\r\n0\r\nabc", "without its line of stars"),
    ],
)
def test_damaged_records_are_said(text: bytes, said: str, tmp_path: Path) -> None:
    with pytest.raises(UnusableInput, match=said):
        edx.read(written(tmp_path, zlib.compress(text), "a.edx"))


def test_programs_that_name_no_record_and_records_of_no_program() -> None:
    def record(kind: str, name: str, *parts: str) -> edx.Record:
        named = "".join(f"MrEdbPartname={part}\r\n" for part in parts)
        return edx.Record(f"MrEdbType={kind}\r\nMrEdbName={name}\r\n{named}".encode(), b"", len(parts))

    same = [record("Prot", "a"), record("Prot", "a"), record("Prot", "b")]
    card = record("Prog", "card", "a", "gone", "a", "a")
    found = edx.in_order(edx.Edx(b"", (card, *same)))
    assert [(p and p.name, [id(r) for r in own]) for p, own in found] == [
        ("card", [id(same[0]), id(same[1])]), (None, [id(same[2])]),
    ]  # fmt: skip


def test_the_words_of_a_release_and_the_date(monkeypatch: pytest.MonkeyPatch) -> None:
    """VE names the export folder and the changesets in words of its own; the date is the one that is given."""
    top = {"VE": "New Tree", "XA": "Export"}
    for line, folder in top.items():
        monkeypatch.setenv("SOURCE_DATE_EPOCH", "86461")
        store = graph.Store("seed")
        made = store.node("EdfProgram", "card", store.content("EdfProgram", {}))
        root = graph.add_tree(store, made, ["Head", "MS"], {}, line)
        connection = opened(graph.assemble(store, root, "N4", line))
        rows = connection.execute("SELECT Comment, DateTime FROM ChangeSet ORDER BY rowid").fetchall()
        first = "initial creation" if line == "VE" else "Initial creation"
        words = (first, f"Export CreateTree {folder}", "Save by CopyProgramsPipeline")
        assert rows == [(word, "1970-01-02 00:01:01.0000000") for word in words]
        assert connection.execute("SELECT Baseline FROM Branch").fetchall() == [("-",), ("N4",)]
        connection.close()
        archive = exar.read_bytes(graph.assemble(store, root, "N4", line), "made")
        tree = graph.load(archive)
        assert [path for path, _ in graph.programs(tree)] == [("Head", "MS", "")]
        names = [tree.name(node) for node in tree.nodes.values() if node.kind == "EdfDirectory"]
        assert names == ["Root", folder, "Head", "MS"]
        assert {node.parent for node in tree.nodes.values() if node.kind == "EdfDirectory"} == {root.element}
        text = next(node for node in tree.nodes.values() if node.kind == "EdfString")
        assert tree.document(text)["Texts"] == {"$id": "3", "": "Root"}
    for wrong in ("soon", "1" * 30):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", wrong)
        with pytest.raises(UsageError, match="not a number of seconds"):
            graph.assemble(store, root, "N4", "XA")


def test_ids_follow_from_the_seed() -> None:
    """The same seed and name give the same id on every machine: SHA-256 as a UUID of version 5."""
    digest = sha256(b"seed\nelement EdfProgram card").digest()
    wanted = str(uuid.UUID(bytes=digest[:16], version=5))
    assert graph.Store("seed").new_id("element EdfProgram card") == wanted
    node = graph.Store("seed").node("EdfProgram", "card", None)
    assert node.element == wanted
    assert node.instance == graph.Store("seed").new_id("instance EdfProgram card")
    assert node.object_id == graph.Store("seed").new_id("object EdfProgram card")
    store = graph.Store("seed")
    key = store.raw_content(b"x")
    assert store.contents == {key: raw_deflate(b"x")} and key == sha1(b"x").hexdigest()
    assert store.raw_content(b"x", b"other") == key and store.contents[key] != b"other"
    assert store.contents[store.raw_content(b"y", b"packed")] == b"packed"
    label = store.labelled(node, "name").label
    assert label == store.nodes[-1].element and store.nodes[-1].parent == node.element


def test_limits_hold_at_their_very_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As many as a limit says are read, one more is refused."""
    record = b"%s\r\n%d\r\n0\r\n%s" % (b"@" * 30, 16, b"A=1\r\n**********\r")
    record = record.replace(b"\r\n16\r\n", b"\r\n17\r\n") + b"\n"
    path = written(tmp_path, zlib.compress(b"MrEdxFile\r\n" + record * 3), "a.edx")
    monkeypatch.setattr(limits, "RECORDS", 3)
    assert [one.head for one in edx.read(path).records] == [b"A=1\r\n"] * 3
    monkeypatch.setattr(limits, "RECORDS", 2)
    with pytest.raises(UnusableInput, match="more than 2 records"):
        edx.read(path)
    archive = written(tmp_path, site())
    most = max(map(len, exar.read(archive).tables.values()))
    monkeypatch.setattr(limits, "ROWS", most + 1)
    assert exar.read(archive).contents
    monkeypatch.setattr(limits, "ROWS", most)
    with pytest.raises(UnusableInput, match=f"has more than {most} rows"):
        exar.read(archive)
    monkeypatch.undo()
    monkeypatch.setattr(limits, "FILE_BYTES", len(site()))
    assert exar.read(archive).contents
    monkeypatch.setattr(limits, "FILE_BYTES", len(site()) - 1)
    with pytest.raises(UnusableInput, match="larger than 0 MiB"):
        exar.read(archive)
    whole = raw_deflate(b"x" * 3000)
    monkeypatch.setattr(limits, "CONTENT_BYTES", 3001)
    assert exar.inflate(whole, "x", "row") == b"x" * 3000
    monkeypatch.setattr(limits, "CONTENT_BYTES", 2999)
    with pytest.raises(UnusableInput, match="content inflates to more than 0 MiB"):
        exar.inflate(whole, "x", "row")
