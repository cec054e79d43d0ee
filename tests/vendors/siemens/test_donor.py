# ruff: noqa: E501  (tables: one row a line)
from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from generator.errors import CannotBuild, UnusableInput
from generator.model.tree import Acquisition, Contrast, Pause, Protocol, Target
from generator.vendors.account import build
from generator.vendors.dialect import BuildOptions, Export
from generator.vendors.matching import Along, Candidate, Choice, Donor, DonorStep, Plan
from generator.vendors.siemens import DIALECT, donor
from generator.vendors.siemens.container import ascconv, exar, graph
from generator.vendors.siemens.fields.block import Said
from generator.vendors.siemens.inspect import integrity, verify
from generator.vendors.siemens.reader import Context
from generator.vendors.siemens.writer import Planned
from tests.support.translate import assert_translates
from tests.vendors.siemens.make import (
    DWI,
    MPRAGE,
    SITE_CARD,
    T2_TSE,
    XA61,
    archive,
    losses,
    planned,
    protocol,
    scan,
    template,
    written,
)
from tests.vendors.siemens.surgery import edited, export_again, row_of, swap

WANTED = protocol(
    Pause(text="Check the coil"),
    scan("3D T1 pre", MPRAGE, repetition_time=1900.0, repetition_time_preparation=1900.0, echo_times=(2.5,)),
    Contrast(agent="gadoteridol", dose=0.1, minimum_delay=300.0),
    scan(
        "DWI",
        DWI,
        number_of_slices=44,
        slice_gap=0.0,
        b_values=(0.0, 500.0, 1000.0),
        b_value_averages=(1, 1, 2),
    ),
    scan("3D T1 post", MPRAGE, repetition_time=1900.0, repetition_time_preparation=1900.0, echo_times=(2.5,)),
    name="New card",
)


DESCRIBED = '<ParamString."Description">  { "call Dr. Nobody"  }'


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A donor with the marks of a site: author, machine, a description."""
    tables = exar.read(written(tmp_path, template())).tables
    tables["ChangeSet"] = [
        (*row[:1], "Dr. Nobody", *row[2:4], "HOST-7", *row[5:]) for row in tables["ChangeSet"]
    ]
    return written(tmp_path, exar.write(tables))


def built(site: Path, card: object = WANTED, **options: object) -> Export:
    return build(DIALECT, card, XA61, planned(card, site, **options))  # type: ignore[arg-type]


def test_a_card_from_a_donor_comes_back(site: Path, tmp_path: Path) -> None:
    options = planned(WANTED, site)
    assert_translates(WANTED, XA61, options, lambda e: written(tmp_path, archive(e), "new.exar1"))


def test_the_export_says_what_it_was_made_from(site: Path) -> None:
    export = built(site)
    assert export.kind == "donor"
    assert export.donor is not None
    assert export.donor.name == "site.exar1"
    assert len(export.donor.sha256) == 64
    assert losses(export) == [("approximated", "contrast")]


def test_the_archive_passes_all_checks(site: Path, tmp_path: Path) -> None:
    data = archive(built(site))
    assert integrity(data) == []
    assert verify(exar.read(written(tmp_path, data, "new.exar1"))) == []


def test_steps_are_in_the_order_of_the_spec(site: Path, tmp_path: Path) -> None:
    (card,) = DIALECT.read(written(tmp_path, archive(built(site)), "new.exar1")).protocols
    names = [s.name if isinstance(s, Acquisition) else s.text for s in card.steps]  # type: ignore[union-attr]
    assert names[0] == "Check the coil"
    assert names[2].startswith("Inject gadoteridol 0.1 mmol/kg; next scan not before 5:00 min")
    assert [a.name for a in card.acquisitions] == ["3D T1 pre", "DWI", "3D T1 post"]
    assert card.name == "New card"


def test_a_card_of_the_donors_own_values_keeps_its_protocols_byte_for_byte(
    site: Path, tmp_path: Path
) -> None:
    new = exar.read(written(tmp_path, archive(built(site, SITE_CARD)), "new.exar1"))
    old = exar.read(site)
    protocols = {n.hash for n in graph.load(old).nodes.values() if n.kind == "EdfProtocol"}
    assert protocols
    assert protocols <= set(new.contents)
    shared = set(old.contents) & set(new.contents)
    assert all(old.contents[key] == new.contents[key] for key in shared)


def test_only_what_changed_is_changed(site: Path, tmp_path: Path) -> None:
    """Everything that the spec does not speak about stays as it was in the donor."""
    new = DIALECT.read(written(tmp_path, archive(built(site)), "new.exar1")).protocols[0].acquisitions[0]
    old = DIALECT.read(site).protocols[0].acquisitions[0]
    one, other = (a.model_dump(exclude={"name", "vendor"}) for a in (old, new))
    changed = {key for key in one if one[key] != other[key]}
    assert changed == {"repetition_time", "repetition_time_preparation", "echo_times"}
    kept = {k: v for k, v in old.vendor["ascconv"].items() if "alTE" not in k and k != "tProtocolName"}
    assert kept.items() <= new.vendor["ascconv"].items()
    assert new.vendor["preview"]["sub.0.msr.tr.0"]["Value"] == 1900.0


def test_all_names_are_set(site: Path, tmp_path: Path) -> None:
    step = DIALECT.read(written(tmp_path, archive(built(site)), "new.exar1")).protocols[0].acquisitions[0]
    assert step.vendor["ascconv"]["tProtocolName"] == '"3D T1 pre"'
    assert '<ParamString."ProtocolName">  { "3D T1 pre"  }' in step.vendor["xprotocol"]


def test_author_and_machine_of_the_donor_do_not_travel(site: Path) -> None:
    data = archive(built(site))
    assert b"Dr. Nobody" in site.read_bytes()
    assert b"Dr. Nobody" not in data
    assert b"HOST-7" not in data


def _described(site: Path, folder: Path) -> Path:
    """The donor with a free text in each protocol."""
    tables = exar.read(site).tables
    for _, packed, _ in list(tables["Content"]):
        content = exar.inflate(packed, "x", "x")
        name, document = exar.loads(content)
        if name == "EdfProtocol":
            document["Data"] = document["Data"].replace('<ParamString."Description">  { }', DESCRIBED)
            swap(tables, content, exar.dumps(name, document))
    return written(folder, exar.write(tables), "described.exar1")


def test_free_texts_of_the_site_travel_only_if_they_may(site: Path, tmp_path: Path) -> None:
    donor = _described(site, tmp_path)
    assert DESCRIBED in DIALECT.read(donor).protocols[0].acquisitions[0].vendor["xprotocol"]
    for keep in (False, True):
        export = built(donor, keep_notes=keep)
        read = DIALECT.read(written(tmp_path, archive(export), "new.exar1"))
        assert all((DESCRIBED in a.vendor["xprotocol"]) == keep for a in read.protocols[0].acquisitions)
        assert any(note.code == "notes-dropped" for note in export.notes) != keep


def test_the_same_donor_and_spec_give_the_same_bytes(site: Path) -> None:
    assert dict(built(site).files) == dict(built(site).files)


def test_a_scan_that_the_donor_has_no_step_for_is_left_out_or_becomes_a_pause(
    site: Path, tmp_path: Path
) -> None:
    flair = scan("FLAIR", T2_TSE, inversion_time=2500.0)
    card = protocol(flair, flair.model_copy(update={"name": "other", "optional": True}), scan("t2", T2_TSE))
    export = built(site, card, gaps="sheet")
    assert losses(export) == [("unsupported", None), ("unsupported", None)]
    assert (export.losses[0].wanted, export.losses[0].severity) == ("acquisition", "image")
    (read,) = DIALECT.read(written(tmp_path, archive(export), "new.exar1")).protocols
    assert [s.kind for s in read.steps] == ["pause", "acquisition"]
    assert "FLAIR: to be set up by hand" in read.steps[0].text  # type: ignore[union-attr]


@pytest.fixture
def segmented(tmp_path: Path) -> Path:
    """A site whose only diffusion step reads out in five segments."""

    def change(document: dict[str, Any]) -> str:
        text = str(document["Data"])
        return text.replace("ep2d_diff", "resolve").replace(
            "sFastImaging.lSegments\t = \t1\n", "sFastImaging.lReadoutSegments\t = \t5\n"
        )

    return written(tmp_path, edited(written(tmp_path, template()), "EdfProtocol", change), "segmented.exar1")


def test_a_segmented_readout_serves_a_single_shot_last_and_is_a_loss_of_the_image(segmented: Path) -> None:
    (step,) = [one for one in DIALECT.describe(segmented).steps if "dwi" in one.scan.name]
    assert (step.scan.number_of_shots, step.fixed) == (5, ("number_of_shots",))
    card = protocol(scan("DTI", DWI, number_of_shots=1))
    options = planned(card, segmented)
    assert options.plan is not None and "site dwi, the last resort" in options.plan.warnings[0]
    export = build(DIALECT, card, XA61, options)
    (loss,) = [one for one in export.losses if one.field == "number_of_shots"]
    assert (loss.kind, loss.severity, loss.wanted, loss.got) == ("approximated", "image", 1, 5)
    optional = protocol(scan("3D T1", MPRAGE), scan("DTI", DWI, number_of_shots=1, optional=True))
    chosen = planned(optional, segmented).plan
    assert chosen is not None and [one.scan.name for one in chosen.left_out] == ["DTI"]


def test_a_gap_can_be_rendered_in_the_release_of_the_templates_only(site: Path, tmp_path: Path) -> None:
    flair = scan("FLAIR", T2_TSE, inversion_time=2500.0)
    card = protocol(flair, scan("t2", T2_TSE))
    export = built(site, card, gaps="template")
    data = archive(export)
    path = written(tmp_path, data, "new.exar1")
    (read,) = DIALECT.read(path).protocols
    assert [(one.name, one.inversion_time) for one in read.acquisitions] == [("FLAIR", 2500.0), ("t2", None)]
    tree = graph.load(exar.read(path))
    flair_step = next(one for one in tree.nodes.values() if tree.name(one) == "FLAIR")
    comment = tree.nodes[flair_step.description or ""]
    assert b"untested on a console" in tree.archive.content(comment.hash or "")
    assert [note.step for note in export.notes if note.code == "from-template"] == [0]
    assert list(integrity(data)) == []
    older = planned(card, site, gaps="template")
    assert older.plan is not None
    with pytest.raises(CannotBuild, match="templates are made for XA61A"):
        build(DIALECT, card, XA61, replace(older, plan=replace(older.plan, release="XA51A")))


@pytest.mark.parametrize("kind", ["EdfProgram", "EdfProtocol"])
def test_a_donor_whose_document_refers_to_an_object_that_is_not_there(kind: str, tmp_path: Path) -> None:
    """Contents whose hash fits and whose numbered document does not hold together."""

    def change(document: dict[str, Any]) -> str:
        document.setdefault("Preview", {})["lost"] = {"$ref": "9999"}
        return str(document.get("Data", ""))

    broken = written(tmp_path, edited(written(tmp_path, template()), kind, change), "broken.exar1")
    card = protocol(scan("t2", T2_TSE, acquisition_duration=None, repetition_time=4000.0))
    with pytest.raises(UnusableInput, match=r"row [0-9a-f]{40}: damaged .* '9999', which is not there"):
        built(broken, card)


def test_a_time_that_is_not_known_is_removed_unless_nothing_changes(site: Path, tmp_path: Path) -> None:
    def stored(**changes: object) -> str:
        card = protocol(scan("t2", T2_TSE, acquisition_duration=None, **changes))
        (read,) = DIALECT.read(written(tmp_path, archive(built(site, card)), "new.exar1")).protocols
        entry = read.acquisitions[0].vendor["preview"].get("sub.0.msr.time_sec", {})
        return f"{read.acquisitions[0].acquisition_duration} {entry.get('Value')}"

    assert stored() == "128.0 128"
    assert stored(repetition_time=4000.0) == "None None"


def test_a_donor_with_a_node_of_no_type_is_refused(tmp_path: Path) -> None:
    """The label of a step, which a clone keeps where it says the name of the scan."""
    tables = exar.read(written(tmp_path, template())).tables
    tables["Instance"] = [
        (*row[:8], None if row[8] == "EdfString" else row[8], row[9]) for row in tables["Instance"]
    ]
    broken = written(tmp_path, exar.write(tables), "broken.exar1")
    card = protocol(scan("site t2", T2_TSE, acquisition_duration=None))
    with pytest.raises(UnusableInput, match=r"row [0-9a-f-]{36}: 'nothing' is no type of a node"):
        built(broken, card)


def test_a_donor_that_is_no_archive_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnusableInput, match="SQLite"):
        built(written(tmp_path, b"text"))
    with pytest.raises(UnusableInput, match="no single protocol"):
        DIALECT.describe(written(tmp_path, b"text", "a.pro"))


def test_steps_of_two_exports_of_one_program_get_ids_of_their_own(tmp_path: Path) -> None:
    """The two steps have one object id in the donor."""
    tables = exar.read(written(tmp_path, template())).tables
    export_again(tables)
    content = row_of(tables, "EdfProtocol", b"site t1")
    name, document = exar.loads(content)
    document["Data"] = document["Data"].replace("alTR[0]\t = \t2000000", "alTR[0]\t = \t1500000")
    swap(tables, content, exar.dumps(name, document), only_last=True)
    donor = written(tmp_path, exar.write(tables))
    times = {"repetition_time": 1500.0, "repetition_time_preparation": 1500.0}
    card = protocol(scan("a", MPRAGE, **dict.fromkeys(times, 2000.0)), scan("b", MPRAGE, **times))
    read_donor = DIALECT.read(donor).protocols
    assert [p.acquisitions[0].repetition_time for p in read_donor] == [2000.0, 1500.0]
    new = written(tmp_path, archive(built(donor, card)), "new.exar1")
    assert verify(exar.read(new)) == []
    (read,) = DIALECT.read(new).protocols
    assert [a.repetition_time for a in read.acquisitions] == [2000.0, 1500.0]


def _itself(card: Protocol, path: Path) -> BuildOptions:
    """A plan in which every scan is made from itself, nothing reset."""
    donor = DIALECT.describe(path)
    own = iter(step for step in donor.steps if step.path == card.path)
    choices = {}
    for index, step in enumerate(card.steps):
        if isinstance(step, Acquisition):
            choices[index] = Choice(index, step, Candidate(donor, next(own), 100.0))
    return BuildOptions(plan=Plan(choices, donors=(donor,)))


@pytest.mark.corpus
def test_real_archives_as_their_own_donors_keep_their_protocols(corpus: Path, tmp_path: Path) -> None:
    """A card read from an archive, built with that archive: no loss, and the values come back."""
    for path in sorted((corpus / "siemens").rglob("*.exar1")):
        read = DIALECT.read(path)
        steps = tuple(
            s.model_copy(update={"vendor": {}}) if isinstance(s, Acquisition) else s
            for s in read.protocols[0].steps
        )
        card = read.protocols[0].model_copy(update={"steps": steps})
        target = Target(vendor="siemens", field_strength=read.field_strength or 3.0, software=read.software)
        options = _itself(card, path)
        export = build(DIALECT, card, target, options)
        assert {field for _, field in losses(export)} <= {"branch"}
        assert DIALECT.gate(export.files) == ()
        new = written(tmp_path, archive(export), f"{path.parent.name}.exar1")
        assert verify(exar.read(new)) == []
        assert_translates(card, target, options, lambda _, new=new: new)


@pytest.mark.corpus
def test_a_real_donor_is_patched_to_a_spec(corpus: Path, tmp_path: Path) -> None:
    path = next((corpus / "siemens" / "XA61").glob("*.exar1"))
    options = planned(WANTED, path)
    export = build(DIALECT, WANTED, XA61, options)
    new = written(tmp_path, archive(export), "new.exar1")
    assert verify(exar.read(new)) == []
    assert_translates(WANTED, XA61, options, lambda _: new)
    authors = {str(v) for row in exar.read(path).tables["ChangeSet"] for v in (row[1], row[4])}
    assert authors
    assert not any(author.encode() in new.read_bytes() for author in authors if author)


# --- one function at a time ---------------------------------------------------------------------------

# Name, binary, and other fields of a scan: whether it is a localizer.
LOCALIZERS: list[tuple[str, str, dict[str, Any], bool]] = [
    ("AAhead_x", "AALScout", {"plane": "sagittal"}, True),
    ("Localizer", "gre", {"plane": "sagittal"}, True),
    ("t1", "gre", {"technique": "gradient_echo", "acquisition_duration": 60.0}, True),
    ("t1", "gre", {"technique": "gradient_echo", "acquisition_duration": 61.0}, False),
    ("t1", "gre", {"technique": "gradient_echo"}, True),
    ("t1", "gre", {"technique": "gradient_echo", "plane": "sagittal"}, False),
    ("t1", "trufi", {"technique": "balanced_ssfp", "acquisition_duration": 20.0}, True),
    ("t1", "haste", {"technique": "single_shot_turbo_spin_echo", "acquisition_duration": 20.0}, True),
    ("t1", "tse", {"technique": "turbo_spin_echo", "acquisition_duration": 20.0}, False),
]
WHOLE = {"Laterality": "R", "BodyPartExamined": "KNEE", "ImageComment": "right"}


def test_what_is_a_localizer() -> None:
    found = [
        (name, binary, other, bool(donor._is_localizer(name, binary, Acquisition(name=name, **other))))
        for name, binary, other, _ in LOCALIZERS
    ]
    assert found == LOCALIZERS


def _of_the_step(stations: int = 1, copies: str = "", **document: object) -> list[tuple[object, ...]]:
    source = donor.Source("h", "n", (), 0, "", document=document, copies=copies)
    return [
        (one.what, one.value, one.bound_to, one.field, one.resets_to)
        for one in donor._of_the_step(source, stations)
    ]


def test_what_a_step_brings_along_beside_its_protocol() -> None:
    assert _of_the_step(2, "slices of another step", **WHOLE) == [
        ("laterality", "R", "anatomy", "laterality", "none"),
        ("body_part", "KNEE", "anatomy", "body_part", "none"),
        ("comment", "right", "patient", None, "none"),
        ("copy_reference", "slices of another step", "plan", None, "none"),
        ("stations", "2", "plan", None, "this one alone"),
    ]
    assert _of_the_step(Laterality="L")[0][1] == "L"
    assert _of_the_step(Laterality="U", BodyPartExamined="", ImageComment="") == []


def test_what_copies_the_slices_of_another_step() -> None:
    of_a = {"$values": [{"Kind": "CopyReference", "TargetId": "b"}, {"Kind": "", "TargetId": "c"}]}
    relations = {"a": of_a, "b": {"$values": []}}
    assert donor._copied({"RelationsFrom": relations}) == {"b": "slices of another step"}
    assert donor._copied({}) == {}


def test_a_spine_coil_says_the_region_where_no_text_does() -> None:
    def step(region: str | None, path: str, *coils: str) -> DonorStep:
        return DonorStep(key="k", path=(path,), index=0, region=region,
                         scan=Acquisition(name="a", receive_coils=coils or None))  # fmt: skip

    steps = [step(None, "x", "Spine_32"), step(None, "x"), step("brain", "x"), step(None, "y", "Head")]
    assert [one.region for one in donor._placed(steps)] == ["spine", "spine", "brain", None]


@pytest.mark.parametrize(
    ("binary", "folder", "research", "calibration"),
    [
        ("gre", "SiemensSeq", "", False),
        ("gre", "CustomerSeq", "sequence 'gre'", False),
        ("gre_site", "SiemensSeq", "sequence 'gre_site'", False),
        ("tfl_b1map", "SiemensSeq", "", True),
    ],
)
def test_a_sequence_of_the_site_is_research(
    binary: str, folder: str, research: str, calibration: bool
) -> None:
    text = f'### ASCCONV BEGIN ###\ntSequenceFileName = "%{folder}%\\{binary}"\n### ASCCONV END ###\n'
    source = donor.Source("h", "scan", ("Head",), 3, text, branch="x = y", document=WHOLE)
    (step,) = donor._steps(source, Context())
    assert (step.research, step.is_calibration, step.fixed) == (research, calibration, ())
    assert (step.key, step.index, step.path) == ("h/0", 3, ("Head",))
    assert (step.scan.branch, step.scan.station, step.scan.laterality) == ("x = y", None, "R")
    assert list(donor._steps(replace(source, text="no block"), Context())) == []
    both = list(donor._steps(replace(source, text=text * 2), Context()))
    assert [(one.key, one.scan.station) for one in both] == [("h/0", "scan"), ("h/1", "scan")]


def _patched(text: str, a: Acquisition, duration: float | None) -> dict[str, str]:
    block = "\n".join(["### ASCCONV BEGIN ###", *text.strip().splitlines(), "### ASCCONV END ###", ""])
    return ascconv.parse(donor.patched(block, a, duration, Said())).raw


def test_a_patch_names_the_scan_as_its_release_does_and_states_no_time_of_the_donor() -> None:
    times = "lTotalScanTimeSec = 20\nlScanTimeSec = 18\nalTR[0] = 10000\n"
    same, other = (Acquisition(name="T1_x", repetition_time=tr) for tr in (10.0, 20.0))
    for version, name in (
        ("0x14b44b6", "T1+AF8-x"), ("49999999", "T1+AF8-x"), ("1", "T1+AF8-x"), ("50000000", "T1_x"), ("0", "T1_x"),
    ):  # fmt: skip
        made = _patched(f"ulVersion = {version}\n{times}", same, None)
        assert (made["tProtocolName"], made["lTotalScanTimeSec"]) == (f'"{name}"', "20")
    changed = _patched(times + "tProtocolName.0 = 0x67\ntProtocolName.1 = 0xb5\n", other, None)
    assert changed == {"alTR[0]": "20000", "tProtocolName": '"T1_x"'}
    assert _patched(times, other, 30.0)["lScanTimeSec"] == "28"


def test_steps_are_planned_in_order_with_what_comes_along_and_what_is_missing() -> None:
    one, two, three, four = (scan(name, T2_TSE) for name in "abcd")
    step = DonorStep(key="el/2", index=0, scan=Acquisition(name="site scan"))
    given = Donor(file="f.exar1", sha256="0", vendor="siemens", steps=(step,))
    candidate = Candidate(given, step, 1.0)
    choices = {
        0: Choice(0, one, candidate, reset=frozenset(("copy_reference",))),
        1: Choice(1, two, None, action="leave_out"),
        2: Choice(2, three, None, action="template"),
        3: Choice(3, four, None, action="pause"),
    }
    before = Along(before=2, donor=given, step=step)
    steps = [Planned(i, a.name, a) for i, a in enumerate((one, two, three, four))] + [Planned(4, "wait")]
    made = donor._planned(steps, Plan(choices, along=(before,)))
    assert [(x.step.text, x.file, x.key, x.step.own, x.choice is not None) for x in made] == [
        ("a", "f.exar1", "el/2", True, True),
        ("site scan", "f.exar1", "el/2", False, False),
        ("c", "", "", True, False),
        (choices[3].text, "", "", False, False),
        ("wait", "", "", True, False),
    ]
    assert made[0].place == ("el", 2)
    assert made[2].step.remarks and not made[0].step.remarks
    assert [donor._keeps_copies(x) for x in made] == [False, True, True, True, True]
    kept = replace(made[0], choice=replace(choices[0], reset=frozenset()))
    assert donor._keeps_copies(kept)


def test_side_and_part_of_a_clone_are_those_of_the_scan(tmp_path: Path) -> None:
    tables = exar.read(written(tmp_path, template())).tables
    content = row_of(tables, "EdfMeasurementStep")
    name, document = exar.loads(content)
    swap(tables, content, exar.dumps(name, document | WHOLE))
    there = written(tmp_path, exar.write(tables))

    def made(**stated: object) -> dict[str, object]:
        card = protocol(scan("t1", MPRAGE, **stated))
        options = planned(card, there)
        data = archive(build(DIALECT, card, XA61, options))
        tree = graph.load(exar.read(written(tmp_path, data, "new.exar1")))
        (node,) = [n for n in tree.nodes.values() if n.kind == "EdfMeasurementStep"]
        shown = tree.document(node)
        return {key: shown[key] for key in WHOLE}

    assert made() == {"Laterality": "", "BodyPartExamined": "", "ImageComment": ""}
    stated = made(laterality="L", body_part="head")
    assert stated == {"Laterality": "L", "BodyPartExamined": "HEAD", "ImageComment": ""}


def test_the_program_of_a_card_keeps_no_texts_and_places_of_the_donor(tmp_path: Path) -> None:
    tables = exar.read(written(tmp_path, template())).tables
    for kind, more in (
        ("EdfProgram", {"Attachments": {"a": "b"}, "BodyPartExamined": "KNEE", "Laterality": "L", "Groups": ["x"]}),
        ("EdfDirectory", {"IsProtected": True, "Password": "secret", "BodyPartExamined": "KNEE", "Laterality": "L"}),
    ):  # fmt: skip
        content = row_of(tables, kind)
        name, document = exar.loads(content)
        swap(tables, content, exar.dumps(name, exar.number(exar.unwrap(document) | more)))
    there = written(tmp_path, exar.write(tables))
    for keep in (False, True):
        card = protocol(scan("t2", T2_TSE))
        export = build(DIALECT, card, XA61, planned(card, there, keep_notes=keep))
        tree = graph.load(exar.read(written(tmp_path, archive(export), "new.exar1")))
        (program,) = [exar.unwrap(tree.document(n)) for n in tree.nodes.values() if n.kind == "EdfProgram"]
        assert (program["BodyPartExamined"], program["Laterality"], program["Groups"]) == ("", "", [])
        assert program["Attachments"] == ({"a": "b"} if keep else {})
        dropped = [note for note in export.notes if "attachments" in note.message]
        assert [note.code for note in dropped] == ([] if keep else ["notes-dropped"])
        for directory in (tree.document(n) for n in tree.nodes.values() if n.kind == "EdfDirectory"):
            asked = {
                key: directory[key] for key in ("IsProtected", "Password", "BodyPartExamined", "Laterality")
            }
            assert asked == {"IsProtected": False, "Password": "", "BodyPartExamined": "", "Laterality": ""}


def test_the_dialect_names_its_formats_and_what_it_makes_of_gaps() -> None:
    assert (DIALECT.vendor, DIALECT.gaps) == ("siemens", ("refuse", "sheet", "template"))
    assert DIALECT.formats == (
        "siemens-exar1", "siemens-edx", "siemens-pro",
        "siemens-printout-xml", "siemens-printout-pdf", "siemens-printout-text",
    )  # fmt: skip
    assert donor.is_edx(Path("a.EDX")) and not donor.is_edx(Path("a.exar1"))


@pytest.mark.parametrize(
    ("baseline", "own", "injector"),
    [
        ("MAJORVERSION:VA61A, PROTOCOL:66110001", None, True),
        ("MAJORVERSION:VA60A, PROTOCOL:66010002", None, False),
        ("N4_VE11C_LATEST_20160120", None, False),
        ("-", None, False),
        ("MAJORVERSION:VA61A, PROTOCOL:66110001", {"ApplyContrastAgent": False}, False),
        ("MAJORVERSION:VA20A, PROTOCOL:62010002", {"OpenInjectorControl": False}, True),
    ],
)
def test_pauses_are_like_those_of_the_donor_else_of_its_release(
    baseline: str, own: dict[str, Any] | None, injector: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = graph.Node(kind="EdfPauseStep", element="e", instance="i", object_id="o", hash="h")
    home = SimpleNamespace(baseline=baseline, nodes={"e": node} if own else {})
    monkeypatch.setattr(donor, "_document", lambda tree, node: own)
    assert donor._injector(home) is injector  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("baseline", "first"), [("N4_XA61A_LATEST", "initial creation"), (None, "Initial creation")]
)
def test_the_store_of_a_clone_is_commented_as_its_line_of_consoles_does(
    baseline: str | None, first: str, tmp_path: Path
) -> None:
    tables = exar.read(written(tmp_path, template())).tables
    if baseline:
        tables["Branch"][1] = (baseline, *tables["Branch"][1][1:])
    there = written(tmp_path, exar.write(tables))
    card = protocol(scan("t2", T2_TSE))
    target = XA61.model_copy(update={"software": None})
    export = build(DIALECT, card, target, planned(card, there, target=target))
    made = exar.read(written(tmp_path, archive(export), "new.exar1")).tables
    assert made["ChangeSet"][0][3] == first
    assert made["Branch"][1][0] == tables["Branch"][1][0]
