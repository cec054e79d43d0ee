"""What the README shows is what the program does: its example, its commands, its messages."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tests.cli.conftest import Run, run

__all__ = ["run"]

README = Path(__file__).resolve().parent.parent / "README.md"
NEEDS_A_SITE = "--donor"


def blocks(language: str) -> list[str]:
    """Texts of the fenced blocks of one language."""
    found = re.findall(r"^```(\w*)\n(.*?)^```$", README.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    return [text for word, text in found if word == language]


def message(start: str) -> str:
    return next(block for block in blocks("") if start in block)


@pytest.fixture
def spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The protocol of the README in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "my-follow-up.yaml"
    path.write_text(blocks("yaml")[0], encoding="utf-8")
    return path


def test_the_example_is_a_protocol_without_findings(run: Run, spec: Path) -> None:
    done = run("check", spec.name, "--strict")
    assert done.code == 0, done.out
    assert done.out.count("no findings") == 4


def test_the_commands_run_as_they_are_printed(run: Run, spec: Path) -> None:
    lines = [line.partition("#")[0] for line in "".join(blocks("sh")).splitlines()]
    commands = [shlex.split(line) for line in lines if line.startswith("examcard")]
    assert len(commands) > 4
    for _, *arguments in (one for one in commands if NEEDS_A_SITE not in one and ">" not in one):
        done = run(*arguments)
        assert done.code == 0, done.err


def test_every_command_it_speaks_of_is_there(run: Run) -> None:
    named = set(re.findall(r"(?:`|^)examcard ([a-z]+)", README.read_text("utf-8"), re.MULTILINE))
    missing = {command for command in named if f"\n  {command} " not in run("--help").out}
    assert named and not missing


def test_the_error_is_the_one_that_is_printed(run: Run, spec: Path) -> None:
    spec.write_text(spec.read_text("utf-8").replace("6 s ", "6 "), encoding="utf-8")
    done = run("check", spec.name)
    assert done.code == 2
    assert done.err == message("error[missing-unit]")


def test_the_finding_is_the_one_that_is_printed(run: Run, spec: Path) -> None:
    text = spec.read_text("utf-8").replace("    inversion_time: 2 s\n", "")
    spec.write_text(text, encoding="utf-8")
    done = run("check", spec.name)
    assert done.code == 0
    shown = message("warning[PHY004]")
    place, said = re.fullmatch(r"(\S+):\d+:17(: .*)", shown, re.DOTALL).groups()  # type: ignore[union-attr]
    assert re.search(rf"{re.escape(place)}:\d+:17{re.escape(said)}", done.out), done.out


@pytest.mark.parametrize(("command", "name"), [("audit", "audit.md"), ("diff", "compare.md")])
def test_an_example_is_the_one_of_its_page(command: str, name: str) -> None:
    page = README.parent.joinpath("docs", name).read_text("utf-8").splitlines()
    (shown,) = (block for block in blocks("console") if f"examcard {command}" in block)
    assert [line for line in shown.splitlines() if line != "..." and line not in page] == []
