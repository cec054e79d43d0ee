"""Nothing half-written, nothing replaced unasked."""

from __future__ import annotations

from pathlib import Path

import pytest

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
