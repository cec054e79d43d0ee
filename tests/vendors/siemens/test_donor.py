from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from generator.errors import CannotBuild, UnusableInput
from generator.model.tree import Acquisition, Contrast, Pause, Protocol, Target
from generator.vendors.account import build
from generator.vendors.dialect import BuildOptions, Export
from generator.vendors.matching import Candidate, Choice, Plan
from generator.vendors.siemens import DIALECT
from generator.vendors.siemens.container import exar, graph
from generator.vendors.siemens.inspect import integrity, verify
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
