"""The causes behind the files of ../shared/hostile, each made small here, to be tried everywhere."""

from __future__ import annotations

import gzip
import os
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from generator import limits
from generator.donors import library
from generator.errors import Unforeseen, UnusableInput
from generator.model.tree import Acquisition, Protocol, ReadResult
from generator.text import MOST, bounded, number, quantity
from generator.vendors import get, opening
from generator.vendors.ge.container import archive
from generator.vendors.siemens.container import edx, exar
from tests.cli.conftest import Run
from tests.conftest import SHARED
from tests.vendors.siemens.make import template, written
from tests.vendors.siemens.surgery import rehashed


def test_a_pipe_is_refused_before_it_is_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.exar1")
    for way in (opening.read, opening.inspect):
        with pytest.raises(UnusableInput, match="a pipe"):
            way(tmp_path / "a.exar1")


def test_what_no_reader_foresaw_is_a_message_with_the_place(tmp_path: Path) -> None:
    def broken() -> ReadResult:
        raise KeyError("deep inside")

    with pytest.raises(Unforeseen, match=r"KeyError at test_causes.py:\d+: 'deep inside'"):
        opening.held(tmp_path, broken)


def test_a_reader_that_does_not_end_is_stopped(tmp_path: Path) -> None:
    with pytest.raises(UnusableInput, match=r"takes more than 0\.05 s"), limits.within_time(tmp_path, 0.05):
        _for_ever()


def test_a_reader_that_swallows_the_stop_is_stopped_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the time that a file within a file takes is its own; then that of the outer one goes on."""
    monkeypatch.setattr(limits, "AGAIN", 0.05)
    with pytest.raises(UnusableInput, match=r"more than 0\.2 s"), limits.within_time(tmp_path, 0.2):
        with pytest.raises(UnusableInput, match=r"more than 0\.05 s"), limits.within_time(tmp_path, 0.05):
            _for_ever()
        with suppress(UnusableInput):
            _for_ever()
        _for_ever()


def _for_ever() -> None:
    while True:
        pass


def test_more_protocols_or_steps_than_a_site_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scan = Protocol(name="p", steps=(Acquisition(name="a"),) * 3)
    for name, message in (("PROGRAMS", "2 protocols"), ("SCANS", "6 steps")):
        with monkeypatch.context() as patch:
            patch.setattr(limits, name, 1)
            with pytest.raises(UnusableInput, match=message):
                opening.held(tmp_path, lambda: ReadResult(format="x", vendor="x", protocols=(scan, scan)))


# --- Siemens ------------------------------------------------------------------------------------------


def _changed(tmp_path: Path, old: bytes, new: bytes, fit: bool = False) -> Path:
    """An archive with other bytes in its contents, under the old keys or under those that fit."""
    tables = exar.read(written(tmp_path, template())).tables
    made = [(k, exar.inflate(d, "x", k).replace(old, new), f) for k, d, f in tables["Content"]]
    assert any(old in exar.inflate(d, "x", k) for k, d, _ in tables["Content"])
    tables["Content"] = [(key, exar.deflate(content), form) for key, content, form in made]
    if fit:
        rehashed(tables)
    return written(tmp_path, exar.write(tables), "changed.exar1")


def test_a_content_changed_under_its_old_hash_is_refused(tmp_path: Path) -> None:
    path = _changed(tmp_path, b"alTR[0]", b"alTR[1]")
    for way in (opening.read, opening.inspect, lambda one: library(get("siemens"), [one])):
        with pytest.raises(UnusableInput, match=r"row [0-9a-f]{40}: the content does not hash to its key"):
            way(path)


def test_a_donor_that_fails_a_self_check_is_refused(tmp_path: Path) -> None:
    """Sound to the reader, unsound to the checks: the hash of the text in the tag no longer fits."""
    path = _changed(tmp_path, b"alTR[0]", b"alTR[1]", fit=True)
    assert opening.read(path).protocols
    assert opening.inspect(path).failed
    with pytest.raises(UnusableInput, match="no donor, for it fails a self-check: the ContentHash tag"):
        library(get("siemens"), [path])


@pytest.mark.parametrize(("hidden", "depth"), [(b"", 300), (b'"]",', 300), (b'"]",', 100)])
def test_json_that_is_nested_without_end_is_refused(hidden: bytes, depth: int, tmp_path: Path) -> None:
    deep = b'"Deep": [' + hidden + b"[" * depth + b"]" * depth + b"],"
    path = _changed(tmp_path, b'"Data":', deep + b'"Data":', fit=True)
    with pytest.raises(UnusableInput, match="nested more than 100 times"):
        opening.read(path)


def _edx(records: list[edx.Record]) -> bytes:
    return edx.Edx(b"MrEdxFile\r\n11300\r\nProg\r\n\r\n", tuple(records)).to_bytes()


def _record(kind: bytes, name: bytes, more: bytes = b"") -> edx.Record:
    return edx.Record(b"MrEdbType=%s\r\nMrEdbName=%s\r\n%s" % (kind, name, more), b"Archive=1\r\n", 0)


def test_parts_are_looked_up_and_not_searched_for() -> None:
    """Each of many parts takes one record; with a search in a list this is a matter of hours."""
    names = [b"P%d" % i for i in range(15_000)]
    parts = b"".join(b"MrEdbPartname=%s\r\n" % name for name in reversed(names))
    records = (_record(b"Prog", b"card", parts), *(_record(b"Prot", name) for name in names))
    ((_, own),) = edx.in_order(edx.Edx(b"", records))
    assert [one.name for one in own] == [name.decode() for name in reversed(names)]


def test_a_stream_that_inflates_a_hundredfold_is_refused(tmp_path: Path) -> None:
    bomb = zlib.compress(b"MrEdxFile\r\n" + b"\0" * (3 * limits.MIB), 9)
    path = written(tmp_path, bomb, "a.edx")
    with pytest.raises(UnusableInput, match="inflate to more than"):
        opening.read(path)


# --- GE -----------------------------------------------------------------------------------------------


def test_gzip_streams_are_read_one_after_another_and_counted() -> None:
    one = gzip.compress(b"text", mtime=0)
    assert archive.gunzip(one * 50, "x") == b"text" * 50
    with pytest.raises(UnusableInput, match="more than 20000 gzip streams"):
        archive.gunzip(gzip.compress(b"", mtime=0) * (limits.MEMBERS + 1), "x")


# --- others -------------------------------------------------------------------------------------------


def test_two_echo_times_beside_a_block_are_legal(tmp_path: Path) -> None:
    from tests.vendors.canon.test_dicom import read

    _, scan = read(tmp_path, public={"EchoTime": [81.5, 99.0]})
    assert scan.echo_times == (81.5,)


def test_a_field_strength_of_nothing_is_none(tmp_path: Path) -> None:
    from generator.images.reader import field_strength
    from generator.vendors.siemens.reader import Context

    class Header:
        def get(self, _: str) -> float:
            return 1e-9

    assert field_strength(Header()) is None  # type: ignore[arg-type]
    context = Context()
    context.strengths[3.0] += 1
    assert context.result("siemens-pro", []).field_strength == 3.0


# --- specs --------------------------------------------------------------------------------------------

SPEC = """\
protocol: hard
title: Hard
region: brain
field_strengths: [3 T]
steps:
"""
SCAN = "  - acquisition: {use}\n    name: a\n    {field}: {value}\n"


@pytest.mark.parametrize(
    ("use", "field", "value", "code"),
    [
        ("pdt2-2d", "number_of_slices", "100000000", "out-of-bounds"),
        ("t1-3d", "number_of_slices", "10000000", "out-of-bounds"),
        ("t1-3d", "number_of_temporal_positions", "1000000000", "out-of-bounds"),
        ("t1-3d", "repetition_time", "1e300 s", "out-of-bounds"),
        ("t1-3d", "concatenations", "3", "impossible"),
        ("t1-3d", "b_values", "[0 s/mm2, 1000 s/mm2]", "impossible"),
        ("pdt2-2d", "echo_times", "[80 ms, 20 ms]", "impossible"),
    ],
)
def test_a_spec_that_no_scanner_can_follow(
    use: str, field: str, value: str, code: str, tmp_path: Path, run: Run
) -> None:
    path = tmp_path / "hard.yaml"
    path.write_text(SPEC + SCAN.format(use=use, field=field, value=value))
    done = run("check", path, "--vendor", "siemens")
    assert done.code == 2
    assert f"hard.yaml:8:{len(field) + 7}: error[{code}]" in done.err


def test_more_steps_than_an_exam_has(tmp_path: Path, run: Run) -> None:
    path = tmp_path / "hard.yaml"
    path.write_text(SPEC + "".join(f"  - pause: wait {i}\n" for i in range(limits.STEPS + 1)))
    done = run("check", path, "--vendor", "siemens")
    assert done.code == 2
    assert f"hard.yaml:{6 + limits.STEPS}:" in done.err and "error[too-many]: 501 steps" in done.err


# --- numbers ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "raw", ["", "x", "nan", "inf", "1e300", "9" * 5000, 10**400, float("inf"), None, [], "1_0x", object()]
)
def test_numbers_out_of_anything_raise_one_error(raw: Any) -> None:
    assert number(raw) is None
    with pytest.raises(ValueError):
        quantity(raw)
    with suppress(ValueError):
        assert abs(bounded(raw)) <= MOST


# --- donors of ../shared ------------------------------------------------------------------------------

DONORS = sorted((SHARED / "hostile").glob("*-donor.*")) if (SHARED / "hostile").is_dir() else []
SOUND = {"ge-110b6c80-donor.tar"}
"""Damaged where nothing is read and no check looks; a scan of it can be cloned."""


@pytest.mark.parametrize("path", DONORS or [Path("none")], ids=lambda path: path.name)
def test_a_damaged_donor_is_refused_by_name(path: Path, tmp_path: Path, run: Run) -> None:
    if not DONORS:
        pytest.skip("needs the hostile files of ../shared, which are not part of the project")
    vendor = {"card": "philips", "exar": "siemens"}.get(path.name.partition("-")[0], "ge")
    out = tmp_path / "out"
    done = run(
        "build", "ofsep-brain-follow-up", "--vendor", vendor, "--field-strength", "3T",
        "--donor", path, "--gaps", "refuse" if vendor == "philips" else "sheet", "-o", out,
    )  # fmt: skip
    assert "internal error" not in done.err and "no reader foresaw" not in done.err
    if path.name not in SOUND:
        assert (done.code, out.exists()) == (2, False)
        assert path.name in done.err
