"""A situation as someone states it, in a file or by options: read whole, or every mistake with its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from generator.followup.situation import Situation
from generator.spec.mappings import check_keys
from generator.spec.nodes import MappingNode, compose
from generator.spec.source import Report, raise_all, read_source
from generator.spec.values import verbatim
from generator.text import did_you_mean


@dataclass(frozen=True)
class Mistake:
    """What is wrong with one fact, and what it should have been."""

    fact: str
    given: Any
    expected: str
    suggestion: str | None = None

    @property
    def problem(self) -> str:
        """What is wrong, to be put behind the name of the fact."""
        return f"cannot be {self.given!r}"

    @property
    def option(self) -> str:
        """The same in one line, for the option of the command line."""
        near = f", did you mean {self.suggestion!r}?" if self.suggestion else ""
        return f"--{self.fact.replace('_', '-')} {self.problem}{near} (expected: {self.expected})"


def read_situation(path: Path) -> dict[str, Any]:
    """Read a file of facts, YAML or JSON.

    Returns
    -------
    dict of str to value
        By the names of :class:`Situation`, each of them valid.

    Raises
    ------
    SourceErrors
        With every mistake of the file.
    UnusableInput
        If it cannot be opened or is far too long.
    """
    report = Report(read_source(path))
    root = compose(report.source, report)
    facts: dict[str, Any] = {}
    if isinstance(root, MappingNode):
        check_keys(root, Situation.model_fields, report)
        facts = {name: verbatim(node, report) for name, node in root.entries.items()}
        for one in mistakes(facts):
            at = root.entries[one.fact].position if one.fact in root.entries else root.position
            message = f"{one.fact} {one.problem}"
            report.error("wrong-fact", message, at, expected=one.expected, suggestion=one.suggestion)
    elif root is not None:
        message = "a situation is a mapping of facts"
        report.error("wrong-shape", message, root.position, expected="event: relapse")
    raise_all(report.found)
    return facts


def mistakes(facts: Mapping[str, Any]) -> list[Mistake]:
    """List what is wrong with the values of facts that have a name."""
    known = {name: value for name, value in facts.items() if name in Situation.model_fields}
    try:
        Situation.model_validate(known)
    except ValidationError as invalid:
        found = invalid.errors()
        return [_mistake(str(error["loc"][0]) if error["loc"] else "situation", error) for error in found]
    return []


_EXPECTED = {
    "bool": "yes or no",
    "date": "a day, such as 2025-01-31",
    "float": "a number",
    "finite": "a number",
}


def _mistake(fact: str, error: Mapping[str, Any]) -> Mistake:
    """Say in plain words what pydantic found."""
    kind, given, context = error["type"], error["input"], error.get("ctx", {})
    if kind == "literal_error":
        words = [word.strip(" '") for word in context["expected"].replace(" or ", ", ").split(",")]
        return Mistake(fact, given, "one of " + ", ".join(words), did_you_mean(str(given), words))
    if "ge" in context or "le" in context:
        bound = f"at least {context['ge']:g}" if "ge" in context else f"at most {context['le']:g}"
        return Mistake(fact, given, f"a number, {bound}")
    if kind == "value_error":
        return Mistake(fact, given, str(context["error"]))
    return Mistake(fact, given, _EXPECTED.get(kind.partition("_")[0], error["msg"]))
