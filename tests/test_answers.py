"""A command that is answered from memory says what it would say if it worked; works if anything changed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from generator import answers, disk
from generator.site import make
from tests.test_memory import PACK

SPY = """
import atexit, os, sys
from pathlib import Path
here, seen = os.getcwd(), set()

def note(path):
    if isinstance(path, (str, os.PathLike)):
        seen.add(os.path.join(here, path))

def heard(event, arguments):
    if event in ("open", "os.listdir", "os.scandir"):
        note(arguments[0])

def noted(function):
    def call(path, *rest, **named):
        note(path)
        return function(path, *rest, **named)
    return call

from generator import answers
answers.SETTLED = -1e9
from generator.cli import main
os.stat, sys.argv[0] = noted(os.stat), "examcard"
sys.addaudithook(heard)

def tell():
    worked = "generator.pipeline" in sys.modules
    Path(os.environ["SEEN"]).write_text("\\n".join([str(worked), *seen]), "utf-8")

atexit.register(tell)
main()
"""
CHECK = ("check", "--guideline", "own.yaml", "--format", "sarif")


@dataclass(frozen=True)
class Ran:
    code: int
    out: bytes
    err: bytes
    seen: set[Path]
    worked: bool
    answer: Path | None

    @property
    def said(self) -> tuple[int, bytes, bytes]:
        return self.code, self.out, self.err


def run(folder: Path, *words: str, **environment: str) -> Ran:
    """Run the command line in a process of its own that writes down what it looks at."""
    cache, seen = folder.parent / "cache", folder.parent / "seen"
    known = set(cache.rglob("answers/*"))
    around = {**os.environ, "XDG_CACHE_HOME": str(cache), "SEEN": str(seen), **environment}
    around["PYTHONPATH"] = str(Path(answers.__file__).parent.parent)
    del around["PYTEST_CURRENT_TEST"]  # it changes from test to test
    done = subprocess.run([sys.executable, "-c", SPY, *words], cwd=folder, env=around, capture_output=True)
    new = set(cache.rglob("answers/*")) - known
    worked, *files = seen.read_text("utf-8").splitlines()
    answer = new.pop() if new else None
    return Ran(done.returncode, done.stdout, done.stderr, {*map(Path, files)}, worked == "True", answer)


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Ran]:
    """A site with scanners, sequences, a protocol that extends another, and a pack; checked once."""
    folder = tmp_path_factory.mktemp("site") / "hospital"
    make(folder)
    (folder / "own.yaml").write_text(PACK, "utf-8")
    return folder, run(folder, *CHECK)


@pytest.fixture
def site(first: tuple[Path, Ran]) -> Iterator[tuple[Path, Any]]:
    """The site with its answer, and whatever a test does to it undone."""
    folder, ran = first
    assert ran.answer is not None
    shutil.copytree(folder, folder.parent / "kept")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        yield folder, answers.opened(ran.answer.read_bytes())
    shutil.rmtree(folder)
    (folder.parent / "kept").rename(folder)
    (folder.parent / "site.yaml").unlink(missing_ok=True)


def test_an_answer_is_what_the_command_says_in_every_byte(first: tuple[Path, Ran]) -> None:
    folder, worked = first
    again = run(folder, *CHECK)
    assert worked.worked and not again.worked
    assert (again.said, again.answer) == (worked.said, None)
    assert json.loads(again.out)["runs"] and b"our-swi" in again.err


def test_everything_that_was_looked_at_is_noted(first: tuple[Path, Ran]) -> None:
    folder, ran = first
    assert ran.answer is not None
    notes = answers.opened(ran.answer.read_bytes())["notes"]
    noted = {folder / path for _, path, *_ in notes}
    listed = {folder / path for question, path, *_ in notes if question == "below"}
    looked = {path for path in ran.seen if path.is_relative_to(folder)}
    assert len(looked) > 20
    assert {path for path in looked - noted if not any(path.is_relative_to(one) for one in listed)} == set()
    above = {path for path in ran.seen if path.name == "site.yaml" and folder.is_relative_to(path.parent)}
    assert len(above) > 3 and above <= noted


def _append(path: Path) -> None:
    path.write_text(path.read_text("utf-8") + "\n", "utf-8")


def _retouched(path: Path) -> None:
    """Write another text of one length, and turn the clock of the file back."""
    known, text = path.stat(), path.read_text("utf-8")
    path.write_text(text.replace("1", "2"), "utf-8")
    assert path.stat().st_size == known.st_size
    os.utime(path, ns=(known.st_atime_ns, known.st_mtime_ns))


CHANGES: dict[str, Callable[[Path], object]] = {
    "protocol": lambda f: _append(f / "protocols/follow-up.yaml"),
    "protocol of one length and one time": lambda f: _retouched(f / "protocols/follow-up.yaml"),
    "base": lambda f: _append(next(f.glob("upstream/*/protocol.yaml"))),
    "sequence of the base": lambda f: _append(next(f.glob("upstream/*/sequences/flair-3d.yaml"))),
    "own sequence": lambda f: _append(f / "sequences/our-swi.yaml"),
    "site": lambda f: _append(f / "site.yaml"),
    "scanner": lambda f: _append(next(f.glob("scanners/*.yaml"))),
    "new scanner": lambda f: shutil.copy(next(f.glob("scanners/*.yaml")), f / "scanners/zz.yaml"),
    "pack": lambda f: _append(f / "own.yaml"),
    "new protocol": lambda f: (f / "protocols/zz.yaml").write_text("protocol: zz\n", "utf-8"),
    "protocol gone": lambda f: (f / "protocols/follow-up.yaml").unlink(),
    "site gone": lambda f: (f / "site.yaml").unlink(),
    "nearer site": lambda f: (f / "protocols/site.yaml").write_text("site: a\n", "utf-8"),
    "nearer sequence": lambda f: (
        (f / "protocols/sequences").mkdir(),
        (f / "protocols/sequences/our-swi.yaml").write_text("acquisition: our-swi\n", "utf-8"),
    ),
    "a folder for a file": lambda f: ((f / "own.yaml").unlink(), (f / "own.yaml").mkdir()),
    "a pipe for a file": lambda f: ((f / "own.yaml").unlink(), os.mkfifo(f / "own.yaml")),
}


@pytest.mark.parametrize("change", CHANGES)
def test_an_answer_ends_with_whatever_it_depends_on(site: tuple[Path, Any], change: str) -> None:
    folder, known = site
    assert answers.holds(known)
    CHANGES[change](folder)
    assert not answers.holds(known)


def test_a_site_that_comes_into_being_above_a_protocol_ends_its_answer(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "one.yaml").write_text("protocol: one\n", "utf-8")
    ran = run(folder, "check", "one.yaml")
    assert ran.answer is not None and ran.code == 2, "a broken file has its answer, too"
    known = answers.opened(ran.answer.read_bytes())
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert answers.holds(known)
        (tmp_path / "site.yaml").write_text("site: a\n", "utf-8")
        assert not answers.holds(known)


# --- the frame, with a command of our own --------------------------------------------------------------


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], bool]:
    """Return a function that runs a command which reads one file, and says whether it had to work."""
    monkeypatch.setattr(answers, "COMMANDS", ("check",))
    monkeypatch.setattr(answers, "SETTLED", -1e9)
    monkeypatch.setattr(answers, "_program", lambda: [str(tmp_path / "module.py")])
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(sys, "argv", ["examcard", "check", "x"])
    monkeypatch.delitem(sys.modules, "generator.pipeline", raising=False)
    (tmp_path / "module.py").write_text("1", "utf-8")
    (tmp_path / "x").write_text("x", "utf-8")
    monkeypatch.chdir(tmp_path)

    def work() -> int:
        print(disk.ask(disk.content, Path("x"), 10))
        return 1

    def call() -> bool:
        code = answers.again()
        worked = code is None
        assert (answers.kept(work) if code is None else code) == 1
        return worked

    return call


def test_a_second_run_is_answered(command: Callable[[], bool], capsys: pytest.CaptureFixture[str]) -> None:
    assert (command(), command()) == (True, False)
    assert capsys.readouterr().out == "b'x'\n" * 2


SURROUNDINGS: dict[str, Callable[[pytest.MonkeyPatch, Path], object]] = {
    "words": lambda patch, _: patch.setattr(sys, "argv", ["examcard", "check", "x", "--strict"]),
    "folder": lambda patch, here: (
        (here / "other").mkdir(),
        (here / "other/x").write_text("x", "utf-8"),
        patch.chdir(here / "other"),
    ),
    "environment": lambda patch, _: patch.setenv("LANG", "xx_XX"),
    "path of modules": lambda patch, here: patch.syspath_prepend(here / "other"),
    "Python": lambda patch, _: patch.setattr(sys, "version", "0"),
    "edited module": lambda _, here: (here / "module.py").write_text("2", "utf-8"),
    "module gone": lambda _, here: (here / "module.py").unlink(),
    "program that runs already": lambda patch, _: patch.setitem(sys.modules, "generator.pipeline", sys),
}


@pytest.mark.parametrize("change", SURROUNDINGS)
def test_an_answer_ends_with_its_surroundings(
    command: Callable[[], bool], change: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert (command(), command()) == (True, False)
    SURROUNDINGS[change](monkeypatch, tmp_path)
    assert command()


@pytest.mark.usefixtures("command")
def test_a_file_that_was_opened_by_the_way_counts(tmp_path: Path) -> None:
    """Such as the data of a package; also one that was looked for and not found."""

    def opening() -> int:
        with suppress(FileNotFoundError):
            (tmp_path / "y").read_bytes()
        return 1

    for text in ("", "1", "2"):
        (tmp_path / "y").write_text(text, "utf-8") if text else None
        assert answers.again() is None and answers.kept(opening) == 1
        assert answers.again() == 1


DAMAGES: dict[str, Callable[[Path], object]] = {
    "cut": lambda f: f.write_bytes(f.read_bytes()[:-1]),
    "empty": lambda f: f.write_bytes(b""),
    "changed": lambda f: f.write_bytes(f.read_bytes().replace(b"b'x'", b"b'y'")),
    "open to others": lambda f: f.chmod(0o666),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_an_answer_that_is_damaged_or_open_to_others_is_none(
    command: Callable[[], bool], damage: str, tmp_path: Path
) -> None:
    assert command()
    (file,) = (tmp_path / "cache/examcard/answers").iterdir()
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    DAMAGES[damage](file)
    assert command()
    file.chmod(0o600)


def test_nothing_is_kept_while_the_program_is_being_edited(
    command: Callable[[], bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "SETTLED", 60)
    assert command() and command()


def test_what_changes_meanwhile_is_read_once_or_goes_past_gives_no_answer(
    command: Callable[[], bool], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def twice() -> int:
        disk.ask(disk.content, Path("x"), 10)
        (tmp_path / "x").write_text("y", "utf-8")
        disk.ask(disk.content, Path("x"), 10)
        return 1

    assert answers.again() is None and answers.kept(twice) == 1
    os.mkfifo(tmp_path / "pipe")
    held = os.open(tmp_path / "pipe", os.O_RDWR)
    os.write(held, b"z")

    def pipe() -> int:
        disk.ask(disk.content, Path("pipe"), 1)
        return 1

    assert answers.again() is None and answers.kept(pipe) == 1
    os.close(held)

    def past() -> int:
        sys.stdout.writelines(["a"])
        return 1

    assert answers.again() is None and answers.kept(past) == 1
    assert not [*tmp_path.glob("cache/examcard/answers/*")]
    assert command()


@pytest.mark.parametrize("home", ["file", "/dev/null"])
def test_without_a_place_to_keep_it_a_command_works(
    command: Callable[[], bool], monkeypatch: pytest.MonkeyPatch, home: str
) -> None:
    Path("file").write_text("", "utf-8")
    monkeypatch.setenv("XDG_CACHE_HOME", str(Path(home).absolute()))
    assert command() and command()
