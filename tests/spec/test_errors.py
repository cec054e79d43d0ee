"""A broken spec in each of many ways gives its message."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion

from generator.errors import ExamcardError, UnusableInput
from generator.model.tree import Target
from generator.spec.diagnostic import SourceErrors
from generator.spec.load import load, load_text
from tests.spec.broken import BROKEN
from tests.support.kitchen import KITCHEN_SINK


@pytest.fixture(autouse=True)
def in_specs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Work beside the kitchen sink, so that places are named from there."""
    monkeypatch.chdir(KITCHEN_SINK.parent)


def errors(text: str) -> SourceErrors:
    with pytest.raises(SourceErrors) as caught:
        load_text(text, "broken.yaml")
    return caught.value


def write(folder: Path, **files: str) -> Path:
    """Write a protocol and its definitions; return the protocol."""
    (folder / "sequences").mkdir(exist_ok=True)
    for name, text in files.items():
        below = folder if name == "protocol" else folder / "sequences"
        (below / f"{name}.yaml").write_text(text, "utf-8")
    return folder / "protocol.yaml"


def message(path: Path) -> str:
    with pytest.raises(SourceErrors) as caught:
        load(path)
    return str(caught.value).replace(f"{path.parent.as_posix()}/", "")


@pytest.mark.parametrize("case", BROKEN)
def test_broken(case: str, snapshot: SnapshotAssertion) -> None:
    assert str(errors(BROKEN[case])) == snapshot


def test_every_error_has_its_place_and_line() -> None:
    for case, text in BROKEN.items():
        for found in errors(text).diagnostics:
            place = found.position
            assert place.file == "broken.yaml" and place.line >= 1 and place.column >= 1, case
            assert place.column <= len(found.line_text) + 1, case


def test_errors_of_the_definitions_are_reported_too(tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    path = write(
        tmp_path,
        protocol="protocol: p\ntitle: 7\nkind: followup\nsteps:\n"
        "  - acquisition: one\n  - acquisition: two\n  - acquisition: one\n  - acquisition: three\n",
        one="acquisition: one\nrole: t1\nflip_angle: 9\n",
        two="acquisition: zwei\n",
        three="name: three\n",
    )
    assert message(path) == snapshot


def test_a_definition_that_is_not_utf8(tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    path = write(tmp_path, protocol="protocol: p\ntitle: p\nsteps:\n  - acquisition: one\n")
    (tmp_path / "sequences" / "one.yaml").write_bytes(
        "acquisition: one\nname: \u00e9t\u00e9\n".encode("latin-1")
    )
    assert message(path) == snapshot


def test_a_protocol_in_utf16(tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    path = tmp_path / "protocol.yaml"
    path.write_bytes("protocol: p".encode("utf-16"))
    assert message(path) == snapshot


def test_a_byte_order_mark_is_no_error(tmp_path: Path) -> None:
    path = tmp_path / "protocol.yaml"
    path.write_bytes(b"\xef\xbb\xbfprotocol: p\r\ntitle: t\r\nsteps: []\r\n")
    assert load(path).title == "t"


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda path: None, "No such file"),
        (lambda path: path.mkdir(), "is a folder"),
        (lambda path: path.write_bytes(b"#" * 20_000_001), "longer than 20 MB"),
    ],
)
def test_a_file_that_cannot_be_read(tmp_path: Path, make: Callable[[Path], object], reason: str) -> None:
    make(tmp_path / "p.yaml")
    with pytest.raises(UnusableInput, match=reason):
        load(tmp_path / "p.yaml")


def test_a_file_full_of_errors_is_given_up() -> None:
    found = errors("".join(f"key{n}: 1\n" for n in range(30_000))).diagnostics
    assert (len(found), found[-1].code) == (101, "too-many-errors")


def test_a_definition_full_of_errors_is_given_up(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        protocol="protocol: p\ntitle: p\nsteps:\n  - acquisition: one\n",
        one="acquisition: one\n" + "".join(f"key{n}: 1\n" for n in range(200)),
    )
    assert "too-many-errors" in message(path)


@pytest.mark.parametrize("case", BROKEN)
def test_the_parser_in_python_finds_the_same(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = [(found.code, found.position.line) for found in errors(BROKEN[case]).diagnostics]
    monkeypatch.setattr("generator.spec.nodes.loader", lambda: yaml.SafeLoader)
    assert [(found.code, found.position.line) for found in errors(BROKEN[case]).diagnostics] == wanted


@pytest.mark.parametrize(
    "text", ["{", "[", "a: {", "'", "? ", "%", "---", "...", "&", "*", "!", "|", "\t", "- - -\n:"]
)
def test_scraps_have_a_message(text: str) -> None:
    assert str(errors(text))


def test_anchors_are_allowed() -> None:
    spec = load_text(
        "protocol: p\ntitle: t\nsteps:\n"
        "  - acquisition: {name: a, voxel_size: &cube [1 mm, 1 mm, 1 mm]}\n"
        "  - acquisition: {name: b, voxel_size: *cube}\n"
    )
    first, second = spec.resolve(Target(vendor="ge", field_strength=3.0)).protocol.acquisitions
    assert first.voxel_size == second.voxel_size == (1, 1, 1)


SINK = KITCHEN_SINK.read_text("utf-8")


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(SINK)), st.integers(0, 40), st.text("ab: -[]{}'\"&*!|>%@`#\n\t0.", max_size=6))
def test_whatever_is_changed_there_is_a_spec_or_a_message(start: int, length: int, new: str) -> None:
    text = SINK[:start] + new + SINK[start + length :]
    try:
        load_text(text, "mutated.yaml").resolve(Target(vendor="ge", field_strength=3.0))
    except ExamcardError as error:
        assert str(error)
