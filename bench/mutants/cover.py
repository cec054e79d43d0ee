"""Which test runs which statement: marks in a copy of the program, and a plugin of pytest that collects them.

A test that gets a value out of a cache, or from a fixture of its module, ran nothing to make it; it depends
on those statements all the same, and they are counted as its own.
"""

from __future__ import annotations

import ast
import builtins
import functools
import json
import os
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

PLACE = "MUTANTS_MAP"
"""Environment variable: the folder that the plugin writes to."""
MARKS = "_marks_"
_SIZE = 1 << 15


class Span(NamedTuple):
    """Bytes of a file that one statement of a function takes."""

    start: int
    end: int


def statements(source: str) -> list[Span]:
    """List the statements inside the functions of a module, in the order of their marks."""
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line.encode()))
    return [
        Span(
            starts[one.lineno - 1] + one.col_offset,
            starts[_end(one.end_lineno) - 1] + _end(one.end_col_offset),
        )
        for _, one in _inner(ast.parse(source))
    ]


def marked(source: str, first: int) -> str:
    """Put a mark before each statement inside a function; the first has a number, the others follow."""
    tree = ast.parse(source)
    places = list(_inner(tree))
    number = {id(one): first + index for index, (_, one) in enumerate(places)}
    for suite in {id(suite): suite for suite, _ in places}.values():
        suite[:] = [made for one in suite for made in (*_mark(number.get(id(one))), one)]
    return ast.unparse(ast.fix_missing_locations(tree))


def _mark(number: int | None) -> list[ast.stmt]:
    return [] if number is None else ast.parse(f"{MARKS}[{number}] = 1").body


def _end(value: int | None) -> int:
    assert value is not None
    return value


def _inner(tree: ast.AST, inside: bool = False) -> Iterator[tuple[list[ast.stmt], ast.stmt]]:
    """Statements inside functions with the suite that each is in, from outside to inside."""
    inside = inside or isinstance(tree, ast.FunctionDef | ast.AsyncFunctionDef)
    for _, value in ast.iter_fields(tree):
        suite = value if isinstance(value, list) else [value]
        for index, one in enumerate(suite):
            if not isinstance(one, ast.AST):
                continue
            text = index == 0 and isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant)
            if inside and isinstance(one, ast.stmt) and not text and isinstance(value, list):
                yield suite, one
            yield from _inner(one, inside)


# --- the plugin ---------------------------------------------------------------------------------------


class Marks:
    """What ran since the last look, and what was run to make each value that is kept."""

    def __init__(self) -> None:
        self.ran = bytearray(_SIZE)
        self.used: set[Any] = set()
        self.made: dict[Any, int] = defaultdict(int)
        self.needed: dict[Any, set[Any]] = defaultdict(set)

    def taken(self) -> int:
        """Return what ran as bits, and begin anew."""
        found = int.from_bytes(self.ran, "little")
        self.ran[:] = bytes(_SIZE)
        return found

    def making(self, key: Any, make: Callable[[], Any]) -> Any:
        """Make a value that will be kept, and note what that ran."""
        before, used = self.taken(), self.used
        self.used = set()
        try:
            return make()
        finally:
            new = self.taken()
            self.made[key] |= new
            self.needed[key] |= self.used
            self.used = used | {key}
            self.ran[:] = (before | new).to_bytes(_SIZE, "little")

    def all(self) -> int:
        """Return what ran, with what made the values that were used."""
        found, todo, seen = self.taken(), list(self.used), set[Any]()
        while todo:
            key = todo.pop()
            if key not in seen:
                seen.add(key)
                found |= self.made[key]
                todo += self.needed[key]
        self.used = set()
        return found


def _remembering(marks: Marks, real: Callable[..., Any]) -> Callable[..., Any]:
    """Return an ``lru_cache`` that notes what its values were made by."""

    def lru_cache(maxsize: Any = 128, typed: bool = False) -> Any:
        if callable(maxsize):
            return lru_cache()(maxsize)

        def decorate(function: Callable[..., Any]) -> Any:
            key = object()

            def make(*given: Any, **named: Any) -> Any:
                return marks.making(key, lambda: function(*given, **named))

            kept = real(maxsize, typed)(functools.wraps(function)(make))

            @functools.wraps(function)
            def call(*given: Any, **named: Any) -> Any:
                marks.used.add(key)
                return kept(*given, **named)

            call.cache_clear, call.cache_info = kept.cache_clear, kept.cache_info  # type: ignore[attr-defined]
            return call

        return decorate

    return lru_cache


def _remember_files(marks: Marks) -> None:
    """Note the same of what the program keeps between runs."""
    from generator import memory

    kept, get = memory.kept, memory.Shelf.get

    def kept_(name: str, program: str, inputs: object, make: Callable[[], Any]) -> Any:
        key = repr((name, program, inputs))
        marks.used.add(key)
        return kept(name, program, inputs, lambda: marks.making(key, make))

    def get_(self: Any, inputs: object, make: Callable[[], Any]) -> Any:
        key = repr((self._name, inputs))
        marks.used.add(key)
        return get(self, inputs, lambda: marks.making(key, make))

    memory.kept, memory.Shelf.get = kept_, get_  # type: ignore[method-assign]


class Noter:
    """Notes of every test whether it passed, how long it took, and what it ran."""

    def __init__(self, marks: Marks) -> None:
        self.marks = marks
        self.found: dict[str, tuple[float, str]] = {}
        self.failed: set[str] = set()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: Any) -> Iterator[None]:
        self.marks.all()
        began = time.process_time()  # of the processor: whatever else the machine does
        result = yield
        for fixtures in item._fixtureinfo.name2fixturedefs.values():
            self.marks.used |= set(fixtures)
        ran = self.marks.all()
        if item.nodeid not in self.failed:
            self.found[item.nodeid] = time.process_time() - began, f"{_bits(ran):x}"
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: Any) -> Iterator[Any]:
        """What a fixture of a module or a session runs is run for each test that asks for it."""
        if fixturedef.scope == "function":
            return (yield)
        before, used = self.marks.taken(), self.marks.used
        self.marks.used = set()
        try:
            return (yield)
        finally:
            self.marks.needed[fixturedef] |= self.marks.used
            self.marks.made[fixturedef] |= self.marks.taken()
            self.marks.used = used
            self.marks.ran[:] = before.to_bytes(_SIZE, "little")

    def pytest_runtest_logreport(self, report: Any) -> None:
        if not report.passed:
            self.failed.add(report.nodeid)

    def pytest_sessionfinish(self) -> None:
        if self.found:
            Path(os.environ[PLACE], f"{os.getpid()}.json").write_text(json.dumps(self.found))


def _bits(ran: int) -> int:
    """One bit for each byte."""
    return int(ran.to_bytes(_SIZE, "big").translate(bytes.maketrans(b"\0\1", b"01")), 2)


def pytest_configure(config: Any) -> None:
    """Begin before the program is imported."""
    marks = Marks()
    setattr(builtins, MARKS, marks.ran)
    functools.lru_cache = _remembering(marks, functools.lru_cache)
    functools.cache = lambda function: functools.lru_cache(None)(function)
    _remember_files(marks)
    config.pluginmanager.register(Noter(marks))
