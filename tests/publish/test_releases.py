"""A file is offered for the release that it is of, and a sheet prints what its file holds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from generator import resources
from generator.model.tree import Target
from generator.publish import jobs, releases
from generator.publish.byhand import by_hand
from generator.publish.card import Made, make
from generator.publish.jobs import CannotPublish
from generator.publish.sheets import _scans
from generator.spec.load import load
from tests.publish.conftest import Network

CONTACT = {"name": "A", "email": None}
FACTS = {"id": "t", "title": "T", "network": "N", "licence": "CC0", "pdf": False, "contact": CONTACT}


def made_for(target: Target) -> Made:
    spec = load(Path(resources.specs("protocols/ofsep/baseline-diagnosis.yaml")))
    return make(spec, target, "1", None, ("en",), FACTS)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"vendor": "ge", "field_strength": 3.0}, ["DV25.1", "MR29.0", "MR30.0"]),
        ({"vendor": "ge", "field_strength": 3.0, "model": "SIGNA Premier"}, ["MR29.0", "MR30.0"]),
        ({"vendor": "ge", "field_strength": 3.0, "software": "MR29.0"}, ["MR29.0"]),
        ({"vendor": "siemens", "field_strength": 1.5}, ["XA61A"]),
        ({"vendor": "philips", "field_strength": 3.0, "model": "Ingenia Elition X"}, ["R5.7"]),
        ({"vendor": "canon", "field_strength": 3.0}, [None]),
    ],
)
def test_one_build_for_each_release_that_can_be_written(
    given: dict[str, object], expected: list[str]
) -> None:
    found = releases.expanded(Target.model_validate(given), None)
    assert [one.software for one in found] == expected


def test_a_model_that_no_file_can_be_made_for_is_refused(network: Network) -> None:
    network.edit("  - {vendor: ge, software: MR30.0}\n", "  - {vendor: siemens, model: Skyra}\n")
    with pytest.raises(
        CannotPublish, match=r"nothing can be made for MAGNETOM Skyra.*VE11C.*XA61A; add a donor"
    ):
        jobs.jobs(network.publication)


def test_a_release_that_no_template_is_of_is_refused(network: Network) -> None:
    network.edit("software: MR30.0", "software: DV24.0")
    with pytest.raises(CannotPublish, match=r"DV24\.0"):
        network.publish()
    assert not network.site.exists()


def test_a_card_is_offered_to_models_that_run_its_release() -> None:
    named = [
        one.model for one in releases.scanners(Target(vendor="ge", field_strength=3.0, software="MR30.0"))
    ]
    assert named == ["SIGNA Premier"]
    old = [one.model for one in releases.scanners(Target(vendor="ge", field_strength=3.0, software="DV25.1"))]
    assert old == ["Discovery MR750"]


@pytest.mark.parametrize(
    ("wanted", "written"), [("R5.7", "5.7.1.1"), ("XA61A", "syngo MR XA61A"), (None, "MR30.0")]
)
def test_one_release_has_several_spellings(wanted: str | None, written: str) -> None:
    assert not releases.differs(Target(vendor="ge", field_strength=3.0, software=wanted), written)
    assert releases.differs(Target(vendor="ge", field_strength=3.0, software="VE11C"), written)


def test_a_sheet_prints_what_the_file_holds() -> None:
    made = made_for(Target(vendor="philips", field_strength=3.0, software="R5.7"))
    assert made.record["release"].startswith("5.7")
    scans = {scan["step"]["name"]: scan for scan in _scans(made.record, by_hand(made.record))}
    printed = {
        field
        for column in scans["3D DIR"]["columns"]
        for _, rows in column
        for field in (one.field for one in rows)
    }
    assert not {"inversion_time", "second_inversion_time"} & printed
    asked = {one["field"]: one["wanted"] for one in scans["3D DIR"]["by_hand"]}
    assert asked == {"inversion_time": 3000.0, "second_inversion_time": 450.0}
    page = made.files["sheet.en.html"].decode()
    first = page[: page.index('<section class="sheet">', page.index('<section class="sheet">') + 1)]
    assert "Set by hand at the console" in first and "Second TI <b>450" in first.replace("\xa0", " ")


def test_the_release_is_in_the_name_the_manifest_and_the_sheet() -> None:
    made = made_for(Target(vendor="siemens", field_strength=3.0, software="XA61A"))
    assert made.record["download"]["name"] == "ofsep-brain-baseline-diagnosis_1_siemens-3T-XA61A_template.zip"
    assert json.loads(made.files["manifest.json"])["release"] == "XA61A"
    assert "file of release XA61A" in made.files["sheet.en.html"].decode()
