"""What another version of an upstream protocol changes for a site, and where its own changes conflict."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from generator.model.tree import Node, Target
from generator.spec.dump import written
from generator.spec.load import load
from generator.spec.spec import Change, Scope, Spec

_EXTENDS = re.compile(r"""^extends[ \t]*:[ \t]*["']?([\w.-]+)@([\w.-]+)""", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that a new version has otherwise.

    Attributes
    ----------
    step : str
        Name of the step; empty for the protocol itself.
    field : str
        ``step`` where a whole step came or went.
    old, new : str
        As a spec writes them; empty where there is none.
    conflict : Change or None
        A change of the site that speaks of the same thing and goes on to win.
    """

    step: str
    field: str
    old: str
    new: str
    conflict: Change | None = None

    @property
    def conflicts(self) -> str:
        """Place and words of the conflict, empty where there is none."""
        return f"{self.conflict.position}: {self.conflict}" if self.conflict else ""


def differences(old: Path, new: Path, heir: Spec, target: Target) -> tuple[Difference, ...]:
    """Compare two versions of an upstream protocol as a target gets them.

    Parameters
    ----------
    heir : Spec
        The protocol of the site that extends the old one.

    Returns
    -------
    tuple of Difference
        In exam order; steps are paired by name, and by their place where a name repeats.
    """
    bare = Scope(heir.scope.root, heir.scope.variables)
    before, after = (load(path, bare) for path in (old, new))
    return tuple(_between(before, after, heir, target))


def _between(before: Spec, after: Spec, heir: Spec, target: Target) -> Iterator[Difference]:
    old, new = _named(before, target), _named(after, target)
    for name in dict.fromkeys((*old, *new)):
        if name in old and name in new:
            yield from _fields(name, old[name], new[name], heir)
        else:
            came = name in new
            yield Difference(
                name, "step", "" if came else "there", "there" if came else "", _about(heir, name, None)
            )


def _named(spec: Spec, target: Target) -> dict[str, Node]:
    found: dict[str, Node] = {}
    for step in spec.resolve(target).protocol.steps:
        name = str(getattr(step, "name", step.kind))
        again = sum(known.split(" #")[0] == name for known in found)
        found[f"{name} #{again + 1}" if again else name] = step
    return found


def _fields(name: str, old: Node, new: Node, heir: Spec) -> Iterator[Difference]:
    for field in type(old).model_fields if type(old) is type(new) else ():
        was, now = getattr(old, field), getattr(new, field)
        if was != now:
            before, after = ("" if v is None else written(type(old), field, v) for v in (was, now))
            yield Difference(name, field, before, after, _about(heir, name, field))


def _about(heir: Spec, name: str, field: str | None) -> Change | None:
    """Find a change of the site that speaks of a step (``field`` is ``None``) or of one of its fields."""
    for change in reversed(heir.changes):
        steps = [step for step in heir.steps if change.finds(step)]
        named = change.step == name.split(" #")[0] or any(name in step.labels() for step in steps)
        if named and (field is None or change.action in ("replace", "remove") or field in change.fields):
            return change
    return None


def pinned(text: str, name: str, version: str) -> str:
    """Write another version behind the id that a protocol extends; the rest of the text stays as it is."""
    pattern = re.compile(rf"^(extends[ \t]*:[ \t]*[\"']?{re.escape(name)}@)[\w.-]+", re.MULTILINE)
    return pattern.sub(lambda match: match[1] + version, text, count=1)


def upstream_of(path: Path) -> tuple[str, str] | None:
    """Return id and version of the protocol that a file extends, ``None`` if it extends none."""
    match = re.search(
        r"^extends[ \t]*:[ \t]*[\"']?([\w.-]+)@([\w.-]+)", path.read_text("utf-8"), re.MULTILINE
    )
    return (match[1], match[2]) if match else None
