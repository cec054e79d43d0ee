"""Nothing half-written, nothing replaced unasked."""

from __future__ import annotations

import itertools
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from generator import output
from generator.errors import UsageError
from generator.output import write_file, write_folder


def tree(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_a_folder_is_written_once_and_left_alone_when_equal(tmp_path: Path) -> None:
    files = {"a.txt": b"1", "sub/.hidden/b.txt": b"2"}
    assert write_folder(tmp_path / "out", files)
    before = (tmp_path / "out" / "a.txt").stat().st_mtime_ns
    assert not write_folder(tmp_path / "out", files)
    assert (tmp_path / "out" / "a.txt").stat().st_mtime_ns == before
    assert tree(tmp_path / "out") == files


def test_other_content_is_replaced_only_by_force(tmp_path: Path) -> None:
    write_folder(tmp_path / "out", {"a": b"1", "gone": b"x"})
    with pytest.raises(UsageError, match="--force"):
        write_folder(tmp_path / "out", {"a": b"2"})
    assert tree(tmp_path / "out") == {"a": b"1", "gone": b"x"}
    write_folder(tmp_path / "out", {"a": b"2"}, force=True)
    assert tree(tmp_path) == {"out/a": b"2"}


@pytest.mark.parametrize("name", ["../escape", "/etc/escape", "a/../../escape"])
def test_a_failed_write_leaves_the_old_folder_and_no_rest(tmp_path: Path, name: str) -> None:
    write_folder(tmp_path / "out", {"a": b"1"})
    with pytest.raises(ValueError, match="may not leave"):
        write_folder(tmp_path / "out", {"b": b"2", name: b"3"}, force=True)
    assert tree(tmp_path) == {"out/a": b"1"}


def test_a_file_is_replaced_only_by_force(tmp_path: Path) -> None:
    path = tmp_path / "x" / "file.svg"
    write_file(path, b"1")
    write_file(path, b"1")
    with pytest.raises(UsageError):
        write_file(path, b"2")
    write_file(path, b"2", force=True)
    assert tree(tmp_path) == {"x/file.svg": b"2"}


def test_there_is_no_moment_without_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system exchanges names in one step, the folder is never away."""
    write_folder(tmp_path / "out", {"a": b"1"})
    renamed: list[Path] = []
    monkeypatch.setattr(Path, "rename", lambda self, target: renamed.append(self))
    if not output.exchange(*(_made(tmp_path / name) for name in "xy")):
        pytest.skip("this system cannot exchange two names in one step")
    write_folder(tmp_path / "out", {"a": b"2"}, force=True)
    assert renamed == []
    assert (tmp_path / "out" / "a").read_bytes() == b"2"


def _made(path: Path) -> Path:
    path.mkdir()
    return path


@pytest.fixture
def in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody wait for the disk, which is asked once for each line."""
    for name in ("write_out", "sync"):
        monkeypatch.setattr(output, name, lambda path: None)


def _interrupted_at(line: int, write: Callable[[], object]) -> bool:
    """Press Ctrl-C before a line that the module reaches, counted from 0; say whether it came so far."""
    lines = itertools.count()

    def press(frame: FrameType, event: str, _: object) -> Any:
        if frame.f_code.co_filename != output.__file__:
            return None
        if event == "line" and next(lines) == line:
            signal.raise_signal(signal.SIGINT)
        return press

    before = sys.gettrace()
    sys.settrace(press)
    try:
        write()
    except KeyboardInterrupt:
        return True
    finally:
        sys.settrace(before)
    return False


@pytest.mark.usefixtures("in_memory", "ctrl_c")
@pytest.mark.parametrize("exchanges", [True, False])
def test_ctrl_c_before_any_line_leaves_the_old_or_the_new(
    exchanges: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two folders, one of them new and below others: never a part of one, never a rest."""
    if not exchanges:
        monkeypatch.setattr(output, "exchange", lambda one, other: False)
    old, new = {"a/x": b"1"}, {"a/x": b"2", "b/c/x": b"2"}
    wanted = [(tmp_path / "a", {"x": b"2"}), (tmp_path / "b" / "c", {"x": b"2"})]
    seen = set()
    for line in itertools.count():
        shutil.rmtree(tmp_path / "b", ignore_errors=True)
        write_folder(tmp_path / "a", {"x": b"1"}, force=True)
        interrupted = _interrupted_at(line, lambda: output.write_folders(wanted, force=True))
        assert tree(tmp_path) in (old, new), line
        assert (tmp_path / "b").exists() == (tree(tmp_path) == new), line
        assert not list(tmp_path.rglob(".*")), line
        seen.add((interrupted, tree(tmp_path) == new))
        if not interrupted:
            break
    assert seen == {(True, False), (True, True), (False, True)}


@pytest.mark.usefixtures("in_memory", "ctrl_c")
def test_ctrl_c_leaves_the_old_file_or_the_new(tmp_path: Path) -> None:
    path = tmp_path / "file"
    for line in itertools.count():
        write_file(path, b"1", force=True)
        interrupted = _interrupted_at(line, lambda: write_file(path, b"2", force=True))
        assert [one.name for one in tmp_path.iterdir()] == ["file"], line
        assert path.read_bytes() in (b"1", b"2")
        if not interrupted:
            break
    assert line > 20


def test_an_ignored_ctrl_c_stays_ignored(tmp_path: Path) -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        assert not _interrupted_at(5, lambda: write_folder(tmp_path / "a", {"x": b"1"}))
    finally:
        signal.signal(signal.SIGINT, before)
    assert tree(tmp_path) == {"a/x": b"1"}


def test_everything_is_on_the_disk_before_names_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    real = output.swap
    monkeypatch.setattr(output, "write_out", lambda folder: done.append("disk"))
    monkeypatch.setattr(output, "swap", lambda one, two: (done.append(two.name), real(one, two)))
    wanted = [(tmp_path / name, {"x": b"1"}) for name in ("a", "b")]
    assert output.write_folders(wanted) == 2
    assert done == ["disk", "a", "b"]
    assert output.write_folders(wanted) == 0


def test_of_several_folders_none_is_written_if_one_may_not(tmp_path: Path) -> None:
    write_folder(tmp_path / "b", {"x": b"old"})
    with pytest.raises(UsageError):
        output.write_folders([(tmp_path / name, {"x": b"new"}) for name in ("a", "b")])
    assert tree(tmp_path) == {"b/x": b"old"}
