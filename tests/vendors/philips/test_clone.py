"""What holds of a clone, each by hand: what it would bring along, how that is reset, what it must keep."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from generator.model.tree import Acquisition
from generator.vendors.philips import donor
from generator.vendors.philips.container import graph
from generator.vendors.philips.container.graph import Array, Node, Plain, Text, Typed
from generator.vendors.philips.fields.scan import Settings
from tests.vendors.philips import cards
from tests.vendors.philips.vectors import HOLDS, INHERITED, RESET, STATES


def test_what_a_clone_would_bring_along() -> None:
    found = {(one.what, one.bound_to, one.resets_to, one.field) for one in donor.STATES}
    assert found == STATES
    wrong = []
    for fields, values, objects, wanted in INHERITED:
        scan = Acquisition(name="x", **fields, vendor={"parameters": values, **objects})
        named = {one.what: one.value for one in donor.inherited(scan)}
        if named != wanted:
            wrong.append((fields, values, objects, named))
    assert wrong == []


def test_how_it_is_reset() -> None:
    wrong = []
    for what, held, written in RESET:
        settings = Settings(held, 3.0, is_template=False)
        donor.reset(settings, frozenset({what}))
        if settings.wanted != written:
            wrong.append((what, settings.wanted))
    assert wrong == []


def test_relations_hold_where_they_should() -> None:
    known = {one.name: one for one in donor.relations()}
    wrong = [(name, values) for name, values, holds in HOLDS if known[name].holds(values) is not holds]
    assert wrong == []
    # Cards and scans of the corpus that speak of each; a test counts them there.
    assert {(one.name, one.files, one.steps) for one in known.values() if not one.name.startswith("EX_")} == {
        ("phase-field-of-view", 5, 56), ("stack-height", 5, 56), ("slice-thickness", 5, 56),
        ("shown-repetition-time", 3, 15), ("shown-matrix", 4, 47), ("echo-step", 5, 56),
        ("rest-slabs", 5, 56),
        ("record-order", 5, 56),
    }  # fmt: skip


def test_records_are_in_the_order_of_a_release() -> None:
    """R5.7 has the field of view before the echoes, R11.1 the other way round; up to five names may lack."""
    (order,) = (one for one in donor.relations() if one.name == "record-order")
    ranks = donor.orders()["5.7"]
    names = [name for name in ranks if name.startswith("EX_")]
    assert order.holds(dict.fromkeys(names)) is True
    assert order.holds(dict.fromkeys([*names[1:], names[0]])) is False
    assert order.holds(dict.fromkeys(["not known", *names])) is True
    assert order.holds(dict.fromkeys(names[::-1])) is False


def test_a_localizer_and_what_a_scan_needs(tmp_path: Path) -> None:
    def scan(name: str = "T1", plane: Any = "sagittal", **values: Any) -> Acquisition:
        return Acquisition(name=name, plane=plane, vendor={"parameters": values})

    for name in (
        "Survey",
        "SCOUT",
        "3-plane localizer",
        "Localiser",
        "loc",
        "Plan Scan",
        "planscan",
        "reperage",
    ):
        assert donor._is_localizer(scan(name)), name
    assert not donor._is_localizer(scan("block"))
    assert donor._is_localizer(scan(plane=None, EX_GEO_stacks=2))
    assert not donor._is_localizer(scan(plane=None, EX_GEO_stacks=1))
    assert not donor._is_localizer(scan(EX_GEO_stacks=2))
    assert donor._is_localizer(scan(EX_ACQ_gradient_mode="REGULAR"))
    assert not donor._is_localizer(scan(EX_ACQ_gradient_mode="MAXIMUM"))
    coil, old, reference, fast, plain = (
        scan(EX_ACQ_enable_pre_scan="COILSURVEY_FAST"), scan(EX_ACQ_enable_pre_scan="SENSE_REF_CLASSIC"),
        scan(EX_ACQ_enable_pre_scan="SENSE_REF_FAST", EX_GEO_sense_enable="YES"),
        scan(EX_ACQ_enable_pre_scan="NO", EX_GEO_sense_enable="YES"), scan(EX_GEO_sense_enable="NO"),
    )  # fmt: skip
    all_of_them = (coil, old, reference, fast, plain)
    assert [list(donor._needs(at, one, all_of_them)) for at, one in enumerate(all_of_them)] == [
        [], ["0"], ["0"], ["2"], [],
    ]  # fmt: skip
    assert [donor._release_name(text) for text in ("5.7.1.0", "11.1.0.0", "5", None)] == [
        "R5.7", "R11.1", None, None,
    ]  # fmt: skip


def words(row: graph.Row) -> list[str]:
    found = donor._required(row, "swOptions")
    assert found is not None
    return [graph.text_of(item) for item in found.items]


@pytest.fixture
def row(tmp_path: Path) -> graph.Row:
    from generator.vendors.philips.container import envelope

    return graph.rows(graph.load(envelope.load(cards.write(tmp_path))))[0]


def test_licence_bits_are_set_and_cleared(row: graph.Row) -> None:
    """Bit 94 is bit 30 of the third word; bit 31 of a word makes it negative, as .NET writes it."""
    bits = donor._required(row, "swOptions")
    assert bits is not None
    bits.items = [Plain("1"), Plain("0"), Plain("-1"), Plain("5")]
    donor._set_licences(row, {94: False, 22: True, 31: True, 64: True, 128: True})
    assert words(row) == [str((1 | 1 << 22 | 1 << 31) - (1 << 32)), "0", str(-1 - (1 << 30)), "5"]
    donor._set_licences(row, {94: True, 22: False, 31: False, 98: False, 96: False})
    assert words(row) == ["1", "0", "-1", "0"]
    other = graph.copy_row(row)
    systems = donor._required(other, "allowedMainSystemTypes")
    assert systems is not None
    systems.items = [Plain("128")]
    donor._take_systems(row, other)
    mine = donor._required(row, "allowedMainSystemTypes")
    assert mine is not None and mine.items == [Plain("128")] and mine.items is not systems.items
    graph.require(row.single, "scanProperties", Node).set("requiredConfiguration", graph.Null())
    donor._set_licences(row, {94: True})  # a card without the set is left alone
    assert donor._required(row, "swOptions") is None
    donor._take_systems(row, other)
    donor._take_systems(other, row)
    assert systems.items == [Plain("128")]


def test_a_row_loses_plan_side_and_region(row: graph.Row) -> None:
    kind = row.single.get("smartGeoType")
    assert isinstance(kind, Typed)

    def dressed() -> graph.Row:
        made = graph.copy_row(row)
        made.single.set("smartGeoType", Typed(kind.namespace, kind.type, "AWPLAN_SMARTPLAN_TYPE_BRAIN"))
        for name, text in (
            ("laterality", "left"),
            ("anatomicRegion", "SRT.A.Knee"),
            ("anatomicalRegion", "Knee"),
        ):
            made.procedure.set(name, Text(text))
        return made

    def told(made: graph.Row) -> list[str]:
        names = ("laterality", "anatomicRegion", "anatomicalRegion")
        return [
            graph.text_of(made.single.get("smartGeoType")),
            *(graph.text_of(made.procedure.get(n)) for n in names),
        ]

    made = dressed()
    donor._reset_plan(made, frozenset())
    assert told(made) == ["AWPLAN_SMARTPLAN_TYPE_BRAIN", "left", "", ""]
    made = dressed()
    donor._reset_plan(made, frozenset({"auto_align", "laterality"}))
    assert told(made) == ["AWPLAN_SMARTPLAN_TYPE_NONE", "unpaired", "", ""]


def test_a_row_that_comes_along_is_plain(row: graph.Row) -> None:
    graph.require(row.single, "scanProperties", Node).set("pause", Plain("true"))
    row.execution.set("contrast", Plain("true"))
    row.procedure.set("methodDescription", Text("of this site"))
    kept = graph.copy_row(row)
    donor._be_plain(kept, keep_notes=True)
    donor._be_plain(row, keep_notes=False)
    for one, summary in ((kept, "of this site"), (row, "")):
        assert graph.text_of(graph.require(one.single, "scanProperties", Node).get("pause")) == "false"
        assert graph.text_of(one.execution.get("contrast")) == "false"
        assert graph.text_of(one.procedure.get("methodDescription")) == summary


def test_an_empty_table_and_the_region_of_a_card(tmp_path: Path) -> None:
    table = donor._empty_table()
    assert (table.namespace, table.name) == (
        "http://schemas.microsoft.com/clr/ns/System.Collections",
        "Hashtable",
    )
    assert [(name, value) for name, value in table.members if not isinstance(value, Array)] == [
        ("LoadFactor", Plain("0.72")), ("Version", Plain("0")), ("Comparer", graph.Null(False)),
        ("HashCodeProvider", graph.Null(False)), ("HashSize", Plain("11")),
    ]  # fmt: skip
    arrays = [(name, value.type, value.length) for name, value in table.members if isinstance(value, Array)]
    assert arrays == [("Keys", "xsd:anyType", 0), ("Values", "xsd:anyType", 0)]
    root = Node(
        "", "ExamCard", [("anatomicRegion", Text("a")), ("anatomy", Text("b")), ("laterality", Text("left"))]
    )
    donor._set_region(root, "SRT.T-A0100.Brain", "Head")
    assert [graph.text_of(value) for _, value in root.members] == ["SRT.T-A0100.Brain", "Head", "unpaired"]
    root = Node("", "ExamCard", [("anatomicRegion", Text("a")), ("laterality", Text("Unpaired"))])
    donor._set_region(root, "SRT.T-A0100.Brain", "Head")
    assert [graph.text_of(value) for _, value in root.members] == ["SRT.T-A0100.Brain", "Unpaired"]
