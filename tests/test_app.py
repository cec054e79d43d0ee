"""What the page in the browser asks for, without a browser: the answers, and the bytes of a card."""

from __future__ import annotations

import json
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from generator import pipeline, vendors
from generator.app import Workshop
from generator.cli.commands import app
from generator.spec.load import find
from generator.vendors import opening
from generator.vendors.dialect import BuildOptions
from tests.support.translate import write_export

PROTOCOL = "ofsep-brain-follow-up"

Ask = Callable[..., Any]


@pytest.fixture
def shop(tmp_path: Path) -> Workshop:
    for name in ("inbox", "outbox"):
        (tmp_path / name).mkdir()
    return Workshop(tmp_path / "inbox", tmp_path / "outbox")


@pytest.fixture
def ask(shop: Workshop) -> Ask:
    def asked(name: str, **arguments: Any) -> Any:
        answer = json.loads(shop.call(name, json.dumps(arguments)))
        return answer["value"] if "value" in answer else answer["error"]

    return asked


def template(folder: Path, vendor: str, protocol: str = PROTOCOL) -> str:
    """Write an export of our own making, rendered from templates; return its name."""
    (card,) = pipeline.ready(find(protocol)[0], pipeline.Choice((vendor,), (3.0,)))
    export = pipeline.build(card, BuildOptions())
    if cards := [name for name in export.files if name.endswith((".exar1", ".ExamCard"))]:
        write_export(export, folder)
        return cards[0]
    write_export(export, folder / vendor)
    return vendor


@pytest.mark.parametrize("vendor", vendors.names())
def test_an_export_is_described(shop: Workshop, ask: Ask, vendor: str) -> None:
    name = template(shop.inbox, vendor)
    about = ask("describe", file=name)
    assert (about["file"], about["vendor"]) == (name, vendor)
    (protocol,) = about["protocols"]
    scans = {step["name"]: step for step in protocol["steps"] if step["kind"] == "acquisition"}
    flair = scans["3D FLAIR"]
    assert flair["sequence"] == "3D turbo spin echo"
    assert flair["voxel_size"] == [1.0, 1.0, 1.0]
    assert flair["plane"] == "sagittal"
    assert flair["computed"] > 60
    assert all(one["text"] and one["language"] == "en" for one in about["hinders"])


def test_a_file_dropped_again_is_read_again(shop: Workshop, ask: Ask) -> None:
    name = template(shop.inbox, "siemens")
    first = ask("describe", file=name)
    other = template(shop.inbox / "other", "siemens", "ofsep-spine-follow-up")
    shutil.copy(shop.inbox / "other" / other, shop.inbox / name)
    assert ask("describe", file=name)["protocols"] != first["protocols"]


@pytest.mark.parametrize("name", ["missing.exar1", "../outside.exar1", "/etc/passwd"])
def test_only_what_was_dropped_is_read(shop: Workshop, ask: Ask, name: str) -> None:
    (shop.inbox.parent / "outside.exar1").write_bytes(b"x")
    assert ask("describe", file=name) == {"message": f"no such file: {name}", "expected": True}


def test_what_is_wrong_with_a_file_is_said_without_the_folder(shop: Workshop, ask: Ask) -> None:
    (shop.inbox / "a.exar1").write_bytes(b"SQLite format 3\0" + b"\0" * 50)
    error = ask("describe", file="a.exar1")
    assert error["expected"]
    assert error["message"].startswith("a.exar1: ")


def test_a_fault_of_the_program_is_told_from_one_of_the_input(ask: Ask) -> None:
    error = ask("describe", folder="x")
    assert not error["expected"]
    assert "TypeError" in error["message"]


@pytest.mark.parametrize("vendor", ["siemens", "philips", "ge"])
def test_a_reading_needs_nothing_that_a_browser_lacks(
    shop: Workshop, ask: Ask, vendor: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = template(shop.inbox, vendor)
    before = ask("describe", file=name)
    monkeypatch.setitem(sys.modules, "lxml", None)
    monkeypatch.delattr(yaml, "CSafeLoader")
    monkeypatch.delattr(signal, "setitimer")
    assert ask("describe", file=name) == before


def by_command(donor: Path, vendor: str, protocol: str, field: str, folder: Path) -> dict[str, bytes]:
    """Files that ``examcard build`` writes."""
    command = ["build", protocol, "--vendor", vendor, "--field-strength", field, "--donor", str(donor)]
    result = CliRunner().invoke(app, [*command, "--gaps", "sheet", "-o", str(folder)])
    assert result.exit_code in (0, 1), result.output
    (made,) = folder.rglob("manifest.json")
    return {
        p.relative_to(made.parent).as_posix(): p.read_bytes() for p in made.parent.rglob("*") if p.is_file()
    }


REAL = {
    "siemens": ("siemens/XA11B/Coma Science Group.exar1", PROTOCOL, 3.0),
    "philips": ("philips/R5.9/SSdense_July2024.ExamCard", PROTOCOL, 3.0),
    "ge": ("ge/DV25.1/protocol.tar", "ofsep-spine-diagnosis", 3.0),
}


@pytest.mark.corpus
@pytest.mark.parametrize(("place", "protocol", "field"), REAL.values(), ids=REAL)
def test_a_donor_card_has_the_bytes_of_the_command(
    shop: Workshop, ask: Ask, corpus: Path, tmp_path: Path, place: str, protocol: str, field: float
) -> None:
    donor, vendor = corpus / place, place.partition("/")[0]
    shutil.copy(donor, shop.inbox / donor.name)
    asked = {
        "protocol": protocol,
        "vendor": vendor,
        "field_strength": field,
        "donors": [donor.name],
        "decisions": {},
    }
    plan = ask("plan", **asked)
    assert plan["steps"] and plan["choices"]
    made = ask("build", **asked, gaps="sheet")
    assert made["kind"] == "donor"
    wanted = by_command(donor, vendor, protocol, f"{field:g}T", tmp_path / "out")
    folder = shop.outbox / made["folder"]
    assert {name: (folder / name).read_bytes() for name in wanted} == wanted
    assert {one["name"] for one in made["files"]} == {*wanted, "sheet.en.html"}
    assert made["gaps"] == json.loads(wanted["manifest.json"])["gaps"]


@pytest.mark.corpus
def test_a_decision_by_hand_is_followed(shop: Workshop, ask: Ask, corpus: Path) -> None:
    donor = corpus / REAL["siemens"][0]
    shutil.copy(donor, shop.inbox / donor.name)
    asked = {"protocol": PROTOCOL, "vendor": "siemens", "field_strength": 3.0, "donors": [donor.name]}
    plan = ask("plan", **asked, decisions={})
    optional = next(one["name"] for one in plan["steps"] if one["origin"] == "donor" and "DIR" in one["name"])
    made = ask("build", **asked, decisions={optional: {"leave_out": True}}, gaps="sheet")
    assert optional not in str(made["inherited"])
    wrong = ask("build", **asked, decisions={"no such scan": {"leave_out": True}}, gaps="sheet")
    assert "no scan 'no such scan'" in wrong["message"]


def test_a_gap_is_refused_with_what_is_missing(shop: Workshop, ask: Ask) -> None:
    name = template(shop.inbox, "siemens", "ofsep-brain-pml-screening")
    error = ask(
        "build",
        protocol=PROTOCOL,
        vendor="siemens",
        field_strength=3.0,
        donors=[name],
        decisions={},
        gaps="refuse",
    )
    assert error["expected"]
    assert "donor" in error["message"]


# --- compared, translated, changed --------------------------------------------------------------------


def test_a_difference_is_in_the_words_of_the_page(shop: Workshop, ask: Ask) -> None:
    name = template(shop.inbox, "siemens", "ofsep-brain-follow-up-2d-flair")
    asked = {"file": name, "number": 0, "protocol": PROTOCOL, "field_strength": 3.0}
    found = ask("compare", **asked)
    assert "3D FLAIR" in {one["name"] for one in found["only_theirs"]} | {
        pair["theirs"]["name"] for pair in found["pairs"] if pair["fields"]
    }
    same = {pair["theirs"]["name"]: pair for pair in found["pairs"]}["3D T1"]
    assert [one for one in same["fields"] if one["severity"] == "image"] == []
    french = ask("compare", **asked, language="fr")
    labels = {one["label"] for pair in french["pairs"] for one in pair["fields"]}
    assert labels and "Slices" not in labels
    assert found["theirs"]["limit"] == 900


def test_a_card_is_translated_with_what_could_not_be_carried_over(shop: Workshop, ask: Ask) -> None:
    name = template(shop.inbox, "philips")
    made = ask("translate", file=name, number=0, vendor="siemens", field_strength=3.0)
    assert made["kind"] == "template"
    folder = shop.outbox / made["folder"]
    read = opening.read(next(folder.glob("*.exar1")))
    voxels = {scan.name: scan.voxel_size for scan in read.protocols[0].acquisitions}
    assert voxels["3D FLAIR"] == (1, 1, 1)
    assert (shop.outbox / f"{made['name']}.zip").stat().st_size == made["archive"]
    assert {one["name"] for one in made["files"]} >= {"manifest.json", "migration.html"}
    assert all(one["reason"]["text"] for one in made["losses"])


def test_errors_stop_a_card_unless_it_is_made_in_spite_of_them(
    shop: Workshop, ask: Ask, tmp_path: Path
) -> None:
    name = template(shop.inbox, "siemens")
    index = index_of(ask, NETWORK, "3D FLAIR")
    coarse = ask("what_if", base=NETWORK, index=index, changes={"voxel_size": [1.2, 1.2, 1.2]})["patch"]
    path = tmp_path / "coarse.yaml"
    path.write_text(coarse, encoding="utf-8")
    asked = {**NETWORK, "protocol": str(path), "donors": [name], "decisions": {}, "gaps": "sheet"}
    refused = ask("build", **asked)["refused"]
    assert "GEO002" in {one["code"] for one in refused}
    assert not any(shop.outbox.iterdir())
    made = ask("build", **asked, in_spite=True)
    manifest = json.loads((shop.outbox / made["folder"] / "manifest.json").read_bytes())
    assert any("GEO002" in text for text in manifest["warnings"])


NETWORK = {"protocol": PROTOCOL, "vendor": "siemens", "field_strength": 3.0}


def index_of(ask: Ask, base: dict[str, Any], name: str) -> int:
    return next(one["index"] for one in ask("scans", base=base)["scans"] if one["name"] == name)


def test_twice_the_repetition_time_is_twice_the_time(ask: Ask) -> None:
    index = index_of(ask, NETWORK, "3D FLAIR")
    found = ask("what_if", base=NETWORK, index=index, changes={"repetition_time": 10_000.0})
    before, after = found["time"]
    assert after["computed"] == pytest.approx(2 * before["computed"], rel=0.03)
    assert after["interval"][0] < after["computed"] < after["interval"][1]
    assert found["total"][1]["seconds"] - found["total"][0]["seconds"] == pytest.approx(
        after["computed"] - before["computed"], abs=0.5
    )


def test_noise_goes_with_the_volume_of_the_voxel_and_the_root_of_the_readouts(ask: Ask) -> None:
    index = index_of(ask, NETWORK, "2D PD/T2")
    twice = ask("what_if", base=NETWORK, index=index, changes={"number_of_averages": 2.0})
    assert twice["snr"] == pytest.approx(2**0.5, rel=1e-6)
    assert twice["time"][1]["computed"] > 1.8 * twice["time"][0]["computed"]
    thick = ask("what_if", base=NETWORK, index=index, changes={"voxel_size": [0.9375, 0.9375, 6.0]})
    assert thick["snr"] == pytest.approx(2, rel=1e-6)
    assert any("6" in text for text in thick["along"])


def test_a_rule_that_breaks_is_said_at_once_and_again_when_it_is_mended(ask: Ask) -> None:
    index = index_of(ask, NETWORK, "3D FLAIR")
    found = ask("what_if", base=NETWORK, index=index, changes={"voxel_size": [1.2, 1.2, 1.2]})
    assert "GEO002" in {one["code"] for one in found["broken"]}
    assert found["mended"] == []
    none = ask("what_if", base=NETWORK, index=index, changes={"repetition_time": 5000.0})
    assert (none["broken"], none["mended"], none["snr"]) == ([], [], 1)
    view, _ = found["contrast"]
    assert view["pair"] == ["lesion", "white"]
    assert view["low"] <= view["value"] <= view["high"]


def test_the_patch_of_a_change_is_a_protocol_that_has_it(shop: Workshop, ask: Ask, tmp_path: Path) -> None:
    index = index_of(ask, NETWORK, "3D FLAIR")
    changes = {"repetition_time": 6000.0, "voxel_size": [1.2, 1.2, 1.2], "echo_times": [300.0]}
    found = ask("what_if", base=NETWORK, index=index, changes=changes)
    path = tmp_path / "changed.yaml"
    path.write_text(found["patch"], encoding="utf-8")
    (card,) = pipeline.ready(path, pipeline.Choice(("siemens",), (3.0,)))
    scan = next(one for one in card.protocol.acquisitions if one.name == "3D FLAIR")
    assert (scan.repetition_time, scan.voxel_size, scan.echo_times) == (6000, (1.2, 1.2, 1.2), (300,))
    assert scan.acquisition_matrix == (213, 200)
    assert card.timeline.counted == pytest.approx(found["total"][1]["seconds"])


def test_a_scan_of_a_file_is_changed_too(shop: Workshop, ask: Ask) -> None:
    base = {"file": template(shop.inbox, "philips"), "number": 0, "field_strength": 3.0}
    index = index_of(ask, base, "2D PD/T2")
    found = ask("what_if", base=base, index=index, changes={"number_of_averages": 2.0})
    assert found["snr"] == pytest.approx(2**0.5, rel=1e-6)
    assert found["patch"].endswith("number_of_averages: 2\n")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": "x"}, "can be changed"),
        ({"repetition_time": -1}, "repetition_time"),
        ({"voxel_size": [0, 0, 0]}, "voxel_size"),
        ({"echo_times": "soon"}, "echo_times"),
    ],
)
def test_a_change_that_is_none_is_refused(ask: Ask, changes: dict[str, Any], message: str) -> None:
    error = ask("what_if", base=NETWORK, index=index_of(ask, NETWORK, "3D T1"), changes=changes)
    assert error["expected"], error
    assert message in error["message"]
