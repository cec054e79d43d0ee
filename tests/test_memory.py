"""What is kept between runs: only what belongs to the very inputs, and never a reason to fail."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import pytest

from generator import memory
from generator.contrast import measures
from generator.contrast.scan import SignalParameters, Unknown
from generator.rules import packfile
from generator.rules.packs import readings

PACK = """\
pack: own
title: own pack
document: {short: own, citation: own}
rules:
  - rule: own.flip.small
    code: PHY901
    title: small angle
    level: recommended
    roles: flair_3d
    require: {flip_angle: {at_most: 20 deg}}
    source: {section: "1"}
    examples: {pass: {role: flair_3d, flip_angle: 10 deg}, fail: {role: flair_3d, flip_angle: 30 deg}}
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "examcard"


def made(calls: list[int], value: object = "fresh") -> object:
    calls.append(1)
    return value


def test_a_result_is_made_once_for_equal_inputs_and_anew_for_others() -> None:
    calls: list[int] = []
    for inputs in (("a", 1), ("a", 1), ("a", 1.0), ("b", 1)):
        assert memory.kept("things", "p", inputs, lambda: made(calls)) == "fresh"
    memory.kept("things", "another program", ("a", 1), lambda: made(calls))
    assert len(calls) == 4


@pytest.mark.parametrize("damage", [b"", b"\x80no pickle", pickle.dumps("x")[:-3]])
def test_a_damaged_file_is_made_anew(home: Path, damage: bytes) -> None:
    memory.kept("things", "p", 1, lambda: "first")
    (file,) = (home / "things").iterdir()
    file.write_bytes(damage)
    assert memory.kept("things", "p", 1, lambda: "second") == "second"


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="needs the owners and modes of POSIX")
def test_what_others_may_write_is_not_read(home: Path) -> None:
    memory.kept("things", "p", 1, lambda: "first")
    (file,) = (home / "things").iterdir()
    assert file.stat().st_mode & 0o077 == 0
    file.chmod(0o666)
    assert memory.kept("things", "p", 1, lambda: "second") == "second"


def test_a_folder_that_cannot_be_written_costs_only_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert memory.kept("things", "p", 1, lambda: "made") == "made"


def test_the_folder_does_not_grow_without_end(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_MOST_FILES", 3)
    for number in range(6):
        memory.kept("things", "p", number, lambda: "made")
    assert len(list((home / "things").iterdir())) == 3


def test_the_program_is_told_apart_by_the_rooms_that_matter() -> None:
    assert memory.program("rules") != memory.program("rules", "spec/../model")
    assert memory.program("rules") == memory.program("rules")


def test_a_shelf_is_written_and_read_by_the_next_run() -> None:
    shelf = memory.Shelf("values", "model")
    assert shelf.get("question", lambda: 1.5) == 1.5
    shelf._save()
    assert memory.Shelf("values", "model").get("question", lambda: 2.5) == 1.5
    assert memory.Shelf("values", "rules").get("question", lambda: 2.5) == 2.5


def test_a_changed_pack_is_read_anew(tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    for limit in (20, 25):
        file.write_text(PACK.replace("at_most: 20", f"at_most: {limit}"))
        for _ in range(2):
            (rule,) = packfile.load_pack(file, readings()).rules
            assert rule.cases[0].require.operand == limit  # type: ignore[union-attr]


def test_what_cannot_be_simulated_stays_unknown() -> None:
    scan = SignalParameters(technique="spin_echo", field_strength=3.0)
    for _ in range(2):
        measures.best.cache_clear()
        with pytest.raises(Unknown, match="echo_times"):
            measures.best("lesion_over_white_matter", scan, "t1_3d_pre")
