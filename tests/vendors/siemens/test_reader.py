from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from generator.model.tree import Acquisition, Contrast, Note, Pause, ReadResult
from generator.vendors.siemens import DIALECT
from generator.vendors.siemens.container import exar
from generator.vendors.siemens.container.graph import pack
from tests.vendors.siemens.make import SITE_CARD, template, written
from tests.vendors.siemens.surgery import edited, export_again, next_id, row_of, swap, text_of

EXPECTED = (
    "siemens_vb17_trio",
    "siemens_vd11_axcal_printout",
    "siemens_ve11c_prisma",
    "siemens_ve11p_biograph",
    "siemens_xa11b_coma",
    "siemens_xa11b_coma_printout",
    "siemens_xa20_vida",
    "siemens_xa51_sola_brain",
    "siemens_xa51_sola_neck",
    "siemens_xa61_cimax",
)


@pytest.mark.corpus
@pytest.mark.parametrize("name", EXPECTED)
def test_a_real_file_reads_as_its_printout_says(name: str, shared: Path, tmp_path: Path) -> None:
    expected = shared / "corpus" / "expected" / f"{name}.json"
    path = shared / "corpus" / json.loads(expected.read_text("utf-8"))["file"]
    actual = tmp_path / "actual.json"
    actual.write_text(json.dumps(DIALECT.read(path).model_dump(mode="json")))
    command = [sys.executable, str(shared / "contract" / "compare_read.py"), str(expected), str(actual)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert " 0 mismatches" in done.stdout


@pytest.mark.corpus
def test_no_expected_file_is_forgotten(shared: Path) -> None:
    assert {p.stem for p in (shared / "corpus" / "expected").glob("siemens_*.json")} == set(EXPECTED)


@pytest.fixture
def site(tmp_path: Path) -> ReadResult:
    return DIALECT.read(written(tmp_path, template()))


def test_steps_come_in_exam_order_with_their_labels(site: ReadResult) -> None:
    (card,) = site.protocols
    assert card.path == ("Head", "Tests", "Site card")
    names = [s.name if isinstance(s, Acquisition) else getattr(s, "text", None) for s in card.steps]
    assert names == ["Coil 1", "site t1", "site t2", "Inject gadobutrol 0.1 mmol/kg; by hand", "site dwi"]
    assert card.acquisition_duration == sum(a.acquisition_duration or 0 for a in SITE_CARD.acquisitions)


def test_release_and_field_strength_come_from_the_file(site: ReadResult) -> None:
    assert (site.format, site.software, site.field_strength) == ("siemens-exar1", "XA61A", 3.0)


def test_what_no_neutral_field_says_stays_verbatim(site: ReadResult) -> None:
    vendor = site.protocols[0].acquisitions[0].vendor
    assert vendor["ascconv"]["sTXSPEC.asNucleusInfo[0].tNucleus"] == '"1H"'
    assert "alTR[0]" not in vendor["ascconv"]
    assert vendor["xprotocol"].startswith("<XProtocol>")
    assert vendor["sequence"] == "tfl"


def test_the_label_is_the_name_and_not_the_stale_one(tmp_path: Path) -> None:
    site = written(tmp_path, template())
    path = written(
        tmp_path, edited(site, "EdfProtocol", lambda d: d["Data"].replace('"site t1"', '"old"')), "b.exar1"
    )
    assert DIALECT.read(path).protocols[0].acquisitions[0].name == "site t1"


def test_a_contrast_pause_is_a_contrast_step_with_an_assumption(tmp_path: Path) -> None:
    tables = exar.read(written(tmp_path, template())).tables
    content = row_of(tables, "EdfPauseStep")
    document = exar.unwrap(exar.loads(content)[1])
    document["ApplyContrastAgent"] = True
    document["ContrastAgent"]["Name"] = "gadobutrol"
    swap(tables, content, exar.dumps("EdfPauseStep", exar.number(document)))
    result = DIALECT.read(written(tmp_path, exar.write(tables), "b.exar1"))
    steps = result.protocols[0].steps
    assert isinstance(steps[0], Contrast)
    assert steps[0].agent == "gadobutrol"
    assert any(note.code == "contrast" and "assumed" in note.message for note in result.notes)


def test_two_exports_of_one_program_are_kept_apart(tmp_path: Path) -> None:
    """The object ids of program and steps repeat; only the elements differ."""
    tables = exar.read(written(tmp_path, template())).tables
    export_again(tables)
    result = DIALECT.read(written(tmp_path, exar.write(tables), "b.exar1"))
    assert len(result.protocols) == 2
    assert [s.model_dump() for s in result.protocols[0].steps] == [
        s.model_dump() for s in result.protocols[1].steps
    ]


def test_notes_name_the_step_they_are_about(site: ReadResult) -> None:
    assert (
        Note(
            code="not-stored",
            message="echo spacing and echo train duration are derived by the sequence and not stored",
            field="echo_spacing",
        )
        in site.notes
    )
    assert isinstance(site.protocols[0].steps[0], Pause)


def test_the_head_is_the_base_map_with_the_delta_laid_over_it(tmp_path: Path) -> None:
    """A renamed label is a new instance that only a small second map names."""
    tables = exar.read(written(tmp_path, template())).tables
    strings = [row for row in tables["Instance"] if row[8] == "EdfString"]
    row = next(row for row in strings if "site t2" in text_of(tables, row))
    fresh = next_id(row[0])
    renamed = exar.dumps("EdfString", exar.number({"Dates": {}, "Texts": {"en": "renamed"}}))
    tables["Content"].append((exar.content_hash(renamed), exar.deflate(renamed), "DS"))
    tables["Instance"].append((fresh, row[1], exar.content_hash(renamed), *row[3:]))
    delta = "0" * 8 + "-0000-0000-0000-" + "0" * 11 + "d"
    tables["ElementToInstanceMap"].append((delta, pack(row[1], fresh)))
    head = next(i for i, change in enumerate(tables["ChangeSet"]) if change[0] == tables["Branch"][1][2])
    tables["ChangeSet"][head] = (*tables["ChangeSet"][head][:8], delta)
    result = DIALECT.read(written(tmp_path, exar.write(tables), "b.exar1"))
    assert [a.name for a in result.protocols[0].acquisitions] == ["site t1", "renamed", "site dwi"]


def test_branches_follow_each_other_in_the_order_of_the_choices(tmp_path: Path) -> None:
    """Of four steps the second and third become the two ways between a split and a join."""
    tables = exar.read(written(tmp_path, template())).tables
    content = row_of(tables, "EdfProgram")
    program = exar.unwrap(exar.loads(content)[1])
    ids = sorted(program["Ranks"], key=lambda i: program["Ranks"][i]["Rank"])
    first, left, right, _, last = ids
    link = dict(program["LinksFrom"][first][0])

    def way(source: str, target: str, choice: str) -> dict[str, Any]:
        return link | {"SourceId": source, "TargetId": target, "ConditionId": "c", "SelectionId": choice}

    program["Conditions"] = {
        "c": {
            "Choices": [{"ObjectId": "B"}, {"ObjectId": "A"}],
            "Label": {"ObjectId": "L"},
            "SelectionId": "A",
        }
    }
    nobody = {step: [] for step in ids}
    program["LinksFrom"] = nobody | {
        first: [way(first, left, "A"), way(first, right, "B")],
        left: [link | {"SourceId": left, "TargetId": last}],
        right: [link | {"SourceId": right, "TargetId": last}],
    }
    swap(tables, content, exar.dumps("EdfProgram", exar.number(program)))
    result = DIALECT.read(written(tmp_path, exar.write(tables), "b.exar1"))
    names = [getattr(s, "name", None) or getattr(s, "text", None) for s in result.protocols[0].steps]
    assert names == ["Coil 1", "site t2", "site t1", "site dwi"]
    assert result.protocols[0].acquisition_duration is None
    codes = [(note.code, note.step) for note in result.notes if note.code in ("branch", "unlinked")]
    assert codes == [("branch", 1), ("branch", 2), ("unlinked", None)]


def test_the_field_strength_may_stand_in_the_preview_alone(tmp_path: Path) -> None:
    """As XA20 writes it."""
    tables = exar.read(written(tmp_path, template())).tables
    for _, packed, _ in list(tables["Content"]):
        content = exar.inflate(packed, "x", "x")
        if b".EdfProtocolContent;" in content[:120]:
            name, document = exar.loads(content)
            lines = document["Data"].splitlines(keepends=True)
            document["Data"] = "".join(line for line in lines if "flNominalB0" not in line)
            entry = {"$id": "99", "Label": " ", "Unit": " ", "Value": 1.494}
            document["Preview"]["sub.0.msr.mag_field_strength"] = entry
            swap(tables, content, exar.dumps(name, document))
    assert DIALECT.read(written(tmp_path, exar.write(tables), "b.exar1")).field_strength == 1.5


@pytest.mark.parametrize(
    ("texts", "name"),
    [
        ({"": "plain", "en": "English"}, "plain"),
        ({"en": "English", "de": "Deutsch"}, "English"),
        ({"de": "Deutsch"}, "Deutsch"),
        ({}, ""),
    ],
)
def test_labels_of_any_locale(texts: dict[str, str], name: str, tmp_path: Path) -> None:
    tables = exar.read(written(tmp_path, template())).tables
    strings = [row for row in tables["Instance"] if row[8] == "EdfString"]
    row = next(row for row in strings if "site t2" in text_of(tables, row))
    old = next(exar.inflate(c[1], "x", "x") for c in tables["Content"] if c[0] == row[2])
    swap(tables, old, exar.dumps("EdfString", exar.number({"Dates": {}, "Texts": texts})))
    result = DIALECT.read(written(tmp_path, exar.write(tables), "b.exar1"))
    assert result.protocols[0].acquisitions[1].name == name
