"""`examcard fit`: what it prints, what it writes, how it ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from syrupy.assertion import SnapshotAssertion
from typer.testing import CliRunner, Result

from generator.cli import fitting
from generator.errors import ExamcardError, UsageError
from generator.spec.load import load
from tests.fit.cases import SIEMENS, SMALL, fit_text

TARGET = ("--vendor", "siemens", "--field-strength", "3T")


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one small protocol, worked in."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "small.yaml"
    path.write_text(SMALL, "utf-8")
    return path


def run(*arguments: str) -> Result:
    app = typer.Typer()
    fitting.register(app)
    app.command("other")(lambda: None)
    return CliRunner().invoke(app, ["fit", *arguments])


@pytest.mark.parametrize(
    ("budget", "code"), [("10min", 0), ("200 s", 0), ("60s", 1)], ids=["fits", "fitted", "out of reach"]
)
def test_output(small: Path, budget: str, code: int, snapshot: SnapshotAssertion) -> None:
    found = run("small.yaml", "--budget", budget, *TARGET)
    assert found.exit_code == code
    assert found.output == snapshot


def test_a_scan_without_a_time(small: Path, snapshot: SnapshotAssertion) -> None:
    small.write_text(SMALL.replace("technique: gradient_echo", "technique: spectroscopy"), "utf-8")
    found = run("small.yaml", "--budget", "200s", *TARGET)
    assert found.exit_code == 1
    assert found.output == snapshot


def test_json(small: Path) -> None:
    found = run("small.yaml", "--budget", "200s", *TARGET, "--json")
    (data,) = json.loads(found.output)
    fit = fit_text(SMALL, 200)
    assert found.exit_code == 0
    assert data["status"] == "fitted" and data["budget"] == 200
    assert data["after"]["seconds"] + data["after"]["uncertainty"] <= 200 < data["before"]["seconds"]
    assert [(one["field"], one["after"]) for one in data["changes"]] == [
        (change.field, change.after) for change in fit.changes
    ]
    assert all(one["gained"] > 0 and 0 < one["relative_snr"] < 1 for one in data["changes"])
    assert data["overrides"] == {str(index): values for index, values in fit.overrides.items()}
    assert {"scan", "steps", "field", "values", "reason"} == data["blocked"][0].keys()


def test_every_target_is_fitted_where_none_is_named(small: Path) -> None:
    found = json.loads(run("small.yaml", "--budget", "200s", "--json").output)
    assert [(one["target"]["vendor"], one["target"]["field_strength"]) for one in found] == [
        (vendor, 3.0) for vendor in ("canon", "ge", "philips", "siemens")
    ]


def test_patch_is_written_to_a_file(small: Path) -> None:
    printed = run("small.yaml", "--budget", "200s", *TARGET).output
    written = run("small.yaml", "--budget", "200s", *TARGET, "--patch", "small.patch")
    patch = Path("small.patch").read_text("utf-8")
    assert written.exit_code == 0
    assert printed.endswith(patch) and patch not in written.output
    assert patch.startswith("--- a/small.yaml\n+++ b/small.yaml\n")
    assert small.read_text("utf-8") == SMALL


def test_apply_writes_a_new_file(small: Path) -> None:
    found = run("small.yaml", "--budget", "200s", *TARGET, "--apply", "-o", "fitted.yaml")
    assert found.exit_code == 0
    resolved = load(Path("fitted.yaml")).resolve(SIEMENS).protocol
    assert resolved == fit_text(SMALL, 200).protocol
    assert small.read_text("utf-8") == SMALL


def test_what_is_there_is_not_replaced_unless_asked_for(small: Path) -> None:
    Path("fitted.yaml").write_text("mine\n", "utf-8")
    arguments = ("small.yaml", "--budget", "200s", *TARGET, "--apply", "-o", "fitted.yaml")
    refused = run(*arguments)
    assert isinstance(refused.exception, UsageError)
    assert Path("fitted.yaml").read_text("utf-8") == "mine\n"
    assert run(*arguments, "--force").exit_code == 0
    assert "own choice: fitted" in Path("fitted.yaml").read_text("utf-8")


@pytest.mark.parametrize("budget", ["10min", "60s"])
def test_nothing_is_written_where_nothing_was_fitted(small: Path, budget: str) -> None:
    options = ("--patch", "small.patch", "--apply", "-o", "fitted.yaml")
    run("small.yaml", "--budget", budget, *TARGET, *options)
    assert sorted(path.name for path in Path().iterdir()) == ["small.yaml"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("small.yaml", "--budget", "15"),
        ("small.yaml", "--budget", "0 min"),
        ("small.yaml", "--budget", "3 mm"),
        ("small.yaml", "--budget", "15min", "--apply"),
        ("small.yaml", "--budget", "15min", "-o", "fitted.yaml"),
        ("small.yaml", "--budget", "15min", "--vendor", "simens"),
        ("small.yaml", "--budget", "15min", "--field-strength", "7T"),
        ("small.yaml", "--budget", "15min", "--model", "Prisma"),
        (".", "--budget", "15min"),
    ],
    ids=" ".join,
)
def test_bad_input_is_said(small: Path, arguments: tuple[str, ...], snapshot: SnapshotAssertion) -> None:
    (small.parent / "second.yaml").write_text(SMALL, "utf-8")
    found = run(*arguments)
    assert isinstance(found.exception, ExamcardError)
    assert str(found.exception) == snapshot


def test_a_protocol_that_is_not_there_is_said(small: Path) -> None:
    found = run("smal.yaml", "--budget", "15min")
    assert isinstance(found.exception, UsageError)
    assert str(found.exception).startswith("'smal.yaml' is no file, no folder and no shipped protocol")


def test_a_model_that_is_not_known_gets_what_every_scanner_has(small: Path) -> None:
    found = run("small.yaml", "--budget", "200s", *TARGET, "--model", "Unheard-of")
    assert found.exit_code == 0
    assert "no profile of Unheard-of: only what every scanner has was used" in found.output
    assert "model: Unheard-of" in found.output
    known = run("small.yaml", "--budget", "200s", *TARGET, "--model", "Prisma")
    assert known.exit_code == 0 and "only what every scanner" not in known.output
