"""Fault injection: change places of the program one by one and see whether the tests notice.

``python -m bench.mutants`` works on a copy of the checkout without ``../shared``, so that only the project's
own tests judge. First every test is run once while the functions that it enters are noted; then each sampled
fault is put in and the tests that enter its function are run, fastest first, up to the first that fails. What
no test notices is printed. Nothing of it is part of ``make test``.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("vendors", "timing", "followup", "rules")
MAP = ROOT / ".cache" / "mutants.json"
COPIED = (
    "generator", "tests", "templates", "specs", "docs", "bench", "pyproject.toml", "constraints.txt",
    "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "Makefile",
)  # fmt: skip
LONGEST = 120  # s, for the tests of one fault; what hangs is noticed
BUDGET = 20.0  # s that the tests of one fault took when they were noted; the fastest ones come first

OPERATORS: dict[type[ast.AST], tuple[str, str]] = {
    ast.Lt: ("<", "<="),
    ast.LtE: ("<=", "<"),
    ast.Gt: (">", ">="),
    ast.GtE: (">=", ">"),
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.In: ("in", "not in"),
    ast.NotIn: ("not in", "in"),
    ast.Is: ("is", "is not"),
    ast.IsNot: ("is not", "is"),
    ast.Add: ("+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: ("*", "/"),
    ast.Div: ("/", "*"),
    ast.FloorDiv: ("//", "*"),
    ast.And: ("and", "or"),
    ast.Or: ("or", "and"),
}
"""Sign of an operator, and what it is swapped for."""


@dataclass(frozen=True, order=True)
class Fault:
    """One change of one place: characters ``start`` to ``end`` of a file become ``text``."""

    file: str
    line: int
    start: int
    end: int
    text: str
    was: str
    function: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line} in {self.function}: {self.was!r} -> {self.text!r}"


class Finder(ast.NodeVisitor):
    """Lists the faults of one module; annotations, decorators and messages are left alone."""

    def __init__(self, file: str, source: str) -> None:
        self.file, self.source, self.found = file, source, list[Fault]()
        self.starts = [0]
        for line in source.splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line.encode()))
        self.bytes = source.encode()
        self.function = "<module>"

    def spot(self, line: int, column: int) -> int:
        return self.starts[line - 1] + column

    def add(self, line: int, start: int, end: int, text: str) -> None:
        was = self.bytes[start:end].decode()
        self.found.append(Fault(self.file, line, start, end, text, was, self.function))

    def between(self, left: ast.expr, right: ast.expr, operator: ast.AST) -> None:
        """Swap an operator, which is found between its operands."""
        begin, end = (
            self.spot(left.end_lineno or 0, left.end_col_offset or 0),
            self.spot(right.lineno, right.col_offset),
        )
        sign, other = OPERATORS.get(type(operator), ("", ""))
        gap = self.bytes[begin:end].decode()
        if sign and sign in gap:
            at = begin + len(gap[: gap.index(sign)].encode())
            self.add(left.lineno, at, at + len(sign), other)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        outer, self.function = self.function, node.name
        for default in (*node.args.defaults, *filter(None, node.args.kw_defaults)):
            self.visit(default)
        for inner in node.body:
            self.visit(inner)
        self.function = outer

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        for inner in node.body:
            self.visit(inner)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit(node.value)

    def visit_Compare(self, node: ast.Compare) -> None:
        for left, operator, right in zip(
            [node.left, *node.comparators], node.ops, node.comparators, strict=False
        ):
            self.between(left, right, operator)
        self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        texts = (ast.JoinedStr, ast.List, ast.Tuple, ast.Set, ast.Dict)
        if not isinstance(node.left, texts) and not isinstance(node.right, texts):
            self.between(node.left, node.right, node.op)
        self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        for left, right in zip(node.values, node.values[1:], strict=False):
            self.between(left, right, node.op)
        self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        if isinstance(node.op, ast.Not):
            start = self.spot(node.lineno, node.col_offset)
            self.add(node.lineno, start, self.spot(node.operand.lineno, node.operand.col_offset), "")
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        start = self.spot(node.lineno, node.col_offset)
        end = self.spot(node.end_lineno or 0, node.end_col_offset or 0)
        if isinstance(node.value, bool):
            self.add(node.lineno, start, end, str(not node.value))
        elif isinstance(node.value, int):
            self.add(node.lineno, start, end, str(node.value + 1))
        elif isinstance(node.value, float):
            self.add(node.lineno, start, end, repr(node.value * 2 or 1.0))
        elif isinstance(node.value, str) and self.is_key(node.value, start, end):
            self.add(node.lineno, start, end, repr(node.value + "x"))

    def is_key(self, value: str, start: int, end: int) -> bool:
        """A vendor's key or code, not a word of a message."""
        plain = value.isascii() and " " not in value and len(value) > 1 and any(c.isalpha() for c in value)
        return plain and self.bytes[start:end].decode()[:1] in "'\"" and "/vendors/" in self.file

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        """Texts for people are no facts."""

    def visit_Raise(self, node: ast.Raise) -> None:
        """Nor are messages."""

    def visit_Expr(self, node: ast.Expr) -> None:
        if not isinstance(node.value, ast.Constant):
            self.generic_visit(node)


def faults(tree: Path, rooms: tuple[str, ...]) -> list[Fault]:
    """List every fault of the rooms, in the order of files and places."""
    found: list[Fault] = []
    for room in rooms:
        for path in sorted((tree / "generator" / room).rglob("*.py")):
            source = path.read_text("utf-8")
            finder = Finder(path.relative_to(tree).as_posix(), source)
            finder.visit(ast.parse(source))
            found += finder.found
    return sorted(found)


# --- which test enters which function -----------------------------------------------------------------


class Noter:
    """A pytest plugin that notes, for every test, the functions of the program that it enters."""

    def __init__(self) -> None:
        self.tests: dict[str, list[str]] = {}
        self.seconds: dict[str, float] = {}
        self._seen: set[Any] = set()

    def _note(self, frame: Any, event: str, _: Any) -> None:
        if event == "call":
            self._seen.add(frame.f_code)

    def pytest_runtest_protocol(self, item: Any) -> None:
        self._seen = set()
        self._began = time.monotonic()
        sys.setprofile(self._note)

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        sys.setprofile(None)
        inside = f"{Path.cwd()}/generator/"
        names = {
            f"{code.co_filename.removeprefix(inside)}:{code.co_name}"
            for code in self._seen
            if code.co_filename.startswith(inside)
        }
        self.tests[nodeid], self.seconds[nodeid] = sorted(names), time.monotonic() - self._began


def note(arguments: list[str]) -> None:
    """Run the suite in this process and write which test enters which function."""
    import pytest

    noter = Noter()
    pytest.main(["-q", "-p", "no:randomly", *arguments], plugins=[noter])
    MAP.parent.mkdir(exist_ok=True)
    MAP.write_text(json.dumps({"tests": noter.tests, "seconds": noter.seconds}))


def covering(fault: Fault, known: dict[str, Any]) -> list[str]:
    """Tests that enter the function of a fault, the fastest first, as many as the budget allows.

    Of a table, those that enter its room.
    """
    file = fault.file.removeprefix("generator/")
    wanted = f"{file}:" if fault.function == "<module>" else f"{file}:{fault.function}"
    near = Path(file).parent.as_posix() if fault.function == "<module>" else ""

    def enters(names: list[str]) -> bool:
        return any(name == wanted or (near and name.startswith((wanted, f"{near}/"))) for name in names)

    tests = [test for test, names in known["tests"].items() if enters(names)]
    seconds = known["seconds"]
    tests.sort(key=lambda test: seconds[test])
    spent = accumulate(seconds[test] for test in tests)
    return [test for test, so_far in zip(tests, spent, strict=True) if so_far <= BUDGET] or tests[:1]


# --- running ------------------------------------------------------------------------------------------


def copy(folder: Path) -> Path:
    """Copy what the tests need into a folder that has no ``../shared`` beside it."""
    tree = folder / "checkout"
    tree.mkdir()
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
        elif source.exists():
            shutil.copy(source, tree / name)
    return tree


def python(tree: Path, *arguments: str, limit: float | None = None) -> int:
    """Run Python on the copy; 124 if it takes too long."""
    environment = {**os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        return subprocess.run(
            [sys.executable, *arguments], cwd=tree, env=environment, timeout=limit,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False,
        ).returncode  # fmt: skip
    except subprocess.TimeoutExpired:
        return 124


def noticed(fault: Fault, tree: Path, tests: list[str]) -> bool:
    """Put a fault in, run the tests that enter its function, take it out again."""
    if not tests:
        return False
    path, names = tree / fault.file, tree / "tests.txt"
    original = path.read_bytes()
    path.write_bytes(original[: fault.start] + fault.text.encode() + original[fault.end :])
    names.write_text("\n".join(tests))
    try:
        return python(tree, "-m", "pytest", "-x", "-q", f"@{names}", limit=LONGEST) not in (0, 5)
    finally:
        path.write_bytes(original)


def survivors(sample: list[Fault], tree: Path, known: dict[str, Any]) -> Iterator[Fault]:
    """Yield the faults that no test notices, saying how it goes."""
    for number, fault in enumerate(sample, 1):
        caught = noticed(fault, tree, covering(fault, known))
        print(f"{number:4d} {'caught ' if caught else 'SURVIVES'} {fault}", flush=True)
        if not caught:
            yield fault


def main() -> None:
    """Sample faults, print those that survive; exit 1 if fewer than nine of ten are caught."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=200, help="how many faults to put in")
    parser.add_argument("--seed", type=int, default=1, help="which ones")
    parser.add_argument("--part", default="1/1", help="of the sample, such as 2/8: the second of eight parts")
    parser.add_argument("--rooms", nargs="+", default=list(ROOMS))
    parser.add_argument("--fresh", action="store_true", help="note again which test enters which function")
    parser.add_argument("--note", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.note is not None:
        note(given.note)
        return
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        tree = copy(Path(folder))
        if given.fresh or not MAP.exists():
            python(tree, "-m", "bench.mutants", "--note", "tests")
            MAP.parent.mkdir(exist_ok=True)
            shutil.copy(tree / ".cache" / "mutants.json", MAP)
        known = json.loads(MAP.read_text())
        every = faults(tree, tuple(given.rooms))
        sample = sorted(random.Random(given.seed).sample(every, min(given.count, len(every))))
        part, parts = map(int, given.part.split("/"))
        sample = sample[part - 1 :: parts]
        left = list(survivors(sample, tree, known))
    share = 1 - len(left) / len(sample)
    print(f"{len(sample)} of {len(every)} faults, {share:.1%} caught; {len(left)} survive")
    sys.exit(share < 0.9)


if __name__ == "__main__":
    main()
