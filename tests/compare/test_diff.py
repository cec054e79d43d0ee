"""`examcard diff` on files: every deliberate edit is found, and nothing else."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from generator import vendors
from tests.cli.conftest import Run, run  # noqa: F401 - a fixture
from tests.compare import cards

FILES = [vendor for vendor in vendors.names() if vendor != "canon"]


def difference(run: Run, *arguments: object) -> tuple[int, dict[str, Any]]:  # noqa: F811
    done = run("diff", *arguments, "--json")
    return done.code, json.loads(done.out)


@pytest.mark.parametrize("vendor", FILES)
def test_every_edit_is_found_and_nothing_else(vendor: str, tmp_path: Path, run: Run) -> None:  # noqa: F811
    old = cards.written(vendor, cards.BEFORE, tmp_path / "old")
    new = cards.written(vendor, cards.AFTER, tmp_path / "new")
    code, data = difference(run, old, new)
    found = {(pair["a"]["name"], field["name"]) for pair in data["pairs"] for field in pair["fields"]}
    # A console's time follows from its parameters: it is the one thing that may change beside the edits.
    assert {edit for edit in found if edit[1] != "acquisition_duration"} == cards.EDITS
    assert [pair["a"]["name"] for pair in data["pairs"] if pair["moved"]] == ["t2 tra"]
    assert [one["name"] for one in data["only_in_b"]] == ["t1 cor"]
    assert [one["kind"] for one in data["only_in_a"]] == ["pause"]
    assert code == 1


@pytest.mark.parametrize("vendor", vendors.names())
def test_a_file_is_the_same_as_itself(vendor: str, tmp_path: Path, run: Run) -> None:  # noqa: F811
    file = cards.written(vendor, cards.BEFORE, tmp_path)
    code, data = difference(run, file, file)
    assert code == 0 and not data["differs"]
    assert all(not pair["fields"] and not pair["moved"] for pair in data["pairs"])
    assert len(data["pairs"]) >= 4 and data["only_in_a"] == data["only_in_b"] == []


def test_a_text_edited_by_hand_is_found(tmp_path: Path, run: Run) -> None:  # noqa: F811
    card = cards.written("siemens", (cards.T1,), tmp_path)
    (old,) = card.parent.glob("pro/*.pro")
    text = old.read_bytes()
    assert text.count(b"alTR[0]\t = \t600000") == text.count(b"adFlipAngleDegree[0]\t = \t150") == 1
    new = tmp_path / "new.pro"
    edited = text.replace(b"alTR[0]\t = \t600000", b"alTR[0]\t = \t640000")
    new.write_bytes(edited.replace(b"adFlipAngleDegree[0]\t = \t150", b"adFlipAngleDegree[0]\t = \t140"))
    code, data = difference(run, old, new)
    fields = {field["name"]: (field["a"], field["b"]) for field in data["pairs"][0]["fields"]}
    # On Siemens the angle of a spin-echo train is the refocusing angle; the reader says it under both names.
    angles = dict.fromkeys(("flip_angle", "refocusing_flip_angle"), (150.0, 140.0))
    assert code == 1 and fields == {"repetition_time": (600.0, 640.0), **angles}


def test_vendor_parameters_are_compared_on_demand(tmp_path: Path, run: Run) -> None:  # noqa: F811
    card = cards.written("siemens", (cards.T1,), tmp_path)
    (old,) = card.parent.glob("pro/*.pro")
    new = tmp_path / "new.pro"
    new.write_bytes(
        old.read_bytes().replace(
            b"sSpecPara.ucRemoveOversampling\t = \t0x1", b"sSpecPara.ucRemoveOversampling\t = \t0x0"
        )
    )
    assert difference(run, old, new)[0] == 0
    code, data = difference(run, old, new, "--vendor-parameters")
    (field,) = data["pairs"][0]["fields"]
    assert code == 1 and field["severity"] == "vendor" and "ucRemoveOversampling" in field["name"]


def test_a_protocol_of_a_file_is_chosen_by_name_or_number(tmp_path: Path, run: Run) -> None:  # noqa: F811
    file = cards.written("siemens", cards.BEFORE, tmp_path)
    assert run("diff", f"{file}#1", f"{file}#Spine").code == 0
    done = run("diff", f"{file}#2", file)
    assert done.code == 2 and "no protocol" in done.err


@pytest.mark.parametrize("form", ["--text", "--side-by-side", "--markdown", "--html"])
def test_forms(form: str, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch, snapshot: Any) -> None:  # noqa: F811
    cards.written("siemens", cards.BEFORE, tmp_path / "old").rename(tmp_path / "old.exar1")
    cards.written("siemens", cards.AFTER, tmp_path / "new").rename(tmp_path / "new.exar1")
    monkeypatch.chdir(tmp_path)
    done = run("diff", "old.exar1", "new.exar1", *([] if form == "--text" else [form]))
    assert (done.code, done.err) == (1, "")
    assert done.out == snapshot


def test_two_specs_are_compared_for_every_scanner_that_both_are_made_for(run: Run) -> None:  # noqa: F811
    code, data = difference(run, "ofsep-brain-follow-up", "ofsep-brain-follow-up-gd")
    assert code == 1 and {one["kind"] for one in data["only_in_b"]} == {"contrast", "acquisition", "reformat"}
    targets = {(one["target"]["vendor"], one["target"]["field_strength"]) for one in data["pairs"]}
    assert targets == {(vendor, field) for vendor in vendors.names() for field in (1.5, 3.0)}
    assert difference(run, "ofsep-brain-follow-up", "ofsep-brain-follow-up")[0] == 0


def test_a_card_is_compared_with_its_spec_for_its_own_scanner(tmp_path: Path, run: Run) -> None:  # noqa: F811
    run("build", "ofsep-brain-follow-up", "--vendor", "philips", "--field-strength", "3T", "-o", tmp_path)
    (card,) = tmp_path.rglob("*.ExamCard")
    _, data = difference(run, "ofsep-brain-follow-up", card)
    image = {
        (pair["a"]["name"], field["name"])
        for pair in data["pairs"]
        for field in pair["fields"]
        if field["severity"] == "image"
    }
    # As the manifest of the card says: 32 of the 30 directions are the nearest table of the console.
    assert image == {("DTI 2 mm", "diffusion_directions")}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("missing.exar1", "missing.exar1"), "no file"),
        (("ofsep-brain-follow-up", "ofsep-brain-follow-up", "--json", "--html"), "exclude each other"),
    ],
)
def test_unusable_input_ends_with_2(arguments: tuple[str, ...], said: str, run: Run) -> None:  # noqa: F811
    done = run("diff", *arguments)
    assert done.code == 2 and said in done.err
    assert done.out == "" or "--json" in arguments  # there the error is in the document, too


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
@pytest.mark.parametrize(
    ("vendor", "name"), [("siemens", "site.exar1"), ("philips", "site.ExamCard"), ("ge", "site.tar")]
)
def test_git_shows_what_changed_in_a_card(vendor: str, name: str, tmp_path: Path) -> None:
    repository = tmp_path / "repository"
    repository.mkdir()
    program = Path(sys.executable).with_name("examcard")
    environment = {**os.environ, "HOME": str(tmp_path), "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C.UTF-8"}

    def git(*arguments: str) -> str:
        who = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "init.defaultBranch=main")
        done = subprocess.run(
            ["git", *who, *arguments],
            cwd=repository,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    git("init", "-q")
    git("config", "diff.examcard.textconv", f"'{program}' read --text")
    (repository / ".gitattributes").write_text(
        "*.exar1 diff=examcard\n*.ExamCard diff=examcard\n*.tar diff=examcard\n"
    )
    for version, steps in (
        ("old", cards.BEFORE[:2]),
        ("new", (cards.edited(cards.T1, repetition_time=650.0), cards.T2)),
    ):
        (repository / name).write_bytes(_bytes(cards.written(vendor, steps, tmp_path / version)))
        git("add", ".")
        git("commit", "-q", "-m", version)
    lines = git("diff", "HEAD~", "HEAD", "--", name).splitlines()
    changed = [line for line in lines if line[0] in "+-" and not line.startswith(("+++", "---"))]
    times = [line for line in changed if "acquisition_duration" in line]
    assert [line.strip() for line in changed if line not in times] == [
        "-    repetition_time: 600 ms",
        "+    repetition_time: 650 ms",
    ]


def _bytes(card: Path) -> bytes:
    return (next(card.rglob("*.tar")) if card.is_dir() else card).read_bytes()
