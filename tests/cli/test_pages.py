"""The pages that lead a new user through the program: every edit is made, every command is run.

Outputs on the pages are real; ``--accept-golden`` writes today's. A page may leave lines out (``...``),
and numbers may move with the rules and the estimates: what is compared is the text around them.
"""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from generator.model.tree import Target
from tests.cli.conftest import Run

DOCS = Path(__file__).resolve().parents[2] / "docs"
BLOCK = re.compile(
    r"^```(console|diff|yaml)(?: (\S+))?\n(.*?)^```$|^<!-- (\S+) -->$", re.MULTILINE | re.DOTALL
)


def stick(run: Run) -> None:
    """Put an export of our own making on a stick, since files of real consoles are not ours to give."""
    target = ("--vendor", "siemens", "--field-strength", "3T", "--software", "XA61A")
    run("build", "ofsep-brain-follow-up", *target, "-o", "made")
    (export,) = Path("made").rglob("*.exar1")
    Path("stick").mkdir()
    shutil.copy(export, Path("stick", "brain.exar1"))


def older_upstream(run: Run) -> None:
    """Make the site one that took version 2019 of the network, which had a thicker FLAIR."""
    old = Path("upstream", "ofsep-brain-follow-up@2019")
    Path("upstream", "ofsep-brain-follow-up@2020.1").rename(old)
    for path, was, is_ in (
        (old / "protocol.yaml", '"2020.1"', '"2019"'),
        (old / "sequences" / "flair-3d.yaml", "slice_thickness: 1 mm", "slice_thickness: 1.2 mm"),
        (Path("protocols", "follow-up.yaml"), "@2020.1", "@2019"),
    ):
        path.write_text(path.read_text("utf-8").replace(was, is_), "utf-8")


def exam(run: Run) -> None:
    """Do an exam by the shipped follow-up with gadolinium, not quite as it is asked for."""
    from dataclasses import replace

    from generator.sources import open_source
    from tests.support.dicom import exam_of, write

    target = Target(vendor="siemens", field_strength=3.0)
    done = exam_of(open_source("ofsep-brain-follow-up-gd").read_for(target).protocols[0])
    places = {one.scan.name: index for index, one in enumerate(done)}
    t1, dwi, flair, post = (places[name] for name in ("3D T1", "DWI b1000", "3D FLAIR", "3D T1 Gd"))
    done[t1] = done[t1].but(flip_angle=12.0)
    done[dwi] = done[dwi].but(b_values=(0.0, 800.0))
    done[flair] = replace(done[flair], drop=(90,))
    done[post] = replace(done[post], start=done[post].start - 120)
    write(Path("exam"), *done)


def versions(run: Run) -> None:
    """Two exports of a scanner, a year apart."""
    from tests.compare import cards

    for name, steps in (("2024", cards.BEFORE), ("2025", cards.AFTER)):
        shutil.copy(cards.written("siemens", steps, Path(f"made-{name}")), f"{name}.exar1")


SCENES: dict[str, Callable[[Run], None]] = {
    "stick": stick, "older-upstream": older_upstream, "exam": exam, "versions": versions,
}  # fmt: skip


def edit(path: Path, hunk: str) -> None:
    """Apply a hunk of a diff."""
    lines = hunk.splitlines(keepends=True)
    old, new = ("".join(line[1:] for line in lines if line[0] in signs) for signs in ("- ", "+ "))
    text = path.read_text("utf-8")
    assert text.count(old) == 1, f"{path} has {text.count(old)} times:\n{old}"
    path.write_text(text.replace(old, new), "utf-8")


def shape(line: str) -> str:
    """Take away what moves with the rules and the estimates: numbers, counts of packs, how many findings."""
    line = re.sub(r"no findings|[0-9]+ (error|warning|remark)s?(, [0-9]+ (warning|remark)s?)*", "#", line)
    line = re.sub(r"\([^()]*\)", "()", line)
    return " ".join(re.sub(r"[0-9][0-9.:,]*", "#", re.sub("─+", "─", line)).split())


def today(shown: list[str], said: list[str]) -> Iterator[str]:
    """Write the lines of a page as the program says them now; what it does not say is left out."""
    at = 0
    for line in shown:
        found = next((n for n in range(at, len(said)) if shape(said[n]) == shape(line)), None)
        if line == "...":
            yield line
        elif found is not None:
            yield said[found]
            at = found + 1


def play(run: Run, block: re.Match[str], monkeypatch: pytest.MonkeyPatch) -> str:
    """Do what one block says; return it with today's output."""
    language, name, text, scene = block.groups()
    if scene:
        SCENES[scene](run)
    elif language == "diff":
        edit(Path(name), text)
    elif language == "yaml" and name:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text, "utf-8")
    elif language == "console":
        made = ""
        for command, *shown in (part.splitlines() for part in text.split("$ ")[1:]):
            said = speak(run, command, monkeypatch)
            lines = today(shown, said) if shown != ["all"] else said
            made += "\n".join([f"$ {command}", *lines]) + "\n"
        return f"```console\n{made}```"
    return block[0]


def speak(run: Run, command: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Run one command; return what it says, without blank lines."""
    line, _, target = command.partition(" > ")
    word, *arguments = shlex.split(line, comments=True)
    if word == "cd":
        monkeypatch.chdir(*arguments)
        return []
    assert word == "examcard"
    done = run(*arguments)
    if target:
        Path(target.split()[0]).write_text(done.out, "utf-8")
        return []
    return [one.rstrip() for one in (done.out + done.err).splitlines() if one.strip()]


@pytest.mark.parametrize("page", ["site.md", "tutorial.md", "audit.md", "compare.md"])
def test_a_page_says_what_the_program_does(
    page: str, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    text, made, end = (DOCS / page).read_text("utf-8"), "", 0
    for block in BLOCK.finditer(text):
        made += text[end : block.start()] + play(run, block, monkeypatch)
        end = block.end()
    made += text[end:]
    if request.config.getoption("--accept-golden"):
        (DOCS / page).write_text(made, "utf-8")
    assert [shape(line) for line in made.splitlines()] == [shape(line) for line in text.splitlines()]
