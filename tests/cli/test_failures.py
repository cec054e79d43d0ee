"""Machine output of failures: what could not be checked or read is in the document."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

import pytest

from generator import output
from tests.cli.conftest import Run

BROKEN = """\
protocol: broken
title: Broken
region: brain
field_strengths: [3 T]
steps:
  - acquisition: t1-3d
    repetition_tme: 3 s
"""


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    path = tmp_path / "broken.yaml"
    path.write_text(BROKEN)
    return path


def _checked(run: Run, form: str, *names: object) -> tuple[int, Any]:
    done = run("check", *names, "--vendor", "siemens", "--format", form)
    return done.code, json.loads(done.out)


def test_a_broken_spec_is_a_result_with_its_place(broken: Path, run: Run) -> None:
    code, (data,) = _checked(run, "json", str(broken))
    (fault,) = data["findings"]
    assert (code, data["checked"], data["green"], data["comparisons"]) == (2, False, False, 0)
    assert (fault["code"], fault["severity"]) == ("unknown-key", "error")
    assert fault["position"] == {"file": str(broken), "line": 7, "column": 5}


def test_sarif_says_that_a_run_failed_and_where(broken: Path, run: Run) -> None:
    code, document = _checked(run, "sarif", str(broken))
    (run,) = document["runs"]
    (result,) = run["results"]
    assert code == 2
    assert run["invocations"][0]["executionSuccessful"] is False
    assert str(broken) in run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == "unknown-key"
    assert result["locations"][0]["physicalLocation"]["region"]["startLine"] == 7


def test_a_sound_spec_beside_a_broken_one_is_checked(broken: Path, run: Run) -> None:
    code, documents = _checked(run, "json", "ofsep-brain-follow-up", str(broken))
    assert code == 2
    assert {one["checked"] for one in documents} == {True, False}
    code, document = _checked(run, "sarif", "ofsep-brain-follow-up")
    assert document["runs"][0]["invocations"] == [{"executionSuccessful": True}]


def test_a_name_that_is_nothing_is_in_the_document(tmp_path: Path, run: Run) -> None:
    code, document = _checked(run, "sarif", str(tmp_path / "nothing.yaml"))
    assert code == 2
    assert document["runs"][0]["invocations"][0]["executionSuccessful"] is False
    assert "nothing.yaml" in document["runs"][0]["results"][0]["message"]["text"]


def test_any_json_says_what_could_not_be_read(tmp_path: Path, run: Run) -> None:
    path = tmp_path / "a.edx"
    path.write_bytes(b"nonsense")
    done = run("inspect", path, "--json")
    (fault,) = json.loads(done.out)["errors"]
    assert (done.code, fault["file"], fault["severity"]) == (2, str(path), "error")
    assert "zlib" in fault["message"] and "zlib" in done.err


@pytest.mark.usefixtures("ctrl_c")
@pytest.mark.parametrize(("at", "complete"), [("write_out", False), ("swap", True)])
def test_ctrl_c_while_writing_exits_130_and_leaves_all_or_nothing(
    at: str, complete: bool, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the names change nothing stays; where they are changing they all do."""
    real = getattr(output, at)

    def pressed(*given: Any) -> Any:
        signal.raise_signal(signal.SIGINT)
        return real(*given)

    monkeypatch.setattr(output, at, pressed)
    out = tmp_path / "cards"
    done = run("build", "ofsep-brain-pml-screening", "--vendor", "ge", "--field-strength", "3T", "-o", out)
    assert (done.code, out.exists()) == (130, complete)
    assert [path.name for path in tmp_path.iterdir()] == ["cards"] * complete
    if complete:
        assert run("read", next(out.rglob("manifest.json")).parent).code == 0
