"""A site from scratch: built, shown, and brought to a newer version of what it extends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from generator import resources
from generator.errors import UnusableInput
from generator.site import accept_upgrades, make, pending
from generator.spec.project import read_site
from tests.cli.conftest import Run


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    make(tmp_path / "hospital")
    monkeypatch.chdir(tmp_path / "hospital")
    return tmp_path / "hospital"


def test_a_new_site_builds_cards_for_two_scanners(folder: Path, run: Run) -> None:
    done = run("check")
    assert done.code == 0
    assert "our-follow-up: our-swi: sequences/our-swi.yaml extends shipped:sequences/swi.yaml" in done.err
    assert run("build").code == 0
    made = sorted(
        path.parent.relative_to(folder / "cards").as_posix() for path in folder.rglob("manifest.json")
    )
    facts = json.loads((folder / "cards" / made[-1] / "manifest.json").read_text("utf-8"))
    assert "protocols/follow-up.yaml:8: remove dir-3d" in facts["overrides"]
    assert made == [
        f"{scanner}/template/{protocol}"
        for scanner in ("ge/1.5T-room-2", "siemens/3T-room-1")
        for protocol in ("ofsep-brain-baseline-diagnosis", "our-follow-up")
    ]


def test_a_folder_with_files_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("x", "utf-8")
    with pytest.raises(UnusableInput, match="not empty"):
        make(tmp_path)


def test_show_names_file_and_line_of_every_value(folder: Path, run: Run) -> None:
    text = run("show", "our-follow-up", "--scanner", "room-1", "--origins").out
    assert "# our-swi: sequences/our-swi.yaml extends shipped:sequences/swi.yaml" in text
    assert "# protocols/follow-up.yaml:8: remove dir-3d" in text
    line = next(line for line in text.splitlines() if "Pads left" in line)
    assert "# sequences/our-swi.yaml:4" in line
    data = json.loads(run("show", "our-follow-up", "--scanner", "room-2", "--json").out)
    flair = next(part for part in data[0]["parts"] if part["title"] == "acquisition 3D FLAIR")
    values = {value["field"]: value for value in flair["values"]}
    assert values["technique"]["text"] == "turbo_spin_echo"
    assert values["technique"]["origin"].startswith(
        "upstream/ofsep-brain-follow-up@2020.1/sequences/flair-3d.yaml:"
    )


def test_an_older_upstream_is_compared_and_taken(folder: Path, run: Run) -> None:
    """The site has taken version 2019 of the network, which had another FLAIR and a scan less."""
    old = folder / "upstream" / "ofsep-brain-follow-up@2019"
    (folder / "upstream" / "ofsep-brain-follow-up@2020.1").rename(old)
    protocol = (old / "protocol.yaml").read_text("utf-8").replace('"2020.1"', '"2019"')
    (old / "protocol.yaml").write_text(protocol.replace("  - acquisition: dwi\n", ""), "utf-8")
    flair = old / "sequences" / "flair-3d.yaml"
    text = flair.read_text("utf-8")
    flair.write_text(text.replace("slice_thickness: 1 mm", "slice_thickness: 1.2 mm"), "utf-8")
    own = folder / "protocols" / "follow-up.yaml"
    pin = own.read_text("utf-8").replace("@2020.1", "@2019")
    change = "  - {set: {slice_thickness: 1.1 mm}, step: flair-3d}\n"
    own.write_text(pin + change, "utf-8")
    (one,) = pending(read_site(folder))
    said = {(d.step, d.field): (d.old, d.new, bool(d.conflict)) for d in one.differences}
    assert said["DWI b1000", "step"] == ("", "there", False)
    assert said["3D FLAIR", "slice_thickness"] == ("1.2 mm", "1 mm", True)
    assert run("upgrade").code == 1
    accept_upgrades([one])
    assert "extends: ofsep-brain-follow-up@2020.1" in own.read_text("utf-8")
    assert pending(read_site(folder)) == ()
    assert "slice_thickness: 1.1 mm" in run("show", "our-follow-up", "--scanner", "room-1").out


def test_the_example_is_the_one_that_is_shipped() -> None:
    assert (resources.templates("site-example") / "site.yaml").is_file()
