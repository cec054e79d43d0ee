"""The grammar of conditions: YAML nodes in, conditions out, every error with its place.

Nothing is executed. A condition is a mapping of facts to demands; the words are those of
:mod:`generator.rules.operators`, the facts those of :mod:`generator.rules.facts.table`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from generator.model.fields import FieldSpec
from generator.rules.facts.table import Fact
from generator.rules.language import AllOf, AnyOf, Condition, Not, Reference, Test
from generator.rules.operators import COUNTS, EACH, REDUCERS, RELATIONS, Near
from generator.spec import values
from generator.spec.diagnostic import Position
from generator.spec.nodes import MappingNode, Node, ScalarNode, SequenceNode
from generator.spec.source import Report
from generator.text import did_you_mean

COMBINERS = ("all", "any", "not")
REFERENCE_KEYS = ("fact", "times", "plus")
NEAR_KEYS = ("value", *REFERENCE_KEYS, "tolerance", "percent")

_NUMBER = FieldSpec("number", "scalar", float, None, (), None, "", required=False)
_ANSWER = FieldSpec("answer", "scalar", bool, None, (), None, "", required=False)
_COUNT = Fact("count", "step", float, "a number of entries")


@dataclass
class Grammar:
    """Reads conditions and facts of one file.

    Attributes
    ----------
    facts : mapping of str to Fact
        What may be named: the dictionary of facts and the settings of the pack.
    report : Report
        Takes the errors; reading goes on after each.
    """

    facts: Mapping[str, Fact]
    report: Report

    def condition(self, node: Node) -> Condition | None:
        """Read a condition; ``None`` if nothing of it can be used."""
        if isinstance(node, SequenceNode):
            return _joined(AllOf, (self.condition(item) for item in node.items))
        if not isinstance(node, MappingNode) or not node.entries:
            self.wrong_shape("a condition is a mapping of facts to demands", node, "{slice_gap: 0 mm}")
            return None
        return _joined(AllOf, (self._entry(key, node.keys[key], node.entries[key]) for key in node.entries))

    def _entry(self, key: str, at: Position, node: Node) -> Condition | None:
        if key == "not":
            inner = self.condition(node)
            return None if inner is None else Not(inner)
        if key in COMBINERS:
            if not isinstance(node, SequenceNode):
                self.wrong_shape(f"{key!r} takes a list of conditions", node, "[{...}, {...}]")
                return None
            return _joined(AllOf if key == "all" else AnyOf, (self.condition(item) for item in node.items))
        fact = self.fact(key, at, extra=COMBINERS)
        return None if fact is None else self._demand(fact, node, None)

    def fact(self, name: str, at: Position, extra: Iterable[str] = ()) -> Fact | None:
        """Look a fact up, or report that there is none of that name."""
        known = self.facts.get(name)
        if known is None:
            near = did_you_mean(name, (*extra, *self.facts))
            self.report.error("unknown-fact", f"there is no fact {name!r}", at, suggestion=near)
        return known

    def _demand(self, fact: Fact, node: Node, reducer: str | None) -> Condition | None:
        """Read what is demanded of a fact: a value, or relations, or a reduced list."""
        if not isinstance(node, MappingNode):
            return self._test(fact, reducer, "is", node)
        parts = []
        for key, inner in node.entries.items():
            at = node.keys[key]
            if key in REDUCERS or key == EACH:
                parts.append(self._reduced(fact, key, at, inner, reducer))
            elif key in RELATIONS:
                parts.append(self._test(fact, reducer, key, inner))
            else:
                self._unknown_word(key, at)
        return _joined(AllOf, parts)

    def _reduced(
        self, fact: Fact, word: str, at: Position, node: Node, outer: str | None
    ) -> Condition | None:
        if not fact.many or outer is not None:
            self.report.error("wrong-shape", f"{word!r} is for lists, {fact.name} is none here", at)
            return None
        return self._demand(fact, node, word)

    def _unknown_word(self, key: str, at: Position) -> None:
        words = (*RELATIONS, *REDUCERS, EACH)
        near = did_you_mean(key, words)
        self.report.error(
            "unknown-word", f"{key!r} is no relation", at, expected=", ".join(words), suggestion=near
        )

    def _test(self, fact: Fact, reducer: str | None, relation: str, node: Node) -> Test | None:
        operand = self._operand(fact, reducer, relation, node)
        if operand is None or operand is values.INVALID:
            return None
        return Test(fact.name, reducer, relation, operand)

    def _operand(self, fact: Fact, reducer: str | None, relation: str, node: Node) -> Any:
        one = _COUNT if reducer in COUNTS else fact
        kind = RELATIONS[relation].operand
        if kind == "yes-no":
            return values.read_one(_ANSWER, node, self.report)
        if kind == "near":
            return self._near(one, node)
        if kind == "pair":
            return self._pair(one, node)
        if kind == "words":
            return self._listed(one, node)
        if kind == "groups":
            return self._groups(one, node)
        return self._value(one, node, many=one.many and reducer is None)

    def _value(self, fact: Fact, node: Node, many: bool = False) -> Any:
        if isinstance(node, MappingNode):
            return self._reference(fact, node, REFERENCE_KEYS)
        return values.read(fact.spec(many), node, self.report)

    def _reference(self, fact: Fact, node: MappingNode, allowed: tuple[str, ...]) -> Any:
        """Read ``{fact: other, times: 1.02, plus: -5 ms}``; the other has to measure the same."""
        self.keys(node, allowed, required=("fact",))
        name = node.entries.get("fact")
        if not isinstance(name, ScalarNode):
            return values.INVALID
        other = self.fact(name.text, name.position)
        if other is None:
            return values.INVALID
        if other.unit != fact.unit or (other.many != fact.many and not self._reducible(fact, other)):
            message = f"{other.name} cannot be compared with {fact.name}"
            self.report.error("wrong-dimension", message, name.position, expected=_kind(fact))
            return values.INVALID
        times = (
            values.read_one(_NUMBER, node.entries["times"], self.report) if "times" in node.entries else 1.0
        )
        plus = self._sum(fact, node.entries.get("plus"))
        return values.INVALID if values.INVALID in (times, *plus) else Reference(other.name, times, plus)

    @staticmethod
    def _reducible(fact: Fact, other: Fact) -> bool:
        """A list that is reduced, or looked at entry by entry, is compared with single values."""
        return fact.many and not other.many

    def _sum(self, fact: Fact, node: Node | None) -> tuple[Any, ...]:
        if node is None:
            return ()
        parts = node.items if isinstance(node, SequenceNode) else (node,)
        return tuple(self._value(fact, part) for part in parts)

    def _near(self, fact: Fact, node: Node) -> Any:
        if not isinstance(node, MappingNode):
            self.wrong_shape("'near' takes a value and a tolerance", node, "{value: 1 mm, tolerance: 0.1 mm}")
            return values.INVALID
        self.keys(node, NEAR_KEYS)
        if ("value" in node.entries) == ("fact" in node.entries):
            self.wrong_shape("'near' needs either 'value' or 'fact'", node, "one of them")
            return values.INVALID
        if ("tolerance" in node.entries) == ("percent" in node.entries):
            self.wrong_shape("'near' needs either 'tolerance' or 'percent'", node, "one of them")
            return values.INVALID
        if "value" in node.entries:
            middle = self._value(fact, node.entries["value"], many=fact.many)
        else:
            middle = self._reference(fact, node, NEAR_KEYS)
        return self._with_width(fact, middle, node)

    def _with_width(self, fact: Fact, middle: Any, node: MappingNode) -> Any:
        percent = tolerance = None
        if "percent" in node.entries:
            percent = values.read_one(_NUMBER, node.entries["percent"], self.report)
        else:
            tolerance = self._value(fact, node.entries["tolerance"])
        if values.INVALID in (middle, percent, tolerance):
            return values.INVALID
        return Near(middle, tolerance, percent)

    def _pair(self, fact: Fact, node: Node) -> Any:
        if not isinstance(node, SequenceNode) or len(node.items) != 2:
            self.wrong_shape("'within' takes two limits", node, "[lowest, highest]")
            return values.INVALID
        pair = tuple(self._value(fact, item) for item in node.items)
        return values.INVALID if values.INVALID in pair else pair

    def _listed(self, fact: Fact, node: Node) -> Any:
        items = node.items if isinstance(node, SequenceNode) else (node,)
        found = tuple(values.read_one(fact.spec(many=False), item, self.report) for item in items)
        return values.INVALID if values.INVALID in found else found

    def _groups(self, fact: Fact, node: Node) -> Any:
        if not isinstance(node, SequenceNode):
            self.wrong_shape("'in_order' takes a list", node, "[first, [second, or this], third]")
            return values.INVALID
        groups = tuple(self._listed(fact, item) for item in node.items)
        return values.INVALID if values.INVALID in groups else groups

    def example(self, node: Node) -> dict[str, Any]:
        """Read the facts of an example."""
        if not isinstance(node, MappingNode):
            self.wrong_shape("an example is a mapping of facts to values", node, "{field_strength: 3 T}")
            return {}
        found = {}
        for name, inner in node.entries.items():
            fact = self.fact(name, node.keys[name])
            if fact is not None:
                value = values.read(fact.spec(), inner, self.report)
                found[name] = None if value is values.INVALID else value
        return found

    def keys(self, node: MappingNode, allowed: Iterable[str], required: Iterable[str] = ()) -> None:
        """Report keys that are not known and keys that are missing."""
        known = tuple(allowed)
        for key, at in node.keys.items():
            if key not in known:
                near = did_you_mean(key, known)
                self.report.error(
                    "unknown-key",
                    f"{key!r} is not a key here",
                    at,
                    expected=", ".join(known),
                    suggestion=near,
                )
        for key in required:
            if key not in node.entries:
                self.report.error("missing-key", f"{key!r} is missing", node.position)

    def wrong_shape(self, message: str, node: Node, example: str) -> None:
        """Report a node of the wrong form."""
        self.report.error("wrong-shape", message, node.position, expected=f"such as {example}")


def _kind(fact: Fact) -> str:
    return f"a fact in {fact.unit}" if fact.unit else f"a fact like {fact.name}"


def _joined(kind: type[AllOf] | type[AnyOf], parts: Iterable[Condition | None]) -> Condition | None:
    """Join what could be read; a single part is returned as it is."""
    good = tuple(part for part in parts if part is not None)
    if not good:
        return None
    return good[0] if len(good) == 1 else kind(good)
