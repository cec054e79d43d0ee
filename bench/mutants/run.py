"""Copies of the checkout, the map of the tests, and the tests that judge one fault."""

from __future__ import annotations

import ast
import contextlib
import gzip
import json
import os
import py_compile
import shutil
import signal
import subprocess
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from bench.mutants.cover import MARKS, PLACE, Span, marked, statements
from bench.mutants.faults import Fault

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
COPIED = (
    "generator", "tests", "templates", "specs", "docs", "bench", "pyproject.toml", "constraints.txt",
    "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "Makefile",
)  # fmt: skip
ORACLES = ROOT / ".venv-oracles"
"""The independent readers that ``make test`` installs."""
ROUNDS = (6.0, 30.0)
"""Processor seconds that the tests of a fault took when the map was made: of those nearby, then of all."""
MOST = 1000
"""Tests of one round."""
LONGEST = 300.0
"""Seconds of the clock that a round may take: what hangs is noticed."""
PASSED, BAD_NAME, BROKEN = 0, 4, 70


def copied() -> Iterator[Path]:
    """Every file that a copy takes, in one order."""
    for name in COPIED:
        place = ROOT / name
        yield from (
            one for one in sorted(place.rglob("*")) if one.is_file() and "__pycache__" not in one.parts
        )
        if place.is_file():
            yield place


def digest(*chosen: Sequence[str]) -> str:
    """Digest everything that the map depends on: the checkout, Python, what was chosen."""
    found = sha256(repr((sys.version, ORACLES.exists(), chosen)).encode())
    for path in copied():
        if path.parent == HERE and path.name != "cover.py":
            continue  # how faults are judged changes nothing of what a test runs
        found.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes() + b"\0")
    return found.hexdigest()[:16]


def copy(folder: Path) -> Path:
    """Copy what the tests need into a folder that has no ``../shared`` beside it."""
    tree = folder / "checkout"
    for path in copied():
        there = tree / path.relative_to(ROOT)
        there.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, there)
    if ORACLES.exists():
        (tree / ORACLES.name).symlink_to(ORACLES)
    return tree


def pytest_of(tree: Path, *arguments: str, **more: str) -> str:
    """Run pytest on a copy, which keeps what was compiled; return its last lines."""
    environment = os.environ | {"PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": ""} | more
    command = [sys.executable, "-m", "pytest", "-q", *arguments]
    done = subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, check=False)
    return "\n".join(done.stdout.splitlines()[-30:]) + done.stderr[-2000:]


# --- the map ------------------------------------------------------------------------------------------


@dataclass
class Map:
    """Which test runs which statement, of the tests that pass on the copy.

    Attributes
    ----------
    marks : dict of str to (int, int)
        Number of the first mark of each file, and how many it has.
    tests : dict of str to (float, int)
        Seconds of each test, and what it ran as bits.
    """

    marks: dict[str, tuple[int, int]]
    tests: dict[str, tuple[float, int]]
    spans: dict[str, list[Span]] = field(default_factory=dict)

    def statement(self, fault: Fault) -> int | None:
        """Return the mark of the innermost statement of a function that a fault is in."""
        spans = self.spans.setdefault(fault.file, []) or statements((ROOT / fault.file).read_text("utf-8"))
        self.spans[fault.file] = spans
        inside = [i for i, span in enumerate(spans) if span.start <= fault.start < span.end]
        return self.marks[fault.file][0] + inside[-1] if inside else None

    def of_file(self, file: str) -> int:
        """Return the marks of a file as bits."""
        first, count = self.marks[file]
        return (1 << count) - 1 << first

    def judges(self, fault: Fault) -> list[list[str]]:
        """Choose the tests that judge a fault: those nearby, then others that run its statement.

        Of a table, those that run anything of its module or import it, or else those of its folder.
        """
        mark = self.statement(fault)
        wanted = self.of_file(fault.file) if mark is None else 1 << mark
        reading = importers(fault.file) if mark is None else frozenset()
        found = [name for name, (_, ran) in self.tests.items() if ran & wanted or _file(name) in reading]
        if mark is None and not found:
            folder = fault.file.rpartition("/")[0]
            there = [self.of_file(file) for file in self.marks if file.startswith(folder)]
            found = [name for name, (_, ran) in self.tests.items() if any(ran & one for one in there)]
        near = self._nearby(fault.file)
        first = self._some([name for name in found if name.startswith(near)], ROUNDS[0])
        return [first, self._some([name for name in found if name not in set(first)], ROUNDS[1])]

    def _some(self, names: Sequence[str], seconds: float) -> list[str]:
        """Take as many as may run: of each function its fastest case, then the next of each, and so on."""
        turn, ranked = Counter[str](), list[tuple[int, float, str]]()
        for name in sorted(names, key=lambda one: self.tests[one][0]):
            function = name.partition("[")[0]
            ranked.append((turn[function], self.tests[name][0], name))
            turn[function] += 1
        chosen, spent = list[str](), 0.0
        for _, took, name in sorted(ranked):
            if spent + took <= seconds and len(chosen) < MOST:
                chosen.append(name)
                spent += took
        return chosen or [name for _, _, name in sorted(ranked)[:1]]

    @staticmethod
    def _nearby(file: str) -> str:
        """Return the folder of the tests of a room, or of a vendor."""
        parts = Path(file).parts
        return (
            "/".join(("tests", *parts[1:3]))
            if parts[1] == "vendors" and len(parts) > 3
            else f"tests/{parts[1]}"
        )


def _file(name: str) -> str:
    return name.partition("::")[0]


@cache
def importers(file: str) -> frozenset[str]:
    """Files of tests that import a module: a table may be read without running anything of its module."""
    module = file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    paths = (ROOT / "tests").rglob("test_*.py")
    return frozenset(path.relative_to(ROOT).as_posix() for path in paths if module in imports(path))


@cache
def imports(path: Path) -> frozenset[str]:
    """Names of the modules that a file imports, wherever in it; of what it takes from one, too."""
    nodes = list(ast.walk(ast.parse(path.read_text("utf-8"))))
    whole = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    parts = [(str(node.module), node.names) for node in nodes if isinstance(node, ast.ImportFrom)]
    taken = {f"{module}.{alias.name}" for module, names in parts for alias in names}
    return frozenset(whole | taken | {module for module, _ in parts})


def mapped(folder: Path, rooms: Sequence[str], tests: Sequence[str], jobs: int) -> Map:
    """Return the map of this very checkout, made anew if there is none."""
    place = ROOT / ".cache" / "mutants" / f"{digest(rooms, tests)}.json.gz"
    if not place.exists():
        print("noting which test runs which statement ...", flush=True)
        found = _noted(copy(folder), rooms, tests, jobs)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(gzip.compress(json.dumps(found).encode(), 1))
    known = json.loads(gzip.decompress(place.read_bytes()))
    return Map(known["marks"], {name: (took, int(ran, 16)) for name, (took, ran) in known["tests"].items()})


def _noted(tree: Path, rooms: Sequence[str], tests: Sequence[str], jobs: int) -> dict[str, Any]:
    marks, number = dict[str, tuple[int, int]](), 0
    for room in rooms:
        for path in sorted((tree / "generator" / room).rglob("*.py")):
            source = path.read_text("utf-8")
            marks[path.relative_to(tree).as_posix()] = number, len(statements(source))
            path.write_text(marked(source, number), "utf-8")
            number += len(statements(source))
    (tree / "sitecustomize.py").write_text(f"import builtins\nbuiltins.{MARKS} = bytearray({number})\n")
    place = tree.parent / "map"
    place.mkdir()
    said = pytest_of(
        tree, "-n", str(jobs), *tests, PYTEST_PLUGINS="bench.mutants.cover", **{PLACE: str(place)}
    )
    found: dict[str, Any] = {}
    for part in place.iterdir():
        found |= json.loads(part.read_text())
    if not found:
        raise SystemExit(f"the tests do not run on a copy:\n{said}")
    return {"marks": marks, "tests": found}


# --- judging a fault ----------------------------------------------------------------------------------


class Verdict(NamedTuple):
    """What became of a fault.

    Attributes
    ----------
    by : str or None
        The test that noticed it, or how else pytest ended; ``None`` if it survives.
    """

    fault: Fault
    by: str | None
    tests: int
    seconds: float


def prepare(tree: Path) -> None:
    """Compile a copy once, and import here what the tests need from others: each child has it then."""
    pytest_of(tree, "--collect-only", "tests")
    for path in (tree / "generator").rglob("*.py"):
        py_compile.compile(str(path), doraise=True)


def judge(fault: Fault, rounds: Iterable[list[str]], tree: Path) -> Verdict:
    """Put a fault in, run the tests that run its statement, take it out again."""
    path, began, count = tree / fault.file, time.monotonic(), 0
    original, about = path.read_bytes(), path.stat()
    path.write_bytes(original[: fault.start] + fault.text.encode() + original[fault.end :])
    os.utime(path, ns=(about.st_atime_ns, about.st_mtime_ns + 10**10))  # else a compiled one might be taken
    try:
        for names in filter(None, rounds):
            count += len(names)
            if by := noticed(names, tree):
                return Verdict(fault, by, count, time.monotonic() - began)
        return Verdict(fault, None, count, time.monotonic() - began)
    finally:
        path.write_bytes(original)
        os.utime(path, ns=(about.st_atime_ns, about.st_mtime_ns))


def noticed(names: list[str], tree: Path) -> str | None:
    """Run tests up to the first that fails; return its name, or what else went wrong."""
    code, said = child(names, tree)
    if (
        code == BAD_NAME and not said
    ):  # the fault changed the names of cases: all cases then, under whatever name
        code, said = child(sorted({name.partition("[")[0] for name in names}), tree)
    return said or (None if code in (PASSED, BROKEN, BAD_NAME) else f"exit {code}")


def child(names: list[str], tree: Path) -> tuple[int, str]:
    """Run tests in a copy of this process, which has imported everything but the program."""
    said = tree.parent / "said"
    said.write_text("")
    child = os.fork()
    if not child:
        os._exit(_run(names, tree, said))
    until = time.monotonic() + LONGEST
    while time.monotonic() < until:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status), said.read_text()
        time.sleep(0.02)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return -signal.SIGKILL, "it hangs"


class _First:
    """Writes the name of the first test that fails."""

    def __init__(self, said: Path) -> None:
        self.said = said

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.failed and not self.said.read_text():
            self.said.write_text(report.nodeid)

    def pytest_collectreport(self, report: Any) -> None:
        if report.failed:
            self.said.write_text(f"collecting {report.nodeid}")


def _run(names: list[str], tree: Path, said: Path) -> int:
    import pytest

    os.setsid()
    os.chdir(tree)
    for stream in (1, 2):
        os.dup2(os.open(tree.parent / "output", os.O_WRONLY | os.O_CREAT | os.O_TRUNC), stream)
    sys.path.insert(0, str(tree))
    sys.dont_write_bytecode = True
    os.environ["PYTHONPATH"] = str(tree)
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    for name in [
        name for name in sys.modules if name.partition(".")[0] in ("generator", "bench", "tests", "docs")
    ]:
        del sys.modules[name]
    base = tree.parent / "tmp"
    arguments = [
        "-x",
        "-q",
        "-W",
        "ignore::pytest.PytestAssertRewriteWarning",
        f"--basetemp={base}",
        f"--rootdir={tree}",
        *names,
    ]
    try:
        return int(pytest.main(arguments, plugins=[_First(said)]))
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
        return BROKEN
