"""The packs there are: found by name among the shipped ones, read once."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from itertools import combinations
from pathlib import Path

from generator import resources
from generator.errors import UsageError
from generator.rules.packfile import load_pack, load_readings
from generator.rules.rule import Pack, Reading, Rule
from generator.text import did_you_mean

ALWAYS = ("general", "physics", "safety", "contrast")
"""Packs that every card is held against."""

READINGS_FILE = "readings"


def names() -> tuple[str, ...]:
    """Name the shipped packs, in alphabetical order, without reading them."""
    files = resources.specs("guidelines").glob("*.yaml")
    return tuple(sorted(path.stem for path in files if path.stem != READINGS_FILE))


@cache
def readings() -> Mapping[str, Reading]:
    """Return the ambiguities of the sources, by id, and how each is read."""
    return load_readings(resources.specs("guidelines", f"{READINGS_FILE}.yaml"))


@cache
def get(name: str) -> Pack:
    """Read a pack: a shipped one by its name, or a file by its path.

    Raises
    ------
    UsageError
        If there is no such pack; it names those there are.
    SourceErrors
        With every error of the file.
    """
    path, shipped = Path(name), not name.endswith((".yaml", ".yml"))
    if shipped:
        if name not in names():
            near = did_you_mean(name, names())
            hint = f", did you mean {near!r}?" if near else ""
            raise UsageError(f"no guideline {name!r}{hint}", names())
        path = resources.specs("guidelines", f"{name}.yaml")
    with _no_garbage():
        return load_pack(path, readings(), proven=shipped)


@contextmanager
def _no_garbage() -> Iterator[None]:
    """Pause the garbage collector: a pack is many small objects, all of which stay."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


def load(wanted: Iterable[str | Pack], always: Iterable[str] = ALWAYS) -> tuple[Pack, ...]:
    """Load the packs that are always on, then those asked for, each once.

    Raises
    ------
    UsageError
        For an unknown pack, or for two packs of one id or with one rule id or code.
    """
    found: dict[str, Pack] = {}
    for one in (*always, *wanted):
        pack = one if isinstance(one, Pack) else get(one)
        if found.setdefault(pack.id, pack) is not pack:
            raise UsageError(f"two packs are called {pack.id}: {one} needs an id of its own")
    _refuse_doubles(tuple(found.values()))
    return tuple(found.values())


def _refuse_doubles(packs: tuple[Pack, ...]) -> None:
    for first, second in combinations(packs, 2):
        if both := first.names & second.names:
            raise UsageError(f"{min(both)} is a rule of both {first.id} and {second.id}")


def every_rule(packs: Iterable[Pack] | None = None) -> list[Rule]:
    """List the rules of some packs, or of all that are shipped."""
    chosen = [get(name) for name in names()] if packs is None else list(packs)
    return [rule for pack in chosen for rule in pack.rules]


def find(name: str, packs: Iterable[Pack] | None = None) -> Rule:
    """Find a rule by its code or its id.

    Raises
    ------
    UsageError
        If there is none; it names the nearest.
    """
    listed = every_rule(packs)
    for rule in listed:
        if name in (rule.id, rule.code):
            return rule
    near = did_you_mean(name, [word for rule in listed for word in (rule.code, rule.id)])
    hint = f", did you mean {near!r}?" if near else ""
    raise UsageError(f"no rule {name!r}{hint}")


def settings_of(packs: Iterable[Pack], chosen: Mapping[str, str] | None = None) -> dict[str, str]:
    """Settle the choices of a site: those given, the defaults of the packs for the rest.

    Raises
    ------
    UsageError
        For a setting or a choice that does not exist.
    """
    declared = {name: setting for pack in packs for name, setting in pack.settings.items()}
    for name, choice in (chosen or {}).items():
        if name not in declared:
            near = did_you_mean(name, declared)
            raise UsageError(
                f"no setting {name!r}" + (f", did you mean {near!r}?" if near else ""), tuple(declared)
            )
        if choice not in declared[name].choices:
            raise UsageError(f"setting {name} cannot be {choice!r}", declared[name].choices)
    return {name: setting.default for name, setting in declared.items()} | dict(chosen or {})
