"""Several files at once: none hides another, and nothing half-done is left behind."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Run

GE = ("--vendor", "ge", "--field-strength", "3T")
EXAMCARD = (sys.executable, "-c", "from generator.cli import main; main()")

GOOD = """\
protocol: good
title: A short protocol
field_strengths: [3 T]
steps:
  - acquisition: dwi
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a good protocol and two broken ones, the errors in different places."""
    monkeypatch.chdir(tmp_path)
    inside = tmp_path / "network"
    (inside / "below").mkdir(parents=True)
    (inside / "good.yaml").write_text(GOOD, encoding="utf-8")
    (inside / "a.yaml").write_text(GOOD.replace("3 T", "3").replace("good", "a"), encoding="utf-8")
    below = GOOD.replace("dwi", "dwj").replace("title", "titel")
    (inside / "below" / "b.yaml").write_text(below, encoding="utf-8")
    (inside / "folder.yaml").mkdir()
    (inside / "below" / "up").symlink_to(inside)
    return inside


def test_a_broken_file_does_not_hide_the_others(run: Run, folder: Path) -> None:
    done = run("check", folder, *GE)
    assert done.code == 2
    assert "good, ge 3 T: " in done.out
    for place in ("network/a.yaml:3:19: error[missing-unit]", "network/below/b.yaml:5:18: error[unknown"):
        assert done.err.count(place) == 1


def test_nothing_is_built_unless_every_file_is_in_order(run: Run, folder: Path, tmp_path: Path) -> None:
    done = run("build", folder, *GE, "-o", tmp_path / "out")
    assert done.code == 2
    assert "network/a.yaml:3:19" in done.err and "network/below/b.yaml:5:18" in done.err
    assert not (tmp_path / "out").exists()


def test_an_error_of_a_definition_is_said_once_however_many_use_it(run: Run, folder: Path) -> None:
    (folder / "sequences").mkdir()
    (folder / "sequences" / "dwi.yaml").write_text("acquisition: dwi\nrepetition_time: 5\n", encoding="utf-8")
    (folder / "twin.yaml").write_text(GOOD.replace("good", "twin"), encoding="utf-8")
    done = run("check", folder, *GE)
    assert done.code == 2
    assert done.err.count("network/sequences/dwi.yaml:2:18: error[missing-unit]") == 1


def test_two_protocols_of_one_id_are_not_built_into_one_folder(run: Run, tmp_path: Path) -> None:
    first, second = tmp_path / "a.yaml", tmp_path / "b.yaml"
    first.write_text(GOOD, encoding="utf-8")
    second.write_text(GOOD.replace("A short", "Another"), encoding="utf-8")
    done = run("build", first, second, *GE, "-o", tmp_path / "out")
    assert done.code == 2
    assert f"{first} and {second} are both called good" in done.err
    assert not (tmp_path / "out").exists()
    assert "are both called good" in run("check", first, second, *GE).err


def test_one_file_named_twice_is_one_file(run: Run, tmp_path: Path) -> None:
    path, link = tmp_path / "a.yaml", tmp_path / "link.yaml"
    path.write_text(GOOD, encoding="utf-8")
    link.symlink_to(path)
    done = run("build", path, path, link, *GE, "-o", tmp_path / "out")
    assert done.code == 0, done.err


def test_what_the_disk_refuses_is_told(run: Run, tmp_path: Path) -> None:
    path, taken = tmp_path / "a.yaml", tmp_path / "taken"
    path.write_text(GOOD, encoding="utf-8")
    taken.write_text("a file where a folder should be", encoding="utf-8")
    done = run("build", path, *GE, "-o", taken)
    assert done.code == 2
    assert "cannot be written: Not a directory" in done.err
    assert taken.read_text(encoding="utf-8") == "a file where a folder should be"


@pytest.mark.parametrize("model, known", [("SIGNA Premier", True), ("SIGNA Primier", False)])
def test_a_model_that_nobody_described_is_not_passed_over(
    run: Run, tmp_path: Path, model: str, known: bool
) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(GOOD, encoding="utf-8")
    done = run("check", path, *GE, "--model", model)
    said = f"nothing is known of the scanner ge 3 T {model}"
    assert (said in done.err) is not known


def test_a_misspelt_guideline_is_shown_where_it_stands(run: Run, folder: Path) -> None:
    (folder / "claims.yaml").write_text(
        GOOD.replace("good", "claims") + "guidelines: [ofsep-2021]\n", encoding="utf-8"
    )
    done = run("check", folder / "good.yaml", folder / "claims.yaml", *GE)
    assert done.code == 2 and "good, ge 3 T: " in done.out
    assert "network/claims.yaml:6:13: error[unknown-guideline]" in done.err
    assert "did you mean 'ofsep-2020'?" in done.err


def test_a_pack_cannot_take_the_place_of_another(run: Run, tmp_path: Path) -> None:
    path, pack = tmp_path / "a.yaml", tmp_path / "pack.yaml"
    path.write_text(GOOD, encoding="utf-8")
    pack.write_text(
        """\
pack: physics
title: Not the physics that is always on
document: {short: mine, citation: mine}
rules: []
""",
        encoding="utf-8",
    )
    done = run("check", path, *GE, "--guideline", pack)
    assert done.code == 2 and "two packs are called physics" in done.err


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_output_is_utf8_whatever_the_locale(tmp_path: Path, encoding: str) -> None:
    done = subprocess.run(
        [*EXAMCARD, "rules", "PHY004"],
        env={**os.environ, "PYTHONIOENCODING": encoding},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "(± 10 %)" in done.stdout.decode("utf-8")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_told() -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run([*EXAMCARD, "rules"], stdout=full, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 2
    assert done.stderr.decode() == "the output: No space left on device\n"


THICK = GOOD.replace(
    "acquisition: dwi", "acquisition: dwi\n    slice_thickness: 4 mm\n    repetition_time: null"
)


@pytest.mark.parametrize("force", [False, True])
def test_errors_of_a_build_are_told_with_their_places(run: Run, tmp_path: Path, force: bool) -> None:
    path = tmp_path / "thick.yaml"
    path.write_text(THICK, encoding="utf-8")
    done = run("build", path, *GE, "-o", tmp_path / "out", *(["--force"] if force else []))
    assert done.code == (0 if force else 1)
    assert ("built in spite of 1 error, and says so" if force else "not built") in done.err
    assert f"{path}:6:22: PHY032 DWI b1000: Slice thickness and voxel agree in 2D" in done.err
    assert (tmp_path / "out").exists() is force
    assert "   ?   " in done.out if force else not done.out  # a scan without a time has no total


def test_very_many_rows_are_set_in_columns_without_wrapping(capsys: pytest.CaptureFixture[str]) -> None:
    from generator.cli import common

    rows = [(f"name {number}", str(number)) for number in range(common.MANY + 1)]
    common.print_table("many", ("name", "number"), rows, right=(1,))
    lines = capsys.readouterr().out.splitlines()
    assert lines[:3] == ["many", "name      number", "name 0         0"]
    assert lines[-1] == f"name {common.MANY}     {common.MANY}"
