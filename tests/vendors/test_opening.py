from __future__ import annotations

import os
from pathlib import Path

import pytest

from generator import limits, vendors
from generator.errors import Unforeseen, UnusableInput, UsageError
from generator.model.tree import Acquisition, Protocol, ReadResult
from generator.vendors import opening
from generator.vendors.opening import choose, labels

PATHS = (
    ("Head", "all", "AAT options"),
    ("Knee", "left", "AAT options"),
    ("Knee", "right", "AAT options"),
    ("Knee", "right", "AAT options"),
    ("Head", "T1/T2"),
    ("Head", "scan#2"),
)
PROTOCOLS = [Protocol(name=path[-1], path=path) for path in PATHS]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("AAT options", (0, 1, 2, 3)),
        ("Head/AAT options", (0,)),
        ("Head/all/AAT options", (0,)),
        ("right/AAT options", (2, 3)),
        ("right/AAT options#2", (3,)),
        ("Knee/AAT options#3", (3,)),
        ("#2", (1,)),
        ("T1/T2", (4,)),
        ("Head/T1/T2", (4,)),
        ("scan#2", (5,)),
    ],
)
def test_a_protocol_is_chosen_by_name_path_or_number(wanted: str, found: tuple[int, ...]) -> None:
    assert choose(PROTOCOLS, wanted) == found


@pytest.mark.parametrize(
    "wanted", ["all/Head/AAT options", "options", "AAT options#5", "AAT options#0", "Head"]
)
def test_what_fits_nothing_is_refused_with_what_can_be_typed(wanted: str) -> None:
    with pytest.raises(UsageError, match="no protocol") as caught:
        choose(PROTOCOLS, wanted)
    assert "Knee/right/AAT options#2" in str(caught.value)


def test_every_protocol_can_be_reached_by_its_label() -> None:
    assert [choose(PROTOCOLS, label) for label in labels(PROTOCOLS)] == [(i,) for i in range(len(PROTOCOLS))]


PROTOCOL = Protocol(name="p", steps=(Acquisition(name="a"),) * 3)


def result(*protocols: Protocol) -> ReadResult:
    return ReadResult(format="toy", vendor="toy", protocols=protocols)


def test_more_than_any_site_has_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "PROGRAMS", 2)
    monkeypatch.setattr(limits, "SCANS", 6)
    monkeypatch.setattr(limits, "FILE_BYTES", 3 << 20)
    path = tmp_path / "a.toy"
    path.write_bytes(b"")
    assert opening.held(path, lambda: result(PROTOCOL, PROTOCOL)).protocols == (PROTOCOL, PROTOCOL)
    with pytest.raises(UnusableInput, match="3 protocols in one file; at most 2 are read"):
        opening.held(path, lambda: result(*[Protocol(name="p")] * 3))
    with pytest.raises(UnusableInput, match="7 steps in one file; at most 6 are read"):
        opening.held(path, lambda: result(PROTOCOL, Protocol(name="q", steps=(Acquisition(name="a"),) * 4)))
    with path.open("wb") as stream:
        stream.truncate(3 << 20)
    assert opening.held(path, lambda: result(PROTOCOL))
    with path.open("wb") as stream:
        stream.truncate((3 << 20) + 1)
    with pytest.raises(UnusableInput, match="3145729 bytes; at most 3 MiB are read"):
        opening.held(path, lambda: result(PROTOCOL))
    assert opening.held(tmp_path, lambda: result(PROTOCOL))
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UnusableInput, match="neither a file nor a folder, but a pipe"):
        opening.held(tmp_path / "pipe", lambda: result(PROTOCOL))
    with pytest.raises(UnusableInput, match="no such file"):
        opening.held(tmp_path / "none", lambda: result(PROTOCOL))


def test_only_expected_errors_leave_a_reader(tmp_path: Path) -> None:
    known = UnusableInput(tmp_path, "known")
    for raised, kind, text in (
        (known, UnusableInput, "known"),
        (PermissionError(13, "Permission denied"), UnusableInput, "Permission denied"),
        (OSError("odd"), UnusableInput, "odd"),
        (MemoryError(), UnusableInput, "it asks for more memory than there is"),
        (KeyError("x"), Unforeseen, "no reader foresaw (KeyError at test_opening.py:"),
    ):
        with pytest.raises(UnusableInput) as caught, opening.border(tmp_path):
            raise raised
        assert type(caught.value) is kind and text in str(caught.value)


def test_what_the_parsers_of_dicom_raise_is_damage(tmp_path: Path) -> None:
    for raised, text in (
        (UnusableInput(tmp_path, "known"), "known"),
        (OSError(5, "Input/output error"), "Input/output error"),
        (ValueError("group 9"), "not readable as DICOM (ValueError: group 9)"),
    ):
        with pytest.raises(UnusableInput) as caught, opening.pydicom_for(tmp_path):
            raise raised
        assert text in str(caught.value)


def test_a_file_is_of_the_dialect_that_recognises_it(tmp_path: Path) -> None:
    path = tmp_path / "x"
    for content, said in (
        (b"", "not a protocol file of canon, ge, philips, siemens"),
        (b"%PDF-1.7", "this is a PDF"),
        (b"hello", "not a protocol file"),
    ):
        path.write_bytes(content)
        with pytest.raises(UnusableInput) as caught:
            vendors.of_file(path)
        assert said in str(caught.value)
    with pytest.raises(UsageError, match=r"no dialect for vendor 'sieemens', did you mean 'siemens'\?"):
        vendors.get("sieemens")
    with pytest.raises(
        UsageError, match=r"no dialect for vendor 'xyz' \(choose from canon, ge, philips, siemens\)"
    ):
        vendors.get("xyz")


def test_labels_have_a_number_only_where_they_need_one() -> None:
    assert labels(PROTOCOLS) == [
        "Head/all/AAT options", "Knee/left/AAT options", "Knee/right/AAT options#1",
        "Knee/right/AAT options#2", "Head/T1/T2", "Head/scan#2",
    ]  # fmt: skip
    assert labels([Protocol(name="b", path=("a",))]) == ["a/b"]
