"""Every command: what it prints, what it writes, and its exit code."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import yaml

from generator import vendors
from generator.cli import reading
from generator.model.tree import Note, ReadResult
from tests.cli.conftest import Run

FOLLOW_UP = "ofsep-brain-follow-up"
GE = ("--vendor", "ge", "--field-strength", "3T")

BROKEN = """\
protocol: broken
title: A protocol that no scanner should run
version: "1"
kind: follow-up
region: brain
guidelines: [ofsep-2020]
field_strengths: [3 T]
steps:
  - acquisition: dwi
  - acquisition: t1-3d
    role: t1_3d_pre
"""


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    path = tmp_path / "broken.yaml"
    path.write_text(BROKEN, encoding="utf-8")
    return path


def files(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_help_names_every_command(run: Run) -> None:
    done = run("--help")
    assert done.code == 0
    for command in (
        *("check", "timeline", "fit", "build", "read", "inspect", "plan", "rules", "checklist", "schema"),
        *("publish", "verify", "serve"),
    ):
        assert f"\n  {command} " in done.out


def test_check_of_a_shipped_protocol_is_green(run: Run) -> None:
    done = run("check", FOLLOW_UP)
    assert done.code == 0
    for vendor in vendors.names():
        assert f"{FOLLOW_UP}, {vendor} 3 T: " in done.out
    assert "comparisons" in done.out and "error" not in done.out


def test_check_of_a_session_counts_injections_over_its_cards(run: Run) -> None:
    both = ("check", "ofsep-brain-baseline-diagnosis", "ofsep-spine-diagnosis", *GE)
    assert run(*both).code == 0
    done = run(*both, "--session")
    assert done.code == 1 and "error[GAD901]" in done.out


def test_rules_as_json_are_complete(run: Run) -> None:
    done = run("rules", "--json")
    rules = json.loads(done.out)
    assert done.code == 0
    assert all(set(one) == {"id", "code", "level", "pack", "citation", "checked"} for one in rules)
    by_code = {one["code"]: one for one in rules}
    assert len({one["id"] for one in rules}) == len(by_code) == len(rules)
    assert by_code["GAD901"]["checked"] is True and by_code["GAD901"]["citation"].startswith("Safety, ")
    assert by_code["GAD020"]["checked"] is False and by_code["GUI080"]["checked"] is False
    listed = run("rules").out
    own = [one for one in rules if one["pack"] == "safety"]
    assert f"safety {len(own)} ({sum(one['checked'] for one in own)} checked by machine)" in listed


def test_check_finds_what_is_wrong_and_where(run: Run, broken: Path) -> None:
    done = run("check", broken, *GE)
    assert done.code == 1
    assert f"{broken.name}:" in done.out and "error[" in done.out and "3D FLAIR" in done.out


@pytest.mark.parametrize("form", ["json", "sarif"])
def test_check_speaks_to_machines(run: Run, broken: Path, form: str) -> None:
    done = run("check", broken, *GE, "--format", form)
    assert done.code == 1
    data = json.loads(done.out)
    findings = data[0]["findings"] if form == "json" else data["runs"][0]["results"]
    assert findings


def test_a_card_is_not_compared_with_nothing(run: Run, tmp_path: Path) -> None:
    empty = tmp_path / "empty.yaml"
    empty.write_text("protocol: empty\ntitle: t\nfield_strengths: [3 T]\nsteps:\n  - pause: wait\n")
    done = run("check", empty, *GE)
    assert done.code == 1 or "0 comparisons" not in done.out


def test_a_follow_up_is_held_against_the_exam_before(run: Run) -> None:
    same = run("check", FOLLOW_UP, *GE, "--reference", FOLLOW_UP)
    assert same.code == 0 and f"against {FOLLOW_UP}" in same.out


def test_build_writes_an_export_with_its_manifest(run: Run, tmp_path: Path) -> None:
    done = run("build", FOLLOW_UP, *GE, "-o", tmp_path / "out")
    assert done.code == 0
    folder = tmp_path / "out" / "ge" / "3T" / "template" / FOLLOW_UP
    facts = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert facts["kind"] == "template" and "untested on a console" in facts["what_it_is"]
    unsaid = {"model": None, "software": None, "scanner": None}
    assert facts["target"] == {"vendor": "ge", "field_strength": 3.0, **unsaid}
    listed = {row["path"]: row["sha256"] for row in facts["files"]}
    there = {name: sha256(content).hexdigest() for name, content in files(folder).items()}
    assert listed == {name: digest for name, digest in there.items() if name != "manifest.json"}
    assert all(loss["reason"] for loss in facts["losses"])


def test_a_second_build_is_identical_and_replaces_nothing_unasked(run: Run, tmp_path: Path) -> None:
    for vendor in vendors.names():
        arguments = ("build", FOLLOW_UP, "--vendor", vendor, "--field-strength", "1.5T", "-o", tmp_path)
        assert run(*arguments).code == 0
        before = files(tmp_path)
        assert run(*arguments).code == 0, "the same bytes are no conflict"
        assert files(tmp_path) == before
    victim = next(path for path in tmp_path.rglob("*.json") if path.is_file())
    victim.write_text("mine")
    refused = run(
        "build", FOLLOW_UP, "--vendor", victim.parts[-5], "--field-strength", "1.5T", "-o", tmp_path
    )
    assert refused.code == 2 and "--force" in refused.err
    assert victim.read_text() == "mine"


def test_errors_stop_a_build_unless_forced_and_then_it_says_so(
    run: Run, broken: Path, tmp_path: Path
) -> None:
    stopped = run("build", broken, *GE, "-o", tmp_path / "out")
    assert stopped.code == 1 and not (tmp_path / "out").exists()
    assert "not built" in stopped.err
    forced = run("build", broken, *GE, "-o", tmp_path / "out", "--force")
    assert forced.code == 0
    facts = json.loads(next((tmp_path / "out").rglob("manifest.json")).read_text(encoding="utf-8"))
    assert any("in spite of" in warning for warning in facts["warnings"])


def test_strict_turns_losses_into_exit_1(run: Run, tmp_path: Path) -> None:
    assert run("build", FOLLOW_UP, *GE, "-o", tmp_path, "--strict").code == 1


def test_an_unknown_vendor_is_answered_with_those_there_are(run: Run, tmp_path: Path) -> None:
    done = run("build", FOLLOW_UP, "--vendor", "hitachi", "--field-strength", "3T", "-o", tmp_path)
    assert done.code == 2 and all(name in done.err for name in vendors.names())
    assert not files(tmp_path)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("check", "no-such-protocol"), "no-such-protocol"),
        (("check", "ofsep-brain-folow-up"), "did you mean 'ofsep-brain-follow-up'"),
        (("build", FOLLOW_UP), "--all-targets"),
        (("build", FOLLOW_UP, "--vendor", "ge", "--field-strength", "3"), "unit"),
        (("build", FOLLOW_UP, "--vendor", "ge", "--field-strength", "7T"), "7 T"),
        (("build", FOLLOW_UP, "--vendor", "ge", "--field-strength", "3T", "--donor", "gone.tar"), "gone.tar"),
        (("check", FOLLOW_UP, "--model", "Vida"), "--vendor"),
        (("check", FOLLOW_UP, "--guideline", "ofsep-2021"), "ofsep-2020"),
        (("check", FOLLOW_UP, "--set", "x"), "NAME=CHOICE"),
        (("rules", "TIM999"), "TIM999"),
        (("read", "gone.exar1"), "gone.exar1"),
        (("inspect", "gone.exar1"), "gone.exar1"),
        (("plan", "--event", "rellapse"), "event"),
        (("timeline", FOLLOW_UP, "--svg", "x.svg"), "one target"),
    ],
)
def test_bad_usage_is_a_message_and_exit_2(run: Run, arguments: tuple[str, ...], said: str) -> None:
    done = run(*arguments)
    assert done.code == 2
    assert said in done.err and "Traceback" not in done.err


def test_a_fault_of_the_program_is_a_message_too(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("something unforeseen")

    monkeypatch.setattr("generator.pipeline.prepare", fail)
    done = run("check", FOLLOW_UP)
    assert done.code == 2 and "something unforeseen" in done.err and "Traceback" not in done.err


def test_read_gives_json_a_table_and_a_spec_that_check_accepts(run: Run, tmp_path: Path) -> None:
    assert run("build", FOLLOW_UP, *GE, "-o", tmp_path).code == 0
    card = tmp_path / "ge" / "3T" / "template" / FOLLOW_UP
    result = json.loads(run("read", card).out)
    assert result["vendor"] == "ge" and result["field_strength"] == 3.0
    names = [step["name"] for step in result["protocols"][0]["steps"] if step["kind"] == "acquisition"]
    assert "3D FLAIR" in names
    table = run("read", card, "--table")
    assert table.code == 0 and "3D FLAIR" in table.out
    spec = tmp_path / "back.yaml"
    spec.write_text(run("read", card, "--yaml").out, encoding="utf-8")
    assert yaml.safe_load(spec.read_text(encoding="utf-8"))["steps"]
    assert run("check", spec, *GE).code in (0, 1), "a spec, whatever the rules say of it"


@pytest.mark.parametrize("name", ["empty.bin", "notes.txt"])
def test_a_foreign_file_is_named_as_such(run: Run, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"" if name.startswith("empty") else b"Dear colleague, the protocol is as follows.\n")
    for command in ("read", "inspect"):
        done = run(command, path)
        assert done.code == 2 and name in done.err


def test_inspect_says_what_a_file_is(run: Run, tmp_path: Path) -> None:
    assert run("build", FOLLOW_UP, *GE, "-o", tmp_path).code == 0
    done = run("inspect", tmp_path / "ge" / "3T" / "template" / FOLLOW_UP, "--json")
    data = json.loads(done.out)
    assert data["format"] == "ge-protocol" and len(data["series"]) >= 3
    assert done.code == (1 if data["warnings"] else 0)


def test_timeline_shows_times_limit_and_picture(run: Run, tmp_path: Path) -> None:
    picture = tmp_path / "exam.svg"
    done = run("timeline", "ofsep-brain-baseline-diagnosis", *GE, "--explain", "--svg", picture)
    assert done.code == 0
    assert "limit 20:00" in done.out and "injection to post-contrast T1" in done.out
    assert picture.read_text(encoding="utf-8").startswith("<svg")
    data = json.loads(run("timeline", "ofsep-brain-baseline-diagnosis", *GE, "--json").out)
    assert data[0]["limit"] == 1200 and data[0]["counted"] < 1200


def test_timeline_takes_a_vendor_file(run: Run, tmp_path: Path) -> None:
    assert run("build", FOLLOW_UP, *GE, "-o", tmp_path).code == 0
    export = tmp_path / "ge" / "3T" / "template" / FOLLOW_UP
    (data,) = json.loads(run("timeline", export, "--json").out)
    assert data["format_version"] == 1 and data["target"]["vendor"] == "ge"
    for step in data["steps"]:
        assert {"name", "start", "estimate", "interval", "stored", "why_not"} <= step.keys()
        if step["kind"] == "acquisition":
            assert (step["estimate"] is None) == (step["why_not"] is not None)
            assert step["interval"] is None or step["interval"][0] <= step["estimate"] <= step["interval"][1]
    timed = [step for step in data["steps"] if step["estimate"] and step["stored"]]
    assert timed
    table = run("timeline", export)
    assert table.code == 0 and "estimate " in table.out
    refused = run("timeline", export, "--vendor", "siemens")
    assert refused.code == 2 and "leave out the target" in refused.err


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--event", "first-diagnosis"), 0, "ofsep-brain-baseline-diagnosis"),
        (("--comparable", "--treatment-months", "30"), 0, "without gadolinium"),
        ((), 1, "to be answered"),
        (("--treatment", "natalizumab", "--jcv-status", "positive", "--jcv-index", "1.2"), 1, "literal"),
        (("--jcv-status", "positive", "--jcv-index", "2", "--comparable"), 1, "Which treatment is given?"),
        (("--pregnancy", "--event", "pml-suspected"), 1, "ofsep-brain-pml-screening"),
        (("--course", "ris"), 1, "the sources are silent on"),
    ],
)
def test_plan(run: Run, arguments: tuple[str, ...], code: int, said: str) -> None:
    done = run("plan", *arguments)
    assert done.code == code and said in done.out and "planning aid" in done.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--treatment", "natalizumap"), "did you mean natalizumab?"),
        (("--visit", "2026-01-01", "--treatment-start", "2026-02-01"), "not after the visit"),
    ],
)
def test_plan_refuses_what_cannot_be(run: Run, arguments: tuple[str, ...], said: str) -> None:
    done = run("plan", *arguments)
    assert done.code == 2 and said in done.err and not done.out


def test_plan_takes_a_file_and_makes_a_calendar(run: Run, tmp_path: Path) -> None:
    facts = tmp_path / "situation.yaml"
    facts.write_text("event: new-treatment\nvisit: 2026-01-31\nprevious_treatment: none\n")
    table = run("plan", facts, "--years", "5")
    assert table.code == 0 and "2 gadolinium injections" in table.out and "2026-07-31" in table.out
    data = json.loads(run("plan", facts, "--years", "5", "--json").out)
    assert data["injections"] == 2 and data["yearly_injections"] == 6
    assert run("plan", facts, "--years", "5", "--ics").out.startswith("BEGIN:VCALENDAR")
    facts.write_text("event: [relapse\n")
    bad = run("plan", facts)
    assert bad.code == 2 and ":1:8: error[yaml-syntax]" in bad.err


def test_plan_names_protocols_that_build_takes(run: Run) -> None:
    from generator.followup.table import table
    from generator.spec.load import find

    rows = tuple(table().rows)
    named = {name for row in rows for name in (row.protocol, row.protocol_with_gadolinium, row.yearly)}
    named |= {name for row in rows for name in (*row.also, *row.cards, *row.cards.values())}
    for name in filter(None, named):
        assert find(name)


def test_fit_proposes_changes_as_a_table_and_a_patch(run: Run) -> None:
    done = run("fit", FOLLOW_UP, "--budget", "9min", "--vendor", "siemens", "--field-strength", "3T")
    assert done.code == 0 and "+++" in done.out
    enough = run("fit", FOLLOW_UP, "--budget", "15min", "--vendor", "siemens", "--field-strength", "3T")
    assert enough.code == 0 and "+++" not in enough.out
    hopeless = run("fit", FOLLOW_UP, "--budget", "2min", "--vendor", "siemens", "--field-strength", "3T")
    assert hopeless.code == 1


def test_rules_are_listed_and_explained(run: Run) -> None:
    listed = run("rules")
    assert listed.code == 0 and "TIM001" in listed.out
    explained = run("rules", "TIM001")
    assert explained.code == 0 and "20" in explained.out and "OFSEP" in explained.out


def test_the_checklist_says_that_it_checked_nothing(run: Run) -> None:
    done = run("checklist")
    assert done.code == 0 and done.out.strip() and "nothing here was checked" in done.err


def test_the_schema_is_json(run: Run) -> None:
    assert json.loads(run("schema").out)["$schema"].endswith("2020-12/schema")


@pytest.mark.parametrize(
    ("note", "place"),
    [
        ({"protocol": 1, "step": 0, "field": "slice_order"}, ["second", "0 T1", "slice order"]),
        ({"protocol": 1, "step": 1}, ["second", "1"]),  # what comes after the last step
        ({}, []),
    ],
)
def test_a_note_beside_a_table_says_what_it_is_about(note: dict[str, Any], place: list[str]) -> None:
    scan = {"kind": "acquisition", "name": "T1", "technique": "gradient_echo", "mr_acquisition_type": "2D"}
    both = [{"name": name, "steps": [scan]} for name in ("first", "second")]
    result = ReadResult.model_validate({"format": "x", "vendor": "ge", "protocols": both})
    assert list(reading._place(result, Note(code="x", message="y", **note))) == place
