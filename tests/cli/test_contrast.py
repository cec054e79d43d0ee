"""`examcard contrast`: table, JSON and picture."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.cli.conftest import Run


@pytest.fixture
def unlike(tmp_path: Path) -> Path:
    """A protocol whose FLAIR is told to print one echo time on all consoles, as if it meant the same."""
    file = tmp_path / "unlike.yaml"
    file.write_text(
        "protocol: unlike\ntitle: Unlike\nversion: '1'\nkind: follow-up\nregion: brain\n"
        "field_strengths: [3 T]\nsource: own choice\nsteps:\n"
        "  - acquisition: flair-3d\n    echo_times: [300 ms]\n    source: own choice\n",
        "utf-8",
    )
    return file


def test_shipped_protocol_is_alike(run: Run) -> None:
    done = run("contrast", "ofsep-brain-follow-up", "--field-strength", "3T")
    assert done.code == 0, done.err
    assert "3D FLAIR, 3 T: lesion over white, spread 7 % (limit 10 %)" in done.out
    assert all(vendor in done.out for vendor in ("canon", "ge", "philips", "siemens"))


def test_json_has_signals_ranges_and_noise(run: Run) -> None:
    done = run("contrast", "ofsep-brain-follow-up", "--vendor", "ge", "--field-strength", "3T", "--json")
    flair = next(one for one in json.loads(done.out) if one["scan"] == "3D FLAIR")
    (view,) = flair["views"]
    assert flair["spread"] is None and flair["limit"] == 0.1
    assert view["contrast"]["low"] <= view["contrast"]["value"] <= view["contrast"]["high"]
    assert view["contrast"]["value"] == pytest.approx(
        view["signals"]["lesion"] / view["signals"]["white"], rel=1e-9
    )
    assert view["equivalent_echo_time"][0] == pytest.approx(130, abs=2)
    assert view["cnr"]["white"] > 0 and view["snr"] > 0


def test_one_number_that_means_two_things_is_exit_code_1(run: Run, unlike: Path) -> None:
    done = run("contrast", str(unlike))
    assert done.code == 1
    assert "3D FLAIR at 3 T: contrast differs" in done.err


def test_picture_is_xml_and_the_same_every_time(run: Run, tmp_path: Path) -> None:
    pictures = [tmp_path / "one.svg", tmp_path / "two.svg"]
    for picture in pictures:
        assert run("contrast", "ofsep-brain-follow-up", "--svg", str(picture)).code == 0
    assert pictures[0].read_bytes() == pictures[1].read_bytes()
    root = ET.fromstring(pictures[0].read_text("utf-8"))
    text = " ".join(root.itertext())
    assert root.get("aria-label") and "3D FLAIR, 3 T" in text and "lesion 1.00" in text
    pictures[0].write_text("mine", "utf-8")
    assert run("contrast", "ofsep-brain-follow-up", "--svg", str(pictures[0])).code == 2
    assert pictures[0].read_text("utf-8") == "mine"


def test_what_cannot_be_simulated_is_said(run: Run, unlike: Path) -> None:
    text = unlike.read_text("utf-8").replace("[300 ms]", "[300 ms]\n    magnetization_transfer: true")
    unlike.write_text(text, "utf-8")
    done = run("contrast", str(unlike), "--vendor", "siemens")
    assert done.code == 0
    assert "not simulated: magnetization transfer" in done.out


def test_two_protocols_are_refused(run: Run) -> None:
    assert run("contrast", "specs/protocols/ofsep").code == 2
