"""The ranges of every number: what a scanner reaches, and what published cards have. Data, read once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from generator import memory, resources
from generator.model import words
from generator.rules.facts.table import Fact, facts
from generator.rules.facts.view import Facts
from generator.rules.grammar import Grammar
from generator.rules.language import Comparison
from generator.rules.operators import EACH, RELATIONS
from generator.rules.rulefile import text_of, texts_of
from generator.spec import values
from generator.spec.nodes import MappingNode, Node, SequenceNode, compose
from generator.spec.source import Report, Source, raise_all, read_source

Kind = Literal["possible", "usual"]
KINDS: tuple[Kind, ...] = ("possible", "usual")
SELECTORS = {
    "technique": words.TECHNIQUES,
    "mr_acquisition_type": ("2D", "3D"),
    "roles": words.ROLES,
}
"""What a row may be for, and the words of each."""


@dataclass(frozen=True, slots=True)
class Range:
    """Least and largest value of a fact in its canonical unit, of a list for each entry."""

    lowest: float
    highest: float
    source: str


@dataclass(frozen=True, slots=True)
class Row:
    """Ranges of one kind of scan.

    Attributes
    ----------
    chosen : mapping of str to tuple of str
        By selector the words of which a scan has to have one.
    """

    chosen: dict[str, tuple[str, ...]]
    limits: dict[str, Range]

    def fits(self, traits: dict[str, str | None]) -> bool:
        """Whether the row is for a scan of these traits."""
        return all(traits[name] in known for name, known in self.chosen.items())


def load_ranges(path: Path) -> dict[Kind, tuple[Row, ...]]:
    """Read a file of ranges.

    Raises
    ------
    SourceErrors, UnusableInput
        With every error of the file; if it cannot be opened.
    """
    source = read_source(path)
    program = memory.program("rules", "spec", "model")
    return memory.kept("ranges", program, (source.name, source.text), lambda: _load(source))


def _load(source: Source) -> dict[Kind, tuple[Row, ...]]:
    report = Report(source)
    root = compose(source, report)
    grammar = Grammar(facts(), report)
    found: dict[Kind, tuple[Row, ...]] = {}
    if isinstance(root, MappingNode):
        grammar.keys(root, KINDS, required=KINDS)
        found = {kind: tuple(_rows(root.entries.get(kind), grammar)) for kind in KINDS}
    elif root is not None:
        grammar.wrong_shape("a file of ranges is a mapping", root, "possible: [...]")
    raise_all(report.found)
    return found


def _rows(node: Node | None, grammar: Grammar) -> Iterator[Row]:
    for item in node.items if isinstance(node, SequenceNode) else ():
        if not isinstance(item, MappingNode):
            grammar.wrong_shape("a row is a mapping", item, "{for: {}, limits: {...}}")
            continue
        grammar.keys(item, ("for", "limits"), required=("for", "limits"))
        chosen, limits = (item.entries.get(key) for key in ("for", "limits"))
        if isinstance(chosen, MappingNode) and isinstance(limits, MappingNode):
            yield Row(_chosen(chosen, grammar), _limits(limits, grammar))


def _chosen(node: MappingNode, grammar: Grammar) -> dict[str, tuple[str, ...]]:
    grammar.keys(node, SELECTORS)
    found = {name: texts_of(inner, grammar.report) for name, inner in node.entries.items()}
    for name, said in found.items():
        for word in said:
            if name in SELECTORS and word not in SELECTORS[name]:
                grammar.report.error("unknown-word", f"{word!r} is no {name}", node.keys[name])
    return found


def _limits(node: MappingNode, grammar: Grammar) -> dict[str, Range]:
    found = {}
    for name, inner in node.entries.items():
        fact = grammar.fact(name, node.keys[name])
        limits = _range(fact, inner, grammar) if fact else None
        if limits:
            found[name] = limits
    return found


def _range(fact: Fact, node: Node, grammar: Grammar) -> Range | None:
    if not isinstance(node, MappingNode):
        grammar.wrong_shape("a range is a mapping", node, "{within: [1 ms, 2 ms], source: ...}")
        return None
    grammar.keys(node, ("within", "source"), required=("within", "source"))
    pair = node.entries.get("within")
    items = pair.items if isinstance(pair, SequenceNode) else ()
    read = [values.read_one(fact.spec(many=False), item, grammar.report) for item in items]
    if len(read) != 2 or values.INVALID in read or read[0] > read[1]:
        grammar.wrong_shape("'within' takes two limits, the lower one first", node, "[1 ms, 2 ms]")
        return None
    return Range(read[0], read[1], text_of(node.entries.get("source"), grammar.report))


@cache
def _shipped() -> dict[Kind, tuple[Row, ...]]:
    return load_ranges(resources.specs("ranges", "ranges.yaml"))


@cache
def ranges_of(
    kind: Kind, technique: str | None, mr_acquisition_type: str | None, role: str | None
) -> tuple[tuple[str, Range], ...]:
    """List the ranges that hold for a kind of scan, by fact.

    Of possible ranges all that apply are listed, of usual ones the last of each fact: it is the narrowest.
    """
    traits = {"technique": technique, "mr_acquisition_type": mr_acquisition_type, "roles": role}
    listed = [pair for row in _shipped()[kind] if row.fits(traits) for pair in row.limits.items()]
    return tuple(dict(listed).items()) if kind == "usual" else tuple(listed)


def compared(facts_of_scan: Facts, kind: Kind) -> Iterator[Comparison]:
    """Compare every number that a scan states with its ranges."""
    traits = (facts_of_scan.get(name) for name in ("technique", "mr_acquisition_type", "role"))
    for name, limits in ranges_of(kind, *traits):
        value = facts_of_scan.get(name)
        if value is not None:
            yield _compared(name, value, limits)


def _compared(name: str, value: Any, limits: Range) -> Comparison:
    several = isinstance(value, Sequence)
    pair = (limits.lowest, limits.highest)
    known = [one for one in value if one is not None] if several else [value]
    met = all(RELATIONS["within"].holds(one, pair) for one in known)
    reducer = EACH if several and len(known) > 1 else None
    measured = value if several and len(known) > 1 else known[0] if known else value
    return Comparison(name, reducer, "within", measured, pair, met, source=limits.source)
